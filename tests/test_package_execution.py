"""The execution that carries the upload: started, found, followed; and the target that a pipeline names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cdlint.packaging import target
from cdlint.packaging.aws import Aws
from cdlint.packaging.errors import PackageError
from cdlint.packaging.execution import Clock, Follower, Outcome, start
from codepipeline_support import CodePipeline, Look, action, pipeline, serving
from packaging_support import no_ci
from s3_support import no_aws

NAME, BUCKET, KEY = "shop", "shop-source", "shop.zip"


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    no_ci(monkeypatch)
    no_aws(monkeypatch, tmp_path)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")


class Quick(Clock):
    """A clock on which nobody waits."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds


def followed(
    looks: list[Look],
    version: str = "v1",
    seen: str | None = "v1",
    timeout: float = 600,
    wrong: tuple[str, ...] = (),
) -> tuple[Outcome | None, list[str], CodePipeline]:
    """What following a version of the source comes to, and what was said."""
    said: list[str] = []
    service = CodePipeline(pipeline(NAME, BUCKET, KEY), looks, lambda: seen)
    with serving(service) as address:
        client = Aws(None, None, address).client("codepipeline")
        where = target.of_pipeline(client, NAME, None)
        service.wrong = list(wrong)
        follower = Follower(client, where, said.append, Quick())
        execution = follower.find(version, timeout)
        outcome = follower.follow(execution, timeout) if execution else None
    return outcome, said, service


def test_success_is_seen_step_by_step() -> None:
    outcome, said, _ = followed(
        [
            ("InProgress", [action("Source", "Upload", "Succeeded", "Source")]),
            ("InProgress", [action("Source", "Upload", "Succeeded"), action("Build", "Image", "InProgress")]),
            ("Succeeded", [action("Source", "Upload", "Succeeded"), action("Build", "Image", "Succeeded")]),
        ]
    )
    assert outcome is not None and outcome.status == "Succeeded"
    assert said == ["Source: Upload succeeded", "Build: Image has begun", "Build: Image succeeded"]


def test_a_failure_names_the_action_and_its_message() -> None:
    result = {
        "errorDetails": {"code": "JobFailed", "message": "Build terminated with\nstate: FAILED"},
        "externalExecutionUrl": "https://console.example/build",
    }
    outcome, said, _ = followed(
        [
            ("InProgress", []),
            (
                "Failed",
                [action("Source", "Upload", "Succeeded"), action("Build", "Image", "Failed", **result)],
            ),
        ]
    )
    assert outcome is not None and outcome.status == "Failed"
    assert outcome.reason == (
        "the action Image of the stage Build failed: Build terminated with state: FAILED (https://console.example/build)"
    )
    assert said[-1] == "Build: Image: Failed"


def test_somebody_has_to_approve() -> None:
    waiting = action(
        "Ship", "Approve", "InProgress", "Approval", externalExecutionUrl="https://console.example/a"
    )
    outcome, said, _ = followed([("InProgress", [waiting])], timeout=30)
    assert outcome is not None and outcome.status == "TimedOut"
    assert "did not end within 30 s (InProgress); it is at Approve" in outcome.reason
    assert said == ["Ship: Approve waits for somebody's approval (https://console.example/a)"]


@pytest.mark.parametrize("status", ["Stopped", "Superseded", "Cancelled"])
def test_other_ends(status: str) -> None:
    outcome, _, _ = followed([("InProgress", []), (status, [])])
    assert outcome is not None and outcome.status == status


def test_an_execution_that_never_comes() -> None:
    outcome, _, service = followed([("Succeeded", [])], version="v2", timeout=60)
    assert outcome is None
    assert 3 < len(service.asked) < 30


def test_being_asked_too_often_is_borne() -> None:
    outcome, _, _ = followed([("InProgress", []), ("Succeeded", [])], wrong=("ThrottlingException",) * 2)
    assert outcome is not None and outcome.status == "Succeeded"


def test_no_permission_is_told() -> None:
    with pytest.raises(PackageError, match="needs codepipeline:ListPipelineExecutions"):
        followed([("Succeeded", [])], wrong=("AccessDeniedException",))


class TestStart:
    def started(self, kind: str) -> tuple[str, CodePipeline]:
        service = CodePipeline(pipeline(NAME, BUCKET, KEY, kind), [("Succeeded", [])], lambda: None)
        with serving(service) as address:
            client = Aws(None, None, address).client("codepipeline")
            return start(client, target.of_pipeline(client, NAME, None), "v7"), service

    def test_with_the_very_version(self) -> None:
        execution, service = self.started("V2")
        assert execution == "execution-1"
        (request,) = service.started
        assert request["name"] == NAME
        assert request["sourceRevisions"] == [
            {"actionName": "Upload", "revisionType": "S3_OBJECT_VERSION_ID", "revisionValue": "v7"}
        ]

    def test_not_in_v1(self) -> None:
        with pytest.raises(PackageError, match="type V1"):
            self.started("V1")


class TestTarget:
    def found(self, structure: dict[str, Any], name: str = NAME, wanted: str | None = None) -> target.Target:
        with serving(CodePipeline(structure, [], lambda: None)) as address:
            return target.of_pipeline(Aws(None, None, address).client("codepipeline"), name, wanted)

    def test_bucket_and_key(self) -> None:
        found = self.found(pipeline(NAME, BUCKET, KEY))
        assert (found.uri, found.action, found.is_v2, found.is_polled) == (
            f"s3://{BUCKET}/{KEY}",
            "Upload",
            True,
            False,
        )

    def test_polling_is_what_happens_without_a_word(self) -> None:
        structure = pipeline(NAME, BUCKET, KEY)
        del structure["stages"][0]["actions"][0]["configuration"]["PollForSourceChanges"]
        assert self.found(structure).is_polled

    def test_several_sources(self) -> None:
        structure = pipeline(NAME, BUCKET, KEY)
        actions = structure["stages"][0]["actions"]
        actions.append(
            {**actions[0], "name": "Other", "configuration": {"S3Bucket": "other-bucket", "S3ObjectKey": "k"}}
        )
        with pytest.raises(PackageError, match="--action Upload or Other"):
            self.found(structure)
        assert self.found(structure, wanted="Other").bucket == "other-bucket"
        with pytest.raises(PackageError, match="has no S3 source action Third; it has Upload and Other"):
            self.found(structure, wanted="Third")

    def test_no_source_in_s3(self) -> None:
        structure = pipeline(NAME, BUCKET, KEY)
        structure["stages"][0]["actions"][0]["actionTypeId"]["provider"] = "CodeCommit"
        with pytest.raises(PackageError, match="no S3 source action"):
            self.found(structure)

    def test_no_pipeline(self) -> None:
        with pytest.raises(PackageError, match="there is no pipeline other"):
            self.found(pipeline(NAME, BUCKET, KEY), "other")


def test_the_shape_of_the_calls() -> None:
    """The requests are what moto's model of the service takes."""
    import boto3
    from moto import mock_aws

    with mock_aws():
        iam = boto3.client("iam")
        role = iam.create_role(
            RoleName="pipeline",
            AssumeRolePolicyDocument=(
                '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", '
                '"Principal": {"Service": "codepipeline.amazonaws.com"}}]}'
            ),
        )["Role"]["Arn"]
        structure = {**pipeline(NAME, BUCKET, KEY), "roleArn": role}
        client = Aws(None, None, None).client("codepipeline")
        client.create_pipeline(pipeline=structure)
        found = target.of_pipeline(client, NAME, None)
        found.is_v2 = True  # moto does not keep the type
        assert found.uri == f"s3://{BUCKET}/{KEY}"
        execution = start(client, found, "v1")
        follower = Follower(client, found, lambda _: None, Quick())
        follower._details = False  # moto has no ListActionExecutions
        outcome = follower.follow(execution, 60)
        assert outcome.status in ("Succeeded", "TimedOut")
