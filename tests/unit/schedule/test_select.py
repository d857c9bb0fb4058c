from collections.abc import Sequence
from typing import Any

import pytest

from armada_render.model.binding import ConditionReason
from armada_render.model.placement import Placement
from armada_render.schedule import select
from armada_render.schedule.failure import SchedulingError
from armada_render.schedule.group import Candidate, Region
from armada_render.schedule.select import choose_regions, spreads
from tests.support.scheduling import (
    AGGREGATED,
    DYNAMIC,
    EQUAL,
    binding,
    cluster,
    clusters,
    placed,
    placement,
    previous,
    reasons,
    result,
    spread,
    static,
)


def _region(name: str, size: int, score: int) -> Region:
    return Region(name, (Candidate(cluster(name), 0, 0, 0, 0),) * size, score)


@pytest.mark.parametrize(
    ("groups", "least", "most", "target", "expected"),
    [
        pytest.param(
            [("A", 2, 3000), ("B", 2, 2000), ("C", 1, 1000)], 1, 3, 4, "AB", id="e9-prefix-wins"
        ),
        pytest.param([("A", 1, 5), ("B", 1, 9)], 1, 1, 1, "B", id="highest-score"),
        pytest.param([("A", 1, 5), ("B", 2, 5)], 1, 1, 1, "B", id="then-most-clusters"),
        pytest.param([("B", 1, 5), ("A", 1, 5)], 1, 1, 1, "A", id="then-name"),
        pytest.param([("A", 1, 1), ("B", 1, 9)], 2, 2, 2, "BA", id="all-groups-needed"),
        pytest.param([("A", 1, 1), ("B", 1, 9)], 2, 2, 3, "", id="too-few-clusters"),
        pytest.param([("A", 1, 1), ("B", 1, 9)], 1, 0, 1, "", id="none-allowed"),
        pytest.param([("A", 1, 1), ("B", 1, 1), ("C", 5, 0)], 1, 2, 4, "AC", id="two-of-three"),
    ],
)
def test_choice_of_regions(
    groups: Sequence[tuple[str, int, int]], least: int, most: int, target: int, expected: str
) -> None:
    chosen = choose_regions([_region(*group) for group in groups], least, most, target)
    assert "".join(group.name for group in chosen) == expected


def test_too_many_combinations_are_refused_instead_of_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(select, "_MOST_STEPS", 1000)
    groups = [_region(f"r{i:02}", 1, i) for i in range(40)]
    with pytest.raises(SchedulingError, match="40 regions allow too many combinations of 20 to 20"):
        choose_regions(groups, 20, 20, 20)


@pytest.mark.parametrize(
    ("scheduling", "expected"),
    [
        (None, True),
        ({"replicaSchedulingType": "Duplicated"}, True),
        (AGGREGATED, True),
        (DYNAMIC, True),
        (EQUAL, False),
        (static(a=1), False),
        ({**EQUAL, "weightPreference": {}}, True),
    ],
)
def test_static_weights_void_spread_constraints(
    scheduling: dict[str, Any] | None,
    expected: bool,  # noqa: FBT001 - a table
) -> None:
    spec = placement(
        {"spreadConstraints": [spread("cluster", 1, 1)], "replicaScheduling": scheduling}
    )
    assert spreads(spec) is expected
    assert not spreads(Placement(replica_scheduling=spec.replica_scheduling))


def test_the_preferred_clusters_are_taken_up_to_the_maximum() -> None:
    spec = {"spreadConstraints": [spread("cluster", 1, 2)]}
    scheduled = placed(binding(spec, 1, before=previous(spec, c=1)), clusters(a=1, b=9, c=0))
    assert result(scheduled) == {"c": 1, "b": 1}
    assert reasons(scheduled)["a"] == (
        "SpreadConstraint",
        "not among the 2 selected: score 0, room for 1",
    )


@pytest.mark.parametrize(
    ("constraints", "scheduling", "replicas", "message"),
    [
        pytest.param(
            [spread("cluster", 4, 9)],
            None,
            1,
            "failed to select clusters: "
            "the number of feasible clusters is less than spreadConstraint.MinGroups",
            id="too-few-clusters",
        ),
        pytest.param(
            [spread("cluster", 1, 1)],
            AGGREGATED,
            99,
            "failed to select clusters: no enough resource when selecting 1 clusters",
            id="no-room",
        ),
        pytest.param(
            [{"spreadByField": "cluster", "minGroups": 1}],
            AGGREGATED,
            1,
            "failed to select clusters: no enough resource when selecting 0 clusters",
            id="no-maximum-when-divided",
        ),
        pytest.param(
            [{"spreadByField": "cluster", "minGroups": 1}],
            None,
            1,
            "failed to assign replicas: no clusters available to schedule",
            id="no-maximum",
        ),
        pytest.param(
            [spread("region", 3, 9), spread("cluster", 1, 9)],
            None,
            1,
            "failed to select clusters: "
            "the number of feasible region is less than spreadConstraint.MinGroups",
            id="too-few-regions",
        ),
        pytest.param(
            [spread("region", 1, 1), spread("cluster", 3, 9)],
            None,
            1,
            "failed to select clusters: "
            "the number of clusters is less than the cluster spreadConstraint.MinGroups",
            id="regions-too-small",
        ),
        pytest.param(
            [{"spreadByLabel": "x", "minGroups": 1, "maxGroups": 1}],
            None,
            1,
            "failed to select clusters: just support cluster and region spread constraint",
            id="by-label",
        ),
    ],
)
def test_constraints_that_cannot_be_met_are_scheduler_errors(
    constraints: list[dict[str, Any]],
    scheduling: dict[str, Any] | None,
    replicas: int,
    message: str,
) -> None:
    spec = {"spreadConstraints": constraints, "replicaScheduling": scheduling}
    fleet = [
        cluster("a", 3, region="east"),
        cluster("b", 2, region="west"),
        cluster("c", 1, region="east"),
    ]
    scheduled = placed(binding(spec, replicas), fleet)
    assert (scheduled.reason, scheduled.message) == (ConditionReason.SCHEDULER_ERROR, message)
    assert set(reasons(scheduled)) == {"a", "b", "c"}


def test_a_missing_maximum_is_named_as_the_reason() -> None:
    spec = {"spreadConstraints": [{"spreadByField": "cluster", "minGroups": 1}]}
    assert reasons(placed(binding(spec, 1), clusters(a=9))) == {
        "a": ("SpreadConstraint", "maxGroups of the cluster constraint is 0: set how many to take")
    }


def test_each_chosen_region_gives_one_cluster_even_beyond_the_maximum() -> None:
    spec = {"spreadConstraints": [spread("region", 2, 2), spread("cluster", 1, 1)]}
    fleet = [cluster("a", 9, region="east"), cluster("b", 9, region="west")]
    assert result(placed(binding(spec, 1), fleet)) == {"a": 1, "b": 1}


def test_the_last_of_several_constraints_on_a_field_counts() -> None:
    spec = {"spreadConstraints": [spread("cluster", 1, 9), spread("cluster", 1, 1)]}
    assert result(placed(binding(spec, 1), clusters(a=9, b=5))) == {"a": 1}


def test_scores_and_selection_are_recorded() -> None:
    spec = {"spreadConstraints": [spread("region", 1, 1), spread("cluster", 1, 1)]}
    fleet = [cluster("a", 9, region="east"), cluster("b", 3, region="west")]
    steps = {item.step: item.detail for item in placed(binding(spec, 5), fleet).decisions}
    assert steps["score"] == {
        "clusters": ("a", "b"),
        "score": (0, 0),
        "available": (9, 3),
        "allocatable": (9, 3),
        "estimated": (True, True),
        "overflowOrder": (0, 0),
    }
    assert steps["regions"] == {"scores": {"east": 1000, "west": 0}, "chosen": ("east",)}
    assert steps["select"] == {"clusters": ("a",)}


def test_a_region_is_scored_by_how_much_of_its_share_it_holds() -> None:
    spec = {
        "replicaScheduling": AGGREGATED,
        "spreadConstraints": [spread("region", 2, 2), spread("cluster", 2, 9)],
    }
    fleet = [
        cluster("e1", 6, region="east"),
        cluster("e2", 1, region="east"),
        cluster("e3", 1, region="east"),
        cluster("n1", 3, region="north"),
        cluster("w1", 6, region="west"),
        cluster("w2", 0, region="west"),
    ]
    before = previous(None, w2=1)
    steps = {
        item.step: item.detail for item in placed(binding(spec, 10, before=before), fleet).decisions
    }
    assert steps["regions"]["scores"] == {"east": 5000, "north": 3000, "west": 5050}
