"""CD668, CD669: what CloudFormation puts into a buildspec, and what it leaves to the shell."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..model.template import Template, function_of
from ..source import Span
from ..syntax.tree import Mapping, Node, Scalar, Sequence
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


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
    """The values of `BuildSpec` of projects and `BuildspecOverride` of actions, as written."""
    for kind, name in (
        ("AWS::CodeBuild::Project", "BuildSpec"),
        ("AWS::CodePipeline::Pipeline", "BuildspecOverride"),
    ):
        if name in template.document.text:
            for resource in template.of_type(kind):
                yield from _named(resource.properties, name)


def _named(node: Node | None, wanted: str) -> Iterator[Node]:
    """The values of a key anywhere below a node."""
    stack = [node] if node is not None else []
    seen: set[int] = set()
    while stack:
        at = stack.pop()
        if id(at) in seen:
            continue
        seen.add(id(at))
        if isinstance(at, Mapping):
            spec = at.get(wanted)
            if spec is not None:
                yield spec
            stack += [value for name, _, value in at.items() if name != wanted]
        elif isinstance(at, Sequence):
            stack += at.items


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
        at = _for_the_shell(node.value)
        end = node.value.find("}", at)
        if at < 0 or end < 0 or "{{" in node.value:
            continue
        found = places(template.document.text, node)
        yield Finding(
            _span(found, at, end + 1),
            f"Nothing fills in `{node.value[at : end + 1]}`: there is no `Fn::Sub`, and the shell stops with `Bad "
            "substitution`.",
            help="Write `!Sub` before the text (and `${!NAME}` for the variables of the shell in it), or use a "
            "variable of the build such as `$AWS_REGION`.",
        )


def _for_the_shell(text: str) -> int:
    """Where the first `${AWS::…}` stands that the shell would read; -1 if none does for certain."""
    if any(mark in text for mark in ("<<'", "<<-'", '<<"', '<<-"', "<<\\", "<< '", '<< "')):
        return -1  # a text in which the shell replaces nothing
    at = text.find("${AWS::")
    while at >= 0:
        line = text[text.rfind("\n", 0, at) + 1 : at]
        if "#" not in line and line.count("'") % 2 == 0 and not line.endswith("\\"):
            return at
        at = text.find("${AWS::", at + 2)
    return -1
