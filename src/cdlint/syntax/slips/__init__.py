"""What might have been meant on a line that is not YAML: one generator per known slip.

Each yields candidates; none is believed until the parser, given the repaired copy, gets further.
"""

from __future__ import annotations

from .blanks import odd_blanks
from .levels import block_text, quoted_lines
from .punctuation import bullets, colons, first_dash, glued_dash, list_on_key_line, missing_dash, stray_dash
from .values import escapes, flow_comma, flow_item, flow_quote, open_brackets, quotes_above, values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .candidate import Candidate, Trouble

    Generator = Callable[[Trouble], Iterator[Candidate]]

#: Slips that one look at the line decides, in the order in which they are tried.
GENERATORS: tuple[Generator, ...] = (
    odd_blanks,
    bullets,
    glued_dash,
    escapes,
    colons,
    block_text,
    quoted_lines,
    flow_item,
    flow_comma,
    flow_quote,
    list_on_key_line,
    stray_dash,
    values,
    open_brackets,
    quotes_above,
    missing_dash,
    first_dash,
)
