"""Measures what a user waits for: `cdlint check` on one buildspec and on a thousand.

Everything is measured side by side in one run, on one core, in turns, so that a busy machine slows
all alike; the table shows medians. cdlint is installed from its wheel, as users have it.

    python bench/run.py [--rounds N] [--files N] [--only-cdlint]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import generate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / ".bench"
MANY = "many"
WINDOWS = os.name == "nt"
#: The goals of docs/dependencies.md.
ONE_FILE_GOAL = 4.0
MANY_FILES_GOAL = 12.0
TWO_CORES_GOAL = 1.6


ALL_CORES = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()


def program(venv: Path, name: str) -> str:
    """The path of a program of a virtual environment."""
    return str(venv / ("Scripts" if WINDOWS else "bin") / (name + (".exe" if WINDOWS else "")))


def run(command: list[str], folder: Path | None = None) -> str:
    """What a command that must succeed prints."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command[:4])} ... failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def install(name: str, *packages: str) -> Path:
    """A fresh virtual environment with some packages."""
    venv = PLACE / name
    run([sys.executable, "-m", "venv", "--clear", str(venv)])
    pip = [program(venv, "python"), "-m", "pip", "--disable-pip-version-check", "install", "-q"]
    run([*pip, *packages])
    return venv


def build_wheel() -> str:
    wheels = PLACE / "wheel"
    shutil.rmtree(wheels, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "-q", "--no-deps"]
    run([*pip, "--wheel-dir", str(wheels), str(ROOT)])
    return str(next(wheels.glob("*.whl")))


def one_core() -> str:
    """Keep this process and its children on one core, where the system can do that."""
    if not hasattr(os, "sched_setaffinity"):
        return "any core (this system cannot pin a process)"
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return f"core {core}"


def wall(command: list[str], folder: Path) -> Callable[[], float]:
    """Measures one run of a command, from start to end."""

    def measure() -> float:
        start = time.perf_counter()
        done = subprocess.run(
            command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
        )
        seconds = time.perf_counter() - start
        if done.returncode:
            sys.exit(f"{' '.join(command[:4])} ... exited {done.returncode}: {done.stderr!r}")
        return seconds

    return measure


def in_turns(contestants: dict[str, Callable[[], float]], rounds: dict[str, int]) -> dict[str, list[float]]:
    """Seconds per contestant, measured in turns after one run each that does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for name, measure in contestants.items():
        if rounds[name] > 1:
            measure()
    for turn in range(max(rounds.values())):
        for name, measure in contestants.items():
            if turn < rounds[name]:
                seconds[name].append(measure())
    return seconds


def table(title: str, seconds: dict[str, list[float]], unit: str, base: str) -> None:
    """Print medians, the fastest and slowest run, and the ratio to the first line's median."""
    scale = 1000 if unit == "ms" else 1
    floor = median(seconds[base])
    print(f"\n{title}")
    print(f"  {'':34}{'median':>10}{'min':>10}{'max':>10}{'runs':>6}{'ratio':>9}")
    for name, runs in seconds.items():
        values = (median(runs), min(runs), max(runs))
        figures = "".join(f"{value * scale:10.2f}" for value in values)
        print(f"  {name:34}{figures}{len(runs):6}{median(runs) / floor:8.2f}x")
    print(f"  (in {unit})")


def verdict(what: str, ratio: float, goal: float) -> None:
    word = "reached" if ratio <= goal else "MISSED"
    print(f"  {what}: {ratio:.2f}x, goal {goal}x: {word}")


def check_sample(cdlint: str, folder: Path, count: int) -> None:
    """What is measured must be whole runs over clean files."""
    out = run([cdlint, "check", "--format", "json", str(folder)])
    summary = json.loads(out)["summary"]
    if summary["files"] != count or summary["errors"] or summary["warnings"]:
        sys.exit(f"the sample is not what it should be: {summary}")


class Tools:
    """What is measured. `others` are the commands of other checkers, without their files."""

    def __init__(self, venv: Path) -> None:
        self.python = program(venv, "python")
        self.cdlint = program(venv, "cdlint")
        self.others: dict[str, list[str]] = {}

    def add_others(self, venv: Path, folder: Path) -> None:
        """yamllint and check-jsonschema, the latter with the schema that cdlint publishes."""
        schema = folder / "buildspec.schema.json"
        schema.write_text(run([self.cdlint, "schema", "buildspec"]), encoding="utf-8")
        self.others = {
            "yamllint": [program(venv, "yamllint"), "-d", "relaxed"],
            "check-jsonschema": [program(venv, "check-jsonschema"), "--schemafile", str(schema)],
        }


def one_file(tools: Tools, folder: Path, path: str, rounds: int) -> float:
    """Print the table of one buildspec; the ratio of cdlint to an empty Python."""
    floor = "python -c pass"
    contestants = {
        floor: wall([tools.python, "-c", "pass"], folder),
        "cdlint check FILE": wall([tools.cdlint, "check", path], folder),
    }
    for name, command in tools.others.items():
        contestants[f"{name} FILE"] = wall([*command, path], folder)
    seconds = in_turns(contestants, dict.fromkeys(contestants, rounds))
    table("One buildspec", seconds, "ms", floor)
    return median(seconds["cdlint check FILE"]) / median(seconds[floor])


def many_files(tools: Tools, folder: Path, paths: list[str], rounds: int) -> float:
    """Print the table of many buildspecs; the ratio of cdlint to the events of libyaml."""
    many = str(folder / MANY)
    events = [tools.python, str(ROOT / "bench" / "events.py"), many]
    floor = "events of libyaml, in process"
    contestants = {
        floor: lambda: float(run(events)),
        "cdlint check FOLDER": wall([tools.cdlint, "check", many], folder),
    }
    turns = dict.fromkeys(contestants, rounds)
    for name, command in tools.others.items():
        # These take up to a minute: one run says enough.
        contestants[f"{name} FILES"] = wall([*command, *paths], folder)
        turns[f"{name} FILES"] = 1
    seconds = in_turns(contestants, turns)
    table(f"{len(paths)} buildspecs", seconds, "s", floor)
    return median(seconds["cdlint check FOLDER"]) / median(seconds[floor])


def two_cores(tools: Tools, folder: Path, rounds: int) -> float | None:
    """Print the table of one process and two; how much faster two are. None where there is one core only."""
    if not hasattr(os, "sched_setaffinity") or len(ALL_CORES) < 2:
        return None
    os.sched_setaffinity(0, set(sorted(ALL_CORES)[:2]))
    many = str(folder / MANY)
    contestants = {
        f"--jobs {jobs}": wall([tools.cdlint, "check", "--jobs", str(jobs), many], folder) for jobs in (1, 2)
    }
    seconds = in_turns(contestants, dict.fromkeys(contestants, rounds))
    table("The same on two cores", seconds, "s", "--jobs 1")
    return median(seconds["--jobs 1"]) / median(seconds["--jobs 2"])


def parse_arguments() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--rounds", type=int, default=30, help="runs on one file")
    options.add_argument("--files", type=int, default=1000, help="how many buildspecs make a lot")
    options.add_argument("--only-cdlint", action="store_true", help="leave the other tools out")
    return options.parse_args()


def main() -> None:
    args = parse_arguments()
    print("Installing the wheel" + ("" if args.only_cdlint else " and the other tools"), flush=True)
    tools = Tools(install("cdlint", build_wheel()))
    core = one_core()
    with tempfile.TemporaryDirectory(prefix="cdlint-bench-") as temporary:
        folder = Path(temporary)
        paths = [str(path) for path in generate.write(folder / MANY, args.files)]
        check_sample(tools.cdlint, folder / MANY, args.files)
        if not args.only_cdlint:
            tools.add_others(install("others", "yamllint", "check-jsonschema"), folder)
        size = sum(os.path.getsize(path) for path in paths)
        versions = run([tools.python, "--version"]) + run([tools.cdlint, "--version"])
        print(", ".join([*versions.split("\n")[:2], core]))
        print(f"{args.files} buildspecs, {size / 1e6:.1f} MB")
        one = one_file(tools, folder, paths[0], args.rounds)
        many = many_files(tools, folder, paths, max(3, args.rounds // 3))
        faster = two_cores(tools, folder, max(3, args.rounds // 3))
    print("\nGoals")
    verdict("one buildspec / python -c pass", one, ONE_FILE_GOAL)
    verdict(f"{args.files} buildspecs / events of libyaml", many, MANY_FILES_GOAL)
    if faster is not None:
        word = "reached" if faster >= TWO_CORES_GOAL else "MISSED"
        print(f"  two cores: {faster:.2f}x faster, goal {TWO_CORES_GOAL}x: {word}")


if __name__ == "__main__":
    main()
