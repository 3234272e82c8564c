"""What a clean check of one file imports, and what it must not: start-up is what people feel."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from support import ROOT, clean_environment

CLEAN = "version: 0.2\nphases:\n  build:\n    commands:\n      - make\n"
#: Heavy, or a sign that something heavy comes along.
FORBIDDEN = {
    "argparse",
    "asyncio",
    "boto3",
    "botocore",
    "collections",
    "dataclasses",
    "enum",
    "functools",
    "importlib.metadata",
    "json",
    "jsonschema",
    "logging",
    "pathlib",
    "re",
    "rich",
    "subprocess",
    "tempfile",
    "tomllib",
    "tomli",
    "tree_sitter_hcl",
    "typing",
    "yaml.reader",
}


def modules(code: str, folder: Path) -> set[str]:
    """The modules that a fresh interpreter has after some code."""
    done = subprocess.run(
        [sys.executable, "-c", code + "\nimport sys; sys.stderr.write(' '.join(sys.modules))"],
        cwd=folder,
        env=clean_environment(PYTHONPATH=str(ROOT / "src")),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    return set(done.stderr.split())


CHECK = "import sys; sys.argv = ['cdlint', {}]; from cdlint.cli import main; assert main() == 0"


@pytest.mark.parametrize(
    "arguments",
    ["'check', 'buildspec.yml'", "'check', '--format=full', '--no-config', 'buildspec.yml'"],
)
def test_a_clean_check_imports_little(arguments: str, tmp_path: Path) -> None:
    (tmp_path / "buildspec.yml").write_text(CLEAN, encoding="utf-8")
    # A pyproject.toml that does not speak of cdlint costs no TOML parser.
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n", encoding="utf-8")
    before = modules("", tmp_path)
    after = modules(CHECK.format(arguments), tmp_path)
    assert "cdlint.engine" in after
    assert (after - before) & FORBIDDEN == set()
    assert "cdlint.config_file" not in after
    assert "cdlint.globs" not in after
    assert "cdlint.suppression" not in after
    assert "cdlint.rules.suppressions" not in after


def test_help_may_cost_more(tmp_path: Path) -> None:
    assert "argparse" in modules(CHECK.format("'check', '--help'"), tmp_path)


def test_importing_cdlint_imports_nothing_else(tmp_path: Path) -> None:
    new = modules(f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r}); import cdlint", tmp_path)
    assert {name for name in new - modules("", tmp_path) if name != "cdlint"} == set()
