"""`cdlint package`: which branch, which files, one zip, one upload, and the execution it starts.

Data flows down once: `branch` decides, `files` and `gitdir` list entries, `archive` writes them,
`upload` puts the result where `target` says, and `execution` follows what it starts. `cli/package.py`
calls them in that order. Nothing here knows rules or findings, and `cdlint check` imports none of it.
"""
