"""CodePipeline's action types and the rule types of its conditions."""

from __future__ import annotations

from . import table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class ActionType:
    """What AWS says of an action type.

    `inputs` and `outputs` are `(least, most)`, None if not published. `keys` holds each configuration key with what
    is known of its value: `enum`, `pattern`, `range`, `max_length`, `default`, `items` (of a comma list), `json`
    (`array` or `object`; `entry`: the keys of its members), `arn` and `resource` (services and resources that it may
    name), `path` (`Artifact::path`), `input` (the name of an input artifact). `mistaken` has names that keys are given
    by mistake, by the key that is meant. `published` is False where AWS does not list the keys. `variables` are those
    that it sets in its namespace; None where the user, or what it runs, names them. `v2`: only in V2 pipelines.
    """

    __slots__ = (
        "category",
        "deprecated",
        "inputs",
        "keys",
        "mistaken",
        "outputs",
        "owner",
        "provider",
        "published",
        "required",
        "secrets",
        "v2",
        "variables",
    )

    def __init__(self, data: dict[str, Any]) -> None:
        self.category: str = data["category"]
        self.owner: str = data["owner"]
        self.provider: str = data["provider"]
        self.inputs: tuple[int, int] | None = tuple(data["inputs"]) if "inputs" in data else None
        self.outputs: tuple[int, int] | None = tuple(data["outputs"]) if "outputs" in data else None
        self.required: list[str] = data.get("required", [])
        self.keys: dict[str, dict[str, Any]] = data["keys"]
        self.mistaken: dict[str, str] = data.get("mistaken", {})
        self.published: bool = not data.get("unpublished", False)
        variables = data["variables"]
        self.variables: frozenset[str] | None = None if variables is None else frozenset(variables)
        self.v2: bool = data.get("v2", False)
        self.deprecated: str = data.get("deprecated", "")
        self.secrets: list[str] = data.get("secrets", [])

    def __repr__(self) -> str:
        return f"ActionType({self.category}/{self.owner}/{self.provider})"


class RuleType:
    """A rule type of a stage condition, e.g. `VariableCheck`: its required and all its configuration keys."""

    __slots__ = ("keys", "provider", "required")

    def __init__(self, data: dict[str, Any]) -> None:
        self.provider: str = data["provider"]
        self.required: list[str] = data["required"]
        self.keys: dict[str, dict[str, Any]] = data["keys"]


_TYPES: dict[tuple[str, str, str], ActionType] = {}
_RULES: dict[str, RuleType] = {}


def action_types() -> list[ActionType]:
    """Every action type of AWS and of third parties."""
    if not _TYPES:
        for data in table("actions")["actions"]:
            _TYPES[data["category"], data["owner"], data["provider"]] = ActionType(data)
    return list(_TYPES.values())


def action_type(category: str, owner: str, provider: str) -> ActionType | None:
    """An action type, None if AWS has no such one (those of owner `Custom` are the user's own)."""
    action_types()
    return _TYPES.get((category, owner, provider))


def rule_type(provider: str) -> RuleType | None:
    if not _RULES:
        for data in table("actions")["rules"]:
            _RULES[data["provider"]] = RuleType(data)
    return _RULES.get(provider)


def rule_types() -> list[RuleType]:
    rule_type("")
    return list(_RULES.values())


def key_meaning(kind: ActionType, key: str) -> str:
    """What a configuration key is for, in a sentence or two; "" if nothing is written of it."""
    texts: dict[str, dict[str, str]] = table("action_texts")["texts"]
    category = "Build" if kind.provider == "CodeBuild" else kind.category
    return texts.get(f"{category}/{kind.provider}", {}).get(key, "")
