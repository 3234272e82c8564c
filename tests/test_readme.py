"""What README.md says is so: its examples, its options, its rules."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from cdlint import rules
from cdlint.cli.commands import COMMANDS
from support import ROOT, clean_environment

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_examples_are_what_cdlint_prints() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "readme.py"), "--check"],
        env=clean_environment(PYTHONPATH=str(ROOT / "src"), PYTHONUTF8="1"),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_table_of_options_is_complete() -> None:
    rows = [line for line in README.splitlines() if line.startswith("| `--")]
    told = {flag for row in rows for flag in re.findall(r"--[a-z-]+", row.split("|")[1])}
    assert told == {option.flag for option in COMMANDS["check"].options}


def test_the_formats_are_all_named() -> None:
    (row,) = (line for line in README.splitlines() if line.startswith("| `--format"))
    (option,) = (option for option in COMMANDS["check"].options if option.flag == "--format")
    assert set(re.findall(r"`([a-z]+)`", row.split("|")[2])) == set(option.choices)


@pytest.mark.parametrize("code", sorted(set(re.findall(r"\bCD\d{3}\b", README))))
def test_every_code_is_a_rule(code: str) -> None:
    assert code in rules.load()


@pytest.mark.parametrize("word", re.findall(r"cdlint: ignore\[([a-z-]+)\]", README))
def test_every_name_is_a_rule(word: str) -> None:
    assert rules.find(word) is not None


def test_the_configuration_can_be_read() -> None:
    from cdlint.config_file import parse

    (table,) = re.findall(r"```toml\n(.*?)```", README, re.S)
    config = parse("cdlint.toml", table.encode())
    assert config is not None
    assert config.image == "aws/codebuild/standard:7.0"
