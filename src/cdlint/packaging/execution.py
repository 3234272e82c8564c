"""The execution of the pipeline that carries what was uploaded: started, found, followed to its end."""

from __future__ import annotations

import time

from .aws import failures, is_slowed, may_pass, told
from .errors import PackageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from .target import Target

#: Of these nothing more will come. Source: CodePipeline's API, PipelineExecutionSummary.
ENDED = frozenset(("Succeeded", "Failed", "Stopped", "Superseded", "Cancelled"))
#: How long between two looks, in seconds: at first, and at most.
_SHORTEST, _LONGEST = 2.0, 10.0
#: So many executions come with an answer, and so many answers are looked through.
_PAGE, _PAGES = 100, 5
#: So often in a row may AWS be out of reach, once it has been reached.
_FAILURES = 5


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
    if not answer.get("pipelineExecutionId"):
        raise PackageError(f"starting the pipeline {target.pipeline}: whoever answers is not CodePipeline")
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
        self._failures = _FAILURES
        self._known: set[str] = set()

    def find(self, version: str, timeout: float) -> str | None:
        """The newest execution whose source is this version; None if there is none in time.

        Raises:
            PackageError: AWS does not say which executions there are.
        """
        until = self.clock.now() + timeout
        wait = _SHORTEST
        is_first = True
        while True:
            executions = list(self._executions(1))
            for one in executions:
                if version in self._revisions(one):
                    return str(one["pipelineExecutionId"])
            self._tell_others(executions, is_first)
            is_first = False
            left = until - self.clock.now()
            if left <= 0:
                return None
            self.clock.sleep(min(wait, left))
            wait = min(_LONGEST, wait * 1.5)

    def follow(self, execution: str, timeout: float) -> Outcome:
        """Wait for the end of an execution. Ctrl-C ends the waiting, and not the execution.

        Raises:
            PackageError: AWS does not say how it goes.
        """
        try:
            return self._follow(execution, timeout)
        except PackageError as error:
            raise PackageError(f"{error}; the execution {execution} goes on without being watched") from None
        except KeyboardInterrupt:
            self.say(f"The execution {execution} of {self.target.pipeline} goes on without being watched.")
            raise

    def _follow(self, execution: str, timeout: float) -> Outcome:
        until = self.clock.now() + timeout
        wait = _SHORTEST
        while True:
            summary, later = self._summary(execution)
            status = str(summary.get("status", "InProgress"))
            actions = self._actions(execution)
            self._tell(actions)
            if status in ENDED:
                return Outcome(status, execution, self._reason(summary, execution, actions, later))
            left = until - self.clock.now()
            if left <= 0:
                return Outcome("TimedOut", execution, self._unfinished(status, actions, timeout))
            self.clock.sleep(min(wait, left))
            wait = min(_LONGEST, wait * 1.2)

    # --- asking -----------------------------------------------------------------------------------

    def _executions(self, pages: int) -> Iterator[dict[str, Any]]:
        """The newest executions, newest first; fewer where AWS does not answer for once."""
        token: dict[str, str] = {}
        for _ in range(pages):
            try:
                answer = self.client.list_pipeline_executions(
                    pipelineName=self.target.pipeline, maxResults=_PAGE, **token
                )
            except failures() as error:
                self._bear(error)
                return
            self._failures = 0
            yield from answer.get("pipelineExecutionSummaries", ())
            if not answer.get("nextToken"):
                return
            token = {"nextToken": answer["nextToken"]}

    def _bear(self, error: Exception) -> None:
        """Being asked too often passes, and so may a fault of the network; anything else does not."""
        if is_slowed(error):
            return
        self._failures += 1
        if self._failures > _FAILURES or not may_pass(error):
            raise told(
                error,
                f"asking for the executions of {self.target.pipeline}",
                "codepipeline:ListPipelineExecutions",
            ) from None

    def _summary(self, execution: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """What is known of an execution (empty: nothing yet), and the later ones, newest first."""
        later: list[dict[str, Any]] = []
        for one in self._executions(_PAGES):
            if one.get("pipelineExecutionId") == execution:
                return one, later
            later.append(one)
        return {}, []

    def _revisions(self, execution: dict[str, Any]) -> set[str]:
        """The versions of the source; none before the source action has ended."""
        return {
            str(one["revisionId"]) for one in execution.get("sourceRevisions", ()) if one.get("revisionId")
        }

    def _actions(self, execution: str) -> list[dict[str, Any]]:
        """The actions of an execution in the order in which they began; none where nobody may look."""
        found: list[dict[str, Any]] = []
        token: dict[str, str] = {}
        for _ in range(_PAGES if self._details else 0):
            try:
                answer = self.client.list_action_executions(
                    pipelineName=self.target.pipeline,
                    filter={"pipelineExecutionId": execution},
                    maxResults=_PAGE,
                    **token,
                )
            except failures() as error:
                if not may_pass(error):
                    self._details = False
                    self.say("note: the single actions cannot be seen (codepipeline:ListActionExecutions)")
                return []
            found += answer.get("actionExecutionDetails", ())
            if not answer.get("nextToken"):
                break
            token = {"nextToken": answer["nextToken"]}
        return found[::-1]

    # --- telling ----------------------------------------------------------------------------------

    def _tell_others(self, executions: list[dict[str, Any]], is_first: bool) -> None:
        """Say what may be why the own execution does not come."""
        for one in executions:
            name = str(one.get("pipelineExecutionId"))
            revisions = self._revisions(one)
            if name in self._known or not (revisions or one.get("status") in ENDED):
                continue  # what its source is, nobody knows yet
            self._known.add(name)
            if is_first:
                continue
            if revisions:
                self.say(f"note: the execution {name} has begun with another version of the source")
            elif one.get("status") == "Failed":
                self.say(f"note: the execution {name} failed before it had read its source")

    def _tell(self, actions: list[dict[str, Any]]) -> None:
        for one in actions:
            key = str(one.get("actionExecutionId"))
            status = str(one.get("status"))
            if self._told.get(key) == status:
                continue
            self._told[key] = status
            name = f"{one.get('stageName')}: {one.get('actionName')}"
            if status == "InProgress" and _category(one) == "Approval":
                self.say(f"{name} waits for somebody's approval{_link(one) or self._console()}")
            elif status == "InProgress":
                self.say(f"{name} has begun")
            elif status == "Succeeded":
                self.say(f"{name} succeeded")
            else:
                self.say(f"{name}: {status}")

    def _console(self) -> str:
        """Where the pipeline is to be seen."""
        meta = getattr(self.client, "meta", None)
        region = getattr(meta, "region_name", None)
        if getattr(meta, "partition", None) != "aws" or not region:
            return ""
        return (
            " (https://console.aws.amazon.com/codesuite/codepipeline/pipelines/"
            f"{self.target.pipeline}/view?region={region})"
        )

    def _reason(
        self,
        summary: dict[str, Any],
        execution: str,
        actions: list[dict[str, Any]],
        later: list[dict[str, Any]],
    ) -> str:
        name = self.target.pipeline
        status = summary["status"]
        if status == "Succeeded":
            return f"the pipeline {name} succeeded"
        if status == "Superseded":
            by = _overtaker(later)
            return f"a later execution of {name}{by} has overtaken this one ({execution})"
        failed = [one for one in actions if one.get("status") in ("Failed", "Abandoned")]
        if status != "Failed" or not failed:
            stopped = summary.get("stopTrigger", {}).get("reason")
            said = " ".join(str(summary.get("statusSummary") or stopped or "").split())[:600]
            return f"the execution {execution} of {name} ended as {status}" + (f": {said}" if said else "")
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


def _overtaker(later: list[dict[str, Any]]) -> str:
    """The oldest of the later executions that was not itself overtaken."""
    names = [str(one["pipelineExecutionId"]) for one in later if one.get("status") != "Superseded"]
    return f" ({names[-1]})" if names else ""


def _category(action: dict[str, Any]) -> str:
    return str(action.get("input", {}).get("actionTypeId", {}).get("category", ""))


def _link(action: dict[str, Any]) -> str:
    url = action.get("output", {}).get("executionResult", {}).get("externalExecutionUrl")
    return f" ({url})" if url else ""
