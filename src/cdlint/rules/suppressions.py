"""Rules about cdlint's own comments.

`cdlint.suppression` finds these while it applies the comments, after all other rules have run; the
functions here only give the rules their place in the list, and their documentation.
"""

from __future__ import annotations

from ..findings import Severity
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..findings import Finding
    from ..syntax.document import Document


@rule("CD090", "unused-suppression", Severity.INFO)
def unused_suppression(_document: Document) -> Iterator[Finding]:
    """A `# cdlint: ignore` comment silences nothing.

    The fault it was written for is gone, or it stands on the wrong line. Left in place it would
    hide the next fault of that kind. A comment counts for its own line; on a line of its own it
    counts for the next line that is no comment.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - make  # cdlint: ignore[tab-indentation]
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - make
    """
    return iter(())


@rule("CD091", "unknown-suppression", Severity.WARNING)
def unknown_suppression(_document: Document) -> Iterator[Finding]:
    """A cdlint comment names no known rule, or cannot be read.

    Such a comment silences nothing, whatever it was meant to do. It is written
    `# cdlint: ignore[CD090]` or `# cdlint: ignore[unused-suppression]`, with several rules
    separated by commas, or `# cdlint: ignore-file[…]` for the whole file.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - make  # cdlint: ignore[unused-supression]
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - make
    """
    return iter(())
