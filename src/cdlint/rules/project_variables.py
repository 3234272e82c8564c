"""CD661–CD663: the environment variables that a build project sets."""

from __future__ import annotations

from ..findings import Finding, Severity
from ..model.codebuild_project import Project
from ..model.values import known, members
from ..syntax.tree import Mapping, Scalar
from . import rule
from .paths import part

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_ROLE = (
    "Deactivate it: who can read the template has it. Builds have the role of the project and need no key; for "
    "another account use `aws sts assume-role`."
)
_STORE = "Revoke it: who can read the template has it. Keep the new one in Secrets Manager, and write {}."
_PLAIN = "PLAINTEXT"


def _entries(project: Project) -> list[tuple[str, Scalar, str | None]]:
    """`(name, value, type)` of the variables whose name and value are known; the type is None if it is not."""
    found = []
    for item in members(project.get("environment", "environmentVariables")):
        if not isinstance(item, Mapping):
            continue
        name, value, kind = known(item.get("name")), item.get("value"), item.get("type")
        if name is not None and isinstance(value, Scalar) and not value.is_null:
            found.append((name, value, known(kind) if kind is not None else _PLAIN))
    return found


def _instead(project: Project) -> str:
    """How a project of this form names a secret."""
    if project.form == "terraform":
        return '`type = "SECRETS_MANAGER"` with `secret-id:json-key` for a value'
    return f"`{project.spell('type')}: SECRETS_MANAGER` with `secret-id:json-key` for a value"


@rule("CD661", "project-secret-in-plain-text", Severity.WARNING)
def project_secret_in_plain_text(project: Project) -> Iterator[Finding]:
    """A variable of the project holds a secret in plain text.

    It stands in the template, in its history, and in the console for everybody who may look at the project. Values
    from Parameter Store and Secrets Manager are read when the build starts, and are hidden in its log. A text of the
    shape of a token or an access key is an error; names of secrets, paths and place-holders are left alone.

    Bad:
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Source: {Type: CODEPIPELINE}
              Artifacts: {Type: CODEPIPELINE}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
                EnvironmentVariables:
                  - Name: DB_PASSWORD
      >             Value: kV7!mq20zeR
    Good:
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Source: {Type: CODEPIPELINE}
              Artifacts: {Type: CODEPIPELINE}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
                EnvironmentVariables:
                  - Name: DB_PASSWORD
                    Type: SECRETS_MANAGER
                    Value: prod/db:password
    """
    from .tokens import is_plausible, is_published, names_secret, tokens

    for name, value, kind in _entries(project):
        if kind is None:
            continue
        text = value.value
        found = tokens(text) or (tokens(f"{name}={text}") if "SECRET" in name.upper() else [])
        if found:
            token = found[0]
            shift = len(name) + 1 if not tokens(text) else 0
            yield Finding(
                part(project.document, value, max(token.start - shift, 0), token.end - shift),
                f"This {'is' if token.severity == 'error' else 'looks like'} {token.kind}, in plain text for "
                "everybody who can read the template or the project.",
                help=_ROLE if "AWS" in token.kind else _STORE.format(_instead(project)),
                severity=Severity.ERROR if token.severity == "error" else None,
            )
        elif kind == _PLAIN and names_secret(name) and is_plausible(text) and text.upper() != name.upper():
            if is_published(name):
                continue
            yield Finding(
                value.span,
                f"The value of `{name}` stands here in plain text: in the template, and in the console for everybody "
                "who may look at the project.",
                help=f"Put it into Secrets Manager, and write {_instead(project)}.",
            )


@rule("CD662", "reserved-project-variable", Severity.WARNING)
def reserved_project_variable(project: Project) -> Iterator[Finding]:
    """A variable of the project has a name that begins with `CODEBUILD_`.

    The prefix belongs to the service: AWS asks not to use it, and may one day set a variable of that name itself.
    Names that begin with `CODEBUILD_CONFIG_` are meant to be set by users.

    Bad:
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Source: {Type: CODEPIPELINE}
              Artifacts: {Type: CODEPIPELINE}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
                EnvironmentVariables:
      >           - Name: CODEBUILD_STAGE
                    Value: test
    Good:
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Source: {Type: CODEPIPELINE}
              Artifacts: {Type: CODEPIPELINE}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
                EnvironmentVariables:
                  - Name: STAGE
                    Value: test
    """
    for item in members(project.get("environment", "environmentVariables")):
        node = item.get("name") if isinstance(item, Mapping) else None
        name = known(node)
        if node is None or name is None or not name.startswith("CODEBUILD_"):
            continue
        from ..aws.variables import provided, reserved

        if reserved(name):
            yield Finding(
                node.span,
                f"CodeBuild sets `{name}` itself; a value of your own clashes with it."
                if provided(name) is not None
                else "Names that begin with `CODEBUILD_` are reserved for CodeBuild itself.",
                help="Choose another name, without `CODEBUILD_`.",
            )


@rule("CD663", "malformed-project-reference", Severity.ERROR)
def malformed_project_reference(project: Project) -> Iterator[Finding]:
    """A variable's reference to Secrets Manager or Parameter Store is not written as AWS reads it.

    A secret is `secret-id:json-key:version-stage:version-id`; all but the first part may be left out, and stage and
    id exclude each other. A parameter is its name, with a slash in front when it has slashes at all. The build ends
    in DOWNLOAD_SOURCE, before its first command.

    Bad:
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Source: {Type: CODEPIPELINE}
              Artifacts: {Type: CODEPIPELINE}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
                EnvironmentVariables:
                  - Name: DB_USER
                    Type: PARAMETER_STORE
      >             Value: prod/db-user
    Good:
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Source: {Type: CODEPIPELINE}
              Artifacts: {Type: CODEPIPELINE}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
                EnvironmentVariables:
                  - Name: DB_USER
                    Type: PARAMETER_STORE
                    Value: /prod/db-user
    """
    from .settings import parameter_fault, secret_fault
    from .tokens import tokens

    for _, value, kind in _entries(project):
        text = value.value
        if kind not in ("PARAMETER_STORE", "SECRETS_MANAGER") or "$" in text or "{" in text or tokens(text):
            continue
        fault = (parameter_fault if kind == "PARAMETER_STORE" else secret_fault)(text)
        if fault is None:
            continue
        remedy = (
            fault.help.replace("`parameter-store`", "the type `PARAMETER_STORE`")
            .replace("`secrets-manager`", "the type `SECRETS_MANAGER`")
            .replace("Move the variable to", "Write")
        )
        found = Finding(part(project.document, value, fault.start, fault.end), fault.message, help=remedy)
        if fault.severity:
            found.severity = Severity.WARNING if fault.severity == "warning" else Severity.INFO
        yield found
