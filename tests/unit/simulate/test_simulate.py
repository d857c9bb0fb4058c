from typing import Any

import pytest

from armada_render.failover import Cause
from armada_render.load import from_objects
from armada_render.lock import settle
from armada_render.model.fleet import Fleet
from armada_render.pipeline import RenderOptions, render
from armada_render.simulate import Outcome, Scenario, added, outcome, scaled
from armada_render.simulate.document import as_junit, document
from armada_render.simulate.play import play, settled
from armada_render.simulate.pods import pod_runners
from armada_render.simulate.text import lines, table
from tests.support import objects
from tests.support.failover import failover, ref, taint_policy
from tests.support.objects import Object

WEB = ref("Deployment", "web")
ONE = [{"spreadByField": "cluster", "minGroups": 1, "maxGroups": 1}]
DIVIDED = {
    "replicaScheduling": {
        "replicaSchedulingType": "Divided",
        "replicaDivisionPreference": "Aggregated",
    }
}


def _cluster(name: str, free: int | None = None) -> Object:
    found = objects.cluster(name)
    if free is None:
        return found
    summary = {
        "allocatable": {"pods": free, "cpu": "8", "memory": "16Gi"},
        "allocated": {"pods": 1, "cpu": "1"},
    }
    return {**found, "status": {"resourceSummary": summary}}


def _policy(name: str, kind: str = "Deployment", **spec: Any) -> Object:
    return objects.policy(
        name,
        objects.selector(kind, name=name),
        **{"propagateDeps": True, "placement": {"spreadConstraints": ONE}, **spec},
    )


def _fleet(*given: Object, clusters: str = "a b c") -> Fleet:
    fleet = from_objects([*map(_cluster, clusters.split()), *given])
    assert not fleet.problems
    found, locked = settled(fleet, RenderOptions())
    assert not found.rendering.problems
    return locked


def _outcome(*given: Object, clusters: str = "a b c", **scenario: Any) -> Outcome:
    return outcome(_fleet(*given, clusters=clusters), Scenario(**scenario))


def _times(found: Outcome) -> list[tuple[int, str]]:
    return [(round(event.seconds), str(event.reason.cause)) for event in found.events]


def test_an_application_fails_over_and_nothing_is_lost() -> None:
    web = objects.deployment("web"), _policy("web", failover=failover("Gracefully", 90))
    found = _outcome(*web, fails=("a",))
    assert _times(found) == [
        (30, "ClusterTainted"),
        (90, "ApplicationFailure"),
        (120, "EvictionTaskFinished"),
    ]
    assert [str(move) for move in found.moves] == ["Deployment/web (default): a 2 -> 0, b 0 -> 2"]
    assert found.is_harmless
    assert found.severity == (0, 0, 0, 0)
    assert list(lines(found))[-1] == "nothing is lost"


def test_directly_waits_for_a_dead_cluster_and_not_for_a_drained_one() -> None:
    web = objects.deployment("web"), _policy("web", failover=failover("Directly", 90))
    dead = _outcome(*web, taint_policy(), fails=("a",))
    assert _times(dead)[-1] == (630, "PlacedAgain")
    drained = _outcome(*web, drains=("a",))
    assert _times(drained) == [
        (0, "ClusterTainted"),
        (0, "TaintUntolerated"),
        (5, "OldCopyRemoved"),
        (5, "PlacedAgain"),
        (35, "EvictionTaskFinished"),
    ]


@pytest.mark.parametrize(
    ("spec", "scenario", "why"),
    [
        pytest.param(
            {},
            {},
            "PropagationPolicy/default/web has no failover.application, and no ClusterTaintPolicy "
            "drives it away",
            id="no-failover",
        ),
        pytest.param(
            {"failover": failover("Never")},
            {"is_silent": True},
            "nothing is known of its health, and no ClusterTaintPolicy drives it away",
            id="silent",
        ),
        pytest.param(
            {
                "failover": failover("Never"),
                "placement": {"clusterAffinity": {"clusterNames": ["a"]}},
            },
            {},
            "stays on a, for there is nowhere to go: a: the resource is being evicted from it; "
            "b: not listed in clusterNames; c: not listed in clusterNames",
            id="nowhere-to-go",
        ),
    ],
)
def test_what_is_lost_and_why(spec: dict[str, Any], scenario: dict[str, Any], why: str) -> None:
    found = _outcome(objects.deployment("web"), _policy("web", **spec), fails=("a",), **scenario)
    [loss] = found.gone
    assert (loss.ref, loss.clusters, loss.left, loss.wanted, loss.why) == (WEB, ("a",), 0, 2, why)
    assert not found.is_harmless


def test_dependencies_go_where_their_owner_goes_or_are_out_of_reach() -> None:
    pod = {"volumes": [{"name": "s", "configMap": {"name": "settings"}}], "containers": []}
    web = objects.deployment("web")
    web["spec"]["template"] = {"spec": pod}
    given = web, objects.config_map("settings")
    moved = _outcome(*given, _policy("web", failover=failover("Never")), fails=("a",))
    assert moved.is_harmless
    stays = _outcome(*given, _policy("web"), fails=("a",))
    assert [loss.ref.kind for loss in stays.out_of_reach] == ["ConfigMap"]
    assert stays.out_of_reach[0].why == "goes where what needs it goes"


def test_replicas_that_nobody_takes_over_are_counted() -> None:
    spec: dict[str, Any] = {"placement": {"spreadConstraints": [], **DIVIDED}}
    clusters = [_cluster("a", 4), _cluster("b", 4), _cluster("c", 1)]
    fleet = from_objects([*clusters, objects.deployment("web", replicas=5), _policy("web", **spec)])
    found = outcome(settled(fleet, RenderOptions())[1], Scenario(fails=("a",)))
    [loss] = found.reduced
    assert (loss.left, loss.wanted) == (2, 5)
    assert "Deployment/web (default): 2 of 5 replicas are left" in "\n".join(lines(found))


def test_what_is_left_of_the_clusters_that_take_over() -> None:
    web = objects.deployment("web", replicas=2)
    container = {"name": "main", "resources": {"requests": {"cpu": "1500m", "memory": "2Gi"}}}
    web["spec"]["template"]["spec"]["containers"] = [container]
    clusters = [_cluster("a", 10), _cluster("b", 9)]
    policy = _policy("web", failover=failover("Never"))
    fleet = settled(from_objects([*clusters, web, policy]), RenderOptions())[1]
    found = outcome(fleet, Scenario(fails=("a",)))
    assert "  b: cpu 4 of 8, memory 12Gi of 16Gi, pods 6 of 9" in list(lines(found))


def test_what_is_everywhere_comes_back() -> None:
    web = objects.deployment("web"), _policy("web", failover=failover("Never"))
    everywhere = (
        objects.config_map("settings"),
        objects.policy("settings", objects.selector("ConfigMap")),
    )
    found = _outcome(*web, *everywhere, taint_policy(), fails=("a",), recovers=True)
    assert found.revived == ((WEB, "a"),) or not found.revived
    assert found.returns is not None
    assert [change.ref.kind for change in found.returns] == ["ConfigMap"]
    text = list(lines(found))
    assert any(line.startswith("back after") for line in text)


def test_an_old_copy_runs_again() -> None:
    web = objects.deployment("web"), _policy("web", failover=failover("Never"))
    found = _outcome(*web, fails=("a",), recovers=True)
    assert found.revived == ((WEB, "a"),)
    assert list(lines(found))[-2:] == [
        "  nothing comes back by itself",
        "  Deployment/web (default): its old copy on a runs again, until its task is ended",
    ]


def _service(name: str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]},
    }


def _torn_fleet(**spec: Any) -> tuple[Object, ...]:
    web = objects.deployment("web")
    web["spec"]["template"]["metadata"] = {"labels": {"app": "web"}}
    return (
        web,
        _policy("web", failover=failover("Never")),
        _service("web-service"),
        _policy("web-service", "Service", **spec),
    )


def test_what_is_torn_apart_and_a_mend_that_was_tried() -> None:
    found = _outcome(*_torn_fleet(), fails=("a",))
    assert [tear.missing.kind for tear in found.tears] == ["Service"]
    assert found.tears[0].clusters == ("b",)
    assert found.mends == ("take spreadConstraints out of PropagationPolicy/default/web-service",)


def test_a_mend_that_does_not_help_is_not_told() -> None:
    there = {"clusterAffinity": {"clusterNames": ["a"]}, "spreadConstraints": ONE}
    found = _outcome(*_torn_fleet(placement=there), fails=("a",))
    assert found.tears
    assert not found.mends
    assert any("hint: let the clusterAffinity" in line for line in lines(found))


def test_what_was_torn_before_is_no_news() -> None:
    there = {"clusterAffinity": {"clusterNames": ["c"]}}
    fleet = _fleet(*_torn_fleet(placement=there))
    assert not outcome(fleet, Scenario(fails=("c",))).tears
    assert [one.clusters for one in outcome(fleet, Scenario(fails=("a",))).tears] == [("b",)]


def test_the_worst_has_most_that_is_down() -> None:
    given = objects.deployment("web"), _policy("web"), objects.deployment("api"), _policy("api")
    fleet = _fleet(*given)
    found = [outcome(fleet, Scenario(fails=(name,))) for name in "abc"]
    assert [one.severity for one in found] == [(2, 0, 0, 0), (0, 0, 0, 0), (0, 0, 0, 0)]
    assert table(found) == [
        "         OBJECTS  MOVE  DOWN  REDUCED  UNREACHED  TORN",
        "a fails  2        -     2     -        -          -",
        "b fails  -        -     -     -        -          -",
        "c fails  -        -     -     -        -          -",
    ]
    assert b'tests="3" failures="1"' in as_junit(found)
    assert [one["title"] for one in document(found)["scenarios"]] == [
        "a fails",
        "b fails",
        "c fails",
    ]


def test_what_is_held_back_is_told_once() -> None:
    only = {"clusterAffinity": {"clusterNames": ["a"]}}
    web = objects.deployment("web"), _policy("web", failover=failover("Never"), placement=only)
    found = _outcome(*web, taint_policy(), fails=("a",))
    held = [event.reason.cause for event in found.events if event.is_held]
    assert held == [Cause.NOWHERE_TO_GO]


def test_tasks_in_flight_are_over_when_a_simulation_begins() -> None:
    web = objects.deployment("web"), _policy("web", failover=failover("Gracefully"))
    course = play(_fleet(*web), Scenario(fails=("a",)))
    again = play(course.during, Scenario(fails=("b",)))
    assert [event.reason.cause for event in again.events] == [
        Cause.CLUSTER_TAINTED,
        Cause.APPLICATION_FAILURE,
        Cause.TASK_FINISHED,
    ]


def test_other_replicas_and_other_objects() -> None:
    fleet = _fleet(objects.deployment("web"), _policy("web", placement={**DIVIDED}))
    more = scaled(fleet, WEB, 7)
    states = settle(more, RenderOptions()).states
    assert sum(target.replicas for target in states[WEB].clusters) == 7
    rollout = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Rollout",
        "metadata": {"name": "r", "namespace": "default"},
        "spec": {"replicas": 1},
    }
    other = from_objects([rollout, objects.cluster("d"), taint_policy()])
    merged = added(fleet, other)
    assert [cluster.name for cluster in merged.clusters] == ["a", "b", "c", "d"]
    assert merged.taint_policies
    [template] = [one for one in merged.templates if one.ref.kind == "Rollout"]
    changed = scaled(merged, template.ref, 3)
    assert {one.ref.kind: one.manifest["spec"]["replicas"] for one in changed.templates} == {
        "Deployment": 2,
        "Rollout": 3,
    }
    cordoned = from_objects([objects.cluster("a", taints=[{"key": "k", "effect": "NoSchedule"}])])
    assert added(fleet, cordoned).clusters[0].spec.taints
    assert len(added(fleet, cordoned).clusters) == 3


def test_what_runs_pods() -> None:
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"}, "spec": {}}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {}}
    custom = {
        "apiVersion": "example.io/v1",
        "kind": "Thing",
        "metadata": {"name": "t"},
        "spec": {"template": {"spec": {"containers": []}}},
    }
    fleet = from_objects([job, pod, custom, objects.deployment("web"), _service("s")])
    assert sorted(one.kind for one in pod_runners(fleet)) == ["Deployment", "Job", "Pod", "Thing"]


def test_nothing_is_written_into_what_is_given() -> None:
    fleet = _fleet(objects.deployment("web"), _policy("web", failover=failover("Never")))
    before = render(fleet).to_dict()
    outcome(fleet, Scenario(fails=("a",), recovers=True))
    assert render(fleet).to_dict() == before
