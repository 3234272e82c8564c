"""Findings from the schema: what is told of a document that is a buildspec at all."""

from __future__ import annotations

from ..findings import Finding
from ..model.buildspec import Buildspec
from ..syntax.tree import Mapping, Node, Scalar, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..schema import Violation

#: Keywords that complain of something absent: lines that had to be left out prove nothing.
_ABSENCES = frozenset(("anyOf", "dependentRequired", "minItems", "minProperties", "null", "required"))


def reported(spec: Buildspec, rule: str) -> Iterator[Violation]:
    """The violations that a rule reports, without those that prove nothing.

    A text that is no buildspec at all has one finding that says so; its parts are not judged.
    """
    document = spec.document
    if not document.violations or not is_buildspec(spec):
        return
    for violation in document.violations:
        if violation.rule != rule:
            continue
        if document.damaged and violation.keyword in _ABSENCES and violation.suggestion is None:
            continue
        if not _unsure(violation):
            yield violation


def is_buildspec(spec: Buildspec) -> bool:
    """False for a text that is no mapping, or clearly another document."""
    root = spec.document.root
    if not isinstance(root, Mapping):
        return False
    return "phases" in root or not (foreign(root) or wrapper(root))


def findings(spec: Buildspec, rule: str) -> Iterator[Finding]:
    for violation in reported(spec, rule):
        yield violation.finding()


def _unsure(violation: Violation) -> bool:
    """Is it about a name or a value that is only known later: a variable, a gap of a template?"""
    node = violation.node
    if violation.keyword == "additionalProperties":
        return _open(violation.name)
    if violation.keyword in ("required", "dependentRequired", "null"):
        return False
    return isinstance(node, Scalar) and not node.is_null and _open(node.value)


def _open(text: str) -> bool:
    return "$" in text or "{{" in text or "<%" in text


#: (what it is, what to do, keys of which all must be there)
_FOREIGN = (
    ("a CloudFormation template", "Resources", ("AWSTemplateFormatVersion",)),
    ("an Amplify build specification", "frontend", ()),
    ("an Amplify build specification", "applications", ()),
    ("an Amplify build specification", "backend", ("version",)),
    ("a GitHub workflow", "jobs", ()),
    ("a CodeDeploy AppSpec file", "hooks", ("os",)),
    ("a CodeDeploy AppSpec file", "os", ("files",)),
    ("a Kubernetes manifest", "apiVersion", ("kind",)),
    ("a compose file", "services", ()),
    ("an ECS task definition", "containerDefinitions", ()),
    ("a build specification of another service", "component", ("steps",)),
    ("the definition of a pipeline", "pipeline", ()),
    ("the definition of a pipeline", "stages", ("roleArn",)),
    ("the definition of a CodeBuild project", "source", ("environment",)),
    ("the definition of a CodeBuild project", "source", ("serviceRole",)),
    ("the definition of a CodeBuild project", "source", ("artifacts",)),
    ("the definition of a CodeBuild project", "project", ()),
    ("a list of CodeBuild projects", "projects", ()),
    ("a package.json", "scripts", ("name",)),
)


def foreign(root: Mapping) -> str:
    """What a document without `phases` clearly is instead of a buildspec, or nothing."""
    if "batch" in root:
        return ""
    for what, key, others in _FOREIGN:
        value = root.get(key)
        if value is None or not all(other in root for other in others):
            continue
        if isinstance(value, (Mapping, Sequence)) or others:
            return what
    resources = root.get("Resources")
    if isinstance(resources, Mapping) and any(
        isinstance(value, Mapping) and "Type" in value for _, _, value in resources.items()
    ):
        return "a CloudFormation template"
    return ""


def wrapper(root: Mapping) -> Scalar | None:
    """The key that a whole buildspec stands below, as a text or as a mapping."""
    if len(root) > 3 or "batch" in root:
        return None
    for _, key, value in root.items():
        if isinstance(key, Scalar) and _is_whole(value):
            return key
    return None


def _is_whole(value: Node) -> bool:
    if isinstance(value, Mapping):
        return "version" in value and "phases" in value
    return (
        isinstance(value, Scalar)
        and "\n" in value.value
        and "phases:" in value.value
        and "version:" in value.value
    )
