"""Keeps the example of README.md true: puts in what cdlint prints today.

python scripts/readme.py          write README.md anew
python scripts/readme.py --check  only say whether it is up to date
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import redirect_stdout
from pathlib import Path

from cdlint.cli import main as cdlint

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
SAMPLE = "fixtures/article/integrate.buildspec.yml"


def printed(*arguments: str) -> str:
    """What a command of cdlint prints."""
    out = io.StringIO()
    with redirect_stdout(out):
        cdlint(arguments)
    return out.getvalue()


def picture() -> str:
    """The report of one of the article's buildspecs."""
    report = printed("check", "--no-config", "--color", "never", SAMPLE)
    return f"$ cdlint check {SAMPLE}\n{report}"


def filled(text: str) -> str:
    """The README with its example as it is today."""
    fence = "```text\n"
    before, start, rest = text.partition(fence)
    _, end, after = rest.partition("```\n")
    if not end or fence in after:
        raise SystemExit(f"README.md must have exactly one block that begins with {fence!r}")
    return before + start + picture() + end + after


def main() -> int:
    os.chdir(ROOT)
    old = README.read_text(encoding="utf-8")
    new = filled(old)
    if new == old:
        return 0
    if "--check" in sys.argv:
        print("README.md shows what cdlint no longer prints: run `make readme`")
        return 1
    README.write_text(new, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
