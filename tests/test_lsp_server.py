"""`cdlint lsp`, driven by a client over standard input and output as an editor drives it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lsp_support import Client
from support import ROOT, clean_environment

BROKEN = "version: 0.2\nphases:\n  build:\n  commands:\n    - make\n"
CLEAN = "version: 0.2\nphases:\n  build:\n    commands:\n      - make\n"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with Client(tmp_path) as running:
        yield running


def codes(found: list[dict[str, Any]]) -> list[str]:
    return [one["code"] for one in found]


def test_it_says_what_it_can_do(client: Client) -> None:
    result = client.start()
    can = result["capabilities"]
    assert result["serverInfo"]["name"] == "cdlint"
    assert can["textDocumentSync"]["openClose"] is True
    for name in ("hover", "definition", "documentSymbol", "completion", "codeAction"):
        assert can[f"{name}Provider"], name
    assert client.stop() == 0


def test_diagnostics_follow_the_typing(client: Client) -> None:
    client.start()
    (first, *_) = client.open("buildspec.yml", BROKEN)
    assert first["code"] == "CD107"
    assert first["source"] == "cdlint"
    assert first["severity"] == 1
    assert first["range"] == {"start": {"line": 2, "character": 2}, "end": {"line": 3, "character": 10}}
    assert first["codeDescription"]["href"].endswith("/CD107.md")
    indent = {"range": {"start": {"line": 3, "character": 0}, "end": {"line": 5, "character": 0}}}
    assert client.change("buildspec.yml", 2, {**indent, "text": "    commands:\n      - make\n"}) == []
    assert codes(client.change("buildspec.yml", 3, {"text": BROKEN})) == ["CD107"]


def test_a_text_that_is_none_of_ours_has_no_diagnostics(client: Client) -> None:
    client.start()
    assert client.open("alerts.yml", "receivers:\n  - a\n") == []
    assert (
        client.ask("textDocument/documentSymbol", {"textDocument": {"uri": client.uri("alerts.yml")}}) == []
    )


def test_closing_takes_the_diagnostics_away(client: Client) -> None:
    client.start()
    assert client.open("buildspec.yml", BROKEN)
    client.notify("textDocument/didClose", {"textDocument": {"uri": client.uri("buildspec.yml")}})
    params = client.wait_for("textDocument/publishDiagnostics", uri=client.uri("buildspec.yml"))
    assert params["diagnostics"] == []


def test_a_quick_fix_mends_the_text(client: Client) -> None:
    client.start({"workspace": {"workspaceEdit": {"documentChanges": True}}})
    text = CLEAN.replace("make", "zip -r . out.zip")
    found = client.open("buildspec.yml", text, version=4)
    assert codes(found) == ["CD302"]
    context = {"diagnostics": found}
    document = {"uri": client.uri("buildspec.yml")}
    asked = {"textDocument": document, "range": found[0]["range"], "context": context}
    fix = client.ask("textDocument/codeAction", asked)[0]
    assert fix["kind"] == "quickfix"
    assert fix["isPreferred"] is True
    assert codes(fix["diagnostics"]) == ["CD302"]
    (change,) = fix["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": client.uri("buildspec.yml"), "version": 4}
    edits = [{"range": one["range"], "text": one["newText"]} for one in change["edits"]]
    # From the end to the beginning, as an editor makes them.
    edits.sort(
        key=lambda one: (one["range"]["start"]["line"], one["range"]["start"]["character"]), reverse=True
    )
    assert client.change("buildspec.yml", 5, *edits) == []


def test_fix_all_on_saving(client: Client) -> None:
    client.start()
    client.open("buildspec.yml", BROKEN)
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 5, "character": 0}}
    context = {"diagnostics": [], "only": ["source.fixAll"]}
    document = {"uri": client.uri("buildspec.yml")}
    (action,) = client.ask(
        "textDocument/codeAction", {"textDocument": document, "range": whole, "context": context}
    )
    assert action["kind"] == "source.fixAll.cdlint"
    (edit,) = action["edit"]["changes"][document["uri"]]
    assert client.change("buildspec.yml", 2, {"range": edit["range"], "text": edit["newText"]}) == []


def test_hover_completion_outline(client: Client) -> None:
    client.start()
    client.open("buildspec.yml", CLEAN)
    assert "What CodeBuild runs" in client.at("hover", "buildspec.yml", 1, 3)["contents"]["value"]
    client.change("buildspec.yml", 2, {"text": CLEAN + "  "})
    items = client.at("completion", "buildspec.yml", 5, 2)["items"]
    assert [one["label"] for one in items] == ["install", "pre_build", "post_build"]
    assert items[0]["textEdit"] == {
        "range": {"start": {"line": 5, "character": 2}, "end": {"line": 5, "character": 2}},
        "newText": "install:",
    }
    asked = {"textDocument": {"uri": client.uri("buildspec.yml")}}
    assert [one["name"] for one in client.ask("textDocument/documentSymbol", asked)] == ["version", "phases"]
    assert client.at("hover", "buildspec.yml", 5, 2) is None


def test_definitions_across_files(tmp_path: Path) -> None:
    folder = tmp_path / "article"
    shutil.copytree(ROOT / "examples" / "article", folder)
    (folder / ".git").mkdir()
    with Client(folder) as client:
        client.start()
        text = (folder / "projects.yml").read_text(encoding="utf-8")
        client.open("projects.yml", text)
        line = next(number for number, one in enumerate(text.split("\n")) if "deploy.buildspec.yml" in one)
        (found,) = client.at("definition", "projects.yml", line, 25)
        assert found["uri"] == client.uri("deploy.buildspec.yml")


def test_the_joins_know_unsaved_texts(tmp_path: Path) -> None:
    folder = tmp_path / "article"
    shutil.copytree(ROOT / "examples" / "article", folder)
    (folder / ".git").mkdir()
    spec = (folder / "deploy.buildspec.yml").read_text(encoding="utf-8")
    pipeline = (folder / "pipeline.json").read_text(encoding="utf-8")
    with Client(folder) as client:
        client.start()
        assert client.open("pipeline.json", pipeline, language="json") == []
        assert client.open("deploy.buildspec.yml", spec) == []
        # The pipeline is told that a variable is no longer exported, though nobody has touched it.
        client.notes.clear()
        client.change("deploy.buildspec.yml", 2, {"text": spec.replace("- VERSION", "- OTHER")})
        found = client.diagnostics("pipeline.json", 1)
        assert found, "the pipeline reads a variable that its build does not export"
        assert "VERSION" in found[0]["message"]


def test_units_of_characters(tmp_path: Path) -> None:
    text = "version: 0.2\nphases:\n  build:\n    commands:\n      - date 😀 “+%F”\n"
    for encodings, expected in ((["utf-8", "utf-16"], None), (["utf-32"], 15), (["utf-16"], 16), ([], 16)):
        with Client(tmp_path) as client:
            general = {"general": {"positionEncodings": encodings}} if encodings else {}
            used = client.start(general)["capabilities"]["positionEncoding"]
            found = [one for one in client.open("buildspec.yml", text) if one["code"] == "CD021"]
            start = found[0]["range"]["start"]["character"]
            assert start == (expected or {"utf-8": 18, "utf-16": 16}[used])


def test_the_configuration_counts(tmp_path: Path) -> None:
    (tmp_path / "cdlint.toml").write_text('ignore = ["CD107"]\n', encoding="utf-8")
    with Client(tmp_path) as client:
        client.start()
        assert "CD107" not in codes(client.open("buildspec.yml", BROKEN))
        (tmp_path / "cdlint.toml").write_text("nonsense = 1\n", encoding="utf-8")
        client.notify("workspace/didChangeWatchedFiles", {"changes": []})
        assert "CD107" in codes(client.diagnostics("buildspec.yml", 1))
        note = (
            next(one for one in client.notes if one["method"] == "window/logMessage")
            if client.notes
            else None
        )
        message = note["params"] if note else client.wait_for("window/logMessage")
        assert "nonsense" in message["message"]


def test_settings_of_the_editor(client: Client) -> None:
    client.start(options={"cdlint": {"pedantic": True}})
    text = CLEAN.replace("build:", "install:\n    runtime-versions:\n      nodejs: latest")
    before = client.open("buildspec.yml", text)
    assert 3 in [one["severity"] for one in before]
    client.notify("workspace/didChangeConfiguration", {"settings": {"cdlint": {"pedantic": False}}})
    assert 3 not in [one["severity"] for one in client.diagnostics("buildspec.yml", 1)]
    for said_nothing in ({}, None, {"yaml": {"pedantic": False}}):
        client.notify("workspace/didChangeConfiguration", {"settings": said_nothing})
        assert 3 in [one["severity"] for one in client.diagnostics("buildspec.yml", 1)]


def test_texts_that_lie_nowhere(client: Client) -> None:
    client.start()
    document = {"uri": "untitled:buildspec.yml", "languageId": "yaml", "version": 1, "text": BROKEN}
    client.notify("textDocument/didOpen", {"textDocument": document})
    params = client.wait_for("textDocument/publishDiagnostics", uri="untitled:buildspec.yml")
    assert codes(params["diagnostics"]) == ["CD107"]
    place = {"textDocument": {"uri": "untitled:buildspec.yml"}, "position": {"line": 1, "character": 1}}
    assert client.ask("textDocument/definition", place) is None
    assert "What CodeBuild runs" in client.ask("textDocument/hover", place)["contents"]["value"]


def test_odd_messages_do_no_harm(client: Client) -> None:
    client.start()
    nowhere = {"textDocument": {"uri": "file:///not/open.yml"}, "position": {"line": 3, "character": 4}}
    assert client.ask("textDocument/hover", nowhere) is None
    assert client.ask("textDocument/completion", nowhere) is None
    assert client.ask("textDocument/definition", nowhere) is None
    client.notify(
        "textDocument/didChange", {"textDocument": {"uri": "file:///no", "version": 1}, "contentChanges": []}
    )
    client.notify("textDocument/didClose", {"textDocument": {"uri": "file:///no"}})
    client.notify("$/unknown", {})
    client.send_raw(b"Content-Length: 7\r\n\r\nno json")
    for text in (
        "",
        "\0",
        "{",
        "&a [*a]",
        "a: !!python/object:os.system x",
        "😀" * 1000,
        "\ufeff",
        "- " * 3000,
    ):
        client.open("buildspec.yml", text)
        client.at("completion", "buildspec.yml", 0, 1)
        client.at("hover", "buildspec.yml", 0, 1)
        client.at("definition", "buildspec.yml", 0, 1)
        client.ask("textDocument/documentSymbol", {"textDocument": {"uri": client.uri("buildspec.yml")}})
    assert client.open("buildspec.yml", BROKEN, 9)
    assert client.stop() == 0


def test_it_ends_with_the_editor(tmp_path: Path) -> None:
    with Client(tmp_path) as client:
        client.start()
        assert client.process.stdin is not None
        client.process.stdin.close()
        assert client.process.wait(60) == 1


def test_without_pygls_it_says_what_to_install(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['pygls'] = None; sys.argv = ['cdlint', 'lsp'];"
        "from cdlint.cli import main; sys.exit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=clean_environment(PYTHONPATH=str(ROOT / "src")),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == "cdlint: for the server, pip install 'cdlint[lsp]'\n"


def test_fast_typing_is_checked_once_it_rests(client: Client) -> None:
    client.start()
    client.open("buildspec.yml", CLEAN)
    uri = client.uri("buildspec.yml")
    for version in range(2, 60):
        change = {"text": CLEAN + f"# {version}\n"}
        document = {"uri": uri, "version": version}
        client.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
    assert client.diagnostics("buildspec.yml", 59) == []
    earlier = [one for one in client.notes if one.get("method") == "textDocument/publishDiagnostics"]
    assert len(earlier) < 20
