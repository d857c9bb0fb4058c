from typing import Any

import msgspec
import pytest

from armada_render.model.affinity import AffinityIndex, matches
from armada_render.model.cluster import Cluster, ClusterSpec
from armada_render.model.placement import Placement
from armada_render.model.selector import ClusterAffinity, ClusterAffinityTerm, OverflowAffinity

M1 = Cluster(
    name="m1",
    labels={"tier": "edge"},
    spec=ClusterSpec(provider="aws", region="eu", zones=("eu-a", "eu-b")),
)
BARE = Cluster(name="bare")


def affinity(spec: dict[str, Any]) -> ClusterAffinity:
    return msgspec.convert(spec, ClusterAffinity)


def field(key: str, operator: str, *values: str) -> dict[str, Any]:
    expression = {"key": key, "operator": operator, "values": values}
    return {"fieldSelector": {"matchExpressions": [expression]}}


@pytest.mark.parametrize(
    ("spec", "selected"),
    [
        ({}, True),
        ({"clusterNames": ["m1"]}, True),
        ({"clusterNames": ["m2"]}, False),
        ({"clusterNames": ["m1"], "exclude": ["m1"]}, False),
        ({"labelSelector": {}}, True),
        ({"labelSelector": {"matchLabels": {"tier": "edge"}}}, True),
        ({"labelSelector": {"matchLabels": {"tier": "core"}}}, False),
        ({"labelSelector": {"matchLabels": {"tier": "a b"}}}, False),
        ({"labelSelector": {"matchLabels": {"tier": "edge"}}, "clusterNames": ["m2"]}, False),
        ({"fieldSelector": {}}, True),
        (field("provider", "In", "aws", "gcp"), True),
        (field("provider", "NotIn", "aws"), False),
        (field("region", "In", "us"), False),
        (field("region", "In"), False),
        (field("region", "In", "e u"), False),
        (field("region", "NotIn", "e u"), False),
        (field("zone", "In", "eu-b"), True),
        (field("zone", "In", "e u", "eu-a"), True),
        (field("zone", "NotIn", "eu-b"), False),
        (field("zone", "NotIn"), True),
        (field("zone", "Exists"), True),
        (field("zone", "DoesNotExist"), False),
        (field("zone", "Gt", "1"), False),
        (field("region", "Exists"), True),
        (field("region", "Exists", "eu"), False),
        (field("region", "DoesNotExist"), False),
        (field("region", "Gt", "1"), False),
        (field("region", "like", "eu"), False),
        (field("city", "NotIn", "rome"), True),
        (field("a/b/c", "NotIn", "rome"), False),
    ],
)
def test_affinity_selects(spec: dict[str, Any], *, selected: bool) -> None:
    assert matches(affinity(spec), M1) is selected


@pytest.mark.parametrize(
    ("spec", "selected"),
    [
        (field("provider", "In", "aws"), False),
        (field("provider", "NotIn", "aws"), True),
        (field("provider", "DoesNotExist"), True),
        (field("zone", "In", "eu-a"), False),
        (field("zone", "NotIn", "eu-a"), True),
        (field("zone", "DoesNotExist"), True),
    ],
)
def test_absent_field_is_only_not_in(spec: dict[str, Any], *, selected: bool) -> None:
    assert matches(affinity(spec), BARE) is selected


def test_deprecated_zone_counts_as_the_only_zone() -> None:
    cluster = Cluster(name="old", spec=ClusterSpec(zone="eu-a"))
    assert matches(affinity(field("zone", "In", "eu-a")), cluster)


@pytest.mark.parametrize(
    ("spec", "selected"),
    [
        (field("region", "Gt", "6"), True),
        (field("region", "Gt", "7"), False),
        (field("region", "Lt", "8"), True),
        (field("region", "Lt", "x"), False),
    ],
)
def test_region_called_by_a_number_compares(spec: dict[str, Any], *, selected: bool) -> None:
    cluster = Cluster(name="old", spec=ClusterSpec(region="7"))
    assert matches(affinity(spec), cluster) is selected


def test_index_answers_for_all_clusters() -> None:
    index = AffinityIndex((M1, BARE))
    assert index.names(affinity({"exclude": ["m1"]})) == {"bare"}
    assert index.names(ClusterAffinity()) == {"m1", "bare"}


def test_index_shares_the_answer_among_equal_affinities() -> None:
    index = AffinityIndex((M1, BARE))
    spec = {"clusterNames": ["m1"]}
    first = index.names(affinity(spec))
    same = affinity(spec)
    assert index.names(same) is first
    assert index.names(same) is first
    assert index.names(ClusterAffinityTerm(affinity_name="x", cluster_names=("m1",))) is first


def test_a_placement_reaches_what_any_of_its_affinities_selects() -> None:
    index = AffinityIndex([Cluster(name=name) for name in ("one", "two", "three", "four")])
    plain = Placement(cluster_affinity=ClusterAffinity(cluster_names=("one",)))
    groups = Placement(
        cluster_affinities=(
            ClusterAffinityTerm(affinity_name="a", cluster_names=("one",)),
            ClusterAffinityTerm(
                affinity_name="b",
                cluster_names=("two",),
                overflow_affinities=(
                    OverflowAffinity(affinity_name="c", cluster_names=("three",)),
                ),
            ),
        )
    )
    assert index.reach(plain) == {"one"}
    assert index.reach(groups) == {"one", "two", "three"}
    assert index.reach(Placement()) == {"one", "two", "three", "four"}
