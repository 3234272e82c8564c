"""CD330–CD334: builtins and options of bash, as dash takes them, and commands of other shells."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdlint.engine import check_text
from cdlint.findings import apply_edits
from dash_support import AMAZON, UBUNTU, buildspec, findings, fixed, run, told

WINDOWS = "aws/codebuild/windows-base:2022-1.0"

#: A script; the code and place of each finding; what dash then says, or prints where that begins with `=`.
CONSTRUCTS = [
    ("pushd /tmp; pwd", [("CD330", "pushd")], "pushd: not found"),
    ("pushd /tmp && ls && popd", [("CD330", "pushd"), ("CD330", "popd")], "pushd: not found"),
    ("dirs", [("CD330", "dirs")], "dirs: not found"),
    ("let X=1+1", [("CD330", "let")], "let: not found"),
    ("declare X=1", [("CD330", "declare")], "declare: not found"),
    ("declare -x X=1", [("CD330", "declare")], "declare: not found"),
    ("typeset X=1", [("CD330", "typeset")], "typeset: not found"),
    ("shopt -s nullglob", [("CD330", "shopt")], "shopt: not found"),
    ("mapfile -t A < /dev/null", [("CD330", "mapfile")], "mapfile: not found"),
    ("readarray A < /dev/null", [("CD330", "readarray")], "readarray: not found"),
    ("sleep 0 & disown", [("CD330", "disown")], "disown: not found"),
    ("compgen -c", [("CD330", "compgen")], "compgen: not found"),
    ("complete -W a b", [("CD330", "complete")], "complete: not found"),
    ("enable -n echo", [("CD330", "enable")], "enable: not found"),
    ("caller", [("CD330", "caller")], "caller: not found"),
    ("coproc cat", [("CD330", "coproc")], "coproc: not found"),
    ("read -a X < /dev/null", [("CD331", "-a")], "Illegal option -a"),
    ("read -s X < /dev/null", [("CD331", "-s")], "Illegal option -s"),
    ("read -t 5 X < /dev/null", [("CD331", "-t")], "Illegal option -t"),
    ("read -rn 1 X < /dev/null", [("CD331", "-rn")], "Illegal option -n"),
    ("read -r -d '' X < /dev/null", [("CD331", "-d")], "Illegal option -d"),
    ("read -p 'sure? ' -e X < /dev/null", [("CD331", "-e")], "Illegal option -e"),
    ("echo a | while read; do echo b; done", [("CD331", "read")], "arg count"),
    ("printf -v X %s a", [("CD331", "-v")], "Illegal option -v"),
    ("printf '%q\\n' a", [("CD331", "'%q\\n'")], "invalid directive"),
    ("printf '%(%F)T\\n' -1", [("CD331", "'%(%F)T\\n'")], "invalid directive"),
    ("type -p ls", [("CD331", "-p")], "=-p: not found\n"),
    ("trap 'echo t' ERR", [("CD331", "ERR")], "ERR: bad trap"),
    ("trap 'echo t' EXIT ERR", [("CD331", "ERR")], "ERR: bad trap"),
    ("trap 'echo t' DEBUG", [("CD331", "DEBUG")], "DEBUG: bad trap"),
    ("trap 'echo t' SIGINT SIGTERM", [("CD331", "SIGINT"), ("CD331", "SIGTERM")], "SIGINT: bad trap"),
    ("set -o errtrace; echo go", [("CD331", "errtrace")], "Illegal option -o errtrace"),
    ("set -eT; echo go", [("CD331", "-eT")], "Illegal option -T"),
    ("set +H; echo go", [("CD331", "+H")], "Illegal option -H"),
    ("f() { echo hi; }\nexport -f f; f", [("CD331", "-f")], "Illegal option -f"),
    ("export -n X", [("CD331", "-n")], "Illegal option -n"),
    ("readonly -a X", [("CD331", "-a")], "Illegal option -a"),
    ("unset -n X", [("CD331", "-n")], "Illegal option -n"),
    ("unset 'X[0]'", [("CD331", "'X[0]'")], "bad variable name"),
    ("wait -n", [("CD331", "-n")], "Illegal option -n"),
    ("hash -d ls", [("CD331", "-d")], "Illegal option -d"),
    ("ulimit -u 100", [("CD331", "-u")], "Illegal option -u"),
    ("f() { local -r X=1; }\nf", [("CD331", "-r")], "bad variable name"),
    ("[ -v X ] && echo yes", [("CD331", "-v")], "unexpected operator"),
    ("[ ! -v X ] && echo no", [("CD331", "-v")], "unexpected operator"),
    ("test -v X || echo no", [("CD331", "-v")], "unexpected operator"),
    ('[ "$X" =~ a ] && echo yes', [("CD331", "=~")], "unexpected operator"),
    ('echo -e "a\\tb" > f; cat f', [("CD333", "-e")], "=-e a\tb\n"),
    ('X=$(echo -e "a"); printf %s "$X"', [("CD333", "-e")], "=-e a"),
    ("echo -ne a | wc -c", [("CD333", "-ne")], "=6\n"),
    ("echo -n -e a | wc -c", [("CD333", "-e")], "=4\n"),
    ("echo -E a > f; cat f", [("CD333", "-E")], "=-E a\n"),
]
PIPEFAIL = [
    ("set -o pipefail; echo go", [("CD332", "pipefail")]),
    ("set -euo pipefail\necho go", [("CD332", "pipefail")]),
    ("set -e -o pipefail; echo go", [("CD332", "pipefail")]),
    ("set -o pipefail || true; echo go", [("CD332", "pipefail")]),
    ("set -eo pipefail 2> /dev/null || :; echo go", [("CD332", "pipefail")]),
    ("if set -o pipefail; then echo yes; fi; echo go", [("CD332", "pipefail")]),
]
ALL = [(script, places) for script, places, _ in CONSTRUCTS] + PIPEFAIL
NAMES = [f"{places[0][0]} {script}"[:50] for script, places in ALL]


@pytest.mark.parametrize(("script", "places"), ALL, ids=NAMES)
def test_an_error_where_sh_is_dash(script: str, places: list[tuple[str, str]]) -> None:
    assert told(script, UBUNTU) == [(code, "error", place) for code, place in places]


@pytest.mark.parametrize(("script", "places"), ALL, ids=NAMES)
def test_a_warning_where_sh_may_be_dash(script: str, places: list[tuple[str, str]]) -> None:
    level = "error" if "=~" in script else "warning"
    assert told(script) == [(code, level, place) for code, place in places]


@pytest.mark.parametrize(("script", "places"), ALL, ids=NAMES)
def test_silent_in_bash(script: str, places: list[tuple[str, str]]) -> None:
    if "=~" not in script:
        assert told(script, UBUNTU, head="env:\n  shell: bash\n") == []
        assert told(script, AMAZON) == []


@pytest.mark.parametrize(("script", "places", "says"), CONSTRUCTS, ids=NAMES[: len(CONSTRUCTS)])
def test_dash_does_what_is_said(
    script: str, places: list[tuple[str, str]], says: str, tmp_path: Path
) -> None:
    _, printed, errors = run("dash", script, tmp_path)
    if says.startswith("="):
        assert printed.startswith(says[1:])
    else:
        assert says in errors


@pytest.mark.parametrize(("script", "_"), PIPEFAIL)
def test_dash_ends_at_pipefail(script: str, _: object, tmp_path: Path) -> None:
    if run("dash", "(set -o pipefail) 2> /dev/null", tmp_path)[0] == 0:
        pytest.skip("this dash is newer than that of the images")
    status, printed, _errors = run("dash", script, tmp_path)
    assert (status, printed) == (2, "")


def test_single_brackets_do_not_match_in_bash_either(tmp_path: Path) -> None:
    assert run("bash", "[ ab =~ a ]", tmp_path)[0] == 2
    assert told("[ ab =~ a ]", head="env:\n  shell: bash\n") == [("CD331", "error", "=~")]
    assert told("[ ab =~ a ]", AMAZON) == [("CD331", "error", "=~")]
    assert told("[[ ab =~ a ]]", AMAZON) == []


@pytest.mark.parametrize(
    "script",
    [
        "bash -c 'pushd x; set -o pipefail'",
        "bash -euo pipefail build.sh",
        "bash -o pipefail -c 'a | b'",
        "cat > run.sh <<'EOF'\nset -euo pipefail\ntrap x ERR\necho -e a\nEOF",
        "./pushd x",
        "bin/complete x",
        "let() { :; }\nlet X",
        ". ./lib.sh\ncomplete x\nenable x",
        "echo pushd declare pipefail",
        "git config pipefail true",
        # POSIX
        "set -eu",
        "set -x; set +x; set -- a -T b",
        "set -o errexit; set -o nounset",
        "set -- -T",
        "(set -o pipefail) 2> /dev/null && set -o pipefail",
        "if (set -o pipefail 2> /dev/null); then set -o pipefail; fi",
        "command set -o pipefail 2> /dev/null || true",
        'if [ -n "$BASH_VERSION" ]; then set -o pipefail; shopt -s nullglob; fi',
        "read -r X < f",
        'while IFS= read -r line; do echo "$line"; done < f',
        "read -rp 'sure? ' X",
        "printf '%s\\n' a",
        "printf '100%%q'",
        'printf "$FORMAT" a',
        "printf -- '-v'",
        "type ls",
        "trap 'rm -f x' EXIT INT TERM HUP 0 15",
        "trap - EXIT",
        "trap '' PIPE",
        'trap cleanup "$SIGNAL"',
        "export -p",
        "export A=1 B",
        "readonly A=1",
        "unset -f f; unset -v A; unset A",
        "wait; wait $PID",
        "ulimit -n 4096",
        "hash -r",
        "f() { local x=1 y; local z=$(date); }\nf",
        '[ -n "$X" ]',
        '[ "-v" = "$X" ]',
        "test -t 1",
        "echo hi",
        "echo -n hi > f",
        'echo "-e" > f',
        "echo - e > f",
        "echo --enable-x > f",
        "echo $OPTIONS hi > f",
        "/bin/echo -e a > f",
        "kill -TERM $PID",
        "nohup sleep 30 & echo $! > pidfile",
    ],
)
def test_near_misses(script: str) -> None:
    assert told(script, UBUNTU) == []
    assert told(script) == []


def test_an_option_in_the_log_is_advice() -> None:
    assert told('echo -e "\\nStart"', UBUNTU) == [("CD333", "info", "-e")]
    assert told('echo -e "failed" >&2; exit 1') == [("CD333", "info", "-e")]
    assert told('log() { echo -e "$1"; }\nlog a', UBUNTU) == [("CD333", "info", "-e")]
    assert told("{ echo -e a; echo b; } > f", UBUNTU) == [("CD333", "error", "-e")]
    assert told('echo -e "$PASSWORD" | docker login -u x --password-stdin') == [("CD333", "warning", "-e")]


#: Scripts whose safe fixes make dash print what bash printed.
MENDED = [
    ('echo -e "a\\tb" > f\ncat f', "printf '%b\\n' \"a\\tb\" > f\ncat f"),
    ("echo -ne 'a\\n' > f\ncat f", "printf '%b' 'a\\n' > f\ncat f"),
    ("echo -n -e a | wc -c", "printf '%b' a | wc -c"),
    ('echo "$(echo -e "a\\nb")"', 'echo "$(printf \'%b\\n\' "a\\nb")"'),
    ("declare -x A=1\nsh -c 'echo $A'", "export A=1\nsh -c 'echo $A'"),
    ("type -p sh > f\nwc -l < f", "command -v sh > f\nwc -l < f"),
    ("trap 'echo bye' EXIT SIGINT", "trap 'echo bye' EXIT INT"),
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
    assert run("dash", mended, after)[:2] == run("bash", script, before)[:2]


@pytest.mark.parametrize("script", ["echo -e a b > f", "echo -E a > f", 'X=`echo -e "a"`; make'])
def test_no_safe_fix_where_the_meaning_might_change(script: str) -> None:
    assert fixed(script) == script


@pytest.mark.parametrize(
    ("item", "mended"),
    [
        ('echo -e "a\\tb" > f', "printf '%b\\n' \"a\\tb\" > f"),
        ("'echo -e a > f'", "'printf ''%b\\n'' a > f'"),
        ('"echo -e a > f"', "\"printf '%b\\\\n' a > f\""),
    ],
)
def test_fixes_in_all_kinds_of_yaml(item: str, mended: str) -> None:
    text = f"version: 0.2\nphases:\n  build:\n    commands:\n      - {item}\n"
    (finding,) = findings(text)
    assert finding.fix is not None
    assert apply_edits(text, finding.fix.edits) == text.replace(item, mended)


# --- other systems


def items(*commands: str, shell: str = "") -> str:
    head = f"env:\n  shell: {shell}\n" if shell else ""
    lines = "".join(f"      - |-\n        {command}\n".replace("\n\n", "\n") for command in commands)
    return f"version: 0.2\n{head}phases:\n  build:\n    commands:\n{lines}"


def mixed(text: str, image: str | None = None) -> list[tuple[str, str]]:
    result = check_text(text, "buildspec.yml", kind="buildspec", image=image)
    return [
        (one.severity, text[one.span.start : one.span.end]) for one in result.findings if one.code == "CD334"
    ]


@pytest.mark.parametrize(
    ("command", "place"),
    [
        ("export X=1", "export"),
        ("X=1", "X="),
        ("if [ -f x ]; then make; fi", "if"),
        ("for i in 1 2; do make $i; done", "for"),
    ],
)
@pytest.mark.parametrize(
    ("shell", "image"),
    [("powershell.exe", None), ("cmd.exe", None), ("", WINDOWS), ("powershell.exe", WINDOWS)],
)
def test_posix_commands_on_windows(command: str, place: str, shell: str, image: str | None) -> None:
    assert mixed(items(command, "dotnet build", shell=shell), image) == [("error", place)]


@pytest.mark.parametrize(
    "command",
    [
        '$env:X = "1"',
        "dotnet build",
        "bash -c 'export X=1'",
        "if (Test-Path x) { make }",
        "if ($x -eq 1) { Write-Host done }",
        'Write-Host "export X=1"',
        "$x = @{\n          A=1\n        }",
        "nuget restore; msbuild /p:Configuration=Release",
        "set X=1",
        "mkdir -p x",
        "foreach ($i in 1..3) { make $i }",
        "# export X=1",
    ],
)
def test_what_windows_takes(command: str) -> None:
    assert mixed(items(command, shell="powershell.exe")) == []
    assert mixed(items(command), WINDOWS) == []


@pytest.mark.parametrize(
    ("command", "place"),
    [
        ('$env:X = "1"', "$env:X"),
        ("Write-Host hi", "Write-Host"),
        ("Get-ChildItem -Recurse", "Get-ChildItem"),
    ],
)
def test_powershell_on_linux(command: str, place: str) -> None:
    assert mixed(items(command), UBUNTU) == [("error", place)]
    assert mixed(items(command), AMAZON) == [("error", place)]
    assert mixed(items(command, shell="bash")) == [("error", place)]
    assert mixed(items(command)) == []  # perhaps a Windows image


@pytest.mark.parametrize(
    "command",
    [
        "pwsh -Command 'Write-Host hi'",
        "echo '$env:X = 1'",
        "export X=1",
        "make",
        "cat > x.ps1 <<'EOF'\n        Write-Host\n        EOF",
    ],
)
def test_what_linux_takes(command: str) -> None:
    assert mixed(items(command), UBUNTU) == []
    assert mixed(items(command, shell="bash")) == []


def test_a_shell_of_windows_on_a_linux_image() -> None:
    assert mixed(items("make", shell="powershell.exe"), UBUNTU) == [("error", "powershell.exe")]
    assert mixed(items("make", shell="bash"), UBUNTU) == []
    assert mixed(items("make", shell="powershell.exe"), "example/image:1") == []


def test_places() -> None:
    text = buildspec("make\nif true; then\n  pushd x\nfi")
    result = check_text(text, "buildspec.yml", kind="buildspec")
    (found,) = [one for one in result.findings if one.code == "CD330"]
    assert str(result.source.position(found.span.start)) == "8:13"
