"""CD345–CD352: scripts that are cut in pieces, and what is carried from item to item."""

from __future__ import annotations

import random
import shutil
import subprocess

import pytest

from cdlint.engine import check_text
from cdlint.findings import FileResult
from cdlint.fixing import fix_text
from cdlint.rules.fragments import is_suspect, reading
from cdlint.syntax.shell import parse


def items(*commands: str) -> str:
    lines = "".join(f"      - {command}\n" for command in commands)
    return f"version: 0.2\nphases:\n  build:\n    commands:\n{lines}"


def block(*scripts: str) -> str:
    text = "version: 0.2\nphases:\n  build:\n    commands:\n"
    for script in scripts:
        lines = "".join(f"          {line}\n" if line else "\n" for line in script.strip("\n").split("\n"))
        text += f"      - |\n{lines}"
    return text


def check(text: str) -> FileResult:
    return check_text(text, path="buildspec.yml", pedantic=True)


def told(text: str, *codes: str) -> list[tuple[str, str, str]]:
    """`(code, line:column, severity)`."""
    result = check(text)
    return [
        (found.code, str(result.source.position(found.span.start)), found.severity)
        for found in result.findings
        if found.code in codes
    ]


BROKEN = ("CD345", "CD346", "CD347", "CD348")


@pytest.mark.parametrize(
    ("commands", "place"),
    [
        (["if [ -f a ]; then", "make", "fi"], "5:9"),
        (["echo a", "for d in a b; do", 'make "$d"', "done", "echo b"], "6:9"),
        (["while read -r x; do echo $x", "done < list"], "5:9"),
        (["'case $A in'", "'a) make ;;'", "esac"], "5:10"),
        (["if a; then", "  b", "else", "  c", "fi"], "5:9"),
        (["if a", "then", "b", "fi"], "5:9"),
        (["deploy() {", "make deploy", "'}'", "deploy"], "5:18"),
        (["if a; then", "for x in b; do", "make", "done", "fi"], "5:9"),
        (["make build &&", "make test"], "5:20"),
        (["cat a |", "sort"], "5:15"),
        (["(cd a", "make)"], "5:9"),
    ],
)
def test_statement_is_split(commands: list[str], place: str) -> None:
    assert told(items(*commands), *BROKEN) == [("CD345", place, "error")]


def test_pieces_are_joined() -> None:
    text = items("echo a", 'if [ "$A" = 1 ]; then', "make a", "else", "'make b: c'", "fi", "echo b")
    fixed = fix_text(text, unsafe=True)
    assert fixed.text == items("echo a").rstrip("\n") + (
        '\n      - |\n        if [ "$A" = 1 ]; then\n          make a\n        else\n'
        "          make b: c\n        fi\n      - echo b\n"
    )
    assert told(fixed.text, *BROKEN) == []


@pytest.mark.parametrize(
    "text",
    [
        items("if a; then # x", "b", "fi"),
        items("if a; then", "b", "fi").replace("      - b", "      # note\n      - b"),
        "version: 0.2\nphases:\n  build:\n    commands: ['if a; then', b, fi]\n",
        items("if a; then", "|\n        b\n        c", "fi"),
    ],
)
def test_pieces_are_not_joined(text: str) -> None:
    result = check(text)
    assert [found.fix for found in result.findings if found.code == "CD345"] == [None]


@pytest.mark.parametrize(
    ("command", "code", "place"),
    [
        ('echo "building', "CD347", "5:14"),
        ("echo It's done", "CD347", "5:16"),
        ("export A='b", "CD347", "5:18"),
        ('aws s3 cp "$A s3://b/', "CD347", "5:19"),
        ("for d in a b; do make $d done", "CD348", "5:9"),
        ("if a; then b", "CD348", "5:9"),
        ("if a then b; fi", "CD348", "5:22"),
        ("A=$(date", "CD348", "5:11"),
        ("A=$(date))", "CD348", "5:18"),
        ("fi", "CD348", "5:9"),
        ("done", "CD348", "5:9"),
        ("echo a && ", "CD348", "5:16"),
        ('"&& make"', "CD348", "5:10"),
        ("URI=<REPO_URI>", "CD348", "5:22"),
        ("echo Build (dev)", "CD348", "5:20"),
        ("echo ${A", "CD348", "5:14"),
        ("make; }", "CD348", "5:15"),
    ],
)
def test_syntax_error(command: str, code: str, place: str) -> None:
    assert told(items(command), *BROKEN) == [(code, place, "error")]


def test_quote_over_items_is_told_once() -> None:
    assert told(items('echo "a', 'b"', "make"), *BROKEN) == [("CD347", "5:14", "error")]


SOUND = [
    'case "$1" in\n  a|b) echo x;;\n  (c) echo y ;;\n  *) echo "$(case z in z) echo 1;; esac)"\nesac',
    "f() { echo a; }; f",
    'for f in *; do [ -f "$f" ] || continue; cp "$f" /x; done',
    "cat <<'EOF' > x && cat <<-E2\nif [ \"a\nEOF\n\tit's\n\tE2\necho done",
    "if ! command -v x > /dev/null 2>&1; then echo no; elif [[ $a =~ ^(x|y)$ ]]; then :; else echo; fi",
    'A=(1 2 "x y" $(ls)); for i in "${A[@]}"; do echo "${i%%(*}"; done',
    'while read -r l; do echo "$l"; done < <(ls | grep -v "(")',
    '(( i++ )) ; x=$((1 + (2*3))); echo "${x:-\'a b\'}" `date "+%Y"` "it\'s"',
    "for ((i=0;i<3;i++)); do echo $i; done",
    '{ echo a; echo b; } > log 2>&1 || { echo "c"; exit 1; }',
    "echo a \\\n  && echo b \\\n  || echo c",
    "a=$(cat <<EOF\nx ) y\nEOF\n)\necho $a",
    "for x do echo $x; done",
    "echo {a,b} {} \"${x/\\}/y}\" $'it\\'s' # it's",
    'if [ "$x" ]; then (cd a && b) fi',
    'echo "$(echo "a $(echo "b")")" && [ "$(x)" ] && echo \'a"b\' "a\'b"',
    "docker run x sh -c 'if a; then b; fi'",
    'test -z "$A" -o \\( -n "$B" -a "$C" \\) && echo \\"',
    "find . -name '*.x' -exec rm {} \\; -o \\( -type f \\) -print",
    "x=${A#*(} ; y=${B%%)*} ; case $z in x) ;; esac",
    "if a; then\n  # it's a comment (\n  b\nfi",
    "time make; ! false; nohup x &",
    "echo fi done esac then",
    "make &&\n# a comment\nmake test",
    "echo a; echo 'b\nc'",
    "jq '.a | {b: .c}' <<< \"$J\" | while read x; do y; done",
    "until curl -f x; do sleep 1; done &",
    "aws x --query 'a[?b==`c`].d' --output text",
    'echo "$$(x"',
    "select x in a b; do break; done",
    "if true; then if false; then a; fi fi",
    'git log --format="%h (%an)" | head -1',
]
BROKEN_SCRIPTS = [
    "if a; then b",
    "for x in a; do b done",
    "echo $(a",
    'echo "a',
    "a; fi",
    "case x in a) b",
    "echo 'x",
    "a &&",
    "f() {\na",
    "(a; b",
    "if a then b; fi",
]


@pytest.mark.parametrize("script", SOUND)
def test_sound_script(script: str) -> None:
    assert reading(script).fault is None
    assert told(block(script), *BROKEN) == []


@pytest.mark.parametrize("script", BROKEN_SCRIPTS)
def test_broken_script(script: str) -> None:
    assert reading(script).fault is not None
    assert [severity for _, _, severity in told(block(script), *BROKEN)] == ["error"]


@pytest.mark.skipif(shutil.which("bash") is None, reason="compared with bash")
def test_bash_agrees() -> None:
    """Scripts with one change: what is said to be broken is refused by bash."""
    chance = random.Random(20)
    signs = [
        "fi",
        "done",
        "then",
        '"',
        "'",
        ")",
        "(",
        "&&",
        "|",
        "}",
        "{",
        "$(",
        "`",
        "\n",
        " ",
        "#",
        "EOF",
        ";",
        "<<X",
    ]
    scripts = [*SOUND, *BROKEN_SCRIPTS]
    for _ in range(400):
        text = chance.choice(SOUND)
        at = chance.randrange(len(text))
        scripts.append(
            chance.choice(
                (
                    text[:at] + text[at + 1 :],
                    text[:at],
                    text[at:],
                    text[:at] + chance.choice(signs) + text[at:],
                )
            )
        )
    suspects = [text for text in scripts if is_suspect(parse(text)) and reading(text).fault is not None]
    assert len(suspects) > 60
    for text in suspects:
        done = subprocess.run(["bash", "-n"], input=text.encode(), capture_output=True, check=False)
        assert done.returncode, text


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (items("cat <<EOF > a.env", "A=1", "EOF"), "5:13"),
        (items("cat > a.env <<'EOF'", "A=1", "EOF"), "5:21"),
        (block("if a; then\n  cat <<EOF > x\n  A=1\n  EOF\nfi\nmake"), "9:13"),
        (block("cat <<EOF > x\nA=1\n  EOF\nmake"), "8:13"),
        (block("cat <<-EOF > x\n  A=1\n  EOF\nmake"), "8:13"),
    ],
)
def test_heredoc_is_not_ended(text: str, place: str) -> None:
    assert told(text, "CD346") == [("CD346", place, "error")]


@pytest.mark.parametrize(
    "script",
    [
        "cat <<EOF > x\nA=1\nEOF\nmake",
        "cat <<-EOF > x\n\tA=1\n\tEOF\nmake",
        "cat <<EOF > x\n  EOF\nEOF\nmake",
        "cat <<< EOF",
        "echo $((1 << 2))",
        'echo "a << EOF"',
        "cat <<EOF\nA=1",
        "cat <<A <<B\nx\nA\ny\nB",
    ],
)
def test_heredoc_is_ended(script: str) -> None:
    assert told(block(script), "CD346") == []


def test_heredoc_is_ended_by_the_fix() -> None:
    text = block("if a; then\n  cat <<EOF > x\n  A=1\n  EOF\nfi\nmake")
    fixed = fix_text(text, unsafe=True).text
    assert "\n          EOF\n" in fixed
    assert told(fixed, *BROKEN) == []


@pytest.mark.parametrize(
    ("commands", "place"),
    [
        (["cd app", "npm ci", "cd app", "npm test"], "7:12"),
        (["cd app && npm ci", "cd app && npm test"], "6:12"),
        (["cd ./app/", "cd app"], "6:12"),
        (["cd ..", "cd app", "cd app"], "7:12"),
    ],
)
def test_directory_is_entered_twice(commands: list[str], place: str) -> None:
    assert told(items(*commands), "CD349") == [("CD349", place, "warning")]


@pytest.mark.parametrize(
    "commands",
    [
        ["cd app", "npm ci", "cd ..", "cd app"],
        ["cd app", "cd -", "cd app"],
        ["cd app", "cd $CODEBUILD_SRC_DIR", "cd app"],
        ["cd app", "cd src"],
        ["(cd app && npm ci)", "(cd app && npm test)"],
        ["cd app; npm ci; cd ..", "cd app; npm test; cd .."],
        ["cd ..", "cd .."],
        ["cd /app", "cd /app"],
        ["cd $A", "cd $A"],
        ["pushd app", "cd app"],
        ["if a; then cd app; fi", "cd app"],
        ["cd app", ". ./env.sh", "cd app"],
        ["A=$(cd app && pwd)", "cd app"],
    ],
)
def test_directory_is_left_again(commands: list[str]) -> None:
    assert told(items(*commands), "CD349") == []


@pytest.mark.parametrize(
    ("commands", "found"),
    [
        (["bash -c 'export TAG=1'", "echo $TAG"], True),
        (["bash -c 'export TAG=1; echo $TAG'", "make"], False),
        (["bash -c 'export TAG=1'", "TAG=2", "echo $TAG"], False),
        (["bash -c 'TAG=1 make'", "echo $TAG"], False),
        (["bash -c 'export TAG=1'", "echo ${TAG:-1}"], False),
        (["export TAG=1", "bash -c 'echo $TAG'"], False),
    ],
)
def test_variable_of_a_child(commands: list[str], found: bool) -> None:
    assert bool(told(items(*commands), "CD350")) is found


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (block("f() {\n  make\n}", "f a"), "10:11"),
        (items("function f { make; }", "f"), "6:9"),
        (items("f() { make; }; f", "f"), "6:9"),
        (items("alias ll='ls -l'", "ll"), "6:9"),
        (items("A=(a b)", 'for x in "${A[@]}"; do make $x; done'), "6:19"),
        (items("declare -A M=([a]=1)", "echo ${M[a]}"), "6:14"),
    ],
)
def test_definition_is_not_carried(text: str, place: str) -> None:
    assert told(text, "CD351") == [("CD351", place, "warning")]


@pytest.mark.parametrize(
    "text",
    [
        block("f() {\n  make\n}\nf"),
        block("f() {\n  make\n}", "f() {\n  ls\n}\nf"),
        items("f() { make; }", ". ./lib.sh", "f"),
        items("f() { make; }", "echo f"),
        items("A=1", "echo $A"),
        items("A=(a b); echo ${A[0]}", "make"),
        items("A=(a b)", "A=1", "echo $A"),
        items("alias ll='ls -l'", "ls ll"),
        items("VERSION=$(date)", "docker build --build-arg VERSION=$VERSION ."),
    ],
)
def test_nothing_is_lost(text: str) -> None:
    assert told(text, "CD351") == []


@pytest.mark.parametrize(
    ("commands", "found"),
    [
        (["npm start &", "npm test"], True),
        (["cd app && npm start &", "npm test"], True),
        (["nohup npm start &", "npm test"], False),
        (["npm start & npm test"], False),
        (["npm start > log 2>&1 & disown"], False),
        (["npm start & wait"], False),
        (["echo a 2>&1", "echo 'a &'"], False),
        (["make && make test"], False),
    ],
)
def test_background(commands: list[str], found: bool) -> None:
    assert bool(told(items(*commands), "CD352")) is found


def test_torn_block_is_told_by_another_rule() -> None:
    text = block("if a; then\n  b\nfi").replace("            b\n", "    b\n")
    assert not [code for code, _, _ in told(text, *BROKEN)]


def test_commented_and_folded_commands_are_told_by_other_rules() -> None:
    assert told(items("sed -i 's/ #.*//' app.conf"), *BROKEN) == []
    assert told(items(">\n        if a; then\n        b\n        fi"), *BROKEN) == []
