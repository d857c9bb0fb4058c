from typing import Any

import pytest
from msgspec import structs

from armada_render.schedule.ladder import placement_changed, reschedule_required
from armada_render.schedule.snapshot import Snapshot
from tests.support.scheduling import (
    AGGREGATED,
    DYNAMIC,
    EARLIER,
    LATER,
    applied,
    binding,
    cluster,
    clusters,
    placed,
    placement,
    previous,
    reasons,
    result,
)

DIVIDED = {"replicaScheduling": DYNAMIC}
DUPLICATED = {"replicaScheduling": {"replicaSchedulingType": "Duplicated"}}
NAMED = {"clusterAffinity": {"clusterNames": ["a"]}}
FOUR = {"clusters": {"a": 4}}
ONE = {"affinityName": "one", "clusterNames": ["a"]}
TWO = {"affinityName": "two", "clusterNames": ["b"]}


def _cause(spec: dict[str, Any], **before: Any) -> str:
    known = previous(spec, **before.pop("clusters", {}))
    known = structs.replace(known, **before)
    fleet = [*clusters(a=9, b=9), cluster("dying", 9, is_terminating=True)]
    detail = placed(binding(spec, 4, before=known), fleet).decisions[0].detail
    return str(detail.get("cause") or detail["reason"])


@pytest.mark.parametrize(
    ("spec", "before", "cause"),
    [
        (DIVIDED, {"applied_placement": ""}, "first schedule"),
        (DIVIDED, {"applied_placement": "{}"}, "placement changed"),
        (DIVIDED, {"clusters": {"a": 3}}, "replicas changed"),
        (DUPLICATED, {"clusters": {"a": 3}}, "replicas changed"),
        (DIVIDED, {**FOUR, "reschedule_triggered_at": LATER}, "rescheduling was triggered"),
        ({}, {"clusters": {"a": 3}}, "duplicated resources are always scheduled"),
        (DUPLICATED, FOUR, "duplicated resources are always scheduled"),
        (DIVIDED, {"clusters": {"dying": 4}}, "a cluster that has it is being deleted"),
        (DIVIDED, {"clusters": {"missing": 4}}, "a cluster that has it is being deleted"),
        (DIVIDED, FOUR, "the previous result still holds"),
        (DIVIDED, {**FOUR, "reschedule_triggered_at": EARLIER}, "the previous result still holds"),
        (DIVIDED, {"is_scheduling_suspended": True}, "its scheduling is suspended"),
    ],
)
def test_the_first_rung_that_holds_decides(
    spec: dict[str, Any], before: dict[str, Any], cause: str
) -> None:
    assert _cause(spec, **before) == cause


def test_what_is_no_workload_counts_as_duplicated() -> None:
    scheduled = placed(binding(DIVIDED, before=previous(DIVIDED, a=0)), clusters(a=9, b=9))
    assert result(scheduled) == {"a": 0, "b": 0}


def test_a_kept_result_is_untouched_and_says_why() -> None:
    before = structs.replace(previous(DIVIDED, b=1, a=3), observed_affinity="old")
    scheduled = placed(binding(DIVIDED, 4, before=before), clusters(a=0, b=0, c=9))
    assert scheduled.clusters == before.clusters
    assert scheduled.observed_affinity == "old"
    assert reasons(scheduled) == {"c": ("Previous", "the previous result still holds")}


def test_what_ran_on_a_cluster_that_left_is_placed_again() -> None:
    scheduled = placed(
        binding(DIVIDED, 4, before=previous(DIVIDED, gone=3, a=1)), clusters(a=2, b=2)
    )
    assert result(scheduled) == {"a": 3, "b": 1}


def test_the_scheduler_name_does_not_matter() -> None:
    waiting = structs.replace(binding({}, 1), scheduler_name="another")
    assert result(placed(waiting, clusters(a=1))) == {"a": 1}


@pytest.mark.parametrize(
    ("spec", "before", "observed", "changed"),
    [
        (NAMED, "", "", True),
        (NAMED, applied(NAMED), "", False),
        (NAMED, "no JSON", "", False),
        (NAMED, '{"clusterAffinity": 5}', "", False),
        (NAMED, "[]", "", False),
        (NAMED, "null", "", True),
        ({}, "null", "", False),
        (NAMED, '{"clusterAffinity":{"clusterNames":["a"],"exclude":null},"later":1}', "", False),
        (NAMED, '{"clusterAffinity":{"clusterNames":["a"],"exclude":[]}}', "", False),
        (NAMED, '{"clusterAffinity":{"clusterNames":["b"]}}', "", True),
        ({}, '{"clusterAffinity":{}}', "", True),
        ({}, '{"spreadConstraints":[{"spreadByField":"rack"}]}', "", True),
        ({}, '{"clusterTolerations":[{"operator":""}]}', "", True),
        ({"clusterTolerations": [{}]}, '{"clusterTolerations":[{"operator":""}]}', "", False),
        ({"replicaScheduling": AGGREGATED}, applied({"replicaScheduling": DYNAMIC}), "", True),
        ({"clusterAffinities": [ONE]}, applied({"clusterAffinities": [ONE, TWO]}), "", True),
        ({"clusterAffinities": [ONE]}, applied({"clusterAffinities": [ONE, TWO]}), "one", False),
        ({"clusterAffinities": [TWO, ONE]}, applied({"clusterAffinities": [ONE]}), "one", False),
        ({"clusterAffinities": [TWO]}, applied({"clusterAffinities": [ONE, TWO]}), "one", True),
        ({"clusterAffinities": [ONE, TWO]}, applied({"clusterAffinities": [TWO]}), "one", True),
        (
            {"clusterAffinities": [{**ONE, "exclude": ["z"]}]},
            applied({"clusterAffinities": [ONE]}),
            "one",
            True,
        ),
        (
            {"workloadAffinity": {"affinity": {"groupByLabelKey": "app"}}},
            applied({}),
            "",
            True,
        ),
        (
            {"clusterAffinity": {"labelSelector": {"matchLabels": {"later": ""}}}},
            '{"clusterAffinity":{"labelSelector":{"matchLabels":{"later":""}}}}',
            "",
            False,
        ),
    ],
)
def test_placement_changed(
    spec: dict[str, Any],
    before: str,
    observed: str,
    changed: bool,  # noqa: FBT001 - a table
) -> None:
    known = structs.replace(previous(), applied_placement=before, observed_affinity=observed)
    assert placement_changed(Snapshot([]), placement(spec), known) is changed


@pytest.mark.parametrize(
    ("triggered", "scheduled", "required"),
    [
        (LATER, EARLIER, True),
        (EARLIER, EARLIER, False),
        (EARLIER, LATER, False),
        (LATER, "", False),
        ("", EARLIER, False),
        ("2025-03-01T11:00:00+01:00", EARLIER, False),
        ("2025-03-01T11:00:01+01:00", EARLIER, True),
        ("2025-03-01T10:00:00.5Z", EARLIER, True),
        ("tomorrow", EARLIER, False),
        ("2026-01-01", EARLIER, False),
    ],
)
def test_rescheduling_needs_a_trigger_after_the_last_success(
    triggered: str,
    scheduled: str,
    required: bool,  # noqa: FBT001 - a table
) -> None:
    known = structs.replace(
        previous(), reschedule_triggered_at=triggered, last_scheduled_time=scheduled
    )
    assert reschedule_required(known) is required
