"""CD650, CD651, CD670, CD671: a project and the buildspec that stands in it."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..model.codebuild_project import Project, inline_text, runs_together
from ..model.values import visible
from ..source import Span
from ..syntax.tree import Mapping, Node, Scalar, Unknown
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.buildspec import Buildspec


def _docker(spec: Buildspec) -> str:
    """How the buildspec uses docker's daemon: `docker build`; "" if it does not, as far as can be seen."""
    from .containers import containers_of, excused
    from .docker import DAEMON

    if "DOCKER_HOST" in spec.document.text:
        return ""
    for action in containers_of(spec).actions:
        first = action.simple.first
        if action.name not in DAEMON or first is None or excused(action.simple):
            continue
        if first.raw == "docker":
            return f"docker {action.name}"
    for _, simple in spec.calls("docker-compose"):
        if (
            not excused(simple)
            and simple.args[:1]
            and simple.args[0].raw in ("up", "build", "run", "pull", "-f")
        ):
            return "docker-compose"
    for name in ("dockerd", "dockerd-entrypoint.sh"):
        if spec.calls(name):
            return name
    for _, simple in spec.calls("sam"):
        words = [word.raw for word in simple.args]
        if "build" in words and ("--use-container" in words or "-u" in words) and not excused(simple):
            return "sam build --use-container"
    return ""


@rule("CD650", "docker-without-privileged-mode", Severity.WARNING)
def docker_without_privileged_mode(project: Project) -> Iterator[Finding]:
    """The buildspec in the project uses docker, and the project is not privileged.

    Docker needs its daemon. In a VPC and with images of your own it runs only in privileged mode; without it the log
    says `Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?` Lambda
    compute has no docker at all. Source: AWS, troubleshooting CodeBuild.

    Bad:
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Artifacts: {Type: CODEPIPELINE}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
      >         PrivilegedMode: false
              Source:
                Type: CODEPIPELINE
                BuildSpec: |
                  version: 0.2
                  phases:
                    build:
                      commands:
                        - docker build -t app .
    Good:
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Artifacts: {Type: CODEPIPELINE}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
                PrivilegedMode: true
              Source:
                Type: CODEPIPELINE
                BuildSpec: |
                  version: 0.2
                  phases:
                    build:
                      commands:
                        - docker build -t app .
    """
    spec, environment = project.spec, project.get("environment")
    if spec is None or not isinstance(environment, Mapping):
        return
    on_lambda = (project.environment_type or "").endswith("_LAMBDA_CONTAINER")
    if not on_lambda and project.has_daemon is not False:
        return
    used = "" if _batch_privileged(spec) else _docker(spec)
    if not used:
        return
    if on_lambda:
        if not _is_lambda_image(project.image):  # else CD378 says it at the command
            yield Finding(
                project.place("environment", "type"),
                f"Lambda compute has no docker, and the buildspec runs `{used}`.",
                help="Build images on another type, such as `LINUX_CONTAINER`, in privileged mode.",
                severity=Severity.ERROR,
            )
        return
    value = environment.get("privilegedMode")
    setting = f"`{project.spell('privilegedMode')}: true`"
    if project.form == "terraform":
        setting = "`privileged_mode = true`"
    yield Finding(
        value.span if value is not None else project.place("environment"),
        f"The buildspec runs `{used}`, and the project is not privileged: "
        + (
            "in a VPC there is no docker daemon then, and the build fails."
            if project.get("vpcConfig") is not None
            else "the docker daemon need not be there."
        ),
        help=f"Write {setting} under `{project.spell('environment')}`.",
        fix=_switched_on(project, value),
        severity=Severity.ERROR if isinstance(project.get("vpcConfig"), Mapping) else None,
    )


def _is_lambda_image(name: str | None) -> bool:
    if name is None:
        return False
    from ..aws.images import image

    found = image(name)
    return found is not None and found.kind == "lambda"


def _batch_privileged(spec: Buildspec) -> bool:
    from .docker import privileged

    return privileged(spec)


def _switched_on(project: Project, value: Node | None) -> Fix | None:
    """`false` made `true`: not safe, since it gives the build more rights."""
    if not isinstance(value, Scalar) or project.document.text[value.start : value.end] != value.value:
        return None
    return Fix("Switch privileged mode on", [Edit(value.start, value.end, "true")], safe=False)


#: Programs of which nobody can tell whether they start a container, and words that speak of one.
_ANYTHING = frozenset(
    "make npm npx yarn pnpm node python python3 pip bash sh gradle mvn sbt tox ant rake bundle terraform packer cdk sam"
    " serverless sls copilot earthly ansible ansible-playbook pytest go cargo dotnet task just nx turbo pack amplify"
    " eb act molecule . source eval".split()
)
_WORDS = ("docker", "podman", "buildah", "container", "kaniko", "mount", "nerdctl", "image", "ecr")


@rule("CD651", "privileged-mode-not-needed", Severity.INFO)
def privileged_mode_not_needed(project: Project) -> Iterator[Finding]:
    """The project is privileged, and nothing in its buildspec uses docker.

    A privileged build may do anything to the machine that it runs on; it is meant for builds that run docker. AWS
    Security Hub reports such projects too. Scripts and tools that may start containers are not looked into: with
    such in the buildspec nothing is said.

    Bad:
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Artifacts: {Type: CODEPIPELINE}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
      >         PrivilegedMode: true
              Source:
                Type: CODEPIPELINE
                BuildSpec: |
                  version: 0.2
                  phases:
                    build:
                      commands:
                        - aws s3 cp index.html s3://site/
    Good:
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Artifacts: {Type: CODEPIPELINE}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
              Source:
                Type: CODEPIPELINE
                BuildSpec: |
                  version: 0.2
                  phases:
                    build:
                      commands:
                        - aws s3 cp index.html s3://site/
    """
    spec, value = project.spec, project.get("environment", "privilegedMode")
    if spec is None or not project.privileged or value is None or not spec.is_posix or spec.document.damaged:
        return
    if any(word in spec.document.text for word in _WORDS) or not spec.commands():
        return
    if any(script.broken for _, script in spec.scripts()):
        return
    if any(name in _ANYTHING or "/" in name or not name or "." in name for name in spec.programs()):
        return
    yield Finding(
        value.span,
        "Nothing in the buildspec uses docker, and a privileged build may do anything to its machine.",
        help=f"Take `{project.spell('privilegedMode')}` out, unless a tool of the build needs it.",
    )


@rule("CD670", "buildspec-lines-joined", Severity.ERROR)
def buildspec_lines_joined(project: Project) -> Iterator[Finding]:
    """The lines of an inline buildspec have been joined to one.

    Behind `>`, and in quotes over several lines, YAML puts blanks in the place of line ends. What is left of the
    buildspec is no YAML: CodeBuild cannot read it, or takes a text of one line for the path of a file. A block
    behind `|` keeps its lines.

    Bad:
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Artifacts: {Type: CODEPIPELINE}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
              Source:
                Type: CODEPIPELINE
      >         BuildSpec: >
                  version: 0.2
                  phases:
                    build:
                      commands:
                        - make
    Good:
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Artifacts: {Type: CODEPIPELINE}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
              Source:
                Type: CODEPIPELINE
                BuildSpec: |
                  version: 0.2
                  phases:
                    build:
                      commands:
                        - make
    """
    node = project.buildspec
    text = visible(node)
    if node is None or not inline_text(node) or not runs_together(text):
        return
    written = node.written if isinstance(node, Unknown) and isinstance(node.written, Scalar) else node
    outer = project.document.text
    fix = None
    at = outer.find(">", written.start, written.start + 8)
    if isinstance(written, Scalar) and written.style == ">" and at >= 0:
        fix = Fix("Keep the lines", [Edit(at, at + 1, "|")])
    yield Finding(
        Span(at, at + 1) if fix is not None else written.span,
        "The lines of this buildspec are joined to one, and CodeBuild cannot read it.",
        help="Write the buildspec as a block behind `|`.",
        fix=fix,
    )


@rule("CD671", "buildspec-address", Severity.ERROR)
def buildspec_address(project: Project) -> Iterator[Finding]:
    """The project's buildspec is named by an address that CodeBuild does not read.

    CodeBuild takes the text of a buildspec, a path in the source, or the ARN of an object in S3
    (`arn:aws:s3:::bucket/buildspec.yml`). Anything else it looks for as a file in the source.

    Bad:
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Source:
                Type: CODEPIPELINE
      >         BuildSpec: s3://config/buildspec.yml
              Artifacts: {Type: CODEPIPELINE}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
    Good:
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              ServiceRole: arn:aws:iam::111122223333:role/build
              Source:
                Type: CODEPIPELINE
                BuildSpec: arn:aws:s3:::config/buildspec.yml
              Artifacts: {Type: CODEPIPELINE}
              Environment:
                Type: LINUX_CONTAINER
                ComputeType: BUILD_GENERAL1_SMALL
                Image: aws/codebuild/standard:7.0
    """
    node = project.buildspec
    text = visible(node).strip()
    if node is None or "\n" in text or not text.startswith(("s3://", "https://", "http://", "file://")):
        return
    fix = None
    if isinstance(node, Scalar) and text.startswith("s3://"):
        at = project.document.text.find("s3://", node.start, node.end)
        fix = Fix("Write the ARN", [Edit(at, at + 5, "arn:aws:s3:::")], safe=False) if at >= 0 else None
    yield Finding(
        node.span,
        "CodeBuild looks for a file of this name in the source: it reads no addresses.",
        help=f"Write `arn:aws:s3:::{text[5:]}`."
        if text.startswith("s3://") and "\ue000" not in text
        else "Write the path of the buildspec in the source, or the ARN of an object in S3.",
        fix=fix,
    )
