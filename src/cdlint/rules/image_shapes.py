"""Shapes of image names: a single character, out of a private range, stands for each part that is unknown."""

from __future__ import annotations


def is_unknown(char: str) -> bool:
    """Does a character of a shape stand for what is not known?"""
    return "\ue000" <= char <= "\uf8ff"


def tag_of(shape: str) -> str | None:
    """The tag of a name, "" if it ends in a colon, None if it has none (or a digest)."""
    last = shape.rpartition("/")[2]
    if "@" in last:
        return None
    _, colon, tag = last.partition(":")
    return tag if colon else None


def host_of(shape: str) -> str:
    """The registry, "" for Docker Hub or where it is not known that the first part is one."""
    first, slash, _ = shape.partition("/")
    if not slash:
        return ""
    return first if "." in first or ":" in first or first == "localhost" else ""


def tagged(shape: str) -> str:
    """The shape with `:latest`, where it certainly has no tag."""
    last = shape.rpartition("/")[2]
    if ":" in last or "@" in last or not last or any(map(is_unknown, last)):
        return shape
    return shape + ":latest"


def untagged(shape: str) -> str:
    head, slash, last = shape.rpartition("/")
    return head + slash + last.partition(":")[0]


def parted(one: str, other: str) -> tuple[int, str, str]:
    """Where two shapes begin to differ, and what is left of each without what they have in common at both ends."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    end = 0
    while end < min(len(one), len(other)) - start and one[-1 - end] == other[-1 - end]:
        end += 1
    return start, one[start : len(one) - end], other[start : len(other) - end]


def differs(one: str, other: str) -> bool:
    """Do two shapes stand for different texts, whatever the unknown parts hold?"""
    _, left, right = parted(one, other)
    if not any(map(is_unknown, left + right)):
        return left != right
    if not left or not right:
        return not all(map(is_unknown, left or right))
    for mine, others in ((one, other), (other, one)):
        if not any(map(is_unknown, others)) and not _fits(mine, others):
            return True
    return False


def _fits(shape: str, text: str) -> bool:
    """May the shape stand for the text: do its fixed parts occur in it, in their order?"""
    at, part = 0, ""
    for char in shape + "\ue000":
        if not is_unknown(char):
            part += char
            continue
        found = (
            text.find(part, at) if at or not shape.startswith(part) else (0 if text.startswith(part) else -1)
        )
        if found < 0:
            return False
        at, part = found + len(part), ""
    return is_unknown(shape[-1:] or "x") or text.endswith(shape[-1:])
