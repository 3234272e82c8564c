"""Uploads in parts, against a real S3 server: whatever ends them, nothing half done is left."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

import cdlint
from cdlint.packaging import metadata, parts
from cdlint.packaging import upload as uploading
from cdlint.packaging.aws import Aws
from cdlint.packaging.errors import PackageError
from cdlint.packaging.target import Target
from s3_support import client_for, no_aws, s3_server

BUCKET = "shop-source"
PLAIN = "plain-bucket"
SIZE = 21 * 1024**2
OWN = {"cdlint-sha256": "0" * 64, "cdlint-commit": "1234567890abcdef"}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with s3_server(tmp_path_factory.mktemp("s3")) as address:
        client = client_for("s3", address)
        client.create_bucket(Bucket=BUCKET)
        client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        client.create_bucket(Bucket=PLAIN)
        yield address


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("big") / "package.zip"
    path.write_bytes(os.urandom(SIZE))
    return str(path)


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    no_aws(monkeypatch, tmp_path)


@pytest.fixture
def s3(address: str) -> Any:
    return client_for("s3", address)


@pytest.fixture
def client(address: str) -> Any:
    return Aws(None, None, address).client("s3")


def left(s3: Any, key: str) -> tuple[int, int]:
    """How many unfinished uploads and how many versions there are."""
    uploads = s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads") or []
    versions = s3.list_object_versions(Bucket=BUCKET, Prefix=key).get("Versions") or []
    return sum(one["Key"] == key for one in uploads), len(versions)


def broken(code: str, message: str = "for the test") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Test")  # type: ignore[typeddict-item]


class Through:
    """A client that differs from a real one in some calls: each gets the real call and its arguments."""

    def __init__(self, client: Any, **other: Callable[..., Any]) -> None:
        self._client = client
        self._other = other

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._client, name)
        if name not in self._other:
            return real
        return lambda **arguments: self._other[name](real, **arguments)


class TestWhole:
    def test_it_arrives_as_it_was(self, client: Any, s3: Any, big: str) -> None:
        seen: list[tuple[int, int]] = []
        done = uploading.upload(
            client, big, Target(BUCKET, "a/b.zip"), OWN, {}, lambda *now: seen.append(now)
        )
        there = s3.get_object(Bucket=BUCKET, Key="a/b.zip", ChecksumMode="ENABLED")
        assert (
            hashlib.sha256(there["Body"].read()).digest() == hashlib.sha256(Path(big).read_bytes()).digest()
        )
        assert (there["VersionId"], done.parts, done.is_skipped) == (done.version, 3, False)
        assert there["Metadata"] == OWN
        assert there["ContentDisposition"] == 'attachment; filename="b-1234567890ab.zip"'
        assert seen == sorted(seen) and seen[-1] == (SIZE, SIZE) and len(seen) >= 3
        assert left(s3, "a/b.zip") == (0, 1)

    def test_sizes_about_the_limit_of_one_request(self, client: Any, s3: Any, tmp_path: Path) -> None:
        for more, count in ((0, 1), (1, 3)):
            path = tmp_path / "x.zip"
            path.write_bytes(b"x" * (uploading.SINGLE + more))
            done = uploading.upload(client, str(path), Target(BUCKET, "limit.zip"), {}, {})
            assert done.parts == count
            assert s3.head_object(Bucket=BUCKET, Key="limit.zip")["ContentLength"] == uploading.SINGLE + more

    def test_encryption_is_asked_for(self, client: Any, big: str, tmp_path: Path) -> None:
        asked: list[dict[str, Any]] = []

        def note(_real: Any, **arguments: Any) -> Any:
            asked.append(arguments)
            raise broken("AccessDenied", "User: x is not authorized to perform: kms:GenerateDataKey on y")

        small = tmp_path / "small.zip"
        small.write_bytes(b"small")
        wish = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "alias/shop"}
        other = Through(client, put_object=note, create_multipart_upload=note)
        for path in (big, str(small)):
            with pytest.raises(PackageError, match=r"kms:GenerateDataKey and kms:Decrypt on the key"):
                uploading.upload(other, path, Target(BUCKET, "kms.zip"), {}, wish)
        assert len(asked) == 2
        assert all(wish.items() <= one.items() for one in asked)


class TestNothingIsLeft:
    def test_a_part_that_arrives_damaged(
        self, client: Any, s3: Any, big: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        right = parts.encoded
        monkeypatch.setattr(parts, "encoded", lambda digest: right(bytes(32)))
        with pytest.raises(PackageError, match="what arrived is not what was sent"):
            uploading.upload(client, big, Target(BUCKET, "damaged.zip"), {}, {})
        assert left(s3, "damaged.zip") == (0, 0)

    def test_the_file_becomes_shorter(self, client: Any, s3: Any, tmp_path: Path) -> None:
        path = tmp_path / "package.zip"
        path.write_bytes(os.urandom(SIZE))

        def cut(real: Any, **arguments: Any) -> Any:
            os.truncate(path, SIZE - 5)
            return real(**arguments)

        other = Through(client, create_multipart_upload=cut)
        with pytest.raises(PackageError, match=r"package.zip became another while it was uploaded"):
            uploading.upload(other, str(path), Target(BUCKET, "cut.zip"), {}, {})
        assert left(s3, "cut.zip") == (0, 0)

    def test_the_file_becomes_another_between_checksum_and_sending(
        self, client: Any, s3: Any, tmp_path: Path
    ) -> None:
        path = tmp_path / "package.zip"
        path.write_bytes(os.urandom(SIZE))

        def change(real: Any, **arguments: Any) -> Any:
            if arguments["PartNumber"] == 3:
                with path.open("r+b") as file:
                    file.seek(SIZE - 1024**2)
                    file.write(b"other")
            return real(**arguments)

        other = Through(client, upload_part=change)
        with pytest.raises(PackageError, match="what arrived is not what was sent"):
            uploading.upload(other, str(path), Target(BUCKET, "changed.zip"), {}, {})
        assert left(s3, "changed.zip") == (0, 0)

    def test_the_file_is_gone(self, client: Any, tmp_path: Path) -> None:
        with pytest.raises(PackageError, match="cannot be read again"):
            uploading.upload(client, str(tmp_path / "no.zip"), Target(BUCKET, "gone.zip"), {}, {})

    @pytest.mark.parametrize("call", ["upload_part", "complete_multipart_upload"])
    def test_credentials_that_expire_on_the_way(self, client: Any, s3: Any, big: str, call: str) -> None:
        def expired(_real: Any, **arguments: Any) -> Any:
            raise broken("ExpiredToken")

        with pytest.raises(PackageError, match="credentials have expired") as caught:
            uploading.upload(Through(client, **{call: expired}), big, Target(BUCKET, "late.zip"), {}, {})
        assert "left in the bucket" not in str(caught.value)
        assert left(s3, "late.zip") == (0, 0)

    def test_parts_that_cannot_be_removed_are_told(self, client: Any, s3: Any, big: str) -> None:
        def expired(_real: Any, **arguments: Any) -> Any:
            raise broken("ExpiredToken")

        other = Through(client, complete_multipart_upload=expired, abort_multipart_upload=expired)
        with pytest.raises(PackageError) as caught:
            uploading.upload(other, big, Target(BUCKET, "it's left.zip"), {}, {})
        (upload,) = s3.list_multipart_uploads(Bucket=BUCKET)["Uploads"]
        said = str(caught.value)
        assert said.startswith(f"uploading to s3://{BUCKET}/it's left.zip: the AWS credentials have expired")
        assert said.endswith(
            "parts of it are left in the bucket and cost money; remove them: aws s3api abort-multipart-upload "
            f"--bucket {BUCKET} --key 'it'\"'\"'s left.zip' --upload-id {upload['UploadId']}"
        )
        assert "\n" not in said
        s3.abort_multipart_upload(Bucket=BUCKET, Key=upload["Key"], UploadId=upload["UploadId"])

    def test_whoever_answers_is_not_s3(self, client: Any, big: str) -> None:
        other = Through(client, create_multipart_upload=lambda _real, **_: {})
        with pytest.raises(PackageError, match="whoever answers is not S3"):
            uploading.upload(other, big, Target(BUCKET, "x.zip"), {}, {})


class TestCompletion:
    def lost(self, real: Any, **arguments: Any) -> Any:
        """What boto3 comes to when the answer was lost and it asks again."""
        real(**arguments)
        raise broken("NoSuchUpload")

    def test_its_answer_is_lost(self, client: Any, s3: Any, big: str) -> None:
        other = Through(client, complete_multipart_upload=self.lost)
        done = uploading.upload(other, big, Target(BUCKET, "lost.zip"), OWN, {})
        assert done.version == s3.head_object(Bucket=BUCKET, Key="lost.zip")["VersionId"]
        assert left(s3, "lost.zip") == (0, 1)

    def test_another_object_is_not_taken_for_it(self, client: Any, s3: Any, big: str) -> None:
        def never(_real: Any, **arguments: Any) -> Any:
            raise broken("NoSuchUpload")

        uploading.upload(client, big, Target(BUCKET, "other.zip"), {"cdlint-sha256": "1" * 64}, {})
        other = Through(client, complete_multipart_upload=never)
        with pytest.raises(PackageError, match="NoSuchUpload"):
            uploading.upload(other, big, Target(BUCKET, "other.zip"), OWN, {})
        assert left(s3, "other.zip") == (0, 1)

    def test_a_wrong_checksum_of_the_whole(self, client: Any, big: str) -> None:
        def other_sum(real: Any, **arguments: Any) -> Any:
            return {**real(**arguments), "ChecksumSHA256": parts.encoded(bytes(32)) + "-3"}

        other = Through(client, complete_multipart_upload=other_sum)
        with pytest.raises(PackageError, match=r"is not what was sent .* version \w+ is damaged"):
            uploading.upload(other, big, Target(BUCKET, "whole.zip"), {}, {})

    def test_a_bucket_that_keeps_no_versions_after_all(self, client: Any, big: str) -> None:
        with pytest.raises(PackageError, match=f"put-bucket-versioning --bucket {PLAIN} "):
            uploading.upload(client, big, Target(PLAIN, "x.zip"), {}, {})


class Narrow:
    """Passes bytes on slowly (in bytes a second), or after some of them no longer at all."""

    def __init__(self, address: str, speed: float, after: int | None = None) -> None:
        host, _, port = address.removeprefix("http://").partition(":")
        self.to = (host, int(port))
        self.speed = speed
        self.left = after
        self.passed = 0
        self.closed = threading.Event()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self.socket.accept()
                far = socket.create_connection(self.to)
                threading.Thread(target=self._pass, args=(near, far, True), daemon=True).start()
                threading.Thread(target=self._pass, args=(far, near, False), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, up: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if up and len(data) > 8000:
                    self.passed += len(data)
                    if self.left is not None and self.passed > self.left:
                        self.closed.wait()
                    self.closed.wait(len(data) / self.speed)
                target.sendall(data)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def close(self) -> None:
        self.closed.set()
        self.socket.close()


_CHILD = """
import sys
from cdlint.packaging import upload
from cdlint.packaging.aws import Aws
from cdlint.packaging.target import Target
client = Aws(None, None, sys.argv[1]).client("s3")
try:
    upload.upload(client, sys.argv[2], Target(sys.argv[3], sys.argv[4]), {}, {})
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent to another process")
@pytest.mark.parametrize(
    ("key", "after", "signals"),
    [("slow.zip", None, 1), ("slow-twice.zip", None, 2), ("hangs.zip", 6 * 1024**2, 2)],
)
def test_ctrl_c(address: str, s3: Any, big: str, key: str, after: int | None, signals: int) -> None:
    """By a real signal, once and twice, on a slow line and on one on which nothing moves any more."""
    narrow = Narrow(address, 500_000, after)
    if after:
        narrow.speed = 20_000_000
    process = subprocess.Popen(
        [sys.executable, "-c", _CHILD, narrow.address, big, BUCKET, key],
        env={**os.environ, "PYTHONPATH": str(Path(cdlint.__file__).parents[1])},
    )
    try:
        until = time.monotonic() + 30
        while narrow.passed <= (after or 500_000) and time.monotonic() < until:
            time.sleep(0.05)
        assert left(s3, key)[0] == 1
        for _ in range(signals):
            process.send_signal(signal.SIGINT)
            time.sleep(0.1)
        sent = time.monotonic()
        assert process.wait(20) == 130
        assert time.monotonic() - sent < 10
        assert left(s3, key) == (0, 0)
    finally:
        process.kill()
        process.wait()
        narrow.close()


def test_nobody_waits_for_ever_for_the_removal(
    client: Any, big: str, monkeypatch: pytest.MonkeyPatch, s3: Any
) -> None:
    monkeypatch.setattr(parts, "_REMOVAL", 0.3)
    monkeypatch.setattr(parts, "_LAST_PARTS", 0.3)
    hanging = threading.Event()

    def fail(_real: Any, **arguments: Any) -> Any:
        raise EndpointConnectionError(endpoint_url="https://shop-source.example/key?X-Amz-Signature=secret")

    other = Through(client, upload_part=fail, abort_multipart_upload=lambda _real, **_: hanging.wait())
    try:
        with pytest.raises(
            PackageError, match=r"cannot be reached: shop-source.example; parts of it are left"
        ):
            uploading.upload(other, big, Target(BUCKET, "hanging.zip"), {}, {})
    finally:
        hanging.set()
    for one in s3.list_multipart_uploads(Bucket=BUCKET)["Uploads"]:
        s3.abort_multipart_upload(Bucket=BUCKET, Key=one["Key"], UploadId=one["UploadId"])


@given(st.integers(1, 50 * 1024**4))
def test_parts_keep_to_the_limits_of_s3(size: int) -> None:
    part = parts.part_size(size)
    assert part >= 5 * 1024**2
    assert -(-size // part) <= 10_000


@given(st.text(min_size=1, max_size=300), st.sampled_from(["", "a" * 40]))
def test_any_key_makes_a_file_name(key: str, commit: str) -> None:
    name = metadata.file_name(key, {"cdlint-commit": commit} if commit else {})
    assert name.isascii() and len(name) <= 300
    assert not set(name) & set('"\\/;\r\n ')


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("shop.zip", "shop-abc.zip"),
        ("a/b c.zip", "b-c-abc.zip"),
        ("shop", "shop-abc"),
        ("größe.tar.gz", "grosse.tar-abc.gz"),
        (".zip", "abc.zip"),
    ],
)
def test_file_names(key: str, name: str) -> None:
    assert metadata.file_name(key, {"cdlint-commit": "abc"}) == name
