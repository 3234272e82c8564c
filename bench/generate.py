"""Writes buildspecs to measure with: the same ones for the same number, on every Python.

About 3.8 KB and 45 commands each, in the shapes that real ones have: several phases, block scalars,
comments, variables, reports, artifacts and a cache. None has a fault, so that a run measures
reading and checking, not the printing of findings.
"""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

COMMANDS = (
    'echo "Build of {word} started at $(date)"',
    "npm ci --no-audit --prefix services/{word}",
    "npm run build --prefix services/{word}",
    "npm test --prefix services/{word}",
    "pip install --quiet -r services/{word}/requirements.txt",
    "python -m pytest services/{word} --junitxml=reports/{word}.xml",
    'aws s3 cp "dist/{word}.tar.gz" "s3://$ARTIFACT_BUCKET/{word}/$VERSION.tar.gz"',
    'docker build --tag "$REPOSITORY_URI/{word}:$VERSION" services/{word}',
    'aws ecr describe-images --repository-name "{word}" --image-ids "imageTag=$VERSION"',
    'test -n "$VERSION" || exit 1',
    'tar -czf "dist/{word}.tar.gz" -C "services/{word}" .',
    'aws cloudformation validate-template --template-body "file://{word}.yml"',
    "mkdir -p dist/{word} reports",
    'make -C services/{word} package VERSION="$VERSION"',
    './scripts/wait-for.sh "{word}.internal" 8080',
    "go test ./services/{word}/...",
)
BLOCK = """\
      - |
        set -e
        if [ "$STAGE" = "production" ]; then
          echo "Tagging {word}"
          docker tag "$REPOSITORY_URI/{word}:$VERSION" "$REPOSITORY_URI/{word}:stable"
        else
          echo "Nothing to tag for {word} in $STAGE"
        fi
"""
WORDS = (
    "accounts",
    "billing",
    "catalogue",
    "gateway",
    "invoices",
    "notifications",
    "orders",
    "payments",
    "reports",
    "search",
    "shipping",
    "users",
)
PHASES = (("install", 6), ("pre_build", 11), ("build", 19), ("post_build", 9))


def buildspec(number: int) -> str:
    """The buildspec with this number."""
    random = Random(number)
    lines = [
        f"# Buildspec {number} of the {random.choice(WORDS)} services",
        "version: 0.2",
        "",
        "env:",
        "  variables:",
        '    STAGE: "production"',
        f'    REPOSITORY_URI: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/{number}"',
        "  parameter-store:",
        f"    ARTIFACT_BUCKET: /ci/{random.choice(WORDS)}/bucket",
        "  exported-variables:",
        "    - VERSION",
        "",
        "phases:",
    ]
    for phase, count in PHASES:
        lines.append(f"  {phase}:")
        if phase == "install":
            lines += ["    runtime-versions:", "      nodejs: 20", "      python: 3.12"]
        lines.append("    commands:")
        lines += _commands(random, phase, count)
    lines += ["", "reports:", f"  unit-{number}:", "    files:"]
    lines += ["      - 'reports/*.xml'", "    file-format: JUNITXML"]
    lines += ["", "artifacts:", "  files:"]
    lines += [f"    - dist/{word}.tar.gz" for word in sorted(random.sample(WORDS, 4))]
    lines += ["", "cache:", "  paths:", "    - '/root/.npm/**/*'", "    - '/root/.cache/pip/**/*'"]
    return "\n".join(lines) + "\n"


def _commands(random: Random, phase: str, count: int) -> list[str]:
    lines = []
    for index in range(count):
        word = random.choice(WORDS)
        if phase == "install" and index == 0:
            lines.append("      - export VERSION=$(cat VERSION)")
        elif phase == "post_build" and index == 0:
            lines.append('      - test "$CODEBUILD_BUILD_SUCCEEDING" = 1')
        elif random.random() < 0.04:
            lines.append(BLOCK.format(word=word).rstrip("\n"))
        else:
            if random.random() < 0.12:
                lines.append(f"      # {word}: see docs/{word}.md")
            command = random.choice(COMMANDS).format(word=word)
            # A plain scalar may not hold ": " or " #"; none of ours does.
            lines.append(f"      - {command}")
    return lines


def write(folder: Path, count: int) -> list[Path]:
    """Write `count` buildspecs below a folder, each in a folder of its own."""
    paths = []
    for number in range(count):
        path = folder / f"service-{number:04}" / "buildspec.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(buildspec(number), encoding="utf-8", newline="\n")
        paths.append(path)
    return paths


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python bench/generate.py FOLDER COUNT")
    write(Path(sys.argv[1]), int(sys.argv[2]))
