from typing import Any

import pytest
from msgspec import structs

from armada_render.model.binding import ConditionReason
from armada_render.schedule import place
from tests.support.scheduling import (
    DYNAMIC,
    LATER,
    binding,
    cluster,
    clusters,
    placed,
    previous,
    reasons,
    result,
    spread,
)


def _groups(*names: str, scheduling: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a placement with a group for each cluster, called as it."""
    return {
        "clusterAffinities": [{"affinityName": n, "clusterNames": [n]} for n in names],
        "replicaScheduling": scheduling,
    }


def test_a_binding_without_placement_is_left_alone() -> None:
    attached = structs.replace(binding({}), placement=None)
    assert place([attached], clusters(a=1)) == (attached,)


def test_bindings_come_back_in_order() -> None:
    waiting = [binding({}, replicas) for replicas in (3, 1, 2)]
    assert [b.replicas for b in place(waiting, clusters(a=9))] == [3, 1, 2]


def test_nothing_feasible_clears_the_targets() -> None:
    scheduled = placed(
        binding({}, 2, before=previous({}, a=2)), [cluster("a", is_terminating=True)]
    )
    assert (result(scheduled), scheduled.reason) == ({}, ConditionReason.NO_CLUSTER_FIT)


def test_an_unmet_constraint_leaves_the_targets() -> None:
    spec = {"spreadConstraints": [spread("cluster", 3, 3)]}
    scheduled = placed(binding(spec, 2, before=previous(spec, a=2)), clusters(a=9, b=9))
    assert (result(scheduled), scheduled.reason) == ({"a": 2}, ConditionReason.SCHEDULER_ERROR)
    assert set(reasons(scheduled)) == {"b"}


@pytest.mark.parametrize(
    ("free", "observed", "replicas", "expected", "active"),
    [
        pytest.param({"a": 9, "b": 9}, "", 4, {"a": 4}, "a", id="first-group"),
        pytest.param({"a": 3, "b": 9}, "", 4, {"b": 4}, "b", id="next-group-when-too-small"),
        pytest.param({"b": 9}, "", 4, {"b": 4}, "b", id="next-group-when-nothing-fits"),
        pytest.param({"a": 9, "b": 9}, "b", 4, {"b": 4}, "b", id="no-way-back"),
        pytest.param({"a": 9, "b": 9}, "z", 4, {"a": 4}, "a", id="unknown-group-starts-over"),
    ],
)
def test_groups_are_tried_from_the_observed_one(
    free: dict[str, int], observed: str, replicas: int, expected: dict[str, int], active: str
) -> None:
    spec = _groups("a", "b", scheduling=DYNAMIC)
    before = structs.replace(previous(), observed_affinity=observed)
    scheduled = placed(binding(spec, replicas, before=before), clusters(**free))
    assert (result(scheduled), scheduled.observed_affinity) == (expected, active)


def test_a_trigger_starts_with_the_first_group_again() -> None:
    spec = _groups("a", "b", scheduling=DYNAMIC)
    before = structs.replace(
        previous(spec, b=4), observed_affinity="b", reschedule_triggered_at=LATER
    )
    scheduled = placed(binding(spec, 4, before=before), clusters(a=9, b=9))
    assert (result(scheduled), scheduled.observed_affinity) == ({"a": 4}, "a")


@pytest.mark.parametrize(
    ("free", "expected", "reason"),
    [
        ({"b": 0, "c": 9}, {}, ConditionReason.NO_CLUSTER_FIT),
        ({"a": 0, "c": 9}, {"b": 2}, ConditionReason.UNSCHEDULABLE),
    ],
    ids=["first-has-no-cluster", "first-is-too-small"],
)
def test_when_all_groups_fail_the_first_error_counts(
    free: dict[str, int], expected: dict[str, int], reason: str
) -> None:
    spec = _groups("a", "b", scheduling=DYNAMIC)
    before = structs.replace(previous(b=2), observed_affinity="a")
    scheduled = placed(binding(spec, 4, before=before), clusters(**free))
    assert (result(scheduled), scheduled.reason) == (expected, reason)
    assert scheduled.observed_affinity == "a"
    groups = next(item.detail["groups"] for item in scheduled.decisions if item.step == "affinity")
    assert [group["name"] for group in groups] == ["a", "b"]


def test_another_order_of_the_same_result_is_no_change() -> None:
    before = previous({}, b=2, a=2)
    scheduled = placed(binding({}, 2, before=before), clusters(a=9, b=9))
    assert scheduled.clusters == before.clusters


def test_the_uid_remembered_turns_ties_when_the_template_has_none() -> None:
    before = structs.replace(previous(), uid="0b7e5a52-9d0f-4a58-8a53-9f0b3d1c7e21")
    spec = {"replicaScheduling": {"replicaDivisionPreference": "Weighted"}}
    scheduled = placed(binding(spec, 3, before=before), clusters(a=0, b=0))
    assert result(scheduled) == {"a": 1, "b": 2}
