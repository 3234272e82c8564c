"""Words for messages: lists in prose, and the name that was probably meant."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def listed(words: Iterable[str], last: str = "or", limit: int = 12) -> str:
    """`a, b or c`; long lists are cut with `…`."""
    items = list(words)
    if len(items) > limit:
        return ", ".join(items[:limit]) + ", …"
    if len(items) < 2:
        return "".join(items)
    return ", ".join(items[:-1]) + f" {last} " + items[-1]


def plain(name: str) -> str:
    """A name without case, separators and plural, so that `baseDirectory` meets `base-directory`."""
    if not name.isascii():
        # Full-width letters and ligatures are the letters they show.
        from unicodedata import normalize

        name = normalize("NFKC", name)
    folded = "".join(char for char in name.lower() if char.isalnum())
    return folded[:-1] if len(folded) > 3 and folded.endswith("s") else folded


def closest(word: str, names: Iterable[str]) -> str | None:
    """The name that `word` was probably meant to be, or None.

    Same letters apart from case, separators and a plural always match; otherwise a third of the
    letters, and never more than two, may be added, lost, changed or swapped.
    """
    candidates = list(names)
    folded = plain(word)
    if not folded or len(word) > 60:
        return None
    same = [name for name in candidates if plain(name) == folded]
    if same:
        return next((name for name in same if name.lower() == word.lower()), same[0])
    best, best_distance = None, min(2, len(folded) // 3) + 1
    for name in candidates:
        other = plain(name)
        if abs(len(other) - len(folded)) <= best_distance:
            distance = _distance(folded, other)
            if distance < best_distance or (
                distance == best_distance and best and _is_nearer(word, name, best)
            ):
                best, best_distance = name, distance
    return best


def _is_nearer(word: str, one: str, other: str) -> bool:
    """Is it nearer to the first, the plural and separators included?"""
    return plain(one) == plain(other) and _distance(word.lower(), one.lower()) < _distance(
        word.lower(), other.lower()
    )


def _distance(a: str, b: str) -> int:
    """How many letters must be added, removed, changed or swapped (neighbours only)."""
    before: list[int] = []
    previous = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        current = [i]
        for j, y in enumerate(b, 1):
            cost = 0 if x == y else 1
            least = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + cost)
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                least = min(least, before[j - 2] + 1)
            current.append(least)
        before, previous = previous, current
    return previous[-1]
