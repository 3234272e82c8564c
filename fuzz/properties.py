"""What must hold for any input whatever; `make fuzz` and the tests feed it."""

from __future__ import annotations

import os

os.environ["CDLINT_DEBUG"] = "1"  # a rule that fails ends the run, instead of saying so in a finding

from cdlint.engine import buildspec_of, check_bytes, check_text
from cdlint.findings import apply_edits
from cdlint.fixing import fix_text
from cdlint.syntax.shell import Script, parse
from cdlint.syntax.shell.script import parse_tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cdlint.findings import FileResult


def reading_holds(data: bytes) -> None:
    """Any bytes: no exception, spans and edits inside the file, edits that can be made."""
    result = check_bytes(data, "buildspec.yml", kind="buildspec")
    assert result is not None
    findings_hold(result)


def findings_hold(result: FileResult) -> None:
    text = result.source.text
    for finding in result.findings:
        assert 0 <= finding.span.start <= finding.span.end <= len(text), finding
        assert finding.code and finding.name and finding.severity and finding.message, finding
        if finding.fix is not None:
            assert finding.fix.edits, finding
            apply_edits(text, finding.fix.edits)


def fixing_holds(text: str) -> None:
    """Fixing twice changes nothing more, and makes nothing worse."""
    for unsafe in (False, True):
        before = check_text(text, kind="buildspec")
        fixed = fix_text(text, kind="buildspec", pedantic=True, unsafe=unsafe)
        again = fix_text(fixed.text, kind="buildspec", pedantic=True, unsafe=unsafe)
        assert again.text == fixed.text, (unsafe, text, fixed.text, again.text)
        assert _errors(fixed.left) <= _errors(before), (unsafe, text, fixed.text)


def _errors(result: FileResult) -> int:
    return sum(finding.severity == "error" for finding in result.findings)


def places_hold(text: str) -> None:
    """Each character of a command comes from its place in the document."""
    spec = buildspec_of(text, "buildspec.yml")
    document = spec.document.text
    for command in spec.commands():
        value, node, places = command.text, command.node, command.places
        assert len(places) == len(value) + 1
        assert all(node.start <= place <= len(document) for place in places)
        assert all(a <= b for a, b in zip(places, places[1:], strict=False)), (text, value, places)
        if node.style in ("", "|") and places[0] != places[-1]:
            for char, place in zip(value, places, strict=False):
                there = document[place : place + 1]
                assert there == char or (char in " \n" and there in ("", "\n", "\r")), (text, value, place)
        script_holds(command.script)


def script_holds(script: Script) -> None:
    """Every part of a script is where it says."""
    text = script.text
    for simple in script.commands:
        assert 0 <= simple.start <= simple.end <= len(text)
        for word in simple.words:
            assert text[word.start : word.end] == word.raw, (text, word)
            assert word.plain is not None
        assert simple.name is not None and simple.operands() is not None and simple.options("-t") is not None
    for expansion in script.expansions:
        assert text[expansion.start] == "$", (text, expansion.start)
        assert 0 <= expansion.start < expansion.end <= len(text)
    for feature in script.features:
        assert text[feature.start : feature.end] == feature.text
    for made in script.assignments:
        assert text.startswith(made.name, made.start), (text, made.name)


def shell_holds(text: str) -> None:
    """Any text is a script of some kind, read the short way or by the grammar."""
    script_holds(parse(text))
    script_holds(parse_tree(text))


def all_hold(data: bytes) -> None:
    """Everything, for one input. Raises AssertionError (or what a fault of ours raises)."""
    reading_holds(data)
    text = data.decode("utf-8", "replace")
    if len(text) > 20_000:
        return
    places_hold(text)
    fixing_holds(text)
    shell_holds(text)
