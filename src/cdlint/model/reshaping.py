"""Parts of a buildspec that hang at the wrong place, moved in the tree to where they were meant.

The places of all nodes stay those of the text, so rules that read the moved parts point rightly. Each
move is reported as a repair, with the edits that would move the text where that is a matter of indentation.
"""

from __future__ import annotations

from ..findings import Edit, Fix
from ..source import Span
from ..syntax.document import Document, Repair
from ..syntax.lines import Lines
from ..syntax.tree import Mapping, Node, Scalar, Sequence
from ..wording import closest, listed
from .buildspec import (
    ARTIFACT_KEYS,
    BATCH_KEYS,
    CACHE_KEYS,
    ENV_KEYS,
    PHASE_KEYS,
    PHASES,
    SECTIONS,
    TASK_ENV_KEYS,
)

#: What belongs below a section, for telling that it stands beside it.
_CHILDREN = {
    "artifacts": frozenset(ARTIFACT_KEYS) - {"file-format"},
    "env": frozenset(ENV_KEYS),
    "cache": frozenset(CACHE_KEYS),
    "batch": frozenset(BATCH_KEYS),
}
RUNTIMES = frozenset(
    ("android", "docker", "dotnet", "golang", "java", "nodejs", "php", "python", "ruby", "rust")
)
#: Sections that are met below `phases`, one indentation too deep.
_MOVABLE = frozenset(SECTIONS) - {"phases", "run-as"}


def reshape(document: Document) -> None:
    """Move what hangs wrong. Never raises; leaves alone what is not clearly meant otherwise."""
    root = document.root
    if not isinstance(root, Mapping):
        return
    shaper = _Shaper(document, root)
    shaper.commands_beside_phase(root)
    for section, keys in _CHILDREN.items():
        shaper.keys_beside_section(root, section, keys)
    shaper.phases_at_root()
    phases = root.get("phases")
    if isinstance(phases, Mapping):
        shaper.commands_beside_phase(phases)
        shaper.sections_under_phases(phases)
        for _, _, phase in phases.items():
            if isinstance(phase, Mapping):
                shaper.keys_beside_section(phase, "runtime-versions", RUNTIMES)
        shaper.runtime_versions(phases)
    env = root.get("env")
    if isinstance(env, Mapping):
        shaper.variables_in_env(env)


def read_as_meant(document: Document) -> None:
    """Give misspelt keys, which the schema has reported, the names that were meant.

    So the rules that read the model see the commands below `pre-build:` or `comands:`.
    """
    root = document.root
    meant_phases = any(violation.suggestion == "phases" for violation in document.violations)
    ours = isinstance(root, Mapping) and ("phases" in root or meant_phases)
    for violation in document.violations:
        if violation.parent is root and not ours:
            continue  # perhaps no buildspec at all
        key, parent, meant = violation.key, violation.parent, violation.suggestion
        if meant is None or violation.name != getattr(key, "value", None):
            continue  # the suggestion is for a value
        if not isinstance(key, Scalar) or not isinstance(parent, Mapping):
            continue
        if meant not in parent and any(pair[0] is key for pair in parent.pairs):
            named = Scalar(key.start, key.end, meant, key.style)
            _set(parent, [(named if k is key else k, value) for k, value in parent.pairs])


class _Shaper:
    def __init__(self, document: Document, root: Mapping) -> None:
        self.document = document
        self.root = root
        self.text = document.draft.text
        self.lines = Lines(self.text)

    def report(self, kind: str, span: Span, fix: Fix | None, detail: dict[str, str] | None = None) -> None:
        draft = self.document.draft
        if fix is not None:
            edits = draft.edits(fix.edits)
            fix = Fix(fix.description, edits, safe=fix.safe) if edits else None
        self.document.repairs.append(Repair(kind, draft.span(span), fix, detail))

    def shifted(self, nodes: list[tuple[Node, Node]], by: int) -> list[Edit] | None:
        """Edits that shift the lines of some pairs; None if a pair does not begin its line."""
        edits: list[Edit] = []
        for key, value in nodes:
            first = self.lines.at(key.start)
            if self.lines[first].body != key.start:
                return None
            last = self.lines.at(max(key.end, value.end, key.start))
            for index in range(first, last + 1):
                line = self.lines[index]
                if line.blank:
                    continue
                if by > 0:
                    edits.append(Edit(line.start, line.start, " " * by))
                elif line.indent >= -by:
                    edits.append(Edit(line.start, line.start - by, ""))
                else:
                    return None
        return edits

    def step(self) -> int:
        """The indentation step of the file: that of the first indented line, 2 if there is none."""
        for index in range(min(len(self.lines), 200)):
            line = self.lines[index]
            if line.indent and not line.blank and not line.comment and not line.is_item:
                return min(line.indent, 8)
        return 2

    def commands_beside_phase(self, parent: Mapping) -> None:
        """`build:` is empty and `commands:` stands beside it, not below it."""
        pairs: list[tuple[Node, Node]] = []
        owner: Scalar | None = None
        at = 0
        while at < len(parent.pairs):
            key, value = parent.pairs[at]
            at += 1
            empty = isinstance(value, Scalar) and value.is_null
            if isinstance(key, Scalar) and key.value in PHASES and empty:
                owner = key
                moved: list[tuple[Node, Node]] = []
                while at < len(parent.pairs) and _name(parent.pairs[at][0]) in PHASE_KEYS:
                    if _name(parent.pairs[at][0]) == "run-as" and parent is self.root:
                        break
                    moved.append(parent.pairs[at])
                    at += 1
                if moved:
                    pairs.append((owner, self.adopt(owner, moved, parent.flow)))
                    continue
            pairs.append((key, value))
        if owner is not None and len(pairs) != len(parent.pairs):
            _set(parent, pairs)
            kept = {id(pair[0]) for pair in pairs}
            self.document.duplicates = [
                (first, again)
                for first, again in self.document.duplicates
                if id(again) in kept or again.value not in PHASE_KEYS
            ]

    def keys_beside_section(self, parent: Mapping, section: str, keys: frozenset[str]) -> None:
        """`artifacts:` is empty and `files:` stands beside it, not below it."""
        names = [_name(key) for key, _ in parent.pairs]
        if section not in names or not _null(parent.pairs[names.index(section)][1]):
            return
        at = names.index(section)
        stop = at + 1
        while stop < len(names) and names[stop] in keys:
            stop += 1
        owner, moved = parent.pairs[at][0], parent.pairs[at + 1 : stop]
        if not moved or not isinstance(owner, Scalar):
            return
        edits = None if parent.flow else self.shifted(moved, self.step())
        first = moved[0][0]
        fix = Fix(f"Indent the block below `{section}`", edits) if edits else None
        detail = {"section": section, "keys": _code([_name(key) for key, _ in moved])}
        self.report("keys-beside-section", Span(owner.start, first.end), fix, detail)
        mapping = Mapping(first.start, moved[-1][1].end)
        mapping.pairs = moved
        _set(parent, [*parent.pairs[:at], (owner, mapping), *parent.pairs[stop:]])

    def adopt(self, owner: Scalar, moved: list[tuple[Node, Node]], flow: bool) -> Mapping:
        edits = None if flow else self.shifted(moved, self.step())
        first = moved[0][0]
        fix = Fix(f"Indent the block below `{owner.value}`", edits) if edits else None
        detail = {"phase": owner.value, "keys": _code([_name(key) for key, _ in moved])}
        self.report("commands-beside-phase", Span(owner.start, first.end), fix, detail)
        mapping = Mapping(first.start, moved[-1][1].end)
        mapping.pairs = moved
        return mapping

    def phases_at_root(self) -> None:
        """The phases stand at the top level: there is no `phases:`, or nothing below it."""
        found = [pair for pair in self.root.pairs if _name(pair[0]) in PHASES]
        if not found:
            return
        phases = self.root.get("phases")
        empty = isinstance(phases, Scalar) and phases.is_null
        if phases is not None and not empty:
            return
        if not all(isinstance(value, Mapping) or _null(value) for _, value in found):
            return
        first = found[0][0]
        edits = None if self.root.flow else self.shifted(found, self.step())
        at = self.root.pairs.index(found[0])
        together = self.root.pairs[at : at + len(found)] == found
        if edits is not None and phases is None and together:
            edits = [Edit(first.start, first.start, "phases:\n" + " " * self.step()), *edits[1:]]
        elif not (empty and together and at and _name(self.root.pairs[at - 1][0]) == "phases"):
            edits = None
        fix = Fix("Put the phases below `phases:`", edits) if edits else None
        names = _code([_name(key) for key, _ in found])
        self.report("phases-at-root", Span(first.start, first.end), fix, {"phases": names})
        key = self.root.key("phases") or Scalar(first.start, first.end, "phases")
        mapping = Mapping(first.start, found[-1][1].end)
        mapping.pairs = found
        rest = [pair for pair in self.root.pairs if pair not in found and _name(pair[0]) != "phases"]
        _set(self.root, [*rest, (key, mapping)])

    def sections_under_phases(self, phases: Mapping) -> None:
        """`artifacts:` and the like are indented below `phases:`, as if they were phases."""
        stray = [pair for pair in phases.pairs if _name(pair[0]) in _MOVABLE]
        moved = []
        for key, value in stray:
            name = _name(key)
            if name in self.root:
                continue
            index = phases.pairs.index((key, value))
            last = all(_name(other[0]) in _MOVABLE for other in phases.pairs[index:])
            depth = self.lines[self.lines.at(key.start)].indent
            edits = self.shifted([(key, value)], -depth) if last and not phases.flow else None
            fix = Fix(f"Move `{name}` to the top level", edits) if edits else None
            self.report("section-under-phases", Span(key.start, key.end), fix, {"section": name})
            moved.append((key, value))
        if moved:
            _set(phases, [pair for pair in phases.pairs if pair not in moved])
            _set(self.root, [*self.root.pairs, *moved])

    def runtime_versions(self, phases: Mapping) -> None:
        """`runtime-versions` in another phase than install."""
        install = phases.get("install")
        if isinstance(install, Mapping) and "runtime-versions" in install:
            return
        for name, _, phase in list(phases.items()):
            if name == "install" or name not in PHASES or not isinstance(phase, Mapping):
                continue
            pair = next((pair for pair in phase.pairs if _name(pair[0]) == "runtime-versions"), None)
            if pair is None:
                continue
            fix = self.move_to_install(phases, name, phase, pair)
            span = Span(pair[0].start, pair[0].end)
            self.report("runtime-versions-misplaced", span, fix, {"phase": name})
            _set(phase, [other for other in phase.pairs if other is not pair])
            if isinstance(install, Mapping):
                _set(install, [*install.pairs, pair])
            else:
                mapping = Mapping(pair[0].start, pair[1].end)
                mapping.pairs = [pair]
                key = phases.key("install") or Scalar(pair[0].start, pair[0].end, "install")
                rest = [other for other in phases.pairs if _name(other[0]) != "install"]
                _set(phases, [(key, mapping), *rest])
            return

    def move_to_install(
        self, phases: Mapping, name: str, phase: Mapping, pair: tuple[Node, Node]
    ) -> Fix | None:
        """Cut the block out of its phase and put it first into install."""
        key, value = pair
        first, last = self.lines.at(key.start), self.lines.at(max(value.end, key.end))
        if phases.flow or phase.flow or self.lines[first].body != key.start or len(phase.pairs) < 2:
            return None
        start = self.lines[first].start
        end = self.lines.starts[last + 1] if last + 1 < len(self.lines) else len(self.text)
        block = self.text[start:end]
        block = block if block.endswith("\n") else block + "\n"
        install = phases.get("install")
        if isinstance(install, Mapping) and install.pairs and not install.flow:
            target = self.lines[self.lines.at(install.pairs[0][0].start)]
            if target.body != install.pairs[0][0].start or target.indent != self.lines[first].indent:
                return None
            put = Edit(target.start, target.start, block)
        elif install is None:
            owner = phases.key(name)
            assert owner is not None
            line = self.lines[self.lines.at(owner.start)]
            if line.body != owner.start:
                return None
            put = Edit(line.start, line.start, " " * line.indent + "install:\n" + block)
        else:
            return None
        return Fix("Move `runtime-versions` to the install phase", [Edit(start, end, ""), put])

    def variables_in_env(self, env: Mapping) -> None:
        """Variables right below `env:`, or a list below `variables:`."""
        variables = env.get("variables")
        if isinstance(variables, Sequence):
            self.variables_as_list(env, variables)
            return
        stray: list[tuple[Node, Node]] = [
            (key, value)
            for key, value in env.pairs
            if isinstance(key, Scalar) and _is_variable(key.value) and isinstance(value, Scalar)
        ]
        if not stray or (variables is not None and not isinstance(variables, Mapping)):
            return
        first, last = stray[0][0], stray[-1][0]
        at = env.pairs.index(stray[0])
        edits = None
        if variables is None and env.pairs[at : at + len(stray)] == stray and not env.flow:
            edits = self.shifted(stray, self.step())
        if edits:
            indent = self.lines[self.lines.at(first.start)].indent
            put = "variables:\n" + " " * (indent + self.step())
            edits = [Edit(first.start, first.start, put), *edits[1:]]
        fix = Fix("Put them below `variables:`", edits) if edits else None
        names = _code([_name(key) for key, _ in stray])
        self.report("env-not-sectioned", Span(first.start, first.end), fix, {"names": names})
        if isinstance(variables, Mapping):
            _set(variables, [*variables.pairs, *stray])
            _set(env, [pair for pair in env.pairs if pair not in stray])
        else:
            mapping = Mapping(first.start, last.end)
            mapping.pairs = stray
            key = Scalar(first.start, first.end, "variables")
            _set(env, [*(pair for pair in env.pairs if pair not in stray), (key, mapping)])

    def variables_as_list(self, env: Mapping, variables: Sequence) -> None:
        """`- NAME=value` or `- NAME: value` below `variables:`."""
        pairs: list[tuple[Node, Node]] = []
        edits: list[Edit] = []
        for item in variables.items:
            line = self.lines[self.lines.at(item.start)]
            if isinstance(item, Mapping) and len(item.pairs) == 1 and not item.flow:
                pairs += item.pairs
            elif isinstance(item, Scalar) and not item.style and "=" in item.value:
                name = item.value.partition("=")[0]
                if not _is_variable(name):
                    return
                equals = item.start + len(name)
                value = Scalar(equals + 1, item.end, item.value[len(name) + 1 :], '"')
                pairs.append((Scalar(item.start, equals, name), value))
                rest = self.text[equals + 1 : item.end]
                if rest[:1] not in ("'", '"'):
                    rest = '"' + rest.replace("\\", "\\\\").replace('"', '\\"') + '"'
                edits.append(Edit(equals, item.end, ": " + rest))
            else:
                return
            if line.is_item and not variables.flow:
                edits.append(Edit(line.body, line.item, "  " if line.indent == 0 else ""))
        if not pairs:
            return
        owner = env.key("variables")
        deep = all(
            self.lines[self.lines.at(item.start)].indent > self.lines[self.lines.at(owner.start)].indent
            for item in variables.items
            if owner is not None
        )
        fix = Fix("Write the variables as a mapping", edits) if deep and not variables.flow else None
        first = variables.items[0]
        self.report("env-not-sectioned", Span(first.start, pairs[0][0].end), fix, {"list": "yes"})
        mapping = Mapping(variables.start, variables.end)
        mapping.pairs = pairs
        _set(env, [(k, mapping if v is variables else v) for k, v in env.pairs])


def _set(mapping: Mapping, pairs: list[tuple[Node, Node]]) -> None:
    mapping.pairs = pairs
    mapping._index = None


def _name(key: Node) -> str:
    return key.value if isinstance(key, Scalar) else ""


def _null(value: Node) -> bool:
    return isinstance(value, Scalar) and value.is_null


def _code(names: list[str]) -> str:
    return listed((f"`{name}`" for name in names), "and", limit=4)


def _is_variable(name: str) -> bool:
    """True for a name that can only be meant as a variable, not as a misspelt key of `env`."""
    if not name or not name.isascii() or not (name[0].isalpha() or name[0] == "_"):
        return False
    if not all(char.isalnum() or char == "_" for char in name):
        return False
    if closest(name, ENV_KEYS + TASK_ENV_KEYS) is not None:
        return False
    return name.isupper() or "_" in name
