"""Shell scripts: from the text of a command to what the shell would run.

`parse` is the face of this package. Scripts that are one plain command (most are) are split here; tree-sitter
reads all others. Places are offsets into the script's own text; `model.buildspec.Command` brings them to the file.
"""

from __future__ import annotations

from .nodes import Assignment, Expansion, Feature, Redirect, Simple, Statement, Word, is_name
from .script import Script, parse

__all__ = [
    "Assignment",
    "Expansion",
    "Feature",
    "Redirect",
    "Script",
    "Simple",
    "Statement",
    "Word",
    "is_name",
    "parse",
]
