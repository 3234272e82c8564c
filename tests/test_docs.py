"""The pages of docs/: true, linked, and complete; and the site that Sphinx makes of them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml

from cdlint import rules
from cdlint.cli.commands import COMMANDS, FORMATS
from support import ROOT, clean_environment

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
GUIDES = [page for page in PAGES if page.name not in ("README.md", "index.md")]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return re.sub(r"^```.*?^```", "", text(page), flags=re.S | re.M)


def test_the_examples_are_what_cdlint_prints() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "pages.py"), "--check"],
        env=clean_environment(PYTHONPATH=str(ROOT / "src"), PYTHONUTF8="1"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    found = set()
    for heading in re.findall(r"^#+ (.+)$", prose(page), re.M):
        plain = re.sub(r"[`*]", "", heading).lower()
        found.add(re.sub(r"[^\w\- ]", "", plain).replace(" ", "-"))
    return found


@pytest.mark.parametrize(
    "page", [*PAGES, ROOT / "README.md", ROOT / "CONTRIBUTING.md"], ids=lambda page: page.name
)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(prose(page)):
        parts = urlsplit(link)
        if parts.scheme:
            assert parts.scheme == "https", link
            continue
        target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
        assert target.exists(), f"{page.name}: {link}"
        if parts.fragment and target.suffix == ".md":
            assert parts.fragment in anchors(target), f"{page.name}: {link}"


def test_every_page_is_in_the_navigation_and_in_the_list_for_github() -> None:
    index, listed = text(DOCS / "index.md"), text(DOCS / "README.md")
    for page in GUIDES:
        assert re.search(rf"^{page.stem}$", index, re.M), page.name
        assert f"({page.name})" in listed, page.name


def test_every_command_and_format_has_its_place() -> None:
    every = " ".join(text(page) for page in PAGES) + text(ROOT / "README.md")
    for name in COMMANDS:
        assert f"cdlint {name}" in every, name
    formats = text(DOCS / "formats.md")
    for name in FORMATS:
        assert re.search(rf"^## {name}$", formats, re.M), name


def test_the_configuration_of_the_page_can_be_read() -> None:
    from cdlint.config_file import parse

    (table,) = re.findall(r"```toml\n(.*?)```", text(DOCS / "configuration.md"), re.S)
    config = parse("cdlint.toml", table.encode())
    assert config is not None
    assert config.package["pipeline"] == "acme-web"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_blocks_are_what_they_say(page: Path) -> None:
    for language, block in re.findall(r"^```(\w+)\n(.*?)^```", text(page), re.S | re.M):
        if language == "json" and not block.startswith('"'):
            for one in block.splitlines() if block.startswith('{"code"') else [block]:
                json.loads(one)
        elif language == "yaml" and "—force" not in block:
            yaml.load(block, yaml.BaseLoader)


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.name)
def test_every_code_is_a_rule(page: Path) -> None:
    if page.name in ("architecture.md", "not-checked.md", "schema.md", "dependencies.md"):
        return  # they speak of groups of codes, too
    for code in set(re.findall(r"\bCD\d{3}\b", text(page))):
        assert code in rules.load(), f"{page.name}: {code}"


def test_the_policies_name_the_permissions_of_the_table() -> None:
    page = text(DOCS / "packaging.md")
    table = set(re.findall(r"^\| (.+?) \|", page, re.M))
    named = {word for cell in table for word in re.findall(r"`((?:s3|codepipeline|kms):\w+)`", cell)}
    used = set()
    for block in re.findall(r"```json\n(.*?)```", page, re.S):
        for statement in json.loads(block)["Statement"]:
            actions = statement["Action"]
            used |= set(actions if isinstance(actions, list) else [actions])
    assert used - {"sts:AssumeRoleWithWebIdentity"} == {name for name in named if not name.startswith("kms:")}


# --- the site -------------------------------------------------------------------------------------


class _References(HTMLParser):
    """What a page of the site loads, and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids.update(value for name, value in attrs if name in ("id", "name") and value)
        if tag in ("script", "img", "iframe") and given.get("src"):
            self.loads.append(given["src"] or "")
        elif tag == "link" and given.get("rel") in ("stylesheet", "preload", "icon") and given.get("href"):
            self.loads.append(given["href"] or "")
        elif tag == "a" and given.get("href"):
            self.links.append(given["href"] or "")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, _References]:
    pytest.importorskip("furo")
    pytest.importorskip("myst_parser")
    out = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", str(DOCS), str(out)],
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = {}
    for path in out.rglob("*.html"):
        reader = _References()
        reader.feed(path.read_text(encoding="utf-8"))
        found[path] = reader
    return found


def test_the_site_has_a_page_for_everything(site: dict[Path, _References]) -> None:
    names = {path.name for path in site}
    assert {f"{page.stem}.html" for page in [*GUIDES, DOCS / "index.md"]} <= names
    assert {f"{code}.html" for code in rules.load()} <= names


def test_the_site_loads_nothing_from_elsewhere(site: dict[Path, _References]) -> None:
    for path, page in site.items():
        for address in page.loads:
            assert not urlsplit(address).netloc, f"{path.name}: {address}"


def test_the_links_of_the_site_lead_somewhere(site: dict[Path, _References]) -> None:
    for path, page in site.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or not (parts.path or parts.fragment):
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.exists(), f"{path.name}: {link}"
            if parts.fragment and target in site:
                assert unquote(parts.fragment) in site[target].ids, f"{path.name}: {link}"
