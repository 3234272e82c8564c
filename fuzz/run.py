"""Feeds cdlint odd input for some seconds: `python fuzz/run.py [SECONDS]`.

With atheris the input is grown by the coverage that it reaches; where atheris cannot be installed, the seeds are
mutated at random. The seeds are the buildspecs of fixtures/. An input that breaks something is kept in .fuzz/.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / ".fuzz"
#: Pieces that buildspecs and shell scripts are made of.
PIECES = (
    """
version: 0.2|phases:|  build:|    commands:|      - |      - \\|\n
env:|  variables:|artifacts:|  files:|&a|*a|<<: *a|!!str
\t|\r\n|\ufeff|\u00a0|“|”|‘|’|—|–|…|"|'|\\|`|$(|)|${X}|$X|${X:-y}|[[ |]]|[ |]| == |{|}|;|&&|\\|\\||\\| tee x|> \\ |<<EOF
EOF
|if |then|fi|for i in|do|done|case x in|esac|while|zip -r . $X|docker build -t x|docker push $X:|aws s3 cp x s3://a_b
aws ecr get-login|set -e|echo $SECRET|export A = b|# cdlint: ignore[|>-
""".replace("\n", "|")
    .replace("\\|", "\0")
    .split("|")
)
PIECES = [piece.replace("\0", "|") for piece in PIECES if piece]


def seeds() -> list[bytes]:
    paths = sorted((ROOT / "fixtures").rglob("*.*"))
    return [path.read_bytes() for path in paths if path.suffix in (".yml", ".yaml", ".json")]


def mutated(random: Random, pool: list[bytes]) -> bytes:
    """A seed with a few pieces put in, taken out or doubled."""
    data = random.choice(pool)
    for _ in range(random.randint(1, 4)):
        at = random.randint(0, len(data))
        action = random.randrange(4)
        if action == 0:
            data = data[:at] + random.choice(PIECES).encode() + data[at:]
        elif action == 1:
            data = data[:at] + data[at + random.randint(1, 12) :]
        elif action == 2:
            end = at + random.randint(1, 40)
            data = data[:end] + data[at:]
        else:
            other = random.choice(pool)
            cut = random.randint(0, len(other))
            data = data[:at] + other[cut : cut + random.randint(1, 120)] + data[at:]
    return data


def at_random(seconds: float, start: int) -> int:
    import properties

    random, pool = Random(start), seeds()
    end = time.monotonic() + seconds
    count = 0
    while time.monotonic() < end:
        data = mutated(random, pool)
        count += 1
        try:
            properties.all_hold(data)
        except BaseException:
            PLACE.mkdir(exist_ok=True)
            (PLACE / "crash").write_bytes(data)
            print(f"after {count} inputs, this one breaks it: {PLACE / 'crash'}", file=sys.stderr)
            raise
    print(f"{count} inputs, all properties hold")
    return 0


def by_coverage(seconds: int) -> int:
    import atheris

    with atheris.instrument_imports(include=["cdlint"]):
        import properties

        from cdlint.rules import load

        load()
    folder = PLACE / "seeds"
    folder.mkdir(parents=True, exist_ok=True)
    small = [data for data in seeds() if len(data) < 1500]
    for number, data in enumerate(small[::6]):
        (folder / str(number)).write_bytes(data)
    words = PLACE / "words"
    with open(words, "w", encoding="ascii") as file:
        for piece in PIECES:
            file.write('"' + "".join(f"\\x{byte:02x}" for byte in piece.encode()) + '"\n')
    options = [
        f"-max_total_time={seconds}",
        "-timeout=25",
        "-rss_limit_mb=2048",
        "-max_len=6000",
        f"-dict={words}",
    ]
    atheris.Setup(
        [sys.argv[0], *options, f"-artifact_prefix={PLACE}/", "-print_final_stats=1", str(folder)],
        properties.all_hold,
    )
    atheris.Fuzz()
    return 0


def main() -> int:
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    try:
        import atheris  # noqa: F401
    except ImportError:
        return at_random(seconds, int(time.time()))
    if "--random" in sys.argv:
        return at_random(seconds, int(time.time()))
    # Half of the time for each: mutation finds odd buildspecs, growing by coverage odd bytes. In a process of its
    # own, for atheris must see the modules first.
    half = str(max(1, seconds // 2))
    status = subprocess.run([sys.executable, __file__, half, "--random"], check=False).returncode
    return status or by_coverage(int(half))


if __name__ == "__main__":
    sys.exit(main())
