"""Follows texts that others choose (branches, tags, messages of commits) to the places where they run as code."""

from __future__ import annotations

from ..model.buildspec import Buildspec
from ..syntax.shell.nodes import Simple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.buildspec import Command
    from ..syntax.shell import Assignment, Expansion, Script, Word

#: Variables of CodeBuild whose text is chosen by whoever pushes or opens a pull request, or starts the build.
_SOURCES = (
    "CODEBUILD_WEBHOOK_HEAD_REF",
    "CODEBUILD_WEBHOOK_BASE_REF",
    "CODEBUILD_WEBHOOK_TRIGGER",
    "CODEBUILD_WEBHOOK_LABEL",
    "CODEBUILD_WEBHOOK_WORKFLOW_NAME",
    "CODEBUILD_SOURCE_VERSION",
)
_MARKS = (
    "CODEBUILD_WEBHOOK_",
    "CODEBUILD_SOURCE_VERSION",
    "git log",
    "git show",
    "git rev-parse",
    "git branch",
)
_SHELLS = frozenset(("sh", "bash", "dash", "zsh", "ksh", "ash", "su"))
_INTERPRETERS = {
    "python": "-c", "python2": "-c", "python3": "-c", "node": "-e", "perl": "-e", "ruby": "-e", "php": "-r",
}  # fmt: skip
#: Programs that hand on what they read, with every dangerous character.
_HANDING_ON = frozenset("echo printf cut sed awk gawk basename tr head tail cat rev git".split())
#: What stands for the words of others in git's formats.
_FORMATS = ("%s", "%B", "%b", "%an", "%cn", "%ae", "%ce", "%D", "%d", "%N")
_WHOLE = frozenset(
    ("", "#", "##", "%", "%%", "/", "//", ":-", "-", ":=", "=", ":?", "?", "^", "^^", ",", ",,")
)


class Sink:
    """A place where a text runs as code: `how` says by what, `mild` where that takes more than a bad name."""

    __slots__ = ("expansion", "help", "how", "mild", "origin")

    def __init__(self, expansion: Expansion, how: str, help: str, mild: bool = False) -> None:
        self.expansion = expansion
        self.how = how
        self.help = help
        self.mild = mild
        self.origin = ""


def concerns(text: str) -> bool:
    """A cheap test: may there be anything to follow?"""
    return any(mark in text for mark in _MARKS)


def sinks(spec: Buildspec) -> Iterator[tuple[Command, Sink]]:
    """All places where such a text runs as code, unchecked, in the order in which they run."""
    origins = dict.fromkeys(_SOURCES, "")
    checked: set[str] = set()
    for command, script in spec.scripts():
        events: list[tuple[int, Assignment | Expansion]] = [(made.end, made) for made in script.assignments]
        events += [(found.start, found) for found in script.expansions]
        for _, event in sorted(events, key=lambda pair: pair[0]):
            if event.__class__.__name__ == "Assignment":
                _assigned(script, event, origins, checked)  # type: ignore[arg-type]
                continue
            expansion: Expansion = event  # type: ignore[assignment]
            name = expansion.name
            if name not in origins and not name.startswith("CODEBUILD_SOURCE_VERSION_"):
                continue
            if _is_check(expansion):
                checked.add(name)
                if name == "CODEBUILD_WEBHOOK_TRIGGER":
                    checked.update(_SOURCES)
            elif name not in checked and _is_whole(expansion):
                sink = _sink(expansion)
                if sink is not None:
                    sink.origin = origins.get(name, "")
                    yield command, sink


def _assigned(script: Script, made: Assignment, origins: dict[str, str], checked: set[str]) -> None:
    """Note whether a variable gets a text of others, or a text of the file's own."""
    value = made.value
    if made.name in _SOURCES or value is None:
        return
    origin = _origin(script, value, origins, checked)
    if origin:
        origins[made.name] = origin
        checked.discard(made.name)
    elif not made.nested and made.op == "=" and made.name in origins:
        checked.add(made.name)


def _origin(script: Script, value: Word, origins: dict[str, str], checked: set[str]) -> str:
    inner = [one for one in script.commands if value.start <= one.start and one.end <= value.end]
    for one in inner:
        if _cleans(one):
            return ""
    for one in inner:
        if one.name == "git" and _tells_words_of_others(one):
            return f"`git {one.args[0].raw}`" if one.args else "git"
    for expansion in script.expansions:
        if value.start <= expansion.start < value.end and expansion.name in origins:
            if expansion.name not in checked and _is_whole(expansion):
                return origins[expansion.name] or f"`{expansion.name}`"
    return ""


def _cleans(simple: Simple) -> bool:
    """Does what it prints no longer hold the dangerous characters, or is it not known what it prints?"""
    if simple.name not in _HANDING_ON:
        return True
    text = " ".join(word.raw for word in simple.args)
    if simple.name in ("sed", "awk", "gawk"):
        return "[^" in text
    if simple.name == "tr":
        return any(word.raw[:1] == "-" and word.raw != "--" for word in simple.args)
    if simple.name == "cut":
        return any(word.raw.startswith(("-c", "-b")) for word in simple.args)
    if simple.name == "printf":
        return "%q" in text
    return False


def _tells_words_of_others(simple: Simple) -> bool:
    words = [word.plain for word in simple.args]
    if words[:1] in (["log"], ["show"]):
        return any(mark in word for word in words if "%" in word for mark in _FORMATS) or "--oneline" in words
    if words[:1] == ["rev-parse"]:
        return "--abbrev-ref" in words
    return words[:1] == ["branch"] and "--show-current" in words


def _is_whole(expansion: Expansion) -> bool:
    """Is the text taken as it is, but for its beginning and end?"""
    if expansion.op not in _WHOLE:
        return False
    return "[^" not in expansion.argument and "[!" not in expansion.argument


def _is_check(expansion: Expansion) -> bool:
    """Is the text compared with something: `case`, `[ "$X" = main ]`, `[[ $X =~ … ]]`, `echo "$X" | grep -q`?"""
    simple = expansion.command
    if expansion.role == "case":
        return True
    if simple is None:
        return expansion.role == "test"
    if simple.name in ("[", "[[", "test"):
        words = [word.raw for word in simple.words]
        compares = any(word in ("=", "==", "!=", "=~") for word in words)
        return compares and '""' not in words and "''" not in words
    if simple.name in ("echo", "printf") and simple.parent is not None and simple.parent.kind == "pipeline":
        return any(
            isinstance(part, Simple) and part.name in ("grep", "egrep") for part in simple.parent.parts
        )
    return False


def _sink(expansion: Expansion) -> Sink | None:
    simple, word, name = expansion.command, expansion.word, expansion.name
    if simple is None or expansion.role not in ("word", "heredoc"):
        return None
    if expansion.role == "heredoc":
        if simple.name in _SHELLS or simple.name == "ssh":
            return Sink(expansion, f"`{simple.name}` runs it as part of this script", _as_argument(name))
        return None
    if word is None:
        return None
    if simple.name == "eval":
        return Sink(
            expansion, "`eval` runs what is in it", f'Call the command itself, with `"${name}"` in quotes.'
        )
    if simple.words and word.start == simple.words[0].start:
        if word.variable == name:
            return Sink(expansion, "here it is run as a command", "Name the command; choose it with `case`.")
        return None
    shell = _program_word(simple, word)
    if shell:
        return Sink(expansion, f"`{shell} -c` runs what is in it", _as_argument(name))
    if simple.name == "ssh" and word.start in [one.start for one in simple.operands(*_SSH)[1:]]:
        return Sink(
            expansion,
            "the shell on the other machine runs what is in it",
            "Check it with `case` before, and let through letters, digits, `-`, `_`, `.` and `/` only.",
        )
    if simple.name in _INTERPRETERS:
        option = simple.option(_INTERPRETERS[simple.name])
        if option is not None and option.start == word.start:
            return Sink(
                expansion,
                f"it becomes part of the program that `{simple.name}` runs",
                f"Export `{name}` and read it from the environment in the program.",
            )
    if simple.name == "sed":
        return _in_sed(expansion, simple, word)
    return _piped(expansion, simple)


_SSH = ("-i", "-p", "-o", "-l", "-F", "-J", "-L", "-R", "-D", "-E", "-b", "-c", "-m", "-S", "-W", "-w")


def _as_argument(name: str) -> str:
    return f'Hand it over as an argument: `bash -c \'deploy "$1"\' deploy "${name}"`.'


def _program_word(simple: Simple, word: Word) -> str:
    """The shell that is given a word as its program (`bash -c "…"`, also behind `docker run`), or ""."""
    shell = ""
    for before, one in zip(simple.words, simple.words[1:], strict=False):
        plain = before.plain.rpartition("/")[2]
        if plain in _SHELLS:
            shell = plain
        option = before.raw
        if (
            one.start == word.start
            and shell
            and option[:1] == "-"
            and option[1:2] != "-"
            and option[-1:] == "c"
        ):
            return shell
    return ""


def _in_sed(expansion: Expansion, simple: Simple, word: Word) -> Sink | None:
    """The text is part of `s/…/…/`: GNU sed can run commands, and a `/` in it ends the expression early."""
    scripts = [
        one.start for name, _, one in simple.options("-e", "--expression", "-f") if one and name != "-f"
    ]
    if not scripts:
        scripts = [one.start for one in simple.operands("-e", "-f", "-i.bak")[:1]]
    if word.start not in scripts:
        return None
    at = word.plain.find("s")
    mark = word.plain[at + 1 : at + 2]
    return Sink(
        expansion,
        "it becomes part of a program for `sed`, which a `/` in it ends" if mark == "/" else
        f"it becomes part of a program for `sed`, which `{mark}` ends",
        f"Check `{expansion.name}` with `case` before, or use `envsubst`, which takes it as text.",
        mild=mark != "/" or expansion.name.startswith("CODEBUILD_SOURCE_VERSION"),
    )  # fmt: skip


def _piped(expansion: Expansion, simple: Simple) -> Sink | None:
    """`echo "… $X" | sh`."""
    around = simple.parent
    if simple.name not in ("echo", "printf") or around is None or around.kind != "pipeline":
        return None
    last = around.parts[-1]
    if last is not simple and isinstance(last, Simple) and last.name in _SHELLS and not last.operands():
        return Sink(expansion, f"`{last.name}` runs what is in it", _as_argument(expansion.name))
    return None
