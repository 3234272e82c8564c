"""CD582–CD584: the arguments and blocks of Terraform's resources."""

from __future__ import annotations

from ..aws.terraform import META, META_BLOCKS, RESOURCES, Block
from ..findings import Edit, Finding, Fix, Severity
from ..syntax.document import Document
from ..syntax.tree import Mapping, Node, Scalar, Sequence
from ..wording import closest, listed
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def _resources(document: Document) -> Iterator[tuple[Scalar, Mapping, Block]]:
    """`(name, body, what it may hold)` of the resources that are ours."""
    root = document.root
    for key, types in root.pairs if isinstance(root, Mapping) else ():
        if not isinstance(key, Scalar) or key.value != "resource" or not isinstance(types, Mapping):
            continue
        for kind, names in types.pairs:
            spec = RESOURCES.get(kind.value) if isinstance(kind, Scalar) else None
            for name, body in names.pairs if spec is not None and isinstance(names, Mapping) else ():
                if spec is not None and isinstance(name, Scalar) and isinstance(body, Mapping):
                    yield name, body, spec


def _all(document: Document) -> Iterator[tuple[Scalar, Mapping, Block, bool]]:
    """`(place, body, spec, is the resource itself)` of the resources and of all blocks in them that are known."""
    for name, body, spec in _resources(document):
        stack = [(name, body, spec, True)]
        while stack:
            at = stack.pop()
            yield at
            for key, value in at[1].pairs:
                inner = at[2].blocks.get(key.value) if isinstance(key, Scalar) else None
                if (
                    inner is not None
                    and isinstance(key, Scalar)
                    and isinstance(value, Mapping)
                    and not value.flow
                ):
                    stack.append((key, value, inner, False))


@rule("CD582", "terraform-missing-argument", Severity.ERROR)
def terraform_missing_argument(document: Document) -> Iterator[Finding]:
    """An argument or a block that Terraform demands is missing.

    `terraform plan` stops with `Missing required argument` or `Insufficient … blocks`.

    Bad:
        resource "aws_codepipeline" "web" {
          name     = "web"
          role_arn = aws_iam_role.pipeline.arn
          artifact_store {
            location = "store"
            type     = "S3"
          }
          stage {
            name = "Source"
      >     action {
              name             = "Source"
              category         = "Source"
              owner            = "AWS"
              provider         = "CodeCommit"
              output_artifacts = ["code"]
              configuration    = { RepositoryName = "web", BranchName = "main", PollForSourceChanges = "false" }
            }
          }
          stage {
            name = "Approve"
            action {
              name     = "Approve"
              category = "Approval"
              owner    = "AWS"
              provider = "Manual"
              version  = "1"
            }
          }
        }
    Good:
        resource "aws_codepipeline" "web" {
          name     = "web"
          role_arn = aws_iam_role.pipeline.arn
          artifact_store {
            location = "store"
            type     = "S3"
          }
          stage {
            name = "Source"
            action {
              name             = "Source"
              category         = "Source"
              owner            = "AWS"
              provider         = "CodeCommit"
              version          = "1"
              output_artifacts = ["code"]
              configuration    = { RepositoryName = "web", BranchName = "main", PollForSourceChanges = "false" }
            }
          }
          stage {
            name = "Approve"
            action {
              name     = "Approve"
              category = "Approval"
              owner    = "AWS"
              provider = "Manual"
              version  = "1"
            }
          }
        }
    """
    if document.damaged:
        return
    for place, body, spec, _ in _all(document):
        lacking = [name for name in spec.required if name not in body]
        # A misspelt one is told by its own name.
        extra = [
            key.value
            for key, _ in body.pairs
            if isinstance(key, Scalar) and key.value not in spec.arguments and key.value not in spec.blocks
        ]
        lacking = [name for name in lacking if not closest(name, extra)]
        if lacking:
            yield Finding(
                place.span,
                f"{listed([f'`{name}`' for name in lacking], 'and')} {'is' if len(lacking) == 1 else 'are'} missing "
                f"in `{place.value}`: Terraform stops at it.",
                help=f"Add {listed([_as_written(name, spec) for name in lacking], 'and')}.",
            )


def _as_written(name: str, spec: Block) -> str:
    return f"a block `{name} {{ … }}`" if name in spec.blocks else f"`{name} = …`"


@rule("CD583", "terraform-unknown-argument", Severity.ERROR)
def terraform_unknown_argument(document: Document) -> Iterator[Finding]:
    """An argument or block is none that the resource takes.

    `terraform plan` stops with `Unsupported argument` or `Unsupported block type`.

    Bad:
        resource "aws_codebuild_project" "web" {
          name         = "web"
          service_role = aws_iam_role.build.arn
          artifacts { type = "CODEPIPELINE" }
          environment {
            type            = "LINUX_CONTAINER"
            compute_type    = "BUILD_GENERAL1_SMALL"
            image           = "aws/codebuild/standard:7.0"
      >     privileged_mod  = true
          }
          source { type = "CODEPIPELINE" }
        }
    Good:
        resource "aws_codebuild_project" "web" {
          name         = "web"
          service_role = aws_iam_role.build.arn
          artifacts { type = "CODEPIPELINE" }
          environment {
            type            = "LINUX_CONTAINER"
            compute_type    = "BUILD_GENERAL1_SMALL"
            image           = "aws/codebuild/standard:7.0"
            privileged_mode = true
          }
          source { type = "CODEPIPELINE" }
        }
    """
    text = document.text
    for place, body, spec, is_resource in _all(document):
        names = [*spec.arguments, *spec.blocks]
        for key, _ in body.pairs:
            if not isinstance(key, Scalar) or key.value in names:
                continue
            if is_resource and (key.value in META or key.value in META_BLOCKS):
                continue
            near = closest(key.value, names)
            exact = text[key.start : key.end] == key.value
            yield Finding(
                key.span,
                f"`{place.value}` takes no `{key.value}`: Terraform stops at it.",
                help=f"Write `{near}`."
                if near
                else f"It takes {listed([f'`{name}`' for name in sorted(names)], 'and')}.",
                fix=Fix(f"Write `{near}`", [Edit(key.start, key.end, near)], safe=False)
                if near and exact
                else None,
                # A later version of the provider may know what this table does not.
                severity=None if near else Severity.WARNING,
            )


@rule("CD584", "terraform-argument-shape", Severity.ERROR)
def terraform_argument_shape(document: Document) -> Iterator[Finding]:
    """An argument is written as a block or the other way round, or is no list where Terraform wants one.

    `terraform plan` stops with `Unsupported argument`, `Unsupported block type` or `Incorrect attribute value type`.

    Bad:
        resource "aws_codebuild_project" "web" {
          name         = "web"
          service_role = aws_iam_role.build.arn
      >   artifacts    = { type = "CODEPIPELINE" }
          environment {
            type         = "LINUX_CONTAINER"
            compute_type = "BUILD_GENERAL1_SMALL"
            image        = "aws/codebuild/standard:7.0"
          }
          source { type = "CODEPIPELINE" }
        }
    Good:
        resource "aws_codebuild_project" "web" {
          name         = "web"
          service_role = aws_iam_role.build.arn
          artifacts { type = "CODEPIPELINE" }
          environment {
            type         = "LINUX_CONTAINER"
            compute_type = "BUILD_GENERAL1_SMALL"
            image        = "aws/codebuild/standard:7.0"
          }
          source { type = "CODEPIPELINE" }
        }
    """
    for _, body, spec, _ in _all(document):
        for key, value in body.pairs:
            if isinstance(key, Scalar):
                yield from _of_shape(key, value, spec)


def _of_shape(key: Scalar, value: Node, spec: Block) -> Iterator[Finding]:
    name = key.value
    if name in spec.blocks:
        if (isinstance(value, Mapping) and value.flow) or isinstance(value, (Scalar, Sequence)):
            yield Finding(
                key.span,
                f"`{name}` is a block, not an argument: Terraform stops at it.",
                help=f"Write `{name} {{ … }}`, without the equals sign.",
            )
    elif name in spec.arguments and isinstance(value, Mapping) and not value.flow:
        yield Finding(
            key.span,
            f"`{name}` is an argument, not a block: Terraform stops at it.",
            help=f"Write `{name} = …`.",
        )
    elif name in spec.lists and isinstance(value, Scalar) and not value.is_null:
        yield Finding(
            value.span,
            f"`{name}` takes a list of texts, not a single one: Terraform stops at it.",
            help=f'Write `["{value.value}"]`.',
            fix=Fix(
                "Write a list",
                [Edit(value.start, value.start, "["), Edit(value.end, value.end, "]")],
                safe=True,
            )
            if value.style == '"'
            else None,
        )
