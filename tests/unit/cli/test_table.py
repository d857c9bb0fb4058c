"""The placement table: objects by clusters, as wide as there is room for."""

from typing import Any

from armada_render.cli.table import placement_table, summary
from armada_render.pipeline import Rendering, render
from tests.support.objects import Object, cluster, config_map, deployment, policy, selector


def _render(*objects: Object, clusters: int = 2) -> tuple[Rendering, list[str]]:
    names = [f"member-{number}" for number in range(clusters)]
    return render([*map(cluster, names), *objects]), names


def _placed(**placement: Any) -> Object:
    return policy("p", selector("Deployment"), selector("ConfigMap"), placement=placement)


def _only(*names: str) -> Object:
    return _placed(clusterAffinity={"clusterNames": list(names)})


def test_a_column_for_each_cluster() -> None:
    rendering, names = _render(deployment("web", 3), config_map("web"), _only("member-0"))
    assert placement_table(rendering, names, 80) == [
        "NAMESPACE  OBJECT          member-0  member-1",
        "default    ConfigMap/web   yes       -",
        "default    Deployment/web  3         -",
    ]
    assert summary(rendering, names) == "2 objects on 1 of 2 clusters"


def test_a_narrow_terminal_lists_clusters_in_one_column() -> None:
    rendering, names = _render(deployment("web", 3), config_map("web"), _placed())
    wide = placement_table(rendering, names, 80)
    assert placement_table(rendering, names, len(max(wide, key=len))) == wide
    assert placement_table(rendering, names, len(max(wide, key=len)) - 1) == [
        "NAMESPACE  OBJECT          CLUSTERS",
        "default    ConfigMap/web   member-0, member-1",
        "default    Deployment/web  member-0:3, member-1:3",
    ]


def test_many_clusters_are_counted() -> None:
    rendering, names = _render(config_map("a"), _placed(), clusters=9)
    assert placement_table(rendering, names, 40)[1] == (
        "default    ConfigMap/a  9 clusters: member-0, member-1, member-2, member-3, member-4, ..."
    )


def test_an_object_without_clusters_has_none() -> None:
    rendering, names = _render(config_map("a"), _only("elsewhere"))
    assert placement_table(rendering, names, 20) == [
        "NAMESPACE  OBJECT       CLUSTERS",
        "default    ConfigMap/a  -",
    ]


def test_what_is_held_back_is_marked() -> None:
    held = _placed()
    held["spec"]["suspension"] = {"dispatchingOnClusters": {"clusterNames": ["member-1"]}}
    rendering, names = _render(deployment("web", 3), config_map("a"), held)
    assert [
        line.split("  ", 2)[2].split() for line in placement_table(rendering, names, 80)[1:]
    ] == [
        ["ConfigMap/a", "yes", "yes", "(held)"],
        ["Deployment/web", "3", "3", "(held)"],
    ]


def test_a_long_table_is_cut_where_it_is_no_product() -> None:
    maps = [config_map(f"m{number}") for number in range(5)]
    rendering, names = _render(*maps, _placed())
    lines = placement_table(rendering, names, 80, most=2)
    assert lines[-1] == "... and 3 more (all of them with -o table)"
    assert len(lines) == 4
    assert len(placement_table(rendering, names, 80)) == 6


def test_namespaces_that_follow_their_objects_are_shown() -> None:
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
    inside = policy("p", namespace="shop", placement={"clusterAffinity": {"exclude": ["member-0"]}})
    rendering, names = _render(namespace, config_map("a", namespace="shop"), inside)
    assert placement_table(rendering, names, 80) == [
        "NAMESPACE  OBJECT          member-0  member-1",
        "shop       ConfigMap/a     -         yes",
        "-          Namespace/shop  -         yes",
    ]
    assert summary(rendering, names) == "2 objects on 1 of 2 clusters"


def test_what_no_policy_takes_is_counted() -> None:
    rendering, names = _render(
        config_map("a"), policy("p", selector("ConfigMap", name="a")), config_map("b"), clusters=1
    )
    assert summary(rendering, names) == "1 object on 1 of 1 cluster; 1 object taken by no policy"
