"""`cdlint lsp`, driven by a client that is not ours: that of pygls, and Neovim where it is installed."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.lsp.client import LanguageClient

from support import ROOT, clean_environment

BROKEN = "version: 0.2\nphases:\n  build:\n  commands:\n    - make\n"
NVIM = shutil.which("nvim")


def test_the_client_of_pygls(tmp_path: Path) -> None:
    asyncio.run(asyncio.wait_for(_session(tmp_path), 60))


async def _session(folder: Path) -> None:
    client = LanguageClient("test", "1")
    arrived: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()

    @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    def published(params: types.PublishDiagnosticsParams) -> None:
        arrived.put_nowait(params)

    code = f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r}); from cdlint.cli import main; sys.exit(main())"
    await client.start_io(sys.executable, "-c", code, "lsp")
    try:
        result = await client.initialize_async(
            types.InitializeParams(capabilities=types.ClientCapabilities(), root_uri=folder.as_uri())
        )
        assert result.capabilities.hover_provider
        client.initialized(types.InitializedParams())
        uri = (folder / "buildspec.yml").as_uri()
        document = types.TextDocumentItem(uri=uri, language_id="yaml", version=1, text=BROKEN)
        client.text_document_did_open(types.DidOpenTextDocumentParams(document))
        told = await arrived.get()
        assert [one.code for one in told.diagnostics] == ["CD107"]
        place = types.Position(1, 2)
        identifier = types.TextDocumentIdentifier(uri)
        hover = await client.text_document_hover_async(types.HoverParams(identifier, place))
        assert hover is not None
        assert isinstance(hover.contents, types.MarkupContent)
        assert "What CodeBuild runs" in hover.contents.value
        actions = await client.text_document_code_action_async(
            types.CodeActionParams(
                identifier, told.diagnostics[0].range, types.CodeActionContext(told.diagnostics)
            )
        )
        assert actions
        assert actions[0].title == "Indent the block below `build`"
        await client.shutdown_async(None)
        client.exit(None)
    finally:
        await client.stop()


SCRIPT = """
local out = io.open("told.txt", "w")
vim.cmd("edit buildspec.yml")
local buffer = vim.api.nvim_get_current_buf()
local config = { name = "cdlint", cmd = { PYTHON, "-m", "cdlint", "lsp" }, root_dir = vim.fn.getcwd() }
-- Newer versions have `start`, which attaches the buffer by itself.
local id = vim.lsp.start and vim.lsp.start(config, { bufnr = buffer }) or vim.lsp.start_client(config)
vim.wait(20000, function() local c = vim.lsp.get_client_by_id(id); return c and c.initialized end)
if not vim.lsp.start then vim.lsp.buf_attach_client(buffer, id) end
local function told(count)
  vim.wait(20000, function() return #vim.diagnostic.get(buffer) == count end)
  for _, one in ipairs(vim.diagnostic.get(buffer)) do
    out:write(one.code .. " " .. one.lnum .. ":" .. one.col .. "\\n")
  end
end
told(1)
local document = { uri = vim.uri_from_bufnr(buffer) }
local range = { start = { line = 2, character = 2 }, ["end"] = { line = 3, character = 10 } }
local asked = { textDocument = document, range = range, context = { diagnostics = {} } }
for _, one in pairs(vim.lsp.buf_request_sync(buffer, "textDocument/codeAction", asked, 20000)) do
  vim.lsp.util.apply_workspace_edit(one.result[1].edit, "utf-16")
end
told(0)
vim.api.nvim_buf_set_text(buffer, 4, 8, 4, 12, { "zip -r . 😀.zip" })
told(1)
out:write(table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), "\\n") .. "\\n")
out:close()
vim.cmd("qa!")
"""


@pytest.mark.skipif(NVIM is None, reason="no Neovim here")
def test_neovim(tmp_path: Path) -> None:
    (tmp_path / "buildspec.yml").write_text(BROKEN, encoding="utf-8")
    (tmp_path / "script.lua").write_text(SCRIPT.replace("PYTHON", f'"{sys.executable}"'), encoding="utf-8")
    subprocess.run(
        [str(NVIM), "--headless", "-u", "NONE", "-c", "luafile script.lua"],
        cwd=tmp_path,
        env=clean_environment(PYTHONPATH=str(ROOT / "src"), HOME=str(tmp_path)),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )
    told = (tmp_path / "told.txt").read_text(encoding="utf-8")
    mended = "version: 0.2\nphases:\n  build:\n    commands:\n      - zip -r . 😀.zip\n"
    assert told == "CD107 2:2\nCD302 4:15\n" + mended
