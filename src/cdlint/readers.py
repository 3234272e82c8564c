"""Who reads a file: the rules on files as a whole speak of CodeBuild, which reads most of them."""

from __future__ import annotations

from .findings import Finding, Severity

_READERS = {
    "appspec": "CodeDeploy",
    "deploy-spec": "CodePipeline",
    "image-definitions": "CodePipeline",
    "image-detail": "CodePipeline",
    "pipeline": "AWS",
    "task-definition": "CodePipeline",
    "template": "CloudFormation",
    "template-configuration": "CloudFormation",
}
#: Kinds that a service reads as strict JSON in UTF-8, whatever begins the file.
_STRICT = frozenset(("image-definitions", "image-detail", "task-definition", "template-configuration"))


def addressed(finding: Finding, kind: str) -> None:
    """Let a finding of the general rules name the service that reads this kind of file."""
    reader = _READERS.get(kind)
    if reader is None:
        return
    if finding.code == "CD002" and kind in _STRICT:
        finding.severity = Severity.ERROR
    message = finding.message
    at = message.find("CodeBuild stops")
    if at >= 0 and "YAML_FILE_ERROR" in message[at:]:
        message = message[:at] + "CodeBuild cannot read the file."
    for words in (" and stops before the first command", " and stops with a YAML_FILE_ERROR"):
        message = message.replace(words, "")
    if kind in _STRICT:
        message = message.replace("This is not YAML", "This is not JSON")
    message = message.replace("reads buildspecs", "reads the file").replace("a buildspec is", "it is")
    finding.message = message.replace("CodeBuild", reader)
