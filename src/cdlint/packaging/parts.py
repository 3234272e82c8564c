"""A file that goes to S3 in parts, some at a time; when it cannot be finished, what is there of it is taken away."""

from __future__ import annotations

import base64
import hashlib
import os
import queue
import threading
import time
from shlex import quote

from .aws import code_of
from .errors import PackageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from io import BufferedReader
    from typing import Any

#: Of one part, in bytes. Source: S3's user guide, multipart upload limits (5 MB at least, 10,000 parts at most).
PART = 8 * 1024**2
_MOST_PARTS = 10_000
_PIECE = 256 * 1024
#: So many parts are sent at the same time, as by the AWS CLI: S3 limits the speed of each connection. None is held in
#: memory.
_AT_A_TIME = 10
#: So long is waited for parts that are on their way, and for the answer to the removal, in seconds.
_LAST_PARTS, _REMOVAL = 3.0, 20.0
#: On some systems Ctrl-C does not end a wait; so no wait is longer than this, in seconds.
_TICK = 0.5


class _Stopped(BaseException):
    """Not an Exception: neither boto3 nor the library below it shall catch it and try again."""


class _Slice:
    """A part of the file, to be read like a file; only until the upload is given up."""

    def __init__(self, file: BufferedReader, start: int, size: int, stop: threading.Event) -> None:
        self.is_short = False
        self._file = file
        self._start = start
        self._size = size
        self._at = 0
        self._stop = stop

    def read(self, size: int | None = -1) -> bytes:
        if self._stop.is_set():
            raise _Stopped
        left = max(0, self._size - self._at)
        wanted = left if size is None or size < 0 else min(size, left)
        self._file.seek(self._start + self._at)
        data = self._file.read(wanted)
        self._at += len(data)
        if len(data) < wanted:
            # S3 would wait for the rest.
            self.is_short = True
            raise _Stopped
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def digest(self) -> bytes:
        """Its SHA-256."""
        made = hashlib.sha256()
        self.seek(0)
        while data := self.read(_PIECE):
            made.update(data)
        self.seek(0)
        return made.digest()


def part_size(size: int) -> int:
    """How large the parts of a file are, both in bytes."""
    mebibyte = 1024**2
    return max(PART, -(-size // (_MOST_PARTS * mebibyte)) * mebibyte)


class PartedUpload:
    """One upload of a file of `size` bytes. `settings` are those of CreateMultipartUpload."""

    def __init__(self, client: Any, path: str, size: int, settings: Mapping[str, Any]) -> None:
        self.client = client
        self.path = path
        self.size = size
        self.settings = settings
        self.part = part_size(size)
        self.count = -(-size // self.part)
        self.place = {"Bucket": settings["Bucket"], "Key": settings["Key"]}
        self._stop = threading.Event()
        self._next = iter(range(1, self.count + 1))
        self._lock = threading.Lock()
        self._results: queue.SimpleQueue[_Part | BaseException] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []

    def send(self, progress: Callable[[int, int], None] | None) -> Any:
        """All of it; S3's answer. `progress` is called in this thread, with the bytes that are there and `size`.

        Raises:
            Exception: What boto3 raises, or PackageError; the parts have been removed then.
            PartsLeft: The same, but they could not be removed.
        """
        started = self.client.create_multipart_upload(ChecksumAlgorithm="SHA256", **self.settings)
        if not started.get("UploadId"):
            raise PackageError("whoever answers is not S3")
        self.place["UploadId"] = started["UploadId"]
        try:
            return self._complete(self._send_parts(progress))
        except BaseException as error:
            self._give_up(error)
            raise

    def _send_parts(self, progress: Callable[[int, int], None] | None) -> list[_Part]:
        # Threads of our own: a pool's would be waited for at the end of the program, however long they hang.
        for _ in range(min(_AT_A_TIME, self.count)):
            thread = threading.Thread(target=self._work, daemon=True)
            self._threads.append(thread)
            thread.start()
        parts: dict[int, _Part] = {}
        done = 0
        while len(parts) < self.count:
            try:
                found = self._results.get(timeout=_TICK)
            except queue.Empty:
                continue
            if isinstance(found, BaseException):
                raise found
            parts[found.number] = found
            done += found.size
            if progress is not None:
                progress(done, self.size)
        return [parts[number] for number in sorted(parts)]

    # --- in the threads ---------------------------------------------------------------------------

    def _work(self) -> None:
        try:
            with open(self.path, "rb") as file:
                while not self._stop.is_set():
                    with self._lock:
                        number = next(self._next, None)
                    if number is None:
                        return
                    self._results.put(self._send_part(number, file))
        except _Stopped:
            pass
        except BaseException as error:
            self._results.put(error)

    def _send_part(self, number: int, file: BufferedReader) -> _Part:
        start = (number - 1) * self.part
        size = min(self.part, self.size - start)
        body = _Slice(file, start, size, self._stop)
        try:
            digest = body.digest()
            checksum = encoded(digest)
            answer = self.client.upload_part(
                PartNumber=number, Body=body, ChecksumSHA256=checksum, **self.place
            )
        except _Stopped:
            if body.is_short:
                raise changed(self.path) from None
            raise
        return _Part(number, size, answer.get("ETag", ""), digest, checksum)

    # --- the end ----------------------------------------------------------------------------------

    def _complete(self, parts: list[_Part]) -> Any:
        listed = [
            {"PartNumber": part.number, "ETag": part.etag, "ChecksumSHA256": part.checksum} for part in parts
        ]
        try:
            answer = self.client.complete_multipart_upload(
                MultipartUpload={"Parts": listed}, MpuObjectSize=self.size, **self.place
            )
        except Exception as error:
            answer = self._completed_before(error)
            if answer is None:
                raise
        # Source: S3's user guide, checking object integrity: composite checksums.
        whole = encoded(hashlib.sha256(b"".join(part.digest for part in parts)).digest())
        stated = str(answer.get("ChecksumSHA256") or whole)
        if stated.partition("-")[0] != whole:
            raise PackageError(
                f"what S3 has put together is not what was sent (its checksum is another): version "
                f"{answer.get('VersionId')} is damaged; try again"
            )
        return answer

    def _completed_before(self, error: Exception) -> Any | None:
        """The object, if only the answer to its completion was lost: boto3 asks again then, and S3 knows the
        upload no longer."""
        if code_of(error) != "NoSuchUpload":
            return None
        try:
            found = self.client.head_object(Bucket=self.place["Bucket"], Key=self.place["Key"])
        except Exception:
            return None
        is_ours = (
            found.get("Metadata") == self.settings.get("Metadata")
            and found.get("ContentLength") == self.size
            and str(found.get("ETag", "")).strip('"').endswith(f"-{self.count}")
        )
        return found if is_ours else None

    def _give_up(self, reason: BaseException) -> None:
        """Stop what is on its way, then have the parts removed; another Ctrl-C shortens that, but does not prevent it.

        Raises:
            PartsLeft: The parts could not be removed.
        """
        self._stop.set()
        removal = _Removal()
        threading.Thread(target=self._remove, args=(removal,), daemon=True).start()
        until = time.monotonic() + _LAST_PARTS + _REMOVAL
        while not removal.ended.is_set() and time.monotonic() < until:
            try:
                # Not Thread.join: in Python 3.11, one that Ctrl-C interrupts takes the thread for ended.
                removal.ended.wait(_TICK)
            except BaseException:
                removal.hurry.set()
        if not removal.is_done:
            raise PartsLeft(reason, self.place)

    def _remove(self, removal: _Removal) -> None:
        # A part that arrives after the removal would stay.
        until = time.monotonic() + _LAST_PARTS
        while any(thread.is_alive() for thread in self._threads) and time.monotonic() < until:
            if removal.hurry.wait(0.05):
                break
        try:
            self.client.abort_multipart_upload(**self.place)
            removal.is_done = True
        except BaseException as error:
            removal.is_done = code_of(error) == "NoSuchUpload"
        removal.ended.set()


class _Removal:
    """How far the removal of the parts is; `hurry` is set for it to wait for nothing."""

    def __init__(self) -> None:
        self.hurry = threading.Event()
        self.ended = threading.Event()
        self.is_done = False


class _Part:
    """A part that S3 has."""

    def __init__(self, number: int, size: int, etag: str, digest: bytes, checksum: str) -> None:
        self.number = number
        self.size = size
        self.etag = etag
        self.digest = digest
        self.checksum = checksum


class PartsLeft(Exception):
    """An upload failed for `reason`, and its parts are still there; `remedy` says how to remove them."""

    def __init__(self, reason: BaseException, place: Mapping[str, str]) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.remedy = (
            "parts of it are left in the bucket and cost money; remove them: aws s3api abort-multipart-upload "
            f"--bucket {place['Bucket']} --key {quote(place['Key'])} --upload-id {quote(place['UploadId'])}"
        )


def changed(path: str) -> PackageError:
    return PackageError(f"{os.path.basename(path)} became another while it was uploaded; try again")


def encoded(digest: bytes) -> str:
    """A checksum as S3 writes it."""
    return base64.b64encode(digest).decode()
