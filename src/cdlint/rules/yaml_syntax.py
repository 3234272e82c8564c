"""CD0xx: texts that are not YAML, or not the YAML that was meant."""

from __future__ import annotations

from ..findings import Finding, Severity
from ..syntax.document import Document
from . import rule
from .repaired import repaired

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


@rule("CD001", "yaml-syntax-error", Severity.ERROR)
def yaml_syntax_error(document: Document) -> Iterator[Finding]:
    """The text is not YAML at this place.

    CodeBuild stops before the first command, in DOWNLOAD_SOURCE, with a YAML_FILE_ERROR. cdlint knows no
    certain repair here; it leaves the line out and goes on with the rest of the file.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - npm ci
      > "a" "b"
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - npm ci
    """
    yield from repaired(
        document,
        "yaml-syntax-error",
        "This is not YAML ({problem}): CodeBuild cannot read the file and stops before the first command.",
        "Check the indentation, quotes and colons of this line and of the one above.",
    )


@rule("CD004", "tab-indentation", Severity.ERROR)
def tab_indentation(document: Document) -> Iterator[Finding]:
    """Tabs as indentation.

    YAML allows only spaces there. CodeBuild answers with
    `YAML_FILE_ERROR: found character that cannot start any token`.

    Bad:
        version: 0.2
        phases:
      > ␉build:
        ␉␉commands:
        ␉␉␉- make
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - make
    """
    yield from repaired(
        document,
        "tab-indentation",
        "A tab stands in the indentation, which YAML forbids: CodeBuild stops with "
        "`found character that cannot start any token` ({lines} lines of this file begin with tabs).",
        "Indent with spaces.",
    )


@rule("CD005", "typographic-bullet", Severity.ERROR)
def typographic_bullet(document: Document) -> Iterator[Finding]:
    """A dash or dot of a text processor stands where a list item's hyphen belongs.

    Blog engines and word processors turn `-` into an en dash, an em dash or a bullet. To YAML that is an
    ordinary letter: the lines run together into one text, which then runs as one command, or the file
    does not parse at all.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       \u2014 npm ci
              - npm test
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - npm ci
              - npm test
    """
    yield from repaired(
        document,
        "typographic-bullet",
        "`{char}` is not a YAML list marker: the line is no list item but part of a text, and its command "
        "does not run as meant.",
        "Write an ordinary hyphen and a blank: `- `.",
    )


@rule("CD006", "colon-in-value", Severity.ERROR)
def colon_in_value(document: Document) -> Iterator[Finding]:
    """An unquoted colon and blank turn a command into a mapping.

    `key: value` means a mapping to YAML, also inside the shell's quotes, which YAML does not see. CodeBuild
    answers `YAML_FILE_ERROR: Expected Commands[0] to be of string type: found subkeys instead at line …`,
    counting from 0 and often one line off.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - echo "Stage: compile"
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - 'echo "Stage: compile"'
              - |
                echo "Stage: test"
    """
    yield from repaired(
        document,
        "colon-in-value",
        "This colon and blank make YAML read the text as `key: value`, whatever the shell's quotes say: "
        "CodeBuild expects a string and stops with a YAML_FILE_ERROR.",
        "Put the whole value in single quotes (doubling those inside), or write it as a block: `- |`.",
    )


@rule("CD007", "starts-with-indicator", Severity.ERROR)
def starts_with_indicator(document: Document) -> Iterator[Finding]:
    """A command begins with a character that has a meaning in YAML.

    `[` opens a list, `{` a mapping, `*` is an alias, `&` an anchor, `!` a tag, `%`, `@` and the backtick are
    reserved, `|` and `>` open a block. CodeBuild answers with messages such as
    `did not find expected ',' or ']'` or `found character that cannot start any token`.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - [ -f .env ] && cp .env build/
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - '[ -f .env ] && cp .env build/'
    """
    yield from repaired(
        document,
        "starts-with-indicator",
        "`{char}` at the start of an unquoted value is YAML syntax, not part of the command: CodeBuild "
        "cannot read the file, or gets something other than a string.",
        "Put the whole value in single quotes, or write it as a block: `- |`.",
    )


@rule("CD008", "text-after-quote", Severity.ERROR)
def text_after_quote(document: Document) -> Iterator[Finding]:
    """Text follows the closing quote of a quoted value.

    A value that begins with a quote ends at the matching quote; whatever follows is a syntax error.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - "$HOME/bin/tool" --flag
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - '"$HOME/bin/tool" --flag'
    """
    yield from repaired(
        document,
        "text-after-quote",
        "The value begins with a quote, so YAML takes it to end at the next one, and cannot read the text "
        "behind it: CodeBuild stops with a YAML_FILE_ERROR.",
        "Put the whole value in quotes of the other kind, or write it as a block: `- |`.",
    )


@rule("CD009", "unclosed-quote", Severity.ERROR)
def unclosed_quote(document: Document) -> Iterator[Finding]:
    """A quote that begins a value is never closed on its line.

    YAML reads on to the next quote of the same kind, through all the lines between, and complains far
    below, or at the end of the file.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - "npm ci
              - npm test
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - "npm ci"
              - npm test
    """
    yield from repaired(
        document,
        "unclosed-quote",
        "The quote {char} is not closed: YAML takes the following lines for part of this value, and "
        "CodeBuild cannot read the file.",
        "Close the quote at the end of the value.",
    )


@rule("CD010", "wrong-indentation", Severity.ERROR)
def wrong_indentation(document: Document) -> Iterator[Finding]:
    """A line stands at an indentation that belongs to nothing above it.

    YAML tells what belongs together by indentation alone. A line that is one space off ends the block
    before it and begins nothing: CodeBuild answers `did not find expected key` or `mapping values are not
    allowed in this context`.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - npm ci
      >      - npm test
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - npm ci
              - npm test
    """
    for repair in document.repairs:
        if repair.kind == "wrong-indentation":
            indent, target = repair.detail.get("indent"), repair.detail.get("target")
            by = f" It is indented by {indent}; {target} would fit." if indent else ""
            yield Finding(
                repair.span,
                "The indentation of this line fits nothing above it, so YAML cannot tell where it belongs: "
                f"CodeBuild stops with a YAML_FILE_ERROR.{by}",
                help="Indent it like its neighbours of the same level.",
                fix=repair.fix,
                final=True,
            )


@rule("CD011", "missing-colon", Severity.ERROR)
def missing_colon(document: Document) -> Iterator[Finding]:
    """A key without its colon.

    `version 0.2` is a text, not a key with a value; AWS's own troubleshooting page has printed it so.

    Bad:
      > version 0.2
        phases:
          build:
            commands:
              - make
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - make
    """
    yield from repaired(
        document,
        "missing-colon",
        "`{key}` has no colon, so YAML takes it for plain text and CodeBuild cannot read the file.",
        "Write `{key}:`.",
    )


@rule("CD012", "missing-blank-after-dash", Severity.ERROR)
def missing_blank_after_dash(document: Document) -> Iterator[Finding]:
    """A list item's hyphen without the blank behind it.

    `-npm ci` is a text that begins with a hyphen, not a list item.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - npm ci
      >       -npm test
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - npm ci
              - npm test
    """
    yield from repaired(
        document,
        "missing-blank-after-dash",
        "There is no blank behind the hyphen, so this line is not a list item to YAML but plain text.",
        "Write `- ` with a blank.",
    )


@rule("CD013", "missing-blank-after-colon", Severity.ERROR)
def missing_blank_after_colon(document: Document) -> Iterator[Finding]:
    """A key's colon without the blank behind it.

    `version:0.2` is one plain text to YAML: only a colon followed by a blank or a line end makes a key.

    Bad:
      > version:0.2
        phases:
          build:
            commands:
              - make
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - make
    """
    yield from repaired(
        document,
        "missing-blank-after-colon",
        "There is no blank behind the colon, so `{key}` and what follows are one plain text to YAML, "
        "not a key and its value.",
        "Write `{key}: ` with a blank.",
    )


@rule("CD014", "unclosed-bracket", Severity.ERROR)
def unclosed_bracket(document: Document) -> Iterator[Finding]:
    """A bracket of a list or mapping in flow style has no partner.

    CodeBuild answers `did not find expected ',' or ']'`, often for the line below.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - make
        artifacts:
      >   files: [dist/a, dist/b
          name: app
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - make
        artifacts:
          files: [dist/a, dist/b]
          name: app
    """
    yield from repaired(
        document,
        "unclosed-bracket",
        "The bracket `{char}` has no partner, so YAML cannot tell where the list ends: CodeBuild stops with a "
        "YAML_FILE_ERROR.",
        "Close the bracket, or write the list with one `- ` line per entry.",
    )


@rule("CD018", "text-outside-block", Severity.ERROR)
def text_outside_block(document: Document) -> Iterator[Finding]:
    """The body of a heredoc, or a quoted text over several lines, stands left of its command.

    A block (`|`) ends at the first line that is indented less than its first line, also in the middle of
    a heredoc. YAML takes the block's own indentation away, so an indented body reaches the shell flush left.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - |
                cat <<EOF > conf.json
      > {
          "a": 1
        }
        EOF
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - |
                cat <<EOF > conf.json
                {
                  "a": 1
                }
                EOF
    """
    yield from repaired(
        document,
        "text-outside-block",
        "From here on the lines stand left of the command they belong to (a heredoc, or a quote over several "
        "lines): YAML ends the command and reads them as YAML.",
        "Write the command as a block (`- |`) and indent all its lines, a heredoc's end word included; YAML "
        "takes that indentation away again.",
    )


@rule("CD019", "unknown-escape", Severity.ERROR)
def unknown_escape(document: Document) -> Iterator[Finding]:
    """A backslash in a double-quoted value that YAML has no escape for.

    In double quotes YAML reads backslashes itself, before the shell does: `\\$`, `\\.` or `\\d` are errors.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - "echo \\$HOME"
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - 'echo \\$HOME'
    """
    yield from repaired(
        document,
        "unknown-escape",
        "In double quotes YAML reads backslashes itself and knows no escape `\\{char}`: CodeBuild cannot "
        "read the file.",
        "Put the value in single quotes, or double the backslash.",
    )


@rule("CD033", "missing-dash", Severity.ERROR)
def missing_dash(document: Document) -> Iterator[Finding]:
    """A line among list items has no hyphen.

    Every item of a list begins with `- `. A line without it, at the items' own indentation, ends the list:
    CodeBuild answers `did not find expected '-' indicator`.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - npm ci
      >       npm test
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - npm ci
              - npm test
    """
    yield from repaired(
        document,
        "missing-dash",
        "This line stands among list items but has no hyphen: YAML cannot tell what it is, and CodeBuild "
        "cannot read the file.",
        "Begin the line with `- `, indented like its neighbours; or indent it deeper if it continues the "
        "command above.",
    )


@rule("CD034", "missing-comma", Severity.ERROR)
def missing_comma(document: Document) -> Iterator[Finding]:
    """A comma is missing between two entries of a JSON buildspec.

    YAML's parser, which CodeBuild uses for JSON too, answers `did not find expected ',' or ']'` or the like,
    for the line below.

    Bad:
        {
          "version": 0.2,
          "phases": {
            "build": {
              "commands": [
      >         "npm ci"
                "npm test"
              ]
            }
          }
        }
    Good:
        {
          "version": 0.2,
          "phases": {
            "build": {
              "commands": [
                "npm ci",
                "npm test"
              ]
            }
          }
        }
    """
    yield from repaired(
        document,
        "missing-comma",
        "A comma is missing behind this value: CodeBuild cannot read the file and stops with a "
        "YAML_FILE_ERROR.",
        "Put a comma between the entries.",
    )


@rule("CD035", "stray-dash", Severity.ERROR)
def stray_dash(document: Document) -> Iterator[Finding]:
    """A hyphen stands before a key of a mapping.

    The hyphen begins a list, and the keys beside it cannot belong to a list: CodeBuild answers
    `did not find expected '-' indicator`.

    Bad:
        version: 0.2
        phases:
          build:
      >     - on-failure: ABORT
            commands:
              - make
    Good:
        version: 0.2
        phases:
          build:
            on-failure: ABORT
            commands:
              - make
    """
    yield from repaired(
        document,
        "stray-dash",
        "The hyphen makes `{key}` the entry of a list, but the keys beside it belong to a mapping: CodeBuild "
        "cannot read the file.",
        "Remove the hyphen: keys have none.",
    )


@rule("CD036", "list-on-key-line", Severity.ERROR)
def list_on_key_line(document: Document) -> Iterator[Finding]:
    """A list begins on the line of its key.

    A list written with hyphens begins on the line below its key. CodeBuild answers
    `block sequence entries are not allowed in this context`.

    Bad:
        version: 0.2
        phases:
          build:
      >     commands: - make
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - make
    """
    yield from repaired(
        document,
        "list-on-key-line",
        "A list cannot begin on the line of its key: CodeBuild cannot read the file.",
        "Begin the list on the line below `{key}:`.",
    )
