"""From the content of a file to the graphs of its pipelines."""

from __future__ import annotations

from ..kinds import kind_of
from ..model.delivery import delivery_of
from ..source import Source
from ..syntax.reading import decode, read
from .naming import plain
from .parts import Graph, Mark, graph_of, title

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..findings import FileResult
    from ..model.delivery import Delivery
    from ..model.pipeline import Pipeline
    from ..model.template import Choice, Template

_KINDS = ("pipeline", "template", "terraform")


class Found:
    """A pipeline in all its variants, and the findings of its file."""

    __slots__ = ("choices", "marks", "name", "variants")

    def __init__(self, variants: list[Pipeline], marks: list[Mark], template: Template | None) -> None:
        self.variants = variants
        self.marks = marks
        self.choices = _choices(variants, template)
        self.name = title(variants[0])

    @property
    def names(self) -> set[str]:
        """What the user may call it: its name and, of a template or Terraform, its label."""
        first = self.variants[0]
        return {name for name in (self.name, first.name, first.label) if name}

    def graph(self, variant: int, *, variables: bool = False) -> Graph:
        """The graph of a variant, counted from 1."""
        graph = graph_of(self.variants[variant - 1], self.marks, variables=variables)
        count = len(self.variants)
        if count > 1:
            chosen = self.choices[variant - 1] if len(self.choices) == count else {}
            outcome = ", ".join(f"{name} {'met' if met else 'not met'}" for name, met in chosen.items())
            graph.notes.append(
                f"Variant {variant} of {count}"
                + (f": {outcome}" if outcome else "")
                + " (--variant N for another)."
            )
        return graph


def _choices(variants: list[Pipeline], template: Template | None) -> list[Choice]:
    """For each variant how the template's conditions came out; empty if that is not known."""
    if template is None or len(variants) < 2:
        return []
    resource = template.resources.get(variants[0].label)
    choices = template.choices(resource.properties) if resource is not None else []
    return choices if len(choices) == len(variants) else []


def delivery_in(data: bytes, path: str, kind: str | None = None) -> Delivery | None:
    """What a file declares; None for a file that can have no pipeline."""
    text, repairs = decode(data)
    source = Source(path, text)
    if kind == "terraform" or (kind is None and path.endswith(".tf")):
        from ..syntax.hcl import read_hcl

        document = read_hcl(source, repairs)
    else:
        document = read(source, repairs)
    kind = kind or kind_of(path, text, document.root, True)
    return delivery_of(document, kind) if kind in _KINDS else None


def marks_of(result: FileResult) -> list[Mark]:
    """The findings of a file as pictures tell them."""
    source = result.shown
    return [
        Mark(
            finding.severity,
            finding.code,
            finding.name,
            plain(finding.message),
            plain(finding.help),
            result.path,
            source.position(finding.span.start).line,
            finding.span.start,
        )
        for finding in result.findings
    ]
