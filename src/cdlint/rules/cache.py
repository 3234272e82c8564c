"""CD241–CD248: what is cached, and under which keys."""

from __future__ import annotations

from ..findings import Finding, Fix, Severity
from ..model.buildspec import Buildspec, mapping_of, texts
from . import rule
from .paths import has_glob, known, last_part, part, plain_path, rewritten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..syntax.tree import Scalar

#: Endings of files that are put into a cache by mistake.
_ENDINGS = tuple(".lock .json .txt .xml .jar .zip .gz .tgz .yml .yaml .toml .sum .mod .whl .log .md5".split())
#: Folders of the source that are written with a slash before them by mistake.
_OF_SOURCE = ("node_modules", ".gradle", ".m2", ".npm", ".venv")


def _cached(spec: Buildspec) -> list[Scalar]:
    return texts(spec.get("cache", "paths"))


@rule("CD241", "node-modules-cached", Severity.WARNING)
def node_modules_cached(spec: Buildspec) -> Iterator[Finding]:
    """`node_modules` is cached, and `npm ci` deletes it.

    `npm ci` removes `node_modules` before it installs, so the cache is saved and loaded in every
    build for nothing. A local cache moreover puts a symbolic link in its place, at which npm and
    tools stumble (`EEXIST: file already exists, mkdir`). What pays off is the cache of npm itself.

    Bad:
        version: 0.2
        phases:
          install:
            commands: [npm ci]
        cache:
          paths:
      >     - node_modules/**/*
    Good:
        version: 0.2
        phases:
          install:
            commands: [npm ci]
        cache:
          paths:
            - /root/.npm/**/*
    """
    found = [entry for entry in _cached(spec) if "node_modules" in entry.value.split("/")]
    if not found:
        return
    cleaned = any(_deletes_modules(command.text) for command in spec.commands())
    for entry in found if cleaned else found[:1]:
        at = entry.value.index("node_modules")
        yield Finding(
            part(spec.document, entry, at, at + len("node_modules")),
            "`npm ci` deletes `node_modules` before it installs, so caching it costs time and saves none."
            if cleaned
            else "A local cache puts a link in the place of `node_modules`, which some tools do "
            "not follow, and `npm ci` deletes the folder.",
            help="Cache the package manager's own folder, such as `/root/.npm/**/*`.",
            severity=None if cleaned else Severity.INFO,
        )


def _deletes_modules(command: str) -> bool:
    """Does it run `npm ci`, and not only where there is no `node_modules`?"""
    if "npm " not in command or "node_modules" in command:
        return False
    for line in command.split("\n"):
        words = line.replace(";", " ; ").replace("(", " ( ").replace(")", " ) ").split()
        if not words or words[0][0] == "#" or words[0] in ("echo", "printf"):
            continue
        for at, word in enumerate(words):
            if word == "npm" and _subcommand(words[at + 1 :]) in ("ci", "clean-install"):
                return True
    return False


def _subcommand(words: list[str]) -> str:
    """The first word that is no option: `ci` in `npm --prefix app ci`."""
    value = False
    for word in words:
        if not word.startswith("-") and not value:
            return word
        value = word in ("--prefix", "-C")
    return ""


@rule("CD242", "cache-path-not-allowed", Severity.WARNING)
def cache_path_not_allowed(spec: Buildspec) -> Iterator[Finding]:
    """A cache path lies below `/home`, where CodeBuild no longer restores.

    Since May 2026 the log says `Skipping cache entry: path "/home/…" is not within allowed cache
    paths`. The build stays green and starts cold every time. The home of a build is `/root`.

    Bad:
        version: 0.2
        phases:
          build:
            commands: [./gradlew build]
        cache:
          paths:
      >     - /home/me/.gradle/caches/**/*
    Good:
        version: 0.2
        phases:
          build:
            commands: [./gradlew build]
        cache:
          paths:
            - /root/.gradle/caches/**/*
    """
    for entry in _cached(spec):
        if entry.value.startswith("/home/"):
            yield Finding(
                part(spec.document, entry, 0, len("/home/")),
                'CodeBuild skips this entry (`Skipping cache entry: path "…" is not within allowed '
                "cache paths`): every build starts without its cache.",
                help="Keep what is cached below `/root` or in the source folder.",
            )


@rule("CD243", "cache-entry-not-directory", Severity.INFO)
def cache_entry_not_directory(spec: Buildspec) -> Iterator[Finding]:
    """A cache path names a single file.

    A local custom cache keeps folders only; files are left out without a word.

    Bad:
        version: 0.2
        phases:
          build:
            commands: [yarn install]
        cache:
          paths:
      >     - yarn.lock
    Good:
        version: 0.2
        phases:
          build:
            commands: [yarn install]
        cache:
          paths:
            - /usr/local/share/.cache/yarn/**/*
    """
    for entry in _cached(spec):
        name = last_part(entry.value)
        if known(name) and not has_glob(name) and name.lower().endswith(_ENDINGS):
            yield Finding(
                part(spec.document, entry, len(entry.value) - len(name), len(entry.value)),
                f"`{name}` is a file, and a local cache keeps folders only.",
                help="Cache the folder that is expensive to fill, with `/**/*` behind it.",
            )


@rule("CD244", "fallback-keys-without-key", Severity.WARNING)
def fallback_keys_without_key(spec: Buildspec) -> Iterator[Finding]:
    """`fallback-keys` has no effect without `key`.

    CodeBuild tries the fallback keys when there is no cache under `key`. Without `key` it ignores
    them.

    Bad:
        version: 0.2
        phases:
          build:
            commands: [npm ci]
        cache:
      >   fallback-keys:
            - npm-
          paths:
            - /root/.npm/**/*
    Good:
        version: 0.2
        phases:
          build:
            commands: [npm ci]
        cache:
          key: npm-$(codebuild-hash-files package-lock.json)
          fallback-keys:
            - npm-
          paths:
            - /root/.npm/**/*
    """
    cache = mapping_of(spec.get("cache"))
    if cache is None or spec.document.damaged or "key" in cache:
        return
    key = cache.key("fallback-keys")
    if key is not None and texts(cache.get("fallback-keys")):
        yield Finding(
            key.span,
            "CodeBuild ignores `fallback-keys` where there is no `key`.",
            help="Add `key:`, for example `npm-$(codebuild-hash-files package-lock.json)`.",
        )


@rule("CD247", "unlikely-cache-path", Severity.WARNING)
def unlikely_cache_path(spec: Buildspec) -> Iterator[Finding]:
    """A cache path names a folder that is elsewhere.

    `/node_modules` is a folder in the root of the machine; that of the source is written without a
    slash. `~` stands for the home folder in a shell, and cache paths do not go through one.

    Bad:
        version: 0.2
        phases:
          build:
            commands: [yarn install]
        cache:
          paths:
      >     - /node_modules/**/*
    Good:
        version: 0.2
        phases:
          build:
            commands: [yarn install]
        cache:
          paths:
            - node_modules/**/*
    """
    for entry in _cached(spec):
        value = entry.value
        first = value[1:].partition("/")[0]
        if value.startswith("/") and first in _OF_SOURCE:
            home = first in (".m2", ".gradle", ".npm")
            start, end, wanted = (0, 0, "/root") if home else (0, 1, "")
            edits = rewritten(spec.document, entry, start, end, wanted)
            place = "the home folder is `/root`" if home else "the source is elsewhere"
            yield Finding(
                part(spec.document, entry, 0, 1 + len(first)),
                f"`/{first}` is a folder in the root of the machine, but {place}.",
                help=f"Write `{wanted}{value[end:]}`.",
                fix=Fix("Correct the path", edits, safe=False) if edits else None,
            )
        elif value.startswith("~"):
            edits = rewritten(spec.document, entry, 0, 1, "/root") if value[1:2] == "/" else None
            yield Finding(
                part(spec.document, entry, 0, 1),
                "Shells expand `~`; that CodeBuild does so in cache paths is not documented.",
                help="Write `/root`, the home folder of a build.",
                fix=Fix("Write /root", edits, safe=False) if edits else None,
                severity=Severity.INFO,
            )


@rule("CD248", "cache-entry-without-pattern", Severity.INFO)
def cache_entry_without_pattern(spec: Buildspec) -> Iterator[Finding]:
    """A cache path names a folder without a pattern.

    A cache in S3 takes paths as artifacts do: `.gradle/` is the folder, `.gradle/**/*` is what lies
    in it. A local cache takes both.

    Bad:
        version: 0.2
        phases:
          build:
            commands: [./gradlew build]
        cache:
          paths:
      >     - /root/.gradle/
    Good:
        version: 0.2
        phases:
          build:
            commands: [./gradlew build]
        cache:
          paths:
            - /root/.gradle/**/*
    """
    for entry in _cached(spec):
        value = entry.value
        path = plain_path(value)
        name = last_part(path)
        if not path or has_glob(name) or "\\" in value or name.lower().endswith(_ENDINGS):
            continue
        if not known(name) or name == "node_modules":
            continue
        edits = rewritten(spec.document, entry, len(value.rstrip("/")), len(value), "/**/*")
        yield Finding(
            entry.span,
            f"`{value}` names the folder; a cache in S3 keeps the files that a pattern names.",
            help=f"Write `{value.rstrip('/')}/**/*`.",
            fix=Fix("Take all files below the folder", edits) if edits else None,
        )
