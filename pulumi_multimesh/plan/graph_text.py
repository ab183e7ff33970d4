"""A graph as text that others draw: Mermaid, which code reviews show as a picture, and Graphviz's DOT.

Owns: both languages. Does not own: what is in the graph (graph.py).
"""

from collections.abc import Iterator

from pulumi_multimesh.plan.graph import Edge, Graph, Node


def mermaid(graph: Graph) -> str:
    """For a block of `mermaid` in Markdown; ends with a newline."""
    return "\n".join(_mermaid_lines(graph)) + "\n"


def _mermaid_lines(graph: Graph) -> Iterator[str]:
    names = _names(graph)
    yield from ("---", f"title: {_quoted(graph.title)}", "---", "flowchart TD")
    yield f"  {names[graph.root.name]}{{{{{_mermaid_label(graph.root)}}}}}"
    for position, group in enumerate(graph.groups):
        yield f"  subgraph network{position}[{_quoted(group.title)}]"
        for node in group.nodes:
            yield f"    {names[node.name]}[{_mermaid_label(node)}]"
        yield "  end"
    for edge in graph.edges:
        yield f"  {names[edge.start]} {_mermaid_arrow(edge)}|{_quoted(edge.text)}| {names[edge.end]}"


def _mermaid_label(node: Node) -> str:
    return _quoted("<br/>".join(node.lines))


def _mermaid_arrow(edge: Edge) -> str:
    if edge.dashed:
        return "-.->"
    return "<-->" if edge.both else "-->"


def dot(graph: Graph) -> str:
    """For Graphviz: `dot -Tsvg`; ends with a newline."""
    return "\n".join(_dot_lines(graph)) + "\n"


def _dot_lines(graph: Graph) -> Iterator[str]:
    names = _names(graph)
    yield "digraph mesh {"
    yield f"  graph [label={_quoted(graph.title)}, labelloc=t, fontname=Helvetica, nodesep=0.9, ranksep=1.0];"
    yield "  node [shape=box, style=rounded, fontname=Helvetica];"
    yield "  edge [fontname=Helvetica, fontsize=10];"
    yield f"  {names[graph.root.name]} [label={_dot_label(graph.root)}, shape=hexagon];"
    for position, group in enumerate(graph.groups):
        yield f"  subgraph cluster_{position} {{"
        yield f"    label={_quoted(group.title)}; style=dashed;"
        yield from (f"    {names[node.name]} [label={_dot_label(node)}];" for node in group.nodes)
        yield "  }"
    for edge in graph.edges:
        look = 'style=dashed, color="#888888"' if edge.dashed else f"dir={'both' if edge.both else 'forward'}"
        rank = "" if edge.dashed else ", constraint=false"
        yield f"  {names[edge.start]} -> {names[edge.end]} [label={_quoted(edge.text)}, {look}{rank}];"
    yield "}"


def _dot_label(node: Node) -> str:
    return _quoted("\\n".join(node.lines))


def _names(graph: Graph) -> dict[str, str]:
    """Names that both languages take: those of clusters have dashes, and may be words of the languages."""
    nodes = [graph.root, *(node for group in graph.groups for node in group.nodes)]
    return {node.name: f"n{position}" for position, node in enumerate(nodes)}


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "'") + '"'
