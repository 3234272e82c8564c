"""Commands of one kind of shell that another kind runs."""

from __future__ import annotations

from ..findings import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.buildspec import Buildspec, Command

#: Commands of PowerShell that no program is named like.
_CMDLETS = frozenset(
    "write-host write-output get-childitem set-location new-item remove-item copy-item move-item test-path get-content"
    " set-content add-content invoke-webrequest invoke-restmethod invoke-expression expand-archive compress-archive"
    " start-process import-module install-module get-location select-string out-file".split()
)


def kind_of_image(spec: Buildspec) -> str:
    """`linux`, `lambda`, `windows`, `macos`; "" where it is not known."""
    if not spec.image:
        return ""
    from ..aws.images import image

    known = image(spec.image)
    return known.kind if known is not None else ""


def posix_in_windows(spec: Buildspec, shell: str) -> Iterator[Finding]:
    """Commands of POSIX shells in a buildspec whose commands PowerShell or cmd.exe runs."""
    for command in spec.commands():
        text = command.text
        if "=" not in text and "fi" not in text and "done" not in text:
            continue
        found = _posix(command)
        if found is None:
            continue
        start, end, what, name, value = found
        instead = f"`set {name}={value}`" if shell == "cmd.exe" else f'`$env:{name} = "{value}"`'
        yield Finding(
            command.span(start, end),
            f"The commands run in {shell}, which does not know `{what}`.",
            help=f"Write {instead}." if name else f"Write it as {shell} has it, or choose a Linux image.",
        )


def _posix(command: Command) -> tuple[int, int, str, str, str] | None:
    """From, to, what it is, the variable and its value: the first thing that only a POSIX shell understands."""
    script = command.script
    if script.broken:
        return None
    for one in script.body:
        if one.kind in ("if", "loop") and one.keyword in ("if", "for", "while", "until"):
            closer = "fi" if one.keyword == "if" else "done"
            if script.text[: one.end].rstrip().endswith(closer):
                return one.start, one.start + len(one.keyword), f"{one.keyword} … {closer}", "", ""
    for simple in script.commands:
        if simple.parent is not None:
            continue
        words = simple.words
        if words and words[0].raw == "export" and len(words) > 1:
            name, equals, value = words[1].plain.partition("=")
            if equals and name.replace("_", "").isalnum():
                return words[0].start, words[0].end, "export", name, _short(value)
        # In a longer text it may be a line of a PowerShell table.
        if not words and simple.assigns and not simple.declares and "\n" not in script.text.strip():
            made = simple.assigns[0]
            if made.name and made.op == "=":
                value = made.value.plain if made.value is not None else ""
                return made.start, made.start + len(made.name) + 1, f"{made.name}=…", made.name, _short(value)
    return None


def powershell_in_posix(spec: Buildspec, shell: str) -> Iterator[Finding]:
    """Commands of PowerShell in a buildspec whose commands `sh` or `bash` runs."""
    for command in spec.commands():
        text = command.text
        at = len(text) - len(text.lstrip())
        word = text[at:].split(None, 1)[0] if text.strip() else ""
        name = ""
        if word.lower().startswith("$env:"):
            name = word[5:].partition("=")[0]
            if not name or "=" not in text.partition("\n")[0]:
                continue
            word = word[:5] + name
        elif word.lower() not in _CMDLETS:
            continue
        yield Finding(
            command.span(at, at + len(word)),
            f"The commands run in `{shell}`, which does not know `{word}`: it is PowerShell.",
            help=f"Write `export {name}=…`."
            if name
            else "Write the command as a POSIX shell has it, or run `pwsh -Command`.",
        )


def _short(value: str) -> str:
    return value if len(value) <= 30 and "\n" not in value else "…"
