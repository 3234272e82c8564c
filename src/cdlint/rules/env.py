"""CD202, CD204, CD207: the names of the variables that a buildspec sets."""

from __future__ import annotations

from ..findings import Finding, Severity
from ..model.buildspec import ENV_KEYS, Buildspec, mapping_of, pairs, scalar_of, tasks
from . import rule
from .paths import known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..syntax.tree import Node, Scalar

#: The sections of `env` that set variables.
SOURCES = ("variables", "parameter-store", "secrets-manager")


def text_of(node: Node | None) -> Scalar | None:
    """The scalar, unless it is null or a tag makes something else of it (`!Ref Name`)."""
    value = scalar_of(node)
    return value if value is not None and value.tag in (None, "!!str") else None


def variables(spec: Buildspec) -> list[tuple[Scalar, Scalar]]:
    """`(name, value)` of the variables in plain text, those of version 0.1 too."""
    found = pairs(spec.get("env", "variables"))
    if "environment_variables" in spec.root:
        found += pairs(spec.get("environment_variables", "plaintext"))
    return [(key, value) for key, node in found if (value := text_of(node)) is not None]


def names(spec: Buildspec) -> Iterator[Scalar]:
    """The names of all variables that the buildspec sets, those of batch builds too."""
    for section in SOURCES:
        for key, _ in pairs(spec.get("env", section)):
            yield key
    if "environment_variables" in spec.root:
        for key, _ in pairs(spec.get("environment_variables", "plaintext")):
            yield key
    if "batch" in spec.root:
        for group in _batch_variables(spec):
            for key, _ in pairs(group):
                yield key


def _batch_variables(spec: Buildspec) -> Iterator[Node | None]:
    for task in tasks(spec):
        env = mapping_of(task.get("env"))
        if env is not None:
            yield env.get("variables")
    yield spec.get("batch", "build-matrix", "dynamic", "env", "variables")


def is_name(name: str) -> bool:
    """Can the shell read a variable of this name?"""
    return name.isascii() and name.isidentifier()


@rule("CD202", "reserved-variable-name", Severity.WARNING)
def reserved_variable_name(spec: Buildspec) -> Iterator[Finding]:
    """A variable of your own has a name that begins with `CODEBUILD_`.

    The prefix belongs to the service: AWS asks not to use it, and may one day set a variable of
    that name itself. Names that begin with `CODEBUILD_CONFIG_` are meant to be set by users.

    Bad:
        version: 0.2
        env:
          variables:
      >     CODEBUILD_STAGE: test
        phases:
          build:
            commands:
              - ./deploy.sh "$CODEBUILD_STAGE"
    Good:
        version: 0.2
        env:
          variables:
            STAGE: test
        phases:
          build:
            commands:
              - ./deploy.sh "$STAGE"
    """
    for key in names(spec):
        if not key.value.startswith("CODEBUILD_") or not known(key.value):
            continue
        from ..aws.variables import provided, reserved

        if not reserved(key.value):
            continue
        if provided(key.value) is not None:
            message = f"CodeBuild sets `{key.value}` itself; a value of your own clashes with it."
        else:
            message = "Names that begin with `CODEBUILD_` are reserved for CodeBuild itself."
        yield Finding(key.span, message, help="Choose another name, without `CODEBUILD_`.")


@rule("CD204", "invalid-variable-name", Severity.WARNING)
def invalid_variable_name(spec: Buildspec) -> Iterator[Finding]:
    """No shell can read a variable of this name.

    Names are made of letters, digits and underscores and do not begin with a digit. `$MY-VAR` is
    the variable `MY` with `-VAR` behind it, and some shells drop such a variable altogether.

    Bad:
        version: 0.2
        env:
          variables:
      >     MY-STAGE: test
        phases:
          build:
            commands:
              - make
    Good:
        version: 0.2
        env:
          variables:
            MY_STAGE: test
        phases:
          build:
            commands:
              - make
    """
    for key in names(spec):
        name = key.value
        if not name or name == "<<" or is_name(name) or not known(name):
            continue
        if name in ENV_KEYS:
            yield Finding(
                key.span,
                f"`{name}` is a setting of `env` itself; here it is only a variable of that name.",
                help="Move it up, so that it stands directly under `env`.",
            )
            continue
        better = "".join(char if char.isalnum() and char.isascii() else "_" for char in name)
        better = "_" + better if better[:1].isdigit() else better
        yield Finding(
            key.span,
            f"No shell can read a variable called `{name}`: names are letters, digits and `_`, and "
            "do not begin with a digit.",
            help=f"Call it `{better}`." if better.strip("_") else "Choose another name.",
        )


@rule("CD207", "variable-defined-twice", Severity.WARNING)
def variable_defined_twice(spec: Buildspec) -> Iterator[Finding]:
    """The same variable comes from two sections of `env`.

    Nothing says which of them wins: the value in plain text or the one from Parameter Store or
    Secrets Manager.

    Bad:
        version: 0.2
        env:
          variables:
            DB_USER: admin
          parameter-store:
      >     DB_USER: /CodeBuild/db-user
        phases:
          build:
            commands:
              - make
    Good:
        version: 0.2
        env:
          parameter-store:
            DB_USER: /CodeBuild/db-user
        phases:
          build:
            commands:
              - make
    """
    if "parameter-store" not in _env(spec) and "secrets-manager" not in _env(spec):
        return
    seen: dict[str, str] = {}
    for section in SOURCES:
        for key, _ in pairs(spec.get("env", section)):
            first = seen.setdefault(key.value, section)
            if first != section:
                yield Finding(
                    key.span,
                    f"`{key.value}` is set under `{first}` too, and nothing says which of the two "
                    "CodeBuild takes.",
                    help="Keep one of them.",
                )


def _env(spec: Buildspec) -> list[str]:
    env = mapping_of(spec.get("env"))
    return [name for name, _, _ in env.items()] if env is not None else []
