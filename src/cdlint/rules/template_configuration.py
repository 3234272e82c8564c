"""CD755–CD760: the template configuration of a CloudFormation deploy action."""

from __future__ import annotations

import os

from ..findings import Finding, Severity
from ..model.values import entries, members
from ..syntax.document import Document
from ..syntax.tree import Mapping, Scalar, Sequence
from . import rule
from .deploy_findings import opening, quoted, reported, told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


@rule("CD755", "template-configuration-key", Severity.ERROR)
def template_configuration_key(document: Document) -> Iterator[Finding]:
    """The template configuration has a key that is none of the three it knows.

    `TemplateConfiguration` of the CloudFormation action names a JSON file with `Parameters`, `Tags` and
    `StackPolicy`, in these letters, and nothing else.

    Bad:
        {
      >   "parameters": {"InstanceType": "t3.micro"},
          "Tags": {"Team": "web"}
        }
    Good:
        {
          "Parameters": {"InstanceType": "t3.micro"},
          "Tags": {"Team": "web"}
        }
    """
    yield from told(document, "template-configuration-key")


@rule("CD756", "template-configuration-not-an-object", Severity.ERROR)
def template_configuration_not_an_object(document: Document) -> Iterator[Finding]:
    """The template configuration is a list.

    A list of `ParameterKey` and `ParameterValue` is what `aws cloudformation create-stack --parameters` and the
    StackSet actions take. The CloudFormation action wants an object with `Parameters`.

    Bad (path: template-configuration.json):
      > [{"ParameterKey": "InstanceType", "ParameterValue": "t3.micro"}]
    Good (path: template-configuration.json):
        {"Parameters": {"InstanceType": "t3.micro"}}
    """
    for found in told(document, "template-configuration-not-an-object"):
        if document.root is not None:
            found.span = opening(document, document.root)
        yield found


@rule("CD757", "parameter-list", Severity.ERROR)
def parameter_list(document: Document) -> Iterator[Finding]:
    """`Parameters` is a list of `ParameterKey` and `ParameterValue`.

    That is the form of `create-stack`. In a template configuration the names themselves are the keys.

    Bad:
        {
      >   "Parameters": [
            {"ParameterKey": "InstanceType", "ParameterValue": "t3.micro"}
          ]
        }
    Good:
        {
          "Parameters": {
            "InstanceType": "t3.micro"
          }
        }
    """
    name = os.path.basename(document.source.path).lower()
    root = document.root
    for violation in reported(document, "parameter-list"):
        found = violation.finding()
        if violation.key is not None:
            found.span = violation.key.span
        tags = root.get("Tags") if isinstance(root, Mapping) else None
        if isinstance(violation.node, Sequence) and "config" not in name and not isinstance(tags, Mapping):
            # The same text can be meant for `create-stack --cli-input-json`.
            found.severity = Severity.WARNING
        yield found


@rule("CD758", "parameter-not-a-string", Severity.ERROR)
def parameter_not_a_string(document: Document) -> Iterator[Finding]:
    """The value of a parameter is not a text.

    All values are texts here, also those of parameters of the type Number; a list is one text with commas.

    Bad:
        {
          "Parameters": {
      >     "DesiredCount": 2
          }
        }
    Good:
        {
          "Parameters": {
            "DesiredCount": "2"
          }
        }
    """
    for violation in reported(document, "parameter-not-a-string"):
        found, node = violation.finding(), violation.node
        name = violation.path[-1]
        if any(key.value.startswith("Fn::") for key, _ in entries(node)):
            continue  # `Fn::GetParam`, which ParameterOverrides takes; nobody says that it fails here
        if not _is_certain(document):
            found.severity = Severity.WARNING
        found.span = node.span if isinstance(node, Scalar) else opening(document, node)
        if isinstance(node, Sequence):
            found.message = f"The value of the parameter `{name}` is a list, but must be a text."
            found.help = "Write the values in one text, with commas between them."
        elif isinstance(node, Mapping):
            found.message = f"The value of the parameter `{name}` is an object, but must be a text."
            found.help = 'Write `"NAME": "VALUE"`.'
        elif isinstance(node, Scalar) and node.is_null:
            found.message = f"The parameter `{name}` has no value: CloudFormation wants a text."
            found.help = 'Write `""` for an empty value, or delete the line.'
        elif isinstance(node, Scalar):
            found.message = (
                f"The value of the parameter `{name}` must be a text, but it is the {_kind(node)} "
                f"`{node.value}`."
            )
            found.help = f'Write `"{node.value}"`.'
            found.fix = quoted(node)
        yield found


def _is_certain(document: Document) -> bool:
    """Is the file surely a template configuration? `Parameters` alone may be the settings of something else."""
    name = os.path.basename(document.source.path).lower()
    root = document.root
    beside = isinstance(root, Mapping) and ("Tags" in root or "StackPolicy" in root)
    return beside or any(
        part in name for part in ("config", "param", "template", "stack", "cfn", "cloudformation")
    )


def _kind(node: Scalar) -> str:
    return "boolean" if node.type == "boolean" else "number"


@rule("CD759", "stack-tags", Severity.ERROR)
def stack_tags(document: Document) -> Iterator[Finding]:
    """The tags are not a mapping from names to texts.

    A list of `Key` and `Value` is the form of `create-stack`. In a template configuration the names are the keys.

    Bad:
        {
          "Parameters": {"InstanceType": "t3.micro"},
      >   "Tags": [{"Key": "Team", "Value": "web"}]
        }
    Good:
        {
          "Parameters": {"InstanceType": "t3.micro"},
          "Tags": {"Team": "web"}
        }
    """
    for violation in reported(document, "stack-tags"):
        found, node = violation.finding(), violation.node
        if len(violation.path) == 1 and violation.key is not None:
            found.span = violation.key.span
        elif isinstance(node, Scalar) and not node.is_null:
            found.message = (
                f"The value of the tag `{violation.path[-1]}` must be a text, but it is `{node.value}`."
            )
            found.help = f'Write `"{node.value}"`.'
            found.fix = quoted(node)
        yield found


@rule("CD760", "stack-policy", Severity.ERROR)
def stack_policy(document: Document) -> Iterator[Finding]:
    """The stack policy is not an object with `Statement`.

    It is the policy itself, not a text with JSON in it and not the name of a file; its statements are a list.

    Bad:
        {
          "Parameters": {"InstanceType": "t3.micro"},
      >   "StackPolicy": "{\\"Statement\\": []}"
        }
    Good:
        {
          "Parameters": {"InstanceType": "t3.micro"},
          "StackPolicy": {
            "Statement": [
              {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}
            ]
          }
        }
    """
    yield from told(document, "stack-policy")
    root = document.root
    policy = root.get("StackPolicy") if isinstance(root, Mapping) else None
    for item in members(policy.get("Statement")) if isinstance(policy, Mapping) else []:
        effects = [value for key, value in entries(item) if key.value == "Effect"]
        for effect in effects:
            if isinstance(effect, Scalar) and effect.value not in ("Allow", "Deny"):
                yield Finding(
                    effect.span,
                    f"`{effect.value}` is no effect of a policy: there are `Allow` and `Deny`.",
                    help="Write `Allow` or `Deny`.",
                )
