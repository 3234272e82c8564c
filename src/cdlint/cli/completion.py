"""`cdlint completion`: scripts for shells, made from the table of commands."""

from __future__ import annotations

from ..rules import load
from .commands import COMMANDS
from .options import Command, Operand, Option, Options
from .schema import names
from .terminal import standard_output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_FILES, _FOLDERS = "files", "folders"
#: What stands for a value, by its name in the help, where there is no choice of words.
_KINDS = {"FILE": _FILES, "PATH": _FILES, "GLOB": _FILES, "FOLDER": _FOLDERS}


def run(options: Options) -> int:
    make = {"bash": _bash, "zsh": _zsh, "fish": _fish}[options.shell]
    standard_output(machine=True).write("\n".join(make()) + "\n")
    return 0


def values(one: Option | Operand) -> tuple[str, ...] | str:
    """What may stand for an option's value or an operand: words, or a name in `_KINDS`, or no words at all."""
    choices = getattr(one, "choices", ())
    if choices:
        return tuple(choices)
    if one.metavar in ("RULE", "RULES"):
        rules = load().values()
        return (*(rule.code for rule in rules), *(rule.name for rule in rules))
    if one.metavar == "NAME" and one.help.startswith("which one;"):
        return tuple(names())
    if one.metavar == "FORMAT=FILE":
        (form,) = (option for option in COMMANDS["check"].options if option.flag == "--format")
        return tuple(f"{word}=" for word in form.choices)
    return _KINDS.get(one.metavar, ())


# --- bash -----------------------------------------------------------------------------------------


def _bash() -> Iterator[str]:
    yield '# Completion of cdlint for bash: eval "$(cdlint completion bash)"'
    yield "_cdlint() {"
    yield "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command='' i word"
    yield "    COMPREPLY=()"
    yield "    # To bash, `--option=value` is three words."
    yield "    if [[ $cur == = ]]; then"
    yield "        cur=''"
    yield "    elif [[ $prev == = && $COMP_CWORD -gt 1 ]]; then"
    yield "        prev=${COMP_WORDS[COMP_CWORD - 2]}"
    yield "    fi"
    yield "    for ((i = 1; i < COMP_CWORD; i++)); do"
    yield "        case ${COMP_WORDS[i]} in"
    yield f"            {' | '.join(COMMANDS)}) command=${{COMP_WORDS[i]}}; break ;;"
    yield "        esac"
    yield "    done"
    yield "    if [[ -z $command ]]; then"
    yield f"        COMPREPLY=($(compgen -W '{' '.join(COMMANDS)} --help --version' -- \"$cur\"))"
    yield "        return"
    yield "    fi"
    yield '    case "$command $prev" in'
    for command in COMMANDS.values():
        for option in command.options:
            if option.metavar:
                yield f"        '{command.name} {option.flag}') {_bash_values(values(option))}; return ;;"
    yield "    esac"
    yield "    case $command in"
    for command in COMMANDS.values():
        flags = " ".join(option.flag for option in command.options)
        operand = _bash_values(values(command.operand)) if command.operand is not None else ":"
        yield f"        {command.name})"
        yield "            if [[ $cur == -* ]]; then"
        yield f"                COMPREPLY=($(compgen -W '{flags} --help' -- \"$cur\"))"
        yield "            else"
        yield f"                {operand}"
        yield "            fi ;;"
    yield "    esac"
    yield "}"
    yield "complete -F _cdlint cdlint"


def _bash_values(known: tuple[str, ...] | str) -> str:
    if known in (_FILES, _FOLDERS):
        # One file a line, whatever is in its name; `filenames` has bash quote it.
        kind = "-f" if known == _FILES else "-d"
        return (
            f'compopt -o filenames 2>/dev/null; while IFS= read -r word; do COMPREPLY+=("$word"); '
            f'done < <(compgen {kind} -- "$cur")'
        )
    if not known:
        return ":"
    # Bash before 4 (that of macOS) has no compopt.
    open_end = "compopt -o nospace 2>/dev/null; " if all(word.endswith("=") for word in known) else ""
    return f"{open_end}COMPREPLY=($(compgen -W '{' '.join(known)}' -- \"$cur\"))"


# --- zsh ------------------------------------------------------------------------------------------


def _zsh() -> Iterator[str]:
    yield "#compdef cdlint"
    yield '# Completion of cdlint for zsh: a file _cdlint in a folder of $fpath, or: eval "$(cdlint completion zsh)"'
    yield "_cdlint() {"
    yield "    local -a commands"
    yield "    commands=("
    for command in COMMANDS.values():
        yield f"        {_quoted(command.name + ':' + command.help)}"
    yield "    )"
    yield "    if (( CURRENT == 2 )); then"
    yield "        _describe -t commands command commands"
    yield "        _arguments '--help[show the help]' '--version[show the version]'"
    yield "        return"
    yield "    fi"
    yield "    local command=$words[2]"
    yield "    shift words"
    yield "    (( CURRENT-- ))"
    yield "    case $command in"
    for command in COMMANDS.values():
        yield f"        {command.name})"
        parts = [_zsh_option(option) for option in command.options]
        parts.append(_quoted("--help[show the help]"))
        if command.operand is not None:
            many = "*" if command.operand.most is None else "1"
            parts.append(_quoted(f"{many}:{command.operand.metavar}:{_zsh_values(values(command.operand))}"))
        yield "            _arguments -S \\"
        yield from (f"                {part} \\" for part in parts[:-1])
        yield f"                {parts[-1]}"
        yield "            ;;"
    yield "    esac"
    yield "}"
    yield "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then"
    yield '    _cdlint "$@"'
    yield "else"
    yield "    compdef _cdlint cdlint"
    yield "fi"


def _zsh_option(option: Option) -> str:
    told = "".join("\\" + char if char in "[]:\\" else char for char in option.help)
    many = "*" if option.many else ""
    if not option.metavar:
        return _quoted(f"{many}{option.flag}[{told}]")
    return _quoted(f"{many}{option.flag}=[{told}]:{option.metavar}:{_zsh_values(values(option))}")


def _zsh_values(known: tuple[str, ...] | str) -> str:
    if known == _FILES:
        return "_files"
    if known == _FOLDERS:
        return "_files -/"
    return f"({' '.join(word.replace(':', chr(92) + ':') for word in known)})" if known else " "


# --- fish -----------------------------------------------------------------------------------------


def _fish() -> Iterator[str]:
    yield "# Completion of cdlint for fish: cdlint completion fish | source"
    yield "complete -c cdlint -f"
    for name, told in (("help", "show the help"), ("version", "show the version")):
        yield f"complete -c cdlint -n __fish_use_subcommand -l {name} -d {_quoted(told)}"
    for command in COMMANDS.values():
        yield f"complete -c cdlint -n __fish_use_subcommand -a {command.name} -d {_quoted(command.help)}"
    for command in COMMANDS.values():
        yield from _fish_command(command)


def _fish_command(command: Command) -> Iterator[str]:
    start = f"complete -c cdlint -n '__fish_seen_subcommand_from {command.name}'"
    if command.operand is not None:
        yield start + _fish_values(values(command.operand), "")
    for option in command.options:
        known = _fish_values(values(option), " -x") if option.metavar else ""
        yield f"{start} -l {option.flag[2:]}{known} -d {_quoted(option.help)}"
    yield f"{start} -l help -d 'show the help'"


def _fish_values(known: tuple[str, ...] | str, alone: str) -> str:
    if known == _FILES:
        return f"{' -r' if alone else ''} -F"
    if known == _FOLDERS:
        return f"{alone or ' -f'} -a '(__fish_complete_directories)'"
    return f"{alone} -a {_quoted(' '.join(known))}" if known else alone


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
