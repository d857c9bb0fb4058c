"""Pictures of a placement."""

from collections.abc import Mapping

from armada_render.emit import graph
from armada_render.model.binding import ReplicaRequirements, ResourceBinding, TargetCluster
from armada_render.model.resource import ObjectReference, ResourceTemplate


def _binding(
    kind: str, name: str, targets: Mapping[str, int], *, app: str = "shop", namespace: str = "shop"
) -> ResourceBinding:
    ref = ObjectReference("v1", kind, namespace, name)
    return ResourceBinding(
        template=ResourceTemplate(ref=ref, manifest={"metadata": {}}, app=app),
        namespace=namespace,
        name=f"{name}-{kind}".lower(),
        requirements=ReplicaRequirements() if kind == "Deployment" else None,
        clusters=tuple(TargetCluster(*target) for target in targets.items()),
    )


def test_what_travels_together_shares_a_node_and_workloads_show_replicas() -> None:
    picture = graph.placement(
        [
            _binding("Service", "web", {"a": 0}),
            _binding("ConfigMap", "web", {"a": 0}),
            _binding("ConfigMap", "other", {"b": 0}),
            _binding("Deployment", "web", {"a": 3, "b": 1}),
            _binding("Deployment", "nowhere", {}),
        ],
        ["b", "a", "unused"],
        {},
    )
    assert picture.nodes == (
        ("ConfigMap/other",),
        ("ConfigMap/web", "Service/web"),
        ("Deployment/web",),
    )
    assert picture.edges == (
        graph.Edge(0, "b"),
        graph.Edge(1, "a"),
        graph.Edge(2, "a", "3"),
        graph.Edge(2, "b", "1"),
    )
    assert picture.clusters == ("b", "a", "unused")


def test_namespaces_are_named_when_there_are_several_and_long_nodes_are_cut() -> None:
    bindings = [_binding("ConfigMap", f"c{number}", {"a": 0}) for number in range(9)]
    picture = graph.placement(
        [*bindings, _binding("Secret", "s", {"a": 0}, app="z", namespace="two")], ["a"], {}
    )
    assert picture.nodes == (
        *[(*[f"ConfigMap/c{number} (shop)" for number in range(5)], "and 4 more")],
        ("Secret/s (two)",),
    )


def test_what_is_held_back_is_faint() -> None:
    held = _binding("Deployment", "web", {"a": 3})
    picture = graph.placement([held], ["a"], {held.ref: ("a",)})
    assert b'  n0 -.->|"3 held back"| c0\n' in list(graph.mermaid(picture))
    assert b'  n0 -> c0 [label="3 held back", style=dashed];\n' in list(graph.dot(picture))


def test_a_large_fleet_is_drawn_by_app() -> None:
    clusters = [f"member{number}" for number in range(100)]
    everywhere = dict.fromkeys(clusters, 1)
    picture = graph.placement(
        [
            _binding("Deployment", "web", everywhere),
            _binding("Deployment", "api", everywhere),
            _binding("Deployment", "batch", {"member7": 2}, app="batch"),
        ],
        clusters,
        {},
    )
    assert picture.nodes == (("batch",), ("shop",))
    assert len(picture.edges) == 101
    assert not any(edge.label for edge in picture.edges)
    assert b'  n1["shop"]\n' in list(graph.mermaid(picture))


def test_names_cannot_leave_their_labels() -> None:
    evil = 'x"] --> y; click n0 "javascript:alert(1)"<b>\n'
    picture = graph.placement([_binding("Deployment", evil, {"a": 1}, app=evil)], ["a"], {})
    drawn = b"".join(graph.mermaid(picture)).decode()
    assert drawn.count('"') == 8
    assert "<b>" not in drawn
    assert "#34;#93; --#62; y#59;" in drawn
    assert '\\"] --> y; click' in b"".join(graph.dot(picture)).decode()
