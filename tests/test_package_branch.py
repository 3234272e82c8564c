"""On which branch a run of `cdlint package` is: every case that the documentation of the systems knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdlint.packaging.branch import decide
from cdlint.packaging.errors import PackageError
from cdlint.packaging.git import Git
from packaging_support import make_repository, no_ci
from support import git

WANTED = ("master", "main")
CODEBUILD = {"CODEBUILD_BUILD_ID": "shop:1"}
GITHUB = {"GITHUB_ACTIONS": "true"}
SHA = "1234567890123456789012345678901234567890"


@pytest.fixture(autouse=True)
def _no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    no_ci(monkeypatch)


@pytest.mark.parametrize(
    ("variables", "branch", "is_wanted"),
    [
        # CodeBuild, started by a webhook
        ({"CODEBUILD_WEBHOOK_HEAD_REF": "refs/heads/master"}, "master", True),
        ({"CODEBUILD_WEBHOOK_HEAD_REF": "refs/heads/main", "CODEBUILD_WEBHOOK_EVENT": "PUSH"}, "main", True),
        ({"CODEBUILD_WEBHOOK_HEAD_REF": "refs/heads/feature/main"}, "feature/main", False),
        ({"CODEBUILD_WEBHOOK_HEAD_REF": "refs/heads/mainline"}, "mainline", False),
        ({"CODEBUILD_WEBHOOK_HEAD_REF": "refs/tags/main"}, None, False),
        ({"CODEBUILD_WEBHOOK_TRIGGER": "branch/main"}, "main", True),
        ({"CODEBUILD_WEBHOOK_TRIGGER": "branch/dev"}, "dev", False),
        ({"CODEBUILD_WEBHOOK_TRIGGER": "tag/v1"}, None, False),
        ({"CODEBUILD_WEBHOOK_TRIGGER": "pr/12"}, None, False),
        (
            {"CODEBUILD_WEBHOOK_HEAD_REF": "refs/heads/main", "CODEBUILD_WEBHOOK_TRIGGER": "branch/dev"},
            None,
            False,
        ),
        # A pull request from a branch that is called main, as forks have it
        (
            {
                "CODEBUILD_WEBHOOK_HEAD_REF": "refs/heads/main",
                "CODEBUILD_WEBHOOK_EVENT": "PULL_REQUEST_CREATED",
            },
            None,
            False,
        ),
        (
            {
                "CODEBUILD_WEBHOOK_HEAD_REF": "refs/heads/main",
                "CODEBUILD_WEBHOOK_EVENT": "PULL_REQUEST_MERGED",
            },
            None,
            False,
        ),
        ({"CODEBUILD_WEBHOOK_HEAD_REF": "refs/heads/main", "CODEBUILD_SOURCE_VERSION": "pr/7"}, None, False),
        # CodeBuild, started otherwise
        ({"CODEBUILD_SOURCE_VERSION": "main"}, "main", True),
        ({"CODEBUILD_SOURCE_VERSION": "refs/heads/main"}, "main", True),
        ({"CODEBUILD_SOURCE_VERSION": f"refs/heads/main^{{{SHA}}}"}, "main", True),
        ({"CODEBUILD_SOURCE_VERSION": "refs/tags/v1"}, None, False),
        ({"CODEBUILD_SOURCE_VERSION": "dev"}, "dev", False),
        ({"CODEBUILD_SOURCE_VERSION": SHA}, None, False),
        ({}, None, False),
        (
            {
                "CODEBUILD_SOURCE_VERSION": "arn:aws:s3:::artifacts/shop/SourceArti/x",
                "CODEBUILD_INITIATOR": "codepipeline/shop",
            },
            None,
            False,
        ),
    ],
)
def test_codebuild(variables: dict[str, str], branch: str | None, is_wanted: bool) -> None:
    found = decide({**CODEBUILD, **variables}, None, WANTED)
    assert (found.branch, found.is_wanted) == (branch, is_wanted), found.reason
    assert found.reason


@pytest.mark.parametrize(
    ("variables", "branch", "is_wanted"),
    [
        ({"GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/heads/main"}, "main", True),
        ({"GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/heads/dev"}, "dev", False),
        ({"GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/tags/main"}, None, False),
        ({"GITHUB_EVENT_NAME": "schedule", "GITHUB_REF": "refs/heads/main"}, "main", True),
        ({"GITHUB_EVENT_NAME": "workflow_dispatch", "GITHUB_REF": "refs/heads/master"}, "master", True),
        (
            {
                "GITHUB_EVENT_NAME": "pull_request",
                "GITHUB_REF": "refs/pull/3/merge",
                "GITHUB_HEAD_REF": "main",
            },
            None,
            False,
        ),
        # There GITHUB_REF is the base branch
        ({"GITHUB_EVENT_NAME": "pull_request_target", "GITHUB_REF": "refs/heads/main"}, None, False),
        (
            {"GITHUB_EVENT_NAME": "merge_group", "GITHUB_REF": "refs/heads/gh-readonly-queue/main/pr-1"},
            None,
            False,
        ),
        # There GITHUB_REF is the default branch, whatever ran before
        ({"GITHUB_EVENT_NAME": "workflow_run", "GITHUB_REF": "refs/heads/main"}, None, False),
    ],
)
def test_github(variables: dict[str, str], branch: str | None, is_wanted: bool) -> None:
    found = decide({**GITHUB, **variables}, None, WANTED)
    assert (found.branch, found.is_wanted) == (branch, is_wanted), found.reason


def test_variables_of_a_system_that_does_not_run_say_nothing(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "shop", "dev")
    variables = {"CODEBUILD_WEBHOOK_HEAD_REF": "refs/heads/main", "GITHUB_REF": "refs/heads/main"}
    assert decide(variables, Git(str(repository)), WANTED).branch == "dev"


@pytest.mark.parametrize(
    ("wanted", "branch", "is_wanted"),
    [
        (("release/*",), "release/1", True),
        (("release/*",), "release/1/2", False),
        (("release/**",), "release/1/2", True),
        (("*",), "dev", True),
        (("*",), "a/b", False),
        (("dev",), "dev", True),
        (("dev",), "a/dev", False),
        (("main",), "main/old", False),
    ],
)
def test_patterns(wanted: tuple[str, ...], branch: str, is_wanted: bool) -> None:
    variables = {**GITHUB, "GITHUB_REF": f"refs/heads/{branch}"}
    assert decide(variables, None, wanted).is_wanted is is_wanted


class TestGit:
    """What git says where no system does."""

    @pytest.fixture
    def upstream(self, tmp_path: Path) -> Path:
        return make_repository(tmp_path / "upstream")

    @pytest.fixture
    def clone(self, tmp_path: Path, upstream: Path) -> Path:
        git(tmp_path, "clone", "--quiet", str(upstream), "clone")
        return tmp_path / "clone"

    def decided(self, folder: Path, **more: str | None) -> tuple[str | None, bool]:
        found = decide({}, Git(str(folder)), WANTED, more.get("ref"))
        return found.branch, found.is_wanted

    def test_the_branch_that_is_checked_out(self, clone: Path) -> None:
        assert self.decided(clone) == ("main", True)
        git(clone, "checkout", "--quiet", "-b", "dev")
        assert self.decided(clone) == ("dev", False)

    def test_a_detached_head_at_a_remote_branch(self, clone: Path) -> None:
        git(clone, "checkout", "--quiet", "--detach")
        assert self.decided(clone) == ("main", True)

    def test_a_detached_head_at_two_remote_branches(self, clone: Path, upstream: Path) -> None:
        git(upstream, "branch", "dev")
        git(clone, "fetch", "--quiet")
        git(clone, "checkout", "--quiet", "--detach")
        assert self.decided(clone) == (None, False)
        found = decide({}, Git(str(clone)), WANTED)
        assert "dev, main" in found.reason

    def test_a_detached_head_at_none(self, clone: Path) -> None:
        git(clone, "checkout", "--quiet", "--detach", "HEAD~1")
        assert self.decided(clone) == (None, False)

    def test_one_branch_of_two_remotes(self, clone: Path, upstream: Path) -> None:
        git(clone, "remote", "add", "a/b", str(upstream))
        git(clone, "fetch", "--quiet", "a/b")
        git(clone, "checkout", "--quiet", "--detach")
        assert self.decided(clone) == ("main", True)

    def test_a_detached_head_without_remotes(self, upstream: Path) -> None:
        git(upstream, "checkout", "--quiet", "--detach")
        assert self.decided(upstream) == ("main", True)

    def test_a_local_branch_does_not_count_where_there_are_remotes(self, clone: Path) -> None:
        git(clone, "checkout", "--quiet", "--detach", "HEAD~1")
        git(clone, "branch", "--force", "master", "HEAD")
        assert self.decided(clone) == (None, False)

    def test_codebuild_names_a_commit(self, clone: Path) -> None:
        git(clone, "checkout", "--quiet", "--detach")
        commit = git(clone, "rev-parse", "HEAD").strip()
        variables = {**CODEBUILD, "CODEBUILD_SOURCE_VERSION": commit}
        assert decide(variables, Git(str(clone)), WANTED).branch == "main"

    def test_codebuild_names_a_tag(self, clone: Path) -> None:
        git(clone, "tag", "main")
        variables = {**CODEBUILD, "CODEBUILD_SOURCE_VERSION": "main"}
        assert decide(variables, Git(str(clone)), WANTED).branch is None

    def test_codebuild_in_a_pipeline_with_a_full_clone(self, clone: Path) -> None:
        git(clone, "checkout", "--quiet", "--detach")
        variables = {
            **CODEBUILD,
            "CODEBUILD_INITIATOR": "codepipeline/shop",
            "CODEBUILD_SOURCE_VERSION": "arn:aws:s3:::artifacts/x",
        }
        assert decide(variables, Git(str(clone)), WANTED).branch == "main"

    def test_a_ref_tells_the_branch(self, clone: Path) -> None:
        git(clone, "checkout", "--quiet", "-b", "dev")
        git(clone, "commit", "--quiet", "--allow-empty", "--message", "More")
        git(clone, "tag", "v1", "main")
        assert self.decided(clone, ref="main") == ("main", True)
        assert self.decided(clone, ref="origin/main") == ("main", True)
        assert self.decided(clone, ref="v1") == ("main", True)
        assert self.decided(clone, ref="dev") == ("dev", False)
        assert self.decided(clone, ref="HEAD") == ("dev", False)

    def test_a_ref_does_not_make_a_pull_request_good(self, clone: Path) -> None:
        variables = {**GITHUB, "GITHUB_EVENT_NAME": "pull_request"}
        assert not decide(variables, Git(str(clone)), WANTED, "main").is_wanted

    def test_no_commits(self, tmp_path: Path) -> None:
        git(tmp_path, "init", "--quiet", "--initial-branch=main")
        assert self.decided(tmp_path) == ("main", True)

    def test_no_repository(self, tmp_path: Path) -> None:
        with pytest.raises(PackageError, match="--working-tree"):
            Git(str(tmp_path))
