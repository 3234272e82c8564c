"""CD580–CD584: what only Terraform's form of a pipeline can have wrong."""

from __future__ import annotations

from ..findings import Finding, Severity
from ..model.values import known
from ..syntax.document import Document
from ..syntax.tree import Mapping, Node, Scalar
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def _bodies(document: Document) -> Iterator[Mapping]:
    root = document.root
    for key, types in root.pairs if isinstance(root, Mapping) else ():
        if not isinstance(key, Scalar) or key.value != "resource" or not isinstance(types, Mapping):
            continue
        for kind, names in types.pairs:
            if isinstance(kind, Scalar) and kind.value == "aws_codepipeline" and isinstance(names, Mapping):
                yield from (body for _, body in names.pairs if isinstance(body, Mapping))


def _blocks(body: Mapping, name: str) -> list[tuple[Scalar, Node]]:
    return [(key, value) for key, value in body.pairs if isinstance(key, Scalar) and key.value == name]


@rule("CD580", "terraform-store-region", Severity.ERROR)
def terraform_store_region(document: Document) -> Iterator[Finding]:
    """The artifact stores of a pipeline and their regions do not fit.

    One `artifact_store` has no `region`; of several each has one of its own. Terraform answers `region cannot be set
    for a single-region CodePipeline`, `region must be set for a cross-region CodePipeline` or `only one Artifact Store
    can be defined per region for a cross-region CodePipeline`, and only when it applies. Source: the AWS provider.

    Bad:
        resource "aws_codepipeline" "web" {
          name     = "web"
          role_arn = aws_iam_role.pipeline.arn
          artifact_store {
            location = "store"
            type     = "S3"
      >     region   = "eu-west-1"
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
              provider         = "S3"
              version          = "1"
              output_artifacts = ["code"]
              configuration = {
                S3Bucket             = "b"
                S3ObjectKey          = "k.zip"
                PollForSourceChanges = "false"
              }
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
    for body in _bodies(document):
        stores = [
            (key, value) for key, value in _blocks(body, "artifact_store") if isinstance(value, Mapping)
        ]
        if len(stores) != len(_blocks(body, "artifact_store")):
            continue  # a dynamic block: nobody knows how many
        seen: set[str] = set()
        for key, store in stores:
            assert isinstance(store, Mapping)
            region = store.get("region")
            text = known(region)
            name = store.key("region")
            if len(stores) == 1 and text is not None and name is not None:
                yield Finding(
                    name.span,
                    "The only artifact store has a `region`: Terraform stops with `region cannot be set for a "
                    "single-region CodePipeline`.",
                    help="Remove `region`; the store is in the region of the pipeline.",
                )
            elif len(stores) > 1 and region is None:
                yield Finding(
                    key.span,
                    "Of several artifact stores this one has no `region`: Terraform stops with `region must be set for "
                    "a cross-region CodePipeline`.",
                    help="Give each store the `region` that it is for.",
                )
            elif len(stores) > 1 and text is not None and region is not None:
                if text in seen:
                    yield Finding(
                        region.span,
                        f"There is another artifact store for `{text}`: Terraform stops with `only one Artifact Store "
                        "can be defined per region for a cross-region CodePipeline`.",
                        help="Keep one store for each region.",
                    )
                seen.add(text)


@rule("CD581", "terraform-configuration-block", Severity.ERROR)
def terraform_configuration_block(document: Document) -> Iterator[Finding]:
    """The configuration of an action is written as a block.

    `configuration` is a map, written with `=`. Terraform from 0.12 on says `Unsupported block type`. Source: observed.

    Bad:
        resource "aws_codepipeline" "web" {
          stage {
            name = "Build"
            action {
              name = "Build"
      >       configuration {
                ProjectName = "web"
              }
            }
          }
        }
    Good:
        locals {
          nothing = "to deploy"
        }
    """
    text = document.text
    for body in _bodies(document):
        for _, stage in _blocks(body, "stage"):
            for _, action in _blocks(stage, "action") if isinstance(stage, Mapping) else ():
                for key, value in _blocks(action, "configuration") if isinstance(action, Mapping) else ():
                    if (
                        isinstance(value, Mapping)
                        and "=" not in text[key.end : value.start + 1].partition("{")[0]
                    ):
                        if text[key.end : key.end + 20].lstrip().startswith("{"):
                            yield Finding(
                                key.span,
                                "`configuration` is a block here, but must be a map: Terraform stops with `Unsupported "
                                "block type`.",
                                help="Write `configuration = {`.",
                            )
