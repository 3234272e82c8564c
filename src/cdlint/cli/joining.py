"""`cdlint check`, last step: what the files of a repository have to say about one another."""

from __future__ import annotations

import os

from ..codebuild import RUNNING
from ..disk import DiskFiles
from ..findings import FileResult
from ..joins import joined, members_of
from ..model.repository import Member, Repository
from ..neighbours import neighbours, root_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..config import Config, Configs
    from ..discovery import Target


def add_joins(
    checked: list[tuple[FileResult, Config]], found: Sequence[Target], paths: Iterable[str], configs: Configs
) -> None:
    """Add the findings about several files to the results of a run, and results for neighbours that have some.

    A folder given as a path is a repository (or a part of one); for files given by name, as pre-commit does, the
    delivery files around them are read too.
    """
    folders = [path for path in paths if os.path.isdir(path)]
    alone = {target.path for target in found if target.given}
    groups: dict[str, list[tuple[FileResult, Config]]] = {}
    for result, config in checked:
        root = _root(result.path, folders, alone)
        if root is not None:
            groups.setdefault(root, []).append((result, config))
    for root, members in groups.items():
        _add(checked, root, members, alone, configs)


def _root(path: str, folders: list[str], alone: set[str]) -> str | None:
    """The folder whose files are taken together with a file."""
    if path in ("<stdin>", RUNNING):
        return None
    if path in alone:
        return root_of(path)
    inside = [
        folder for folder in folders if os.path.abspath(path).startswith(os.path.abspath(folder) + os.sep)
    ]
    return os.path.abspath(max(inside, key=len)) if inside else root_of(path)


def _add(
    checked: list[tuple[FileResult, Config]],
    root: str,
    members: list[tuple[FileResult, Config]],
    alone: set[str],
    configs: Configs,
) -> None:
    here = {os.path.abspath(result.path): result for result, _ in members}
    named = [place for place, result in here.items() if result.path in alone]
    config = members[0][1]
    made = [
        Member(_inside(place, root), result.subject)
        for place, result in here.items()
        if result.subject is not None
    ]
    texts = [
        (_inside(place, root), result.path, _text(result), True)
        for place, result in here.items()
        if result.subject is None
    ]
    files = DiskFiles(root)
    for place in neighbours(named, root) if named else ():
        shown = os.path.relpath(place).replace(os.sep, "/")
        if place not in here and not configs.of(shown).excludes(shown):
            texts.append((_inside(place, root), shown, files.text(_inside(place, root)) or "", False))
    if len(texts) + len(made) < 2 and not _has_joins(members):
        return
    repository = Repository([*made, *members_of(texts, config)], files)
    results = {_inside(place, root): result for place, result in here.items()}
    for result in joined(repository, results, configs.of, config.advice):
        checked.append((result, configs.of(result.path)))


def _has_joins(members: list[tuple[FileResult, Config]]) -> bool:
    """May a single file speak of others? All but deploy files that stand for themselves."""
    return any(result.kind in ("appspec", "buildspec", "template") for result, _ in members)


def _inside(place: str, root: str) -> str:
    return os.path.relpath(place, root).replace(os.sep, "/")


def _text(result: FileResult) -> str:
    """The text of a result; those that came from another process have none where there was nothing to tell."""
    if result.source.text:
        return result.source.text
    from ..syntax.reading import decode

    try:
        with open(result.path, "rb") as file:
            return decode(file.read())[0]
    except OSError:
        return ""
