"""What AWS and boto3 answer when something is wrong, as one sentence without secrets; and what is looked at before."""

from __future__ import annotations

import inspect
import re
import string
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from botocore import exceptions
from botocore.exceptions import ClientError

from cdlint.packaging import upload as uploading
from cdlint.packaging.aws import Aws, told
from cdlint.packaging.errors import PackageError
from cdlint.packaging.execution import start
from cdlint.packaging.target import Target, of_pipeline, parse
from s3_support import no_aws

TARGET = Target("shop-source", "shop.zip")


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    no_aws(monkeypatch, tmp_path)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")


@contextmanager
def answering(status: int, body: str = "", kind: str = "application/xml", **headers: str) -> Iterator[str]:
    """A server that has one answer to everything; its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # whose clients ask before they send a body

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body.encode())

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = answer

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def fault(code: str, message: str = "") -> str:
    return f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"


def looked(address: str | None, target: Target = TARGET, region: str | None = "us-east-1") -> list[str]:
    return uploading.prepare(Aws(None, None, address).client("s3"), target, region)


class TestSignIn:
    @pytest.mark.parametrize(
        "endpoint",
        [
            *("", "shop", "127.0.0.1:8333", "http://", "ftp://x", "http://a b", "http://[::1", "http://x:0"),
            *("http://x:99999", "https://user:hunter2@host", "https://host/?token=hunter2", "http://x\n"),
        ],
    )
    def test_no_endpoint(self, endpoint: str) -> None:
        with pytest.raises(PackageError, match=r"^--endpoint-url: write http://HOST:PORT") as caught:
            Aws(None, None, endpoint)
        assert "hunter2" not in str(caught.value)

    @pytest.mark.parametrize(
        "endpoint", ["http://127.0.0.1:1", "https://s3.example", "http://[::1]:8333", "https://x/s3/"]
    )
    def test_an_endpoint(self, endpoint: str) -> None:
        assert Aws(None, None, endpoint).endpoint == endpoint

    def test_an_endpoint_of_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", "user:hunter2@host")
        with pytest.raises(
            PackageError, match="endpoint that the environment or the profile names"
        ) as caught:
            Aws(None, None, None).client("s3")
        assert "hunter2" not in str(caught.value)

    def test_each_service_may_have_its_own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:2")
        aws = Aws(None, None, None)
        assert aws.client("s3").meta.endpoint_url == "http://127.0.0.1:2"
        assert aws.client("codepipeline").meta.endpoint_url == "http://127.0.0.1:1"
        assert Aws(None, None, "http://127.0.0.1:3").client("s3").meta.endpoint_url == "http://127.0.0.1:3"

    def test_the_region(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        assert Aws(None, None, None).client("codepipeline").meta.region_name == "eu-west-1"
        monkeypatch.setenv("AWS_REGION", "eu-west-2")
        assert Aws(None, None, None).client("codepipeline").meta.region_name == "eu-west-2"
        assert Aws("eu-west-3", None, None).client("codepipeline").meta.region_name == "eu-west-3"

    def test_no_region(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AWS_DEFAULT_REGION")
        with pytest.raises(
            PackageError, match=r"^signing in to AWS: no region is known; name one with --region"
        ):
            Aws(None, None, None).client("codepipeline")

    def test_retries(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AWS_MAX_ATTEMPTS")
        retries = Aws(None, None, None).client("s3").meta.config.retries
        assert retries == {"mode": "standard", "total_max_attempts": 7}
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "3")
        monkeypatch.setenv("AWS_RETRY_MODE", "adaptive")
        retries = Aws(None, None, None).client("s3").meta.config.retries
        assert retries == {"mode": "adaptive", "total_max_attempts": 3}

    @pytest.mark.parametrize("name", ["AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID"])
    def test_the_end_of_a_line_in_the_credentials(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        """As CI systems have it whose secrets were filled from a file."""
        monkeypatch.setenv(name, "very-secret\nthing")
        with (
            answering(200) as address,
            pytest.raises(PackageError, match="cannot be sent, such as the end of a line") as caught,
        ):
            looked(address)
        assert "secret" not in str(caught.value)

    @pytest.mark.parametrize(
        ("profile", "words"),
        [
            ("sso", "there is no SSO session; run `aws sso login`"),
            ("process", r"cannot be got from their source \(custom-process\)"),
            ("nobody", "there is no such profile"),
            ("role", 'source_profile "other" referenced in the profile "role" does not exist'),
        ],
    )
    def test_profiles(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, profile: str, words: str
    ) -> None:
        config = tmp_path / "config"
        config.write_text(
            "[profile sso]\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\nregion = us-east-1\n"
            "[sso-session s]\nsso_start_url = https://sso.example\nsso_region = us-east-1\n"
            "[profile process]\ncredential_process = python3 -c exit('hunter2')\n"
            "[profile role]\nrole_arn = arn:aws:iam::111122223333:role/x\nsource_profile = other\n"
        )
        monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
        monkeypatch.setenv("HOME", str(tmp_path))
        with answering(200) as address, pytest.raises(PackageError, match=words) as caught:
            uploading.prepare(Aws(None, profile, address).client("s3"), TARGET, None)
        assert "hunter2" not in str(caught.value)


class TestBefore:
    """What is looked at before anything is packed."""

    def test_http_without_tls(self) -> None:
        with (
            answering(200) as address,
            pytest.raises(PackageError, match=r"no TLS comes about with 127\.0\.0\.1:"),
        ):
            looked(address.replace("http", "https"))

    def test_a_proxy_that_wants_a_password(self) -> None:
        with answering(407) as address, pytest.raises(PackageError, match="the proxy wants a name"):
            looked(address)

    def test_an_expired_token_is_seen_though_head_has_no_text(self) -> None:
        with (
            answering(400, fault("ExpiredToken")) as address,
            pytest.raises(PackageError, match="credentials have expired"),
        ):
            looked(address)

    def test_wrong_keys_are_no_missing_permission(self) -> None:
        with (
            answering(403, fault("SignatureDoesNotMatch")) as address,
            pytest.raises(PackageError, match="AWS does not accept the credentials"),
        ):
            looked(address)

    def test_who_may_not_look_may_upload(self) -> None:
        with answering(403, fault("AccessDenied")) as address:
            assert looked(address) == [
                "the bucket shop-source cannot be looked at (s3:ListBucket)",
                "whether the bucket shop-source keeps versions cannot be seen (s3:GetBucketVersioning)",
            ]

    def test_a_pipeline_in_another_region(self) -> None:
        target = Target("shop-source", "shop.zip")
        body = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
        with answering(200, body, x_amz_bucket_region="eu-west-1") as address:
            assert looked(address, target) == []
            target.pipeline = "shop"
            with pytest.raises(PackageError, match="is in eu-west-1, but the pipeline shop is in us-east-1"):
                looked(address, target)
            assert looked(address, target, "eu-west-1") == []

    def test_a_key_that_is_no_zip(self) -> None:
        body = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
        with answering(200, body) as address:
            assert looked(address, Target("shop-source", "shop")) == [
                "the key shop does not end in .zip; CodePipeline unpacks zips, whatever their name"
            ]

    @pytest.mark.parametrize("status", ["Suspended", ""])
    def test_versions_are_off(self, status: str) -> None:
        body = f"<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>"
        with answering(200, body) as address, pytest.raises(PackageError, match="Status=Enabled"):
            looked(address)

    @pytest.mark.parametrize("uri", ["s3://10.0.0.1/x", "s3://shop--use1-az4--x-s3/x", "s3://shop-s3alias/x"])
    def test_buckets_that_are_none(self, uri: str) -> None:
        with pytest.raises(PackageError, match="--to: `"):
            parse(uri)


class TestWhoeverAnswers:
    """A captive portal, a proxy's page: no traceback."""

    @pytest.mark.parametrize("status", [200, 502])
    @pytest.mark.parametrize("body", ["<html><body>Log in<br></body></html>", "{}", "", "\0"])
    def test_is_not_aws(self, status: int, body: str, tmp_path: Path) -> None:
        (tmp_path / "x.zip").write_bytes(b"x")
        with answering(status, body, "text/html") as address:
            s3 = Aws(None, None, address).client("s3")
            pipelines = Aws(None, None, address).client("codepipeline")
            target = Target("shop-source", "shop.zip")
            with pytest.raises(PackageError):
                uploading.prepare(s3, target, "us-east-1")
            with pytest.raises(PackageError):
                uploading.upload(s3, str(tmp_path / "x.zip"), target, {}, {})
            with pytest.raises(PackageError):
                of_pipeline(pipelines, "shop", None)
            target.pipeline, target.action, target.is_v2 = "shop", "Upload", True
            with pytest.raises(PackageError):
                start(pipelines, target, "v1")

    def test_a_key_with_a_variable(self) -> None:
        class Client:
            def get_pipeline(self, name: str) -> dict[str, Any]:
                action = {
                    "name": "Upload",
                    "actionTypeId": {"category": "Source", "provider": "S3"},
                    "configuration": {"S3Bucket": "shop-source", "S3ObjectKey": "#{variables.key}"},
                }
                return {"pipeline": {"stages": [{"actions": [action]}]}}

        with pytest.raises(PackageError, match="which a variable completes; say --to"):
            of_pipeline(Client(), "shop", None)


def library_errors() -> list[Exception]:
    """One of each class of botocore's errors."""
    made: list[Exception] = []
    for _, kind in inspect.getmembers(exceptions, inspect.isclass):
        if issubclass(kind, exceptions.BotoCoreError):
            fields = {name for _, name, _, _ in string.Formatter().parse(getattr(kind, "fmt", "")) if name}
            values: dict[str, Any] = {re.split(r"[.\[]", name)[0]: "some\nvalue" for name in fields}
            with suppress(TypeError):  # those of waiters, which are not used
                made.append(kind(**values))
    return made


def test_every_error_of_the_library_is_one_line() -> None:
    errors = library_errors()
    assert len(errors) > 80
    for error in errors:
        message = str(told(error, "uploading"))
        assert message.startswith("uploading: ") and len(message) > 20, error
        assert "\n" not in message and "{" not in message, error


def test_who_is_denied_what() -> None:
    message = "User: arn:aws:sts::111122223333:assumed-role/build is not authorized to perform: s3:PutObject"
    error = ClientError({"Error": {"Code": "AccessDenied", "Message": message}}, "PutObject")
    assert str(told(error, "uploading", "s3:PutObject on b/k")) == (
        f"uploading: AWS denies it; the role or user needs s3:PutObject on b/k ({message})"
    )
