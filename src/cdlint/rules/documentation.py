"""A rule's docstring, taken apart: the one source of its explanation, its web page and its tests.

Layout of a docstring:

    The fault in one line.

    Why it matters, what CodeBuild does, since when, where that is known from.

    Bad:
        version: 0.2
      > phases:
          built:
    Good:
        version: 0.2

Examples stand eight columns in; `>` two columns before the text marks the line the finding is on.
`␉` stands for a tab, which Python 3.13 would expand.
Options stand in brackets: `Bad (image: aws/codebuild/standard:7.0):`; known: `image`, `path`, and
`kind` (default: the first kind whose rules they are).
In examples of several files a line `=== PATH` begins each.
"""

from __future__ import annotations

from . import MODULES, Rule

#: What a file of each kind is usually called.
PATHS = {
    "buildspec": "buildspec.yml",
    "pipeline": "pipeline.yml",
    "template": "template.yml",
    "terraform": "main.tf",
    "image-definitions": "imagedefinitions.json",
    "image-detail": "imageDetail.json",
    "task-definition": "taskdef.json",
    "appspec": "appspec.yml",
    "deploy-spec": "deployspec.yml",
    "template-configuration": "configuration.json",
    "repository": "",
}


class Example:
    """`good` or bad; the file's `text` and `kind`; the 1-based marked `line` (0 if none); `options`."""

    __slots__ = ("good", "kind", "line", "options", "text")

    def __init__(self, good: bool, options: dict[str, str]) -> None:
        self.good = good
        self.options = options
        self.text = ""
        self.line = 0
        self.kind = ""

    @property
    def path(self) -> str:
        """The name of the file that the example stands for."""
        return self.options.get("path") or PATHS.get(self.kind, "example.yml")

    @property
    def files(self) -> dict[str, tuple[str, int]]:
        """`(text, line of the example behind which it begins)` by path, for an example of several files."""
        found: dict[str, tuple[str, int]] = {}
        name = ""
        for number, line in enumerate(self.text.splitlines(), 1):
            if line.startswith("=== "):
                name = line[4:].strip()
                found[name] = ("", number)
            elif name:
                text, start = found[name]
                found[name] = (text + line + "\n", start)
        return found


class Documentation:
    """`summary` is one line; `body` is paragraphs of prose separated by blank lines."""

    __slots__ = ("body", "examples", "summary")

    def __init__(self, summary: str, body: str, examples: list[Example]) -> None:
        self.summary = summary
        self.body = body
        self.examples = examples


def documentation(rule: Rule) -> Documentation:
    """Take a rule's docstring apart."""
    lines = _dedent(rule.doc)
    prose: list[str] = []
    examples: list[Example] = []
    for line in lines:
        header = _header(line)
        if header is not None:
            examples.append(header)
        elif examples and (line.startswith(("    ", "  > ")) or not line.strip()):
            _add(examples[-1], line)
        else:
            prose.append(line)
    for example in examples:
        example.text = example.text.rstrip("\n") + "\n"
        example.kind = example.options.get("kind") or _kind(rule)
    text = "\n".join(prose).strip()
    summary, _, body = text.partition("\n")
    return Documentation(summary.strip(), body.strip(), examples)


def _kind(rule: Rule) -> str:
    """The kind of document that a rule's examples are, where they do not say it."""
    kinds = [kind for kind, modules in MODULES.items() if rule.module in modules and kind in PATHS]
    return kinds[0] if kinds else "buildspec"


def _dedent(doc: str) -> list[str]:
    # Python 3.13 takes the indentation of docstrings away by itself, so its width is looked at.
    first, *rest = doc.split("\n")
    margin = min((len(line) - len(line.lstrip()) for line in rest if line.strip()), default=0)
    return [first.strip(), *(line[margin:] for line in rest)]


def _header(line: str) -> Example | None:
    for word, good in (("Bad", False), ("Good", True)):
        if line.startswith(word) and line.rstrip().endswith(":"):
            inside = line.rstrip()[len(word) : -1].strip()
            if not inside:
                return Example(good, {})
            if inside.startswith("(") and inside.endswith(")"):
                options = {}
                for part in inside[1:-1].split(","):
                    key, _, value = part.partition(":")
                    options[key.strip()] = value.strip()
                return Example(good, options)
    return None


def _add(example: Example, line: str) -> None:
    if line.startswith("  > "):
        example.line = example.text.count("\n") + 1
    example.text += line[4:].replace("␉", "\t") + "\n"
