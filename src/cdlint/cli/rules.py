"""`cdlint rules`: the list of all rules."""

from __future__ import annotations

from ..rules import load
from ..rules.documentation import documentation
from .options import Options
from .terminal import standard_output


def run(options: Options) -> int:
    rules = sorted(load().values(), key=lambda rule: rule.code)
    if options.format == "json":
        from json import dumps

        rows = [
            {
                "code": rule.code,
                "name": rule.name,
                "severity": rule.severity,
                "summary": documentation(rule).summary,
            }
            for rule in rules
        ]
        standard_output(machine=True).write(dumps(rows, ensure_ascii=False, indent=2) + "\n")
        return 0
    out = standard_output()
    width = max((len(rule.name) for rule in rules), default=0)
    for rule in rules:
        summary = documentation(rule).summary
        out.write(f"{rule.code}  {rule.name:<{width}}  {rule.severity:<7}  {summary}\n")
    return 0
