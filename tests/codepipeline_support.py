"""A small CodePipeline on loopback: it sees new versions of its source, and runs as a test has written it down."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def pipeline(name: str, bucket: str, key: str, kind: str = "V2", **more: str) -> dict[str, Any]:
    """The structure of a pipeline with an S3 source and a build."""
    return {
        "name": name,
        "roleArn": "arn:aws:iam::111122223333:role/pipeline",
        "artifactStore": {"type": "S3", "location": "artifacts-of-shop"},
        "pipelineType": kind,
        "version": 1,
        "stages": [
            {
                "name": "Source",
                "actions": [
                    {
                        "name": "Upload",
                        "actionTypeId": {
                            "category": "Source",
                            "owner": "AWS",
                            "provider": "S3",
                            "version": "1",
                        },
                        "configuration": {
                            "S3Bucket": bucket,
                            "S3ObjectKey": key,
                            "PollForSourceChanges": "false",
                            **more,
                        },
                        "outputArtifacts": [{"name": "Code"}],
                    }
                ],
            },
            {
                "name": "Build",
                "actions": [
                    {
                        "name": "Image",
                        "actionTypeId": {
                            "category": "Build",
                            "owner": "AWS",
                            "provider": "CodeBuild",
                            "version": "1",
                        },
                        "configuration": {"ProjectName": "image"},
                        "inputArtifacts": [{"name": "Code"}],
                    }
                ],
            },
        ],
    }


def action(stage: str, name: str, status: str, category: str = "Build", **result: Any) -> dict[str, Any]:
    """One action of an execution, as ListActionExecutions has it."""
    return {
        "actionExecutionId": f"{stage}/{name}",
        "stageName": stage,
        "actionName": name,
        "status": status,
        "input": {
            "actionTypeId": {"category": category, "owner": "AWS", "provider": "CodeBuild", "version": "1"}
        },
        "output": {"executionResult": result},
    }


#: What one look at an execution shows: its status and its actions, oldest first.
Look = tuple[str, list[dict[str, Any]]]


class CodePipeline:
    """`source` gives the version of the source that is there now; `looks` what the looks at an execution show."""

    def __init__(
        self, structure: dict[str, Any], looks: list[Look], source: Callable[[], str | None]
    ) -> None:
        self.structure = structure
        self.looks = looks
        self.source = source
        self.started: list[dict[str, Any]] = []
        self.executions: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.wrong: list[str] = []

    def answer(self, name: str, request: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(name)
        if self.wrong:
            return {"__type": self.wrong.pop(0), "message": "for the test"}
        if name == "GetPipeline":
            if request["name"] != self.structure["name"]:
                return {"__type": "PipelineNotFoundException", "message": "no such pipeline"}
            return {"pipeline": self.structure}
        if name == "StartPipelineExecution":
            self.started.append(request)
            return {"pipelineExecutionId": self._begin(request["sourceRevisions"][0]["revisionValue"])}
        if name == "ListPipelineExecutions":
            version = self.source()
            if version and not any(one["version"] == version for one in self.executions):
                self._begin(version)
            return {"pipelineExecutionSummaries": [self._shown(one) for one in self.executions]}
        if name == "ListActionExecutions":
            execution = request["filter"]["pipelineExecutionId"]
            one = next(one for one in self.executions if one["id"] == execution)
            return {"actionExecutionDetails": self._look(one)[1][::-1]}
        return {"__type": "NotImplemented", "message": name}

    def _begin(self, version: str) -> str:
        execution = f"execution-{len(self.executions) + 1}"
        self.executions.insert(0, {"id": execution, "version": version, "looks": 0})
        return execution

    def _look(self, one: dict[str, Any]) -> Look:
        return self.looks[min(one["looks"], len(self.looks)) - 1]

    def _shown(self, one: dict[str, Any]) -> dict[str, Any]:
        one["looks"] += 1
        return {
            "pipelineExecutionId": one["id"],
            "status": self._look(one)[0],
            "sourceRevisions": [{"actionName": "Upload", "revisionId": one["version"]}],
        }


@contextmanager
def serving(service: CodePipeline) -> Iterator[str]:
    """The service on loopback; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = service.answer(self.headers["X-Amz-Target"].rpartition(".")[2], body)
            data = json.dumps(answer).encode()
            self.send_response(400 if "__type" in answer else 200)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
