"""`cdlint init`: show what would be written into a repository, ask, and write it."""

from __future__ import annotations

import os
import sys

from ..report.visible import visible
from ..setting_up.changes import Change, Refused
from ..setting_up.pieces import Plan, plan
from ..setting_up.pre_commit import PATH as HOOKS_PATH
from .options import Options, UsageError
from .terminal import complain, standard_output, wants_color

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO


def run(options: Options) -> int:
    """Offer what fits; 0 if all is there now, 1 if something was not written, 2 if something cannot be."""
    if options.yes and options.diff:
        raise UsageError("--yes and --diff exclude each other")
    try:
        found = plan(options.folder or os.curdir, tuple(options.only or ()))
    except Refused as refused:
        raise UsageError(str(refused)) from None
    out = standard_output()
    if os.path.realpath(found.root) != os.path.realpath(os.curdir):
        out.write(f"In {visible(found.root)}:\n")
    for path in found.there:
        out.write(f"{visible(path)}: is there already\n")
    for message in found.refused:
        complain(message)
    written = _each(found, options, out)
    if any(change.path == HOOKS_PATH for change in written):
        out.write("Now: pre-commit install (once in each clone)\n")
    if not found.changes and not found.refused:
        out.write("Nothing to do.\n")
    if found.refused:
        return 2
    return 0 if len(written) == len(found.changes) else 1


def _each(found: Plan, options: Options, out: TextIO) -> list[Change]:
    """Show every change and make those that are wanted; the changes that were made."""
    written: list[Change] = []
    color = wants_color(options.color, out)
    can_ask = sys.stdin is not None and sys.stdin.isatty() and out.isatty()
    for change in found.changes:
        _show(change, out, color)
        if options.diff:
            continue
        if not options.yes and not (can_ask and _asked(change, out)):
            continue
        try:
            change.write()
        except Refused as refused:
            found.refused.append(str(refused))
            complain(str(refused))
            continue
        out.write(f"Wrote {visible(change.path)}.\n")
        written.append(change)
    if found.changes and not written and not options.diff and not options.yes and not can_ask:
        out.flush()
        complain("nothing was written: --yes writes what is shown above")
    return written


def _show(change: Change, out: TextIO, color: bool) -> None:
    verb = "Add" if change.before is not None else "New"
    out.write(f"\n{verb}: {change.what}\n")
    for line in change.diff():
        shown = visible(line)
        if color and line[:1] in ("+", "-", "@"):
            shown = f"\x1b[{ {'+': 32, '-': 31, '@': 36}[line[0]] }m{shown}\x1b[0m"
        out.write(f"{shown}\n")


def _asked(change: Change, out: TextIO) -> bool:
    out.write(f"Write {visible(change.path)}? [y/N] ")
    out.flush()
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):
        out.write("\n")
    return answer.strip().lower() in ("y", "yes")
