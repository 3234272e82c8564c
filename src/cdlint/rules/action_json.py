"""CD612–CD613: configuration values that have to be JSON."""

from __future__ import annotations

from ..findings import Finding, Severity
from ..model.pipeline import Action, Pipeline
from ..model.values import entries, known
from ..syntax.tree import Mapping, Node, Scalar, Sequence, Unknown
from ..wording import closest, listed, plain
from . import rule
from .configuration import Text, is_open, json_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


@rule("CD612", "configuration-not-json", Severity.ERROR)
def configuration_not_json(pipeline: Pipeline) -> Iterator[Finding]:
    """The value has to be a JSON text, and is none.

    `EnvironmentVariables` of a build is a JSON list of objects in one text, `ParameterOverrides` of a stack a JSON
    object. For variables AWS answers `EnvironmentVariables specified in action config does not match expected format,
    the expected format is JSON array`.

    Bad:
        pipeline:
          name: app
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: artifacts}
          stages:
            - name: Source
              actions:
                - name: Checkout
                  actionTypeId: {category: Source, owner: AWS, provider: CodeCommit, version: "1"}
                  configuration: {RepositoryName: app, BranchName: main, PollForSourceChanges: "false"}
                  outputArtifacts: [{name: Source}]
            - name: Work
              actions:
                - name: Build
                  actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                  configuration:
                    ProjectName: app
      >             EnvironmentVariables: '{"STAGE": "test"}'
                  inputArtifacts: [{name: Source}]
    Bad:
        pipeline:
          name: app
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: artifacts}
          stages:
            - name: Source
              actions:
                - name: Checkout
                  actionTypeId: {category: Source, owner: AWS, provider: CodeCommit, version: "1"}
                  configuration: {RepositoryName: app, BranchName: main, PollForSourceChanges: "false"}
                  outputArtifacts: [{name: Source}]
            - name: Work
              actions:
                - name: Build
                  actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                  configuration:
                    ProjectName: app
      >             EnvironmentVariables: "[{'name': 'STAGE', 'value': 'test'}]"
                  inputArtifacts: [{name: Source}]
    Good:
        pipeline:
          name: app
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: artifacts}
          stages:
            - name: Source
              actions:
                - name: Checkout
                  actionTypeId: {category: Source, owner: AWS, provider: CodeCommit, version: "1"}
                  configuration: {RepositoryName: app, BranchName: main, PollForSourceChanges: "false"}
                  outputArtifacts: [{name: Source}]
            - name: Work
              actions:
                - name: Build
                  actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                  configuration:
                    ProjectName: app
                    EnvironmentVariables: '[{"name": "STAGE", "value": "test"}]'
                  inputArtifacts: [{name: Source}]
    """
    for _, name, spec, node, text in _json(pipeline):
        shape = _SHAPES[name] if name in _SHAPES else _SHAPES[spec["json"]]
        if text.span is not None:
            single = "'" in getattr(node, "value", "") and '"' not in getattr(node, "value", "")
            told = "JSON has double quotes only" if single else text.problem
            yield Finding(text.span, f"The text of `{name}` is no JSON: {told}.", help=f"Write {shape}.")
        elif isinstance(text.root, (Scalar, Mapping, Sequence)):
            wanted = Sequence if spec["json"] == "array" else Mapping
            if not isinstance(text.root, wanted):
                word = {"array": "a JSON list", "object": "a JSON object"}[spec["json"]]
                yield Finding(
                    node.span if isinstance(node, Scalar) else text.root.span,
                    f"`{name}` has to be {word}: CodePipeline refuses anything else.",
                    help=f"Write {shape}.",
                )


_SHAPES = {
    "EnvironmentVariables": '`[{"name": "STAGE", "value": "test"}]`',
    "ParameterOverrides": '`{"Stage": "test"}`',
    "SourceRevisions": '`[{"actionName": "Source", "revisionType": "COMMIT_ID", "revisionValue": "…"}]`',
    "Variables": '`[{"name": "STAGE", "value": "test"}]`',
    "array": "a JSON list",
    "object": "a JSON object",
}


def _json(pipeline: Pipeline) -> Iterator[tuple[Action, str, dict[str, Any], Node, Text]]:
    """Every configuration value that has to be JSON, with the JSON in it."""
    for action in pipeline.actions():
        kind = action.type
        if kind is None:
            continue
        for name, (_, node) in action.configuration.items():
            spec = kind.keys.get(name)
            if spec and "json" in spec and isinstance(node, (Scalar, Unknown)):
                if isinstance(node, Unknown) or known(node):
                    yield action, name, spec, node, json_of(pipeline.document, node)


@rule("CD613", "json-entry-malformed", Severity.ERROR)
def json_entry_malformed(pipeline: Pipeline) -> Iterator[Finding]:
    """An entry of a JSON text in the configuration has wrong, missing or misspelt keys.

    Each variable of a build is an object with `name` and `value`, and perhaps `type`, all in small letters, although
    CloudFormation writes the same keys with capitals for a build project. Values are texts.

    Bad:
        pipeline:
          name: app
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: artifacts}
          stages:
            - name: Source
              actions:
                - name: Checkout
                  actionTypeId: {category: Source, owner: AWS, provider: CodeCommit, version: "1"}
                  configuration: {RepositoryName: app, BranchName: main, PollForSourceChanges: "false"}
                  outputArtifacts: [{name: Source}]
            - name: Work
              actions:
                - name: Build
                  actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                  configuration:
                    ProjectName: app
      >             EnvironmentVariables: '[{"Name": "STAGE", "Value": "test"}]'
                  inputArtifacts: [{name: Source}]
    Good:
        pipeline:
          name: app
          roleArn: arn:aws:iam::111122223333:role/pipeline
          artifactStore: {type: S3, location: artifacts}
          stages:
            - name: Source
              actions:
                - name: Checkout
                  actionTypeId: {category: Source, owner: AWS, provider: CodeCommit, version: "1"}
                  configuration: {RepositoryName: app, BranchName: main, PollForSourceChanges: "false"}
                  outputArtifacts: [{name: Source}]
            - name: Work
              actions:
                - name: Build
                  actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
                  configuration:
                    ProjectName: app
                    EnvironmentVariables: '[{"name": "STAGE", "value": "test"}]'
                  inputArtifacts: [{name: Source}]
    """
    for _, name, spec, _, text in _json(pipeline):
        if spec["json"] == "object" and isinstance(text.root, Mapping):
            yield from _overrides(name, text.root)
        elif "entry" in spec and isinstance(text.root, Sequence):
            for item in text.root.items:
                yield from _entry(name, spec["entry"], item)


def _entry(name: str, keys: dict[str, Any], item: Node) -> Iterator[Finding]:
    shape = f"Write {_SHAPES[name]}."
    if not isinstance(item, Mapping):
        if isinstance(item, Scalar) and not is_open(item.value):
            yield Finding(item.span, f"Each entry of `{name}` has to be an object.", help=shape)
        return
    there = {key.value: key for key, _ in entries(item)}
    meant = {word: closest(word, keys) or "" for word in there if word not in keys}
    for word, right in meant.items():
        if is_open(word):
            return
        told = f"The entries of `{name}` have no key `{word}`"
        yield Finding(
            there[word].span,
            f"{told}: case matters, and CodePipeline reads `{right}`."
            if plain(word) == plain(right)
            else f"{told}.",
            help=f"Write `{right}`." if right else shape,
        )
    missing = [
        word
        for word, spec in keys.items()
        if not spec.get("optional") and word not in there and word not in meant.values()
    ]
    if missing and not item.merged:
        names = listed((f"`{word}`" for word in missing), "and")
        yield Finding(item.span, f"This entry of `{name}` has no {names}.", help=shape)
    for word, spec in keys.items():
        value = item.get(word)
        if not isinstance(value, Scalar) or is_open(value.value):
            if isinstance(value, (Mapping, Sequence)):
                yield Finding(value.span, f"`{word}` in `{name}` has to be a text.", help=shape)
        elif "enum" in spec and value.value not in spec["enum"]:
            near = closest(value.value, spec["enum"])
            words = listed(f"`{one}`" for one in spec["enum"])
            yield Finding(
                value.span,
                f"`{word}` in `{name}` cannot be `{value.value}`: it is {words}.",
                help=f"Write `{near}`." if near else "",
            )
        elif value.type not in ("string",):
            yield Finding(
                value.span,
                f"`{word}` in `{name}` has to be a text, and this is none.",
                help=f'Write `"{value.value}"`.',
                severity=Severity.WARNING,
            )


_FUNCTIONS = {"Fn::GetArtifactAtt": 2, "Fn::GetParam": 3}
_ATTRIBUTES = ("BucketName", "ObjectKey", "URL")


def _overrides(name: str, root: Mapping) -> Iterator[Finding]:
    """`ParameterOverrides`: texts, `Fn::GetArtifactAtt` and `Fn::GetParam`. Source: AWS, action reference."""
    for key, value in entries(root):
        if is_open(key.value):
            continue
        if isinstance(value, Scalar) and value.type != "string" and not is_open(value.value):
            yield Finding(
                value.span,
                f"The value of `{key.value}` in `{name}` is no text: parameters are texts, whatever their type.",
                help=f'Write `"{value.value}"`.',
            )
        elif isinstance(value, Sequence):
            yield Finding(
                value.span,
                f"The value of `{key.value}` in `{name}` is a list, but parameters are texts.",
                help="Join the members with commas in one text, and let the parameter be a `CommaDelimitedList`.",
                severity=Severity.WARNING,
            )
        elif isinstance(value, Mapping):
            yield from _function(name, value)


def _function(name: str, value: Mapping) -> Iterator[Finding]:
    pairs = entries(value)
    word = pairs[0][0].value if len(pairs) == 1 else ""
    if word not in _FUNCTIONS:
        near = closest(word, _FUNCTIONS) if word else None
        yield Finding(
            pairs[0][0].span if pairs else value.span,
            f"`{name}` knows the functions `Fn::GetArtifactAtt` and `Fn::GetParam` only.",
            help=f"Write `{near}`." if near else "Write a text, or one of the two functions.",
        )
        return
    arguments = pairs[0][1]
    if not isinstance(arguments, Sequence) or len(arguments.items) != _FUNCTIONS[word]:
        wanted = (
            '`["Artifact", "ObjectKey"]`'
            if word == "Fn::GetArtifactAtt"
            else '`["Artifact", "file.json", "key"]`'
        )
        yield Finding(
            arguments.span, f"`{word}` takes a list of {_FUNCTIONS[word]} texts.", help=f"Write {wanted}."
        )
        return
    last = arguments.items[-1]
    if word == "Fn::GetArtifactAtt" and isinstance(last, Scalar):
        if last.value not in _ATTRIBUTES and not is_open(last.value):
            near = closest(last.value, _ATTRIBUTES)
            yield Finding(
                last.span,
                f"An artifact has no `{last.value}`, only {listed((f'`{a}`' for a in _ATTRIBUTES), 'and')}.",
                help=f"Write `{near}`." if near else "",
            )
