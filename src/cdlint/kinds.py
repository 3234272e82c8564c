"""Of which kind a file is: told by its name where that says it, by its content in the end."""

from __future__ import annotations

import os

from .discovery import looks_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .syntax.tree import Mapping, Node

#: What only a file that declares pipelines or build projects has in it.
_DECLARES = (
    b"actionTypeId",
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
)


def promising(data: bytes, name: str = "") -> bool:
    """Can a file whose name says nothing be one of ours? Cheap, and true for few others."""
    if name.endswith(".tf"):
        return b"aws_codepipeline" in data or b"aws_codebuild_project" in data
    if any(word in data for word in _DECLARES) or any(word in data for word in _DEPLOYS):
        return True
    if name.lower().startswith("appspec") or (
        b"Parameters" in data and b"Resources" not in data and name.endswith(".json")
    ):
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
    return name.startswith("appspec") or any(
        word.decode() in text for words in (_DECLARES, _DEPLOYS) for word in words
    )


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
        named = name.startswith(("imagedefinition", "image-definition", "image_definition"))
        first = root.items[0] if root.items else None
        fits = (
            isinstance(first, Mapping)
            and "name" in first
            and any(key.lower() in ("imageuri", "image_uri", "image-uri") for key, _, _ in first.items())
        )
        return "image-definitions" if named or fits else None
    if not isinstance(root, Mapping):
        return _kind_by_name(name) if root is None or isinstance(root, Scalar) else None
    inner = root.get("pipeline")
    for node in (inner, root):
        if isinstance(node, Mapping) and "stages" in node and "actionTypeId" in text:
            return "pipeline"
    if ("AWS::CodePipeline::" in text or "AWS::CodeBuild::Project" in text) and _has_resources(root):
        return "template"
    if "containerDefinitions" in root:
        return "task-definition"
    if name.startswith("appspec") and not {
        "version",
        "os",
        "files",
        "hooks",
        "Resources",
        "Hooks",
    }.isdisjoint(_keys(root)):
        return "appspec"
    if _is_deploy_spec(root):
        return "deploy-spec"
    if "Parameters" in root and set(_keys(root)) <= {"Parameters", "Tags", "StackPolicy"}:
        return "template-configuration"
    return _kind_by_name(name)


def _kind_by_name(name: str) -> str | None:
    if name in ("imagedefinitions.json", "imagedefinition.json"):
        return "image-definitions"
    return "image-detail" if name == "imagedetail.json" else None


def _is_deploy_spec(root: Mapping) -> bool:
    """The deploy specification of the EC2 deploy action: `scripts` with `BeforeDeploy` or `AfterDeploy`."""
    return _has(root.get("scripts"), ("BeforeDeploy", "AfterDeploy")) and "files" in root


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
