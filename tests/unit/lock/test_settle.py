from collections.abc import Sequence
from typing import Any

import pytest
from msgspec import structs

from armada_render import schedule
from armada_render.load import from_objects
from armada_render.lock import settle
from armada_render.lock.settle import MOST_PASSES
from armada_render.model.binding import ResourceBinding, TargetCluster
from armada_render.model.cluster import Cluster
from armada_render.model.fleet import Fleet
from armada_render.pipeline import RenderOptions, render
from tests.support.scheduling import AGGREGATED, DYNAMIC, REF, previous, spread

OPTIONS = RenderOptions()


def _cluster(name: str, free: int, region: str = "") -> dict[str, Any]:
    return {
        "apiVersion": "cluster.karmada.io/v1alpha1",
        "kind": "Cluster",
        "metadata": {"name": name},
        "spec": {"region": region},
        "status": {"resourceSummary": {"allocatable": {"pods": free}}},
    }


def _fleet(
    placement: dict[str, Any], replicas: int, *clusters: dict[str, Any], before: Any = None
) -> Fleet:
    selector = {"apiVersion": REF.api_version, "kind": REF.kind}
    metadata = {"name": REF.name, "namespace": REF.namespace}
    policy = {
        "apiVersion": "policy.karmada.io/v1alpha1",
        "kind": "PropagationPolicy",
        "metadata": metadata,
        "spec": {"resourceSelectors": [selector], "placement": placement},
    }
    web = {**selector, "metadata": metadata, "spec": {"replicas": replicas}}
    fleet = from_objects([web, policy, *clusters])
    return structs.replace(fleet, previous_bindings={REF: before} if before else {})


def test_a_result_that_changes_once_more_is_followed() -> None:
    # The preferred cluster of a region depends on which is in use already.
    constraints = [spread("cluster", 2, 3), spread("region", 1, 2)]
    fleet = _fleet(
        {"spreadConstraints": constraints},
        13,
        _cluster("m7", 4, "c"),
        _cluster("m2", 9, "b"),
        _cluster("m1", 0, "c"),
    )
    once = render(fleet).bindings[0]
    settled = settle(fleet, OPTIONS)
    assert settled.states[REF].clusters != once.clusters
    assert settled.restless == ()
    again = render(structs.replace(fleet, previous_bindings=settled.states))
    assert again.bindings[0].clusters == settled.states[REF].clusters


def test_rescheduling_divides_anew_and_leaves_no_trace() -> None:
    placement = {"replicaScheduling": DYNAMIC}
    clusters = (_cluster("a", 0), _cluster("b", 8), _cluster("c", 10))
    fleet = _fleet(placement, 10, *clusters, before=previous(placement, a=8, b=2))
    assert settle(fleet, OPTIONS).states[REF].clusters == previous(a=8, b=2).clusters
    state = settle(fleet, OPTIONS, [REF]).states[REF]
    # scheduling.md, worked examples: fresh versus steady
    assert {t.name: t.replicas for t in state.clusters} == {"a": 3, "b": 4, "c": 3}
    assert (state.last_scheduled_time, state.reschedule_triggered_at) == ("", "")


def test_rescheduling_goes_back_to_the_first_group() -> None:
    groups = [{"affinityName": name, "clusterNames": [name]} for name in ("a", "b")]
    placement = {"clusterAffinities": groups, "replicaScheduling": AGGREGATED}
    before = structs.replace(previous(placement, b=2), observed_affinity="b")
    fleet = _fleet(placement, 2, _cluster("a", 9), _cluster("b", 9), before=before)
    assert settle(fleet, OPTIONS).states[REF].observed_affinity == "b"
    assert settle(fleet, OPTIONS, [REF]).states[REF].observed_affinity == "a"


def test_problems_end_it() -> None:
    fleet = _fleet({"clusterAffinity": {"clusterNames": ["x"]}}, 2, _cluster("a", 9))
    settled = settle(fleet, OPTIONS)
    assert [problem.code for problem in settled.rendering.problems] == [4]
    assert settled.restless == ()


def test_what_never_rests_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    place = schedule.place
    passes = 0

    def fickle(
        bindings: Sequence[ResourceBinding], clusters: Sequence[Cluster], **options: bool
    ) -> tuple[ResourceBinding, ...]:
        nonlocal passes
        passes += 1
        target = TargetCluster("a" if passes % 2 else "b", 2)
        return tuple(
            structs.replace(binding, clusters=(target,))
            for binding in place(bindings, clusters, **options)
        )

    monkeypatch.setattr(schedule, "place", fickle)
    settled = settle(_fleet({}, 2, _cluster("a", 9), _cluster("b", 9)), OPTIONS)
    assert settled.restless == (REF,)
    assert passes == 2 * MOST_PASSES + 1
