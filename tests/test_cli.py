"""The command line: what it prints, where, and with which exit status."""

from __future__ import annotations

import io
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cdlint import __version__
from cdlint.cli import main
from cdlint.cli.terminal import plain, wants_color, write_file
from cdlint.rules import load
from support import ROOT, clean_environment

CLEAN = "version: 0.2\nphases:\n  build:\n    commands:\n      - make\n"
# An error and a warning: a phase that CodeBuild does not know, and a comment of ours.
FAULTY = "version: 0.2\nphases:\n  built:\n    commands:\n      - make # cdlint: ignore[CD966]\n"
WARNED = CLEAN.replace("make", "make # cdlint: ignore[CD966]")
ADVISED = CLEAN.replace("make", "make # cdlint: ignore[CD091, tab-indentation]")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("NO_COLOR", "FORCE_COLOR", "CDLINT_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(path: str, text: str) -> str:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8", newline="\n")
    return path


class Done:
    """How a run ended."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status = status
        self.out = out
        self.err = err

    @property
    def found(self) -> list[tuple[str, str]]:
        """`(path, code)` of the findings in a JSON report."""
        return [(found["path"], found["code"]) for found in json.loads(self.out)["findings"]]

    @property
    def codes(self) -> set[str]:
        return {code for _, code in self.found}

    @property
    def complaint(self) -> str:
        """The only line on stderr."""
        assert self.err.count("\n") == 1, self.err
        assert self.err.startswith("cdlint: ")
        return self.err[len("cdlint: ") : -1]


@pytest.fixture
def cdlint(capsys: pytest.CaptureFixture[str]):
    def run(*words: str) -> Done:
        capsys.readouterr()
        status = main(words)
        captured = capsys.readouterr()
        return Done(status, captured.out, captured.err)

    return run


def process(*words: str, stdin: bytes | None = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "cdlint", *words],
        input=stdin,
        capture_output=True,
        env=clean_environment(PYTHONPATH=str(ROOT / "src"), **environment),
        check=False,
    )


# --- exit status --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "options", "status"),
    [
        (CLEAN, [], 0),
        (FAULTY, [], 1),
        (WARNED, [], 1),
        (ADVISED, [], 0),
        (ADVISED, ["--pedantic"], 0),
        (ADVISED, ["--fail-on", "info"], 1),
        (WARNED, ["--fail-on", "error"], 0),
        (FAULTY, ["--fail-on=error"], 1),
        (FAULTY, ["--exit-zero"], 0),
        (FAULTY, ["--ignore", "CD"], 0),
        (FAULTY, ["--select", "CD091", "--fail-on", "error"], 0),
    ],
)
def test_the_exit_status(text: str, options: list[str], status: int, cdlint) -> None:
    put("buildspec.yml", text)
    assert cdlint("check", *options).status == status
    assert cdlint("check", "buildspec.yml", "--format", "json", *options).status == status


def test_advice_is_shown_only_when_asked_for(cdlint) -> None:
    put("buildspec.yml", ADVISED)
    check = ("check", "--format", "json", "--exit-zero")
    assert "CD090" not in cdlint(*check).codes
    assert "CD090" in cdlint(*check, "--pedantic").codes
    assert "CD090" in cdlint(*check, "--fail-on", "info").codes
    assert cdlint(*check, "--select", "CD0").codes == set()
    assert cdlint(*check, "--select", "unused-suppression").codes == {"CD090"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "say what to do: `cdlint check`, or `cdlint --help` for all commands"),
        (["chek"], "'chek' is no command and no file; did you mean check?"),
        (["buildspec.yml"], "buildspec.yml is no command; did you mean `cdlint check buildspec"),
        (["--quiet"], "a command comes first, such as `cdlint check --quiet`"),
        (["check", "--stat"], "there is no option --stat; did you mean --statistics?"),
        (
            ["check", "--select", "CD966"],
            "--select: there is no rule 'CD966'; `cdlint rules` lists",
        ),
        (["check", "--ignore", "unused-supression"], "did you mean unused-suppression?"),
        (["check", "--select", ","], "--select: names no rule"),
        (["check", "--config", "a", "--no-config"], "--config and --no-config exclude each other"),
        (["check", "--config", "none.toml"], "none.toml: No such file or directory"),
        (["check", "none.yml"], "none.yml: No such file or directory"),
        (["check", "--output", "none/out.json"], "none/out.json: No such file or directory"),
        (["explain", "CD966"], "there is no rule 'CD966'; `cdlint rules` lists them"),
        (["explain", "unused-supression"], "did you mean unused-suppression?"),
        (["schema", "buildspek"], "there is no schema 'buildspek'; did you mean buildspec?"),
    ],
)
def test_wrong_usage_is_one_line_and_status_2(words: list[str], message: str, cdlint) -> None:
    put("buildspec.yml", CLEAN)
    done = cdlint(*words)
    assert done.status == 2
    assert message in done.complaint


def test_wrong_configuration_is_one_line_and_status_2(cdlint) -> None:
    put("buildspec.yml", CLEAN)
    put("cdlint.toml", "selekt = []\n")
    done = cdlint("check")
    assert done.status == 2
    assert "cdlint.toml: selekt is no setting of cdlint; did you mean select?" in done.complaint
    assert cdlint("check", "--no-config").status == 0


def test_a_missing_file_does_not_hide_the_others(cdlint) -> None:
    put("buildspec.yml", FAULTY)
    done = cdlint("check", "none.yml", "buildspec.yml", "--format", "json", "--exit-zero")
    assert done.status == 2
    assert done.complaint == "none.yml: No such file or directory"
    assert {path for path, _ in done.found} == {"buildspec.yml"}


def test_nothing_to_check_is_said(cdlint) -> None:
    put("other.yml", "a: 1\n")
    for words in (["check"], ["check", "other.yml"]):
        done = cdlint(*words)
        assert (done.status, done.out) == (0, "")
        assert done.complaint == "nothing to check: found no buildspec, pipeline or deploy file"
        assert cdlint(*words, "--quiet").err == ""
    assert cdlint("check", "--format", "json").found == []


def test_a_fault_of_ours_is_one_line(monkeypatch: pytest.MonkeyPatch, cdlint) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("division\nby zero")

    put("buildspec.yml", CLEAN)
    monkeypatch.setattr("cdlint.cli.check.check_bytes", broken)
    done = cdlint("check")
    assert done.status == 2
    assert "a fault of cdlint (ZeroDivisionError" in done.complaint
    monkeypatch.setenv("CDLINT_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main(["check"])


def test_an_interrupt(monkeypatch: pytest.MonkeyPatch, cdlint) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    put("buildspec.yml", CLEAN)
    monkeypatch.setattr("cdlint.cli.check.check_bytes", interrupted)
    assert cdlint("check").status == 130


# --- files --------------------------------------------------------------------------------------


def test_without_paths_the_repository_around_is_checked(monkeypatch: pytest.MonkeyPatch, cdlint) -> None:
    put(".git/HEAD", "ref: refs/heads/main\n")
    put("buildspec.yml", FAULTY)
    put("deep/er/buildspec.yml", FAULTY)
    monkeypatch.chdir("deep/er")
    done = cdlint("check", "--format", "json")
    assert {path for path, _ in done.found} == {"../../buildspec.yml", "buildspec.yml"}


def test_paths_are_shown_with_slashes_and_as_given(here: Path, cdlint) -> None:
    put("ci/buildspec.yml", FAULTY)
    for given, shown in (
        ("ci/buildspec.yml", "ci/buildspec.yml"),
        ("ci", "ci/buildspec.yml"),
        (".", "ci/buildspec.yml"),
        (str(here / "ci"), f"{here.as_posix()}/ci/buildspec.yml"),
    ):
        done = cdlint("check", given, "--format", "json")
        assert {path for path, _ in done.found} == {shown}


def test_the_content_decides(cdlint) -> None:
    put("release.yml", FAULTY)
    put("buildspec.json", '{"name": "x", "platformConfig": {}}')
    put("notes.txt", FAULTY)
    done = cdlint("check", "--format", "json")
    assert {path for path, _ in done.found} == {"release.yml"}
    done = cdlint("check", "--format", "json", "notes.txt", "buildspec.json")
    assert {path for path, _ in done.found} == {"notes.txt"}


def test_a_kind_can_be_forced_on_files_given_by_name(cdlint) -> None:
    put("x.txt", "hello: world\n")
    assert cdlint("check", "x.txt", "--format", "json").found == []
    assert cdlint("check", "x.txt", "--kind", "buildspec", "--format", "json").status == 1
    put("y.yml", "hello: world\n")
    assert cdlint("check", ".", "--kind", "buildspec", "--format", "json").found == []


def test_exclude(cdlint) -> None:
    put("a/buildspec.yml", FAULTY)
    put("b/buildspec.yml", FAULTY)
    put("c/buildspec.yml", FAULTY)
    put("cdlint.toml", "exclude = ['c']\n")
    done = cdlint("check", "--exclude", "a/*.yml", "--format", "json")
    assert {path for path, _ in done.found} == {"b/buildspec.yml"}
    done = cdlint("check", "c/buildspec.yml", "--format", "json")
    assert done.found == [], "a hook names every file"


def test_a_folder_named_like_a_file(cdlint) -> None:
    put("buildspec.yml/inner.yml", FAULTY)
    done = cdlint("check", "buildspec.yml", "--format", "json")
    assert {path for path, _ in done.found} == {"buildspec.yml/inner.yml"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_named_pipe_does_not_hang(cdlint) -> None:
    os.mkfifo("buildspec.yml")
    done = cdlint("check", "buildspec.yml")
    assert done.status == 2
    assert "buildspec.yml: is not a regular file" in done.complaint
    assert cdlint("check").status == 0, "in a folder it is no candidate"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file(cdlint) -> None:
    Path(put("buildspec.yml", CLEAN)).chmod(0)
    done = cdlint("check")
    assert (done.status, done.complaint) == (2, "buildspec.yml: Permission denied")


def test_files_that_are_too_large(cdlint) -> None:
    put("buildspec.yml", "a: " + "x" * 6_000_000)
    put("other.txt", "a: " + "x" * 6_000_000)
    assert "CD032" in cdlint("check", "--format", "json").codes
    done = cdlint("check", "other.txt")
    assert (done.status, done.complaint) == (2, "other.txt: is larger than 5 MB")


def test_names_cannot_steer_the_terminal(cdlint) -> None:
    done = cdlint("check", "a\n\x1b[31mb.yml")
    assert done.complaint == r"a\n\x1b[31mb.yml: No such file or directory"
    assert plain("größe") == "größe"


# --- standard input -----------------------------------------------------------------------------


def test_standard_input(here: Path) -> None:
    done = process("check", "-", "--format", "json", stdin=FAULTY.encode())
    assert done.returncode == 1
    assert {found["path"] for found in json.loads(done.stdout)["findings"]} == {"<stdin>"}
    put("cdlint.toml", "[per-file-ignores]\n'ci/*' = ['CD091']\n")
    done = process("check", "-", "--stdin-filename", "ci/x.yml", "--format", "json", stdin=FAULTY.encode())
    found = json.loads(done.stdout)["findings"]
    assert {one["path"] for one in found} == {"ci/x.yml"}
    assert "CD091" not in {one["code"] for one in found}


def test_broken_standard_input_is_still_a_buildspec() -> None:
    done = process("check", "-", "--quiet", stdin=b"hello\n")
    assert done.returncode == 1
    done = process("check", "-", stdin=b"name: x\njobs: {}\n")
    assert done.returncode == 0
    assert b"nothing to check" in done.stderr


def test_excluded_standard_input(here: Path) -> None:
    put("cdlint.toml", "exclude = ['ci']\n")
    done = process("check", "-", "--stdin-filename", "ci/x.yml", stdin=FAULTY.encode())
    assert done.returncode == 0


def test_standard_input_beside_files(here: Path) -> None:
    put("buildspec.yml", FAULTY)
    done = process("check", "-", "buildspec.yml", "--format", "json", stdin=FAULTY.encode())
    paths = [found["path"] for found in json.loads(done.stdout)["findings"]]
    assert set(paths) == {"<stdin>", "buildspec.yml"}


# --- configuration ------------------------------------------------------------------------------


def test_the_nearest_configuration_counts(cdlint) -> None:
    put("buildspec.yml", FAULTY)
    put("a/buildspec.yml", FAULTY)
    put("pyproject.toml", "[tool.cdlint]\nselect = ['CD091']\nfail-on = 'error'\n")
    put("a/cdlint.toml", "ignore = ['CD091']\n")
    done = cdlint("check", "buildspec.yml", "--format", "json")
    assert (done.codes, done.status) == ({"CD091"}, 0)
    done = cdlint("check", "a", "--format", "json")
    assert "CD091" not in done.codes
    assert done.status == 1


def test_options_lie_over_the_configuration(cdlint) -> None:
    put("buildspec.yml", FAULTY)
    put("cdlint.toml", "ignore = ['CD091']\nfail-on = 'error'\n")
    done = cdlint("check", "--select", "CD091", "--fail-on", "warning", "--format", "json")
    assert (done.codes, done.status) == ({"CD091"}, 1)


def test_severity_can_be_changed(cdlint) -> None:
    put("buildspec.yml", WARNED)
    put("cdlint.toml", "[severity]\nunknown-suppression = 'info'\n")
    assert cdlint("check", "--format", "json").found == []
    put("cdlint.toml", "[severity]\nCD091 = 'error'\n")
    (found,) = json.loads(cdlint("check", "--format", "json").out)["findings"]
    assert found["severity"] == "error"


# --- reports ------------------------------------------------------------------------------------


def test_the_report_can_go_to_a_file(here: Path, cdlint) -> None:
    put("buildspec.yml", FAULTY)
    out = here / "out.json"
    done = cdlint("check", "--format", "json", "--output", "out.json")
    assert (done.status, done.out, done.err) == (1, "", "")
    first = json.loads(out.read_text(encoding="utf-8"))
    assert first["summary"]["errors"] >= 1
    out.chmod(0o640)
    put("buildspec.yml", CLEAN)
    assert cdlint("check", "--format", "json", "--output", "out.json").status == 0
    assert json.loads(out.read_text(encoding="utf-8"))["findings"] == []
    assert stat.S_IMODE(out.stat().st_mode) == 0o640
    assert sorted(os.listdir(here)) == ["buildspec.yml", "out.json"], "no temporary file is left"


def test_a_report_through_a_link_and_to_a_device(here: Path) -> None:
    put("real.txt", "old")
    (here / "link.txt").symlink_to("real.txt")
    write_file("link.txt", "new")
    assert (here / "link.txt").is_symlink()
    assert (here / "real.txt").read_text(encoding="utf-8") == "new"
    write_file(os.devnull, "anything")
    assert not os.path.isfile(os.devnull)


def test_output_to_standard_output(cdlint) -> None:
    put("buildspec.yml", FAULTY)
    assert cdlint("check", "--format", "json", "--output", "-").found


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no full device here")
def test_a_full_disk_is_one_line(here: Path) -> None:
    put("buildspec.yml", FAULTY)
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "cdlint", "check"],
            stdout=full,
            stderr=subprocess.PIPE,
            env=clean_environment(PYTHONPATH=str(ROOT / "src")),
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == b"cdlint: No space left on device\n"


def test_a_reader_that_goes_away_is_no_fault(here: Path) -> None:
    for number in range(300):
        put(f"{number}/buildspec.yml", FAULTY)
    child = subprocess.Popen(
        [sys.executable, "-m", "cdlint", "check", "--format", "concise"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_environment(PYTHONPATH=str(ROOT / "src")),
    )
    assert child.stdout is not None and child.stderr is not None
    child.stdout.close()
    assert child.stderr.read() == b""
    assert child.wait() == 1
    child.stderr.close()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
@pytest.mark.parametrize("form", ["full", "concise", "json"])
def test_no_terminal_is_too_narrow_minded(here: Path, encoding: str, form: str) -> None:
    put("buildspec.yml", FAULTY.replace("make", "echo — “日本”"))
    done = process("check", "--format", form, PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (1, b"")
    if form == "json":
        assert json.loads(done.stdout.decode("utf-8"))["findings"]


def test_without_standard_output(here: Path) -> None:
    put("buildspec.yml", FAULTY)
    code = "import sys; sys.stdout = sys.stderr = None; from cdlint.cli import main\n"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}raise SystemExit(main(['check']))"],
        env=clean_environment(PYTHONPATH=str(ROOT / "src")),
        check=False,
    )
    assert done.returncode == 1


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("when", "environment", "terminal", "expected"),
    [
        (None, {}, True, True),
        (None, {}, False, False),
        ("auto", {}, True, True),
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
        (None, {"NO_COLOR": "1"}, True, False),
        (None, {"NO_COLOR": ""}, True, True),
        (None, {"FORCE_COLOR": "1"}, False, True),
        (None, {"FORCE_COLOR": "0"}, False, False),
        (None, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        (None, {"TERM": "dumb"}, True, False),
    ],
)
def test_colours(
    when: str | None,
    environment: dict[str, str],
    terminal: bool,
    expected: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert wants_color(when, Terminal() if terminal else io.StringIO()) is expected


def test_colour_reaches_the_report_but_no_file_and_no_machine(cdlint) -> None:
    put("buildspec.yml", FAULTY)
    assert "\x1b[" in cdlint("check", "--color", "always").out
    assert "\x1b[" not in cdlint("check").out
    assert "\x1b[" not in cdlint("check", "--color", "always", "--format", "json").out
    cdlint("check", "--output", "out.txt")
    assert "\x1b[" not in Path("out.txt").read_text(encoding="utf-8")


def test_progress_is_shown_to_people_who_wait(monkeypatch: pytest.MonkeyPatch, cdlint) -> None:
    for number in range(60):
        put(f"{number}/buildspec.yml", CLEAN)
    assert cdlint("check").err == ""
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    assert main(["check"]) == 0
    assert "\r50 of 60 files" in screen.getvalue()
    assert screen.getvalue().endswith("\r\x1b[K")


# --- the other commands -------------------------------------------------------------------------


def test_the_version(cdlint) -> None:
    assert cdlint("--version").out == f"cdlint {__version__}\n"
    assert process("--version").stdout == f"cdlint {__version__}\n".encode()


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["help"]])
def test_the_help(words: list[str], cdlint) -> None:
    done = cdlint(*words)
    assert (done.status, done.err) == (0, "")
    for command in ("check", "rules", "explain", "schema"):
        assert f"\n  {command} " in done.out


def test_the_help_of_check_says_what_counts(cdlint) -> None:
    done = cdlint("check", "--help")
    assert done.status == 0
    for words in ("examples:", "exit codes:", "--stdin-filename", "# cdlint: ignore[CODE]"):
        assert words in done.out


def test_the_list_of_rules(cdlint) -> None:
    rows = json.loads(cdlint("rules", "--format", "json").out)
    assert {row["code"] for row in rows} == set(load())
    assert all(row.keys() == {"code", "name", "severity", "summary"} for row in rows)
    lines = cdlint("rules").out.splitlines()
    assert len(lines) == len(rows)
    assert lines == sorted(lines)
    assert lines[0].split()[:2] == [rows[0]["code"], rows[0]["name"]]


@pytest.mark.parametrize("word", ["CD090", "cd090", "unused-suppression", " CD090 "])
def test_explaining_a_rule(word: str, cdlint) -> None:
    out = cdlint("explain", word).out
    assert out.startswith("CD090 unused-suppression (info)\n\nA `# cdlint: ignore` comment silences")
    assert "\nBad\n" in out
    assert "\nGood\n" in out
    assert "\n  >       - make" in out
    assert "\x1b[" in cdlint("explain", word, "--color", "always").out


def test_every_rule_can_be_explained(cdlint) -> None:
    for code, rule in load().items():
        out = cdlint("explain", code).out
        assert out.startswith(f"{code} {rule.name} ({rule.severity})\n")


def test_schemas(cdlint) -> None:
    names = cdlint("schema").out.split()
    assert {"buildspec", "cdlint"} <= set(names)
    for name in names:
        assert json.loads(cdlint("schema", name).out)["$schema"].startswith("http")
    assert cdlint("schema", "cdlint.schema.json").out == cdlint("schema", "cdlint").out


# --- further reports ------------------------------------------------------------------------------


def test_further_reports_of_the_same_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    spec = "version: 0.2\nphases:\n  built:\n    commands:\n      - make\n"
    (tmp_path / "buildspec.yml").write_text(spec, encoding="utf-8")
    for form in ("json", "sarif"):
        main(["check", "--format", form, "--output", f"alone.{form}"])
    capsys.readouterr()
    assert main(["check", "--format=concise", "--report=json=one.json", "--report", "sarif=two.sarif"]) == 1
    assert capsys.readouterr().out.startswith("buildspec.yml:3:3: error CD106")
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "alone.json").read_bytes()
    assert (tmp_path / "two.sarif").read_bytes() == (tmp_path / "alone.sarif").read_bytes()


@pytest.mark.parametrize("given", ["json", "json=", "json=-", "=x", "yaml=x", "x.json"])
def test_a_report_that_is_none(given: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--report", given]) == 2
    assert capsys.readouterr().err.startswith(
        f"cdlint: --report: `{given}` is no FORMAT=FILE; formats: full, "
    )
