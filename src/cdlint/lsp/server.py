"""The server: what an editor says is put in order, worked at in one thread, and answered.

Texts are kept by `Workspace`, not by pygls: its lines end at more characters than the protocol's do.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from lsprotocol import types
from pygls.capabilities import ServerCapabilitiesBuilder
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, default_converter, lsp_method

from .. import __version__
from . import messages
from .completion import suggestions
from .definition import Definitions
from .hover import hover
from .mending import mend_all, mendings
from .symbols import symbols
from .texts import UTF16, Text, path_of
from .workspace import Settings, Workspace

T = TypeVar("T")
_Placed = types.CompletionParams | types.HoverParams | types.DefinitionParams

#: So long an editor has to be still before a text is checked again, in seconds.
_STILL = 0.15
_TRIGGERS = ("$", "{", "#", '"', "'", " ", ":", ".", "-")
#: Files whose change may change what is said of others.
_WATCHED = "**/*.{yml,yaml,json,template,tf,toml}"


class Protocol(LanguageServerProtocol):
    """pygls' protocol, but that it keeps no texts of its own."""

    def _hand_on(self, name: str, params: object) -> Any:
        handler = self.fm.features.get(name)
        if handler is not None:
            yield handler, (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> Any:
        yield from self._hand_on(types.TEXT_DOCUMENT_DID_OPEN, params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> Any:
        yield from self._hand_on(types.TEXT_DOCUMENT_DID_CHANGE, params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> Any:
        yield from self._hand_on(types.TEXT_DOCUMENT_DID_CLOSE, params)


class Server(LanguageServer):
    """The language server. All that touches `state` runs in one thread, in the order in which it was asked for."""

    def __init__(self) -> None:
        super().__init__(
            name="cdlint", version=__version__, protocol_cls=Protocol, converter_factory=default_converter
        )
        self.state = Workspace(problem=self._complain)
        self._worker = ThreadPoolExecutor(1, "cdlint")
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self.first_settings: object = None

    # --- work ------------------------------------------------------------------------------------

    def put(self, task: Callable[[], object]) -> None:
        """Have something done after all that was asked for before."""
        self._loop = asyncio.get_running_loop()
        self._worker.submit(self._tried, task)

    async def ask(self, task: Callable[[], T | None]) -> T | None:
        """The answer of something that is done after all that was asked for before."""
        self._loop = asyncio.get_running_loop()
        answer: T | None = await self._loop.run_in_executor(self._worker, self._tried, task)
        return answer

    def _tried(self, task: Callable[[], T]) -> T | None:
        try:
            return task()
        except Exception as error:
            if "CDLINT_DEBUG" in os.environ:
                logging.getLogger(__name__).exception("A fault of cdlint")
            self._complain(f"a fault of cdlint ({type(error).__name__}: {error}); CDLINT_DEBUG=1 shows where")
            return None

    def _complain(self, message: str) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._log, f"cdlint: {message}")

    def _log(self, message: str) -> None:
        self.window_log_message(types.LogMessageParams(types.MessageType.Warning, message))

    def report_server_error(self, error: Exception, source: Any) -> None:  # noqa: ARG002
        """A message that cannot be understood, or an answer that cannot be given."""
        self._log(f"cdlint: {type(error).__name__}: {error}".partition("\n")[0])

    # --- checking --------------------------------------------------------------------------------

    def check_soon(self, uri: str, after: float = _STILL) -> None:
        """Check a text as soon as it has been left alone for a while."""
        timer = self._timers.pop(uri, None)
        if timer is not None:
            timer.cancel()
        loop = asyncio.get_running_loop()
        self._timers[uri] = loop.call_later(after, self._check, uri)

    def _check(self, uri: str) -> None:
        self._timers.pop(uri, None)
        self.put(lambda: self._publish(uri))

    def _publish(self, uri: str) -> None:
        for one in self.state.check(uri):
            text, reading = self.state.texts.get(one), self.state.reading(one)
            if text is None or reading is None:
                continue
            found = [messages.diagnostic(text, finding) for finding in reading.findings]
            self._send(types.PublishDiagnosticsParams(one, found, version=text.version))

    def _send(self, params: types.PublishDiagnosticsParams) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self.text_document_publish_diagnostics, params)

    def check_all(self) -> None:
        def all_open() -> None:
            done: set[str] = set()
            for uri in list(self.state.texts):
                if uri not in done:
                    done.update(self.state.check(uri))
            for uri in done:
                text, reading = self.state.texts[uri], self.state.reading(uri)
                found = [messages.diagnostic(text, one) for one in reading.findings] if reading else []
                self._send(types.PublishDiagnosticsParams(uri, found, version=text.version))

        self.put(all_open)

    def close(self, uri: str) -> None:
        timer = self._timers.pop(uri, None)
        if timer is not None:
            timer.cancel()

        def forget() -> None:
            self.state.close(uri)
            self._send(types.PublishDiagnosticsParams(uri, []))

        self.put(forget)
        self.check_all()

    # --- the client ------------------------------------------------------------------------------

    def start(self, params: types.InitializeParams) -> None:
        """Take what the editor says of itself."""
        self.first_settings = params.initialization_options
        self.state.settings = Settings(self.first_settings)
        # As pygls chooses them in its answer.
        encoding = ServerCapabilitiesBuilder.choose_position_encoding(params.capabilities)
        self.state.encoding = str(getattr(encoding, "value", encoding) or UTF16)
        folders = [path_of(one.uri) for one in params.workspace_folders or ()]
        if not folders and params.root_uri:
            folders = [path_of(params.root_uri)]
        self.state.folders = [one for one in folders if one]

    def wants_plain_hover(self) -> bool:
        given = self.client_capabilities.text_document
        formats = given.hover.content_format if given is not None and given.hover is not None else None
        return bool(formats) and types.MarkupKind.Markdown not in (formats or ())

    def has_versioned_edits(self) -> bool:
        given = self.client_capabilities.workspace
        edit = given.workspace_edit if given is not None else None
        return bool(edit is not None and edit.document_changes)

    def watch_files(self) -> None:
        """Ask to be told of changes on the disk, if the editor can do that."""
        given = self.client_capabilities.workspace
        watched = given.did_change_watched_files if given is not None else None
        if watched is None or not watched.dynamic_registration:
            return
        options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(_WATCHED)])
        one = types.Registration("cdlint-files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
        self.client_register_capability(types.RegistrationParams([one]))


def make_server() -> Server:
    """A server with all that it can do."""
    server = Server()
    _add_texts(server)
    _add_questions(server)
    return server


def _add_texts(server: Server) -> None:
    """What the editor tells."""

    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        server.start(params)

    @server.feature(types.INITIALIZED)
    def initialized(_: types.InitializedParams) -> None:
        server.watch_files()

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        one = params.text_document
        server.put(lambda: server.state.open(one.uri, one.text, one.version))
        server.check_soon(one.uri, 0)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        one, made = params.text_document, messages.changes(params.content_changes)
        server.put(lambda: server.state.change(one.uri, made, one.version))
        server.check_soon(one.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        server.check_soon(params.text_document.uri, 0)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        server.close(params.text_document.uri)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def files_changed(_: types.DidChangeWatchedFilesParams) -> None:
        server.check_all()

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def folders_changed(params: types.DidChangeWorkspaceFoldersParams) -> None:
        gone = {path_of(one.uri) for one in params.event.removed}
        new = [path_of(one.uri) for one in params.event.added]

        def take() -> None:
            server.state.folders = [one for one in server.state.folders if one not in gone] + new

        server.put(take)

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def configured(params: types.DidChangeConfigurationParams) -> None:
        def take() -> None:
            server.state.settings = Settings(server.first_settings, params.settings)

        server.put(take)
        server.check_all()


def _add_questions(server: Server) -> None:
    """What the editor asks."""
    state = server.state

    async def answer(params: _Placed, about: Callable[[Text, str, int], T | None]) -> T | None:
        """What is to be said of a place: `about` gets the text, its address, and the offset."""

        def task() -> T | None:
            uri = params.text_document.uri
            text = state.texts.get(uri)
            return None if text is None else about(text, uri, messages.offset_of(text, params.position))

        return await server.ask(task)

    @server.feature(
        types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=list(_TRIGGERS))
    )
    async def complete(params: types.CompletionParams) -> types.CompletionList | None:
        return await answer(
            params, lambda text, uri, at: messages.completion(text, suggestions(state, uri, at))
        )

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def explain(params: types.HoverParams) -> types.Hover | None:
        def about(text: Text, uri: str, at: int) -> types.Hover | None:
            found = hover(state, uri, at)
            return messages.hover(text, found, server.wants_plain_hover()) if found is not None else None

        return await answer(params, about)

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    async def define(params: types.DefinitionParams) -> list[types.Location] | None:
        def about(_: Text, uri: str, at: int) -> list[types.Location] | None:
            found = Definitions(state, uri).at(at)
            return [messages.location(target, state.encoding) for target in found] or None

        return await answer(params, about)

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    async def outline(params: types.DocumentSymbolParams) -> list[types.DocumentSymbol] | None:
        uri = params.text_document.uri

        def task() -> list[types.DocumentSymbol] | None:
            text = state.texts.get(uri)
            return [messages.symbol(text, one) for one in symbols(state, uri)] if text is not None else None

        return await server.ask(task)

    kinds = [types.CodeActionKind.QuickFix, messages.FIX_ALL]

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=kinds))
    async def mend(params: types.CodeActionParams) -> list[types.CodeAction] | None:
        return await server.ask(lambda: _actions(server, params))


def _actions(server: Server, params: types.CodeActionParams) -> list[types.CodeAction] | None:
    state, uri = server.state, params.text_document.uri
    text = state.texts.get(uri)
    if text is None:
        return None
    only = [str(getattr(kind, "value", kind)) for kind in params.context.only or ()]

    def asked(kind: str) -> bool:
        return not only or any(kind == one or kind.startswith(one + ".") for one in only)

    found = []
    if asked(types.CodeActionKind.QuickFix.value):
        start = messages.offset_of(text, params.range.start)
        end = messages.offset_of(text, params.range.end)
        found += mendings(state, uri, start, end)
    if asked(messages.FIX_ALL) and (only or found):
        whole = mend_all(state, uri)
        found += [whole] if whole is not None else []
    return [messages.action(text, one, server.has_versioned_edits()) for one in found]


def serve() -> int:
    """Serve on standard input and output until the editor says to stop; the exit status that it expects."""
    stream, sys.stdout = sys.stdout.buffer, sys.stderr  # nothing else may come between the messages
    logging.getLogger("pygls").setLevel(
        logging.DEBUG if "CDLINT_DEBUG" in os.environ else logging.CRITICAL + 1
    )
    server = make_server()
    server.start_io(sys.stdin.buffer, stream)
    return 0 if getattr(server.protocol, "_shutdown", False) else 1
