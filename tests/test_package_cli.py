"""`cdlint package` from end to end, as a command; and what its settings mean."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from cdlint.packaging.errors import PackageError
from cdlint.packaging.settings import Settings
from codepipeline_support import CodePipeline, action, pipeline, serving
from packaging_support import commit, contents, make_repository, no_ci, package
from s3_support import client_for, no_aws, s3_server
from support import ROOT, git

BUCKET, KEY = "acme-web-source", "web.zip"
DONE = [("Succeeded", [action("Source", "Upload", "Succeeded"), action("Build", "Image", "Succeeded")])]
BROKEN = [
    ("InProgress", []),
    ("Failed", [action("Build", "Image", "Failed", errorDetails={"message": "No Docker"})]),
]


@pytest.fixture(scope="module")
def s3_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with s3_server(tmp_path_factory.mktemp("s3")) as address:
        client = client_for("s3", address)
        client.create_bucket(Bucket=BUCKET)
        client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield address


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    no_ci(monkeypatch)
    no_aws(monkeypatch, tmp_path)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop")


class Cloud:
    """S3 and a pipeline that sees new versions of its source."""

    def __init__(self, s3_address: str, looks: list[Any]) -> None:
        self.s3 = client_for("s3", s3_address)
        for one in self.versions():
            self.s3.delete_object(Bucket=BUCKET, Key=KEY, VersionId=one)
        self.service = CodePipeline(pipeline("acme-web", BUCKET, KEY), looks, self.version)

    def versions(self) -> list[str]:
        found = self.s3.list_object_versions(Bucket=BUCKET, Prefix=KEY)
        return [one["VersionId"] for one in found.get("Versions", ())]

    def version(self) -> str | None:
        try:
            found: str = self.s3.head_object(Bucket=BUCKET, Key=KEY)["VersionId"]
        except Exception:
            return None
        return found


@pytest.fixture
def cloud(
    s3_address: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Cloud]:
    made = Cloud(s3_address, getattr(request, "param", DONE))
    with serving(made.service) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3_address)
        monkeypatch.setenv("AWS_ENDPOINT_URL_CODEPIPELINE", address)
        yield made


class TestWholeRun:
    def test_upload_and_wait(self, shop: Path, cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
        assert package(shop, "--pipeline", "acme-web", "--wait", "--timeout", "60s", "--json") == 0
        facts = json.loads(capsys.readouterr().out)
        assert facts["version_id"] == cloud.version()
        assert (facts["status"], facts["execution_id"], facts["pipeline"]) == (
            "Succeeded",
            "execution-1",
            "acme-web",
        )
        assert not cloud.service.started

    def test_steps(self, shop: Path, cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
        assert package(shop, "--pipeline", "acme-web", "--wait", "--timeout", "60s") == 0
        lines = capsys.readouterr().err.splitlines()
        assert [line.partition(" ")[2][:20] for line in lines] == [
            "The branch is main, ",
            "Packed 15 files (2.9",
            "Uploaded to s3://acm",
            "Waiting for acme-web",
            "Source: Upload succe",
            "Build: Image succeed",
            "The pipeline acme-we",
        ]

    @pytest.mark.parametrize("cloud", [BROKEN], indirect=True)
    def test_a_failure_is_3(self, shop: Path, cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
        assert package(shop, "--pipeline", "acme-web", "--wait", "--timeout", "60s") == 3
        last = capsys.readouterr().err.splitlines()[-1]
        assert last == "cdlint: The action Image of the stage Build failed: No Docker."
        assert len(cloud.versions()) == 1

    @pytest.mark.parametrize("cloud", [[("InProgress", [])]], indirect=True)
    def test_a_time_out_is_3(self, shop: Path, cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
        assert package(shop, "--pipeline", "acme-web", "--wait", "--timeout", "1s") == 3
        assert "did not end within" in capsys.readouterr().err.splitlines()[-1]
        assert cloud.service.executions

    def test_start(self, shop: Path, cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
        assert package(shop, "--pipeline", "acme-web", "--start", "--json") == 0
        facts = json.loads(capsys.readouterr().out)
        (request,) = cloud.service.started
        assert request["sourceRevisions"][0]["revisionValue"] == facts["version_id"]
        assert facts["execution_id"] == "execution-1"

    def test_start_of_v1_is_refused_before_anything_is_uploaded(
        self, shop: Path, cloud: Cloud, capsys: pytest.CaptureFixture[str]
    ) -> None:
        cloud.service.structure["pipelineType"] = "V1"
        assert package(shop, "--pipeline", "acme-web", "--start") == 2
        assert "type V1" in capsys.readouterr().err
        assert not cloud.versions()

    def test_an_address_that_the_pipeline_does_not_read(
        self, shop: Path, cloud: Cloud, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert package(shop, "--to", f"s3://{BUCKET}/other.zip", "--pipeline", "acme-web", "--wait") == 2
        assert f"the pipeline acme-web reads s3://{BUCKET}/{KEY}" in capsys.readouterr().err
        assert not cloud.versions()


class TestExample:
    """The article's buildspec with `cdlint package`, its commands run as CodeBuild does."""

    @pytest.fixture
    def source(self, tmp_path: Path) -> Path:
        folder = tmp_path / "source"
        shutil.copytree(ROOT / "examples/article", folder)
        (folder / "test.sh").write_text("#!/bin/sh\necho tested\n", newline="\n")
        (folder / "test.sh").chmod(0o755)
        git(folder, "init", "--quiet", "--initial-branch=master")
        commit(folder, "The article, put right")
        git(folder, "checkout", "--quiet", "--detach")
        return folder

    def build(self, source: Path, tmp_path: Path, **variables: str) -> str:
        """Run the buildspec; what it printed."""
        programs = tmp_path / "programs"
        programs.mkdir(exist_ok=True)
        for name, text in (
            ("pip", "#!/bin/sh\n"),
            ("cdlint", f'#!/bin/sh\nexec "{sys.executable}" -m cdlint "$@"\n'),
        ):
            (programs / name).write_text(text, newline="\n")
            (programs / name).chmod(0o755)
        spec = yaml.safe_load((source / "integrate.buildspec.yml").read_text(encoding="utf-8"))
        environment = {
            **os.environ,
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT / "src"),
            "CODEBUILD_BUILD_ID": "integrate:1",
            "CODEBUILD_BUILD_SUCCEEDING": "1",
            "CODEBUILD_SRC_DIR": str(source),
            **variables,
        }
        told = ""
        for phase in ("install", "build", "post_build"):
            for command in spec["phases"][phase]["commands"]:
                done = subprocess.run(
                    [spec["env"]["shell"], "-c", command],
                    cwd=source,
                    env=environment,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                    encoding="utf-8",
                    check=False,
                )
                told += done.stdout
                assert done.returncode == 0, told
        return told

    def test_on_the_branch_it_is_uploaded_and_the_pipeline_runs(
        self, source: Path, cloud: Cloud, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        told = self.build(source, tmp_path, CODEBUILD_WEBHOOK_HEAD_REF="refs/heads/master")
        assert "tested" in told
        assert f"Uploaded to s3://{BUCKET}/{KEY}" in told
        (version,) = cloud.versions()
        arrived = tmp_path / "arrived.zip"
        cloud.s3.download_file(BUCKET, KEY, str(arrived))
        assert contents(arrived)["test.sh"].startswith(b"#!/bin/sh")
        assert package(source, "--pipeline", "acme-web", "--wait", "--json", "--branch", "master") == 0
        facts = json.loads(capsys.readouterr().out)
        assert (facts["uploaded"], facts["version_id"], facts["status"]) == (False, version, "Succeeded")

    @pytest.mark.parametrize(
        "variables",
        [
            {"CODEBUILD_WEBHOOK_HEAD_REF": "refs/heads/feature"},
            {
                "CODEBUILD_WEBHOOK_HEAD_REF": "refs/heads/master",
                "CODEBUILD_WEBHOOK_EVENT": "PULL_REQUEST_CREATED",
            },
            {"CODEBUILD_WEBHOOK_HEAD_REF": "refs/tags/v1"},
        ],
    )
    def test_elsewhere_nothing_is_uploaded(
        self, source: Path, cloud: Cloud, tmp_path: Path, variables: dict[str, str]
    ) -> None:
        assert "nothing packed: " in self.build(source, tmp_path, **variables)
        assert not cloud.versions()

    def test_a_build_that_fails_uploads_nothing(self, source: Path, cloud: Cloud, tmp_path: Path) -> None:
        self.build(
            source, tmp_path, CODEBUILD_WEBHOOK_HEAD_REF="refs/heads/master", CODEBUILD_BUILD_SUCCEEDING="0"
        )
        assert not cloud.versions()


class TestSettings:
    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ({}, "say where to"),
            ({"to": "s3://a/b", "output": "x"}, "--to and --output exclude each other"),
            ({"pipeline": "p", "output": "x"}, "--pipeline and --output exclude each other"),
            ({"to": "s3://a/b", "wait": True}, "need --pipeline"),
            ({"output": "x", "wait": True}, "uploads nothing"),
            ({"to": "s3://a/b", "action": "A"}, "--action is the name of an action of --pipeline"),
            ({"output": "x", "ref": "v1", "working_tree": True}, "--ref and --working-tree"),
            ({"output": "x", "git": "none", "git_remote": "https://x"}, "--git-remote has no meaning"),
            ({"to": "s3://a/b", "kms_key": "k"}, "--kms-key needs"),
            ({"output": "x", "level": "0"}, "--level: `0` is no number from 1 to 9"),
            ({"output": "x", "jobs": "many"}, "--jobs: `many`"),
            ({"pipeline": "p", "timeout": "soon"}, "--timeout: `soon` is no time"),
            ({"pipeline": "p", "timeout": "0"}, "--timeout: `0`"),
        ],
    )
    def test_what_does_not_go_together(self, options: dict[str, object], words: str) -> None:
        with pytest.raises(PackageError, match=words):
            Settings(options, {})

    def test_the_command_line_lies_over_the_configuration(self) -> None:
        configured = {"to": "s3://a/b.zip", "branch": ["dev"], "git": "full", "check": False, "level": 3}
        plain = Settings({}, configured)
        assert (plain.to, plain.branches, plain.git, plain.check, plain.level) == (
            *("s3://a/b.zip", ("dev",), "full", False, 3),
        )
        over = Settings({"pipeline": "p", "branch": ["main"], "git": "none", "level": "9"}, configured)
        assert (over.to, over.pipeline, over.branches, over.git, over.level) == (
            None,
            "p",
            ("main",),
            "none",
            9,
        )

    @pytest.mark.parametrize(
        ("given", "seconds"), [("90", 90), ("90s", 90), ("30m", 1800), ("2h", 7200), (None, 3600)]
    )
    def test_times(self, given: str | None, seconds: float) -> None:
        assert Settings({"output": "x", "timeout": given}, {}).timeout == seconds

    def test_a_configuration_file(self, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        out = tmp_path / "out.zip"
        (shop / "pyproject.toml").write_text(
            f'[tool.cdlint.package]\noutput = "{out.as_posix()}"\nbranch = ["main"]\ngit = "none"\nexclude = ["src"]\n'
        )
        assert package(shop) == 0
        assert not any(name.startswith(("src/", ".git/")) for name in contents(out))
        monkeypatch.chdir(shop)
        assert package(Path("."), "--branch", "dev") == 0

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ('[package]\ngti = "full"\n', "package.gti is no setting of cdlint; did you mean git?"),
            ('[package]\ngit = "deep"\n', "package.git must be shallow, full or none"),
            ('[package]\nbranch = "main"\n', "package.branch must be a list of strings"),
            ("[package]\nwait = 1\n", "package.wait must be true or false"),
            ("[package]\nlevel = true\n", "package.level must be a number"),
            ("package = 1\n", "package must be a table"),
        ],
    )
    def test_a_wrong_configuration(
        self, shop: Path, text: str, words: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (shop / "cdlint.toml").write_text(text)
        assert package(shop, "--output", "x.zip") == 2
        assert words in capsys.readouterr().err


class TestOutput:
    def test_json_says_why_nothing_was_packed(
        self, shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        out = tmp_path / "x.zip"
        assert package(shop, "--output", str(out), "--branch", "dev", "--json") == 0
        facts = json.loads(capsys.readouterr().out)
        assert facts["packed"] is False
        assert facts["reason"] == "the branch is main and not dev, as git has it checked out"
        assert not out.exists()

    def test_any_branch(self, shop: Path, tmp_path: Path) -> None:
        out = tmp_path / "x.zip"
        assert package(shop, "--output", str(out), "--branch", "dev", "--any-branch") == 0
        assert out.exists()

    def test_quiet(self, shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert package(shop, "--output", str(tmp_path / "x.zip"), "--quiet") == 0
        out = capsys.readouterr()
        assert (out.out, out.err) == ("", "")

    def test_joins_are_looked_at_in_what_is_packed(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        folder = tmp_path / "joined"
        shutil.copytree(ROOT / "examples/article", folder)
        text = (folder / "deploy.buildspec.yml").read_text(encoding="utf-8")
        (folder / "deploy.buildspec.yml").write_text(
            text.replace("    - imagedefinitions.json", "    - imagedefinition.json"),
            encoding="utf-8",
            newline="\n",
        )
        git(folder, "init", "--quiet", "--initial-branch=main")
        commit(folder, "Joined")
        # What lies in the folder now does not count: the commit is packed.
        (folder / "deploy.buildspec.yml").write_text(text, encoding="utf-8", newline="\n")
        assert package(folder, "--output", str(tmp_path / "x.zip")) == 1
        assert "deploy.buildspec.yml:" in capsys.readouterr().err
        commit(folder, "Mended")
        assert package(folder, "--output", str(tmp_path / "x.zip")) == 0

    def test_a_temporary_zip_is_gone_afterwards(
        self, shop: Path, cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import tempfile

        private = tmp_path / "tmp"
        private.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(private))
        assert package(shop, "--pipeline", "acme-web") == 0
        assert package(shop, "--pipeline", "acme-web", "--force", "--git", "full") == 0
        assert len(cloud.versions()) == 2
        assert os.listdir(private) == []

    @pytest.mark.skipif(sys.platform == "win32", reason="has no such signals")
    @pytest.mark.parametrize("sent", ["SIGTERM", "SIGINT"])
    def test_a_signal_leaves_nothing_behind(self, shop: Path, tmp_path: Path, sent: str) -> None:
        import signal

        (shop / "large").write_bytes(os.urandom(60 * 1024**2))
        commit(shop, "Large")
        private, out = tmp_path / "tmp", tmp_path / "out"
        private.mkdir()
        out.mkdir()
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "cdlint",
                "package",
                str(shop),
                "--output",
                str(out / "x.zip"),
                "--git",
                "full",
            ],
            env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "TMPDIR": str(private)},
            stderr=subprocess.DEVNULL,
        )
        try:
            while process.poll() is None and not os.listdir(out):
                pass
            process.send_signal(getattr(signal, sent))
            assert process.wait(60) in (130, 143, 0)
        finally:
            process.kill()
            process.wait()
        assert os.listdir(private) == []
        assert os.listdir(out) in ([], ["x.zip"])

    def test_no_folder(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert package(tmp_path / "no", "--output", "x") == 2
        assert "is no folder" in capsys.readouterr().err

    def test_a_repository_without_commits(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        git(tmp_path, "init", "--quiet", "--initial-branch=main")
        assert package(tmp_path, "--output", str(tmp_path / "x.zip")) == 2
        assert "no commits yet" in capsys.readouterr().err

    def test_no_git(
        self, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        assert package(shop, "--output", str(tmp_path / "x.zip")) == 2
        assert "git is not installed" in capsys.readouterr().err

    def test_a_folder_of_another_owner(
        self, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        if not hasattr(os, "geteuid") or os.geteuid() != 0:
            pytest.skip("only root can give files away")
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        for path in (shop, *shop.rglob("*")):
            os.lchown(path, 12345, 12345)
        assert package(shop, "--output", str(tmp_path / "x.zip")) == 2
        assert f"git config --global --add safe.directory '{shop}'" in capsys.readouterr().err

    def test_the_zip_is_for_everybody_to_read(self, shop: Path, tmp_path: Path) -> None:
        out = tmp_path / "x.zip"
        old = os.umask(0o022)
        try:
            assert package(shop, "--output", str(out)) == 0
        finally:
            os.umask(old)
        assert stat.S_IMODE(out.stat().st_mode) == 0o644
