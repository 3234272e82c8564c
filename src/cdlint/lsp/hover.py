"""What an editor shows of a place: its findings with the pages of their rules, and what the key or value means."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..aws import images, variables
from ..aws.actions import action_types, rule_type
from ..model.delivery import delivery_of
from ..rules import find
from ..rules.documentation import documentation
from ..schema import load_schema
from ..syntax.tree import Scalar
from . import schemas
from .inner import inner_at
from .pipeline_offers import about_key, about_type, action_at
from .trees import Spot, place, spot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..findings import Finding
    from ..model.pipeline import Pipeline
    from ..source import Span
    from ..syntax.document import Document
    from .workspace import Workspace

_VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)")
REFERENCE = re.compile(r"#\{([^{}\s.]+)\.([^{}\s]+)\}")


class Hover(NamedTuple):
    """Markdown about the characters from `start` to `end`."""

    about: str
    start: int
    end: int


def hover(workspace: Workspace, uri: str, offset: int) -> Hover | None:
    """What is to be said of an offset of an open text; None if nothing is."""
    reading, opened = workspace.reading(uri), workspace.texts.get(uri)
    if reading is None or opened is None:
        return None
    here = [one for one in reading.findings if one.span.start <= offset <= max(one.span.end, one.span.start)]
    parts = list(dict.fromkeys(_about_finding(finding) for finding in here))
    start, end = offset, offset
    if here:
        start, end = min((one.span.end - one.span.start, one.span.start, one.span.end) for one in here)[1:]
    if reading.result.subject is not None:
        known = _about_place(reading.result.subject[1], reading.kind or "", offset)
        if known is not None:
            parts.insert(0, known.about)
            if not here:
                start, end = known.start, known.end
    return Hover("\n\n---\n\n".join(parts), start, end) if parts else None


def _about_finding(finding: Finding) -> str:
    """A finding and the page of its rule."""
    parts = [f"**{finding.code} {finding.name}** ({finding.severity})", finding.message, finding.help]
    rule = find(finding.code)
    if rule is not None:
        known = documentation(rule)
        parts += [f"*{known.summary}*", known.body]
        for example in known.examples:
            parts.append(f"{'Good' if example.good else 'Bad'}:\n\n```yaml\n{example.text.rstrip()}\n```")
    return "\n\n".join(part for part in parts if part)


def _about_place(document: Document, kind: str, offset: int) -> Hover | None:
    """The key or value at an offset."""
    inner = inner_at(document, kind, offset)
    if inner is not None:
        known = _about_buildspec(inner.document, inner.offset)
        if known is None:
            return None
        span = inner.text.span(_span(known.start, known.end))
        return Hover(known.about, span.start, span.end)
    if kind in ("pipeline", "template", "terraform"):
        for variants in delivery_of(document, kind).pipelines:
            for pipeline in variants:
                known = _about_pipeline(document, pipeline, offset)
                if known is not None:
                    return known
        return None
    if kind == "buildspec":
        return _about_buildspec(document, offset)
    schema = schemas.schema_of(kind)
    at = spot(document.root, document, offset)
    return _about_schema(schema, document, at) if schema is not None and at is not None else None


def _span(start: int, end: int) -> Span:
    from ..source import Span

    return Span(start, end)


def _about_schema(schema: schemas.Schema, document: Document, at: Spot) -> Hover | None:
    if not at.path or not isinstance(at.node, Scalar):
        return None
    found = schemas.at(schema, at.path)
    about = " ".join([schemas.meaning(found), *schemas.facts(found)]).strip()
    if not about:
        return None
    named = next((str(step) for step in reversed(at.path) if isinstance(step, str)), "")
    span = place(document, at.node)
    return Hover(f"**`{named}`**\n\n{about}", span.start, span.end)


def _about_buildspec(document: Document, offset: int) -> Hover | None:
    known = _about_variable(document, offset)
    if known is not None:
        return known
    at = spot(document.root, document, offset)
    if at is None:
        return None
    if "runtime-versions" in at.path[:-1]:
        about = _about_runtime(str(at.path[-1]), None if at.is_key else getattr(at.node, "value", None))
        span = place(document, at.node)
        return Hover(about, span.start, span.end) if about else None
    return _about_schema(load_schema("buildspec"), document, at)


def _about_variable(document: Document, offset: int) -> Hover | None:
    """A variable of CodeBuild's own, in a command."""
    text = document.source.text
    start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    line = text[start : text.find("\n", start) if "\n" in text[start:] else len(text)]
    for found in _VARIABLE.finditer(line):
        name = found.group(1)
        if not found.start() <= offset - start <= found.end():
            continue
        when, instead = variables.provided(name), variables.instead_of(name)
        if when is not None:
            about = f"{variables.meaning(name)} CodeBuild sets it {variables.WHEN[when]}.".strip()
        elif instead is not None:
            about = f"CodeBuild does not set it. {instead}"
        else:
            return None
        return Hover(f"**`{name}`**\n\n{about}", start + found.start(), start + found.end())
    return None


def _about_runtime(name: str, version: str | None) -> str:
    having: dict[str, list[str]] = {}
    for one in images.maintained():
        for known in one.runtimes.get(name, ()):
            having.setdefault(known, []).append(one.name)
    if not having:
        return ""
    if version is None or version not in having:
        return f"**`{name}`**\n\nVersions on the images that AWS maintains: " + ", ".join(having) + "."
    parts = [f"**`{name}: {version}`**", "On " + ", ".join(f"`{one}`" for one in having[version]) + "."]
    ended = images.end_of_life(name, version)
    if ended is not None:
        parts.append(f"Its support by its makers ended on {ended}.")
    return "\n\n".join(parts)


# --- pipelines ------------------------------------------------------------------------------------


def _about_pipeline(document: Document, pipeline: Pipeline, offset: int) -> Hover | None:
    at = spot(pipeline.node, document, offset)
    if at is None or not at.path or not isinstance(at.node, Scalar):
        return None
    span = place(document, at.node)
    if not span.start <= offset <= span.end:
        return None
    about = _about_reference(document, pipeline, at, offset) or _about_in_action(pipeline, at)
    if about is not None:
        return Hover(about, span.start, span.end)
    schema = load_schema("pipeline")
    known = _about_schema({"$ref": "#/$defs/declaration", "$defs": schema["$defs"]}, document, at)
    if known is not None and at.is_key:
        name = document.source.text[span.start : span.end].strip("\"'")
        return known._replace(about=f"**`{name}`**\n\n" + known.about.partition("\n\n")[2])
    return known


def _about_reference(document: Document, pipeline: Pipeline, at: Spot, offset: int) -> str | None:
    """`#{namespace.variable}`: who sets it."""
    text, span = document.source.text, place(document, at.node)
    for found in REFERENCE.finditer(text, span.start, span.end):
        if not found.start() <= offset <= found.end():
            continue
        namespace, name = found.groups()
        if namespace == "codepipeline":
            return f"**`{found.group(0)}`**\n\nSet by CodePipeline for every execution."
        if namespace == "variables":
            return f"**`{found.group(0)}`**\n\nA variable of the pipeline, given when an execution starts."
        owners = [action.label for action in pipeline.actions() if action.namespace == namespace]
        if owners:
            return f"**`{found.group(0)}`**\n\nThe variable `{name}` of the action {', '.join(owners)}."
        return f"**`{found.group(0)}`**\n\nNo action of this pipeline has the namespace `{namespace}`."
    return None


def _about_in_action(pipeline: Pipeline, at: Spot) -> str | None:
    path, value = at.path, at.node.value if isinstance(at.node, Scalar) else ""
    action = action_at(pipeline, at)
    if "ruleTypeId" in path and path[-1] == "provider" and not at.is_key:
        rule = rule_type(value)
        return f"**`{value}`**\n\nNeeds {', '.join(rule.required) or 'no configuration'}." if rule else None
    if action is None:
        return None
    if path[-1] == "provider" and "actionTypeId" in path and not at.is_key:
        kind = action.type
        same = [one for one in action_types() if one.provider == value]
        shown = [kind] if kind is not None else same
        return "\n\n".join([f"**`{value}`**", *(about_type(one) for one in shown)]) if shown else None
    if "configuration" in path and len(path) > path.index("configuration") + 1 and action.type is not None:
        key = str(path[path.index("configuration") + 1])
        if key in action.type.keys:
            needed = " (required)" if key in action.type.required else ""
            return f"**`{key}`** of {action.type.provider}{needed}\n\n{about_key(action.type, key)}".rstrip()
    if path[-1] == "name" and "inputArtifacts" in path and not at.is_key:
        makers = [one.label for one in pipeline.actions() if any(out.name == value for out in one.outputs)]
        made = f"Made by {', '.join(dict.fromkeys(makers))}." if makers else "No action makes it."
        return f"**`{value}`** (artifact)\n\n{made}"
    if path[-1] == "name" and "outputArtifacts" in path and not at.is_key:
        users = [one.label for one in pipeline.actions() if any(into.name == value for into in one.inputs)]
        used = f"Used by {', '.join(dict.fromkeys(users))}." if users else "No action uses it."
        return f"**`{value}`** (artifact)\n\n{used}"
    return None
