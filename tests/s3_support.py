"""A real S3 server on loopback for the tests, and the pieces around it."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

import seaweed
from seaweed import KEY, SECRET

REGION = "us-east-1"
_PATIENCE = 60.0


@contextmanager
def s3_server(folder: Path) -> Iterator[str]:
    """A server that makes buckets; its address."""
    weed = seaweed.program()
    if weed is None:
        pytest.skip("there is no SeaweedFS for this system")
    with seaweed.serving(weed, folder) as address:
        client = client_for("s3", address)
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                client.create_bucket(Bucket="is-it-there")
                break
            except Exception:
                assert time.monotonic() < until, "the S3 server makes no buckets"
                time.sleep(0.2)
        yield address


def client_for(service: str, address: str) -> Any:
    """A plain client of boto3, which is not cdlint's."""
    import boto3
    from botocore.config import Config

    return boto3.session.Session().client(
        service,
        endpoint_url=address,
        region_name=REGION,
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        config=Config(retries={"max_attempts": 0}, connect_timeout=5, read_timeout=20),
    )


def no_aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Credentials of the test server only; nothing of the user's, and nothing of a cloud machine's."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    values = {
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(tmp_path / "no-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "no-credentials"),
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)


class Cutter:
    """Passes bytes on to a server, and cuts every connection after some of them."""

    def __init__(self, address: str, after: int) -> None:
        host, _, port = address.removeprefix("http://").partition(":")
        self.to = (host, int(port))
        self.left = after
        self.cuts = 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.socket.accept()
                far = socket.create_connection(self.to)
            except OSError:
                return
            threading.Thread(target=self._pass, args=(near, far, True), daemon=True).start()
            threading.Thread(target=self._pass, args=(far, near, False), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, counts: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if counts and b"x-id=AbortMultipartUpload" not in data and len(data) > 8000:
                    self.left -= len(data)
                    if self.left < 0:
                        self.cuts += 1
                        break
                target.sendall(data)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def close(self) -> None:
        self.socket.close()
