"""The command line: the only place that prints and exits."""

from __future__ import annotations

import gc
import os
import sys

from .. import process, shortcut
from ..config import ConfigError
from .commands import COMMANDS
from .options import UsageError, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line; the exit status. Errors are one line on stderr."""
    if argv is None:
        process.OWN = True
        # Trees have no cycles: the collector would only walk them for nothing.
        gc.set_threshold(200_000, 20, 20)
        shortcut.use()
    try:
        status = _dispatch(sys.argv[1:] if argv is None else list(argv))
        # A full disk or a closed pipe shows itself here, not after the last word of `main`.
        if sys.stdout is not None:
            sys.stdout.flush()
        return status
    except (UsageError, ConfigError) as error:
        return _fail(str(error))
    except BrokenPipeError:
        _abandon_stdout()
        return 1
    except OSError as error:
        _abandon_stdout()
        reason = error.strerror or str(error)
        return _fail(f"{error.filename}: {reason}" if error.filename else reason)
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if "CDLINT_DEBUG" in os.environ:
            raise
        kind = type(error).__name__
        return _fail(f"a fault of cdlint ({kind}: {error}); CDLINT_DEBUG=1 shows where")


def _dispatch(argv: list[str]) -> int:
    if not argv:
        raise UsageError("say what to do: `cdlint check`, or `cdlint --help` for all commands")
    command = COMMANDS.get(argv[0])
    if command is None:
        return _without_command(argv)
    options = parse(command, argv[1:])
    if options is None:
        from .fallback import parse as parse_fully

        try:
            options = parse_fully(command, argv[1:])
        except SystemExit as done:  # after --help
            return done.code if isinstance(done.code, int) else 0
    if command.name == "check":
        from .check import run
    elif command.name == "graph":
        from .graph import run
    elif command.name == "package":
        from .package import run
    elif command.name == "init":
        from .init import run
    elif command.name == "completion":
        from .completion import run
    elif command.name == "lsp":
        from .lsp import run
    elif command.name == "rules":
        from .rules import run
    elif command.name == "explain":
        from .explain import run
    else:
        from .schema import run
    return run(options)


def _without_command(argv: list[str]) -> int:
    word = argv[0]
    if word == "--version":
        from .. import __version__

        print(f"cdlint {__version__}")
        return 0
    if word in ("-h", "--help", "help"):
        from .fallback import print_help

        print_help()
        return 0
    if word == "-" or os.path.exists(word):
        raise UsageError(f"{word} is no command; did you mean `cdlint check {word}`?")
    if word.startswith("-"):
        raise UsageError(f"a command comes first, such as `cdlint check {word}`")
    from ..wording import closest, listed

    meant = closest(word, COMMANDS)
    hint = f"did you mean {meant}?" if meant else "commands: " + listed(COMMANDS, "and")
    raise UsageError(f"{word!r} is no command and no file; {hint}")


def _fail(message: str) -> int:
    from .terminal import complain

    complain(message)
    return 2


def _abandon_stdout() -> None:
    """Let nothing more be written where nobody reads, not even by the interpreter's exit."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    except (OSError, ValueError, AttributeError):
        pass
