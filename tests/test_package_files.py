"""What goes into the package: the files of a commit or of a folder, and the `.git` that goes along."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import sys
import zipfile
from pathlib import Path

import pytest

from packaging_support import (
    FILES,
    commit,
    contents,
    fails,
    git_fails,
    make_repository,
    no_ci,
    package,
    packed,
    unpacked,
)
from support import git

SECRET = "ghp_0123456789abcdefghijklmnopqrstuvwxyzA"


@pytest.fixture(autouse=True)
def _no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    no_ci(monkeypatch)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out.zip"


def only_files(found: dict[str, bytes]) -> dict[str, bytes]:
    return {name: data for name, data in found.items() if not name.startswith(".git/")}


class TestCommit:
    def test_the_tracked_files_at_the_root(self, shop: Path, out: Path) -> None:
        (shop / "untracked").write_text("x")
        found = packed(shop, out, "--git", "none")
        assert sorted(found) == sorted([*FILES, "run.sh", "link", "src/second.py"])
        assert found["src/größe.txt"] == "äöü\n".encode()

    def test_modes_and_links(self, shop: Path, out: Path, tmp_path: Path) -> None:
        packed(shop, out)
        folder = unpacked(out, tmp_path / "there")
        assert os.readlink(folder / "link") == "src/main.py"
        assert stat.S_IMODE((folder / "run.sh").stat().st_mode) == 0o755
        assert stat.S_IMODE((folder / "README.md").stat().st_mode) == 0o644

    def test_changes_of_the_work_tree_stay_out_and_are_said(
        self, shop: Path, out: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (shop / "README.md").write_text("changed")
        (shop / "new").write_text("new")
        assert packed(shop, out)["README.md"] == FILES["README.md"].encode()
        assert "2 files of the work tree differ" in capsys.readouterr().err

    def test_a_change_of_the_same_size_and_time_stays_out(self, shop: Path, out: Path) -> None:
        facts = (shop / "README.md").stat()
        (shop / "README.md").write_text("# Sh0p\n", newline="\n")
        os.utime(shop / "README.md", ns=(facts.st_atime_ns, facts.st_mtime_ns))
        assert packed(shop, out)["README.md"] == FILES["README.md"].encode()

    def test_a_file_that_is_gone_from_the_work_tree_is_packed(self, shop: Path, out: Path) -> None:
        (shop / "README.md").unlink()
        assert packed(shop, out)["README.md"] == FILES["README.md"].encode()

    def test_another_commit(self, shop: Path, out: Path) -> None:
        git(shop, "branch", "old", "HEAD~1")
        assert "src/second.py" not in packed(shop, out, "--ref", "old", "--branch", "old")

    @pytest.mark.parametrize("ref", ["nothing", "--upload-pack=x", "", "HEAD:README.md", "a b", "\n"])
    def test_a_ref_that_is_none(
        self, shop: Path, out: Path, ref: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert package(shop, "--output", str(out), "--any-branch", f"--ref={ref}") in (0, 2)
        if ref:
            assert not out.exists()
        assert "Traceback" not in capsys.readouterr().err

    def test_include_and_exclude(self, shop: Path, out: Path) -> None:
        found = packed(shop, out, "--include", "src", "--exclude", "*.txt", "--git", "none")
        assert sorted(found) == ["src/main.py", "src/second.py"]

    def test_nothing_left(self, shop: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
        fails(shop, "--output", str(out), "--include", "nothing")
        assert "no file to pack" in capsys.readouterr().err
        assert not out.exists()

    def test_the_work_tree_of_a_folder_below(self, shop: Path, out: Path) -> None:
        assert "README.md" in packed(shop / "src", out)

    @pytest.mark.parametrize(
        "target", ["/etc/passwd", "../x", "src/../../x", "..", ".git/config", "src/../.git"]
    )
    def test_a_link_that_leaves_the_tree(
        self, shop: Path, out: Path, target: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (shop / "bad").symlink_to(target)
        commit(shop, "Bad")
        fails(shop, "--output", str(out))
        assert capsys.readouterr().err.startswith("cdlint: ")
        assert not out.exists()
        fails(shop, "--output", str(out), "--working-tree")
        assert "bad" not in packed(shop, out, "--exclude", "bad", "--git", "none")

    def test_a_link_upwards_inside_of_the_tree(self, shop: Path, out: Path) -> None:
        (shop / "src/up").symlink_to("../README.md")
        commit(shop, "Up")
        assert packed(shop, out)["src/up"] == b"../README.md"

    def test_a_submodule_is_said(self, shop: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
        head = git(shop, "rev-parse", "HEAD").strip()
        git(shop, "update-index", "--add", "--cacheinfo", f"160000,{head},vendor/lib")
        git(shop, "commit", "--quiet", "--message", "Sub")
        assert "vendor/lib" not in packed(shop, out)
        assert "the submodule vendor/lib" in capsys.readouterr().err

    def test_a_pointer_of_lfs_is_said(
        self, shop: Path, out: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 12345\n"
        (shop / "model.bin").write_text(pointer, newline="\n")
        (shop / ".gitattributes").write_text("*.bin filter=lfs diff=lfs merge=lfs -text\n", newline="\n")
        git(shop, "-c", "filter.lfs.clean=", "add", "--all")
        git(shop, "commit", "--quiet", "--message", "LFS")
        packed(shop, out)
        assert "model.bin: only Git LFS's pointer" in capsys.readouterr().err

    def test_a_name_that_is_not_utf8(self, shop: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
        if sys.platform != "linux":
            pytest.skip("the file system takes no such name")
        with open(os.fsencode(str(shop)) + b"/\xff", "wb"):
            pass
        commit(shop, "Latin")
        fails(shop, "--output", str(out))
        assert "not in UTF-8" in capsys.readouterr().err
        fails(shop, "--output", str(out), "--working-tree")

    def test_no_program_of_the_configuration_is_run(self, shop: Path, out: Path, tmp_path: Path) -> None:
        mark = tmp_path / "ran"
        program = tmp_path / "program"
        program.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n", newline="\n")
        program.chmod(0o755)
        for name in (
            "core.fsmonitor",
            "filter.evil.clean",
            "filter.evil.process",
            "core.pager",
            "core.sshCommand",
        ):
            git(shop, "config", name, str(program))
        (shop / ".git/info/attributes").write_text("* filter=evil\n")
        (shop / ".git/hooks/post-index-change").write_text(f"#!/bin/sh\ntouch {mark}\n")
        (shop / ".git/hooks/post-index-change").chmod(0o755)
        for name in FILES:
            os.utime(shop / name, (1, 1))
        packed(shop, out)
        packed(shop, out, "--git", "full")
        packed(shop, out, "--working-tree")
        assert not mark.exists()

    def test_missing_objects(self, shop: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
        oid = git(shop, "rev-parse", "HEAD:src/second.py").strip()
        (shop / ".git/objects" / oid[:2] / oid[2:]).unlink()
        (shop / "src/second.py").unlink()
        fails(shop, "--output", str(out))
        message = capsys.readouterr().err
        assert "git fetch" in message
        assert not out.exists()


class TestFolder:
    def test_the_files_as_they_are(self, shop: Path, out: Path) -> None:
        (shop / "README.md").write_text("changed")
        (shop / "new").write_text("new")
        (shop / "buildspec.yml").unlink()
        (shop / ".gitignore").write_text("ignored\n")
        (shop / "ignored").write_text("x")
        found = only_files(packed(shop, out, "--working-tree"))
        assert found["README.md"] == b"changed"
        assert found["new"] == b"new"
        assert "ignored" not in found
        assert "buildspec.yml" not in found

    def test_without_git(self, tmp_path: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
        folder = tmp_path / "plain"
        (folder / "a").mkdir(parents=True)
        (folder / "a/b").write_text("b")
        (folder / "c").write_text("c")
        fails(folder, "--output", str(out), "--any-branch")
        assert "--working-tree" in capsys.readouterr().err
        assert packed(folder, out, "--working-tree", "--any-branch") == {"a/b": b"b", "c": b"c"}
        assert "no .git in the package" in capsys.readouterr().err

    def test_the_zip_itself_stays_out(self, shop: Path) -> None:
        for _ in range(2):
            found = packed(shop, shop / "out.zip", "--working-tree")
        assert "out.zip" not in found
        assert "README.md" in found

    def test_the_files_of_submodules(self, shop: Path, tmp_path: Path, out: Path) -> None:
        library = make_repository(tmp_path / "library")
        git(
            shop,
            "-c",
            "protocol.file.allow=always",
            "submodule",
            "--quiet",
            "add",
            str(library),
            "vendor/lib",
        )
        git(shop, "commit", "--quiet", "--message", "Sub")
        found = only_files(packed(shop, out, "--working-tree"))
        assert "vendor/lib/src/main.py" in found
        assert not any(name.startswith("vendor/lib/.git") for name in found)

    @pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="has no such sockets")
    def test_a_socket(self, tmp_path: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
        folder = tmp_path / "s"
        folder.mkdir()
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(str(folder / "sock"))
            fails(folder, "--output", str(out), "--working-tree", "--any-branch")
        assert "neither a file nor a link" in capsys.readouterr().err

    def test_dirty_files_and_git(self, shop: Path, out: Path, tmp_path: Path) -> None:
        (shop / "README.md").write_text("changed\n", newline="\n")
        packed(shop, out, "--working-tree")
        folder = unpacked(out, tmp_path / "there")
        assert git(folder, "status", "--porcelain").strip() == "M README.md"
        git(folder, "fsck", "--full", "--strict")

    def test_a_clean_tree_gives_the_same_content_both_ways(self, shop: Path, tmp_path: Path) -> None:
        one = only_files(packed(shop, tmp_path / "1.zip"))
        two = only_files(packed(shop, tmp_path / "2.zip", "--working-tree"))
        assert one == two


class TestGit:
    """`--git`."""

    @pytest.mark.parametrize("object_format", ["sha1", "sha256"])
    @pytest.mark.parametrize("depth", ["shallow", "full"])
    def test_it_works_after_unpacking(
        self, tmp_path: Path, out: Path, depth: str, object_format: str
    ) -> None:
        shop = make_repository(tmp_path / "shop", object_format=object_format)
        git(shop, "tag", "--annotate", "v1", "--message", "One")
        git(shop, "tag", "nested", "v1")
        packed(shop, out, "--git", depth)
        folder = unpacked(out, tmp_path / "there")
        assert git(folder, "status", "--porcelain") == ""
        assert git(folder, "rev-parse", "HEAD") == git(shop, "rev-parse", "HEAD")
        assert git(folder, "describe") == git(shop, "describe")
        assert git(folder, "branch", "--show-current").strip() == "main"
        assert len(git(folder, "log", "--format=%s").splitlines()) == (1 if depth == "shallow" else 2)
        git(folder, "fsck", "--full", "--strict")
        git(folder, "remote")
        (folder / "README.md").write_text("changed")
        git(folder, "commit", "--quiet", "--all", "--message", "It can be worked with")

    def test_none(self, shop: Path, out: Path) -> None:
        assert not any(name.startswith(".git/") for name in packed(shop, out, "--git", "none"))

    def test_the_first_commit_is_no_shallow_one(self, tmp_path: Path, out: Path) -> None:
        shop = tmp_path / "one"
        shop.mkdir()
        git(shop, "init", "--quiet", "--initial-branch=main")
        (shop / "a").write_text("a")
        commit(shop, "Only")
        assert ".git/shallow" not in packed(shop, out)
        folder = unpacked(out, tmp_path / "there")
        assert git(folder, "status", "--porcelain") == ""

    def test_a_detached_head(self, shop: Path, out: Path, tmp_path: Path) -> None:
        git(shop, "checkout", "--quiet", "--detach", "HEAD~1")
        packed(shop, out, "--any-branch")
        folder = unpacked(out, tmp_path / "there")
        assert git(folder, "status", "--porcelain") == ""
        assert git(folder, "branch", "--show-current").strip() in ("", "main")
        git(folder, "fsck", "--full", "--strict")

    def test_incompressible_and_large_files(
        self, shop: Path, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from cdlint.packaging import archive, files

        monkeypatch.setattr(archive, "WHOLE", 400_000)
        monkeypatch.setattr(archive, "PART", 65_536)
        monkeypatch.setattr(files, "_ON_DISK", 500_000)
        (shop / "random").write_bytes(os.urandom(300_000))
        (shop / "large-random").write_bytes(os.urandom(700_000))
        (shop / "large-text").write_bytes(b"some text " * 100_000)
        (shop / "65535").write_bytes(os.urandom(65_535))
        (shop / "131070").write_bytes(os.urandom(131_070))
        commit(shop, "Large")
        packed(shop, out)
        folder = unpacked(out, tmp_path / "there")
        assert git(folder, "status", "--porcelain") == ""
        git(folder, "fsck", "--full", "--strict")
        assert out.stat().st_size < 3_500_000

    def test_files_that_are_left_out_are_not_in_git_either(
        self, shop: Path, out: Path, tmp_path: Path
    ) -> None:
        (shop / "secret.txt").write_text(SECRET)
        commit(shop, "Secret")
        packed(shop, out, "--exclude", "secret.txt")
        folder = unpacked(out, tmp_path / "there")
        assert git(folder, "status", "--porcelain") == ""
        assert git_fails(folder, "cat-file", "-e", "HEAD:secret.txt")
        (folder / "README.md").write_text("changed")
        assert git(folder, "status", "--porcelain").strip() == "M README.md"

    def test_nothing_of_the_clone_goes_along(self, shop: Path, out: Path, tmp_path: Path) -> None:
        git(shop, "remote", "add", "origin", f"https://me:{SECRET}@example.invalid/shop.git")
        git(shop, "config", "http.https://example.invalid/.extraheader", f"Authorization: Basic {SECRET}")
        git(shop, "config", "user.name", SECRET)
        (shop / ".git/hooks/pre-commit").write_text(f"#!/bin/sh\n# {SECRET}\n")
        (shop / ".git/description").write_text(SECRET)
        (shop / ".git/info/exclude").write_text(f"# {SECRET}\n")
        (shop / "gone").write_text(SECRET)
        commit(shop, "A commit that is taken back")
        git(shop, "reset", "--quiet", "--hard", "HEAD~1")
        (shop / "stashed").write_text(SECRET)
        git(shop, "add", "stashed")
        git(shop, "stash", "push", "--quiet", "--message", SECRET)
        git(shop, "notes", "add", "--message", SECRET)
        for depth in ("shallow", "full"):
            packed(shop, out, "--git", depth)
            folder = unpacked(out, tmp_path / depth)
            assert SECRET.encode() not in out.read_bytes()
            assert git(folder, "rev-list", "--all").split() == git(folder, "rev-list", "HEAD").split()
            objects = git(folder, "cat-file", "--batch-all-objects", "--batch-check").splitlines()
            for line in objects:
                oid, kind, _ = line.split()
                assert SECRET not in git(folder, "cat-file", kind, oid) if kind != "tree" else True

    def test_a_remote(self, shop: Path, out: Path, tmp_path: Path) -> None:
        packed(shop, out, "--git-remote", "https://example.invalid/shop.git")
        folder = unpacked(out, tmp_path / "there")
        assert git(folder, "remote", "get-url", "origin").strip() == "https://example.invalid/shop.git"

    @pytest.mark.parametrize(
        "url",
        [
            f"https://me:{SECRET}@example.invalid/x",
            f"https://{SECRET}@example.invalid/x",
            "https://example.invalid/x\n[core]\n\tfsmonitor = evil",
            'https://example.invalid/"x',
            "ext::sh -c evil",
            "--upload-pack=evil",
            f"ssh://me:{SECRET}@example.invalid/x",
        ],
    )
    def test_a_remote_that_is_refused(
        self, shop: Path, out: Path, url: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        fails(shop, "--output", str(out), f"--git-remote={url}")
        assert SECRET not in capsys.readouterr().err
        assert not out.exists()

    @pytest.mark.parametrize(
        "url", ["git@example.invalid:shop.git", "ssh://git@example.invalid/x", "../shop"]
    )
    def test_a_remote_that_is_taken(self, shop: Path, out: Path, url: str) -> None:
        packed(shop, out, f"--git-remote={url}")

    def test_full_from_a_shallow_clone(
        self, shop: Path, out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        git(tmp_path, "clone", "--quiet", "--depth=1", shop.as_uri(), "clone")
        fails(tmp_path / "clone", "--output", str(out), "--git", "full")
        assert "--unshallow" in capsys.readouterr().err
        packed(tmp_path / "clone", out)


class TestReproducible:
    """The same commit and options, the same bytes."""

    @pytest.mark.parametrize("depth", ["none", "shallow", "full"])
    def test_from_any_clone_on_any_day(
        self, shop: Path, tmp_path: Path, depth: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        git(shop, "tag", "--annotate", "v1", "--message", "One")
        for number in range(20):
            (shop / "src/main.py").write_text(f"print({number})\n" * (50 + number))
            commit(shop, f"Change {number}")
        made = [tmp_path / f"{number}.zip" for number in range(4)]
        packed(shop, made[0], "--git", depth, "--jobs", "1")
        git(shop, "gc", "--quiet", "--aggressive", "--prune=now")
        os.utime(shop / "README.md", (1, 1))
        packed(shop, made[1], "--git", depth, "--jobs", "7")
        git(tmp_path, "clone", "--quiet", shop.as_uri(), "elsewhere/a b")
        old = os.umask(0o077)
        try:
            monkeypatch.setenv("TZ", "Asia/Tokyo")
            monkeypatch.setenv("LC_ALL", "C")
            packed(tmp_path / "elsewhere/a b", made[2], "--git", depth)
        finally:
            os.umask(old)
        git(tmp_path, "clone", "--quiet", "--bare", shop.as_uri(), "bare.git")
        git(tmp_path, "--git-dir", "bare.git", "worktree", "add", "--quiet", "tree", "main")
        shutil.rmtree(tmp_path / "tree/src")
        packed(tmp_path / "tree", made[3], "--git", depth)
        first, *others = [path.read_bytes() for path in made]
        assert all(other == first for other in others)

    def test_from_a_shallow_clone(self, shop: Path, tmp_path: Path) -> None:
        git(tmp_path, "clone", "--quiet", "--depth=1", shop.as_uri(), "clone")
        packed(shop, tmp_path / "1.zip")
        packed(tmp_path / "clone", tmp_path / "2.zip")
        assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "2.zip").read_bytes()

    def test_the_entries_say_nothing_of_the_machine(self, shop: Path, out: Path) -> None:
        packed(shop, out)
        with zipfile.ZipFile(out) as made:
            for info in made.infolist():
                assert info.date_time == (1980, 1, 1, 0, 0, 0)
                assert (info.create_system, info.extra, info.comment) == (3, b"", b"")

    def test_names_in_order(self, shop: Path, out: Path) -> None:
        names = [name for name in contents_in_order(shop, out) if not name.startswith(".git/")]
        assert names == sorted(names, key=str.encode)


def contents_in_order(shop: Path, out: Path) -> list[str]:
    packed(shop, out)
    return list(contents(out))
