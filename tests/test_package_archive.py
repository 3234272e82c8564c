"""The zip: what others read in it, and that nothing is left of one that failed."""

from __future__ import annotations

import hashlib
import io
import os
import random
import resource
import shutil
import subprocess
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdlint.packaging import archive, compress, zip_format
from cdlint.packaging.entry import FILE, LINK, PROGRAM
from cdlint.packaging.errors import PackageError

ZLIB = compress.choose("zlib", 5)
COMPRESSORS = [ZLIB, compress.choose("libdeflate", 5), compress.choose("store", 5)]


class Held:
    """An entry in memory; `told` is the size that it pretends to have."""

    def __init__(self, path: str, data: bytes = b"", mode: int = FILE, told: int | None = None) -> None:
        self.path = path
        self.data = data
        self.mode = mode
        self.size = len(data) if told is None else told
        self.wait = 0.0

    known = None

    def naming(self) -> Any:
        return hashlib.sha256()

    def content(self) -> bytes:
        time.sleep(self.wait)
        return self.data

    def chunks(self) -> Iterator[bytes]:
        for at in range(0, len(self.data), 100_000):
            yield self.data[at : at + 100_000]


def entries(seed: int = 1, count: int = 300) -> list[Held]:
    chance = random.Random(seed)
    found = []
    for number in range(count):
        size = int(chance.paretovariate(0.6) * 20) % 400_000
        data = chance.randbytes(size) if number % 7 == 0 else (b"line %d\n" % number * size)[:size]
        found.append(Held(f"d{number % 9}/é{number:04}", data, PROGRAM if number % 5 == 0 else FILE))
    return [*found, Held("link", b"d1/x", LINK)]


def write(path: Path, found: list[Held], **more: object) -> archive.Written:
    return archive.write(found, str(path), **{"compressor": ZLIB, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize("compressor", COMPRESSORS, ids=lambda one: one.name.split()[0])
def test_others_read_it(tmp_path: Path, compressor: compress.Compressor) -> None:
    out = tmp_path / "a.zip"
    found = entries()
    written = write(out, found, compressor=compressor)
    assert written.size == out.stat().st_size
    assert written.count == len(found)
    with zipfile.ZipFile(out) as made:
        assert made.testzip() is None
        assert [info.filename for info in made.infolist()] == [entry.path for entry in found]
        for entry, info in zip(found, made.infolist(), strict=True):
            assert made.read(info) == entry.data
            assert info.external_attr >> 16 == (0o120777 if entry.mode == LINK else entry.mode)
    for program, arguments in (("unzip", ["-tqq"]), ("7z", ["t"]), ("zip", ["-T"])):
        if shutil.which(program):
            subprocess.run([program, *arguments, str(out)], check=True, capture_output=True)


@pytest.mark.parametrize("compressor", COMPRESSORS, ids=lambda one: one.name.split()[0])
def test_threads_and_their_order_change_nothing(
    tmp_path: Path, compressor: compress.Compressor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "WHOLE", 200_000)
    monkeypatch.setattr(archive, "PART", 50_000)
    digests = set()
    for threads in (1, 2, 9):
        found = entries()
        for entry in random.Random(threads).sample(found, 20):
            entry.wait = 0.005
        digests.add(write(tmp_path / "a.zip", found, threads=threads, compressor=compressor).digest)
    assert len(digests) == 1


def test_the_content_digest_hangs_on_the_content_alone(tmp_path: Path) -> None:
    found = entries()
    one, two, three = (
        write(tmp_path / "a.zip", found, compressor=made).content_digest for made in COMPRESSORS
    )
    assert one == two == three
    assert write(tmp_path / "a.zip", found, mark="x").content_digest != one
    found[0].mode = FILE if found[0].mode == PROGRAM else PROGRAM
    assert write(tmp_path / "a.zip", found).content_digest != one


@settings(max_examples=60)
@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8", exclude_characters="\0/\\"), min_size=1, max_size=8).filter(
            lambda name: name.strip("./")
        ),
        st.binary(max_size=300) | st.binary(max_size=4).map(lambda data: data * 500),
        max_size=8,
    ),
    st.sampled_from(COMPRESSORS),
)
def test_what_goes_in_comes_out(found: dict[str, bytes], compressor: compress.Compressor) -> None:
    file = io.BytesIO()
    made = zip_format.Zip(file)
    for _ in archive.fill(made, [Held(name, data) for name, data in found.items()], compressor, 1):
        pass
    made.close()
    with zipfile.ZipFile(file) as read:
        assert {info.orig_filename: read.read(info) for info in read.infolist()} == found


def test_large_content_is_never_held_as_a_whole(tmp_path: Path) -> None:
    class Endless(Held):
        def content(self) -> bytes:
            raise AssertionError

        def chunks(self) -> Iterator[bytes]:
            for number in range(300):
                yield (b"%08d" % number) * 131_072

    out = tmp_path / "a.zip"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    write(out, [Endless("large", told=300 * 1024**2), Held("small", b"x")])
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000
    with zipfile.ZipFile(out) as made:
        assert made.getinfo("large").file_size == 300 * 1024**2
        assert made.testzip() is None


def test_many_entries_need_zip64(tmp_path: Path) -> None:
    out = tmp_path / "a.zip"
    write(out, [Held(f"{number}") for number in range(70_000)], compressor=COMPRESSORS[2])
    with zipfile.ZipFile(out) as made:
        assert len(made.namelist()) == 70_000


def test_large_sizes_and_offsets_need_zip64(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The real limit is 4 GiB; what is above the pretended one is written just as what is above that.
    monkeypatch.setattr(zip_format, "ZIP64", 1000)
    out = tmp_path / "a.zip"
    chance = random.Random(1)
    found = [Held("a", chance.randbytes(5000)), Held("b", b"b"), Held("c", b"c" * 3000)]
    write(out, found)
    with zipfile.ZipFile(out) as made:
        assert [made.read(entry.path) for entry in found] == [entry.data for entry in found]
    if shutil.which("unzip"):
        subprocess.run(["unzip", "-tqq", str(out)], check=True)


class TestFailures:
    """One clear sentence, the old file as it was, and nothing beside it."""

    def refused(self, tmp_path: Path, found: list[Held], words: str, **more: object) -> None:
        out = tmp_path / "a.zip"
        out.write_bytes(b"old")
        with pytest.raises(PackageError, match=words):
            write(out, found, **more)
        assert out.read_bytes() == b"old"
        assert os.listdir(tmp_path) == ["a.zip"]

    def test_two_of_one_name(self, tmp_path: Path) -> None:
        self.refused(tmp_path, [Held("a"), Held("a")], "two entries")

    @pytest.mark.parametrize("told", [1, 100])
    def test_a_file_that_changes(self, tmp_path: Path, told: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.refused(tmp_path, [Held("a", b"12345", told=told)], "a: the file changed")
        monkeypatch.setattr(archive, "WHOLE", 0)
        self.refused(tmp_path, [Held("a", b"12345", told=told)], "a: the file changed")

    def test_too_many(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(archive, "MAX_FILES", 2)
        self.refused(tmp_path, [Held("a"), Held("b"), Held("c")], "3 files, and CodePipeline takes 2")

    def test_too_large(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(zip_format, "MAX_SIZE", 100_000)
        self.refused(tmp_path, [Held("a", os.urandom(200_000))], "all that CodePipeline takes|is all that")

    def test_a_long_name(self, tmp_path: Path) -> None:
        self.refused(tmp_path, [Held("a" * 70_000)], "too long")

    def test_a_name_that_cannot_be_written(self, tmp_path: Path) -> None:
        self.refused(tmp_path, [Held("a\udcff")], "not in UTF-8")

    def test_a_full_disk(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(zip_format, "_write_all", full)
        self.refused(tmp_path, [Held("a", b"x")], "No space left on device")

    def test_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(PackageError, match="No such file"):
            write(tmp_path / "no/a.zip", [Held("a")])

    def test_a_target_that_is_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(PackageError, match="not a file"):
            write(tmp_path, [Held("a")])

    @pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
    def test_an_interruption(self, tmp_path: Path, error: type[BaseException]) -> None:
        out = tmp_path / "a.zip"
        threads = threading.active_count()

        def stop(done: int, _total: int) -> None:
            if done > 10_000:
                raise error

        with pytest.raises(error):
            write(out, entries(), progress=stop)
        assert os.listdir(tmp_path) == []
        assert threading.active_count() == threads

    def test_the_old_file_keeps_its_mode(self, tmp_path: Path) -> None:
        out = tmp_path / "a.zip"
        out.write_bytes(b"old")
        out.chmod(0o640)
        write(out, [Held("a")])
        assert out.stat().st_mode & 0o777 == 0o640


def test_progress_ends_at_the_whole(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    found = entries()
    write(tmp_path / "a.zip", found, progress=lambda *both: told.append(both))
    total = sum(entry.size for entry in found)
    assert told[-1] == (total, total)
    assert told == sorted(told)


def test_no_libdeflate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "deflate", None)
    assert compress.choose("auto", 5).name.startswith("zlib")
    with pytest.raises(PackageError, match=r"cdlint\[fast\]"):
        compress.choose("libdeflate", 5)
