from typing import Any

import pytest

from armada_render.schedule.capacity import Capacity
from armada_render.schedule.int32 import MAX
from tests.support.scheduling import (
    AGGREGATED,
    DYNAMIC,
    binding,
    cluster,
    placed,
    result,
    spread,
)

SUMMARY = {
    "allocatable": {"cpu": "12", "memory": "96Gi", "pods": 110},
    "allocated": {"cpu": "3500m", "memory": "20Gi", "pods": 60},
    "allocating": {"cpu": 1, "pods": 2},
}
GRADES = [
    {"grade": 0, "ranges": [{"name": "cpu", "min": 0}, {"name": "memory", "min": 0}]},
    {"grade": 2, "ranges": [{"name": "cpu", "min": 2}, {"name": "memory", "min": "16Gi"}]},
    {"grade": 3, "ranges": [{"name": "cpu", "min": 4}, {"name": "memory", "min": "32Gi"}]},
]
FREE_NODES = [
    {"grade": 0, "count": 2},
    {"grade": 2, "count": 3},
    {"grade": 3, "count": 1},
    {"grade": 9, "count": 50},
]


def _estimate(
    request: dict[str, str] | None, summary: dict[str, Any], models: list[dict[str, Any]]
) -> int:
    member = cluster("m", status={"resourceSummary": summary}, resourceModels=models)
    return Capacity(member).estimate(request)


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"cpu": "500m", "memory": "3Gi"}, 15),
        ({"cpu": "1"}, 7),
        ({"memory": "1Mi"}, 48),
        (None, 48),
        ({}, 48),
        ({"cpu": "0"}, 48),
        ({"nvidia.com/gpu": "1"}, 0),
        ({"storage": "1"}, 0),
        ({"cpu": "8"}, 0),
        ({"pods": "10"}, 4),
    ],
)
def test_e10_summary(request_: dict[str, str] | None, expected: int) -> None:
    assert _estimate(request_, SUMMARY, []) == expected


def test_numbers_that_a_model_lacks_are_zero() -> None:
    # They are Go integers without a pointer (pkg/apis/cluster/v1alpha1/types.go).
    models = [{"ranges": GRADES[0]["ranges"]}, GRADES[1]]
    nodes = [{"count": 2}, {"grade": 2}]
    summary = {**SUMMARY, "allocatableModelings": nodes}
    written = [{"grade": 0, "count": 2}, {"grade": 2, "count": 0}]
    assert _estimate({"cpu": "0"}, summary, models) == _estimate(
        {"cpu": "0"}, {**SUMMARY, "allocatableModelings": written}, GRADES[:2]
    )


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"cpu": "500m", "memory": "3Gi"}, 20),
        ({"cpu": "500m", "memory": "3Gi", "nvidia.com/gpu": "1"}, 0),
        ({"cpu": "500m", "memory": "3Gi", "example.com/requests.x": "1"}, 0),
        ({"cpu": "500m", "hugepages-2Mi": "2Mi"}, 0),
        ({"cpu": "500m", "kubernetes.io/x": "1"}, 0),
        ({"cpu": "500m", "storage": "1", "requests.a/b": "1"}, 20),
        ({"cpu": "500m", "pods": "50"}, 20),
        ({"memory": "1"}, 48),
        ({}, 48),
        (None, 48),
    ],
)
def test_e10_models_win_over_the_summary(request_: dict[str, str] | None, expected: int) -> None:
    assert _estimate(request_, {**SUMMARY, "allocatableModelings": FREE_NODES}, GRADES) == expected


@pytest.mark.parametrize(
    ("nodes", "models"),
    [(FREE_NODES, []), ([*FREE_NODES, {"grade": 3, "count": -1}], GRADES), ([], GRADES)],
    ids=["no-models", "negative-count", "no-counts"],
)
def test_models_that_cannot_be_used_leave_the_summary(
    nodes: list[dict[str, int]], models: list[dict[str, Any]]
) -> None:
    summary = {**SUMMARY, "allocatableModelings": nodes}
    assert _estimate({"cpu": "500m", "memory": "3Gi"}, summary, models) == 15


def test_counts_of_the_same_grade_add_up() -> None:
    nodes = [{"grade": 2, "count": 1}, {"grade": 2, "count": 2}]
    summary = {**SUMMARY, "allocatableModelings": nodes}
    assert _estimate({"cpu": "1"}, summary, GRADES) == 6


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ({}, 0),
        ({"allocatable": {"cpu": "9"}}, 0),
        ({"allocatable": {"cpu": "9", "pods": "1"}, "allocated": {"pods": "3"}}, 0),
        ({"allocatable": {"cpu": "300m", "pods": "9"}}, 3),
        ({"allocatable": {"cpu": "1m", "pods": "9"}}, 0),
        ({"allocatable": {"cpu": "1", "pods": "9"}, "allocated": {"cpu": "1"}}, 0),
        ({"allocatable": {"cpu": "1", "pods": "1500m"}}, 2),
    ],
)
def test_numbers_round_up_before_they_divide(summary: dict[str, Any], expected: int) -> None:
    assert _estimate({"cpu": "100m"}, summary, []) == expected


def test_estimates_wrap_as_int32() -> None:
    summary = {"allocatable": {"pods": MAX + 1}}
    assert _estimate(None, summary, []) == -MAX - 1


def test_unknown_capacity_counts_as_room_for_all_replicas() -> None:
    spec = {"replicaScheduling": DYNAMIC}
    scheduled = placed(binding(spec, 6), [cluster("a"), cluster("b", 3)])
    assert result(scheduled) == {"a": 4, "b": 2}


def test_a_strict_inventory_takes_unknown_capacity_as_none() -> None:
    enabled = {
        "apiEnablements": [{"groupVersion": "apps/v1", "resources": [{"kind": "Deployment"}]}]
    }
    fleet = [cluster("a", status=enabled), cluster("b", 9, status=enabled)]
    scheduled = placed(binding({"replicaScheduling": AGGREGATED}, 6), fleet, strict_inventory=True)
    assert result(scheduled) == {"b": 6}


def test_without_replicas_capacity_does_not_matter() -> None:
    spec = {"spreadConstraints": [spread("cluster", 1, 1)], "replicaScheduling": AGGREGATED}
    assert result(placed(binding(spec), [cluster("b", 0), cluster("a", 0)])) == {"a": 0}
