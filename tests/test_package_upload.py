"""The upload, against a real S3 server: versions, metadata, checksums, and what may go wrong."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdlint.packaging import metadata, target
from cdlint.packaging import upload as uploading
from cdlint.packaging.aws import Aws, told
from cdlint.packaging.errors import PackageError
from packaging_support import commit, contents, fails, make_repository, no_ci, package
from s3_support import Cutter, client_for, no_aws, s3_server
from support import git

BUCKET = "shop-source"
PLAIN = "plain-bucket"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with s3_server(tmp_path_factory.mktemp("s3")) as address:
        client = client_for("s3", address)
        client.create_bucket(Bucket=BUCKET)
        client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        client.create_bucket(Bucket=PLAIN)
        yield address


@pytest.fixture
def s3(address: str) -> Any:
    return client_for("s3", address)


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    no_ci(monkeypatch)
    no_aws(monkeypatch, tmp_path)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop")


def send(folder: Path, address: str, key: str, *more: str) -> int:
    return package(folder, "--to", f"s3://{BUCKET}/{key}", "--endpoint-url", address, *more)


def sent(
    capsys: pytest.CaptureFixture[str], folder: Path, address: str, key: str, *more: str
) -> dict[str, Any]:
    """What `--json` tells of an upload that went well."""
    assert send(folder, address, key, "--json", *more) == 0
    out = capsys.readouterr()
    assert out.err == ""
    told: dict[str, Any] = json.loads(out.out)
    return told


class TestUpload:
    def test_what_arrives(
        self, shop: Path, address: str, s3: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        facts = sent(capsys, shop, address, "a/shop.zip")
        there = s3.get_object(Bucket=BUCKET, Key="a/shop.zip")
        data = there["Body"].read()
        assert there["VersionId"] == facts["version_id"]
        assert facts["uploaded"] is True
        assert hashlib.sha256(data).hexdigest() == facts["sha256"]
        assert (len(data), facts["bucket"], facts["key"]) == (facts["size"], BUCKET, "a/shop.zip")
        (tmp_path / "x.zip").write_bytes(data)
        assert "README.md" in contents(tmp_path / "x.zip")
        assert there["ContentType"] == "application/zip"
        own = there["Metadata"]
        head = git(shop, "rev-parse", "HEAD").strip()
        assert own["codepipeline-artifact-revision-summary"] == f"{head[:12]} (main) Second - with a dash"
        assert own["cdlint-commit"] == facts["commit"] == head
        assert own["cdlint-branch"] == facts["branch"] == "main"
        assert own["cdlint-sha256"] == facts["sha256"]
        assert own["cdlint-content-sha256"] == facts["content_digest"]
        assert own["cdlint-compressor"] == facts["compressor"]

    def test_the_same_content_is_not_uploaded_twice(
        self, shop: Path, address: str, s3: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        first = sent(capsys, shop, address, "twice.zip")
        again = sent(capsys, shop, address, "twice.zip", "--compressor", "zlib")
        assert (again["uploaded"], again["version_id"]) == (False, first["version_id"])
        forced = sent(capsys, shop, address, "twice.zip", "--force")
        assert forced["uploaded"] and forced["version_id"] != first["version_id"]
        (shop / "more").write_text("more")
        commit(shop, "More")
        other = sent(capsys, shop, address, "twice.zip")
        assert other["uploaded"]
        versions = s3.list_object_versions(Bucket=BUCKET, Prefix="twice.zip")["Versions"]
        assert len(versions) == 3

    def test_steps_for_people_go_to_stderr(
        self, shop: Path, address: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert send(shop, address, "people.zip") == 0
        out = capsys.readouterr()
        assert out.out == ""
        assert "Uploaded to s3://shop-source/people.zip, version " in out.err

    def test_parts(
        self, shop: Path, address: str, s3: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (shop / "large").write_bytes(os.urandom(19 * 1024**2))
        commit(shop, "Large")
        facts = sent(capsys, shop, address, "large.zip", "--git", "none")
        assert facts["parts"] == 3
        data = s3.get_object(Bucket=BUCKET, Key="large.zip")["Body"].read()
        assert hashlib.sha256(data).hexdigest() == facts["sha256"]
        assert not s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads")

    def test_a_pull_request_never_uploads(
        self,
        shop: Path,
        address: str,
        s3: Any,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("CODEBUILD_BUILD_ID", "shop:1")
        monkeypatch.setenv("CODEBUILD_WEBHOOK_EVENT", "PULL_REQUEST_UPDATED")
        monkeypatch.setenv("CODEBUILD_WEBHOOK_HEAD_REF", "refs/heads/main")
        assert send(shop, address, "pr.zip") == 0
        assert "nothing packed: this is the build of a pull request" in capsys.readouterr().err
        assert not s3.list_object_versions(Bucket=BUCKET, Prefix="pr.zip").get("Versions")

    def test_a_dry_run_uploads_nothing(
        self, shop: Path, address: str, s3: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert send(shop, address, "dry.zip", "--dry-run") == 0
        assert "would pack 8 files" in capsys.readouterr().err
        assert not s3.list_object_versions(Bucket=BUCKET, Prefix="dry.zip").get("Versions")

    def test_errors_in_the_delivery_files_stop_it(
        self, shop: Path, address: str, s3: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (shop / "buildspec.yml").write_text("version: 0.2\nphases:\n  built:\n    commands: [make]\n")
        commit(shop, "Broken")
        assert send(shop, address, "broken.zip") == 1
        error = capsys.readouterr().err
        assert "buildspec.yml:3:3: error CD106" in error
        assert "1 error in the delivery files" in error
        assert not s3.list_object_versions(Bucket=BUCKET, Prefix="broken.zip").get("Versions")
        assert send(shop, address, "broken.zip", "--no-check") == 0


class TestFailures:
    """One clear sentence, exit status 2, nothing half done."""

    def refused(self, capsys: pytest.CaptureFixture[str], words: str) -> None:
        out = capsys.readouterr()
        last = out.err.strip().splitlines()[-1]
        assert last.startswith("cdlint: ")
        assert words in last, out.err
        assert "Traceback" not in out.err

    def test_a_bucket_without_versions(
        self, shop: Path, address: str, s3: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        fails(shop, "--to", f"s3://{PLAIN}/x.zip", "--endpoint-url", address)
        self.refused(
            capsys,
            f"aws s3api put-bucket-versioning --bucket {PLAIN} --versioning-configuration Status=Enabled",
        )
        assert not s3.list_objects_v2(Bucket=PLAIN).get("Contents")

    def test_no_bucket(self, shop: Path, address: str, capsys: pytest.CaptureFixture[str]) -> None:
        fails(shop, "--to", "s3://not-there-at-all/x.zip", "--endpoint-url", address)
        self.refused(capsys, "there is no bucket not-there-at-all")

    def test_wrong_credentials(
        self, shop: Path, address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-wrong-secret")
        assert send(shop, address, "x.zip") == 2
        out = capsys.readouterr().err
        assert "very-wrong-secret" not in out
        assert out.count("\n") < 5 and "cdlint: " in out

    def test_no_credentials(
        self, shop: Path, address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        assert send(shop, address, "x.zip") == 2
        self.refused(capsys, "there are no AWS credentials")

    def test_no_such_profile(self, shop: Path, address: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert send(shop, address, "x.zip", "--profile", "nobody") == 2
        self.refused(capsys, "there is no such profile")

    def test_nobody_there(
        self, shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        assert send(shop, "http://127.0.0.1:1", "x.zip") == 2
        self.refused(capsys, "the address cannot be reached")

    def test_no_boto3(
        self, shop: Path, address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setitem(__import__("sys").modules, "boto3", None)
        assert send(shop, address, "x.zip") == 2
        self.refused(capsys, "pip install 'cdlint[aws]'")

    def test_the_server_refuses_a_wrong_checksum(self, s3: Any) -> None:
        """That the checksums which go along are looked at, at all."""
        wrong = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
        with pytest.raises(Exception, match=r"(?i)digest|checksum"):
            s3.put_object(Bucket=BUCKET, Key="wrong", Body=b"data", ChecksumSHA256=wrong)

    def test_a_wrong_checksum_is_told(
        self,
        shop: Path,
        address: str,
        s3: Any,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setattr(uploading, "encoded", lambda _: base64.b64encode(b"0" * 32).decode())
        assert send(shop, address, "damaged.zip") == 2
        self.refused(capsys, "what arrived is not what was sent")
        assert not s3.list_object_versions(Bucket=BUCKET, Prefix="damaged.zip").get("Versions")

    def test_a_connection_that_is_cut(
        self,
        shop: Path,
        address: str,
        s3: Any,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        (shop / "large").write_bytes(os.urandom(20 * 1024**2))
        commit(shop, "Large")
        cutter = Cutter(address, 10 * 1024**2)
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        try:
            assert send(shop, cutter.address, "cut.zip", "--git", "none") == 2
        finally:
            cutter.close()
        assert cutter.cuts
        self.refused(capsys, "the connection was cut")
        assert not s3.list_object_versions(Bucket=BUCKET, Prefix="cut.zip").get("Versions")
        assert not s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads")

    def test_ctrl_c_leaves_no_parts(
        self, shop: Path, address: str, s3: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        path = tmp_path / "large.zip"
        path.write_bytes(os.urandom(20 * 1024**2))

        def stop(done: int, _total: int) -> None:
            if done:
                raise KeyboardInterrupt

        client = Aws(None, None, address).client("s3")
        with pytest.raises(KeyboardInterrupt):
            uploading.upload(client, str(path), target.Target(BUCKET, "stopped.zip"), {}, {}, stop)
        assert not s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads")
        assert not s3.list_object_versions(Bucket=BUCKET, Prefix="stopped.zip").get("Versions")


class TestTarget:
    @pytest.mark.parametrize(
        ("uri", "bucket", "key"),
        [
            ("s3://shop/x.zip", "shop", "x.zip"),
            ("s3://shop.source-1/a/b c/x.zip", "shop.source-1", "a/b c/x.zip"),
        ],
    )
    def test_an_address(self, uri: str, bucket: str, key: str) -> None:
        found = target.parse(uri)
        assert (found.bucket, found.key, found.uri) == (bucket, key, uri)

    @pytest.mark.parametrize(
        "uri",
        [
            *("", "shop/x.zip", "s3:/shop/x", "s3://", "s3://shop", "s3://shop/", "s3://shop/folder/"),
            *("http://shop/x", "s3://Shop/x", "s3://sh/x", "s3://shop_x/x", "s3://-shop/x", "s3://a..b/x"),
            *("s3://shop/\n", "s3://" + "a" * 64 + "/x", "s3://shop/" + "x" * 1025),
        ],
    )
    def test_what_is_none(self, uri: str) -> None:
        with pytest.raises(PackageError):
            target.parse(uri)


@given(
    st.text(max_size=3000),
    st.none() | st.text(max_size=300),
    st.sampled_from(["libdeflate 1 level 5", "zlib", "é" * 200]),
)
def test_any_commit_message_makes_metadata_that_s3_takes(
    subject: str, branch: str | None, compressor: str
) -> None:
    made = metadata.metadata(
        subject=subject,
        commit="a" * 64,
        branch=branch,
        digest="d" * 64,
        content="c" * 64,
        compressor=compressor,
    )
    assert sum(len(name) + len(value) for name, value in made.items()) <= 2048
    for value in made.values():
        assert value.isascii() and value.isprintable() and value == value.strip() and value
    assert len(made["codepipeline-artifact-revision-summary"]) <= 2048


def test_letters_are_folded() -> None:
    assert metadata.folded("Größe – “x” naïve\tłódź 漢…") == 'Grosse - "x" naive lodz ?...'


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("AccessDenied", "needs s3:PutObject"),
        ("ExpiredToken", "have expired"),
        ("InvalidAccessKeyId", "does not accept the credentials"),
        ("SlowDown", "too often"),
        ("PermanentRedirect", "--region eu-west-1"),
        ("RequestTimeTooSkewed", "clock"),
        ("BadDigest", "not what was sent"),
        ("InternalError", "a fault of its own"),
        ("Strange", "Strange: Something new."),
    ],
)
def test_every_answer_is_one_sentence(code: str, words: str) -> None:
    from botocore.exceptions import ClientError

    response = {
        "Error": {"Code": code, "Message": "Something\nnew."},
        "ResponseMetadata": {"HTTPHeaders": {"x-amz-bucket-region": "eu-west-1"}},
    }
    message = str(told(ClientError(response, "PutObject"), "uploading", "s3:PutObject"))  # type: ignore[arg-type]
    assert words in message
    assert "\n" not in message
    assert urllib.parse.unquote(message) == message
