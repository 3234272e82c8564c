"""The documentation's site, built by Sphinx (`make docs`). The pages are Markdown that also reads well on GitHub."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from docutils import nodes

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent / "src"))

from cdlint import __version__  # noqa: E402

project = "cdlint"
author = "The cdlint maintainers"
copyright = "The cdlint maintainers, Apache 2.0"
version = release = __version__
language = "en"

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
root_doc = "index"
#: docs/README.md is the same list for those who read on GitHub.
exclude_patterns = ["README.md", "_build"]
myst_heading_anchors = 4

#: Examples of what is wrong are no YAML that can be coloured.
suppress_warnings = ["misc.highlighting_failure"]
highlight_language = "none"
nitpicky = True

html_theme = "furo"
html_title = f"cdlint {version}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["rules.js"]
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "source_repository": "https://github.com/OWNER/cdlint/",
    "source_branch": "main",
    "source_directory": "docs/",
    "light_css_variables": {"color-brand-primary": "#b35900", "color-brand-content": "#a35200"},
    "dark_css_variables": {"color-brand-primary": "#ffb366", "color-brand-content": "#ffb366"},
}

_OUTSIDE = re.compile(r"(\]\()((?:\.\./)+)([^)\s]+\))")


def _outside_to_github(app: object, name: str, source: list[str]) -> None:
    """Links that leave docs/ lead to the repository; on GitHub they work as they are."""
    del app
    depth = name.count("/")

    def linked(found: re.Match[str]) -> str:
        if found[2].count("../") <= depth:
            return found[0]
        return f"{found[1]}https://github.com/OWNER/cdlint/blob/main/{found[3]}"

    source[0] = _OUTSIDE.sub(linked, source[0])


def _rule_page(app: object, doctree: nodes.document) -> None:
    """Mark the line that a bad example is about. In the navigation these pages would make hundreds of lines."""
    environment = app.env  # type: ignore[attr-defined]
    if not environment.docname.startswith("rules/CD"):
        return
    environment.metadata[environment.docname]["orphan"] = True
    for section in doctree.findall(nodes.section):
        line = re.match(r"Bad, line (\d+)", section.next_node(nodes.title).astext())
        if line is not None:
            for block in section.findall(nodes.literal_block):
                block["highlight_args"] = {"hl_lines": [int(line[1])]}


def setup(app: object) -> dict[str, bool]:
    app.connect("source-read", _outside_to_github)  # type: ignore[attr-defined]
    app.connect("doctree-read", _rule_page)  # type: ignore[attr-defined]
    return {"parallel_read_safe": True, "parallel_write_safe": True}
