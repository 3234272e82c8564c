"""CD650, CD651, CD668–CD671: a project and the buildspec that stands in it."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..model.codebuild_project import Project, inline_text, runs_together
from ..model.template import Template, function_of
from ..model.values import visible
from ..source import Span
from ..syntax.tree import Mapping, Node, Scalar, Sequence, Unknown
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.buildspec import Buildspec

#: Docker commands that need no daemon.
_CLIENT = frozenset(("login", "logout", "version", "context", "manifest", "buildx imagetools", ""))


def _docker(spec: Buildspec) -> str:
    """How the buildspec uses docker's daemon: `docker build`; "" if it does not, as far as can be seen."""
    from .containers import containers_of, excused

    if "DOCKER_HOST" in spec.document.text:
        return ""
    for action in containers_of(spec).actions:
        first = action.simple.first
        if action.name in _CLIENT or first is None or excused(action.simple):
            continue
        if first.raw in ("docker", "docker-compose"):
            return f"docker {action.name}" if first.raw == "docker" else first.raw
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


@rule("CD668", "shell-variable-in-sub", Severity.ERROR)
def shell_variable_in_sub(template: Template) -> Iterator[Finding]:
    """A `${NAME}` of the shell stands in a buildspec that `Fn::Sub` fills in.

    `Fn::Sub` takes every `${NAME}` for a parameter, a resource or a variable of its own, and CloudFormation refuses
    the template if there is none of that name. What is meant for the shell is written `${!NAME}` there, or without
    the braces. Source: AWS, reference of `Fn::Sub`.

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
                BuildSpec: !Sub |
                  version: 0.2
                  phases:
                    build:
                      commands:
      >                 - echo "${CODEBUILD_BUILD_NUMBER} in ${AWS::Region}"
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
                BuildSpec: !Sub |
                  version: 0.2
                  phases:
                    build:
                      commands:
                        - echo "${!CODEBUILD_BUILD_NUMBER} in ${AWS::Region}"
    """
    for node in _buildspecs(template):
        for text, own in _substitutions(node):
            yield from _unresolved(template, text, own)


def _buildspecs(template: Template) -> Iterator[Node]:
    """The values of `BuildSpec` in the template's projects, as written."""
    for resource in template.of_type("AWS::CodeBuild::Project"):
        source = resource.properties.get("Source") if isinstance(resource.properties, Mapping) else None
        stack = [source] if source is not None else []
        seen: set[int] = set()
        while stack:
            node = stack.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            if isinstance(node, Mapping):
                spec = node.get("BuildSpec")
                if spec is not None:
                    yield spec
                stack += [value for name, _, value in node.items() if name != "BuildSpec"]
            elif isinstance(node, Sequence):
                stack += node.items


def _substitutions(node: Node) -> Iterator[tuple[Scalar, set[str]]]:
    """`(text, names of its own)` of each `Fn::Sub` in a value."""
    stack, seen = [node], set()
    while stack:
        at = stack.pop()
        if id(at) in seen:
            continue
        seen.add(id(at))
        called = function_of(at)
        if called is not None and called[0] == "Fn::Sub":
            text, own = called[1], set()
            if isinstance(text, Sequence) and text.items:
                values = text.items[1] if len(text.items) > 1 else None
                if values is not None and not isinstance(values, Mapping):
                    continue
                own = {name for name, _, _ in values.items()} if isinstance(values, Mapping) else set()
                text = text.items[0]
            if isinstance(text, Scalar):
                yield text, own
        elif isinstance(at, Mapping):
            stack += [value for _, _, value in at.items()]
        elif isinstance(at, Sequence):
            stack += at.items


def _unresolved(template: Template, node: Scalar, own: set[str]) -> Iterator[Finding]:
    from ..syntax.scalars import places

    text = node.value
    found = places(template.document.text, node) if "${" in text else []
    given = own | {name for name, _, _ in template.parameters.items()} | set(template.resources)
    # A macro may add resources and parameters; those have other names than variables of the shell.
    open_ended = any(key in template.root for key in ("Transform", "Fn::Transform")) or any(
        name.startswith("Fn::") for name, _, _ in _resources(template)
    )
    at = text.find("${")
    while at >= 0:
        end = text.find("}", at)
        if end < 0:
            return
        name = text[at + 2 : end]
        start, at = at, text.find("${", at + 2)
        bare = name.strip()
        if name.startswith(("!", "AWS::")) or bare in given or bare.partition(".")[0] in given:
            continue
        is_name = bool(bare) and bare.isascii() and all(char.isalnum() or char in "_.:" for char in bare)
        if not is_name and ("${" in name or not _is_expansion(bare)):
            continue
        if is_name and (open_ended or "{{" in text) and bare != bare.upper():
            continue
        yield Finding(
            _span(found, start, end + 1),
            f"`Fn::Sub` takes `{text[start : end + 1]}` for a parameter or a resource of the template, and there is "
            "none of that name: CloudFormation refuses the template."
            if is_name
            else f"`Fn::Sub` takes `{text[start : end + 1]}` for a name of the template, which has other characters: "
            "CloudFormation refuses the template.",
            help=f"Write `${{!{name}}}` for a variable of the shell."
            if len(name) < 60
            else "Write `${!` for a variable of the shell.",
            fix=_escaped(found, start),
        )


def _resources(template: Template) -> list[tuple[str, Node, Node]]:
    node = template.root.get("Resources")
    return list(node.items()) if isinstance(node, Mapping) else []


def _is_expansion(name: str) -> bool:
    """`NAME:-x`, `NAME%%x`, `#NAME`: what the shell has in its braces."""
    size = 0
    bare = name.lstrip("#")
    while size < len(bare) and (bare[size].isalnum() or bare[size] == "_"):
        size += 1
    return size > 0 and (
        len(bare) != len(name)
        or bare[size : size + 1] in (":", "-", "%", "#", "/", "^", ",", "+", "=", "?", "[", "@")
    )


def _span(found: list[int], start: int, end: int) -> Span:
    return Span(found[start], max(found[start] + 1, found[end - 1] + 1))


def _escaped(found: list[int], start: int) -> Fix | None:
    at = found[start + 1] + 1
    if found[start + 1] != found[start] + 1:
        return None
    return Fix("Leave it to the shell", [Edit(at, at, "!")])


@rule("CD669", "sub-missing", Severity.ERROR)
def sub_missing(template: Template) -> Iterator[Finding]:
    """A buildspec has `${AWS::…}`, and nothing fills it in.

    `${AWS::Region}` is replaced in a text behind `Fn::Sub` only. Without that the shell gets it, and stops with `Bad
    substitution`. In a build `AWS_REGION` and the like are there as variables.

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
                BuildSpec: |
                  version: 0.2
                  phases:
                    build:
                      commands:
      >                 - aws s3 cp index.html "s3://site-${AWS::AccountId}/"
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
                BuildSpec: !Sub |
                  version: 0.2
                  phases:
                    build:
                      commands:
                        - aws s3 cp index.html "s3://site-${AWS::AccountId}/"
    """
    from ..syntax.scalars import places

    for node in _buildspecs(template):
        if not isinstance(node, Scalar) or node.tag is not None or "${AWS::" not in node.value:
            continue
        found = places(template.document.text, node)
        at = node.value.find("${AWS::")
        end = node.value.find("}", at)
        line = node.value.rfind("\n", 0, at) + 1
        if end < 0 or "{{" in node.value or node.value[line:at].lstrip().startswith("#"):
            continue
        yield Finding(
            _span(found, at, end + 1),
            f"Nothing fills in `{node.value[at : end + 1]}`: there is no `Fn::Sub`, and the shell stops with `Bad "
            "substitution`.",
            help="Write `!Sub` before the text (and `${!NAME}` for the variables of the shell in it), or use a "
            "variable of the build such as `$AWS_REGION`.",
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
