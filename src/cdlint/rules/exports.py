"""CD205, CD206, CD212: the variables that a build hands on to later actions of its pipeline."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..model.buildspec import Buildspec, pairs, texts
from ..syntax.tree import Sequence
from . import rule
from .env import is_name, text_of
from .paths import known
from .removal import item_removed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..syntax.tree import Scalar


def _exported(spec: Buildspec) -> list[Scalar]:
    items = texts(spec.get("env", "exported-variables"))
    return [item for item in items if text_of(item) is not None]


def _removed(spec: Buildspec, item: Scalar, why: str) -> Fix | None:
    items = spec.get("env", "exported-variables")
    if not isinstance(items, Sequence):
        return None
    edits = item_removed(spec.document, items, item)
    return Fix(why, edits) if edits else None


@rule("CD205", "invalid-exported-variable", Severity.ERROR)
def invalid_exported_variable(spec: Buildspec) -> Iterator[Finding]:
    """An entry of `exported-variables` is not the name of a variable.

    The list holds names only, without `$` and without a value: CodeBuild looks up their values when
    the build ends. Anything else exports nothing, and an action that reads `#{Build.IMAGE_TAG}`
    fails. Names that begin with `AWS_` cannot be exported.

    Bad:
        version: 0.2
        env:
          exported-variables:
      >     - $IMAGE_TAG
        phases:
          build:
            commands:
              - export IMAGE_TAG=1.0
    Bad:
        version: 0.2
        env:
          exported-variables:
      >     - IMAGE_TAG=1.0
        phases:
          build:
            commands:
              - make
    Good:
        version: 0.2
        env:
          exported-variables:
            - IMAGE_TAG
        phases:
          build:
            commands:
              - export IMAGE_TAG=1.0
    """
    there = {item.value for item in _exported(spec)}
    for item in _exported(spec):
        text = item.value
        if text.startswith("AWS_") and is_name(text):
            yield Finding(
                item.span,
                f"`{text}` is not exported: CodeBuild hands on no variable whose name begins with `AWS_`.",
                help="Copy it to a variable of another name, and export that one.",
                severity=Severity.WARNING,
            )
        elif not is_name(text) and "{{" not in text and "<%" not in text and text:
            name = _name_in(text)
            if known(text) or name is not None:
                yield _invalid(item, name, there)


def _invalid(item: Scalar, name: str | None, there: set[str]) -> Finding:
    text = item.value
    fix = None
    if name is not None and name not in there and item.style not in ("|", ">"):
        edit = Edit(item.start, item.end, item.style + name + item.style)
        # Who wrote a value wants it set somewhere; the name alone does not do that.
        fix = Fix(f"Write {name}", [edit], safe=text.startswith("$"))
    if text.startswith("$"):
        message = f"`{text}` is no name: names are listed without the `$`."
        remedy = f"Write `{name}`." if name else "List the names of variables, without `$`."
    elif "=" in text or ":" in text:
        message = "Only names are listed here; a value is not set by the list, and nothing is exported."
        remedy = (
            f"Write `{name}`, and set its value with `export` in a command."
            if name
            else ("List names, and set their values with `export` in a command.")
        )
    elif "," in text or " " in text.strip():
        message = "This is one entry with several names, and no variable is called that."
        remedy = "Give every name a list item of its own."
    else:
        message = f"`{text}` cannot be the name of a variable, so nothing is exported."
        remedy = "Names are made of letters, digits and `_`, and do not begin with a digit."
    return Finding(item.span, message, help=remedy, fix=fix)


def _name_in(text: str) -> str | None:
    """The name in `$NAME`, `${NAME}` or `NAME=value`."""
    if text.startswith("${") and text.endswith("}"):
        name = text[2:-1]
    elif text.startswith("$"):
        name = text[1:]
    else:
        name = text.partition("=")[0].rstrip() if "=" in text else ""
    return name if is_name(name) else None


@rule("CD206", "exported-secret", Severity.WARNING)
def exported_secret(spec: Buildspec) -> Iterator[Finding]:
    """`exported-variables` lists a variable from Parameter Store or Secrets Manager.

    CodeBuild does not export those. Copied to a variable of another name the value would be handed
    on: readable for everybody who may look at the runs of the pipeline.

    Bad:
        version: 0.2
        env:
          secrets-manager:
            DB_PASSWORD: prod/db:password
          exported-variables:
            - IMAGE_TAG
      >     - DB_PASSWORD
        phases:
          build:
            commands:
              - export IMAGE_TAG=1.0
    Good:
        version: 0.2
        env:
          secrets-manager:
            DB_PASSWORD: prod/db:password
          exported-variables:
            - IMAGE_TAG
        phases:
          build:
            commands:
              - export IMAGE_TAG=1.0
    """
    items = _exported(spec)
    if not items:
        return
    origin: dict[str, str] = {}
    for section, service in (
        ("parameter-store", "Parameter Store"),
        ("secrets-manager", "Secrets Manager"),
    ):
        for key, _ in pairs(spec.get("env", section)):
            origin[key.value] = service
    for item in items:
        service = origin.get(item.value, "")
        if service:
            yield Finding(
                item.span,
                f"`{item.value}` comes from {service}, and CodeBuild does not export such values.",
                help=f"Take it off the list; let the later action read the value from {service} itself.",
                fix=_removed(spec, item, f"Take {item.value} off the list"),
            )


@rule("CD212", "duplicate-export", Severity.INFO)
def duplicate_export(spec: Buildspec) -> Iterator[Finding]:
    """A name stands twice in `exported-variables`.

    It is exported once all the same; often another name was meant.

    Bad:
        version: 0.2
        env:
          exported-variables:
            - IMAGE_TAG
      >     - IMAGE_TAG
        phases:
          build:
            commands:
              - export IMAGE_TAG=1.0
    Good:
        version: 0.2
        env:
          exported-variables:
            - IMAGE_TAG
            - IMAGE_DIGEST
        phases:
          build:
            commands:
              - export IMAGE_TAG=1.0
              - export IMAGE_DIGEST=sha256:0
    """
    seen: set[str] = set()
    for item in _exported(spec):
        if item.value in seen:
            yield Finding(
                item.span,
                f"`{item.value}` is on the list already.",
                help="Delete it, or write the name that was meant.",
                fix=_removed(spec, item, "Delete the repeated name"),
            )
        seen.add(item.value)
