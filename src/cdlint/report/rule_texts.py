"""What SARIF says about a rule, from the rule's documentation."""

from __future__ import annotations

from ..rules import find
from ..rules.documentation import documentation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..findings import Finding
    from ..rules.documentation import Documentation, Example

_LEVELS = {"error": "error", "warning": "warning", "info": "note"}

#: What the first digit of a code stands for.
_SUBJECTS = {
    "0": "syntax",
    "1": "structure",
    "2": "correctness",
    "3": "shell",
    "4": "security",
    "5": "pipeline",
    "6": "pipeline",
    "7": "deployment",
    "8": "correctness",
}

#: Where the pages of the rules are.
PAGES = "https://github.com/OWNER/cdlint/blob/main/docs/rules/"

#: Code scanning shows no more of a description.
_LIMIT = 1_000


def descriptor(finding: Finding) -> dict[str, Any]:
    """The metadata of the rule that a finding comes from."""
    known = find(finding.code)
    about: dict[str, Any] = {"id": finding.code, "name": finding.name}
    if known is not None:
        told = documentation(known)
        about["name"] = known.name
        about["shortDescription"] = {"text": _cut(told.summary) or known.name}
        about["fullDescription"] = {"text": _cut(told.body or told.summary) or known.name}
        about["help"] = {"text": _help(told, False), "markdown": _help(told, True)}
    level = known.severity if known is not None else finding.severity
    about["defaultConfiguration"] = {"level": _LEVELS.get(level, "error")}
    subject = _SUBJECTS.get(finding.code[2:3])
    about["properties"] = {"tags": ["codebuild", subject] if subject else ["codebuild"]}
    return about


def page_of(code: str) -> str | None:
    """The address of a rule's page; None for codes that have none."""
    if code.startswith("SC"):
        return f"https://www.shellcheck.net/wiki/{code}"
    return f"{PAGES}{code}.md" if find(code) is not None else None


def _cut(text: str) -> str:
    """One paragraph of at most `_LIMIT` characters."""
    words = " ".join(text.split())
    return words if len(words) <= _LIMIT else words[: _LIMIT - 1] + "…"


def _help(told: Documentation, markdown: bool) -> str:
    parts = [told.summary, told.body]
    for example in told.examples:
        parts += [_title(example, markdown), _code(example.text, markdown)]
    return "\n\n".join(filter(None, parts))


def _title(example: Example, markdown: bool) -> str:
    word = "Good" if example.good else "Bad"
    settings = ", ".join(f"{key}: {value}" for key, value in example.options.items())
    line = f"line {example.line}" if example.line and not example.good else ""
    notes = ", ".join(filter(None, (settings, line)))
    title = f"{word} ({notes}):" if notes else f"{word}:"
    return f"**{title}**" if markdown else title


def _code(text: str, markdown: bool) -> str:
    text = text.rstrip("\n")
    if not markdown:
        return "\n".join(f"    {line}".rstrip() for line in text.split("\n"))
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}yaml\n{text}\n{fence}"
