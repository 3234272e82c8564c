"""Of which kind a file is: told by its name where that says it, by its content in the end."""

from __future__ import annotations

import os

from .discovery import looks_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .syntax.tree import Mapping, Node, Sequence

#: What only a file that declares pipelines or build projects has in it.
_DECLARES = (
    b"actionTypeId",
    b"ActionTypeId",
    b"AWS::CodePipeline::",
    b"AWS::CodeBuild::Project",
    b"aws_codepipeline",
    b"aws_codebuild_project",
)
#: What only files have that a deploy action reads.
_DEPLOYS = (
    b"imageUri",
    b"ImageURI",
    b"containerDefinitions",
    b"StackPolicy",
    b"BeforeDeploy",
    b"AfterDeploy",
    b"TargetService",
)
#: Keys that make a file with `Parameters` the request or the settings of something else.
_FOREIGN_CONFIGURATION = frozenset(
    (
        "$schema",
        "Capabilities",
        "DocumentName",
        "InstanceIds",
        "Outputs",
        "Region",
        "Resources",
        "StackName",
        "StackSetName",
        "Targets",
        "Template",
        "TemplateBody",
        "TemplateFile",
        "TemplatePath",
        "TemplateURL",
        "Type",
    )
)
#: Names that say what a file is, in lower case and without hyphens, underscores and plural.
_NAMED = {
    "imagedefinition.json": "image-definitions",
    "imagedetail.json": "image-detail",
    "taskdef.json": "task-definition",
    "taskdefinition.json": "task-definition",
    "deployspec.yml": "deploy-spec",
    "deployspec.yaml": "deploy-spec",
}
#: The parts of an AppSpec; those of a file of another name must be all of these.
_APPSPEC = frozenset(
    ("version", "os", "files", "hooks", "permissions", "file_exists_behavior", "Resources", "Hooks")
)


def promising(data: bytes, name: str = "") -> bool:
    """Can a file whose name says nothing be one of ours? Cheap, and true for few others."""
    if name.endswith(".tf"):
        return b"aws_codepipeline" in data or b"aws_codebuild_project" in data
    if any(word in data for word in _DECLARES) or any(word in data for word in _DEPLOYS):
        return True
    lower = name.lower()
    if "appspec" in lower or _stem(lower) in _NAMED:
        return True
    if lower.endswith(".json"):
        named = b"Parameter" in data or (b'"parameters"' in data and b'"Tags"' in data)
        return named and b"Resources" not in data
    if b"version: 0.0" in data and (b"hooks:" in data or b"destination:" in data):
        return True
    return ((b"\nphases:" in data or data.startswith(b"phases:")) and b"commands" in data) or (
        b"build-" in data and (b"\nbatch:" in data or data.startswith(b"batch:"))
    )


# --- kinds ------------------------------------------------------------------------------------

#: The keys of a buildspec that no other file puts together.
_TELLING = frozenset(
    (
        "artifacts",
        "batch",
        "cache",
        "env",
        "environment_variables",
        "phases",
        "proxy",
        "reports",
        "run-as",
    )
)
_PHASES = frozenset(("install", "pre_build", "build", "post_build"))
_IN_PHASE = ("commands", "finally", "runtime-versions", "on-failure", "run-as")
_BATCHES = ("build-list", "build-matrix", "build-graph", "build-fanout")
#: Keys of other products whose files are named like ours and have no `phases` at the top:
#: Oracle DevOps, Amplify hosting, AWS deep learning containers, OBS plugins, buildtest, workflows
#: of GitHub, Kubernetes.
_FOREIGN = frozenset(
    (
        "apiVersion",
        "applications",
        "backend",
        "buildVersion",
        "buildspec_pointer",
        "buildspecs",
        "component",
        "configVersion",
        "containers",
        "frontend",
        "images",
        "jobs",
        "platformConfig",
        "repository_info",
        "uuids",
    )
)
#: The default name: CodeBuild reads this file whatever is in it.
_DEFAULT = ("buildspec.yml", "buildspec.yaml", "<stdin>")


def is_delivery(path: str, text: str) -> bool:
    """Is it, by its words, a pipeline, a template or a deploy file, and not a buildspec?"""
    name = os.path.basename(path).lower()
    if name in _DEFAULT or looks_named(name):
        return False
    if "phases" in text and "\nphases:" in "\n" + text:
        return False
    if "appspec" in name or _stem(name) in _NAMED:
        return True
    if name.endswith(".json") and '"Parameters"' in text:
        return True
    return any(word.decode() in text for words in (_DECLARES, _DEPLOYS) for word in words)


def kind_of(path: str, text: str, root: Node | None, explicit: bool = True) -> str | None:
    """The kind of a file (a key of `rules.MODULES`), or None for a file that is none of ours.

    `root` is the tree as far as it could be read; where it says nothing, the lines of the text
    decide. A file called `buildspec.yml` is ours whatever is in it, since CodeBuild will read it,
    unless it is clearly another product's; so is any YAML file with "buildspec" in its name that
    the user named (`explicit`) and of which nothing can be read.
    """
    name = os.path.basename(path).lower()
    if name.endswith(".tf"):
        return "terraform" if "aws_codepipeline" in text or "aws_codebuild_project" in text else None
    if name not in _DEFAULT or name == "<stdin>":
        found = delivery_kind(name, text, root)
        if found is not None:
            return found
    keys = _keys(root)
    if "phases" not in keys and "batch" not in keys and (root is None or "phases" in text):
        for key, value in _keys_of_lines(text).items():
            keys.setdefault(key, value)
    if name in _DEFAULT:
        return None if _is_foreign(keys) else "buildspec"
    if looks_named(name):
        broken = explicit and root is None and not keys and not name.endswith(".json")
        return "buildspec" if broken or _is_probably_ours(keys, name) else None
    return "buildspec" if _is_certainly_ours(keys) else None


def delivery_kind(name: str, text: str, root: Node | None) -> str | None:
    """The kind of a file that is no buildspec; None if it is none of these. `name` is the file's, in lower case."""
    from .syntax.tree import Mapping, Scalar, Sequence

    if isinstance(root, Sequence):
        return _kind_of_list(name, root)
    if not isinstance(root, Mapping):
        return _kind_of_unread(name) if root is None or isinstance(root, Scalar) else None
    from .model.forms.api import declaration_of

    wrapped = isinstance(root.get("pipeline"), Mapping) and "ActionTypeId" in text
    if ("actionTypeId" in text or wrapped) and declaration_of(root) is not None:
        return "pipeline"
    if ("AWS::CodePipeline::" in text or "AWS::CodeBuild::Project" in text) and _has_resources(root):
        return "template"
    if _is_task_definition(name, root):
        return "task-definition"
    if _is_appspec(name, root):
        return "appspec"
    if _is_deploy_spec(name, root):
        return "deploy-spec"
    if _is_image_detail(root):
        return "image-detail" if kind_by_name(name) != "image-definitions" else "image-definitions"
    if name.endswith(".json") and _is_configuration(name, root):
        return "template-configuration"
    return kind_by_name(name) if _stem(name).startswith("image") else None


def _kind_of_unread(name: str) -> str | None:
    """The kind of a file of which nothing, or a single text, could be read."""
    if name in ("appspec.yml", "appspec.yaml", "appspec.json"):
        return "appspec"
    kind = kind_by_name(name)
    return kind if kind != "deploy-spec" else None


def _stem(name: str) -> str:
    """A name without hyphens, underscores and plural: `image-definitions.json` is `imagedefinition.json`."""
    return (
        name.lower().replace("-", "").replace("_", "").replace("s.json", ".json").replace("specs.", "spec.")
    )


def kind_by_name(name: str) -> str | None:
    return _NAMED.get(_stem(name))


def _kind_of_list(name: str, root: Sequence) -> str | None:
    """A list can be image definitions; by its name also what should not be a list."""
    from .syntax.tree import Mapping

    named = kind_by_name(name)
    if named in ("image-definitions", "image-detail"):
        return named
    first = root.items[0] if root.items else None
    keys = _keys(first)
    if isinstance(first, Mapping) and set(keys) == {"ParameterKey", "ParameterValue"}:
        return "template-configuration" if "template" in name and "config" in name else None
    uri = any(key.lower() in ("imageuri", "image_uri", "image-uri") for key in keys)
    return "image-definitions" if uri and "name" in keys and len(keys) < 5 else None


def _is_task_definition(name: str, root: Mapping) -> bool:
    """`containerDefinitions` at the top or in the wrapper of DescribeTaskDefinition."""
    from .syntax.tree import Mapping

    if "containerDefinitions" in root:
        # The requests that carry one along with other things are none.
        return "taskDefinition" not in root and "detail" not in root
    inner = root.get("taskDefinition")
    if isinstance(inner, Mapping) and "containerDefinitions" in inner:
        return True
    return kind_by_name(name) == "task-definition" and any(
        key.lower() in ("containerdefinitions", "family") for key in _keys(root)
    )


def _is_appspec(name: str, root: Mapping) -> bool:
    """An AppSpec by its name and one of its parts, or by what only an AppSpec has."""
    from .syntax.tree import Mapping, Scalar, Sequence

    keys = _keys(root)
    if "appspec" in name:
        # OpenAPI and others have "app spec" files, too.
        own = {key.lower() for key in keys} & {key.lower() for key in _APPSPEC}
        return (bool(own - {"version"}) or (bool(own) and name.startswith("appspec."))) and not {
            "openapi",
            "apiVersion",
            "kind",
            "services",
        } & set(keys)
    version = root.get("version")
    resources = root.get("Resources")
    if isinstance(resources, Sequence):
        return any(_has(item, ("TargetService",)) for item in resources.items)
    if not isinstance(version, Scalar) or version.value != "0.0" or not set(keys) <= _APPSPEC:
        return False
    hooks = root.get("hooks")
    return "os" in keys and ("files" in keys or isinstance(hooks, Mapping))


def _is_deploy_spec(name: str, root: Mapping) -> bool:
    """The deploy specification of the EC2 deploy action: `scripts` with `BeforeDeploy` or `AfterDeploy`."""
    if _has(root.get("scripts"), ("BeforeDeploy", "AfterDeploy")):
        return "files" in root or "version" in root
    # Many call the buildspec of a second stage so.
    if kind_by_name(name) != "deploy-spec" or "phases" in root:
        return False
    version = root.get("version")
    return "scripts" in root or ("files" in root and getattr(version, "value", "") != "0.0")


def _is_image_detail(root: Mapping) -> bool:
    """`ImageURI` alone, or with what the ECR source action writes beside it."""
    from .syntax.tree import Scalar

    known = {"ImageSizeInBytes", "ImageDigest", "Version", "ImagePushedAt", "RegistryId", "RepositoryName"}
    keys = set(_keys(root))
    return isinstance(root.get("ImageURI"), Scalar) and keys <= known | {"ImageURI", "ImageTags"}


def _is_configuration(name: str, root: Mapping) -> bool:
    """A template configuration: parameters of a template, with tags or a stack policy, and nothing else.

    `Parameters` alone is met elsewhere, too: there the values are lists (Systems Manager) or objects.
    """
    from .syntax.tree import Mapping, Sequence

    keys = _keys(root)
    parameters = root.get("Parameters") or root.get("parameters")
    certain = "template" in name and "config" in name
    if (not certain and not _FOREIGN_CONFIGURATION.isdisjoint(keys)) or not {
        "Parameters",
        "Tags",
        "StackPolicy",
    } & set(keys):
        return False
    own = {key for key in keys if key.lower() in ("parameters", "tags", "stackpolicy")}
    if set(keys) - own:
        # A key too many: only where the name says that it is one, or where the key is a misspelt one.
        from .wording import closest

        wanted = ("Parameters", "Tags", "StackPolicy")
        if not own or not (certain or all(closest(key, wanted) for key in set(keys) - own)):
            return False
    tags = root.get("Tags")
    if not certain and isinstance(tags, Sequence) and not all(_has(tag, ("Key",)) for tag in tags.items):
        return False
    if isinstance(parameters, Sequence):
        return bool(parameters.items) and _has(parameters.items[0], ("ParameterKey",))
    if not isinstance(parameters, Mapping):
        return "StackPolicy" in keys or "config" in name
    if certain:
        return True
    values = [value for _, _, value in parameters.items()]
    if not all(key.isalnum() for key in _keys(parameters)):
        return False
    plain = [value for value in values if not isinstance(value, (Mapping, Sequence))]
    return len(plain) * 2 > len(values) or (len(own) > 1 and not values)


def _has_resources(root: Mapping) -> bool:
    """A template; in a serverless.yml it is below `resources`."""
    from .syntax.tree import Mapping

    if isinstance(root.get("Resources"), Mapping):
        return True
    inner = root.get("resources")
    return isinstance(inner, Mapping) and isinstance(inner.get("Resources"), Mapping)


def _keys(root: Node | None) -> dict[str, Node | str]:
    """The top-level keys and their values."""
    from .syntax.tree import Mapping

    if not isinstance(root, Mapping):
        return {}
    return {name: value for name, _, value in root.items()}


def _keys_of_lines(text: str) -> dict[str, Node | str]:
    """`word: rest` at the start of lines, for texts that are no YAML."""
    found: dict[str, Node | str] = {}
    for line in text[:100_000].splitlines():
        word, colon, rest = line.partition(":")
        word = word.rstrip().strip("\"'\ufeff")
        if colon and 2 < len(word) < 30 and word[0].isalpha() and " " not in word:
            found.setdefault(word, rest.partition(" #")[0].strip())
    return found


def _text(value: Node | str | None) -> str:
    return value if isinstance(value, str) else getattr(value, "value", "")


def _versioned(keys: dict[str, Node | str]) -> bool:
    """Is there a version that only a buildspec has?"""
    return _text(keys.get("version")).strip("\"'") in ("0.1", "0.2", "0.20", "0.10")


def _has(value: Node | str | None, wanted: Iterable[str]) -> bool:
    """Is it a mapping with one of these keys?"""
    from .syntax.tree import Mapping

    return isinstance(value, Mapping) and any(name in value for name in wanted)


def _is_foreign(keys: dict[str, Node | str]) -> bool:
    """Is it clearly another product's file?"""
    if "phases" in keys or _has(keys.get("batch"), _BATCHES):
        return False
    return not _FOREIGN.isdisjoint(keys) or _has(keys.get("test"), ("phases",))


def _is_probably_ours(keys: dict[str, Node | str], name: str) -> bool:
    """For a file with "buildspec" in its name: does the content speak for it?"""
    if _is_foreign(keys) or "AWSTemplateFormatVersion" in keys:
        return False
    if _versioned(keys) or not (_TELLING | _PHASES).isdisjoint(keys):
        return True
    if name.endswith(".json"):
        return False
    from .wording import closest

    return any(closest(key, _TELLING) for key in list(keys)[:50])


def _is_certainly_ours(keys: dict[str, Node | str]) -> bool:
    """For a file of any name: the phases or the batch of a buildspec, in its own words."""
    from .syntax.tree import Mapping

    phases = keys.get("phases")
    if isinstance(phases, Mapping):
        inside = [value for name, _, value in phases.items() if name in _PHASES]
        if inside and (_versioned(keys) or any(_has(value, _IN_PHASE) for value in inside)):
            return True
    if not _versioned(keys) or _is_foreign(keys):
        return False
    if _has(keys.get("batch"), _BATCHES):
        return True
    from .wording import closest

    return any(closest(key, ("phases",)) for key in list(keys)[:50])
