from typing import Any

import pytest
from msgspec import structs

from armada_render.model.binding import ConditionReason, TargetCluster
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
    reasons,
    result,
    static,
)

GROUPS = [
    {
        "affinityName": "g",
        "clusterNames": ["a"],
        "overflowAffinities": [{"affinityName": "o", "clusterNames": ["b"]}],
    }
]


def test_duplicated_gives_every_cluster_all_replicas() -> None:
    assert result(placed(binding({}, 3), clusters(a=0, b=9))) == {"b": 3, "a": 3}


def test_what_is_no_workload_goes_everywhere_without_replicas() -> None:
    spec = {"replicaScheduling": AGGREGATED}
    assert result(placed(binding(spec), clusters(a=0, b=9))) == {"a": 0, "b": 0}


@pytest.mark.parametrize("scheduling", [None, EQUAL, AGGREGATED, DYNAMIC, static(a=1)])
def test_a_workload_scaled_to_zero_goes_nowhere(scheduling: dict[str, Any] | None) -> None:
    scheduled = placed(
        binding({"replicaScheduling": scheduling}, requests={"cpu": "1"}), clusters(a=5, b=5)
    )
    assert (result(scheduled), scheduled.reason) == ({}, "")
    assert reasons(scheduled) == dict.fromkeys("ab", ("Divide", "no replicas to place"))


def test_clusters_without_weight_get_nothing() -> None:
    scheduled = placed(binding({"replicaScheduling": static(a=9, b=1)}, 2), clusters(a=0, b=0, c=0))
    assert result(scheduled) == {"a": 2}
    assert reasons(scheduled) == {
        "b": ("Divide", "weight 1 of 10 gives no share of 2 replicas"),
        "c": ("Divide", "weight 0"),
    }


def test_weights_that_match_nothing_count_as_equal() -> None:
    scheduled = placed(binding({"replicaScheduling": static(z=9)}, 4), clusters(a=0, b=0))
    assert result(scheduled) == {"a": 2, "b": 2}


def test_the_greatest_matching_weight_counts() -> None:
    rules = [
        {"targetCluster": {}, "weight": 1},
        {"targetCluster": {"clusterNames": ["a"]}, "weight": 3},
        {"targetCluster": {"clusterNames": ["a"]}, "weight": 2},
    ]
    spec = {"replicaScheduling": {**EQUAL, "weightPreference": {"staticWeightList": rules}}}
    assert result(placed(binding(spec, 8), clusters(a=0, b=0))) == {"a": 6, "b": 2}


@pytest.mark.parametrize(
    ("spec", "replicas", "before", "message"),
    [
        pytest.param(
            {"replicaScheduling": DYNAMIC},
            9,
            {},
            "failed to scale up: Clusters available replicas 8 are not enough to schedule.",
            id="scale-up",
        ),
        pytest.param(
            {"clusterAffinities": GROUPS, "replicaScheduling": DYNAMIC},
            9,
            {},
            "Clusters available replicas are not enough to schedule.",
            id="overflow",
        ),
    ],
)
def test_too_little_room_is_unschedulable(
    spec: dict[str, Any], replicas: int, before: dict[str, int], message: str
) -> None:
    scheduled = placed(binding(spec, replicas, before=previous(spec, **before)), clusters(a=5, b=3))
    assert scheduled.reason == ConditionReason.UNSCHEDULABLE
    assert scheduled.message == f"failed to assign replicas: {message}"
    assert reasons(scheduled) == dict.fromkeys("ab", ("Divide", scheduled.message))


def test_too_little_room_leaves_what_runs() -> None:
    spec = {"replicaScheduling": DYNAMIC}
    scheduled = placed(binding(spec, 9, before=previous(spec, b=2)), clusters(a=3, b=3))
    assert result(scheduled) == {"b": 2}
    assert set(reasons(scheduled)) == {"a"}


def test_divided_without_preference_is_an_error() -> None:
    scheduled = placed(
        binding({"replicaScheduling": {"replicaSchedulingType": "Divided"}}, 1), clusters(a=5)
    )
    assert scheduled.reason == ConditionReason.SCHEDULER_ERROR
    assert "unsupported replica scheduling strategy" in scheduled.message


def test_what_is_kept_and_gets_no_more_follows_by_name() -> None:
    spec = {"replicaScheduling": AGGREGATED}
    before = previous(spec, d=1, c=1, a=1)
    scheduled = placed(binding(spec, 5, before=before), clusters(a=0, b=9, c=2, d=0))
    assert scheduled.clusters == (
        TargetCluster("c", 3),
        TargetCluster("a", 1),
        TargetCluster("d", 1),
    )
    assert reasons(scheduled) == {"b": ("Divide", "the clusters before it hold all replicas")}


def test_previous_targets_that_are_no_candidates_are_placed_elsewhere() -> None:
    spec = {"replicaScheduling": DYNAMIC, "clusterAffinity": {"exclude": ["a"]}}
    before = previous({"replicaScheduling": DYNAMIC}, a=3, b=1)
    assert result(placed(binding(spec, 4, before=before), clusters(a=9, b=9, c=0))) == {"b": 4}


def test_the_division_is_recorded_with_its_numbers() -> None:
    spec = {"replicaScheduling": DYNAMIC}
    scheduled = placed(
        binding(spec, 4, before=previous(spec, a=1)), [cluster("a", 0), cluster("b", 9)]
    )
    divided = next(item.detail for item in scheduled.decisions if item.step == "divide")
    assert divided == {
        "strategy": "DynamicWeight",
        "mode": "scale up",
        "replicas": 3,
        "weights": {"b": 9, "a": 0},
        "kept": {"a": 1},
        "result": {"a": 1, "b": 3},
    }


def test_a_tier_that_an_earlier_one_makes_needless_gets_nothing() -> None:
    spec = {"clusterAffinities": GROUPS, "replicaScheduling": AGGREGATED}
    scheduled = placed(binding(spec, 2, before=previous(b=2)), clusters(a=2, b=9))
    assert result(scheduled) == {"a": 2}
    assert reasons(scheduled) == {"b": ("Divide", "the clusters before it hold all replicas")}


@pytest.mark.parametrize(
    ("names", "reason"), [("ab", ConditionReason.UNSCHEDULABLE), ("abc", "")], ids=["even", "odd"]
)
def test_limits_of_several_clusters_wrap_when_nothing_is_wanted(names: str, reason: str) -> None:
    spec = {"replicaScheduling": DYNAMIC}
    before = structs.replace(previous(spec), reschedule_triggered_at=LATER)
    waiting = binding(spec, requests={}, before=before)
    scheduled = placed(waiting, [cluster(name, 1) for name in names])
    assert (result(scheduled), scheduled.reason) == ({}, reason)
