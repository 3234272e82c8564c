"""What may be written at a place of a pipeline: what its action types have, and what its other actions give."""

from __future__ import annotations

from ..aws.actions import ActionType, action_types, key_meaning, rule_type, rule_types
from ..model.delivery import delivery_of
from ..model.pipeline import Action, Pipeline
from ..model.references import CODEPIPELINE, VARIABLES
from ..model.values import known
from ..schema import load_schema
from ..syntax.tree import Mapping, Node
from . import schemas
from .project_offers import project_offers
from .schemas import Offer
from .trees import Spot, marked, taken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..syntax.document import Document
    from .workspace import Workspace

#: The parts of an action's type, in the order in which each narrows the next.
_TYPE = ("category", "owner", "provider", "version")
#: What CodePipeline knows of every execution, and of a condition's stage.
_OWN = ("PipelineExecutionId",)


class PipelineOffers:
    """What may be written in a document with pipelines that was read with a mark in it."""

    def __init__(self, workspace: Workspace, uri: str, document: Document, kind: str) -> None:
        self.workspace = workspace
        self.uri = uri
        self.delivery = delivery_of(document, kind)
        self.document = document
        self.kind = kind

    def at(self, outer: Spot) -> list[Offer]:
        """Offers for the place of the mark, by its place in the pipeline's own shape."""
        found = self._find()
        if found is None:
            return self._outside(outer) or project_offers(self.workspace, self.uri, self.delivery)
        pipeline, spot = found
        offers = self._of_action(pipeline, spot)
        if offers is None:
            offers = self._of_schema(pipeline, spot)
        return offers

    def references(self) -> list[Offer]:
        """Every variable that a `#{…}` at the mark can name."""
        found = self._find()
        if found is None:
            return []
        pipeline, spot = found
        reader = action_at(pipeline, spot)
        offers = [
            Offer(f"#{{{CODEPIPELINE}.{name}}}", "reference", "", "of every execution") for name in _OWN
        ]
        for variable in pipeline.variables:
            name = known(variable.get("name"))
            if name:
                offers.append(Offer(f"#{{{VARIABLES}.{name}}}", "reference", "", "of the pipeline"))
        for action in pipeline.actions():
            if action.namespace and action is not reader and not _is_later(pipeline, action, reader):
                for name, detail in self._variables(action):
                    offers.append(Offer(f"#{{{action.namespace}.{name}}}", "reference", "", detail))
        return list({offer.label: offer for offer in offers}.values())

    # --- places ----------------------------------------------------------------------------------

    def _find(self) -> tuple[Pipeline, Spot] | None:
        for variants in self.delivery.pipelines:
            for pipeline in variants:
                spot = marked(pipeline.node, lambda value: "cdlintmark" in value.lower())
                if spot is not None:
                    return pipeline, spot
        return None

    def _outside(self, spot: Spot) -> list[Offer]:
        """Around the pipeline: its wrapper in the API's form."""
        schema = schemas.schema_of(self.kind) if self.kind == "pipeline" else None
        if schema is None or not spot.is_key:
            return []
        there = taken(spot)
        found = schemas.keys(schemas.at(schema, spot.path[:-1]))
        return [offer for offer in found if offer.label not in there]

    def _of_schema(self, pipeline: Pipeline, spot: Spot) -> list[Offer]:
        schema = load_schema("pipeline")
        inner = {"$ref": "#/$defs/declaration", "$defs": schema["$defs"]}
        if not spot.is_key:
            return schemas.values(schemas.at(inner, spot.path))
        there = taken(spot)
        offers = []
        for offer in schemas.keys(schemas.at(inner, spot.path[:-1])):
            if offer.label in there:
                continue
            offers += (
                self._terraform_type(offer, there)
                if pipeline.form == "terraform" and offer.label == "actionTypeId"
                else [offer._replace(label=pipeline.spell(offer.label))]
            )
        return offers

    def _terraform_type(self, offer: Offer, there: set[str]) -> list[Offer]:
        """In Terraform the parts of an action's type are keys of the action."""
        return [Offer(name, "key", offer.about, "", "scalar") for name in _TYPE if name not in there]

    # --- actions ---------------------------------------------------------------------------------

    def _of_action(self, pipeline: Pipeline, spot: Spot) -> list[Offer] | None:
        """Offers for a place inside of an action, or of a condition's rule; None where the schema knows best."""
        path = spot.path
        if "actionTypeId" in path:
            return None if spot.is_key else self._types(spot)
        if "ruleTypeId" in path and path[-1] == "provider" and not spot.is_key:
            return [Offer(one.provider, "value") for one in rule_types()]
        action = action_at(pipeline, spot)
        if action is None:
            return self._of_rule(spot)
        if "inputArtifacts" in path and not spot.is_key:
            return artifacts(pipeline, action)
        if "configuration" not in path or len(path) < path.index("configuration") + 2:
            return None
        kind = action.type
        if kind is None:
            return []
        if spot.is_key:
            there = taken(spot)
            offers = [config_key(kind, key) for key in kind.keys if key not in there]
            return sorted(offers, key=lambda offer: not offer.detail)
        return self._values(action, kind, str(path[path.index("configuration") + 1]))

    def _types(self, spot: Spot) -> list[Offer]:
        """The parts of action types that go with the parts that are there."""
        part = str(spot.path[-1])
        if part == "version":
            return [Offer("1", "value")]
        parent = spot.parents[-1]
        given: dict[str, str | None] = {}
        for name in _TYPE:
            value = known(parent.get(name)) if isinstance(parent, Mapping) else None
            given[name] = None if name == part or value is None or "cdlintmark" in value.lower() else value
        found: dict[str, Offer] = {}
        for one in action_types():
            has = {"category": one.category, "owner": one.owner, "provider": one.provider}
            if any(value is not None and has.get(name) not in (value, None) for name, value in given.items()):
                continue
            about = about_type(one) if part == "provider" else ""
            found.setdefault(has[part], Offer(has[part], "value", about, one.deprecated))
        return list(found.values())

    def _of_rule(self, spot: Spot) -> list[Offer] | None:
        """The configuration of a condition's rule."""
        if "configuration" not in spot.path or len(spot.path) < spot.path.index("configuration") + 2:
            return None
        holder = spot.parents[spot.path.index("configuration")]
        kind = holder.get("ruleTypeId") if isinstance(holder, Mapping) else None
        provider = known(kind.get("provider")) if isinstance(kind, Mapping) else None
        rule = rule_type(provider) if provider else None
        if rule is None:
            return None
        if spot.is_key:
            there = taken(spot)
            return [
                Offer(key, "key", "", "required" if key in rule.required else "", "scalar")
                for key in rule.keys
                if key not in there
            ]
        return _choices(rule.keys.get(str(spot.path[-1]), {}))

    def _values(self, action: Action, kind: ActionType, key: str) -> list[Offer]:
        about = kind.keys.get(key, {})
        if key == "PrimarySource" or about.get("input"):
            return [
                Offer(name, "artifact", "", "an input of this action")
                for name in dict.fromkeys(one.name for one in action.inputs)
                if name
            ]
        if about.get("path"):
            return [
                Offer(f"{name}::", "artifact", "", "a file of this artifact")
                for name in dict.fromkeys(one.name for one in action.inputs)
                if name
            ]
        if key == "ProjectName":
            return self._projects()
        return _choices(about)

    def _projects(self) -> list[Offer]:
        """The build projects that the files of the repository declare by name."""
        around = self.workspace.repository(self.uri)
        found: dict[str, Offer] = {}
        for member, project in around[0].projects() if around is not None else ():
            if project.name:
                found.setdefault(project.name, Offer(project.name, "value", "", f"in {member.name}"))
        return list(found.values())

    def _variables(self, action: Action) -> list[tuple[str, str]]:
        """`(name, where it comes from)` of the variables in an action's namespace."""
        kind = action.type
        whose = f"of {action.label}"
        if kind is not None and kind.variables:
            return [(name, whose) for name in sorted(kind.variables)]
        own = [known(one) for one in action.output_variables]
        found = [(name, whose) for name in own if name]
        if action.provider == "CodeBuild":
            found += [(name, f"exported by {where}") for name, where in self._exported(action)]
        return found

    def _exported(self, action: Action) -> list[tuple[str, str]]:
        """The variables that the buildspec of a build exports, as far as the repository tells."""
        around = self.workspace.repository(self.uri)
        if around is None:
            return []
        repository, member = around
        for other in (one for one_member, one in repository.actions("CodeBuild") if one_member is member):
            if other.name == action.name and other.stage.name == action.stage.name:
                build = repository.build_of(member, other)
                if build is not None:
                    return [
                        (name, build.member.name)
                        for name in exported(build.spec.get("env", "exported-variables"))
                    ]
        return []


def exported(node: Node | None) -> list[str]:
    from ..model.values import members

    return [name for name in map(known, members(node)) if name]


def artifacts(pipeline: Pipeline, reader: Action) -> list[Offer]:
    """The artifacts that an action can have for inputs: those of actions that are not later than itself."""
    found: dict[str, Offer] = {}
    for action in pipeline.actions():
        if action is reader or _is_later(pipeline, action, reader):
            continue
        for output in action.outputs:
            if output.name and "cdlintmark" not in output.name.lower():
                found.setdefault(output.name, Offer(output.name, "artifact", "", f"from {action.label}"))
    return list(found.values())


def config_key(kind: ActionType, key: str) -> Offer:
    detail = "required" if key in kind.required else ""
    return Offer(key, "key", about_key(kind, key), detail, "scalar")


def about_key(kind: ActionType, key: str) -> str:
    """A configuration key in Markdown: what it is for, and what it may hold."""
    facts = kind.keys.get(key, {})
    said = [key_meaning(kind, key)]
    if facts.get("enum") or facts.get("items"):
        words = facts.get("enum") or facts["items"]
        several = " (several by commas)" if facts.get("items") else ""
        said.append("One of " + ", ".join(f"`{word}`" for word in words) + several + ".")
    if facts.get("input"):
        said.append("The name of an input artifact of this action.")
    if facts.get("path") and "::" not in said[0]:
        said.append("Written as `Artifact::path`.")
    if facts.get("json"):
        said.append("JSON in one text.")
    if facts.get("range"):
        low, high = facts["range"]
        said.append(f"From {low} to {high}.")
    if facts.get("max_length"):
        said.append(f"At most {facts['max_length']:,} characters.")
    if facts.get("default") is not None and "default" not in said[0]:
        said.append(f"Default: `{facts['default']}`.")
    return " ".join(part for part in dict.fromkeys(said) if part)


def about_type(kind: ActionType) -> str:
    said = [f"{kind.category} action of {kind.owner}."]
    if kind.required:
        said.append("Needs " + ", ".join(f"`{key}`" for key in kind.required) + ".")
    for what, counts in (("input", kind.inputs), ("output", kind.outputs)):
        if counts is not None:
            least, most = counts
            said.append(f"{what.capitalize()} artifacts: {least if least == most else f'{least} to {most}'}.")
    if kind.v2:
        said.append("Only in pipelines of type V2.")
    if kind.deprecated:
        said.append(kind.deprecated + ".")
    return " ".join(said)


def _choices(facts: dict[str, object]) -> list[Offer]:
    words = facts.get("enum") or facts.get("items") or ()
    default = facts.get("default")
    names = [*(words if isinstance(words, list) else ()), *([default] if default is not None else ())]
    return [
        Offer(str(name), "value", "The default." if name == default else "") for name in dict.fromkeys(names)
    ]


def action_at(pipeline: Pipeline, spot: Spot) -> Action | None:
    parents = {id(node) for node in spot.parents}
    return next((action for action in pipeline.actions() if id(action.node) in parents), None)


def _is_later(pipeline: Pipeline, one: Action, other: Action | None) -> bool:
    """Has `one` surely not ended when `other` starts?"""
    return other is not None and pipeline.runs_before(one, other) is False
