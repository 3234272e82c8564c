"""The shape of a pipeline in each of its forms: where it departs from `schemas/pipeline.schema.json`.

The schema is that of the API. The other forms get a variant of it, made once: CloudFormation takes numbers and
booleans for texts, has a few keys of its own and makes up a name; Terraform looks at the names of arguments and at
missing ones itself.
"""

from __future__ import annotations

from .findings import Fix, Severity
from .model.forms.cloudformation import list_stores
from .model.pipeline import API, CLOUDFORMATION, Pipeline
from .schema import load_schema, validate
from .syntax.tree import GAP, Mapping, Scalar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .schema import Violation

#: Keys of the API that templates do not have, by the part of the schema. Source: AWS, template reference.
_NOT_IN_TEMPLATES = {"declaration": ("version",), "conditionRule": ("timeoutInMinutes",)}
#: From so many on, keys with wrong capitals are told of once.
_SEVERAL = 4
#: Keywords that complain of something absent: lines that had to be left out prove nothing.
_ABSENCES = frozenset(("null", "oneOf", "required", "minItems"))
#: Repairs after which a part of the tree may hang at the wrong place, and the keywords that then prove nothing.
_LEVELS = frozenset(
    (
        "yaml-syntax-error",
        "wrong-indentation",
        "missing-dash",
        "stray-dash",
        "list-on-key-line",
        "unclosed-bracket",
    )
)
_DISPLACED = frozenset(("additionalProperties", "required", "type", "null", "minItems", "oneOf"))
#: What happens to a faulty file, by form and keyword.
_REFUSED = "CodePipeline refuses the pipeline"
_CONSEQUENCES = {
    "additionalProperties": "CloudFormation refuses the template",
    "null": "CloudFormation refuses the template",
    "type": "CloudFormation refuses the template",
    "required": _REFUSED,
    "enum": _REFUSED,
}
#: The most characters of a value of a configuration, and of a name.
_LONG, _SHORT = 1000, 100
#: What people write for what is to be filled in.
_FILLERS = ("REPLACE", "CHANGEME", "CHANGE_ME", "CHANGE-ME", "PLACEHOLDER", "replace-me", "your-", "YOUR-")
_TO_FILL = frozenset(
    "ACCOUNT_ID AWS_ACCOUNT_ID AWS_REGION ROLE_NAME ROLE_ARN BUCKET_NAME PIPELINE_NAME".split()
)
_TEXTS = ["string", "number", "boolean"]
#: A whole number, or the text of one.
_DIGITS: dict[str, Any] = {
    "type": ["integer", "string"],
    "pattern": "^[0-9]+$",
    "x-cdlint": {
        "pattern": {
            "rule": "pipeline-value-type",
            "message": "`{key}` is `{value}`, but it has to be a whole number.",
            "help": "Write a whole number.",
        }
    },
}

_VARIANTS: dict[str, dict[str, Any]] = {}


def shape(pipeline: Pipeline) -> None:
    """Find where a pipeline departs from its schema, and read it as if its misspelt keys were spelt right.

    Otherwise a missing input or a missing namespace would be told of as well, wherever it is needed.
    """
    pipeline.violations = violations_of(pipeline)
    changed = False
    for one in pipeline.violations:
        parent, meant = one.parent, one.suggestion
        if one.keyword != "additionalProperties" or meant is None or not isinstance(parent, Mapping):
            continue
        for number, (key, value) in enumerate(parent.pairs):
            if key is one.key and isinstance(key, Scalar):
                parent.pairs[number] = (Scalar(key.start, key.end, meant, key.style), value)
                parent._index = None
                changed = True
    if changed:
        if pipeline.form == CLOUDFORMATION:
            list_stores(pipeline.node)
        pipeline.read()
    document, node = pipeline.document, pipeline.node
    twice = any(node.start <= key.start < node.end for _, key in document.duplicates)
    if twice or any(repair.kind in _LEVELS for repair in document.repairs):
        sure = [one for one in pipeline.violations if one.suggestion or one.keyword not in _DISPLACED]
        if twice or len(sure) < len(pipeline.violations):
            pipeline.violations = sure
            _blur(pipeline)


def _blur(pipeline: Pipeline) -> None:
    """Lines of the file are lost or hang at the wrong place: what is missing proves nothing."""
    pipeline.is_whole = False
    for stage in pipeline.stages:
        stage.is_whole = False
        for action in stage.actions:
            action.is_configured = action.knows_inputs = action.knows_outputs = False


def violations_of(pipeline: Pipeline) -> list[Violation]:
    """Where a pipeline departs from its schema, told with the names that its form has for the keys."""

    def spell(name: str) -> str:
        return name[1:] if name[:1] == "?" else pipeline.spell(name)

    document = pipeline.document
    node = document.root if pipeline.form == API and document.root is not None else pipeline.node
    found = validate(node, _schema(pipeline.form, node is not pipeline.node), spell)
    kept = [
        one
        for one in found
        if not (document.damaged and one.keyword in _ABSENCES and one.suggestion is None)
        and not _is_placeholder(one)
    ]
    if pipeline.form != API:
        for one in kept:
            # Old templates have empty values, and nobody has written down whether CloudFormation leaves them out.
            if one.keyword == "minLength" and "configuration" in one.path:
                one.severity = Severity.WARNING
    for one in kept:
        if one.suggestion is not None and len(one.path) == 1:
            one.severity = (
                None  # beside `pipeline` other tools may have keys of their own, but not almost ours
            )
    _join_cases(kept, pipeline.form)
    _join_strays(kept)
    return _without_regions(_without_moved(kept), pipeline)


def _join_strays(found: list[Violation]) -> None:
    """Several keys that a mapping does not have are there by one slip: a lost line, a wrong indentation."""
    strays: dict[int, list[Violation]] = {}
    for one in found:
        if one.keyword == "additionalProperties" and one.suggestion is None:
            strays.setdefault(id(one.parent), []).append(one)
    for first, *rest in strays.values():
        if len(rest) > 1:
            head, colon, tail = first.message.rpartition(": ")
            first.message = f"{head}, nor are {len(rest)} more keys here{colon}{tail}"
            first.help = "They probably belong below another key: look at the lines before them."
            for one in rest:
                one.rule = ""


def _without_regions(found: list[Violation], pipeline: Pipeline) -> list[Violation]:
    """Regions below `artifactStore`: the key was meant to be `artifactStores`."""
    store, key = pipeline.node.get("artifactStore"), pipeline.node.key("artifactStore")
    inside = [
        one for one in found if one.parent is store and one.name.count("-") > 1 and one.name[-1:].isdigit()
    ]
    if not inside or key is None or pipeline.form != API or "artifactStores" in pipeline.node:
        return found
    first = inside[0]
    first.span = key.span
    first.key, first.parent, first.name = key, pipeline.node, "artifactStore"
    first.suggestion = "artifactStores"
    first.message = (
        "`artifactStore` holds regions, which stand below `artifactStores`: the AWS CLI and the SDKs refuse "
        "the file."
    )
    first.help = "Write `artifactStores`."
    return [one for one in found if one is first or (one.parent is not store and one.node is not store)]


def _without_moved(found: list[Violation]) -> list[Violation]:
    """A key that stands one level too high or too low is one fault, not an unknown and a missing one."""
    strays = [(one.name, one.path[:-1]) for one in found if one.keyword == "additionalProperties"]

    def is_near(one: Violation) -> bool:
        return any(
            name == one.name and (place == one.path[:-1] or place[:-1] == one.path) for name, place in strays
        )

    return [one for one in found if one.keyword != "required" or one.suggestion or not is_near(one)]


def _join_cases(found: list[Violation], form: str) -> None:
    """Many keys with the capitals of another form are one fault; the others are kept, but no rule reports them."""
    slips = [
        one
        for one in found
        if one.keyword == "additionalProperties"
        and one.suggestion is not None
        and one.name.lstrip("?")[1:] == one.suggestion[1:]
    ]
    if len(slips) < _SEVERAL:
        return
    first, *rest = slips
    edits = [edit for one in slips if one.fix is not None for edit in one.fix.edits]
    first.rule = "unknown-pipeline-key"
    right, wrong = ("a small letter", "a capital") if form == API else ("a capital", "a small letter")
    whose = "the API has" if form == API else "CloudFormation has"
    refused = (
        "the AWS CLI and the SDKs refuse the file" if form == API else "CloudFormation refuses the template"
    )
    first.message = (
        f"This key and {len(rest)} more begin with {wrong}, but {whose} them with {right}: {refused}."
    )
    if first.fix is not None:
        first.fix = Fix(f"Rename {len(slips)} keys", edits)
    for one in rest:
        one.rule = ""


def _is_placeholder(violation: Violation) -> bool:
    """Is it about a value, or a name, that some tool is still to put in?"""
    if violation.keyword == "additionalProperties":
        return _open(violation.name)
    node = violation.node
    if violation.keyword in ("required", "null", "oneOf") or not isinstance(node, Scalar):
        return False
    if violation.keyword == "maxLength":
        return _can_be_short(node.value, violation.path)
    return is_placeholder(node.value)


def _can_be_short(text: str, path: tuple[str | int, ...]) -> bool:
    """Is a text too long only as long as `${…}` and `{{…}}` are not replaced?"""
    if GAP in text:
        return True
    if "${" not in text and "{{" not in text:
        return False
    long = "configuration" in path or "commands" in path or path[-1:] == ("defaultValue",)
    rest = "".join(part.rpartition("}")[2] for part in text.replace("{{", "${").split("${"))
    return len(rest) <= (_LONG if long else _SHORT)


def is_placeholder(text: str) -> bool:
    """`{{X}}`, `$X`, `<X>`, `[X]`, `%X%`, `ACCOUNT_ID`: what is to be replaced before anyone reads it."""
    if _open(text):
        return True
    if ("<" in text and ">" in text) or text.count("%") > 1 or ("{" in text and "}" in text):
        return True
    if text[:1] == "[" and text[-1:] == "]":
        return True
    if any(word in text for word in _FILLERS):
        return True
    if text.startswith("arn:") and any(_is_filler(part) for part in text.split(":")[1:5]):
        return True
    words = text.replace(":", "/").replace("-", "_").split("/")
    return any(
        word.isupper() and "_" in word and (word.startswith(("YOUR", "MY_", "__")) or word in _TO_FILL)
        for word in words
    )


def _is_filler(part: str) -> bool:
    """`xxxxxxxxxxxx`, `************`, `ACCOUNT` in the place of an account or a region."""
    return len(part) > 2 and (set(part) <= set("xX*") or (part.isupper() and part.replace("_", "").isalpha()))


def _open(text: str) -> bool:
    return "$" in text or "{{" in text or "{%" in text or "<%" in text or GAP in text


def _schema(form: str, wrapped: bool) -> dict[str, Any]:
    name = form + "wrapper" * wrapped
    found = _VARIANTS.get(name)
    if found is None:
        whole = load_schema("pipeline")
        if wrapped:
            found = {**whole["$defs"]["wrapper"], "$defs": whole["$defs"]}
            found["x-cdlint"] = {**whole["x-cdlint"], **found["x-cdlint"]}
        else:
            found = whole if form == API else _variant(whole, form)
        _VARIANTS[name] = found
    return found


def _variant(whole: dict[str, Any], form: str) -> dict[str, Any]:
    """The schema of a declaration in another form than the API's."""
    parts = {name: _relaxed(part, form == CLOUDFORMATION) for name, part in whole["$defs"].items()}
    declaration = parts["declaration"]
    if form == CLOUDFORMATION:
        for name, absent in _NOT_IN_TEMPLATES.items():
            for key in absent:
                del parts[name]["properties"][key]
        declaration["properties"].update(parts["template"]["properties"])
        # A list only as long as the key is misspelt, see `list_stores`.
        declaration["properties"]["artifactStores"]["type"] = ["object", "array"]
        declaration["required"] = [name for name in declaration["required"] if name != "name"]
        told = {**declaration["x-cdlint"]}
        told["elsewhere"] = {key: text for key, text in told["elsewhere"].items() if key != "tags"}
        declaration["x-cdlint"] = told
    else:
        del declaration["oneOf"]
    return {
        **declaration,
        "$defs": parts,
        "x-cdlint": {
            **declaration["x-cdlint"],
            "rules": whole["x-cdlint"]["rules"],
            "free": whole["x-cdlint"]["free"],
            "consequences": _CONSEQUENCES,
        },
    }


def _relaxed(part: Any, template: bool) -> Any:
    """A copy of a subschema that takes what CloudFormation and Terraform turn into the right type.

    Only of a part for templates are keys looked at.
    """
    if not isinstance(part, dict):
        return part
    made = dict(part)
    wanted = made.get("type")
    if wanted == "string":
        made["type"] = _TEXTS
    elif wanted == "integer":
        made.update(_DIGITS, **{"x-cdlint": {**made.get("x-cdlint", {}), **_DIGITS["x-cdlint"]}})
    if not template:
        made.pop("required", None)
        if made.get("additionalProperties") is False:
            del made["additionalProperties"]
    if "properties" in made:
        made["properties"] = {name: _relaxed(sub, template) for name, sub in made["properties"].items()}
    for key in ("items", "additionalProperties", "propertyNames"):
        if key in made:
            made[key] = _relaxed(made[key], template)
    return made


def stores_are_regions(pipeline: Pipeline) -> bool:
    """Does a template write `ArtifactStores` as the API does, as a mapping of regions?"""
    stores = pipeline.node.get("artifactStores")
    return (
        pipeline.form == CLOUDFORMATION
        and isinstance(stores, Mapping)
        and any(name.startswith("?") for name, _, _ in stores.items())
    )
