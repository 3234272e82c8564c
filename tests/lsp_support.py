"""A client of the Language Server Protocol that speaks to `cdlint lsp` over its standard input and output.

It writes and reads the messages themselves, so that what is tested is what an editor gets.
"""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from support import ROOT, clean_environment

#: So long a test waits for a message that must come, in seconds.
PATIENCE = 60


class Client:
    """A running server. `notes` are the notifications that came, in their order."""

    def __init__(self, folder: Path, command: list[str] | None = None) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            command or [sys.executable, "-m", "cdlint", "lsp", "--stdio"],
            cwd=folder,
            env=clean_environment(PYTHONPATH=str(ROOT / "src")) if command is None else clean_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.notes: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []
        self._messages: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._number = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    # --- messages --------------------------------------------------------------------------------

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while True:
            size = None
            while (line := stream.readline().strip()) != b"":
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    size = int(value)
            if size is None:
                self._messages.put(None)
                return
            self._messages.put(json.loads(stream.read(size)))

    def send_raw(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.send_raw(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def _next(self) -> dict[str, Any]:
        message = self._messages.get(timeout=PATIENCE)
        assert message is not None, "the server has ended: " + self.errors()
        return message

    def _take(self, message: dict[str, Any]) -> None:
        """Keep what was not waited for; answer what the server asks."""
        if "id" in message and "method" in message:
            self.asked.append(message)
            self.send({"id": message["id"], "result": None})
        else:
            self.notes.append(message)

    def notify(self, method: str, params: object) -> None:
        self.send({"method": method, "params": params})

    def ask(self, method: str, params: object) -> Any:
        """The result of a request."""
        self._number += 1
        self.send({"id": self._number, "method": method, "params": params})
        while True:
            message = self._next()
            if message.get("id") == self._number and "method" not in message:
                assert "error" not in message, message
                return message["result"]
            self._take(message)

    def wait_for(self, method: str, **wanted: Any) -> dict[str, Any]:
        """The parameters of the next notification of a kind whose parameters have these values."""
        while True:
            for number, note in enumerate(self.notes):
                params = note.get("params") or {}
                if note.get("method") == method and all(params.get(key) == wanted[key] for key in wanted):
                    del self.notes[number]
                    return params
            self._take(self._next())

    def errors(self) -> str:
        self.process.kill()
        _, errors = self.process.communicate()
        return errors.decode(errors="replace")

    # --- the protocol ----------------------------------------------------------------------------

    def start(self, capabilities: dict[str, Any] | None = None, options: object = None) -> dict[str, Any]:
        """Shake hands; what the server can do."""
        result = self.ask(
            "initialize",
            {
                "processId": None,
                "rootUri": self.folder.as_uri(),
                "workspaceFolders": [{"uri": self.folder.as_uri(), "name": "test"}],
                "capabilities": capabilities or {},
                "initializationOptions": options,
            },
        )
        self.notify("initialized", {})
        return result

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    def open(self, name: str, text: str, version: int = 1, language: str = "yaml") -> list[dict[str, Any]]:
        """Open a text; its diagnostics."""
        document = {"uri": self.uri(name), "languageId": language, "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})
        return self.diagnostics(name, version)

    def change(self, name: str, version: int, *changes: dict[str, Any]) -> list[dict[str, Any]]:
        """Change a text; its diagnostics."""
        document = {"uri": self.uri(name), "version": version}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": list(changes)})
        return self.diagnostics(name, version)

    def diagnostics(self, name: str, version: int) -> list[dict[str, Any]]:
        params = self.wait_for("textDocument/publishDiagnostics", uri=self.uri(name), version=version)
        found: list[dict[str, Any]] = params["diagnostics"]
        return found

    def at(self, method: str, name: str, line: int, character: int, **more: Any) -> Any:
        """The result of a request about a place, counted from 0."""
        place = {"line": line, "character": character}
        return self.ask(
            f"textDocument/{method}", {"textDocument": {"uri": self.uri(name)}, "position": place, **more}
        )

    def stop(self) -> int:
        """Shut down as an editor does; the exit status."""
        self.ask("shutdown", None)
        self.notify("exit", None)
        return self.process.wait(PATIENCE)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()
