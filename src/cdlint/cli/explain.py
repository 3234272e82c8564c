"""`cdlint explain`: what a rule is about, from its documentation."""

from __future__ import annotations

from ..rules import Rule, find, is_shellcheck, load
from ..rules.documentation import Example, documentation
from .options import Options, UsageError
from .terminal import standard_output, wants_color

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_COLORS = {"error": "31", "warning": "33", "info": "36"}


def run(options: Options) -> int:
    word = options.rule.strip()
    rule = find(word)
    if rule is None and is_shellcheck(word) and word[2:].isdigit():
        code = word.upper()
        standard_output().write(
            f"{code} is a rule of shellcheck's, run by `cdlint check --shellcheck`. It is explained at\n"
            f"https://www.shellcheck.net/wiki/{code}\n\n"
            f"To silence it on one line: # cdlint: ignore[{code}]\n"
        )
        return 0
    if rule is None:
        from ..wording import closest

        meant = closest(word, [known.name for known in load().values()])
        hint = f"did you mean {meant}?" if meant else "`cdlint rules` lists them"
        raise UsageError(f"there is no rule {word!r}; {hint}")
    out = standard_output()
    color = wants_color(options.color, out)
    out.write("\n".join(explanation(rule, color)) + "\n")
    return 0


def explanation(rule: Rule, color: bool = False) -> Iterator[str]:
    """The lines of a rule's explanation."""

    def styled(code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if color else text

    known = documentation(rule)
    level = styled(_COLORS[rule.severity], rule.severity)
    yield f"{styled('1', rule.code)} {styled('1', rule.name)} ({level})"
    yield ""
    yield known.summary
    if known.body:
        yield ""
        yield from known.body.split("\n")
    for example in known.examples:
        yield ""
        title = "Good" if example.good else "Bad"
        settings = ", ".join(f"{key}: {value}" for key, value in example.options.items())
        yield styled("32" if example.good else "31", title + (f" ({settings})" if settings else ""))
        for number, line in enumerate(_lines(example), 1):
            marked = number == example.line
            yield styled("31", f"  > {line}") if marked else f"    {line}".rstrip()
    yield ""
    yield f"To silence it on one line: # cdlint: ignore[{rule.code}]"


def _lines(example: Example) -> list[str]:
    return example.text.rstrip("\n").split("\n")
