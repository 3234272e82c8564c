"""CD579: references to a pipeline's variables in a buildspec."""

from __future__ import annotations

from ..findings import Finding, Severity
from ..model.buildspec import Buildspec
from ..model.references import span_of
from ..model.values import walk
from ..syntax.tree import Scalar
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: References that can hardly be meant for anything else (`#{x.y}` is Ruby's, too).
_SURE = (
    "#{codepipeline.PipelineExecutionId}",
    "#{SourceVariables.CommitId}",
    "#{SourceVariables.CommitMessage}",
    "#{SourceVariables.BranchName}",
    "#{SourceVariables.RepositoryName}",
    "#{SourceVariables.FullRepositoryName}",
    "#{SourceVariables.AuthorDate}",
    "#{SourceVariables.VersionId}",
    "#{BuildVariables.",
    "#{DeployVariables.",
)


@rule("CD579", "reference-in-buildspec", Severity.WARNING)
def reference_in_buildspec(spec: Buildspec) -> Iterator[Finding]:
    """A buildspec has a reference to a variable of a pipeline, which nobody replaces there.

    `#{namespace.key}` is replaced in the configuration of a pipeline's actions only; in a buildspec the shell gets
    it as it is written. Source: AWS, variables reference.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - ./release.sh '#{SourceVariables.CommitId}'
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - ./release.sh "$CODEBUILD_RESOLVED_SOURCE_VERSION"
    """
    for node in walk(spec.document.root):
        if not isinstance(node, Scalar) or "#{" not in node.value:
            continue
        for start in _SURE:
            at = node.value.find(start)
            end = node.value.find("}", at) if at >= 0 else -1
            if end < 0:
                continue
            written = node.value[at : end + 1]
            yield Finding(
                span_of(spec.document.text, node, written),
                f"`{written}` is not replaced in a buildspec: the shell gets it as it is written.",
                help="Set a variable in `EnvironmentVariables` of the pipeline's action, and use that.",
            )
