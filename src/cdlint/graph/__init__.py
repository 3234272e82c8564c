"""Pictures of pipelines: `parts` says what is drawn, `layout` and `routes` where, the others how.

`parts.graph_of(pipeline, findings)` makes a `Graph` of plain data; `mermaid.write` needs no more. `layout.arrange`
gives every box and arrow its place, `svg.write` draws that, and `page.write` puts drawings and findings on a page
that needs no network.
"""
