"""Completion, by the real shells; those that are not installed are skipped."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from cdlint.cli import main
from cdlint.cli.commands import COMMANDS
from cdlint.rules import load
from support import ROOT, clean_environment

BASH = shutil.which("bash")
FISH = shutil.which("fish")
ZSH = shutil.which("zsh")


@pytest.fixture
def scripts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Path]:
    found = {}
    for shell in ("bash", "zsh", "fish"):
        assert main(["completion", shell]) == 0
        found[shell] = tmp_path / f"completion.{shell}"
        found[shell].write_text(capsys.readouterr().out, encoding="utf-8")
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "work"
    (inside / "ci folder").mkdir(parents=True)
    (inside / "buildspec.yml").write_text("", encoding="utf-8")
    (inside / "größe 日本.yml").write_text("", encoding="utf-8")
    return inside


def in_bash(script: Path, folder: Path, *words: str) -> list[str]:
    """What bash proposes for the last word."""
    code = (
        'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); _cdlint; '
        'for word in "${COMPREPLY[@]}"; do printf "%s\\n" "$word"; done'
    )
    done = subprocess.run(
        [str(BASH), "--norc", "-c", code, "bash", str(script), *words],
        cwd=folder, env=clean_environment(LC_ALL="C.UTF-8"), capture_output=True, text=True, encoding="utf-8",
        check=False,
    )  # fmt: skip
    return done.stdout.splitlines()


@pytest.mark.skipif(BASH is None, reason="no bash here")
def test_bash(scripts: dict[str, Path], folder: Path) -> None:
    def proposed(*words: str) -> list[str]:
        return in_bash(scripts["bash"], folder, "cdlint", *words)

    assert proposed("") == [*COMMANDS, "--help", "--version"]
    assert proposed("ch") == ["check"]
    assert proposed("check", "--fo") == ["--format"]
    assert "junit" in proposed("check", "--format", "")
    assert proposed("check", "--format", "=", "ju") == ["junit"]
    assert proposed("check", "--format", "=") == proposed("check", "--format", "")
    assert proposed("explain", "CD302") == ["CD302"]
    assert proposed("explain", "zip-arg") == ["zip-arguments-swapped"]
    assert proposed("check", "--select", "curly") == ["curly-quotes"]
    assert proposed("schema", "build") == ["buildspec"]
    assert proposed("completion", "") == ["bash", "zsh", "fish"]
    assert proposed("check", "--report", "ju") == ["junit="]
    assert proposed("check", "--quiet", "b") == ["buildspec.yml"]
    assert proposed("check", "g") == ["größe 日本.yml"]
    assert proposed("init", "c") == ["ci folder"]
    assert proposed("check", "--jobs", "") == []
    assert proposed("check", "--kind", "template-") == ["template-configuration"]


@pytest.mark.skipif(BASH is None, reason="no bash here")
def test_bash_is_told_of_the_function(scripts: dict[str, Path], folder: Path) -> None:
    done = subprocess.run(
        [str(BASH), "--norc", "-c", 'eval "$(cat "$1")" && complete -p cdlint', "bash", str(scripts["bash"])],
        cwd=folder, env=clean_environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("complete -F _cdlint cdlint\n", "")


@pytest.mark.skipif(BASH is None, reason="no bash here")
@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("cdlint chec", "cdlint check "),
        ("cdlint check --forma", "cdlint check --format "),
        ("cdlint check --format=juni", "cdlint check --format=junit "),
        ("cdlint check --format=junit --fai", "cdlint check --format=junit --fail-on "),
        ("cdlint check --config=build", "cdlint check --config=buildspec.yml "),
        ("cdlint check --report juni", "cdlint check --report junit="),
        ("cdlint check größe", "cdlint check größe\\ 日本.yml "),
        ("cdlint init ci", "cdlint init ci\\ folder/"),
        ("cdlint explain CD302", "cdlint explain CD302 "),
    ],
)
def test_bash_at_a_terminal(scripts: dict[str, Path], folder: Path, typed: str, expected: str) -> None:
    """What readline makes of it: `=` parts words, names are quoted, a blank follows or does not."""
    pty = pytest.importorskip("pty")
    (folder / ".bashrc").write_text(
        f"PS1=''; source {scripts['bash']}\n"
        "bind 'set enable-bracketed-paste off' 2>/dev/null\n"
        "show() { printf '<<%s>>\\n' \"$READLINE_LINE\"; READLINE_LINE=''; }\n"
        "bind -x '\"\\C-g\": show'; echo READY\n",
        encoding="utf-8",
    )
    leader, follower = pty.openpty()
    running = subprocess.Popen(
        [str(BASH), "--rcfile", str(folder / ".bashrc"), "--noprofile", "-i"], cwd=folder,
        env=clean_environment(LC_ALL="C.UTF-8", HOME=str(folder), TERM="dumb", INPUTRC=os.devnull),
        stdin=follower, stdout=follower, stderr=follower, start_new_session=True,
    )  # fmt: skip
    os.close(follower)
    try:
        _read_until(leader, b"READY")
        os.write(leader, typed.encode() + b"\t\x07")
        told = _read_until(leader, b">>")
    finally:
        running.kill()
        running.wait()
        os.close(leader)
    assert told.partition("<<")[2].partition(">>")[0] == expected


@pytest.mark.skipif(FISH is None, reason="no fish here")
def test_fish(scripts: dict[str, Path], folder: Path) -> None:
    def proposed(line: str) -> list[str]:
        done = subprocess.run(
            [str(FISH), "--no-config", "-c", f"source {scripts['fish']}; complete -C {line!r}"],
            cwd=folder, env=clean_environment(LC_ALL="C.UTF-8", HOME=str(folder)),
            capture_output=True, text=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert not done.stderr, done.stderr
        return [one.partition("\t")[0] for one in done.stdout.splitlines()]

    assert set(proposed("cdlint ")) >= set(COMMANDS)
    assert proposed("cdlint ch") == ["check"]
    assert proposed("cdlint check --form") == ["--format"]
    assert proposed("cdlint check --format ju") == ["junit"]
    assert proposed("cdlint check --format=ju") == ["--format=junit"]
    assert proposed("cdlint explain CD302") == ["CD302"]
    assert proposed("cdlint check build") == ["buildspec.yml"]
    assert proposed("cdlint completion f") == ["fish"]


@pytest.mark.skipif(ZSH is None, reason="no zsh here")
@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("cdlint chec", "cdlint check "),
        ("cdlint check --forma", "cdlint check --format="),
        ("cdlint check --format=juni", "cdlint check --format=junit "),
        ("cdlint explain CD302", "cdlint explain CD302 "),
        ("cdlint check build", "cdlint check buildspec.yml "),
        ("cdlint init ci", "cdlint init ci\\ folder/"),
    ],
)
def test_zsh(scripts: dict[str, Path], folder: Path, typed: str, expected: str) -> None:
    assert in_zsh(folder, "", f"source {scripts['zsh']}", typed) == expected


@pytest.mark.skipif(ZSH is None, reason="no zsh here")
@pytest.mark.parametrize(
    ("script", "expected"), [("exec cat {}", "cdlint check --format="), ("exit 2", None)]
)
def test_zsh_loads_the_installed_file(
    scripts: dict[str, Path], folder: Path, script: str, expected: str | None
) -> None:
    """By `fpath`; with a cdlint that prints its script, and with one that cannot."""
    programs = folder.parent / "programs"
    programs.mkdir()
    (programs / "cdlint").write_text(f"#!/bin/sh\n{script.format(scripts['zsh'])}\n", encoding="utf-8")
    (programs / "cdlint").chmod(0o755)
    start = f"PATH={programs}:$PATH; fpath=({ROOT / 'completions'} $fpath)"
    typed = "cdlint check --forma"
    assert in_zsh(folder, start, ":", typed) == (expected or typed)


def in_zsh(folder: Path, before: str, after: str, typed: str) -> str:
    """The line as it is after a tab; `before` and `after` are run before and after zsh's own completion is set up."""
    pty = pytest.importorskip("pty")
    (folder / ".zshrc").write_text(
        f"PS1=''; unsetopt zle_bracketed_paste prompt_sp; {before}\n"
        f"autoload -Uz compinit; compinit -u -D\n{after}\n"
        # The line as it is after the completion, between marks, instead of what a terminal would show of it.
        "show() { print -r -- \"<<$BUFFER>>\"; zle kill-buffer }; zle -N show; bindkey '^X' show; print READY\n",
        encoding="utf-8",
    )
    leader, follower = pty.openpty()
    running = subprocess.Popen(
        [str(ZSH), "-i", "+o", "globalrcs"], cwd=folder,
        env=clean_environment(LC_ALL="C.UTF-8", HOME=str(folder), ZDOTDIR=str(folder), TERM="dumb"),
        stdin=follower, stdout=follower, stderr=follower, start_new_session=True,
    )  # fmt: skip
    os.close(follower)
    try:
        _read_until(leader, b"READY")
        os.write(leader, typed.encode() + b"\t\x18")
        told = _read_until(leader, b">>")
    finally:
        running.kill()
        running.wait()
        os.close(leader)
    assert "FUNCNEST" not in told
    return told.partition("<<")[2].partition(">>")[0]


def _read_until(stream: int, mark: bytes) -> str:
    told, until = b"", time.monotonic() + 30
    while mark not in told and time.monotonic() < until:
        if select.select([stream], [], [], 0.2)[0]:
            told += os.read(stream, 10_000)
    assert mark in told, told.decode(errors="replace")
    return told.decode(errors="replace")


def test_every_rule_is_proposed(scripts: dict[str, Path]) -> None:
    for script in scripts.values():
        text = script.read_text(encoding="utf-8")
        assert all(rule.code in text and rule.name in text for rule in load().values())


def test_the_installed_files_ask_the_command() -> None:
    for name, shell in (("cdlint.bash", "bash"), ("_cdlint", "zsh"), ("cdlint.fish", "fish")):
        assert f"cdlint completion {shell}" in (ROOT / "completions" / name).read_text(encoding="utf-8")
