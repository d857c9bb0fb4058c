"""The worked examples of Karmada's scheduling rules, each end to end."""

from collections.abc import Mapping
from typing import Any

import pytest
from msgspec import structs

from armada_render.model.binding import PreviousBinding
from armada_render.model.cluster import Cluster
from tests.support.scheduling import (
    AGGREGATED,
    DYNAMIC,
    EQUAL,
    LATER,
    binding,
    cluster,
    clusters,
    placed,
    previous,
    result,
    spread,
    static,
)

EVEN = "6f1c2a0e-3b4d-4c5e-8f90-1a2b3c4d5e6f"
ODD = "0b7e5a52-9d0f-4a58-8a53-9f0b3d1c7e21"


@pytest.mark.parametrize(
    ("weights", "replicas", "expected"),
    [
        ({"a": 1, "b": 3}, 9, {"a": 2, "b": 7}),
        ({"a": 3, "b": 1}, 2, {"a": 1, "b": 1}),
        ({"a": 1, "b": 2}, 9, {"a": 3, "b": 6}),
    ],
)
def test_e1_static_weights(
    weights: dict[str, int], replicas: int, expected: dict[str, int]
) -> None:
    waiting = binding({"replicaScheduling": static(**weights)}, replicas)
    assert result(placed(waiting, clusters(a=0, b=0))) == expected


@pytest.mark.parametrize(
    ("uid", "expected"),
    [
        ("", {"a": 2, "b": 2, "c": 1}),
        (EVEN, {"a": 2, "b": 2, "c": 1}),
        (ODD, {"a": 1, "b": 2, "c": 2}),
    ],
)
def test_e2_the_uid_turns_ties(uid: str, expected: dict[str, int]) -> None:
    waiting = binding({"replicaScheduling": EQUAL}, 5, uid=uid)
    assert result(placed(waiting, clusters(a=0, b=0, c=0))) == expected


@pytest.mark.parametrize(
    ("strategy", "replicas", "free", "before", "expected"),
    [
        pytest.param(
            DYNAMIC, 12, {"a": 6, "b": 12, "c": 18}, {}, {"a": 2, "b": 4, "c": 6}, id="e3-first"
        ),
        pytest.param(
            DYNAMIC,
            10,
            {"a": 3, "b": 9, "c": 6},
            {"a": 2, "b": 4},
            {"a": 3, "b": 6, "c": 1},
            id="e4-scale-up-divides-the-difference",
        ),
        pytest.param(
            AGGREGATED, 12, {"a": 10, "b": 5, "c": 3}, {}, {"a": 8, "b": 4}, id="e5-first"
        ),
        pytest.param(
            AGGREGATED,
            10,
            {"a": 4, "b": 1, "c": 10},
            {"a": 5, "b": 3},
            {"a": 7, "b": 3},
            id="e5-scale-up-prefers-clusters-in-use",
        ),
        pytest.param(
            DYNAMIC,
            5,
            {"a": 0, "b": 0, "c": 0},
            {"a": 6, "b": 3, "c": 1},
            {"a": 3, "b": 1, "c": 1},
            id="e6-scale-down",
        ),
        pytest.param(
            AGGREGATED,
            5,
            {"a": 0, "b": 0, "c": 0},
            {"a": 5, "b": 5, "c": 2},
            {"a": 5},
            id="e6-scale-down-keeps-the-first-of-equals",
        ),
        pytest.param(
            AGGREGATED,
            5,
            {"a": 0, "b": 0, "c": 0},
            {"b": 5, "a": 5, "c": 2},
            {"b": 5},
            id="e6-first-is-by-stored-order",
        ),
        pytest.param(
            AGGREGATED,
            6,
            {"a": 0, "b": 0, "c": 0},
            {"a": 5, "b": 5, "c": 2},
            {"a": 3, "b": 3},
            id="e6-scale-down-to-two",
        ),
    ],
)
def test_division_by_capacity(
    strategy: Mapping[str, Any],
    replicas: int,
    free: dict[str, int],
    before: dict[str, int],
    expected: dict[str, int],
) -> None:
    spec = {"replicaScheduling": strategy}
    waiting = binding(spec, replicas, before=previous(spec, **before))
    assert result(placed(waiting, clusters(**free))) == expected


def test_e4_a_fresh_pass_forgets_the_previous_division() -> None:
    spec = {"replicaScheduling": DYNAMIC}
    before = structs.replace(previous(spec, a=2, b=4), reschedule_triggered_at=LATER)
    waiting = binding(spec, 10, before=before)
    assert result(placed(waiting, clusters(a=3, b=9, c=6))) == {"a": 2, "b": 5, "c": 3}


def test_e7_cluster_constraint_exchanges_for_capacity() -> None:
    spec = {"replicaScheduling": AGGREGATED, "spreadConstraints": [spread("cluster", 1, 2)]}
    waiting = binding(spec, 15, before=previous(spec, m1=2, m2=1))
    scheduled = placed(waiting, clusters(m1=3, m2=3, m3=20, m4=9))
    assert result(scheduled) == {"m1": 4, "m3": 11}


def test_e8_regions_with_divided_replicas() -> None:
    spec = {
        "replicaScheduling": AGGREGATED,
        "spreadConstraints": [spread("region", 2, 2), spread("cluster", 3, 4)],
    }
    fleet = _regions(east={"e1": 30, "e2": 10}, west={"w1": 25, "w2": 5}, north={"n1": 40})
    assert result(placed(binding(spec, 60), fleet)) == {"e1": 28, "e2": 9, "w1": 23}


@pytest.mark.parametrize(
    ("replicas", "free", "before", "expected"),
    [
        (8, {"a": 3, "b": 6, "c": 4}, {}, {"a": 3, "b": 3, "c": 2}),
        (4, {"a": 0, "b": 3, "c": 2}, {"a": 3, "b": 3, "c": 2}, {"a": 3, "b": 1}),
    ],
)
def test_e11_overflow_tiers_fill_in_order(
    replicas: int, free: dict[str, int], before: dict[str, int], expected: dict[str, int]
) -> None:
    spec = {
        "replicaScheduling": DYNAMIC,
        "clusterAffinities": [
            {
                "affinityName": "p",
                "clusterNames": ["a"],
                "overflowAffinities": [{"affinityName": "o", "clusterNames": ["b", "c"]}],
            }
        ],
    }
    waiting = binding(spec, replicas, before=previous(spec, **before))
    assert result(placed(waiting, clusters(**free))) == expected


@pytest.mark.parametrize(
    ("triggered", "uid", "expected"),
    [
        ("", "", {"a": 8, "b": 2}),
        (LATER, "", {"a": 3, "b": 4, "c": 3}),
        (LATER, ODD, {"a": 3, "b": 3, "c": 4}),
    ],
)
def test_e12_only_a_trigger_makes_a_fresh_division(
    triggered: str, uid: str, expected: dict[str, int]
) -> None:
    spec = {"replicaScheduling": DYNAMIC}
    before: PreviousBinding = structs.replace(
        previous(spec, a=8, b=2), reschedule_triggered_at=triggered
    )
    waiting = binding(spec, 10, uid=uid, before=before)
    assert result(placed(waiting, clusters(a=0, b=8, c=10))) == expected


def test_e13_regions_with_duplicated_replicas() -> None:
    spec = {"spreadConstraints": [spread("region", 1, 1), spread("cluster", 1, 2)]}
    fleet = _regions(r1={"x1": 9, "x2": 4, "x3": 6}, r2={"y1": 8, "y2": 7})
    assert result(placed(binding(spec, 5), fleet)) == {"x1": 5, "x3": 5}


def _regions(**regions: dict[str, int]) -> list[Cluster]:
    return [
        cluster(name, free, region=region)
        for region, members in regions.items()
        for name, free in members.items()
    ]
