"""Keeps the pages of docs/ true: puts in what cdlint prints today, and what its schema says.

Below a comment `<!-- output: ARGUMENTS -->` stands a block with what `cdlint ARGUMENTS` prints of the buildspec `SPEC`;
between `<!-- keys -->` and `<!-- end -->` the keys of the configuration.

python scripts/pages.py          write the pages anew
python scripts/pages.py --check  only say whether they are up to date
"""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from cdlint.cli import main as cdlint

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("configuration.md", "formats.md", "packaging.md", "start.md")
SPEC = "version: 0.2\nphases:\n  build:\n    commands:\n      - date “+%F”\n"
_OUTPUT = re.compile(r"(<!-- output: (.*?) -->\n+```[a-z]*\n).*?(```\n)", re.S)
_KEYS = re.compile(r"(<!-- keys -->\n).*?(<!-- end -->)", re.S)


def printed(arguments: str) -> str:
    """What a command prints in a folder that holds nothing but the buildspec."""
    out = io.StringIO()
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            Path("buildspec.yml").write_text(SPEC, encoding="utf-8")
            with redirect_stdout(out), redirect_stderr(out):
                cdlint(shlex.split(arguments))
        finally:
            os.chdir(before)
    text = out.getvalue()
    if "--format json" in arguments or "--format gitlab" in arguments:
        if "jsonl" not in arguments:
            text = json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"
    if "--format sarif" in arguments:
        text = json.dumps(shortened(json.loads(text)), indent=2, ensure_ascii=False) + "\n"
    return text


def shortened(sarif: dict[str, Any]) -> dict[str, Any]:
    """SARIF without the texts of the rules, which are long."""
    for run in sarif["runs"]:
        for rule in run["tool"]["driver"]["rules"]:
            for name in ("fullDescription", "help"):
                rule[name] = {"text": "…"}
    return sarif


def keys() -> Iterator[str]:
    """A table of the configuration's keys, from its schema."""
    schema = json.loads((ROOT / "schemas" / "cdlint.schema.json").read_text(encoding="utf-8"))
    yield "| key | type | meaning |"
    yield "|---|---|---|"
    for name, one in schema["properties"].items():
        if name != "package":
            yield row(f"`{name}`", one)
    yield ""
    yield "Under `[package]`, what `cdlint package` does without being told:"
    yield ""
    yield "| key | type | meaning |"
    yield "|---|---|---|"
    for name, one in schema["properties"]["package"]["properties"].items():
        yield row(f"`{name}`", one)


def row(name: str, one: dict[str, Any]) -> str:
    choice = one.get("enum")
    what = " or ".join(f"`{word}`" for word in choice) if choice else _TYPES.get(one.get("type", ""), "text")
    if "$ref" in one:
        what = {"rules": "list of rules", "rule": "rule"}.get(one["$ref"].rpartition("/")[2], "text")
    return f"| {name} | {what} | {one['description']} |"


_TYPES = {"array": "list of texts", "boolean": "`true` or `false`", "integer": "number", "object": "table"}


def filled(text: str) -> str:
    text = _OUTPUT.sub(lambda found: found[1] + printed(found[2]) + found[3], text)
    return _KEYS.sub(lambda found: found[1] + "\n".join(["", *keys(), "", ""]) + found[2], text)


def main() -> int:
    stale = []
    for name in PAGES:
        path = ROOT / "docs" / name
        old = path.read_text(encoding="utf-8")
        new = filled(old)
        if new != old:
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(new, encoding="utf-8", newline="\n")
    if stale and "--check" in sys.argv:
        print(f"{', '.join(stale)}: not what cdlint prints today; run `make readme`")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
