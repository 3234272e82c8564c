"""The upload to S3: looked at before, checked by SHA-256 on the way, whole or not at all."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import threading

from .aws import code_of, failures, told
from .errors import PackageError
from .metadata import CONTENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from .target import Target

#: A file up to this size, in bytes, goes in one request; a larger one in parts, some at a time.
SINGLE = 16 * 1024**2
PART = 8 * 1024**2
_AT_A_TIME = 4


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
    try:
        seen = client.head_bucket(Bucket=bucket)
    except failures() as error:
        code = code_of(error)
        if code in ("404", "NoSuchBucket"):
            raise PackageError(f"there is no bucket {bucket}; create it, or look at its name") from None
        if code != "403":
            raise told(error, f"looking for the bucket {bucket}", "s3:ListBucket") from None
        # Without s3:ListBucket nobody may look; uploading may be allowed all the same.
        notes.append(f"the bucket {bucket} cannot be looked at (s3:ListBucket)")
        seen = {}
    there = seen.get("BucketRegion")
    if there and region and there != region and target.pipeline is not None:
        raise PackageError(
            f"the bucket {bucket} is in {there}, but the region is {region}; a pipeline and its source bucket have to "
            f"be in one region: use --region {there}"
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
        if code_of(error) in (
            "403",
            "404",
            "405",
            "AccessDenied",
            "NoSuchKey",
            "NotFound",
            "MethodNotAllowed",
        ):
            return None
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
        "Metadata": dict(metadata),
        **encryption,
    }
    size = os.path.getsize(path)
    try:
        if size <= SINGLE:
            answer = _put(client, path, settings)
            parts = 1
        else:
            answer, parts = _put_parts(client, path, size, settings, progress)
    except failures() as error:
        needs = f"s3:PutObject on {target.bucket}/{target.key}"
        if "kms" in code_of(error).lower() or "KMS" in str(error):
            needs += ", and kms:GenerateDataKey and kms:Decrypt on the key"
        raise told(error, f"uploading to {target.uri}", needs) from None
    if progress is not None:
        progress(size, size)
    version = answer.get("VersionId")
    if not version or version == "null":
        raise _unversioned(target.bucket)
    return Uploaded(version, answer.get("ETag", "").strip('"'), False, parts)


def _put(client: Any, path: str, settings: dict[str, Any]) -> Any:
    with open(path, "rb") as file:
        data = file.read()
    return client.put_object(Body=data, ChecksumSHA256=_base64(hashlib.sha256(data).digest()), **settings)


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def _put_parts(
    client: Any,
    path: str,
    size: int,
    settings: dict[str, Any],
    progress: Callable[[int, int], None] | None,
) -> tuple[Any, int]:
    """Upload in parts; on any failure, and on Ctrl-C, what is there of them is removed."""
    from concurrent.futures import ThreadPoolExecutor

    place = {"Bucket": settings["Bucket"], "Key": settings["Key"]}
    started = client.create_multipart_upload(ChecksumAlgorithm="SHA256", **settings)
    place["UploadId"] = started["UploadId"]
    done = 0
    lock = threading.Lock()
    stop = threading.Event()

    def put(number: int) -> tuple[dict[str, Any], bytes]:
        nonlocal done
        if stop.is_set():
            raise PackageError("the upload was stopped")
        with open(path, "rb") as file:
            file.seek((number - 1) * PART)
            data = file.read(PART)
        digest = hashlib.sha256(data).digest()
        checksum = _base64(digest)
        answer = client.upload_part(PartNumber=number, Body=data, ChecksumSHA256=checksum, **place)
        with lock:
            done += len(data)
            if progress is not None:
                progress(done, size)
        return {"PartNumber": number, "ETag": answer["ETag"], "ChecksumSHA256": checksum}, digest

    count = -(-size // PART)
    pool = ThreadPoolExecutor(_AT_A_TIME)
    try:
        made = list(pool.map(put, range(1, count + 1)))
        answer = client.complete_multipart_upload(
            MultipartUpload={"Parts": [part for part, _ in made]}, **place
        )
    except BaseException:
        stop.set()
        pool.shutdown(cancel_futures=True)
        with contextlib.suppress(Exception):
            client.abort_multipart_upload(**place)
        raise
    finally:
        pool.shutdown(cancel_futures=True)
    _compare(answer.get("ChecksumSHA256"), [digest for _, digest in made])
    return answer, count


def _compare(told_checksum: str | None, digests: list[bytes]) -> None:
    """Is the checksum of the whole what the parts amount to? Source: S3's user guide, checksums of parts."""
    if told_checksum is None:
        return
    ours = _base64(hashlib.sha256(b"".join(digests)).digest())
    if told_checksum.partition("-")[0] != ours:
        raise PackageError(
            "what S3 has put together is not what was sent (its checksum is another); try again"
        )
