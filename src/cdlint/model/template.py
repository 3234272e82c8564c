"""A CloudFormation or SAM template: its resources, with intrinsic functions worked out as far as they can be.

What cannot be known before the stack is made (parameters, other resources) becomes `Unknown`. `Fn::If` is followed
both ways: `choices` lists the outcomes of the template's conditions that can be had together, and `resolve` takes
one of them. Source: AWS, intrinsic function reference.
"""

from __future__ import annotations

from ..syntax.tree import GAP, Composed, Mapping, Node, Scalar, Sequence, Unknown
from .conditions import outcomes
from .values import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..syntax.document import Document

    #: For each condition of a template whether it is met.
    Choice = dict[str, bool]

#: Functions in their short form; `!Ref` and `!Condition` have no `Fn::` in their long one.
_SHORT = frozenset(
    (
        "!Base64",
        "!Cidr",
        "!FindInMap",
        "!GetAZs",
        "!GetAtt",
        "!If",
        "!ImportValue",
        "!Join",
        "!Ref",
        "!Select",
        "!Split",
        "!Sub",
        "!Transform",
        "!And",
        "!Equals",
        "!Not",
        "!Or",
        "!Condition",
    )
)
_MAX_DEPTH = 60
_MISSING = object()


class Resource:
    """A resource of a template: its logical ID, its type, and its `Properties` as written (not worked out)."""

    __slots__ = ("id", "key", "node", "properties", "type", "type_node")

    def __init__(self, key: Scalar, node: Mapping, type_node: Scalar) -> None:
        self.id = key.value
        self.key = key
        self.node = node
        self.type = type_node.value
        self.type_node = type_node
        self.properties = node.get("Properties")


class Template:
    """A template. `root` is the mapping that has `Resources` (in a serverless.yml that is `resources`)."""

    def __init__(self, document: Document) -> None:
        self.document = document
        root = document.root if isinstance(document.root, Mapping) else Mapping(0, 0)
        inner = root.get("resources")
        if "Resources" not in root and isinstance(inner, Mapping) and "Resources" in inner:
            root = inner
        self.root = root
        self.resources: dict[str, Resource] = {}
        found = root.get("Resources")
        for name, key, value in found.items() if isinstance(found, Mapping) else ():
            kind = value.get("Type") if isinstance(value, Mapping) else None
            if isinstance(key, Scalar) and isinstance(value, Mapping) and isinstance(kind, Scalar):
                self.resources[name] = Resource(key, value, kind)
        self.parameters = _mapping(root.get("Parameters"))
        self.conditions = _mapping(root.get("Conditions"))

    def of_type(self, *types: str) -> list[Resource]:
        return [resource for resource in self.resources.values() if resource.type in types]

    def choices(self, node: Node | None) -> list[Choice]:
        """What the conditions asked for below a node may come out as; `[{}]` if there are none."""
        asked = conditions_in(node)
        return outcomes(self, asked) if asked else [{}]

    def resolve(self, node: Node | None, choice: Choice) -> Node | None:
        """The value of a node under a choice; None if it is absent then (`AWS::NoValue`)."""
        return _Resolver(self, choice).value(node, 0) if node is not None else None


def _mapping(node: Node | None) -> Mapping:
    return node if isinstance(node, Mapping) else Mapping(0, 0)


def function_of(node: Node) -> tuple[str, Node] | None:
    """`(name, argument)` of an intrinsic function in its short or long form: `("Fn::Sub", …)`, `("Ref", …)`.

    Of a short form the argument is the node itself (look at its value, not at its tag).
    """
    tag = node.tag
    if tag is not None and tag.startswith("!") and tag[1:2] != "!":
        if tag in ("!Ref", "!Condition"):
            return tag[1:], node
        if tag in _SHORT:
            return "Fn::" + tag[1:], node
        return tag, node
    if isinstance(node, Mapping) and len(node.pairs) == 1 and not node.merged:
        key, value = node.pairs[0]
        if isinstance(key, Scalar) and (key.value.startswith("Fn::") or key.value in ("Ref", "Condition")):
            return key.value, value
    return None


def conditions_in(node: Node | None) -> set[str]:
    """The conditions that `Fn::If` asks for anywhere below a node."""
    names: set[str] = set()
    seen: set[int] = set()
    stack = [node] if node is not None else []
    while stack:
        at = stack.pop()
        if id(at) in seen:
            continue
        seen.add(id(at))
        called = function_of(at)
        if called is not None and called[0] == "Fn::If" and isinstance(called[1], Sequence):
            first = called[1].items[0] if called[1].items else None
            if isinstance(first, Scalar):
                names.add(first.value)
        if isinstance(at, Mapping):
            stack += [value for _, _, value in at.items()]
        elif isinstance(at, Sequence):
            stack += at.items
    return names


class _Resolver:
    def __init__(self, template: Template, choice: Choice) -> None:
        self.template = template
        self.choice = choice
        self.known: dict[int, Node | None] = {}

    def value(self, node: Node, depth: int) -> Node | None:
        if isinstance(node, Scalar) and node.tag is None:
            if "{{resolve:" in node.value:
                return Unknown(node.start, node.end, "=" + node.value, text=node.value)
            return node
        found = self.known.get(id(node), _MISSING)
        if found is not _MISSING:
            return found  # type: ignore[return-value]
        self.known[id(node)] = Unknown(node.start, node.end)  # in a loop of aliases
        made = self.known[id(node)] = self._made(node, depth)
        return made

    def _made(self, node: Node, depth: int) -> Node | None:
        if depth > _MAX_DEPTH:
            return Unknown(node.start, node.end)
        called = function_of(node)
        if called is not None:
            made = self._call(node, *called, depth)
            if isinstance(made, Unknown) and made.written is None:
                made.written = node
            return made
        if isinstance(node, Mapping):
            return self._mapping(node, depth)
        if isinstance(node, Sequence):
            made = Sequence(node.start, node.end, None, node.flow)
            values = [self.value(item, depth + 1) for item in node.items]
            made.items = [value for value in values if value is not None]
            return made
        return node

    def _mapping(self, node: Mapping, depth: int) -> Node:
        made = Mapping(node.start, node.end, None, node.flow)
        for name, key, value in node.items():
            if name.startswith("Fn::"):
                # A transform, or a function beside other keys: what the mapping holds is anyone's guess.
                return Unknown(node.start, node.end)
            known = self.value(value, depth + 1)
            if known is not None:
                made.pairs.append((key, known))
        return made

    def _call(self, node: Node, name: str, argument: Node, depth: int) -> Node | None:
        if name == "Ref":
            return self._ref(node, argument)
        if name == "Fn::If":
            return self._if(node, argument, depth)
        if name == "Fn::Sub":
            return self._sub(node, argument)
        if name == "Fn::Join":
            return self._join(node, argument, depth)
        if name == "Fn::GetAtt":
            return self._attribute(node, argument)
        if name == "Fn::FindInMap":
            return self._mapped(node, argument, depth)
        unknown = Unknown(node.start, node.end, name + _said(argument))
        if name == "Fn::ToJsonString":
            unknown.inner = self.value(argument, depth + 1) if argument is not node else None
        return unknown

    def _ref(self, node: Node, argument: Node) -> Node | None:
        name = argument.value if isinstance(argument, Scalar) else ""
        if name == "AWS::NoValue":
            return None
        return Unknown(
            node.start,
            node.end,
            f"Ref:{name}",
            text=GAP,
            ref=name if name in self.template.resources else None,
        )

    def _attribute(self, node: Node, argument: Node) -> Node:
        if isinstance(argument, Scalar):
            name = argument.value.partition(".")[0]
        elif isinstance(argument, Sequence) and argument.items and isinstance(argument.items[0], Scalar):
            name = argument.items[0].value
        else:
            name = ""
        ref = name if name in self.template.resources else None
        return Unknown(
            node.start, node.end, "Fn::GetAtt" + _said(argument).replace(",", "."), text=GAP, ref=ref
        )

    def _if(self, node: Node, argument: Node, depth: int) -> Node | None:
        items = argument.items if isinstance(argument, Sequence) else []
        if len(items) != 3 or not isinstance(items[0], Scalar) or items[0].value not in self.choice:
            return Unknown(node.start, node.end, "Fn::If" + _said(argument))
        return self.value(items[1] if self.choice[items[0].value] else items[2], depth + 1)

    def _sub(self, node: Node, argument: Node) -> Node:
        text, values = argument, {}
        if isinstance(argument, Sequence):
            text = argument.items[0] if argument.items else argument
            values = (
                {key: value for key, _, value in argument.items[1].items()}
                if len(argument.items) > 1 and isinstance(argument.items[1], Mapping)
                else {}
            )
        if not isinstance(text, Scalar):
            return Unknown(node.start, node.end)
        if "${" not in text.value:
            return Scalar(text.start, text.end, text.value, text.style)
        seen, names = substituted(text.value)
        if not names:
            # Only `${!Literal}`.
            return Unknown(node.start, node.end, "=" + seen, text=seen)
        own = [name for name in names if name not in values]
        whole = names[0] if seen == GAP and len(names) == 1 else ""
        ref = whole.partition(".")[0]
        identity = f"Ref:{whole}" if whole in own and "." not in whole else "Fn::Sub" + _said(argument)
        return Unknown(
            node.start, node.end, identity, text=seen, ref=ref if ref in self.template.resources else None
        )

    def _join(self, node: Node, argument: Node, depth: int) -> Node:
        items = argument.items if isinstance(argument, Sequence) else []
        unknown = Unknown(node.start, node.end, "Fn::Join" + _said(argument))
        if len(items) != 2 or not isinstance(items[0], Scalar) or not isinstance(items[1], Sequence):
            return unknown
        parts = [self.value(item, depth + 1) for item in items[1].items]
        if all(isinstance(part, Scalar) and part.tag is None for part in parts):
            text = items[0].value.join(part.value for part in parts if isinstance(part, Scalar))
            return Composed(text, node)
        unknown.text = items[0].value.join(visible(part) or GAP for part in parts)
        return unknown

    def _mapped(self, node: Node, argument: Node, depth: int) -> Node:
        """A look-up whose keys are all written out."""
        unknown = Unknown(node.start, node.end, "Fn::FindInMap" + _said(argument), text=GAP)
        if not isinstance(argument, Sequence) or len(argument.items) != 3:
            return unknown
        at: Node | None = self.template.root.get("Mappings")
        for item in argument.items:
            key = self.value(item, depth + 1)
            at = at.get(key.value) if isinstance(at, Mapping) and isinstance(key, Scalar) else None
        return Scalar(node.start, node.end, at.value, '"') if isinstance(at, Scalar) else unknown


def substituted(text: str) -> tuple[str, list[str]]:
    """What `Fn::Sub` leaves of a text, with `GAP` for each `${Name}`, and those names. `${!X}` becomes `${X}`."""
    parts: list[str] = []
    names: list[str] = []
    at = 0
    while True:
        start = text.find("${", at)
        end = text.find("}", start)
        if start < 0 or end < 0:
            return "".join(parts) + text[at:], names
        parts.append(text[at:start])
        name = text[start + 2 : end]
        if name.startswith("!"):
            parts.append("${" + name[1:] + "}")
        else:
            parts.append(GAP)
            names.append(name.strip())
        at = end + 1


def _said(argument: Node) -> str:
    """An argument, the same for the short and the long form of a function."""
    text = canonical(argument)
    if argument.tag:
        text = text.removeprefix(argument.tag)
    return text[1:-1] if text[:1] in "([" else text


def canonical(node: Node | None, depth: int = 0) -> str:
    """The same text for two nodes that say the same, whatever their style."""
    if depth > 20:
        return "…"
    tag = node.tag or "" if node is not None else ""
    if isinstance(node, Scalar):
        return f"{tag}({node.value})"
    if isinstance(node, Sequence):
        return f"{tag}[" + ",".join(canonical(item, depth + 1) for item in node.items) + "]"
    if isinstance(node, Mapping):
        inside = (f"{name}:{canonical(value, depth + 1)}" for name, _, value in node.items())
        return f"{tag}{{" + ",".join(inside) + "}"
    return node.identity if isinstance(node, Unknown) else ""
