"""Path patterns for the configuration, without the regular expressions that `fnmatch` imports.

`*` and `?` stay within one part of a path, `**` spans any number of parts, `[abc]` and `[!a-z]`
stand for one character. A pattern without `/` may match any part of a path, so that `vendor` and
`*.gen.yml` work at every depth; one with `/` starts at the folder of the configuration. A pattern
that matches a folder matches everything below it.
"""

from __future__ import annotations


def matches(pattern: str, path: str) -> bool:
    """Does a pattern match a path (relative, with `/`) or one of the folders it lies in?"""
    pattern = pattern.removeprefix("./")
    body = pattern.rstrip("/")
    parts = path.split("/")
    if not body:
        return False
    if "/" not in body and not pattern.startswith("/"):
        return any(_part_matches(body, part) for part in parts)
    return _parts_match([piece for piece in body.split("/") if piece], parts)


def _parts_match(pattern: list[str], parts: list[str]) -> bool:
    """True if the whole pattern matches the beginning of `parts`.

    `reached` holds the numbers of path parts that the pattern so far can have used up, so that
    many `**` cost no more than one.
    """
    reached = {0}
    for piece in pattern:
        if piece == "**":
            reached = set(range(min(reached), len(parts) + 1))
            continue
        reached = {
            count + 1 for count in reached if count < len(parts) and _part_matches(piece, parts[count])
        }
        if not reached:
            return False
    return True


def _part_matches(pattern: str, name: str) -> bool:
    """`*`, `?` and `[…]` within one part; on a mismatch only the last `*` takes more."""
    if pattern == name:
        return True
    at = index = 0
    star = mark = -1
    while index < len(name):
        size = _one_matches(pattern, at, name[index]) if at < len(pattern) else 0
        if at < len(pattern) and pattern[at] == "*":
            star, mark = at, index
            at += 1
        elif size:
            at += size
            index += 1
        elif star >= 0:
            mark += 1
            at, index = star + 1, mark
        else:
            return False
    return not pattern[at:].strip("*")


def _one_matches(pattern: str, at: int, char: str) -> int:
    """How much of the pattern stands for this one character; 0 if it stands for another."""
    if pattern[at] == "?":
        return 1
    if pattern[at] == "[":
        first = at + 2 if pattern[at + 1 : at + 2] in ("!", "^") else at + 1
        close = pattern.find("]", first + 1)
        if close > 0:
            inside = _in_set(pattern[first:close], char)
            return close + 1 - at if inside != (first == at + 2) else 0
    return 1 if pattern[at] == char else 0


def _in_set(characters: str, char: str) -> bool:
    at = 0
    while at < len(characters):
        if characters[at + 1 : at + 2] == "-" and at + 2 < len(characters):
            if characters[at] <= char <= characters[at + 2]:
                return True
            at += 3
        else:
            if characters[at] == char:
                return True
            at += 1
    return False
