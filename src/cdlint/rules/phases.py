"""CD107–CD117: parts of a buildspec that hang at the wrong place.

The model moves them to where they were meant, so that the other rules see through the slip; these rules
report the moves.
"""

from __future__ import annotations

from ..findings import Finding, Severity
from ..model.buildspec import Buildspec
from . import rule
from .repaired import repaired

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


@rule("CD107", "commands-beside-phase", Severity.ERROR)
def commands_beside_phase(spec: Buildspec) -> Iterator[Finding]:
    """`commands:` stands beside its phase, not below it.

    At the same indentation as `build:` it is a phase of its own to CodeBuild, which knows no phase of that
    name (`Invalid buildspec phase name: … Expecting: build,install,post_build,pre_build`); and the phase
    itself is empty.

    Bad:
        version: 0.2
        phases:
      >   build:
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
        spec.document,
        "commands-beside-phase",
        "`{phase}:` is empty and {keys} stands beside it, at the same indentation: CodeBuild takes it for a "
        "phase of an unknown name and refuses the file.",
        "Indent {keys}, with everything below, one step deeper than `{phase}:`.",
    )


@rule("CD108", "section-under-phases", Severity.ERROR)
def section_under_phases(spec: Buildspec) -> Iterator[Finding]:
    """A section of the top level is indented below `phases:`.

    CodeBuild takes it for a phase: `YAML_FILE_ERROR: Invalid buildspec phase name: artifacts. Expecting:
    build,install,post_build,pre_build`.

    Bad:
        version: 0.2
        phases:
          build:
            commands: [make]
      >   artifacts:
            files: [out/app]
    Good:
        version: 0.2
        phases:
          build:
            commands: [make]
        artifacts:
          files: [out/app]
    """
    yield from repaired(
        spec.document,
        "section-under-phases",
        "`{section}` is indented below `phases:`, so CodeBuild takes it for a phase and refuses the file "
        "(`Invalid buildspec phase name: {section}`).",
        "Move `{section}:` to the top level, without indentation.",
    )


@rule("CD109", "phases-at-root", Severity.ERROR)
def phases_at_root(spec: Buildspec) -> Iterator[Finding]:
    """The phases stand at the top level instead of below `phases:`.

    CodeBuild looks for `phases` only; keys it does not know at the top level are ignored.

    Bad:
        version: 0.2
      > build:
          commands: [make]
    Good:
        version: 0.2
        phases:
          build:
            commands: [make]
    """
    yield from repaired(
        spec.document,
        "phases-at-root",
        "{phases} at the top level means nothing to CodeBuild: without `phases:` above, no command runs.",
        "Write `phases:` above and indent the phases below it.",
    )


@rule("CD116", "env-not-sectioned", Severity.WARNING)
def env_not_sectioned(spec: Buildspec) -> Iterator[Finding]:
    """Variables stand right below `env:`, or as a list.

    `env` has sections: `variables`, `parameter-store`, `secrets-manager` … CodeBuild notes other keys in its
    log (`The following keys cannot be identified`) and goes on, so the variables are empty in the build. A
    list below `variables:` cannot be read at all.

    Bad:
        version: 0.2
        env:
      >   NODE_ENV: production
        phases:
          build:
            commands: [make]
    Good:
        version: 0.2
        env:
          variables:
            NODE_ENV: production
        phases:
          build:
            commands: [make]
    """
    for repair in spec.document.repairs:
        if repair.kind != "env-not-sectioned":
            continue
        if "list" in repair.detail:
            message = (
                "`variables` is a list here, but CodeBuild reads it as a mapping of names to values and "
                "refuses the file."
            )
            help, severity = "Write `NAME: value` lines without hyphens.", Severity.ERROR
        else:
            names = repair.detail["names"]
            message = (
                f"{names} directly below `env:` is no section that CodeBuild knows: it ignores it, and the "
                "variable is empty in the build."
            )
            help, severity = "Put variables below `env:` → `variables:`.", Severity.WARNING
        yield Finding(repair.span, message, help=help, fix=repair.fix, severity=severity, final=True)


@rule("CD117", "runtime-versions-misplaced", Severity.WARNING)
def runtime_versions_misplaced(spec: Buildspec) -> Iterator[Finding]:
    """`runtime-versions` in another phase than install.

    CodeBuild reads it in `install` only. Elsewhere it is a key that `cannot be identified`, and the build
    runs with the image's default runtime, or stops on old images that demand a choice.

    Bad:
        version: 0.2
        phases:
          build:
      >     runtime-versions:
              python: 3.12
            commands: [python --version]
    Good:
        version: 0.2
        phases:
          install:
            runtime-versions:
              python: 3.12
          build:
            commands: [python --version]
    """
    yield from repaired(
        spec.document,
        "runtime-versions-misplaced",
        "CodeBuild reads `runtime-versions` in the install phase only: here, in {phase}, it is ignored and "
        "the build runs with the image's default version.",
        "Move it to `phases:` → `install:`.",
    )


@rule("CD128", "keys-beside-section", Severity.ERROR)
def keys_beside_section(spec: Buildspec) -> Iterator[Finding]:
    """The content of a section stands beside it, not below it.

    At the same indentation the keys belong to whatever is around the section: CodeBuild does not know them
    there and ignores them, and the section itself is empty.

    Bad:
        version: 0.2
        phases:
          build:
            commands: [make]
      > artifacts:
        files:
          - app.jar
    Good:
        version: 0.2
        phases:
          build:
            commands: [make]
        artifacts:
          files:
            - app.jar
    """
    yield from repaired(
        spec.document,
        "keys-beside-section",
        "`{section}:` is empty and {keys} stands beside it, at the same indentation: CodeBuild does not know "
        "{keys} there and ignores it.",
        "Indent {keys}, with everything below, one step deeper than `{section}:`.",
    )
