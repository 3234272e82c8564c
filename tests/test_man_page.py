"""The man page: that of today, and without a fault for groff."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

import pytest

from cdlint.cli.commands import COMMANDS
from support import ROOT, run_command

PAGE = ROOT / "docs" / "cdlint.1"
GROFF = shutil.which("groff")


def test_it_is_that_of_today() -> None:
    code = "import man_page; print('\\n'.join(man_page.page()))"
    done = run_command([sys.executable, "-c", code], ROOT / "scripts")
    assert PAGE.read_text(encoding="utf-8") == done.stdout, "run `make man`"


def test_it_has_every_command_and_option() -> None:
    text = PAGE.read_text(encoding="utf-8").replace("\\-", "-")
    for command in COMMANDS.values():
        assert f".SS cdlint {command.name}" in text
        for option in command.options:
            assert re.search(rf"^\.B {re.escape(option.flag)}( |$)", text, re.M), option.flag


@pytest.mark.skipif(GROFF is None, reason="no groff here")
def test_groff_reads_it_without_a_warning() -> None:
    done = subprocess.run(
        [str(GROFF), "-man", "-ww", "-Tutf8", str(PAGE)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert done.stderr == ""
    assert "zip" in done.stdout
