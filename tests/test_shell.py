"""Shell scripts: statements, words, expansions, and their places."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdlint.engine import buildspec_of
from cdlint.syntax.shell import Script, Simple, Statement, parse
from cdlint.syntax.shell.script import MAX_SIZE, _plain, parse_tree

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "fuzz"))

from properties import places_hold, script_holds


def shape(statement: Statement) -> object:
    """A statement as nested tuples."""
    if isinstance(statement, Simple):
        return " ".join(
            [*(made.name + "=" for made in statement.assigns), *(word.raw for word in statement.words)]
        )
    parts = [shape(part) for part in statement.parts]
    conditions = [[shape(one) for one in body] for body in statement.conditions]
    bodies = [[shape(one) for one in body] for body in statement.bodies]
    return (statement.kind, *filter(None, (statement.ops, parts, conditions, bodies)))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("npm ci", ["npm ci"]),
        ("a; b && c || d", ["a", ("and_or", ["&&", "||"], ["b", "c", "d"])]),
        ("a | b |& c", [("pipeline", ["|", "|&"], ["a", "b", "c"])]),
        ("! a | b", [("not", [("pipeline", ["|"], ["a", "b"])])]),
        ("if a; then b; elif c; then d; else e; fi", [("if", [["a"], ["c"]], [["b"], ["d"], ["e"]])]),
        ("for x in 1 2; do a; b; done", [("loop", [["a", "b"]])]),
        ("while a; do b; done", [("loop", [["a"]], [["b"]])]),
        ("case $x in a|b) c ;; *) d ;; esac", [("case", [["c"], ["d"]])]),
        ("(a; b)", [("subshell", [["a", "b"]])]),
        ("{ a; b; }", [("group", [["a", "b"]])]),
        ("f() { a; }", [("function", [[("group", [["a"]])]])]),
        ("A=1 B=2 make x", ["A= B= make x"]),
        ("cat <<E | tee x && echo y\nbody\nE\nz", [
            ("and_or", ["&&"], [("pipeline", ["|"], ["cat", "tee x"]), "echo y"]), "z",
        ]),
        ('[ "$(a b)" = c ] && d', [("and_or", ["&&"], ['[ "$(a b)" = c ]', "d"])]),
        ("echo a > b c", ["echo a c"]),
        ("a \\\n  b", ["a b"]),
    ],
)  # fmt: skip
def test_statements(text: str, wanted: list[object]) -> None:
    assert [shape(statement) for statement in parse(text).body] == wanted


@pytest.mark.parametrize(
    ("text", "name", "args"),
    [
        ("sudo -u root apt-get install jq", "apt-get", ["install", "jq"]),
        ("time -p make", "make", []),
        ("env A=1 -i docker ps", "docker", ["ps"]),
        ("timeout -k 5 30 docker push x", "docker", ["push", "x"]),
        ("/usr/bin/docker ps", "docker", ["ps"]),
        ("./docker ps", "./docker", ["ps"]),
        ('"docker" ps', "docker", ["ps"]),
        ("$DOCKER ps", "", ["ps"]),
        ("sudo -v", "sudo", ["-v"]),
        ("nohup npm start &", "npm", ["start"]),
    ],
)
def test_what_is_run(text: str, name: str, args: list[str]) -> None:
    (simple,) = parse(text).commands
    assert simple.name == name
    assert [word.raw for word in simple.args] == args


def only(text: str) -> Simple:
    (simple,) = parse(text).commands
    return simple


def test_options_and_operands() -> None:
    simple = only("docker build -qt app --file=Dockerfile -f D --build-arg A=1 --pull . -- -x")
    valued = ("-t", "-f", "--file", "--build-arg")
    assert [word.raw for word in simple.operands(*valued)] == ["build", ".", "-x"]
    values = {name: value and value.raw for name, _, value in simple.options(*valued)}
    assert values == {
        "-q": None,
        "-t": "app",
        "--file": "Dockerfile",
        "-f": "D",
        "--build-arg": "A=1",
        "--pull": None,
    }
    assert simple.has("-q") and simple.has("--pull") and not simple.has("--no-cache")
    value = simple.option("-t", "--tag")
    assert value is not None and value.raw == "app"


def test_a_value_glued_to_its_option_has_its_place() -> None:
    text = "tar -czfout.tgz dir"
    value = only(text).option("-f")
    assert value is not None
    assert text[value.start : value.end] == "out.tgz" == value.raw


@pytest.mark.parametrize(
    ("raw", "plain", "literal"),
    [
        ("abc", "abc", "abc"),
        ("'a b'", "a b", "a b"),
        ('"a $X"', "a ${X}", None),
        ("${X}", "${X}", None),
        ("a\\ b", "a b", "a b"),
        ('"a\\$b"', "a$b", "a$b"),
        ("$(a b)c", "$(a b)c", None),
        ("'$X'", "$X", "$X"),
        ("a'b'\"c\"", "abc", "abc"),
        ("*.zip", "*.zip", "*.zip"),
    ],
)
def test_words_without_their_quotes(raw: str, plain: str, literal: str | None) -> None:
    word = parse("x " + raw).commands[0].args[0]
    assert (word.plain, word.literal) == (plain, literal)


def uses(text: str) -> list[tuple[str, str, bool, str]]:
    return [(one.name, one.op, one.quoted, one.role) for one in parse(text).expansions]


def test_expansions() -> None:
    assert uses("a $A.dkr.$B.com \"$C\" '$D' \\$E") == [
        ("A", "", False, "word"), ("B", "", False, "word"), ("C", "", True, "word"),
    ]  # fmt: skip
    assert uses('if [ "${X:-y}" ]; then X=$Y cmd > $Z; fi') == [
        ("X", ":-", True, "word"), ("Y", "", False, "value"), ("Z", "", False, "target"),
    ]  # fmt: skip
    assert uses("cat <<E\n$A\nE") == [("A", "", True, "heredoc")]
    assert uses("cat <<'E'\n$A\nE") == []
    assert uses("echo ${#A} ${!B} ${C[0]} ${D:1:2} ${E#x} ${F^^}") == [
        ("A", "length", False, "word"), ("B", "indirect", False, "word"), ("C", "", False, "word"),
        ("D", ":", False, "word"), ("E", "#", False, "word"), ("F", "^^", False, "word"),
    ]  # fmt: skip


def test_assignments_know_where_they_hold() -> None:
    text = "A=1; B=2 make; export C=3; (D=4); echo x | E=5; F=$(G=6); for h in x; do :; done; local i=1"
    made = {one.name: (one.exported, one.local, one.nested) for one in parse(text).assignments}
    assert made == {
        "A": (False, False, False), "B": (False, True, False), "C": (True, False, False), "D": (False, False, True),
        "E": (False, False, True), "F": (False, False, False), "G": (False, False, True), "h": (False, False, False),
        "i": (False, True, False),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "kind", "there"),
    [
        ("[[ a = b ]]", "double-bracket", "[[ a = b ]]"),
        ("x=(1 2)", "array", "(1 2)"),
        ("echo ${x[1]}", "array-element", "${x[1]}"),
        ("a &> f", "redirect-all", "&> f"),
        ("a >& f", "redirect-all", ">& f"),
        ("a |& b", "pipe-all", "|&"),
        ("a <(b)", "process-substitution", "<(b)"),
        ("a <<< b", "here-string", "<<< b"),
        ("a $'b'", "ansi-string", "$'b'"),
        ("function f { a; }", "function-keyword", "function"),
        ("echo {1..3}", "brace-range", "{1..3}"),
        ("echo x{a,b}", "brace-list", "{a,b}"),
        ("((x++))", "arithmetic-command", "((x++))"),
        ("for ((i=0;i<3;i++)); do a; done", "c-style-for", None),
        ("x+=1", "append", "x+="),
        ("echo ${x:0:7}", "substring", "${x:0:7}"),
        ("echo ${x//a/b}", "replacement", "${x//a/b}"),
    ],
)
def test_features_of_bash(text: str, kind: str, there: str | None) -> None:
    found = {feature.kind: feature.text for feature in parse(text).features}
    assert kind in found
    assert there is None or found[kind] == there


@pytest.mark.parametrize(
    "text", ["a 2>&1", "a > f 2>&1", "echo '{a,b}'", "echo ${x:-y} ${x%.*}", "x=$((a + 1))", "[ a = b ]"]
)
def test_posix_has_no_features_of_bash(text: str) -> None:
    assert parse(text).features == []


@pytest.mark.parametrize(
    "text", ["if a; then", "fi", "echo 'a", "(a", "case x in", "a &&", "", "#", "\n", "$", "`", "${", "\0"]
)
def test_fragments_are_read_as_far_as_they_go(text: str) -> None:
    script_holds(parse(text))


def test_odd_scripts_take_no_exception_and_little_time() -> None:
    for text in (
        "(" * 3000,
        "$(" * 2000,
        "{ " * 3000,
        "if a; then " * 3000,
        '"$(' * 2000,
        "a;" * 20_000,
        "[" * 5000,
    ):
        script_holds(parse_tree(text))
    assert parse_tree("a" * (MAX_SIZE + 1)).unread


NAMES = st.sampled_from(["A", "HOME", "_x1", "CODEBUILD_SRC_DIR"])
PIECES = st.one_of(
    st.text(alphabet="abcXYZ019_./:=@,+%^-", min_size=1, max_size=8),
    NAMES.map(lambda name: f"${name}"),
    NAMES.map(lambda name: "${" + name + "}"),
)
QUOTED = st.lists(st.one_of(PIECES, st.sampled_from([" ", "  ", "; ", "#", "(", "&&", "|"])), max_size=4).map(
    "".join
)
WORDS = st.lists(st.one_of(PIECES, QUOTED.map(lambda body: f'"{body}"')), min_size=1, max_size=3).map("".join)
COMMANDS = st.tuples(
    st.lists(st.tuples(NAMES, WORDS).map("=".join), max_size=2),
    st.sampled_from(["make", "docker", "export", "./x.sh", "npm"]),
    st.lists(WORDS, max_size=4),
    st.sampled_from([" ", "  "]),
).map(lambda parts: parts[3].join([*parts[0], parts[1], *parts[2]]))


@settings(max_examples=400, deadline=None)
@given(COMMANDS)
def test_the_short_way_reads_what_the_grammar_reads(text: str) -> None:
    short, tree = _plain(text), parse_tree(text)
    script_holds(tree)
    if short is None or tree.broken:
        return
    script_holds(short)
    assert words_of(short) == words_of(tree)
    assert places_of(short) == places_of(tree)


def words_of(script: Script) -> object:
    uses = [(one.name, one.quoted) for one in script.expansions]
    return [
        (simple.name, [word.raw for word in simple.words], [made.name for made in simple.assigns], uses)
        for simple in script.commands
    ]


def places_of(script: Script) -> list[tuple[int, int]]:
    words = [(word.start, word.end) for simple in script.commands for word in simple.words]
    return words + [(one.start, one.end) for one in script.expansions]


def test_most_commands_go_the_short_way() -> None:
    for text in ("npm ci", 'aws s3 cp "a b" "s3://$B/$V.zip"', "export A=$B", "make X=${Y}", "echo 'it; is'"):
        assert _plain(text) is not None, text
    for text in ("a; b", "a $(b)", "if a", "[ x ]", "a > b", "a 'b' \"c\"", "a \\\n b"):
        assert _plain(text) is None, text


SPECS = st.sampled_from(
    [
        '- if [ "$A" = b ]; then zip -r . $X; fi',
        "- 'echo \"it''s $A\" > \"$F\"'",
        '- "echo \\"a\\tb $A\\" \\u00e9 $(date)"',
        "- |\n        set -e\n        zip -r . $X\n\n        echo done",
        "- >\n        docker build\n        -t $X .\n\n        --pull",
        "- >-\n        docker build\n          -t $X .\n",
        "- |2\n         indented $X\n",
        "- docker run\n        --rm $X",
        "- — echo “$X”",
        "- echo a: $X",
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(SPECS, min_size=1, max_size=4), st.sampled_from(["\n", "\r\n"]))
def test_every_character_of_a_command_comes_from_its_place(items: list[str], line_end: str) -> None:
    body = "".join(f"      {item}\n" for item in items)
    text = ("version: 0.2\nphases:\n  build:\n    commands:\n" + body).replace("\n", line_end)
    places_hold(text)


@pytest.mark.parametrize(
    ("item", "wanted"),
    [
        ("- echo $X", "$X"),
        ("- 'echo ''a'' $X'", "$X"),
        ('- "echo \\"a\\" $X"', "$X"),
        ("- |\n          echo\n          cat $X", "$X"),
        ("- >\n          docker\n          run $X", "$X"),
        ("- docker\n          run $X", "$X"),
        ("- echo a: $X", "$X"),
        ("- — echo $X", "$X"),
    ],
)
def test_a_variable_has_its_place_in_the_file(item: str, wanted: str) -> None:
    text = f"version: 0.2\nphases:\n  build:\n    commands:\n      {item}\n"
    spec = buildspec_of(text, "buildspec.yml")
    (command,) = spec.commands()
    (expansion,) = command.script.expansions
    span = spec.document.draft.span(command.span_of(expansion))
    assert text[span.start : span.end] == wanted
