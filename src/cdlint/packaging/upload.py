"""The upload to S3: looked at before, checked by SHA-256 on the way, whole or not at all."""

from __future__ import annotations

import hashlib
import os

from .aws import code_of, failures, told
from .errors import PackageError
from .metadata import CONTENT, file_name
from .parts import PartedUpload, PartsLeft, changed, encoded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from .target import Target

#: A file up to this size, in bytes, goes in one request; a larger one in parts, some at a time.
SINGLE = 16 * 1024**2


class Uploaded:
    """What S3 has now. `is_skipped`: it had the same content before, which is `version` then."""

    def __init__(self, version: str, etag: str, is_skipped: bool, parts: int) -> None:
        self.version = version
        self.etag = etag
        self.is_skipped = is_skipped
        self.parts = parts


def prepare(client: Any, target: Target, region: str | None) -> list[str]:
    """Look whether the bucket will do; notes about what could not be seen.

    Raises:
        PackageError: There is no such bucket, it is in another region than the pipeline, or it keeps no versions.
    """
    notes = []
    bucket = target.bucket
    if not target.key.lower().endswith(".zip"):
        notes.append(
            f"the key {target.key} does not end in .zip; CodePipeline unpacks zips, whatever their name"
        )
    try:
        seen = client.head_bucket(Bucket=bucket)
    except failures() as error:
        code = code_of(error)
        if code in ("404", "NoSuchBucket"):
            raise PackageError(f"there is no bucket {bucket}; create it, or look at its name") from None
        if code not in ("400", "403"):
            raise told(error, f"looking for the bucket {bucket}", "s3:ListBucket") from None
        # An answer to HEAD has no text. What is wrong with the credentials, say, the next question tells.
        # Without s3:ListBucket nobody may look; uploading may be allowed all the same.
        if code == "403":
            notes.append(f"the bucket {bucket} cannot be looked at (s3:ListBucket)")
        seen = {}
    there = seen.get("BucketRegion")
    if there and region and there != region and target.pipeline is not None:
        raise PackageError(
            f"the bucket {bucket} is in {there}, but the pipeline {target.pipeline} is in {region}; CodePipeline "
            "takes a source only from a bucket of its own region"
        )
    try:
        status = client.get_bucket_versioning(Bucket=bucket).get("Status")
    except failures() as error:
        if code_of(error) not in ("403", "AccessDenied"):
            raise told(error, f"asking for the versioning of {bucket}", "s3:GetBucketVersioning") from None
        notes.append(f"whether the bucket {bucket} keeps versions cannot be seen (s3:GetBucketVersioning)")
        return notes
    if status != "Enabled":
        raise _unversioned(bucket)
    return notes


def _unversioned(bucket: str) -> PackageError:
    return PackageError(
        f"the bucket {bucket} keeps no versions, and without them CodePipeline cannot use it as a source; switch them "
        f"on: aws s3api put-bucket-versioning --bucket {bucket} --versioning-configuration Status=Enabled"
    )


def same(client: Any, target: Target, content: str) -> Uploaded | None:
    """The object that is there, if it has this content; None also where nobody may look."""
    try:
        found = client.head_object(Bucket=target.bucket, Key=target.key)
    except failures() as error:
        if code_of(error) in ("400", "403", "404", "405"):
            return None  # the upload will tell what is wrong, if anything is; HEAD has no text
        raise told(error, f"looking for {target.uri}", "s3:GetObject") from None
    version = found.get("VersionId")
    if found.get("Metadata", {}).get(CONTENT) != content or not version:
        return None
    return Uploaded(version, found.get("ETag", "").strip('"'), True, 0)


def upload(
    client: Any,
    path: str,
    target: Target,
    metadata: Mapping[str, str],
    encryption: Mapping[str, str],
    progress: Callable[[int, int], None] | None = None,
) -> Uploaded:
    """Put a file; `encryption` holds boto3's own settings for it.

    Raises:
        PackageError: It could not be put; parts that were there already are taken away again.
    """
    settings: dict[str, Any] = {
        "Bucket": target.bucket,
        "Key": target.key,
        "ContentType": "application/zip",
        "ContentDisposition": f'attachment; filename="{file_name(target.key, metadata)}"',
        "Metadata": dict(metadata),
        **encryption,
    }
    parts = 1
    wrong: tuple[type[Exception], ...] = (*failures(), PackageError, PartsLeft, OSError)
    try:
        size = os.path.getsize(path)
        if size <= SINGLE:
            answer = _put(client, path, size, settings)
        else:
            parted = PartedUpload(client, path, size, settings)
            parts = parted.count
            answer = parted.send(progress)
    except wrong as error:
        raise _told(error, target) from None
    if progress is not None:
        progress(size, size)
    version = answer.get("VersionId")
    if not version or version == "null":
        raise _unversioned(target.bucket)
    return Uploaded(version, answer.get("ETag", "").strip('"'), False, parts)


def _put(client: Any, path: str, size: int, settings: dict[str, Any]) -> Any:
    with open(path, "rb") as file:
        data = file.read()
    if len(data) != size:
        raise changed(path)
    return client.put_object(Body=data, ChecksumSHA256=encoded(hashlib.sha256(data).digest()), **settings)


def _told(error: BaseException, target: Target) -> PackageError:
    if isinstance(error, PartsLeft):
        reason = _told(error.reason, target) if isinstance(error.reason, Exception) else "stopped"
        return PackageError(f"{reason}; {error.remedy}")
    if isinstance(error, OSError):
        return PackageError(f"the zip cannot be read again: {error.strerror or error}")
    if isinstance(error, PackageError):
        return PackageError(f"uploading to {target.uri}: {error}")
    return told(error, f"uploading to {target.uri}", f"s3:PutObject on {target.bucket}/{target.key}")
