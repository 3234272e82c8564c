"""`cdlint lsp`: cdlint in an editor, as a server of the Language Server Protocol.

Only `server.py` and `messages.py` know the protocol; the other modules answer in offsets of the text.
"""
