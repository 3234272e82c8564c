"""Compares cdlint with other tools on the seeded faults of fixtures/: what each sees, and how long it takes.

Every case is a file with one fault (`bad`) and its repaired twin (`good`). A tool *sees* the fault if it says something
of the first that it does not say of the second; *at the line* if it does so at the line of the fault. Clean files are
those of fixtures/clean and fixtures/clean-delivery; a tool that speaks of them with level error or warning is *loud*.
All files go to one run of each tool; cdlint is installed from its wheel, the others from their newest releases.

    python bench/peers.py [--keep FOLDER]
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from run import PLACE, build_wheel, install, program

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"
#: What a tool says of a file: `(rule and message, line)`; the line is 0 if it gives none.
Told = dict[str, set[tuple[str, int]]]


class Case(NamedTuple):
    bad: str
    good: str
    lines: frozenset[int]


class Corpus(NamedTuple):
    """Files laid out in a folder. Paths are relative to it."""

    folder: Path
    cases: list[Case]
    clean: list[str]


def lay_out(folder: Path, area: str, clean: str, wanted: Callable[[Path, dict[str, object]], bool]) -> Corpus:
    """Copy the cases of an area, each file under a name by which its kind is known."""
    cases: list[Case] = []
    for toml in sorted((FIXTURES / area).glob("*/*/case.toml")):
        settings = tomllib.loads(toml.read_text(encoding="utf-8"))
        (bad,) = toml.parent.glob("bad.*")
        if "line" not in settings and "lines" not in settings:
            continue
        if not wanted(bad, settings):
            continue
        names = []
        for stem in ("bad", "good"):
            (source,) = toml.parent.glob(f"{stem}.*")
            default = "buildspec" if area == "cases" else "delivery"
            name = str(settings.get("path") or source.name.replace(stem, default))
            place = folder / toml.parent.parent.name / toml.parent.name / stem / Path(name).name
            place.parent.mkdir(parents=True)
            shutil.copy(source, place)
            names.append(place.relative_to(folder).as_posix())
        lines = settings.get("lines") or [settings["line"]]
        cases.append(Case(names[0], names[1], frozenset(lines)))
    quiet = []
    for source in sorted((FIXTURES / clean).rglob("*")):
        if source.is_file() and wanted(source, {}):
            place = (
                folder
                / "clean"
                / f"{len(quiet)}"
                / ("buildspec" + source.suffix if clean == "clean" else source.name)
            )
            place.parent.mkdir(parents=True)
            shutil.copy(source, place)
            quiet.append(place.relative_to(folder).as_posix())
    return Corpus(folder, cases, quiet)


# --- the tools ------------------------------------------------------------------------------------


def cdlint(venv: Path, corpus: Corpus) -> Told:
    names = [name for case in corpus.cases for name in (case.bad, case.good)] + corpus.clean
    command = [program(venv, "cdlint"), "check", "--no-config", "--pedantic", "--format", "json", "--"]
    told: Told = {}
    quiet = set(corpus.clean)
    for one in json.loads(output([*command, *names], corpus.folder))["findings"]:
        if one["severity"] == "info" and one["path"] in quiet:
            continue  # advice, which is asked for here for the sake of the cases that are about it
        told.setdefault(one["path"], set()).add((one["code"], one["line"]))
    return told


def yamllint(venv: Path, corpus: Corpus) -> Told:
    names = [name for case in corpus.cases for name in (case.bad, case.good)] + corpus.clean
    told: Told = {}
    # A file that is no UTF-8 ends a run of yamllint: each fifty files have one of their own.
    for start in range(0, len(names), 50):
        command = [program(venv, "yamllint"), "-d", "relaxed", "-f", "parsable", *names[start : start + 50]]
        for path, line, message in re.findall(
            r"^(.*?):(\d+):\d+: (.*)$", output(command, corpus.folder), re.M
        ):
            told.setdefault(path, set()).add((message, int(line)))
    return told


def jsonschema(schema: str) -> Callable[[Path, Corpus], Told]:
    def run(venv: Path, corpus: Corpus) -> Told:
        names = [name for case in corpus.cases for name in (case.bad, case.good)] + corpus.clean
        command = [
            program(venv, "check-jsonschema"),
            "-o",
            "json",
            "--schemafile",
            str(ROOT / "schemas" / schema),
        ]
        out = output([*command, *names], corpus.folder)
        found = json.loads(out)
        told: Told = {}
        for one in (*found["errors"], *found["parse_errors"]):
            told.setdefault(one["filename"], set()).add((one.get("message", "no YAML")[:80], 0))
        return told

    return run


def cfn_lint(venv: Path, corpus: Corpus) -> Told:
    names = [name for case in corpus.cases for name in (case.bad, case.good)] + corpus.clean
    out = output([program(venv, "cfn-lint"), "-f", "json", "--", *names], corpus.folder)
    told: Told = {}
    for one in json.loads(out or "[]"):
        start = one["Location"]["Start"]["LineNumber"]
        told.setdefault(one["Filename"], set()).add((f"{one['Rule']['Id']} {one['Message']}", start))
    return told


def output(command: list[str], folder: Path) -> str:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


# --- the tables -----------------------------------------------------------------------------------


def is_template(path: Path, settings: dict[str, object]) -> bool:
    del settings
    text = path.read_text(encoding="utf-8", errors="replace")
    return path.suffix in (".yml", ".yaml", ".json", ".template") and "AWS::Code" in text


def row(name: str, corpus: Corpus, tool: Callable[[], Told]) -> str:
    start = time.perf_counter()
    told = tool()
    seconds = time.perf_counter() - start
    seen = there = 0
    for case in corpus.cases:
        good = {what for what, _ in told.get(case.good, ())}
        new = {(what, line) for what, line in told.get(case.bad, ()) if what not in good}
        seen += bool(new)
        there += any(line in case.lines for _, line in new)
    loud = sum(1 for name in corpus.clean if told.get(name))
    count = len(corpus.cases)
    at = (
        f"{there} ({100 * there // count} %)"
        if any(line for one in told.values() for _, line in one)
        else "no lines"
    )
    return f"| {name} | {seen} ({100 * seen // count} %) | {at} | {loud} of {len(corpus.clean)} | {seconds:.1f} s |"


def tables(folder: Path) -> Iterator[str]:
    own = install("peers-cdlint", build_wheel())
    others = install("peers", "yamllint", "check-jsonschema", "cfn-lint")
    listed = output([program(others, "python"), "-m", "pip", "list", "--format", "json"], ROOT)
    versions = {one["name"]: one["version"] for one in json.loads(listed)}

    def named(name: str) -> str:
        return f"{name} {versions.get(name, '')}".strip()

    head = "| tool | sees the fault | at its line | loud on clean files | time |\n|---|---|---|---|---|"
    specs = lay_out(folder / "specs", "cases", "clean", lambda path, _: path.suffix in (".yml", ".yaml"))
    yield f"**{len(specs.cases)} buildspecs with one fault each, and their repaired twins**\n\n{head}"
    yield row("cdlint", specs, lambda: cdlint(own, specs))
    yield row(f"{named('yamllint')} (relaxed)", specs, lambda: yamllint(others, specs))
    schema = jsonschema("buildspec.schema.json")
    yield row(f"{named('check-jsonschema')}, with cdlint's schema", specs, lambda: schema(others, specs))
    templates = lay_out(folder / "templates", "delivery", "clean-delivery", is_template)
    yield f"\n**{len(templates.cases)} CloudFormation templates, the same**\n\n{head}"
    yield row("cdlint", templates, lambda: cdlint(own, templates))
    yield row(named("cfn-lint"), templates, lambda: cfn_lint(others, templates))
    yield row(f"{named('yamllint')} (relaxed)", templates, lambda: yamllint(others, templates))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--keep", type=Path, help="leave the files here")
    options = parser.parse_args()
    PLACE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        for line in tables(options.keep or Path(name)):
            print(line, flush=True)
    print(
        f"\nPython {platform.python_version()}, {platform.system()} {platform.machine()}, {time.strftime('%Y-%m-%d')}"
    )


if __name__ == "__main__":
    main()
