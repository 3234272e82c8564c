"""Writes docs/rules/: a page for each rule, and the list of all, from the rules' own documentation.

python scripts/rule_pages.py           write them
python scripts/rule_pages.py --check   exit with 1 if they are not what this would write
"""

from __future__ import annotations

import sys
from pathlib import Path

from cdlint.engine import check_text
from cdlint.rules import Rule, load
from cdlint.rules.documentation import Example, documentation

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "rules"

#: The first digits of a code, and what its rules are about.
SUBJECTS = (
    ("CD0", "Syntax and typography"),
    ("CD1", "Structure of a buildspec"),
    ("CD2", "Meaning of a buildspec"),
    ("CD3", "Commands"),
    ("CD4", "Security"),
    ("CD5", "Pipelines"),
    ("CD6", "Actions"),
    ("CD7", "Deploy files"),
    ("CD8", "Joins between files"),
)


def fix_of(rule: Rule) -> str:
    """`safe`, `unsafe` or "", as the rule's own bad examples show."""
    found = ""
    for example in documentation(rule).examples:
        if example.good or example.kind == "repository":
            continue
        result = check_text(
            example.text,
            path=example.path,
            image=example.options.get("image"),
            kind=example.kind,
        )
        for finding in result.findings:
            if finding.code == rule.code and finding.fix is not None:
                found = "safe" if finding.fix.safe else found or "unsafe"
    return found


def fenced(text: str) -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    body = text.rstrip("\n").replace("\r", "")
    return f"{fence}yaml\n{body}\n{fence}"


def title(example: Example) -> str:
    settings = ", ".join(f"`{key}: {value}`" for key, value in example.options.items())
    word = "Good" if example.good else "Bad"
    place = f", line {example.line}" if example.line and not example.good else ""
    return f"## {word}{place}" + (f" ({settings})" if settings else "")


def page(rule: Rule, fix: str) -> str:
    told = documentation(rule)
    facts = [f"Level: **{rule.severity}**"]
    if fix:
        facts.append("`cdlint check --fix` mends it" if fix == "safe" else "`--unsafe-fixes` mends it")
    parts = [f"# {rule.code} {rule.name}", " · ".join(facts), told.summary, told.body]
    for example in told.examples:
        parts += [title(example), fenced(example.text)]
    parts.append(
        f"---\n\nTo silence it on one line: `# cdlint: ignore[{rule.code}]`. "
        "This page is made from the rule's documentation (`make rules`)."
    )
    return "\n\n".join(filter(None, parts)) + "\n"


def index(rules: list[Rule], fixes: dict[str, str]) -> str:
    lines = [
        "# The rules",
        "",
        "*error*: AWS refuses it, or the build fails or ships the wrong thing. *warning*: wrong in most readings, or",
        "silently dangerous. *info*: advice, shown with `--pedantic`. The last column says whether `--fix` mends it,",
        "or only `--unsafe-fixes`. `cdlint explain CODE` shows the same pages.",
    ]
    for prefix, subject in SUBJECTS:
        group = [rule for rule in rules if rule.code.startswith(prefix)]
        if not group:
            continue
        lines += ["", f"## {subject}", "", "| code | name | level | what | fix |", "|---|---|---|---|---|"]
        for rule in group:
            summary = documentation(rule).summary.replace("|", "\\|")
            link = f"[{rule.code}]({rule.code}.md)"
            lines.append(f"| {link} | {rule.name} | {rule.severity} | {summary} | {fixes[rule.code]} |")
    return "\n".join(lines) + "\n"


def pages() -> dict[str, str]:
    """The name of each file, and what belongs in it."""
    rules = [rule for _, rule in sorted(load().items())]
    fixes = {rule.code: fix_of(rule) for rule in rules}
    made = {f"{rule.code}.md": page(rule, fixes[rule.code]) for rule in rules}
    made["README.md"] = index(rules, fixes)
    return made


def main() -> int:
    made = pages()
    there = {path.name: path for path in FOLDER.glob("*.md")}
    stale = [name for name in there if name not in made]
    changed = [
        name
        for name, text in made.items()
        if name not in there or there[name].read_text(encoding="utf-8") != text
    ]
    if "--check" in sys.argv[1:]:
        for name in sorted(stale + changed):
            print(f"docs/rules/{name} is not what `make rules` writes", file=sys.stderr)
        return 1 if stale or changed else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in stale:
        there[name].unlink()
    for name in changed:
        (FOLDER / name).write_text(made[name], encoding="utf-8")
    print(f"docs/rules: {len(made)} pages, {len(changed)} written, {len(stale)} removed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
