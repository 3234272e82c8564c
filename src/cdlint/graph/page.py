"""Drawings and findings on one HTML page that needs nothing from anywhere."""

from __future__ import annotations

from .layout import is_wide
from .parts import stage_count
from .svg import escape, inline, style

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .parts import Graph, Mark

_STYLE = """
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);
font:15px/1.5 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
header,main,footer{max-width:1680px;margin:0 auto;padding:0 24px}
header{padding-top:24px}
h1{font-size:22px;line-height:1.25;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:15px;margin:0 0 10px}
p{margin:0}
.soft{color:var(--soft);font-size:13px;overflow-wrap:anywhere}
nav ul{display:flex;flex-wrap:wrap;gap:4px 16px;list-style:none;margin:10px 0 0;padding:0}
a{color:var(--info)}
a:focus-visible,.frame:focus-visible{outline:3px solid var(--info);outline-offset:2px;border-radius:4px}
section{display:grid;grid-template-columns:minmax(0,max-content) minmax(300px,1fr);gap:16px 32px;
align-items:start;padding:16px 0 28px;border-bottom:1px solid var(--edge)}
section:last-child{border-bottom:0}
figure{margin:0;min-width:0}
.frame{overflow-x:auto;margin:0 -20px;padding-bottom:4px}
.frame svg{display:block;max-width:100%;height:auto;min-width:min(100%,340px)}
.narrow{display:none}
aside{padding-top:22px;min-width:0;max-width:640px}
ol{list-style:none;margin:0;padding:0;display:grid;gap:10px}
li.finding{border:1px solid var(--edge);border-left:4px solid var(--level);border-radius:8px;padding:10px 12px;
background:var(--band);overflow-wrap:anywhere}
li.finding:target{outline:2px solid var(--level)}
.error{--level:var(--error)}.warning{--level:var(--warning)}.info{--level:var(--info)}
.head{display:flex;flex-wrap:wrap;gap:2px 10px;font-size:13px;align-items:baseline}
.level{color:var(--level);font-weight:700}
.head+p{margin-top:3px}
code{font:.92em ui-monospace,Menlo,Consolas,monospace}
section.clear{display:block}section.clear svg{margin:0 auto}
p.clear{margin-top:12px;text-align:center;color:var(--soft)}
section.rest{display:block;max-width:760px}
.help{margin-top:4px;color:var(--soft);font-size:14px}
footer{padding:8px 24px 28px}
@media(max-width:1000px){section{grid-template-columns:minmax(0,1fr)}aside{padding-top:0;max-width:none}}
@media(max-width:760px){.narrow{display:block}a.narrow{display:inline}.wide{display:none}}
@media(max-width:520px){header,main,footer{padding-left:16px;padding-right:16px}.frame{margin:0 -14px}}
@media(prefers-reduced-motion:reduce){.cdlint .wire{transition:none}}
@media print{.frame{overflow:visible}section{display:block}li.finding{break-inside:avoid}}
"""


def write(graphs: Sequence[Graph], marks: Sequence[Mark] = ()) -> str:
    """The page. `marks` are all findings of the files; those that lie in no pipeline have a list of their own."""
    names = ", ".join(dict.fromkeys(graph.name for graph in graphs))
    told = {id(mark) for graph in graphs for mark in graph.all_marks()}
    rest = [mark for mark in marks if id(mark) not in told]
    lines = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        '<meta name="color-scheme" content="light dark">',
        f"<title>{escape(names)}</title>",
        f"<style>{style(':root')}{_STYLE}</style>",
        "</head>",
        "<body>",
        *_top(graphs),
        "<main>",
    ]
    for number, graph in enumerate(graphs):
        lines += _section(graph, f"p{number}")
    if rest:
        lines += ['<section class="rest">', "<h2>Elsewhere in the files</h2>"]
        lines += [*_list(rest, "", {}), "</section>"]
    lines += ["</main>", "</body>", "</html>"]
    return "\n".join(lines) + "\n"


def _top(graphs: Sequence[Graph]) -> Iterator[str]:
    """With several pipelines a heading and a table of contents; one speaks for itself."""
    if len(graphs) < 2:
        return
    yield "<header>"
    yield f"<h1>{len(graphs)} pipelines</h1>"
    yield '<nav aria-label="Pipelines"><ul>'
    for number, graph in enumerate(graphs):
        counts = f'<span class="soft">{_counts(graph.all_marks())}</span>'
        yield f'<li><a href="#p{number}">{escape(graph.name)}</a> {counts}</li>'
    yield "</ul></nav>"
    yield "</header>"


def _section(graph: Graph, prefix: str) -> Iterator[str]:
    marks = graph.all_marks()
    places: dict[int, tuple[str, list[tuple[str, str]]]] = {}
    for band in graph.bands:
        for mark in band.marks:
            places.setdefault(id(mark), (f"stage {band.name}", []))
        for box in band.boxes:
            for mark in box.marks:
                links = [("wide", f"#{prefix}a{box.number}"), ("narrow", f"#{prefix}na{box.number}")]
                places[id(mark)] = (box.name, links if is_wide(graph) else [("", links[0][1])])
    kind = "" if marks else ' class="clear"'
    yield f'<section id="{prefix}"{kind} aria-label="{escape(graph.name)}">'
    yield "<figure>"
    if is_wide(graph):
        # A narrow window has another drawing, with the actions one below another.
        yield from _frame(graph, "wide", inline(graph, prefix))
        yield from _frame(graph, "narrow", inline(graph, prefix + "n", 1))
    else:
        yield from _frame(graph, "", inline(graph, prefix))
    yield "</figure>"
    if marks:
        yield "<aside>"
        yield f"<h2>{_counts(marks)}</h2>"
        yield from _list(marks, prefix, places)
        yield "</aside>"
    else:
        yield '<p class="clear">No problems found.</p>'
    yield "</section>"


def _frame(graph: Graph, kind: str, drawing: str) -> Iterator[str]:
    label = escape(f"{graph.name}, {stage_count(graph)}")
    yield f'<div class="frame {kind}" tabindex="0" role="region" aria-label="{label}">'
    yield drawing
    yield "</div>"


def _list(
    marks: Sequence[Mark], prefix: str, places: dict[int, tuple[str, list[tuple[str, str]]]]
) -> Iterator[str]:
    if not marks:
        return
    yield "<ol>"
    for number, mark in enumerate(marks):
        named, links = places.get(id(mark), ("", []))
        told = "".join(
            f'<a class="{kind}" href="{target}">{escape(named)}</a>' for kind, target in links
        ) or escape(named)
        anchor = f' id="{prefix}f{number}"' if prefix else ""
        where = f"line {mark.line}" if prefix else f"{mark.path}, line {mark.line}"
        yield f'<li class="finding {mark.severity}"{anchor}>'
        yield f'<div class="head"><span class="level">{mark.severity} {escape(mark.code)}</span>'
        yield f"<span>{escape(where)}</span>{f'<span>{told}</span>' if told else ''}"
        yield f'<span class="soft">{escape(mark.name)}</span></div>'
        yield f"<p>{_prose(mark.message)}</p>"
        if mark.help:
            yield f'<p class="help">{_prose(mark.help)}</p>'
        yield "</li>"
    yield "</ol>"


def _prose(text: str) -> str:
    """A message; what stands between backticks is code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return "".join(
        f"<code>{escape(part)}</code>" if number % 2 else escape(part) for number, part in enumerate(parts)
    )


def _counts(marks: Sequence[Mark]) -> str:
    """`2 errors, 1 warning`; "" if there are none."""
    said = []
    for level, noun in (("error", "error"), ("warning", "warning"), ("info", "note")):
        count = sum(1 for mark in marks if mark.severity == level)
        if count:
            said.append(f"{count} {noun}{'s' * (count != 1)}")
    return ", ".join(said)
