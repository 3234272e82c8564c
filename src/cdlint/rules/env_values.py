"""CD201, CD203, CD208: the values of the variables that a buildspec sets."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..model.buildspec import Buildspec, pairs, scalar_of
from . import rule
from .env import SOURCES, is_name, names, text_of, variables
from .paths import part

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..syntax.tree import Scalar

#: Words in the names of variables whose values are no text with references in it.
_SECRET = tuple("PASSWORD PASSWD PASSPHRASE SECRET TOKEN CREDENTIAL API_KEY APIKEY PRIVATE".split())
_PATTERN = ("REGEX", "PATTERN", "FILTER", "MATCH")
#: Variables that the build itself lives on.
_CRITICAL = ("PATH", "HOME", "LD_LIBRARY_PATH", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
#: Variables that the service gives, and the keys that take the place of the role.
_GIVEN = (
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
)
#: Files that a tool fills in before CodeBuild reads them.
_TEMPLATES = (
    ".tpl",
    ".tmpl",
    ".tftpl",
    ".j2",
    ".jinja",
    ".jinja2",
    ".template",
    ".erb",
    ".mustache",
)


@rule("CD201", "variable-not-expanded", Severity.WARNING)
def variable_not_expanded(spec: Buildspec) -> Iterator[Finding]:
    """A variable refers to another one, but values are taken literally.

    CodeBuild puts the value into the environment as it is written. The shell expands `$URI` once,
    and what stands in it stays: `docker push $URI` asks for an image that is really called
    `$ACCOUNT.dkr.ecr…`, and Docker says `invalid reference format`. `$(date)` is not run either.

    Bad:
        version: 0.2
        env:
          variables:
            REPOSITORY: app
      >     URI: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/$REPOSITORY
        phases:
          build:
            commands:
              - docker push "$URI"
    Good:
        version: 0.2
        env:
          variables:
            REPOSITORY: app
        phases:
          pre_build:
            commands:
              - export URI="111122223333.dkr.ecr.eu-west-1.amazonaws.com/$REPOSITORY"
          build:
            commands:
              - docker push "$URI"
    """
    entries = [(key, value) for key, value in variables(spec) if "$" in value.value or "`" in value.value]
    stored = [
        (key, value)
        for section in SOURCES[1:]
        for key, node in pairs(spec.get("env", section))
        if (value := text_of(node)) is not None and "$" in value.value
    ]
    if not (entries or stored) or spec.document.source.path.lower().endswith(_TEMPLATES):
        return
    own = {key.value for key in names(spec)}
    template = "$${" in spec.document.text
    yield from _in_references(spec, stored, own, template)
    for key, value in entries:
        if "{{" in value.value or "<%" in value.value or key.value in _CRITICAL:
            continue
        found = _reference(key.value, value.value, own, template)
        if found is None or _expanded_later(spec, key.value):
            continue
        start, end, name = found
        whole = name == key.value and value.value.strip() in (f"${name}", f"${{{name}}}")
        yield Finding(
            part(spec.document, value, start, end),
            _literal(key.value, value.value[start:end], name, whole),
            help=_export(key.value, value.value, whole),
            # Most likely the project sets it too, and what the project says goes first.
            severity=Severity.INFO if whole else None,
        )


def _in_references(
    spec: Buildspec, stored: list[tuple[Scalar, Scalar]], own: set[str], template: bool
) -> Iterator[Finding]:
    """Variables in the names of parameters and secrets."""
    for key, value in stored:
        found = _reference(key.value, value.value, own, template)
        if found is not None and "{{" not in value.value:
            start, end, _ = found
            yield Finding(
                part(spec.document, value, start, end),
                f"AWS does not say that `{value.value[start:end]}` is replaced here, and CodeBuild "
                "looks the values up before the first command runs.",
                help="Write the whole name, or read the value with the AWS CLI in a command.",
                severity=Severity.INFO,
            )


def _literal(key: str, reference: str, name: str, whole: bool) -> str:
    if whole:
        return (
            f"`{key}` refers to itself, but values are taken literally: unless the project sets it "
            f"too, it holds the text `{reference}`."
        )
    if not name:
        return "Values are taken literally: no command is run, the text itself is the value."
    return f"Values are taken literally: `{key}` holds the text `{reference}`, not what it stands for."


def _export(key: str, value: str, whole: bool) -> str:
    if whole:
        return "Delete the line: a variable of the project is there without it."
    if len(value) > 60 or "\n" in value or '"' in value or not is_name(key):
        return f"Set `{key}` with `export` in a command of `pre_build`."
    return f'Set it in a command of `pre_build`: `export {key}="{value}"`.'


def _reference(key: str, value: str, own: set[str], template: bool) -> tuple[int, int, str] | None:
    """Start, end and name (empty for a command) of the first thing meant to be replaced."""
    upper = key.upper()
    quote = value.find("`")
    close = value.find("`", quote + 1)
    # A command between backticks makes up the value, or stands in it as a word of its own.
    if 0 <= quote < close - 2 and value.count("`") == 2 and " " in value[quote:close]:
        if quote == 0 or value[quote - 1] in "-_/:=.":
            return quote, close + 1, ""
    at = value.find("$")
    while at >= 0:
        if value.startswith("$$", at):
            at = value.find("$", at + 2)
            continue
        before = value[at - 1] if at else ""
        if before != "\\":
            found = _reference_at(upper, value, at, own, template)
            if found is not None:
                return at, found[0], found[1]
        at = value.find("$", at + 1)
    return None


def _reference_at(key: str, value: str, at: int, own: set[str], template: bool) -> tuple[int, str] | None:
    """End and name of the reference that begins with the `$` at an offset."""
    following = value[at + 1 : at + 2]
    if following == "(":
        end = value.find(")", at)
        inside = value[at + 2 : end]
        if end > 0 and inside[:1].isalpha() and not any(word in key for word in _PATTERN):
            return end + 1, ""
        return None
    if value[at : at + 5].lower() == "$env:":
        # PowerShell's way to a variable
        end = at + 5
        while end < len(value) and (value[end].isalnum() or value[end] == "_"):
            end += 1
        return (end, value[at + 5 : end]) if end > at + 5 else None
    braces = following == "{"
    start = at + 2 if braces else at + 1
    end = start
    while end < len(value) and (value[end].isalnum() or value[end] == "_"):
        end += 1
    name = value[start:end]
    if not is_name(name) or not name.strip("_"):
        return None  # `${____}`: a template fills it in
    if braces:
        close = value.find("}", end)
        # `${a.b}` and `${A::B}` belong to templates, `${A:-b}` to the shell.
        if close < 0 or template or value[end] not in "}:-#%/^," or value.startswith("::", end):
            return None
    if name not in own and not _provided(name):
        glued = not braces and at > 0 and value[at - 1].isalnum()
        shouted = len(name) > 1 and name == name.upper() and not name.isdigit()
        if not shouted or glued or any(word in key for word in _SECRET):
            return None
    return (close + 1 if braces else end), name


def _provided(name: str) -> bool:
    from ..aws.variables import provided

    return provided(name) is not None


def _expanded_later(spec: Buildspec, name: str) -> bool:
    """Is the value itself run, or filled in by a tool, so that a literal `$` is wanted?"""
    if name.endswith(("_COMMAND", "_TEMPLATE", "_FORMAT")) or name in ("PS1", "PS2", "PS4"):
        return True
    for command in spec.commands():
        text = command.text
        if name in text and any(word in text for word in ("eval ", "envsubst", "sh -c", "bash -c", "eval\t")):
            return True
    return False


@rule("CD203", "critical-variable", Severity.WARNING)
def critical_variable(spec: Buildspec) -> Iterator[Finding]:
    """A variable that the build itself lives on is replaced.

    Values are literal, so `PATH: $PATH:/opt/bin` leaves a search path without a single folder of
    the system: from the first command on the shell finds no program. `HOME`, `LD_LIBRARY_PATH` and
    the address of the role's credentials serve CodeBuild and its tools in the same way.

    Bad:
        version: 0.2
        env:
          variables:
      >     PATH: /opt/bin:$PATH
        phases:
          build:
            commands:
              - make
    Bad:
        version: 0.2
        env:
          variables:
      >     HOME: /tmp
        phases:
          build:
            commands:
              - make
    Good:
        version: 0.2
        phases:
          install:
            commands:
              - export PATH="/opt/bin:$PATH"
          build:
            commands:
              - make
    """
    for key, value in variables(spec):
        name, text = key.value, value.value
        if name in _GIVEN and "$" not in text and "{{" not in text:
            yield Finding(
                key.span,
                f"CodeBuild sets `{name}` itself; this replaces it in the whole build."
                if name.endswith("REGION")
                else f"`{name}` takes the place of the project's role in the whole build.",
                help="Delete the line, unless the build must work with another one.",
                severity=Severity.INFO,
            )
        if name not in _CRITICAL or "{{" in text:
            continue
        if name == "PATH":
            yield _search_path(spec, value)
        elif name == "HOME":
            if text.rstrip("/") != "/root":
                yield Finding(
                    value.span,
                    "Tools look for their settings, caches and credentials in `HOME`, which is "
                    "`/root` in a build; now they look elsewhere.",
                    help="Set `HOME` only before the command that wants another one.",
                )
        elif name == "LD_LIBRARY_PATH":
            literal = "$" in text
            yield Finding(
                value.span,
                "Values are taken literally, so nothing is appended here: programs look for their "
                "libraries in a folder of that name."
                if literal
                else "`LD_LIBRARY_PATH` changes the libraries of every program of the build.",
                help="Set it with `export` before the command that needs it.",
                severity=None if literal else Severity.INFO,
            )
        else:
            yield Finding(
                key.span,
                f"`{name}` is how commands get the role's credentials; CodeBuild sets it in every build.",
                help="Delete the line.",
            )


def _search_path(spec: Buildspec, value: Scalar) -> Finding:
    text = value.value
    folders = text.split(":")
    at = text.find("$")
    if at < 0:
        return Finding(
            value.span,
            "This replaces the search path of the image: runtimes that lie in other folders are "
            "not found any more.",
            help='Extend it in a command instead: `export PATH="/opt/bin:$PATH"`.',
        )
    system = any(folder.rstrip("/") in ("/bin", "/usr/bin") for folder in folders)
    end = at + 1
    while end < len(text) and text[end] not in ":;":
        end += 1
    shown = text if len(text) <= 60 and '"' not in text and "\n" not in text else "/opt/bin:$PATH"
    return Finding(
        part(spec.document, value, at, end),
        f"Values are taken literally: `{text[at:end]}` is not replaced"
        + ("." if system else ", and no command finds its program any more."),
        help=f'Extend the search path in a command instead: `export PATH="{shown}"`.',
        severity=None if system else Severity.ERROR,
    )


@rule("CD208", "yaml-1-1-word", Severity.INFO)
def yaml_1_1_word(spec: Buildspec) -> Iterator[Finding]:
    """A plain text that other YAML tools read as something else.

    CodeBuild keeps such a text as it is written. But tools that read and write the buildspec again
    (the CDK, Terraform, scripts) turn `NO` into false, `1.10` into 1.1 and `0123` into another
    number.

    Bad:
        version: 0.2
        env:
          variables:
      >     PUSH: NO
        phases:
          build:
            commands:
              - make
    Good:
        version: 0.2
        env:
          variables:
            PUSH: "NO"
        phases:
          build:
            commands:
              - make
    """
    if spec.document.json:
        return
    values = variables(spec)
    install = spec.phase("install")
    if install is not None:
        for key, node in install.runtime_versions:
            version = scalar_of(node)
            if version is not None:
                values.append((key, version))
    for _, value in values:
        if value.style or value.tag is not None:
            continue
        read_as = _misread(value.value)
        if read_as:
            fix = None
            if spec.document.text[value.start : value.end] == value.value:
                quoted = Edit(value.start, value.end, f'"{value.value}"')
                fix = Fix("Quote it", [quoted])
            yield Finding(
                value.span,
                f"Without quotes some YAML tools read `{value.value}` as {read_as}. CodeBuild "
                "itself keeps the text.",
                help="Quote it.",
                fix=fix,
            )


def _misread(text: str) -> str:
    """What other readers make of a plain text, or an empty string."""
    if text[0].isalpha():
        if text.lower() in ("yes", "on"):
            return "true"
        return "false" if text.lower() in ("no", "off") else ""
    if not text[0].isdigit() or not text.isascii():
        return ""
    whole, point, fraction = text.partition(".")
    if text.isdigit():
        return "another number" if text[0] == "0" and len(text) > 1 else ""
    if point and whole.isdigit() and fraction.isdigit():
        shorter = fraction.rstrip("0")
        return f"{whole}.{shorter}".rstrip(".") if shorter != fraction else ""
    before, mark, after = text.lower().partition("e")
    if mark and before.isdigit() and after.lstrip("+-").isdigit():
        return "a power of ten"
    if text.replace("_", "").isdigit():
        return "a number without the underscores"
    parts = text.split(":")
    if len(parts) > 1 and all(one.isdigit() and int(one) < 60 for one in parts[1:]):
        return "a number of seconds" if parts[0].isdigit() else ""
    parts = text.split("-")
    if [len(one) for one in parts] == [4, 2, 2] and all(one.isdigit() for one in parts):
        return "a date"
    return ""
