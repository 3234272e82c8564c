"""The commands and options of cdlint, said once; and the parser for their ordinary forms.

`argparse` costs 9 ms to import, as much as checking many buildspecs. So `parse` reads the plain
forms (`--flag`, `--option value`, `--option=value`, operands, `--`) by itself, and gives up at the
first doubt; then `fallback.py` builds argparse's parser from the same table, for help and errors.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

FORMATS = ("full", "concise", "json", "jsonl", "github", "sarif", "junit", "gitlab")
KINDS = (
    "buildspec",
    "pipeline",
    "template",
    "terraform",
    "image-definitions",
    "image-detail",
    "task-definition",
    "appspec",
    "deploy-spec",
    "template-configuration",
)
SEVERITIES = ("error", "warning", "info")


class UsageError(Exception):
    """A command line that cannot be followed; the message is one line."""


class Option:
    """`--name` without a value (`metavar` empty), with one, or with one each time (`many`)."""

    __slots__ = ("choices", "dest", "flag", "help", "many", "metavar")

    def __init__(
        self,
        flag: str,
        metavar: str,
        help: str,
        *,
        choices: tuple[str, ...] = (),
        many: bool = False,
    ) -> None:
        self.flag = flag
        self.dest = flag[2:].replace("-", "_")
        self.metavar = metavar
        self.help = help
        self.choices = choices
        self.many = many

    @property
    def default(self) -> object:
        return None if self.metavar else False


class Operand:
    """What stands without a flag: `least` to `most` of them (`most` None: any number)."""

    __slots__ = ("dest", "help", "least", "metavar", "most")

    def __init__(self, dest: str, metavar: str, help: str, least: int, most: int | None) -> None:
        self.dest = dest
        self.metavar = metavar
        self.help = help
        self.least = least
        self.most = most


class Command:
    """A command: its options in groups, what follows them, and the words of its help."""

    __slots__ = ("epilog", "groups", "help", "name", "operand")

    def __init__(
        self,
        name: str,
        help: str,
        *,
        operand: Operand | None = None,
        groups: tuple[tuple[str, tuple[Option, ...]], ...] = (),
        epilog: str = "",
    ) -> None:
        self.name = name
        self.help = help
        self.operand = operand
        self.groups = groups
        self.epilog = epilog

    @property
    def options(self) -> tuple[Option, ...]:
        return tuple(option for _, options in self.groups for option in options)


class Options:
    """The values of a command line, as attributes."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...

    def __init__(self, **values: object) -> None:
        self.__dict__.update(values)


_CHECK = Command(
    "check",
    "Check buildspecs",
    operand=Operand(
        "paths",
        "PATH",
        "files or folders; `-` is standard input "
        "(default: the git repository around the current folder, or that folder)",
        0,
        None,
    ),
    groups=(
        (
            "what is checked",
            (
                Option("--exclude", "GLOB", "leave these files out too", many=True),
                Option("--kind", "KIND", "take the files for this kind", choices=KINDS),
                Option("--stdin-filename", "NAME", "the name of what comes in through `-`"),
                Option("--image", "IMAGE", "the build image, such as aws/codebuild/standard:7.0"),
                Option("--shell", "SHELL", "the shell of the builds where `env.shell` is not set"),
                Option("--jobs", "N", "how many processes check files (default: one for each core)"),
            ),
        ),
        (
            "rules",
            (
                Option(
                    "--select",
                    "RULES",
                    "only these rules: codes, beginnings of codes (CD2) or names, by commas",
                    many=True,
                ),
                Option("--ignore", "RULES", "not these rules", many=True),
                Option("--shellcheck", "", "run shellcheck over the commands too (cdlint[shellcheck])"),
                Option("--pedantic", "", "show advice (findings of level info) too"),
                Option(
                    "--fail-on",
                    "LEVEL",
                    "exit with 1 from this level on: error, warning (default) or info",
                    choices=SEVERITIES,
                ),
                Option("--exit-zero", "", "exit with 0 whatever is found"),
            ),
        ),
        (
            "report",
            (
                Option(
                    "--format",
                    "FORMAT",
                    "full (default), concise, json, jsonl, github, sarif, junit or gitlab",
                    choices=FORMATS,
                ),
                Option("--output", "FILE", "write the report to this file, whole or not at all"),
                Option(
                    "--color",
                    "WHEN",
                    "auto (default; NO_COLOR and FORCE_COLOR count), always or never",
                    choices=("auto", "always", "never"),
                ),
                Option("--statistics", "", "count the findings of each rule"),
                Option("--quiet", "", "findings only: no summary, no notes"),
            ),
        ),
        (
            "fixes",
            (
                Option("--fix", "", "mend what can be mended safely; what is left is reported"),
                Option("--unsafe-fixes", "", "make the fixes too that may change the meaning"),
                Option("--diff", "", "show what the fixes would change; write nothing"),
            ),
        ),
        (
            "configuration",
            (
                Option("--config", "FILE", "use this file, not the nearest cdlint.toml"),
                Option("--no-config", "", "use no configuration file"),
            ),
        ),
    ),
    epilog="""\
examples:
  cdlint check                             everything in this repository
  cdlint check buildspec.yml ci/           one file and one folder
  cdlint check --image aws/codebuild/standard:7.0
  cdlint check --format sarif --output cdlint.sarif
  cdlint check --fix                       mend the files; `--diff` only shows how
  cat spec.yml | cdlint check - --stdin-filename spec.yml

exit codes:
  0  nothing at or above the level of --fail-on
  1  findings
  2  wrong usage or configuration, or a file that cannot be read

Settings can stand in cdlint.toml or under [tool.cdlint] in pyproject.toml.
`# cdlint: ignore[CODE]` at the end of a line, or on the line above, silences a rule there.
""",
)

_RULES = Command(
    "rules",
    "List all rules",
    groups=(("report", (Option("--format", "FORMAT", "text or json", choices=("text", "json")),)),),
)

_EXPLAIN = Command(
    "explain",
    "Explain a rule: why it matters, and what to write instead",
    operand=Operand("rule", "RULE", "a code or a name, such as CD102", 1, 1),
    groups=(
        (
            "report",
            (
                Option(
                    "--color",
                    "WHEN",
                    "auto (default), always or never",
                    choices=("auto", "always", "never"),
                ),
            ),
        ),
    ),
)

_SCHEMA = Command(
    "schema",
    "Print a JSON Schema, for editors and other tools",
    operand=Operand("name", "NAME", "which one; without it their names are listed", 0, 1),
)

_GRAPH = Command(
    "graph",
    "Draw pipelines",
    operand=Operand(
        "path",
        "PATH",
        "a file or a folder; `-` is standard input "
        "(default: the git repository around the current folder, or that folder)",
        0,
        1,
    ),
    groups=(
        (
            "what is drawn",
            (
                Option("--pipeline", "NAME", "only the pipeline of this name (default: all)"),
                Option("--variant", "N", "which outcome of the template's conditions (default: 1)"),
                Option("--variables", "", "draw namespaces and variables too"),
                Option(
                    "--kind",
                    "KIND",
                    "take the file for this kind",
                    choices=("pipeline", "template", "terraform"),
                ),
                Option("--stdin-filename", "NAME", "the name of what comes in through `-`"),
            ),
        ),
        (
            "picture",
            (
                Option(
                    "--format",
                    "FORMAT",
                    "mermaid, svg or html (default: by the name of --output, else mermaid)",
                    choices=("mermaid", "svg", "html"),
                ),
                Option("--output", "FILE", "write the picture to this file, whole or not at all"),
            ),
        ),
        (
            "configuration",
            (
                Option("--config", "FILE", "use this file, not the nearest cdlint.toml"),
                Option("--no-config", "", "use no configuration file"),
            ),
        ),
    ),
    epilog="""\
examples:
  cdlint graph                              the pipelines of this repository, as Mermaid
  cdlint graph pipeline.yml --output pipeline.svg
  cdlint graph infra/ --pipeline Release --output release.html
  aws codepipeline get-pipeline --name app | cdlint graph - --format svg > app.svg

exit codes:
  0  drawn
  1  there is no pipeline
  2  wrong usage or configuration, or a file that cannot be read

The pictures tell the findings of `cdlint check` at the actions and stages that have them. Mermaid in a file
that ends with .md is put into a block which GitHub and GitLab draw.
""",
)

COMMANDS = {command.name: command for command in (_CHECK, _GRAPH, _RULES, _EXPLAIN, _SCHEMA)}


def parse(command: Command, arguments: Sequence[str]) -> Options | None:
    """The values of a plain command line; None if anything about it is doubtful."""
    options = {option.flag: option for option in command.options}
    values: dict[str, Any] = {option.dest: option.default for option in options.values()}
    operands: list[str] = []
    at, count = 0, len(arguments)
    while at < count:
        word = arguments[at]
        at += 1
        if word == "--":
            operands += arguments[at:]
            break
        if not word.startswith("-") or word == "-":
            operands.append(word)
            continue
        flag, equals, value = word.partition("=")
        option = options.get(flag)
        if option is None:
            return None
        if not option.metavar:
            if equals:
                return None
            values[option.dest] = True
            continue
        if not equals:
            if at == count or (arguments[at].startswith("-") and arguments[at] != "-"):
                return None
            value = arguments[at]
            at += 1
        if value in ("", "--") or (option.choices and value not in option.choices):
            return None
        if option.many:
            values[option.dest] = [*(values[option.dest] or ()), value]
        else:
            values[option.dest] = value
    if not _take_operands(command.operand, operands, values):
        return None
    return Options(**values)


def _take_operands(operand: Operand | None, operands: list[str], values: dict[str, Any]) -> bool:
    """Store the operands; False if there are too few or too many."""
    if operand is None:
        return not operands
    if len(operands) < operand.least:
        return False
    if operand.most is None:
        values[operand.dest] = operands
        return True
    if len(operands) > operand.most:
        return False
    values[operand.dest] = operands[0] if operands else None
    return True
