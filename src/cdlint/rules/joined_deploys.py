"""CD813–CD819: deploy files, and what they name in one another."""

from __future__ import annotations

import posixpath

from ..findings import Edit, Finding, Fix, Severity
from ..model.outputs import constant, plain
from ..model.values import entries, known, members, visible
from ..source import Span
from ..syntax.tree import Mapping, Node, Scalar, Sequence
from ..wording import closest, listed
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.pipeline import Action
    from ..model.repository import Member, Repository
    from ..syntax.shell import Script, Word

    Told = Iterator[tuple[Member, Finding, Member]]


class Containers:
    """The container names of the one task definition that a repository has, and where they stand."""

    __slots__ = ("member", "names")

    def __init__(self, member: Member, names: list[str]) -> None:
        self.member = member
        self.names = names


def containers_of(
    repository: Repository, near: Member, without: frozenset[str] = frozenset()
) -> Containers | None:
    """The containers of all task definitions, with the nearest one; None if there is none, or an unknown one."""
    found: list[Containers] = []
    for member in repository.of_kind("task-definition"):
        if member.path in without:
            continue
        root = member.document.root
        names = _names(root.get("containerDefinitions")) if isinstance(root, Mapping) else None
        if names is None:
            return None
        found.append(Containers(member, names))
    for member in repository.of_kind("template"):
        template = member.delivery.template
        for resource in template.of_type("AWS::ECS::TaskDefinition") if template is not None else ():
            assert template is not None
            for choice in template.choices(resource.properties):
                node = template.resolve(resource.properties, choice)
                names = (
                    _names(node.get("ContainerDefinitions"), "Name") if isinstance(node, Mapping) else None
                )
                if names is None:
                    return None
                found.append(Containers(member, names))
    if not found:
        return None
    # Of several (one for each environment, say) any may be the one that is deployed.
    nearest = min(found, key=lambda one: (one.member.folder != near.folder, len(one.member.path)))
    return Containers(nearest.member, sorted({name for one in found for name in one.names}))


def _templates(repository: Repository) -> frozenset[str]:
    """The task definitions that CodeDeployToECS actions read."""
    found = set()
    for member, action in repository.actions("CodeDeployToECS"):
        node = action.get("TaskDefinitionTemplatePath")
        path = known(node) if node is not None else "taskdef.json"
        read = repository.find(member, path, "task-definition") if path else None
        if read is not None:
            found.add(read.path)
    return frozenset(found)


def _names(node: Node | None, key: str = "name") -> list[str] | None:
    """The names of container definitions; None if one is not known."""
    if not isinstance(node, Sequence) or not node.items:
        return None
    names = []
    for item in node.items:
        name = known(item.get(key)) if isinstance(item, Mapping) else None
        if name is None or "{" in name or "$" in name or name.startswith("<"):
            return None
        names.append(name)
    return names


@rule("CD813", "container-not-in-task-definition", Severity.ERROR)
def container_not_in_task_definition(repository: Repository) -> Told:
    """An image definition names a container that the task definition does not have.

    `name` is the name of the container in the task definition, not of the image or of the repository. The ECS deploy
    action ends with `Invalid action configuration: The AWS ECS container <name> does not exist`.

    Bad:
        === taskdef.json
        {"family": "web", "containerDefinitions": [{"name": "app", "image": "nginx"}]}
        === buildspec.yml
        version: 0.2
        phases:
          build:
            commands:
      >       - printf '[{"name":"web","imageUri":"%s"}]' "$IMAGE" > imagedefinitions.json
        artifacts:
          files: [imagedefinitions.json]
    Good:
        === taskdef.json
        {"family": "web", "containerDefinitions": [{"name": "app", "image": "nginx"}]}
        === buildspec.yml
        version: 0.2
        phases:
          build:
            commands:
              - printf '[{"name":"app","imageUri":"%s"}]' "$IMAGE" > imagedefinitions.json
        artifacts:
          files: [imagedefinitions.json]
    """
    # What an action of CodeDeploy fills in is no definition of a service that takes image definitions.
    templates = _templates(repository)
    for member, span, name in _defined(repository):
        containers = containers_of(repository, member, templates)
        if containers is None or name in containers.names or _is_placeholder(name):
            continue
        near = closest(name, containers.names) or (
            containers.names[0] if len(containers.names) == 1 else None
        )
        exact = name == member.document.text[span.start : span.end]
        yield (
            member,
            Finding(
                span,
                f"`{containers.member.path}` has no container `{name}`: the deployment ends with `The AWS ECS "
                f"container {name} does not exist`.",
                help=f"Write `{near}`: the name of the container, not of the image."
                if near
                else f"Its containers are {listed([f'`{one}`' for one in containers.names], 'and')}.",
                fix=Fix("Write the container's name", [Edit(span.start, span.end, near)], safe=False)
                if near and exact
                else None,
            ),
            containers.member,
        )


def _is_placeholder(name: str) -> bool:
    return not name or any(char in name for char in "$%{}<>`")


def _defined(repository: Repository) -> Iterator[tuple[Member, Span, str]]:
    """`(file, place, name)` of every container that an image definition names."""
    for member in repository.of_kind("image-definitions"):
        for item in members(member.document.root):
            name = item.get("name") if isinstance(item, Mapping) else None
            if isinstance(name, Scalar):
                yield member, _inside(name), name.value
    for member in repository.specs():
        spec = member.spec
        for command, script in spec.scripts() if spec is not None else ():
            if spec is None or "imageUri" not in script.text:
                continue
            for start, end in names_in(script.text):
                text = script.text[start:end]
                word = _filled_in(script, start) if text == "%s" else None
                variable = word.variable if word is not None else _variable(text)
                if variable:
                    value = constant(spec, variable)
                    if value is not None:
                        yield member, _inside(value), value.value
                elif word is not None and word.literal is not None:
                    yield member, command.span_of(word), word.literal
                elif word is None:
                    yield member, command.span(start, end), text


def _variable(text: str) -> str:
    """The variable that a text consists of, or ""."""
    name = text[1:].strip("{}") if text.startswith("$") else ""
    return name if name.replace("_", "a").isalnum() else ""


def _filled_in(script: Script, start: int) -> Word | None:
    """The argument of `printf` that takes the place of a `%s` of its format."""
    for simple in script.commands:
        if simple.name == "printf" and simple.args and simple.args[0].start <= start < simple.args[0].end:
            before = script.text[simple.args[0].start : start].count("%s")
            return simple.args[before + 1] if before + 1 < len(simple.args) else None
    return None


def names_in(text: str) -> Iterator[tuple[int, int]]:
    """The places of the values of `"name"` in a JSON text that stands in a command, escaped or not.

    The keys of a jq program may go without quotes: `{name: "web", imageUri: $uri}`.
    """
    at = text.find("name")
    while at >= 0:
        behind = at + 4
        before = text[at - 1] if at else " "
        if before in "\"'{ ,\\" and not text[behind : behind + 1].isalnum():
            while text[behind : behind + 1] in ("\\", '"', "'"):
                behind += 1
            while text[behind : behind + 1] in (" ", "\t"):
                behind += 1
            if text[behind : behind + 1] == ":":
                behind += 1
                while text[behind : behind + 1] in (" ", "\t", "\\"):
                    behind += 1
                if text[behind : behind + 1] == '"':
                    end = behind + 1
                    while end < len(text) and text[end] not in '"\\\n':
                        end += 1
                    yield behind + 1, end
        at = text.find("name", at + 4)


def _inside(node: Scalar) -> Span:
    return Span(node.start + 1, node.end - 1) if node.style in ("'", '"') else node.span


@rule("CD814", "hook-script-missing", Severity.ERROR)
def hook_script_missing(repository: Repository) -> Told:
    """A hook of an appspec file names a script that the repository does not have.

    Locations are relative to the root of what is deployed. The agent ends with `Script does not exist at specified
    location`, after the files have been copied.

    Bad:
        === appspec.yml
        version: 0.0
        os: linux
        files:
          - source: /
            destination: /srv/web
        hooks:
          AfterInstall:
      >     - location: scripts/start.sh
              timeout: 60
        === scripts/start_server.sh
        #!/bin/sh
    Good:
        === appspec.yml
        version: 0.0
        os: linux
        files:
          - source: /
            destination: /srv/web
        hooks:
          AfterInstall:
            - location: scripts/start.sh
              timeout: 60
        === scripts/start.sh
        #!/bin/sh
    """
    for member in repository.of_kind("appspec"):
        root = member.document.root
        hooks = root.get("hooks") if isinstance(root, Mapping) else None
        system = known(root.get("os")) if isinstance(root, Mapping) else None
        for _, value in entries(hooks):
            for item in members(value):
                location = item.get("location") if isinstance(item, Mapping) else None
                if isinstance(location, Scalar) and not location.is_null:
                    yield from _script(repository, member, location, (system or "").lower() == "windows")


def _script(repository: Repository, member: Member, location: Scalar, is_windows: bool) -> Told:
    value = location.value.replace("\\", "/") if is_windows else location.value
    path = plain(value.lstrip("/"))
    if _is_placeholder(path) or path.startswith("..") or repository.nearest(member, path) is not None:
        return
    if posixpath.basename(path) in _all_written(repository):
        return
    folder = posixpath.join(member.folder, posixpath.dirname(path))
    beside = repository.files.beside(folder)
    if is_windows and posixpath.basename(path).lower() in [name.lower() for name in beside]:
        return
    near = closest(posixpath.basename(path), beside)
    # A folder that is not in the repository may come from the build, and so may a file that lies elsewhere.
    sure = bool(beside) and not repository.files.is_anywhere(posixpath.basename(path))
    fix = None
    if near is not None:
        there = posixpath.join(posixpath.dirname(path), near)
        inner = _inside(location)
        if member.document.text[inner.start : inner.end] == location.value:
            fix = Fix("Name the script that is there", [Edit(inner.start, inner.end, there)], safe=False)
    yield (
        member,
        Finding(
            _inside(location),
            f"The repository has no `{path}`: the deployment ends with `Script does not exist at specified location`.",
            help=f"There is `{near}` in that folder."
            if near
            else "Locations start at the root of what is deployed.",
            fix=fix,
            severity=Severity.ERROR if sure else Severity.WARNING,
        ),
        member,
    )


def _all_written(repository: Repository) -> set[str]:
    return {
        posixpath.basename(path)
        for member in repository.specs()
        if member.spec is not None
        for path in repository.written(member.spec)
    }


@rule("CD815", "image-placeholder-mismatch", Severity.ERROR)
def image_placeholder_mismatch(repository: Repository) -> Told:
    """The placeholder for an image in the task definition is not the one that the deploy action fills.

    The blue/green ECS action puts the image of `Image1ArtifactName` in place of `<NAME>`, where `NAME` is the value of
    `Image1ContainerName`. A placeholder that nobody fills stays, and the task cannot start.

    Bad:
        === pipeline.yml
        pipeline:
          name: web
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: store}
          stages:
            - name: Source
              actions:
                - name: Fetch
                  actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
                  outputArtifacts: [{name: Code}]
                  configuration: {S3Bucket: b, S3ObjectKey: k.zip, PollForSourceChanges: "false"}
                - name: Image
                  actionTypeId: {category: Source, owner: AWS, provider: ECR, version: "1"}
                  outputArtifacts: [{name: Image}]
                  configuration: {RepositoryName: web}
            - name: Deploy
              actions:
                - name: Service
                  actionTypeId: {category: Deploy, owner: AWS, provider: CodeDeployToECS, version: "1"}
                  inputArtifacts: [{name: Code}, {name: Image}]
                  configuration:
                    ApplicationName: a
                    DeploymentGroupName: g
                    TaskDefinitionTemplateArtifact: Code
                    AppSpecTemplateArtifact: Code
                    Image1ArtifactName: Image
      >             Image1ContainerName: IMAGE_NAME
        === taskdef.json
        {"family": "web", "containerDefinitions": [{"name": "app", "image": "<IMAGE1_NAME>"}]}
    Good:
        === taskdef.json
        {"family": "web", "containerDefinitions": [{"name": "app", "image": "<IMAGE_NAME>"}]}
    """
    for member, action in repository.actions("CodeDeployToECS"):
        if not action.is_configured:
            continue
        node = action.get("TaskDefinitionTemplatePath")
        path = known(node) if node is not None else "taskdef.json"
        found = repository.find(member, path, "task-definition") if path else None
        if found is None:
            continue
        marks = _placeholders(found)
        filled = _filled(action)
        if filled is None:
            continue
        for name, value in filled.items():
            if name not in marks and not name.startswith("<"):
                yield (
                    member,
                    _unmarked(found, value, name, [one for one in marks if one not in filled]),
                    found,
                )
        # Where both sides have a name of their own, one fault is told at both; the second is no other one.
        same = all(name in marks for name in filled)
        for name, value in marks.items():
            if name not in filled:
                finding = _unfilled(member, action, value, name)
                finding.severity = Severity.ERROR if same else Severity.WARNING
                yield found, finding, member


def _placeholders(member: Member) -> dict[str, Scalar]:
    root = member.document.root
    found: dict[str, Scalar] = {}
    for item in members(root.get("containerDefinitions")) if isinstance(root, Mapping) else ():
        image = item.get("image") if isinstance(item, Mapping) else None
        if isinstance(image, Scalar) and image.value.startswith("<") and image.value.endswith(">"):
            found.setdefault(image.value[1:-1], image)
    return found


def _filled(action: Action) -> dict[str, Scalar] | None:
    """The placeholders that an action fills; None if one is not known."""
    found: dict[str, Scalar] = {}
    for number in range(1, 5):
        value = action.get(f"Image{number}ContainerName")
        if value is None:
            continue
        if not isinstance(value, Scalar) or "#{" in value.value:
            return None
        found[value.value] = value
    return found


def _unmarked(found: Member, value: Scalar, name: str, free: list[str]) -> Finding:
    near = closest(name, free) or (free[0] if len(free) == 1 else None)
    return Finding(
        _inside(value),
        f"`{found.path}` has no image `<{name}>`: the image is put nowhere.",
        help=f"Write `{near}`, or `<{name}>` in the task definition."
        if near
        else f'Write `"image": "<{name}>"` in the task definition.',
    )


def _unfilled(member: Member, action: Action, value: Scalar, name: str) -> Finding:
    return Finding(
        _inside(value),
        f"Nothing fills `<{name}>`: {action.label} of `{member.path}` has no `Image1ContainerName: {name}` or the "
        "like, and the task cannot start.",
        help=f"Add a pair of `Image…ArtifactName` and `Image…ContainerName: {name}` to the action.",
    )


@rule("CD816", "appspec-container-mismatch", Severity.ERROR)
def appspec_container_mismatch(repository: Repository) -> Told:
    """The appspec file sends the traffic to a container that the task definition does not have.

    `ContainerName` and `ContainerPort` of `LoadBalancerInfo` must be those of a container in the task definition;
    CodeDeploy cannot make the new task set otherwise.

    Bad:
        === appspec.yaml
        version: 0.0
        Resources:
          - TargetService:
              Type: AWS::ECS::Service
              Properties:
                TaskDefinition: <TASK_DEFINITION>
                LoadBalancerInfo:
      >           ContainerName: web
                  ContainerPort: 80
        === taskdef.json
        {"family": "web", "containerDefinitions": [{"name": "app", "image": "<IMAGE1_NAME>"}]}
    Good:
        === appspec.yaml
        version: 0.0
        Resources:
          - TargetService:
              Type: AWS::ECS::Service
              Properties:
                TaskDefinition: <TASK_DEFINITION>
                LoadBalancerInfo:
                  ContainerName: app
                  ContainerPort: 80
        === taskdef.json
        {"family": "web", "containerDefinitions": [{"name": "app", "image": "<IMAGE1_NAME>"}]}
    """
    for member in repository.of_kind("appspec"):
        containers = containers_of(repository, member)
        root = member.document.root
        if containers is None or not isinstance(root, Mapping):
            continue
        for resource in members(root.get("Resources")):
            for _, target in entries(resource):
                info = _get(target, "Properties", "LoadBalancerInfo")
                name = info.get("ContainerName") if isinstance(info, Mapping) else None
                if isinstance(name, Scalar) and not _is_placeholder(name.value):
                    yield from _container(member, containers, name, info)


def _container(member: Member, containers: Containers, name: Scalar, info: Node | None) -> Told:
    if name.value not in containers.names:
        near = closest(name.value, containers.names) or (
            containers.names[0] if len(containers.names) == 1 else None
        )
        yield (
            member,
            Finding(
                _inside(name),
                f"`{containers.member.path}` has no container `{name.value}`: CodeDeploy cannot send traffic to it.",
                help=f"Write `{near}`."
                if near
                else f"Its containers are {listed([f'`{one}`' for one in containers.names], 'and')}.",
            ),
            containers.member,
        )
        return
    port = info.get("ContainerPort") if isinstance(info, Mapping) else None
    ports = _ports(containers, name.value)
    if isinstance(port, Scalar) and ports and visible(port) not in ports:
        yield (
            member,
            Finding(
                _inside(port),
                f"The container `{name.value}` of `{containers.member.path}` has no port {port.value}: CodeDeploy "
                "cannot send traffic to it.",
                help=f"Write {listed(ports)}.",
            ),
            containers.member,
        )


def _ports(containers: Containers, name: str) -> list[str] | None:
    """The container ports of a container of a taskdef.json; None if they are not known."""
    root = containers.member.document.root
    for item in members(root.get("containerDefinitions")) if isinstance(root, Mapping) else ():
        if isinstance(item, Mapping) and known(item.get("name")) == name:
            found = [
                known(one.get("containerPort")) if isinstance(one, Mapping) else None
                for one in members(item.get("portMappings"))
            ]
            return [one for one in found if one is not None] if None not in found else None
    return None


def _get(node: Node | None, *path: str) -> Node | None:
    for name in path:
        node = node.get(name) if isinstance(node, Mapping) else None
    return node
