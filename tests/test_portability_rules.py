"""CD320–CD329: what is said of bash's constructs, and that dash does what is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdlint.engine import check_text
from cdlint.findings import apply_edits
from dash_support import AMAZON, UBUNTU, buildspec, findings, fixed, run, told

#: A script; the code and place of each finding; what dash then says, or prints where that begins with `=`.
CONSTRUCTS = [
    ("if [ a == a ]; then echo yes; else echo no; fi", [("CD320", "==")], "unexpected operator"),
    ("if [ a == a ]; then echo yes; else echo no; fi", [("CD320", "==")], "=no\n"),
    ("test a == a && echo yes", [("CD320", "==")], "unexpected operator"),
    ('[ "$X" == a -o "$Y" == b ]', [("CD320", "=="), ("CD320", "==")], "unexpected operator"),
    ("X=$([ a == a ] && echo yes)", [("CD320", "==")], "unexpected operator"),
    ("if [[ a == a ]]; then echo yes; else echo no; fi", [("CD321", "[[")], "=no\n"),
    ("[[ -f x && -f y ]] && echo yes", [("CD321", "[[")], "[[: not found"),
    ("[[ ab =~ ^(a|b) ]] && echo yes", [("CD321", "[[")], "Syntax error"),
    ('[[ "$X" =~ ^v[0-9]+ ]] && echo yes', [("CD321", "[[")], "[[: not found"),
    ("source ./x.sh", [("CD322", "source")], "source: not found"),
    ("source x.sh", [("CD322", "source")], "source: not found"),
    ("A=(1 2)", [("CD323", "(")], "Syntax error"),
    ("export A=(1 2)", [("CD323", "(")], "Syntax error"),
    ("A[0]=1", [("CD323", "A[0]=")], "A[0]=1: not found"),
    ('echo "${A[0]}"', [("CD323", "${A[0]}")], "Bad substitution"),
    ('for a in "${A[@]}"; do echo "$a"; done', [("CD323", "${A[@]}")], "Bad substitution"),
    ("echo ${#A[@]}", [("CD323", "${#A[@]}")], "Bad substitution"),
    ("A=1\nA+=2", [("CD323", "+=")], "A+=2: not found"),
    ("export A=1\nexport A+=2", [("CD323", "+=")], "bad variable name"),
    ("echo hi &> f; wait; cat f", [("CD324", "&>")], "=hi\n"),
    ("ls nowhere &>> f; wait", [("CD324", "&>>")], "nowhere"),
    ("echo hi >& f", [("CD324", ">&")], "Bad fd number"),
    ("echo hi |& cat", [("CD324", "|&")], "Syntax error"),
    ("cat <(echo a)", [("CD324", "<(")], "Syntax error"),
    ("echo a > >(cat)", [("CD324", ">(")], "Syntax error"),
    ("if false; then cat < <(echo a); fi", [("CD324", "<(")], "Syntax error"),
    ("cat <<< a", [("CD324", "<<<")], "Syntax error"),
    (". x.sh", [("CD325", "x.sh")], "not found"),
    ("X=abc\necho ${X:0:1}", [("CD326", "${X:0:1}")], "Bad substitution"),
    ('X=abc\necho "${X: -1}" || true', [("CD326", "${X: -1}")], "Bad substitution"),
    ("X=abc\necho ${X/a/b}", [("CD326", "${X/a/b}")], "Bad substitution"),
    ("X=abc\necho ${X//a/b}", [("CD326", "${X//a/b}")], "Bad substitution"),
    ("X=abc\necho ${X^^}", [("CD326", "${X^^}")], "Bad substitution"),
    ("X=abc\necho ${X,,}", [("CD326", "${X,,}")], "Bad substitution"),
    ("X=abc\necho ${X^}", [("CD326", "${X^}")], "Bad substitution"),
    ("X=Y\necho ${!X}", [("CD326", "${!X}")], "Bad substitution"),
    ("X=Y\necho ${X@Q}", [("CD326", "${X@Q}")], "Bad substitution"),
    ("cat <<EOF\n${X:0:1}\nEOF", [("CD326", "${X:0:1}")], "Bad substitution"),
    ("function f {\n  echo hi\n}\nf", [("CD327", "function")], "Syntax error"),
    ("function f() { echo hi; }\nf", [("CD327", "function")], "Syntax error"),
    ("X=1\n((X++))", [("CD327", "((")], "X++: not found"),
    ("X=1\nif (( X > 0 )); then echo yes; else cat 0; fi", [("CD327", "((")], "X: not found"),
    ("for ((i = 0; i < 2; i++)); do echo $i; done", [("CD327", "((")], "Bad for loop variable"),
    ("select x in a b; do echo $x; done", [("CD327", "select")], "Syntax error"),
    ("case a in a) echo 1 ;& b) echo 2 ;; esac", [("CD327", ";&")], "Syntax error"),
    ("echo $[1+1]", [("CD327", "$[")], "=$[1+1]\n"),
    ("echo $((2**3))", [("CD327", "**")], "expecting primary"),
    ("X=1\necho $((X++))", [("CD327", "X++")], "expecting primary"),
    ("X=1\necho $((++X))", [("CD327", "++X")], "=1\n"),
    ("mkdir -p {a,b}; ls", [("CD328", "{a,b}")], "={a,b}\n"),
    ("for i in {1..3}; do echo $i; done", [("CD328", "{1..3}")], "={1..3}\n"),
    ("for i in x/{a,b}; do echo $i; done", [("CD328", "{a,b}")], "=x/{a,b}\n"),
    ("printf '%s' $'a'", [("CD328", "$'")], "=$a"),
    ('printf "%s" $"a"', [("CD328", '$"')], "=$a"),
    ('X=$UID; echo "<$X>"', [("CD329", "$UID")], "=<>\n"),
    ('X=${RANDOM}; echo "<$X>"', [("CD329", "${RANDOM}")], "=<>\n"),
    ("X=$((RANDOM % 100)); echo $X", [("CD329", "RANDOM")], "=0\n"),
]
NAMES = [f"{places[0][0]} {script}"[:50] for script, places, _ in CONSTRUCTS]


@pytest.mark.parametrize(("script", "places", "_"), CONSTRUCTS, ids=NAMES)
def test_an_error_where_sh_is_dash(script: str, places: list[tuple[str, str]], _: str) -> None:
    assert told(script, UBUNTU) == [(code, "error", place) for code, place in places]


@pytest.mark.parametrize(("script", "places", "_"), CONSTRUCTS, ids=NAMES)
def test_a_warning_where_sh_may_be_dash(script: str, places: list[tuple[str, str]], _: str) -> None:
    assert told(script) == [(code, "warning", place) for code, place in places]


@pytest.mark.parametrize(("script", "places", "says"), CONSTRUCTS, ids=NAMES)
def test_dash_does_what_is_said(
    script: str, places: list[tuple[str, str]], says: str, tmp_path: Path
) -> None:
    _, printed, errors = run("dash", script, tmp_path)
    if says.startswith("="):
        assert printed == says[1:]
    else:
        assert says in errors


@pytest.mark.parametrize(("script", "places", "_"), CONSTRUCTS, ids=NAMES)
def test_silent_in_bash(script: str, places: list[tuple[str, str]], _: str) -> None:
    assert told(script, UBUNTU, head="env:\n  shell: bash\n") == []
    # `sh` on Amazon Linux is bash, which then looks for files on PATH alone.
    assert [code for code, _, _ in told(script, AMAZON) if code != "CD325"] == []


@pytest.mark.parametrize(
    "script",
    [
        # quoted, or handed to another shell
        "bash -c 'if [[ $A == b ]]; then source x.sh; fi'",
        "bash build.sh",
        "bash <<'EOF'\nsource x.sh\nA=(1 2)\necho ${A[0]} &> f\nEOF",
        "cat > run.sh <<'EOF'\n#!/bin/bash\n[[ -f x ]] && echo {a,b}\nEOF",
        "cat > run.sh <<EOF\n#!/bin/bash\necho \\${A:0:7}\nEOF",
        'docker run --rm app bash -c "source env.sh && make"',
        "echo '[[ a == b ]]'",
        'echo "use [[ or =="',
        'grep "==" requirements.txt',
        "pip install 'boto3==1.34' awscli==1.32",
        "# [[ a == b ]]\nmake",
        "awk '$1 == \"a\" { n++ } END { print n }' f",
        "python -c 'a = [1, 2]; print(a[0] == 1)'",
        # POSIX
        '[ "$A" = b ]',
        '[ "$A" \\< b ]',
        "[ a.txt -nt b.txt ]",
        '[ "$A" = "==" ]',
        ". ./env.sh",
        ". venv/bin/activate",
        ". /etc/os-release",
        '. "$HOME/.cargo/env"',
        ". activate",
        ". virtualenvwrapper.sh",
        "echo hi > f 2>&1",
        "echo hi >&2",
        "echo hi 2>&1 | tee f",
        "make 2>&1 &",
        "exec 3>&1; echo hi >&3",
        "fd=1; echo hi >&$fd",
        "echo hi >&-",
        "cat << EOF\na\nEOF",
        "echo ${A:-b} ${A%.zip} ${A##*/} ${#A} ${A:+x} ${A:?missing}",
        "echo ${A:-{a,b}}",
        "f() { local x=1; echo $x; }\nf",
        "A=$((A + 1)); B=$((A * 2 % 3)); C=$((A += 1))",
        "(cd a && (make))",
        "( (make) )",
        "case $A in [[:alpha:]]*) echo yes ;; *) echo no ;; esac",
        "trap 'rm -f x' EXIT INT",
        "export A=$B",
        "A=1 B=2 make",
        "time make",
        # braces that no shell need expand
        "npx prettier --check src/**/*.{js,ts}",
        "curl -O https://example.com/{a,b}.txt",
        "aws ec2 describe-instances --query 'Reservations[].{a:b,c:d}'",
        "aws ec2 describe-instances --query Reservations[].{a:b,c:d}",
        'echo {"a":1,"b":2}',
        "kubectl get pods -o jsonpath={.items,.kind}",
        "docker inspect -f {{.Id}} app",
        "find . -name x -exec rm {} +",
        "git rev-parse @{u}",
        'mkdir "{a,b}"',
        "mkdir \\{a,b\\}",
        "cp x.{txt} y",
        "X={a,b}",
        # dash has these, or the author gives them
        "echo $LINENO $PPID $HOSTNAME",
        "RANDOM=4; echo $RANDOM",
        "docker run -u ${UID:-1000} app",
        "echo '$RANDOM'",
        'if [ -n "$BASH_VERSION" ]; then source x.sh; A=(1 2); fi',
        # CloudFormation's and Terraform's own
        "echo ${AWS::Region}",
        "echo ${var.name}",
        # they are given by the script
        'source() { . "$1"; }\nsource ./x.sh',
    ],
)
def test_near_misses(script: str) -> None:
    assert told(script, UBUNTU) == []
    assert told(script) == []


def test_only_bash_itself_looks_in_the_current_folder() -> None:
    assert told(". .env", UBUNTU) == [("CD325", "error", ".env")]
    assert told('. ".env"', AMAZON) == [("CD325", "error", '".env"')]
    assert told("source env.sh", AMAZON) == [("CD325", "error", "env.sh")]
    assert told(". .env", head="env:\n  shell: bash\n") == []
    assert told('export PATH="$PATH:."\n. env.sh', UBUNTU) == []
    assert told('export PATH="$PATH:$CODEBUILD_SRC_DIR"\n. env.sh', UBUNTU) == []
    assert told('export PATH="$HOME/.local/bin:/opt/x:$PATH"\n. env.sh', UBUNTU) == [
        ("CD325", "error", "env.sh")
    ]


@pytest.mark.parametrize(
    "first",
    [
        "yum install -y jq",
        "dnf -y install jq",
        "amazon-linux-extras install docker",
        "apk add bash",
        "ln -sf /bin/bash /bin/sh",
    ],
)
def test_what_the_build_shows_of_its_image(first: str) -> None:
    assert told(f"{first}\n[[ -f x ]] && source x.sh") == []


def test_macos_has_bash_as_sh() -> None:
    assert told("[[ -f x ]] && source ./x.sh", "aws/codebuild/macos-arm-base:14") == []


def test_what_the_build_shows_does_not_count_against_a_known_image() -> None:
    assert told("yum install -y jq\nsource ./x.sh", UBUNTU) == [("CD322", "error", "source")]
    assert told("ln -sf /bin/bash /bin/sh\nsource ./x.sh", UBUNTU) == []
    script = "if command -v yum; then yum install -y jq; else apt-get install -y jq; fi\nsource ./x.sh"
    assert told(script) == [("CD322", "warning", "source")]


def test_only_the_first_array_of_an_item_is_told() -> None:
    assert told('A=(a b)\nB=(c d)\necho "${A[0]}"', UBUNTU) == [("CD323", "error", "(")]


def test_a_variable_that_is_only_shown_is_advice() -> None:
    assert told('echo "took $SECONDS s"', UBUNTU) == [("CD329", "info", "$SECONDS")]
    assert told("echo $RANDOM > name.txt", UBUNTU) == [("CD329", "error", "$RANDOM")]
    assert told('docker build -t "app:$RANDOM" .', UBUNTU) == [("CD329", "error", "$RANDOM")]


def test_a_variable_of_the_buildspec_is_not_bash_s() -> None:
    assert told("docker run -u $UID app", UBUNTU, head="env:\n  variables:\n    UID: '1000'\n") == []


#: Scripts whose safe fixes make dash print what bash printed.
MENDED = [
    ("if [ a == a ]; then echo yes; else echo no; fi", "if [ a = a ]; then echo yes; else echo no; fi"),
    ("test a == b || echo no", "test a = b || echo no"),
    ("if [[ a == a ]]; then echo yes; fi", "if [ a = a ]; then echo yes; fi"),
    ('A="x y"\nif [[ $A == "x y" ]]; then echo yes; fi', 'A="x y"\nif [ "$A" = "x y" ]; then echo yes; fi'),
    ("[[ -z $A ]] && echo empty", '[ -z "$A" ] && echo empty'),
    ("A=1\n[[ $A ]] && echo set", 'A=1\n[ -n "$A" ] && echo set'),
    ('[[ ! -f "x" ]] && echo none', '[ ! -f "x" ] && echo none'),
    ("[[ -d . && ! -f x ]] && echo both", "[ -d . ] && [ ! -f x ] && echo both"),
    ("[[ -f x || -d . ]] || echo none", "[ -f x ] || [ -d . ] || echo none"),
    ("true\n[[ $? -eq 0 ]] && echo fine", "true\n[ $? -eq 0 ] && echo fine"),
    ('[[ $(echo "a b") != a ]] && echo other', '[ "$(echo "a b")" != a ] && echo other'),
    ("echo 'A=1' > e.sh\nsource ./e.sh\necho $A", "echo 'A=1' > e.sh\n. ./e.sh\necho $A"),
    ("echo 'A=1' > e.sh\nsource e.sh\necho $A", "echo 'A=1' > e.sh\n. ./e.sh\necho $A"),
    ('echo A=1 > e.sh\nsource "e.sh"\necho $A', 'echo A=1 > e.sh\n. "./e.sh"\necho $A'),
    ("echo 'A=1' > e.sh\n. e.sh\necho $A", "echo 'A=1' > e.sh\n. ./e.sh\necho $A"),
    ('A=1\nA+="2 3"\necho $A', 'A=1\nA=${A}"2 3"\necho $A'),
    ("ls nowhere &> f || echo failed\nls f", "ls nowhere > f 2>&1 || echo failed\nls f"),
    ("echo a > f\necho b &>>f\ncat f", "echo a > f\necho b >>f 2>&1\ncat f"),
    ('{ echo a; echo b; } >& "f"\ncat f', '{ echo a; echo b; } > "f" 2>&1\ncat f'),
    ("ls nowhere |& grep -c nowhere", "ls nowhere 2>&1 | grep -c nowhere"),
    ("function f {\n  echo hi\n}\nf", "f() {\n  echo hi\n}\nf"),
    ("function f() { echo hi; }\nf", "f() { echo hi; }\nf"),
    ("function f ()\n{ echo hi; }\nf", "f ()\n{ echo hi; }\nf"),
    ("echo $[1 + 2]", "echo $((1 + 2))"),
    ("mkdir -p a/{b,c}\nls a", "mkdir -p a/b a/c\nls a"),
    ('D="x y"\nmkdir -p "$D"/{b,c}\nls "$D"', 'D="x y"\nmkdir -p "$D"/b "$D"/c\nls "$D"'),
    ("for i in {1..3}; do echo $i; done", "for i in 1 2 3; do echo $i; done"),
    ("for i in {3..1}; do echo $i; done", "for i in 3 2 1; do echo $i; done"),
    ("for i in {1..30}; do echo $i; done", "for i in $(seq 1 30); do echo $i; done"),
    ("for i in x{1..3}; do echo $i; done", "for i in x1 x2 x3; do echo $i; done"),
    ('echo $"hi"', 'echo "hi"'),
    ('X="$UID:$EUID"\necho "$X"', 'X="$(id -u):$(id -u)"\necho "$X"'),
]


@pytest.mark.parametrize(("script", "mended"), MENDED)
def test_safe_fixes(script: str, mended: str) -> None:
    assert fixed(script) == mended
    assert told(mended, UBUNTU) == []


@pytest.mark.parametrize(("script", "mended"), MENDED)
def test_fixed_scripts_do_in_dash_what_they_did_in_bash(script: str, mended: str, tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    after.mkdir()
    wanted = run("bash", script, before)
    assert run("dash", mended, after)[:2] == wanted[:2]


@pytest.mark.parametrize(
    "script",
    [
        "[[ $A == *.zip ]] && echo yes",
        "[[ $A == $B ]] && echo yes",
        "[[ $A -gt 3 ]] && echo yes",
        "[[ ( -f a ) ]] && echo yes",
        "[[ a < b ]] && echo yes",
        "[[ -f a && -f b || -f c ]] && echo yes",
        "true && [[ -f a || -f b ]] && echo yes",
        "! [[ -f a && -f b ]]",
        "source ./x.sh argument",
        'source "$FILE"',
        "source activate",
        "function my-f { echo hi; }",
        "for i in {01..12}; do echo $i; done",
        "mkdir {a,'b c'}",
    ],
)
def test_no_safe_fix_where_the_meaning_might_change(script: str) -> None:
    assert fixed(script) == script


@pytest.mark.parametrize(
    ("script", "form"),
    [
        ('echo "${X:0:2}"', "ab"),
        ('echo "${X:2}"', "cd-Ef"),
        ('echo "${X::3}"', "abc"),
        ('echo "${X:1:2}"', "bc"),
        ('echo "${X^^}"', "ABCD-EF"),
        ('echo "${X,,}"', "abcd-ef"),
        ("echo ${X:0:2}-x", "ab-x"),
    ],
)
def test_unsafe_fixes_of_expansions(script: str, form: str, tmp_path: Path) -> None:
    text = buildspec(script)
    (finding,) = findings(text, UBUNTU)
    assert finding.fix is not None and not finding.fix.safe
    mended = apply_edits(text, finding.fix.edits)
    assert findings(mended, UBUNTU) == []
    line = mended.splitlines()[-1].strip()
    assert run("dash", f"X=abcd-Ef\n{line}", tmp_path)[:2] == (0, form + "\n")
    assert run("bash", f"X=abcd-Ef\n{script}", tmp_path)[:2] == (0, form + "\n")


@pytest.mark.parametrize(
    ("head", "mended"),
    [
        ("", "env:\n  shell: bash\nphases:"),
        ("env:\n  variables:\n    A: b\n", "env:\n  shell: bash\n  variables:\n    A: b\nphases:"),
        (
            "env:\n    # a comment\n    variables:\n      A: b\n",
            "    # a comment\n    shell: bash\n    variables:\n",
        ),
        ("env:\n  shell: /bin/sh\n", "env:\n  shell: bash\nphases:"),
        ("env: {variables: {A: b}}\n", None),
    ],
)
def test_bash_as_the_remedy(head: str, mended: str | None) -> None:
    text = buildspec("A=(a b)", head)
    (finding,) = findings(text)
    if mended is None:
        assert finding.fix is None
        return
    assert finding.fix is not None and not finding.fix.safe
    after = apply_edits(text, finding.fix.edits)
    assert mended in after
    assert findings(after) == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("    commands:\n      - if [ $A == b ]; then make; fi\n", "5:17"),
        ('    commands:\n      - "if [ \\"$A\\" == \\"b\\" ]; then make; fi"\n', "5:22"),
        ("    commands:\n      - 'if [ \"$A\" == ''b'' ]; then make; fi'\n", "5:20"),
        ("    commands:\n      - >-\n        if [ $A == b ];\n        then make; fi\n", "6:17"),
        ("    commands:\n      - |\n        if true; then\n          test $A == b\n        fi\n", "7:19"),
        ('    commands: ["test $A == b"]\n', "4:25"),
        ("    commands: test $A == b\n", "4:23"),
        ("    commands: []\n    finally:\n      - test $A == b\n", "6:17"),
    ],
)
def test_places_and_fixes_in_all_kinds_of_yaml(text: str, place: str) -> None:
    text = "version: 0.2\nphases:\n  build:\n" + text
    result = check_text(text, "buildspec.yml", kind="buildspec")
    (finding,) = [one for one in result.findings if one.code == "CD320"]
    assert str(result.source.position(finding.span.start)) == place
    assert text[finding.span.start : finding.span.end] == "=="
    assert finding.fix is not None and finding.fix.safe
    assert apply_edits(text, finding.fix.edits) == text.replace("==", "=")


def test_json() -> None:
    text = '{"version": 0.2, "phases": {"build": {"commands": ["[[ -f \\"x\\" ]] && make &> log"]}}}'
    result = check_text(text, "buildspec.json", kind="buildspec")
    found = [one for one in result.findings if one.code in ("CD321", "CD324")]
    assert [text[one.span.start : one.span.end] for one in found] == ["[[", "&>"]


def test_an_item_that_the_grammar_does_not_understand() -> None:
    """What stands before the fault is told, what stands behind it is not certain."""
    text = buildspec("A=(a b)\necho $(\n)) ]]\nB=(c d)")
    assert [one.code for one in findings(text, UBUNTU)] in ([], ["CD323"])
