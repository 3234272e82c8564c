"""Where the zip goes: a bucket and a key, given or taken from a pipeline's S3 source action."""

from __future__ import annotations

from .aws import code_of, failures, told
from .errors import PackageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Target:
    """`bucket` and `key`; and what is known of the pipeline whose source it is.

    `is_v2`: its type; `is_polled`: it looks at the bucket itself, without an event.
    """

    def __init__(self, bucket: str, key: str) -> None:
        self.bucket = bucket
        self.key = key
        self.pipeline: str | None = None
        self.action: str | None = None
        self.is_v2 = False
        self.is_polled = False

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


def parse(uri: str) -> Target:
    """`s3://BUCKET/KEY`. Sources: S3's rules for names of buckets and of keys.

    Raises:
        PackageError: It is no such address.
    """
    scheme, found, rest = uri.partition("://")
    if not found or scheme != "s3":
        raise PackageError(f"--to: `{uri}` is no address in S3; write s3://BUCKET/KEY.zip")
    bucket, _, key = rest.partition("/")
    _refuse_bucket(bucket)
    _refuse_key(key)
    return Target(bucket, key)


def _refuse_bucket(name: str) -> None:
    fits = 3 <= len(name) <= 63 and name[0].isalnum() and name[-1].isalnum() and ".." not in name
    if not fits or not all(
        char.isascii() and (char.islower() or char.isdigit() or char in ".-") for char in name
    ):
        raise PackageError(
            f"--to: `{name}` is no name of a bucket: 3 to 63 small letters, digits, hyphens and dots, "
            "a letter or digit at both ends"
        )
    parts = name.split(".")
    if len(parts) == 4 and all(part.isdigit() for part in parts):
        raise PackageError(f"--to: `{name}` is no name of a bucket: it looks like an IP address")
    if name.endswith(("--x-s3", "-s3alias", ".mrap", "--ol-s3", "--table-s3")):
        raise PackageError(
            f"--to: `{name}` is no general purpose bucket, and CodePipeline takes its source from no other"
        )


def _refuse_key(key: str) -> None:
    if not key or key.endswith("/"):
        raise PackageError(
            "--to: after the bucket comes the key of the object, such as s3://BUCKET/source.zip"
        )
    if len(key.encode("utf-8", "surrogatepass")) > 1024 or not key.isprintable():
        raise PackageError("--to: a key has 1024 bytes at most, and no control characters")


def of_pipeline(client: Any, name: str, action: str | None) -> Target:
    """Bucket and key of a pipeline's S3 source action; `action` is needed if there are several.

    Raises:
        PackageError: There is no such pipeline, or none or more than one such action.
    """
    pipeline = _read(client, name)
    source = _source(pipeline, name, action)
    settings = source.get("configuration", {})
    target = Target(settings.get("S3Bucket", ""), settings.get("S3ObjectKey", ""))
    if not target.bucket or not target.key:
        raise PackageError(f"the source action {source['name']} of {name} names no bucket or no key")
    if "#{" in target.uri:
        raise PackageError(
            f"the source action {source['name']} of {name} takes {target.uri}, which a variable completes; "
            "say --to instead of --pipeline"
        )
    target.pipeline = name
    target.action = source["name"]
    target.is_v2 = pipeline.get("pipelineType") == "V2"
    target.is_polled = settings.get("PollForSourceChanges", "true") != "false"
    return target


def _read(client: Any, name: str) -> dict[str, Any]:
    try:
        pipeline = client.get_pipeline(name=name).get("pipeline")
    except failures() as error:
        if code_of(error) == "PipelineNotFoundException":
            region = client.meta.region_name
            raise PackageError(f"there is no pipeline {name} in this account and in {region}") from None
        raise told(error, f"reading the pipeline {name}", "codepipeline:GetPipeline") from None
    if not isinstance(pipeline, dict):
        raise PackageError(f"reading the pipeline {name}: whoever answers is not CodePipeline")
    return pipeline


def _source(pipeline: dict[str, Any], name: str, action: str | None) -> dict[str, Any]:
    """The source action that is meant."""
    sources: list[dict[str, Any]] = [
        one
        for stage in pipeline.get("stages", ())
        for one in stage.get("actions", ())
        if one["actionTypeId"]["category"] == "Source" and one["actionTypeId"]["provider"] == "S3"
    ]
    chosen = [one for one in sources if action is None or one["name"] == action]
    if not sources:
        raise PackageError(f"the pipeline {name} has no S3 source action: there is nothing to upload to")
    if not chosen:
        raise PackageError(f"the pipeline {name} has no S3 source action {action}; it has {_names(sources)}")
    if len(chosen) > 1:
        raise PackageError(
            f"the pipeline {name} has several S3 source actions; say --action {_names(sources, ' or ')}"
        )
    return chosen[0]


def _names(actions: list[dict[str, Any]], joint: str = " and ") -> str:
    return joint.join(str(one["name"]) for one in actions)
