"""CD424–CD426: imagedefinitions.json and imageDetail.json as the commands of a buildspec write them."""

from __future__ import annotations

import posixpath

from ..findings import Finding, Severity
from ..model.buildspec import Buildspec
from ..model.outputs import writes
from ..syntax.json import parse
from ..syntax.shell.nodes import Simple, closing, name_at
from ..syntax.tree import Mapping, Node, Scalar, Sequence
from ..syntax.yaml import SyntaxProblem
from ..wording import closest
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.buildspec import Command
    from ..syntax.shell import Word

#: Stands for what a variable or another command puts in.
_HOLE = "\ue000"
_LIST, _DETAIL = "imagedefinitions.json", "imageDetail.json"
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "'": "'"}


class Output:
    """What a command writes into such a file: the `text`, with holes, and the word that it comes from."""

    __slots__ = ("command", "missing", "spare", "text", "wants_list", "word")

    def __init__(self, command: Command, word: Word, wants_list: bool, text: str) -> None:
        self.command = command
        self.word = word
        self.wants_list = wants_list
        self.text = text
        #: How many `%s` of a format have no argument, and how many arguments no `%s`.
        self.missing = self.spare = 0

    @property
    def name(self) -> str:
        return _LIST if self.wants_list else _DETAIL


def outputs(spec: Buildspec) -> list[Output]:
    """The texts that are written under the name of such a file, or that can only be meant for one."""
    found = []
    for command, writer, path in writes(spec):
        simple = _source(writer) if writer.name == "tee" else writer
        output = _output(command, simple, posixpath.basename(path)) if simple is not None else None
        if output is not None:
            found.append(output)
    return found


def _source(tee: Simple) -> Simple | None:
    """The command in front of `| tee file`, if there are just the two."""
    pipeline = next((one for one in tee.ancestors() if one.kind == "pipeline"), None)
    parts = pipeline.parts if pipeline is not None else []
    first = parts[0] if len(parts) == 2 else None
    return first if isinstance(first, Simple) else None


def _output(command: Command, simple: Simple, name: str) -> Output | None:
    if simple.name not in ("echo", "printf") or not simple.args:
        return None
    if simple.name == "printf":
        word, rest = simple.args[0], simple.args[1:]
        if word.raw.startswith("-"):
            return None
        made = _printed(evaluated(word.raw), [evaluated(one.raw) for one in rest])
    else:
        words = [one for one in simple.args if one.raw not in ("-n", "-e", "-ne", "-en")]
        if not words:
            return None
        word = words[0]
        made = (" ".join(evaluated(one.raw) for one in words), 0, 0)
        if any(_expands_braces(one.raw) for one in words):
            return None
    if made is None:
        return None
    text, missing, spare = made
    lower = name.lower()
    if lower == _LIST.lower() or (
        "imageUri" in text and lower.endswith(".json") and lower != _DETAIL.lower()
    ):
        wants_list = True
    elif lower == _DETAIL.lower():
        wants_list = False
    else:
        return None
    # What begins with a hole may be anything.
    if not text.strip() or text.strip()[0] == _HOLE:
        return None
    output = Output(command, word, wants_list, text)
    output.missing, output.spare = missing, spare
    return output


def evaluated(raw: str) -> str:
    """A word as the program gets it; what the shell fills in is a hole."""
    out: list[str] = []
    double = False
    at = 0
    while at < len(raw):
        char = raw[at]
        if char == "'" and not double:
            end = raw.find("'", at + 1)
            end = end if end >= 0 else len(raw)
            out.append(raw[at + 1 : end])
            at = end + 1
        elif char == '"':
            double = not double
            at += 1
        elif char == "\\" and at + 1 < len(raw):
            following = raw[at + 1]
            out.append("\\" + following if double and following not in '$`"\\\n' else following)
            at += 2
        elif char == "`" or raw.startswith(("$(", "${"), at):
            out.append(_HOLE)
            at = closing(raw, at)
        elif char == "$" and (name_at(raw, at + 1) or raw[at + 1 : at + 2] in ("?", "@", "*", "#", "!", "$")):
            out.append(_HOLE)
            at += 1 + len(name_at(raw, at + 1) or "x")
        else:
            out.append(char)
            at += 1
    return "".join(out)


def _expands_braces(raw: str) -> bool:
    """Would bash take `{a,b}` of an unquoted word for two words?"""
    from ..syntax.shell.nodes import quoting

    bare = "".join(char if state == "b" else " " for char, state in zip(raw, quoting(raw), strict=True))
    return "{" in bare and "," in bare


def _printed(format: str, values: list[str]) -> tuple[str, int, int] | None:
    """`(what printf writes, %s without an argument, arguments without a %s)`; None if that cannot be told."""
    out: list[str] = []
    used = missing = 0
    at = 0
    while at < len(format):
        char = format[at]
        following = format[at + 1 : at + 2]
        if char == "%" and following == "s":
            if used < len(values):
                out.append(values[used])
            else:
                missing += 1
            used += 1
            at += 2
        elif char == "%" and following == "%":
            out.append("%")
            at += 2
        elif char == "%":
            return None
        elif char == "\\" and following in _ESCAPES:
            out.append(_ESCAPES[following])
            at += 2
        else:
            out.append(char)
            at += 1
    return "".join(out), missing, max(0, len(values) - used)


def _root(output: Output) -> Node | None:
    try:
        return parse(output.text.strip())[0]
    except SyntaxProblem:
        return None


@rule("CD424", "written-image-file-no-json", Severity.ERROR)
def written_image_file_no_json(spec: Buildspec) -> Iterator[Finding]:
    """What a command writes for the deploy action is no JSON.

    Double quotes inside double quotes end them, so that the shell takes them away; a comma behind the last entry is
    none of JSON. The deploy action ends with `invalid JSON format`.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - 'echo "[{"name":"web","imageUri":"$REPO:$TAG"}]" > imagedefinitions.json'
        artifacts:
          files: [imagedefinitions.json]
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - printf '[{"name":"web","imageUri":"%s"}]' "$REPO:$TAG" > imagedefinitions.json
        artifacts:
          files: [imagedefinitions.json]
    """
    for output in outputs(spec):
        text = output.text.strip()
        try:
            parse(text)
            continue
        except SyntaxProblem as problem:
            near = text[max(0, problem.start - 1) : problem.start + 2]
        if _HOLE in near or (
            _HOLE in text and '"' not in text and "'" not in output.word.raw[:1] and ":" not in text
        ):
            continue  # the hole may be JSON itself
        lost = '"' not in text and '"' in output.word.raw
        reason = (
            "the double quotes inside of double quotes end them, and the shell takes them away"
            if lost
            else "a comma stands behind the last entry"
            if text.rstrip("]} \n").endswith(",")
            else "it is no JSON"
        )
        example = '[{"name":"web","imageUri":"%s"}]' if output.wants_list else '{"ImageURI":"%s"}'
        yield Finding(
            output.command.span_of(output.word),
            f"What is written for `{output.name}` cannot be read: {reason}. The deploy action fails.",
            help=f"Write `printf '{example}' \"$REPOSITORY:$TAG\"`.",
        )


@rule("CD425", "written-image-file-shape", Severity.ERROR)
def written_image_file_shape(spec: Buildspec) -> Iterator[Finding]:
    """A command writes one of the two image files in the shape of the other, or with other keys.

    imagedefinitions.json is a list of objects with `name` and `imageUri`; imageDetail.json is one object with
    `ImageURI`. With anything else the deploy action fails.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - printf '{"name":"web","imageUri":"%s"}' "$REPO:$TAG" > imagedefinitions.json
        artifacts:
          files: [imagedefinitions.json]
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - printf '[{"name":"web","imageUri":"%s"}]' "$REPO:$TAG" > imagedefinitions.json
        artifacts:
          files: [imagedefinitions.json]
    """
    for output in outputs(spec):
        told = _wrong_shape(output, _root(output))
        if told:
            message, help = told
            yield Finding(output.command.span_of(output.word), message, help=help)
    yield from _of_jq(spec)


def _wrong_shape(output: Output, root: Node | None) -> tuple[str, str] | None:
    """`(message, help)`."""
    if root is None:
        return None
    if not output.wants_list:
        if isinstance(root, Sequence):
            return (
                "`imageDetail.json` is one object, not a list: the deploy action cannot read it.",
                "Leave out `[` and `]`.",
            )
        return _wrong_key(root, "ImageURI", _DETAIL) if isinstance(root, Mapping) else None
    if isinstance(root, Mapping):
        return (
            "`imagedefinitions.json` is a list, and this is a single object: the ECS deploy action cannot read it.",
            "Put `[` and `]` around it.",
        )
    for item in root.items if isinstance(root, Sequence) else ():
        for key in ("imageUri", "name"):
            told = _wrong_key(item, key, _LIST) if isinstance(item, Mapping) else None
            if told:
                return told
    return None


def _wrong_key(item: Mapping, key: str, name: str) -> tuple[str, str] | None:
    if key in item:
        return None
    given = [one for one, _, _ in item.items()]
    if any(_HOLE in one for one in given):
        return None
    near = (
        next((one for one in given if one.lower() in (key.lower(), "image", "uri")), "")
        if key != "name"
        else ""
    )
    near = near or closest(key, given) or ""
    instead = f", but `{near}`" if near else ""
    return (
        f"What is written for `{name}` has no `{key}`{instead}: the deploy action fails.",
        f"Write `{key}`.",
    )


def _of_jq(spec: Buildspec) -> Iterator[Finding]:
    """Programs of jq that build an object from nothing, or a list of such."""
    for command, simple, path in writes(spec):
        if simple.name != "jq" or not simple.has("-n", "--null-input"):
            continue
        name = posixpath.basename(path).lower()
        program = next((one for one in simple.args if one.raw[:1] in "'\"" and "{" in one.raw), None)
        text = evaluated(program.raw).strip() if program is not None else ""
        if program is None or name not in (_LIST.lower(), _DETAIL.lower()) or "|" in text:
            continue
        wants_list = name == _LIST.lower()
        if wants_list and text.startswith("{"):
            yield Finding(
                command.span_of(program),
                "`imagedefinitions.json` is a list, and this program makes a single object: the ECS deploy action "
                "cannot read it.",
                help="Put `[` and `]` around it.",
            )
            continue
        key = "imageUri" if wants_list else "ImageURI"
        keys = _keys_of(text)
        if keys and key not in keys and text.startswith(("{", "[")):
            yield Finding(
                command.span_of(program),
                f"What is written for `{_LIST if wants_list else _DETAIL}` has no `{key}`: the deploy action fails.",
                help=f"Write `{key}`.",
            )


def _keys_of(program: str) -> list[str]:
    """The keys of the objects in a program of jq, as far as they are plain words."""
    found = []
    for piece in program.replace("{", ",").split(","):
        name, colon, _ = piece.partition(":")
        name = name.strip().strip('"')
        if colon and name.isidentifier():
            found.append(name)
        elif not colon and name.strip("$]} ").isidentifier():
            found.append(name.strip("$]} "))  # `{name, imageUri}` and `{$name}`
    return found


@rule("CD426", "written-image-not-filled-in", Severity.ERROR)
def written_image_not_filled_in(spec: Buildspec) -> Iterator[Finding]:
    """The image that a command writes for the deploy action stays a variable's name, or empty.

    The shell leaves `$NAME` between single quotes as it is, and `printf` puts nothing in place of a `%s` that has no
    argument. The service cannot start a task from such an image.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - echo '[{"name":"web","imageUri":"$REPO:$TAG"}]' > imagedefinitions.json
        artifacts:
          files: [imagedefinitions.json]
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - printf '[{"name":"web","imageUri":"%s"}]' "$REPO:$TAG" > imagedefinitions.json
        artifacts:
          files: [imagedefinitions.json]
    """
    for output in outputs(spec):
        root = _root(output)
        if root is None:
            continue
        name = next((one for value in _values(root) if (one := _unfilled(value.value))), "")
        if name:
            yield Finding(
                output.command.span_of(output.word),
                f"Between single quotes the shell leaves `{name}` as it is: that is what `{output.name}` will say.",
                help="Write `%s` there, and give `printf` the value in double quotes.",
            )
        elif output.missing or output.spare:
            have = "has no argument" if output.missing else "are fewer than the arguments"
            what = "a `%s` of this format" if output.missing else "the `%s` of this format"
            yield Finding(
                output.command.span_of(output.word),
                f"{what[0].upper()}{what[1:]} {have}: `{output.name}` gets "
                + ("an empty value." if output.missing else "the text more than once, and is no JSON."),
                help="Give one argument for each `%s`.",
            )


def _values(root: Node) -> Iterator[Scalar]:
    for item in root.items if isinstance(root, Sequence) else [root]:
        if isinstance(item, Mapping):
            for key, _, value in item.items():
                if key in ("imageUri", "ImageURI") and isinstance(value, Scalar):
                    yield value


def _unfilled(text: str) -> str:
    """The first `$NAME` or `${NAME}` in a text, or ""."""
    at = text.find("$")
    if at < 0:
        return ""
    if text[at + 1 : at + 2] == "{":
        end = text.find("}", at)
        return text[at : end + 1] if end > 0 else ""
    name = name_at(text, at + 1)
    return f"${name}" if name else ""
