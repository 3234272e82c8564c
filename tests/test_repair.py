"""Going on after a syntax error, and slips that parse: what is found, where, and what the fix makes of it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdlint.engine import _guide
from cdlint.findings import apply_edits
from cdlint.model.mending import mend
from cdlint.source import Source
from cdlint.syntax.document import Document
from cdlint.syntax.reading import read
from cdlint.syntax.yaml import compose, first_error

HEAD = "version: 0.2\nphases:\n  build:\n    commands:\n"


def document(text: str) -> Document:
    found = read(Source("buildspec.yml", text), guide=_guide)
    mend(found)
    return found


def told(found: Document) -> list[str]:
    result = []
    for repair in found.repairs:
        position = found.source.position(repair.span.start)
        result.append(f"{repair.kind} {position}")
    return result


def fixed(found: Document) -> str:
    edits = [edit for repair in found.repairs if repair.fix for edit in repair.fix.edits]
    return apply_edits(found.source.text, edits)


#: (what stands below `commands:`, what is told, what the fixes make of it)
CASES = [
    ("      - echo foo: bar: baz\n", ["colon-in-value 5:17"], "      - 'echo foo: bar: baz'\n"),
    ("      - echo a: b # note\n", ["colon-in-value 5:15"], "      - 'echo a: b' # note\n"),
    ('      - echo "it\'s: x"\n', ["colon-in-value 5:19"], "      - 'echo \"it''s: x\"'\n"),
    ("      - [ -f a ] && b\n", ["starts-with-indicator 5:9"], "      - '[ -f a ] && b'\n"),
    ("      - [ -f a ]\n", ["starts-with-indicator 5:9"], "      - '[ -f a ]'\n"),
    ("      - ! [ -f a ]\n", ["starts-with-indicator 5:9"], "      - '! [ -f a ]'\n"),
    ("      - ! grep -q a b\n", ["starts-with-indicator 5:9"], "      - '! grep -q a b'\n"),
    ("      - !test -f a\n", ["starts-with-indicator 5:9"], "      - '!test -f a'\n"),
    ("      - { a; b; }\n", ["starts-with-indicator 5:9"], "      - '{ a; b; }'\n"),
    ("      - *.sh\n", ["starts-with-indicator 5:9"], "      - '*.sh'\n"),
    ("      - *all\n", ["starts-with-indicator 5:9"], "      - '*all'\n"),
    ("      - `a b`\n", ["starts-with-indicator 5:9"], "      - '`a b`'\n"),
    ("      - @a\n", ["starts-with-indicator 5:9"], "      - '@a'\n"),
    ("      - %a\n", ["starts-with-indicator 5:9"], "      - '%a'\n"),
    ("      - | grep x\n", ["starts-with-indicator 5:9"], "      - '| grep x'\n"),
    ("      - > out.txt\n", ["starts-with-indicator 5:9"], "      - '> out.txt'\n"),
    ('      - "$A/b" --c\n', ["text-after-quote 5:15"], "      - '\"$A/b\" --c'\n"),
    ("      - 'a' && b\n", ["text-after-quote 5:12"], "      - \"'a' && b\"\n"),
    ('      - "a",\n', ["text-after-quote 5:12"], '      - "a"\n'),
    ('      - "a\n      - b\n', ["unclosed-quote 5:9"], '      - "a"\n      - b\n'),
    ("      - 'a\n      - b\n", ["unclosed-quote 5:9"], "      - 'a'\n      - b\n"),
    ('      - "a\n      - b\n      - echo "c"\n', ["unclosed-quote 5:9"],
     '      - "a"\n      - b\n      - echo "c"\n'),
    ('      - "echo \\$A"\n', ["unknown-escape 5:15"], '      - "echo \\\\$A"\n'),
    ("      - a\n     - b\n", ["wrong-indentation 6:6"], "      - a\n      - b\n"),
    ("      - a\n       - b\n      - c\n", ["wrong-indentation 6:8"], "      - a\n      - b\n      - c\n"),
    ("      - a\n      -b\n", ["missing-blank-after-dash 6:7"], "      - a\n      - b\n"),
    ("      -a\n      -b\n", ["missing-blank-after-dash 5:7", "missing-blank-after-dash 6:7"],
     "      - a\n      - b\n"),
    ("      - a\n      b\n      - c\n", ["missing-dash 6:7"], "      - a\n      - b\n      - c\n"),
    ("      \u2014 a\n      - b\n", ["typographic-bullet 5:7"], "      - a\n      - b\n"),
    ("      \u2022 a\n      \u2022 b\n", ["typographic-bullet 5:7", "typographic-bullet 6:7"],
     "      - a\n      - b\n"),
    ("      - a\n      \u2013 b\n", ["typographic-bullet 6:7"], "      - a\n      - b\n"),
    ("      - a\n        \u2013 b\n", ["typographic-bullet 6:9"], "      - a\n      - b\n"),
    ("      - |\n        cat <<E\n{\nE\n        b\n", ["text-outside-block 7:1"],
     "      - |\n        cat <<E\n        {\n        E\n        b\n"),
    ('      - ssh x "\n    a\n  "\n      - b\n', ["text-outside-block 6:1"],
     '      - |\n        ssh x "\n          a\n        "\n      - b\n'),
    ("      - |\n        if a; then\n         b\n       fi\n", ["wrong-indentation 8:1"],
     "      - |\n        if a; then\n         b\n        fi\n"),
    ("      - if a; then\n          echo b: c\n        fi\n", ["colon-in-value 6:17"],
     "      - |\n        if a; then\n          echo b: c\n        fi\n"),
    ("      - a\n    finally:[b]\n", ["missing-blank-after-colon 6:12"], "      - a\n    finally: [b]\n"),
    ("      - a\n    finally\n      - b\n", ["missing-colon 6:5"], "      - a\n    finally:\n      - b\n"),
    ("      - a\x07\n", ["control-character 5:10"], "      - a\n"),
]  # fmt: skip


@pytest.mark.parametrize(("below", "expected", "mended"), CASES, ids=[case[0] for case in CASES])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_commands(below: str, expected: list[str], mended: str, end: str) -> None:
    found = document((HEAD + below).replace("\n", end))
    assert told(found) == expected
    assert fixed(found) == (HEAD + mended).replace("\n", end)
    # The fixed text is what was read, and nothing is left to mend.
    assert repr(compose(fixed(found)).root) == repr(found.root)
    assert told(document(fixed(found))) == []


#: (the whole text, what is told, what the fixes make of it)
WHOLE = [
    ("version 0.2\nphases\n  build:\n    commands: [a]\n", ["missing-colon 1:1", "missing-colon 2:1"],
     "version: 0.2\nphases:\n  build:\n    commands: [a]\n"),
    ("version:0.2\nphases:\n  build:\n    commands: [a]\n", ["missing-blank-after-colon 1:8"],
     "version: 0.2\nphases:\n  build:\n    commands: [a]\n"),
    ("version: 0.2\nphases：\n  build：\n    commands: [a]\n", ["look-alike-letter 2:7", "look-alike-letter 3:8"],
     "version: 0.2\nphases:\n  build:\n    commands: [a]\n"),
    ("version: 0.2\nphases:\n\tbuild:\n\t\tcommands:\n\t\t\t- a\n", ["tab-indentation 3:1"],
     "version: 0.2\nphases:\n  build:\n    commands:\n      - a\n"),
    ("version: 0.2\nphases:\n    build:\n\tcommands:\n\t    - a\n", ["tab-indentation 4:1"], None),
    ("phases:\n  build:\n  commands:\n  - a\n", ["commands-beside-phase 2:3"],
     "phases:\n  build:\n    commands:\n    - a\n"),
    ("phases:\n  build:\n    commands: [a]\n  cache:\n    paths: [b]\n", ["section-under-phases 4:3"],
     "phases:\n  build:\n    commands: [a]\ncache:\n  paths: [b]\n"),
    ("version: 0.2\nbuild:\n  commands: [a]\n", ["phases-at-root 2:1"],
     "version: 0.2\nphases:\n  build:\n    commands: [a]\n"),
    ("env:\n  A: 1\nphases:\n  build:\n    commands: [a]\n", ["env-not-sectioned 2:3"],
     "env:\n  variables:\n    A: 1\nphases:\n  build:\n    commands: [a]\n"),
    ("env:\n  variables:\n    - A=1\n    - B: 2\n", ["env-not-sectioned 3:7"],
     'env:\n  variables:\n    A: "1"\n    B: 2\n'),
    ("artifacts:\n  files: [a, b\n  name: c\n", ["unclosed-bracket 2:10"],
     "artifacts:\n  files: [a, b]\n  name: c\n"),
    ("artifacts:\n  files: [a,\n    b,\n  name: c\n", ["unclosed-bracket 2:10"],
     "artifacts:\n  files: [a,\n    b]\n  name: c\n"),
    ('artifacts:\n  name: "a\n  files: b\n', ["unclosed-quote 2:9"], 'artifacts:\n  name: "a"\n  files: b\n'),
    ("artifacts:\n  files: a\n    name: b\n", ["wrong-indentation 3:5"], "artifacts:\n  files: a\n  name: b\n"),
    ("artifacts:\n  name: a: b\n", ["colon-in-value 2:10"], "artifacts:\n  name: 'a: b'\n"),
    ("phases:\n  build:\n    commands:\n      - a\n   post_build:\n    commands:\n      - b\n",
     ["wrong-indentation 5:4"],
     "phases:\n  build:\n    commands:\n      - a\n  post_build:\n    commands:\n      - b\n"),
    ('{"phases": {"build": {"commands": ["a"\n"b"]}}}\n', ["missing-comma 1:38"],
     '{"phases": {"build": {"commands": ["a",\n"b"]}}}\n'),
    ('{"phases": {"build": {"commands": ["a"]}}\n', ["unclosed-bracket 1:41"],
     '{"phases": {"build": {"commands": ["a"]}}}\n'),
    ("env:\n  variables:\n    A: 1\n    B=2\nphases: {}\n", ["missing-colon 4:5"],
     "env:\n  variables:\n    A: 1\n    B: 2\nphases: {}\n"),
    (("phases:\n  install:\n      runtime-versions:\n        a: 1\n    commands:\n      - b\n"
     "  build:\n    commands:\n      - b\n"), ["wrong-indentation 3:7"],
     ("phases:\n  install:\n    runtime-versions:\n      a: 1\n    commands:\n      - b\n"
     "  build:\n    commands:\n      - b\n")),
    ("\ufeffphases:\n  build:\n    commands:\n      - a: b: c\n", ["colon-in-value 4:10"],
     "\ufeffphases:\n  build:\n    commands:\n      - 'a: b: c'\n"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "mended"), WHOLE, ids=[case[0][:40] for case in WHOLE])
def test_documents(text: str, expected: list[str], mended: str | None) -> None:
    found = document(text)
    assert told(found) == expected
    if mended is not None:
        assert fixed(found) == mended
        assert told(document(mended)) == []


def test_a_line_nobody_understands_is_left_out() -> None:
    found = document('version: 0.2\n"a" "b"\nphases:\n  build:\n    commands:\n      - a: b: c\n')
    assert told(found) == ["yaml-syntax-error 2:1", "colon-in-value 6:10"]
    assert found.damaged
    assert "phases" in found.root  # type: ignore[operator]


def test_merge_conflicts_keep_our_side() -> None:
    found = document("a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> x\nc: 4\n")
    assert told(found) == ["merge-conflict 2:1"]
    assert repr(found.root) == repr(compose("a: 1\nb: 2\nc: 4\n").root)


VALID = [
    HEAD + "      - a\n      -\n        b\n",
    HEAD + "      - >-\n        a\n        \u2014 b\n",
    HEAD + "      - 'a: b'\n      - \"c: d\"\n      - echo http://x:80/\n",
    HEAD + "    - &a npm ci\n    - *a\n",
    HEAD + "      - |\n       - a\n       \u2022 b\n",
    "phases:\n  build: {commands: [a]}\nx: '{{ y }}'\n",
    "phases:\n  install:\n  build:\n    commands: [a]\n",
    "env:\n  variables: {A: b:c}\n",
    "# \u2014 a\nphases: {build: {commands: a}}\n",
]


@pytest.mark.parametrize("text", VALID)
def test_what_is_right_is_left_alone(text: str) -> None:
    found = document(text)
    assert told(found) == []
    assert not found.draft.touched


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 8), st.text(alphabet="a-:' \"[]{}#|>&*!\u2014\u2022\t%@`\\\x07", max_size=10)
        ),
        max_size=12,
    )
)
def test_any_text_ends_in_a_document(lines: list[tuple[int, str]]) -> None:
    text = "phases:\n  build:\n    commands:\n" + "".join(" " * n + line + "\n" for n, line in lines)
    found = document(text)
    for repair in found.repairs:
        assert 0 <= repair.span.start <= repair.span.end <= len(text)
        if repair.fix is not None:
            apply_edits(text, repair.fix.edits)
    if first_error(text) is not None:
        assert found.repairs


@pytest.mark.parametrize(
    "text",
    [
        "env:\n  variables:\n    A: {{ a }}.b\n    B: {{ b }}\nphases:\n  build:\n    commands:\n      - a\n",
        "env:\n  variables:\n    {{#if a}}\n    A: {{ a }}\n    {{/if}}\nphases: {{ phases }}\n",
        "phases:\n{% for p in phases %}\n  {{ p }}:\n    commands: [a]\n{% endfor %}\n",
        "phases:\n  build:\n    commands:\n      - docker ps --format {{.Names}}\n      - {{ command }} x\n",
    ],
)
def test_templates_are_read_with_gaps(text: str) -> None:
    assert told(document(text)) == []
