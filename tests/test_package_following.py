"""Following an execution when not all goes well: pages, faults of the network, other executions, Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError

from cdlint.packaging.errors import PackageError
from cdlint.packaging.execution import Clock, Follower, start
from cdlint.packaging.target import Target
from codepipeline_support import action


class Quick(Clock):
    def __init__(self) -> None:
        self.at = 0.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.slept.append(seconds)
        self.at += seconds


def execution(
    name: str, status: str = "InProgress", version: str | None = None, **more: Any
) -> dict[str, Any]:
    found = {"pipelineExecutionId": name, "status": status, **more}
    if version is not None:
        found["sourceRevisions"] = [{"actionName": "Upload", "revisionId": version}]
    return found


class Client:
    """Each look shows the next of `looks` (the last one for ever); `page` executions come with an answer."""

    def __init__(self, looks: list[Any], actions: Any = (), page: int = 100, partition: str = "aws") -> None:
        self.looks = looks
        self.actions = actions
        self.page = page
        self.meta = SimpleNamespace(region_name="eu-west-1", partition=partition)
        self.asked = 0

    def list_pipeline_executions(
        self, pipelineName: str, maxResults: int, nextToken: str = "0"
    ) -> dict[str, Any]:
        look = self.looks[min(self.asked, len(self.looks) - 1)]
        at = int(nextToken)
        if isinstance(look, BaseException):
            self.asked += 1
            raise look
        is_last = at + self.page >= len(look)
        self.asked += is_last
        more = {} if is_last else {"nextToken": str(at + self.page)}
        return {"pipelineExecutionSummaries": look[at : at + self.page], **more}

    def list_action_executions(
        self, pipelineName: str, filter: dict[str, str], maxResults: int, nextToken: str = "0"
    ) -> dict[str, Any]:
        if isinstance(self.actions, Exception):
            raise self.actions
        newest_first = list(self.actions)[::-1]
        at = int(nextToken)
        more = {"nextToken": str(at + 2)} if at + 2 < len(newest_first) else {}
        return {"actionExecutionDetails": newest_first[at : at + 2], **more}


def target() -> Target:
    found = Target("shop-source", "shop.zip")
    found.pipeline, found.action, found.is_v2 = "shop", "Upload", True
    return found


def follower(client: Client) -> tuple[Follower, list[str], Quick]:
    said: list[str] = []
    clock = Quick()
    return Follower(client, target(), said.append, clock), said, clock


def wrong(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "for the test"}}, "Test")


CUT = ConnectionClosedError(endpoint_url="https://codepipeline.example/")


class TestFind:
    def test_the_newest_of_several(self) -> None:
        find = follower(Client([[execution("b", version="v"), execution("a", version="v")]]))[0].find
        assert find("v", 60) == "b"

    def test_the_source_action_takes_its_time(self) -> None:
        one, said, clock = follower(
            Client([[], [execution("a")], [execution("a")], [execution("a", version="v")]])
        )
        assert one.find("v", 60) == "a"
        assert said == []
        assert clock.slept == sorted(clock.slept) and len(clock.slept) == 3

    def test_the_time_is_used_to_its_end(self) -> None:
        client = Client([[]])
        one, _, clock = follower(client)
        assert one.find("v", 61) is None
        assert clock.at == 61
        assert max(clock.slept) <= 10

    def test_what_others_may_have_to_do_with_it(self) -> None:
        old = execution("old", "Succeeded", "v0")
        one, said, _ = follower(
            Client(
                [
                    [old],
                    [execution("x"), old],
                    [execution("y", version="v2"), execution("x", "Failed"), old],
                ]
            )
        )
        assert one.find("v1", 60) is None
        assert said == [
            "note: the execution y has begun with another version of the source",
            "note: the execution x failed before it had read its source",
        ]

    def test_no_permission_is_told_at_once(self) -> None:
        one, _, clock = follower(Client([wrong("AccessDeniedException")]))
        with pytest.raises(PackageError, match="needs codepipeline:ListPipelineExecutions"):
            one.find("v", 60)
        assert clock.at == 0

    def test_an_address_that_was_never_reached_is_told_at_once(self) -> None:
        error = EndpointConnectionError(endpoint_url="https://codepipeline.nowhere-1.example/")
        one, _, clock = follower(Client([error]))
        with pytest.raises(PackageError, match=r"cannot be reached: codepipeline\.nowhere-1\.example"):
            one.find("v", 60)
        assert clock.at == 0

    def test_being_asked_too_often_is_borne_to_the_end(self) -> None:
        one, said, _ = follower(Client([wrong("ThrottlingException")] * 20 + [[execution("a", version="v")]]))
        assert one.find("v", 600) == "a"
        assert said == []


class TestFollow:
    def test_one_beyond_the_first_page(self) -> None:
        many = [execution(f"other-{number}") for number in range(7)]
        done = follower(Client([[*many, execution("a", "Succeeded")]], page=3))[0].follow("a", 60)
        assert done.status == "Succeeded"

    def test_a_cut_connection_is_borne(self) -> None:
        looks = [[execution("a")], CUT, CUT, wrong("InternalFailure"), [execution("a", "Succeeded")]]
        assert follower(Client(looks))[0].follow("a", 600).status == "Succeeded"

    def test_but_not_for_ever(self) -> None:
        one, _, clock = follower(Client([[execution("a")], CUT]))
        with pytest.raises(PackageError) as caught:
            one.follow("a", 3600)
        assert str(caught.value) == (
            "asking for the executions of shop: the connection was cut (after some tries): codepipeline.example; "
            "the execution a goes on without being watched"
        )
        assert clock.at < 120

    def test_credentials_expire_while_waiting(self) -> None:
        one, _, _ = follower(Client([[execution("a")], wrong("ExpiredTokenException")]))
        with pytest.raises(PackageError, match=r"credentials have expired.*; the execution a goes on"):
            one.follow("a", 3600)

    def test_ctrl_c_does_not_stop_the_execution(self) -> None:
        one, said, _ = follower(Client([[execution("a")], KeyboardInterrupt()]))
        with pytest.raises(KeyboardInterrupt):
            one.follow("a", 3600)
        assert said == ["The execution a of shop goes on without being watched."]

    def test_an_execution_that_is_not_listed_yet(self) -> None:
        assert (
            follower(Client([[], [], [execution("a", "Succeeded")]]))[0].follow("a", 60).status == "Succeeded"
        )

    def test_what_overtook_it(self) -> None:
        later = [execution("d"), execution("c"), execution("b", "Superseded")]
        done = follower(Client([[*later, execution("a", "Superseded")]]))[0].follow("a", 60)
        assert done.reason == "a later execution of shop (c) has overtaken this one (a)"

    @pytest.mark.parametrize(
        ("status", "more", "reason"),
        [
            ("Stopped", {"stopTrigger": {"reason": "wrong\nbutton"}}, "ended as Stopped: wrong button"),
            (
                "Failed",
                {"statusSummary": "The entry condition failed"},
                "as Failed: The entry condition failed",
            ),
            ("Cancelled", {}, "the execution a of shop ended as Cancelled"),
        ],
    )
    def test_why_without_an_action_that_failed(self, status: str, more: dict[str, Any], reason: str) -> None:
        done = follower(Client([[execution("a", status, **more)]]))[0].follow("a", 60)
        assert done.status == status
        assert done.reason.endswith(reason)

    def test_many_actions(self) -> None:
        actions = [action("Test", f"T{number}", "Succeeded") for number in range(5)]
        one, said, _ = follower(Client([[execution("a", "Succeeded")]], actions))
        one.follow("a", 60)
        assert said == [f"Test: T{number} succeeded" for number in range(5)]

    def test_the_actions_may_not_be_looked_at(self) -> None:
        one, said, _ = follower(
            Client([[execution("a")]] * 3 + [[execution("a", "Failed")]], wrong("AccessDeniedException"))
        )
        assert one.follow("a", 60).reason == "the execution a of shop ended as Failed"
        assert said == ["note: the single actions cannot be seen (codepipeline:ListActionExecutions)"]

    @pytest.mark.parametrize(
        ("partition", "where"),
        [
            (
                "aws",
                " (https://console.aws.amazon.com/codesuite/codepipeline/pipelines/shop/view?region=eu-west-1)",
            ),
            ("aws-cn", ""),
        ],
    )
    def test_where_to_approve(self, partition: str, where: str) -> None:
        waiting = action("Ship", "Approve", "InProgress", "Approval")
        one, said, clock = follower(Client([[execution("a")]], [waiting], partition=partition))
        assert one.follow("a", 30).status == "TimedOut"
        assert clock.at == 30
        assert said == [f"Ship: Approve waits for somebody's approval{where}"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda: wrong("AccessDeniedException"), "needs codepipeline:StartPipelineExecution"),
        (lambda: wrong("ConflictException"), "starting the pipeline shop: ConflictException: for the test"),
    ],
)
def test_a_start_that_is_refused(answer: Callable[[], Exception], words: str) -> None:
    class Refusing:
        def start_pipeline_execution(self, **_: Any) -> Any:
            raise answer()

    with pytest.raises(PackageError, match=words):
        start(Refusing(), target(), "v1")
