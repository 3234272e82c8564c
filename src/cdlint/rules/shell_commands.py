"""CD330–CD334: builtins of bash, and shells other than POSIX ones."""

from __future__ import annotations

from ..findings import Finding, Severity
from ..model.buildspec import Buildspec, scalar_of
from . import rule
from .dialects import OR_BASH, calls, dash, edited, inside_backticks, is_guarded, use_bash, weight

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..findings import Fix
    from ..model.buildspec import Command
    from ..syntax.shell import Simple

#: Builtins of bash, and what POSIX has in their place.
_BUILTINS = {
    "pushd": "`cd`, in round brackets where the folder is to be left again",
    "popd": "`cd`, in round brackets where the folder is to be left again",
    "dirs": "`pwd`",
    "let": "`A=$((…))`",
    "declare": "`A=…`, `export A=…` or `readonly A=…`",
    "typeset": "`A=…`, `export A=…` or `readonly A=…`",
    "shopt": "it without `shopt`",
    "mapfile": "`while read -r line; do …; done < file`",
    "readarray": "`while read -r line; do …; done < file`",
    "disown": "`nohup command &`",
    "compgen": "a pattern, or `command -v`",
    "compopt": "it without completion",
    "complete": "it without completion",
    "coproc": "`command &`",
    "enable": "it without `enable`",
    "bind": "it without `bind`",
    "caller": "it without `caller`",
}
#: These may as well be functions of a file that is read in.
_COMMON = frozenset(("dirs", "complete", "enable", "bind", "caller"))


@rule("CD330", "bash-builtin", Severity.WARNING)
def bash_builtin(spec: Buildspec) -> Iterator[Finding]:
    """A command that is built into bash alone.

    dash, the `sh` of the Ubuntu images, looks for a program named `pushd`, `declare`, `let` … and prints `not
    found`. The item fails only if that was its last command: after `pushd app` the following commands run in the
    wrong folder.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - |
      >         pushd frontend
                npm ci && npm run build
                popd
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - (cd frontend && npm ci && npm run build)
    """
    for command, simple in calls(spec, *_BUILTINS):
        name = simple.name
        script = command.script
        if name in script.functions or (name in _COMMON and spec.calls(".", "source", "alias")):
            continue
        word = simple.words[0]
        exports = name in ("declare", "typeset") and [arg.raw for arg in simple.args[:1]] == ["-x"]
        fix = None
        if exports and len(simple.args) > 1:
            fix = edited("Write `export`", command, [(word.start, simple.args[0].end, "export")])
        yield Finding(
            command.span_of(word),
            f"{dash(spec)} has no `{name}`: it prints `{name}: not found` and does nothing.",
            help=f"Write {_BUILTINS[name]}, {OR_BASH}.",
            fix=fix or use_bash(spec),
            severity=weight(spec),
        )


@rule("CD331", "bash-option", Severity.WARNING)
def bash_option(spec: Buildspec) -> Iterator[Finding]:
    """An option of `read`, `trap`, `printf`, `[` … that only bash has.

    dash, the `sh` of the Ubuntu images, has these commands with the options of POSIX alone: `read` takes `-r` and
    `-p`, `trap` the names of signals without `SIG` and no `ERR`, `[` no `-v`. It prints `Illegal option` or `bad
    trap`; after `export -f` and `local -r` the item ends.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - |
      >         trap 'docker compose logs' ERR
                make integration
    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - '[ -v TAG ] || exit 1'
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - |
                trap 'docker compose logs' EXIT
                make integration
              - '[ -n "${TAG+set}" ] || exit 1'
    """
    from .bash_options import CHECKS, illegal

    for command, simple in calls(spec, *CHECKS):
        for word, what, instead, changes in illegal(simple):
            fix = edited("Write what POSIX has", command, changes) if changes else None
            yield Finding(
                command.span_of(word),
                f"{dash(spec)} {what}",
                help=f"Write {instead}, {OR_BASH}.",
                fix=fix or use_bash(spec),
                severity=weight(spec),
            )
    yield from _matches(spec)


def _matches(spec: Buildspec) -> Iterator[Finding]:
    """`[ a =~ b ]`, which no shell of CodeBuild's images has."""
    for command, simple in spec.calls("[", "test"):
        for word in simple.args[1:-1]:
            if word.raw == "=~" and not is_guarded(command.script):
                yield Finding(
                    command.span_of(word),
                    "`[` has no `=~`, in bash neither: it prints an error and counts as false whatever it compares.",
                    help="Write `case` or `grep -Eq`; with `shell: bash` under `env` also `[[ … =~ … ]]`.",
                    severity=Severity.ERROR,
                )


@rule("CD332", "pipefail-in-sh", Severity.WARNING)
def pipefail_in_sh(spec: Buildspec) -> Iterator[Finding]:
    """`set -o pipefail` in a shell that does not have it.

    dash, the `sh` of the Ubuntu images, prints `set: Illegal option -o pipefail` and ends with status 2, whatever
    stands behind `||`: nothing of the item runs, and it fails. `(set -o pipefail) 2>/dev/null && set -o pipefail`
    sets it where it exists.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - |
      >         set -euo pipefail
                make test | tee test.log
    Good:
        version: 0.2
        env:
          shell: bash
        phases:
          build:
            commands:
              - |
                set -euo pipefail
                make test | tee test.log
    """
    for command, simple in calls(spec, "set"):
        for word in simple.args:
            if word.raw != "pipefail" or _is_tried(spec, command):
                continue
            yield Finding(
                command.span_of(word),
                f"{dash(spec)} has no `pipefail`: it prints `Illegal option -o pipefail` and ends here, and the "
                "item fails.",
                help="Set `shell: bash` under `env`, or leave it out and "
                "write what the pipe carries into a file.",
                fix=use_bash(spec),
                severity=weight(spec),
            )


def _is_tried(spec: Buildspec, command: Command) -> bool:
    """Is it set in a subshell first, to see whether it exists?"""
    return "(" in command.text and any(
        other is command and simple.inside("subshell") and any(word.raw == "pipefail" for word in simple.args)
        for other, simple in spec.calls("set")
    )


@rule("CD333", "echo-option", Severity.WARNING)
def echo_option(spec: Buildspec) -> Iterator[Finding]:
    """`echo -e` in a shell whose `echo` prints the `-e`.

    The `echo` of dash, the `sh` of the Ubuntu images, knows `-n` alone and always reads escapes such as `\\n`: `-e`
    becomes part of the text. In the log that only looks odd (level info); in a file, a pipe or a variable it is
    wrong. `printf` is the same everywhere.

    Bad:
        version: 0.2
        phases:
          install:
            commands:
      >       - echo -e "machine github.com\\nlogin ci" > ~/.netrc
    Good:
        version: 0.2
        phases:
          install:
            commands:
              - printf '%b\\n' "machine github.com\\nlogin ci" > ~/.netrc
    """
    for command, simple in calls(spec, "echo"):
        count = 0
        options = ""
        for word in simple.args:
            if word.raw[:1] != "-" or not set(word.raw[1:]) or not set(word.raw[1:]) <= set("neE"):
                break
            options += word.raw[1:]
            count += 1
        # dash takes a first `-n`; what follows is text.
        printed = next((word for word in simple.args[:count] if word.raw != "-n"), None)
        if printed is None:
            continue
        from .bash_statements import is_only_shown

        shown = is_only_shown(simple)
        yield Finding(
            command.span_of(printed),
            f"{dash(spec)} prints `{printed.raw}` as part of the text"
            + ("." if shown else ", so that it gets where the output goes."),
            help="Write `printf`.",
            fix=_printf(command, simple, count, options),
            severity=Severity.INFO if shown else weight(spec),
        )


def _printf(command: Command, simple: Simple, count: int, options: str) -> Fix | None:
    if len(simple.args) != count + 1 or inside_backticks(command.script, simple.start):
        return None
    if "e" not in options or "E" in options:
        return None
    end = "" if "n" in options else "\\n"
    changes = [(simple.words[0].start, simple.args[count - 1].end, f"printf '%b{end}'")]
    return edited("Write `printf`", command, changes)


@rule("CD334", "shell-of-another-system", Severity.ERROR)
def shell_of_another_system(spec: Buildspec) -> Iterator[Finding]:
    """A POSIX command where PowerShell runs, or the other way round.

    Windows images run commands in PowerShell (or in `cmd.exe`), Linux images in `sh` or `bash`. PowerShell has no
    `export` and no `A=b`, a POSIX shell no `$env:A = "b"` and no `Write-Host`: the command is not found, and the
    variable is not set.

    Bad:
        version: 0.2
        env:
          shell: powershell.exe
        phases:
          build:
            commands:
      >       - export CONFIGURATION=Release
              - dotnet build
    Bad (image: aws/codebuild/standard:7.0):
        version: 0.2
        phases:
          build:
            commands:
      >       - $env:CONFIGURATION = "Release"
              - dotnet build
    Good:
        version: 0.2
        env:
          shell: powershell.exe
        phases:
          build:
            commands:
              - $env:CONFIGURATION = "Release"
              - dotnet build
    Good (image: aws/codebuild/standard:7.0):
        version: 0.2
        phases:
          build:
            commands:
              - export CONFIGURATION=Release
              - dotnet build
    """
    from .other_shells import kind_of_image, posix_in_windows, powershell_in_posix

    shell = scalar_of(spec.get("env", "shell"))
    name = (shell.value if shell is not None else spec.shell_setting or "").strip().lower()
    windows = any(one in name for one in ("powershell", "pwsh", "cmd"))
    kind = kind_of_image(spec)
    if shell is not None and kind in ("linux", "lambda", "macos") and name in ("powershell.exe", "cmd.exe"):
        yield Finding(
            shell.span,
            f"`{shell.value}` is a shell of Windows, and `{spec.image}` is no Windows image.",
            help="Write `bash`, or leave the setting out.",
        )
    elif windows or (kind == "windows" and not name):
        yield from posix_in_windows(spec, "cmd.exe" if "cmd" in name else "PowerShell")
    elif kind in ("linux", "lambda", "macos") or "bash" in name or name in ("sh", "/bin/sh"):
        yield from powershell_in_posix(spec, "bash" if "bash" in name else "sh")
