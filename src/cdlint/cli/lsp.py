"""`cdlint lsp`: the server for editors."""

from __future__ import annotations

from .options import Options, UsageError


def run(options: Options) -> int:  # noqa: ARG001
    """Serve on standard input and output; the exit status."""
    try:
        import pygls.lsp.server  # noqa: F401
    except ImportError:
        raise UsageError("for the server, pip install 'cdlint[lsp]'") from None
    from ..lsp.server import serve

    return serve()
