"""Options of the shell's own commands that dash does not have."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..syntax.shell import Simple, Word

    #: The place, the end of the message, what to write instead, changes that do so.
    Illegal = tuple[Word, str, str, list[tuple[int, int, str]]]

#: What `set -o` takes in dash.
_SETTINGS = frozenset(
    "errexit noglob ignoreeof interactive monitor noexec stdin xtrace verbose vi emacs noclobber allexport notify"
    " nounset privileged nolog debug pipefail".split()
)
_ONLY_BASH = {
    "set": "BHhkPT",
    "export": "fn",
    "readonly": "aAf",
    "unset": "n",
    "wait": "nfp",
    "hash": "pdtl",
    "ulimit": "u",
}
#: After these dash goes on, with a status of 2; after the others the item ends.
_GOES_ON = frozenset(("wait", "hash", "ulimit"))
_FORMS = {
    "set": "it without this option",
    "export": "`export NAME` for variables alone; functions cannot be exported",
    "readonly": "`readonly NAME`",
    "unset": "`unset NAME`",
    "wait": "`wait` with the process's number",
    "hash": "it without this option",
    "ulimit": "it without this option",
    "local": "`local NAME` without options",
}


def illegal(simple: Simple) -> Iterator[Illegal]:
    """What dash does not accept in a call of one of its own commands."""
    yield from CHECKS[simple.name](simple)


def _read(simple: Simple) -> Iterator[Illegal]:
    valued = ("-a", "-d", "-i", "-n", "-N", "-p", "-t", "-u")
    for option, word, _ in simple.options(*valued):
        letter = option[1:]
        if len(letter) == 1 and letter in "adeinNstuE":
            yield (
                word,
                f"has no `read -{letter}`: it prints `Illegal option -{letter}` and reads nothing.",
                "`read -r NAME`",
                [],
            )
            return
    if not simple.operands(*valued) and not simple.options():
        yield (
            simple.words[0],
            "wants a name behind `read`: it prints `arg count` and reads nothing.",
            "`read -r LINE`",
            [],
        )


def _printf(simple: Simple) -> Iterator[Illegal]:
    args = simple.args
    if not args:
        return
    if args[0].raw == "-v":
        yield args[0], "has no `printf -v`: it prints `Illegal option -v`.", "`NAME=$(printf …)`", []
        return
    form = (args[0].literal or "").replace("%%", "")
    for mark in ("%q", "%("):
        if mark in form:
            instead = "`date +…`" if mark == "%(" else "the value in quotes"
            yield args[0], f"has no `{mark}` in `printf`: it prints `invalid directive`.", instead, []
            return


def _type(simple: Simple) -> Iterator[Illegal]:
    if not simple.args or simple.args[0].raw not in ("-p", "-P", "-t", "-a", "-f"):
        return
    option = simple.args[0]
    changes = [(simple.words[0].start, option.end, "command -v")] if option.raw in ("-p", "-P") else []
    yield (
        option,
        f"has no options for `type`: it prints `{option.raw}: not found`, and the status says so too.",
        "`command -v`",
        changes,
    )


def _trap(simple: Simple) -> Iterator[Illegal]:
    words = [word for word in simple.args if word.raw != "--"]
    for word in words[1:]:
        name = (word.literal or "").upper()
        if name in ("ERR", "DEBUG", "RETURN"):
            instead = "`trap … EXIT` with a look at `$?`" if name == "ERR" else "it without this trap"
            yield word, f"has no trap for `{name}`: it prints `bad trap` and sets none.", instead, []
        elif name.startswith("SIG") and len(name) > 3 and word.raw.upper() == name:
            yield (
                word,
                f"knows signals without `SIG` only: it prints `{word.raw}: bad trap` and sets none.",
                f"`{name[3:]}`",
                [(word.start, word.start + 3, "")],
            )


def _plain(simple: Simple) -> Iterator[Illegal]:
    name = simple.name
    for word in simple.args:
        raw = word.raw
        if raw == "--" or raw[:1] not in "-+" or len(raw) < 2 or (raw[:1] == "+" and name != "set"):
            if name == "set" and raw != "--":
                continue  # the name behind `-o`
            break
        letter = next((one for one in raw[1:] if one in _ONLY_BASH[name]), None)
        if letter is None or raw[1] == "-":
            continue
        end = "and goes on." if name in _GOES_ON else "and ends here: the item fails."
        yield word, f"has no `{name} -{letter}`: it prints `Illegal option -{letter}` {end}", _FORMS[name], []
        return


def _set(simple: Simple) -> Iterator[Illegal]:
    args = simple.args
    for before, word in zip(args, args[1:], strict=False):
        if before.raw[:1] not in "-+" or before.raw[-1:] != "o" or not (word.literal or "").isalpha():
            continue
        if word.literal not in _SETTINGS:
            what = (
                f"has no `set -o {word.raw}`: it prints `Illegal option` and ends here, and the item fails."
            )
            yield word, what, _FORMS["set"], []
            return
    if args and args[0].raw not in ("-", "--"):
        yield from _plain(simple)


def _unset(simple: Simple) -> Iterator[Illegal]:
    yield from _plain(simple)
    for word in simple.args:
        if "[" in word.raw and word.raw[:1] != "-" and word.plain.partition("[")[0].isidentifier():
            yield (
                word,
                "has no arrays: it prints `bad variable name` and ends here, and the item fails.",
                "`unset NAME`",
                [],
            )
            return


def _local(simple: Simple) -> Iterator[Illegal]:
    if (
        simple.args
        and simple.args[0].raw[:1] == "-"
        and simple.args[0].raw[1:2].isalpha()
        and simple.inside("function")
    ):
        word = simple.args[0]
        yield (
            word,
            f"takes `{word.raw}` for a name: it prints `bad variable name` and ends here.",
            _FORMS["local"],
            [],
        )


def _test(simple: Simple) -> Iterator[Illegal]:
    words = simple.args
    if simple.name == "[" and words and words[-1].raw == "]":
        words = words[:-1]
    for at, word in enumerate(words):
        first = at == 0 or words[at - 1].raw in ("!", "(") or (at > 1 and words[at - 1].raw in ("-a", "-o"))
        if not first or at + 1 >= len(words) or word.raw not in ("-v", "-R", "-N"):
            continue
        if at + 2 < len(words) and words[at + 1].raw in ("=", "!=", "==", "-eq", "-ne", "-a", "-o"):
            continue
        instead = '`[ -n "${NAME+set}" ]`' if word.raw == "-v" else "it without this test"
        what = f"has no `{word.raw}` in tests: it prints `unexpected operator` and takes the test for false."
        yield word, what, instead, []
        return


CHECKS: dict[str, Callable[[Simple], Iterator[Illegal]]] = {
    "read": _read,
    "printf": _printf,
    "type": _type,
    "trap": _trap,
    "set": _set,
    "export": _plain,
    "readonly": _plain,
    "unset": _unset,
    "wait": _plain,
    "hash": _plain,
    "ulimit": _plain,
    "local": _local,
    "[": _test,
    "test": _test,
}
