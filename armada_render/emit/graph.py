"""Where everything runs, as a picture: Mermaid for Markdown, DOT for Graphviz. Pure.

Names are the repository's: they only ever stand in quoted labels, nodes have numbers.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from armada_render.model.binding import ResourceBinding
from armada_render.model.resource import ObjectReference

MOST_EDGES = 120
"""More arrows than this, and apps are drawn in place of their objects."""
_MOST_LINES = 6


class Edge(Struct, frozen=True):
    """An arrow from a node, by its place in `Graph.nodes`, to a cluster; a faint one: held back."""

    node: int
    cluster: str
    label: str = ""
    is_faint: bool = False


class Graph(Struct, frozen=True, kw_only=True):
    """Nodes are labels, one text a line, by app; clusters stand in the inventory's order."""

    apps: Mapping[str, tuple[int, ...]]
    nodes: tuple[tuple[str, ...], ...]
    clusters: tuple[str, ...]
    edges: tuple[Edge, ...]


def placement(
    bindings: Iterable[ResourceBinding],
    clusters: Sequence[str],
    suspended: Mapping[ObjectReference, tuple[str, ...]],
) -> Graph:
    """Return the picture of `bindings` on `clusters`: objects, or apps where there are many.

    A workload is a node with its replicas on the arrows. Other objects of an app that go to the
    same clusters share a node.
    """
    groups = _groups(bindings, clusters, suspended)
    if sum(len(targets) for *_, targets in groups) > MOST_EDGES:
        groups = _by_app(groups)
    apps: dict[str, list[int]] = {}
    edges: list[Edge] = []
    for number, (app, _, targets) in enumerate(groups):
        apps.setdefault(app, []).append(number)
        edges.extend(
            Edge(number, cluster, label, is_faint)
            for cluster, (label, is_faint) in sorted(targets.items())
        )
    return Graph(
        apps={app: tuple(numbers) for app, numbers in apps.items()},
        nodes=tuple(lines for _, lines, _ in groups),
        clusters=tuple(clusters),
        edges=tuple(edges),
    )


_Targets = dict[str, tuple[str, bool]]
_Group = tuple[str, tuple[str, ...], _Targets]


def _groups(
    bindings: Iterable[ResourceBinding],
    clusters: Sequence[str],
    suspended: Mapping[ObjectReference, tuple[str, ...]],
) -> list[_Group]:
    found = sorted(bindings, key=lambda item: (item.template.app, item.ref))
    has_one_namespace = len({item.ref.namespace for item in found} - {""}) <= 1
    groups: list[_Group] = []
    others: dict[tuple[str, tuple[str, ...]], tuple[list[str], _Targets]] = {}
    for binding in found:
        held = suspended.get(binding.ref, ())
        targets = {
            target.name: (str(target.replicas) if binding.is_workload else "", target.name in held)
            for target in binding.targets
            if target.name in clusters
        }
        if not targets:
            continue
        app, line = binding.template.app, _title(binding.ref, with_namespace=not has_one_namespace)
        if binding.is_workload or held:
            groups.append((app, (line,), targets))
        else:
            others.setdefault((app, tuple(sorted(targets))), ([], targets))[0].append(line)
    groups += [(app, _shortened(lines), targets) for (app, _), (lines, targets) in others.items()]
    return sorted(groups, key=lambda group: group[:2])


def _title(ref: ObjectReference, *, with_namespace: bool) -> str:
    where = f" ({ref.namespace})" if with_namespace and ref.namespace else ""
    return f"{ref.kind}/{ref.name}{where}"


def _shortened(lines: Sequence[str]) -> tuple[str, ...]:
    if len(lines) <= _MOST_LINES:
        return tuple(lines)
    shown = _MOST_LINES - 1
    return (*lines[:shown], f"and {len(lines) - shown} more")


def _by_app(groups: Iterable[_Group]) -> list[_Group]:
    """Return one node an app, with an arrow to every cluster that gets something of it."""
    apps: dict[str, _Targets] = {}
    for app, _, targets in groups:
        apps.setdefault(app, {}).update(dict.fromkeys(targets, ("", False)))
    return [(app, (app,), targets) for app, targets in apps.items()]


def mermaid(graph: Graph) -> Iterator[bytes]:
    """Yield the picture as a Mermaid flowchart, which GitHub and GitLab draw in Markdown."""
    yield b"flowchart LR\n"
    for number, (app, nodes) in enumerate(graph.apps.items()):
        is_app = all(graph.nodes[node] == (app,) for node in nodes)
        indent = "  " if is_app else "    "
        if not is_app:
            yield f"  subgraph a{number}[{_mermaid([app])}]\n".encode()
        for node in nodes:
            yield f"{indent}n{node}[{_mermaid(graph.nodes[node])}]\n".encode()
        if not is_app:
            yield b"  end\n"
    ids = {cluster: f"c{number}" for number, cluster in enumerate(graph.clusters)}
    for cluster, name in ids.items():
        yield f"  {name}([{_mermaid([cluster])}])\n".encode()
    for edge in graph.edges:
        arrow = "-.->" if edge.is_faint else "-->"
        label = f"|{_mermaid([_edge_label(edge)])}|" if _edge_label(edge) else ""
        yield f"  n{edge.node} {arrow}{label} {ids[edge.cluster]}\n".encode()


def dot(graph: Graph) -> Iterator[bytes]:
    """Yield the picture in Graphviz' language: `dot -Tsvg` draws it."""
    yield b"digraph placement {\n  rankdir=LR;\n  node [shape=box, fontname=sans];\n"
    for number, (app, nodes) in enumerate(graph.apps.items()):
        yield f"  subgraph cluster_{number} {{\n    label={_dot([app])};\n".encode()
        for node in nodes:
            yield f"    n{node} [label={_dot(graph.nodes[node])}];\n".encode()
        yield b"  }\n"
    ids = {cluster: f"c{number}" for number, cluster in enumerate(graph.clusters)}
    for cluster, name in ids.items():
        yield f"  {name} [label={_dot([cluster])}, shape=oval];\n".encode()
    for edge in graph.edges:
        style = ", style=dashed" if edge.is_faint else ""
        yield (
            f"  n{edge.node} -> {ids[edge.cluster]} [label={_dot([_edge_label(edge)])}{style}];\n"
        ).encode()
    yield b"}\n"


def _edge_label(edge: Edge) -> str:
    return f"{edge.label} held back".lstrip() if edge.is_faint else edge.label


def _mermaid(lines: Sequence[str]) -> str:
    # Mermaid has no escape for quotes but entities, and reads Markdown and HTML in labels.
    text = "<br>".join("".join(_entity(char) for char in line) for line in lines)
    return f'"{text}"'


def _entity(char: str) -> str:
    return char if char.isalnum() or char in " -./:(),+" else f"#{ord(char)};"


def _dot(lines: Sequence[str]) -> str:
    escaped = (line.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") for line in lines)
    return '"' + "\\n".join(escaped) + '"'
