"""The execution of the pipeline that carries what was uploaded: started, found, followed to its end."""

from __future__ import annotations

import time

from .aws import code_of, failures, told
from .errors import PackageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .target import Target

#: Of these nothing more will come. Source: CodePipeline's API, PipelineExecutionSummary.
ENDED = frozenset(("Succeeded", "Failed", "Stopped", "Superseded", "Cancelled"))
#: How long between two looks, in seconds: at first, and at most.
_SHORTEST, _LONGEST = 2.0, 10.0
#: So many executions are looked through for a version.
_LOOKED_AT = 100
_SLOW = frozenset(("ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded"))


class Clock:
    """Time, as the following needs it; tests have one of their own."""

    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class Outcome:
    """How it ended: a status of CodePipeline, `NotStarted` or `TimedOut`; and why, in one sentence."""

    def __init__(self, status: str, execution: str | None, reason: str) -> None:
        self.status = status
        self.execution = execution
        self.reason = reason


def start(client: Any, target: Target, version: str) -> str:
    """Start the pipeline with one version of its source; the name of the execution.

    Raises:
        PackageError: The pipeline is of type V1, which takes no version, or it cannot be started.
    """
    if not target.is_v2:
        raise PackageError(
            f"the pipeline {target.pipeline} is of type V1, which cannot be started with a version of its source; "
            "leave out --start: an event rule, or its polling, starts it"
        )
    revision = {"actionName": target.action, "revisionType": "S3_OBJECT_VERSION_ID", "revisionValue": version}
    try:
        answer = client.start_pipeline_execution(name=target.pipeline, sourceRevisions=[revision])
    except failures() as error:
        raise told(
            error, f"starting the pipeline {target.pipeline}", "codepipeline:StartPipelineExecution"
        ) from None
    return str(answer["pipelineExecutionId"])


class Follower:
    """Follows one execution; `say` gets a line for each step."""

    def __init__(
        self, client: Any, target: Target, say: Callable[[str], None], clock: Clock | None = None
    ) -> None:
        self.client = client
        self.target = target
        self.say = say
        self.clock = clock or Clock()
        self._told: dict[str, str] = {}
        self._details = True

    def find(self, version: str, timeout: float) -> str | None:
        """The newest execution whose source is this version; None if there is none in time."""
        until = self.clock.now() + timeout
        wait = _SHORTEST
        while True:
            for one in self._executions():
                if any(revision.get("revisionId") == version for revision in one.get("sourceRevisions", ())):
                    return str(one["pipelineExecutionId"])
            if self.clock.now() + wait > until:
                return None
            self.clock.sleep(wait)
            wait = min(_LONGEST, wait * 1.5)

    def follow(self, execution: str, timeout: float) -> Outcome:
        """Wait for the end of an execution.

        Raises:
            PackageError: AWS does not say how it goes.
        """
        until = self.clock.now() + timeout
        wait = _SHORTEST
        while True:
            status = self._status(execution)
            actions = self._actions(execution)
            self._tell(actions)
            if status in ENDED:
                return Outcome(status, execution, self._reason(status, execution, actions))
            if self.clock.now() + wait > until:
                return Outcome("TimedOut", execution, self._unfinished(status, actions, timeout))
            self.clock.sleep(wait)
            wait = min(_LONGEST, wait * 1.2)

    # --- asking -----------------------------------------------------------------------------------

    def _executions(self) -> list[dict[str, Any]]:
        """The newest executions, newest first."""
        found: list[dict[str, Any]] = []
        token: dict[str, str] = {}
        while len(found) < _LOOKED_AT:
            try:
                answer = self.client.list_pipeline_executions(
                    pipelineName=self.target.pipeline, maxResults=_LOOKED_AT, **token
                )
            except failures() as error:
                if code_of(error) in _SLOW:
                    return found  # the next look will do
                raise told(
                    error,
                    f"asking for the executions of {self.target.pipeline}",
                    "codepipeline:ListPipelineExecutions",
                ) from None
            found += answer.get("pipelineExecutionSummaries", ())
            if not answer.get("nextToken"):
                break
            token = {"nextToken": answer["nextToken"]}
        return found

    def _status(self, execution: str) -> str:
        for one in self._executions():
            if one["pipelineExecutionId"] == execution:
                return str(one.get("status", "InProgress"))
        return "InProgress"

    def _actions(self, execution: str) -> list[dict[str, Any]]:
        """The actions of an execution in the order in which they began; none where nobody may look."""
        if not self._details:
            return []
        try:
            answer = self.client.list_action_executions(
                pipelineName=self.target.pipeline, filter={"pipelineExecutionId": execution}, maxResults=100
            )
        except failures() as error:
            if code_of(error) not in _SLOW:
                self._details = False
                self.say("note: the single actions cannot be seen (codepipeline:ListActionExecutions)")
            return []
        except NotImplementedError:
            self._details = False
            return []
        found: list[dict[str, Any]] = list(answer.get("actionExecutionDetails", ()))
        return found[::-1]

    # --- telling ----------------------------------------------------------------------------------

    def _tell(self, actions: list[dict[str, Any]]) -> None:
        for one in actions:
            key = str(one.get("actionExecutionId"))
            status = str(one.get("status"))
            if self._told.get(key) == status:
                continue
            self._told[key] = status
            name = f"{one.get('stageName')}: {one.get('actionName')}"
            if status == "InProgress" and _category(one) == "Approval":
                self.say(f"{name} waits for somebody's approval{_link(one)}")
            elif status == "InProgress":
                self.say(f"{name} has begun")
            elif status == "Succeeded":
                self.say(f"{name} succeeded")
            else:
                self.say(f"{name}: {status}")

    def _reason(self, status: str, execution: str, actions: list[dict[str, Any]]) -> str:
        name = self.target.pipeline
        if status == "Succeeded":
            return f"the pipeline {name} succeeded"
        if status == "Superseded":
            return f"a later execution of {name} has overtaken this one ({execution})"
        failed = [one for one in actions if one.get("status") in ("Failed", "Abandoned")]
        if not failed:
            return f"the execution {execution} of {name} ended as {status}"
        one = failed[-1]
        result = one.get("output", {}).get("executionResult", {})
        message = (
            result.get("errorDetails", {}).get("message") or result.get("externalExecutionSummary") or ""
        )
        said = f": {' '.join(str(message).split())[:600]}" if message else ""
        return (
            f"the action {one.get('actionName')} of the stage {one.get('stageName')} failed{said}{_link(one)}"
        )

    def _unfinished(self, status: str, actions: list[dict[str, Any]], timeout: float) -> str:
        running = [str(one.get("actionName")) for one in actions if one.get("status") == "InProgress"]
        at = f"; it is at {', '.join(running)}" if running else ""
        return f"the pipeline {self.target.pipeline} did not end within {timeout:g} s ({status}){at}"


def _category(action: dict[str, Any]) -> str:
    return str(action.get("input", {}).get("actionTypeId", {}).get("category", ""))


def _link(action: dict[str, Any]) -> str:
    url = action.get("output", {}).get("executionResult", {}).get("externalExecutionUrl")
    return f" ({url})" if url else ""
