"""How git is called, and what is done with the branch that it names."""

from __future__ import annotations

from ..findings import Fix
from ..syntax.shell.nodes import quoting
from .comparisons import comparisons
from .tracing import earlier, values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model.buildspec import Buildspec, Command
    from ..source import Span
    from ..syntax.shell import Simple, Statement, Word
    from .comparisons import Comparison

#: The branch of a build that a webhook started.
BRANCH = "${CODEBUILD_WEBHOOK_HEAD_REF#refs/heads/}"
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"


def git_call(simple: Simple) -> tuple[str, list[Word]]:
    """The subcommand and the words behind it; dashes of typography in front are taken off as `-` is."""
    operands = simple.operands("-C", "-c", "--git-dir", "--work-tree", "--namespace")
    if not operands:
        return "", []
    sub = operands[0]
    return sub.plain, [word for word in simple.args if word.start > sub.start]


def asks_branch(simple: Simple) -> bool:
    """Is the name of the current branch asked for?"""
    sub, words = git_call(simple)
    if sub not in ("rev-parse", "branch", "symbolic-ref"):
        return False
    # Dashes and a blank, `— abbrev-ref`, are what a blog makes of `--abbrev-ref`.
    plain = [word.plain.lstrip(_DASHES) for word in words]
    if sub == "rev-parse":
        return "HEAD" in plain and any(one.partition("=")[0] == "abbrev-ref" for one in plain)
    if sub == "symbolic-ref":
        return [word.plain for word in words if not word.is_option] == ["HEAD"] and "d" not in plain
    if "show-current" in plain:
        return True
    return not [word for word in words if word.raw not in ("--no-color", "-l", "--list")] and _starred(simple)


def _starred(simple: Simple) -> bool:
    """`git branch | grep '*'`, and the same with sed or awk."""
    pipe = simple.parent
    if pipe is None or pipe.kind != "pipeline" or len(pipe.parts) < 2 or pipe.parts[0] is not simple:
        return False
    name = getattr(pipe.parts[1], "name", "")
    words = getattr(pipe.parts[1], "args", [])
    return name in ("grep", "egrep", "sed", "awk") and any("*" in word.plain for word in words)


def subcommand_span(command: Command, simple: Simple) -> Span:
    """`git describe`: the program and its subcommand."""
    operands = simple.operands("-C", "-c", "--git-dir", "--work-tree")
    first = simple.first
    return command.span(first.start if first else simple.start, operands[0].end if operands else simple.end)


def has_branch(spec: Buildspec, command: Command, simple: Simple) -> bool:
    """Was a branch checked out, or another repository entered, before?"""
    for _, one in earlier(spec, command, simple):
        if one.name != "git":
            continue
        sub, words = git_call(one)
        if sub in ("clone", "init", "switch", "worktree"):
            return True
        if sub == "checkout" and words and words[0].raw != "--" and "CODEBUILD_" not in words[0].plain:
            return True
    return any(word.raw == "-C" for word in simple.args)


def use_of_answer(
    spec: Buildspec, command: Command, simple: Simple, substitution: Statement | None
) -> tuple[str, bool]:
    """What the answer is compared with ("" if with nothing), and whether the author reckons with no branch."""
    if any(one.kind == "and_or" and "||" in one.ops for one in simple.ancestors() if one.kind != "command"):
        inner = [one for one in simple.ancestors() if one.kind in ("and_or", "substitution")]
        if inner and inner[0].kind == "and_or":
            return "", True
    if substitution is None:
        return "", False
    text = command.text
    # `${BRANCH:-$(git …)}`: only where nothing better is known.
    if text[: substitution.start].rstrip('"').endswith((":-", "}-", ":=")) or _in_expansion(
        text, substitution.start
    ):
        return "", True
    for found in comparisons(command.script):
        if found.left.start <= substitution.start < found.left.end:
            return _literal(found)
        if found.right.start <= substitution.start < found.right.end:
            return "", False
    name = next(
        (
            one.name
            for one in command.script.assignments
            if one.value is not None and one.value.start <= substitution.start < one.value.end
        ),
        "",
    )
    return _use_of(spec, name) if name else ("", False)


def _in_expansion(text: str, at: int) -> bool:
    opened = text.rfind("${", 0, at)
    return opened >= 0 and "}" not in text[opened:at]


def _literal(found: Comparison) -> tuple[str, bool]:
    value = found.value
    if value in ("HEAD", ""):
        return "", True
    return (value or "", False)


def _use_of(spec: Buildspec, name: str) -> tuple[str, bool]:
    """The same of the variable that holds the answer."""
    if any("CODEBUILD_" in value for value in values(spec, name)):
        return "", True
    literal = ""
    for _, script in spec.scripts():
        if name not in script.text:
            continue
        for expansion in script.expansions:
            if expansion.name == name and expansion.op in (":-", "-", ":=", ":?", "?"):
                return "", True
        for simple in script.commands:
            if simple.name in ("[", "[[", "test") and any(
                word.raw in ("-z", "-n") and behind.variable == name
                for word, behind in zip(simple.args, simple.args[1:], strict=False)
            ):
                return "", True
        for found in comparisons(script):
            if found.left.variable == name:
                value, excused = _literal(found)
                if excused:
                    return "", True
                literal = literal or value
    return literal, False


def only_shown(substitution: Statement) -> bool:
    return getattr(substitution.parent, "name", "") in ("echo", "printf")


def instead(command: Command, substitution: Statement | None) -> Fix | None:
    """The variable in the place of the whole substitution."""
    if substitution is None:
        return None
    around = substitution.parent
    words = [*getattr(around, "words", [])]
    words += [one.value for one in getattr(around, "assigns", []) if one.value is not None]
    replacement = BRANCH
    for word in words:
        if word.start <= substitution.start < word.end:
            bare = quoting(word.raw)[substitution.start - word.start] == "B"
            if bare and word.raw == command.text[substitution.start : substitution.end]:
                replacement = f'"{BRANCH}"'
    edit = command.edit(substitution.start, substitution.end, replacement)
    return Fix(f"Use `{BRANCH}`", [edit], safe=False) if edit is not None else None
