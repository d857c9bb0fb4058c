from typing import Any

import pytest
from msgspec import structs

from armada_render.failover import Cause, Health, Limits, Memory, Ready, decide
from armada_render.failover.ground import tainted
from armada_render.failover.memory import Move
from armada_render.load.frozen import frozen_path
from armada_render.model.cluster import Taint
from armada_render.pipeline import render
from tests.support import objects
from tests.support.failover import World, at, failover, held, ref, said, taint_policy
from tests.support.objects import Object

WEB = ref("Deployment", "web")
ONE = [{"spreadByField": "cluster", "minGroups": 1, "maxGroups": 1}]
DOWN, UP = Health.UNHEALTHY, Health.HEALTHY
COPY = ".armada/frozen/a/default/web-deployment.yaml"


def _web(mode: str = "Gracefully", *, on: str = "a b", **spec: Any) -> list[Object]:
    placement = {
        "clusterAffinity": {"clusterNames": on.split()},
        "spreadConstraints": ONE,
        **spec.pop("placement", {}),
    }
    return [
        objects.deployment("web", replicas=2),
        objects.policy(
            "web",
            objects.selector("Deployment", name="web"),
            placement=placement,
            **{"propagateDeps": True, "failover": failover(mode), **spec},
        ),
    ]


def _world(*more: Object, clusters: str = "a b c", limits: Limits | None = None) -> World:
    return World([*(objects.cluster(name) for name in clusters.split()), *more], limits)


def _homes(world: World) -> set[str]:
    rendering = render(world.fleet)
    assert not rendering.problems
    return {
        cluster
        for cluster, works in rendering.works.items()
        if any(work.template == WEB for work in works)
    }


def test_a_sick_application_moves_once_it_has_been_sick_for_long_enough() -> None:
    world = _world(*_web())
    assert not world.look(0).states
    world.workloads[WEB, "a"] = DOWN
    assert world.look(10).wake == at(70) + (at(0) - at(0)).resolution
    assert not said(world.look(70))
    decision = world.look(71)
    assert said(decision) == ["Deployment/web (default): leaves a: unhealthy for 61 s"]
    assert decision.reasons[0].cause is Cause.APPLICATION_FAILURE
    assert decision.reasons[0].since == at(10)
    assert world.where(WEB) == {"b": 2}
    [task] = world.fleet.previous_bindings[WEB].eviction_tasks
    assert (task.from_cluster, task.purge_mode, task.replicas, task.reason, task.producer) == (
        "a",
        "Gracefully",
        2,
        "ApplicationFailure",
        "resource-binding-application-failover-controller",
    )
    assert (task.grace_period_seconds, task.creation_timestamp) == (600, "2026-01-01T12:01:11Z")


def test_other_news_than_bad_news_start_the_time_anew() -> None:
    for news in (UP, Health.UNKNOWN, None):
        world = _world(*_web())
        world.workloads[WEB, "a"] = DOWN
        world.look(0)
        if news is None:
            del world.workloads[WEB, "a"]
        else:
            world.workloads[WEB, "a"] = news
        world.look(50)
        world.workloads[WEB, "a"] = DOWN
        world.look(60)
        assert not said(world.look(119))
        assert said(world.look(121))


def test_bad_news_that_are_old_are_none() -> None:
    world = _world(*_web())
    world.workloads[WEB, "a"] = DOWN
    old = world.evidence(at(0)).workloads
    world.look(0)
    for seconds in range(60, 1200, 60):
        now = at(seconds)
        evidence = structs.replace(world.evidence(now), workloads=old)
        limits = Limits(max_unhealthy_share=1, workload_cooldown=at(0) - at(0))
        decision = decide(world.fleet, evidence, now, Memory(), limits)
        # Without memory the time starts anew each round, so only the age could end it.
        assert bool(decision.memory.unhealthy) is (seconds <= 600)


def test_the_old_copy_stays_as_it_was_until_the_new_one_is_healthy() -> None:
    world = _world(*_web())
    before = {work.template: work.manifest for work in render(world.fleet).works["a"]}
    world.workloads[WEB, "a"] = DOWN
    world.look(0)
    assert list(world.look(61).frozen) == [COPY]
    # The template changes while the old copy is kept.
    changed = [
        structs.replace(one, manifest={**one.manifest, "spec": {"replicas": 2, "paused": True}})
        for one in world.fleet.templates
    ]
    world.fleet = structs.replace(world.fleet, templates=tuple(changed))
    rendering = render(world.fleet)
    assert [work.manifest for work in rendering.works["a"]] == [before[WEB]]
    assert [work.is_frozen for work in rendering.works["a"]] == [True]
    assert rendering.works["b"][0].manifest["spec"] == {"replicas": 2, "paused": True}
    world.workloads[WEB, "b"] = UP
    decision = world.look(90)
    assert said(decision) == ["Deployment/web (default): its old copy leaves a: it is healthy on b"]
    assert decision.frozen == {COPY: None}
    assert _homes(world) == {"b"}


def test_what_a_copy_needs_stays_with_it() -> None:
    world = _world(
        *_web(),
        objects.config_map("settings"),
    )
    pod = {"volumes": [{"name": "s", "configMap": {"name": "settings"}}], "containers": []}
    world.fleet = structs.replace(
        world.fleet,
        templates=tuple(
            structs.replace(
                one, manifest={**one.manifest, "spec": {"template": {"spec": pod}, "replicas": 2}}
            )
            if one.ref == WEB
            else one
            for one in world.fleet.templates
        ),
    )
    kinds = ["Deployment", "ConfigMap"]
    before = {work.ref.kind: work.manifest for work in render(world.fleet).works["a"]}
    assert sorted(before) == sorted(kinds)
    world.workloads[WEB, "a"] = DOWN
    world.look(0)
    world.look(61)
    rendering = render(world.fleet)
    assert {work.ref.kind: work.manifest for work in rendering.works["a"]} == before
    assert sorted(work.ref.kind for work in rendering.works["b"]) == sorted(kinds)


def test_never_leaves_the_old_copy_until_somebody_says_so() -> None:
    world = _world(*_web("Never"))
    world.workloads[WEB, "a"] = DOWN
    world.look(0)
    world.look(61)
    assert _homes(world) == {"a", "b"}
    world.workloads[WEB, "b"] = UP
    assert world.look(100_000).wake is None
    assert _homes(world) == {"a", "b"}
    state = world.fleet.previous_bindings[WEB]
    [task] = state.eviction_tasks
    released = structs.replace(
        state, eviction_tasks=(structs.replace(task, suppress_deletion=False),)
    )
    world.fleet = structs.replace(world.fleet, previous_bindings={WEB: released})
    assert said(world.look(100_001))
    assert _homes(world) == {"b"}


def test_directly_has_never_two_copies() -> None:
    world = _world(*_web("Directly"))
    world.workloads[WEB, "a"] = DOWN
    world.look(0)
    decision = world.look(61)
    assert decision.frozen == {}
    assert _homes(world) == set()
    assert world.fleet.previous_bindings[WEB].is_scheduling_suspended
    world.look(120)
    assert _homes(world) == set()
    world.removed.add((WEB, "a"))
    decision = world.look(130)
    assert said(decision) == [
        "Deployment/web (default): its copy on a is gone, so the replacement may start",
        "Deployment/web (default): is placed on b 2 (before: no cluster)",
    ]
    assert _homes(world) == {"b"}
    assert world.tasks(WEB) == ["a"]


def test_directly_does_not_wait_for_ever_for_a_dead_cluster() -> None:
    world = _world(*_web("Directly"), taint_policy())
    world.clusters["a"] = Ready.FALSE
    times = [seconds for seconds, found in world.until_quiet(0, 5000) if found.reasons]
    assert [round(seconds) for seconds in times] == [30, 630]
    assert _homes(world) == {"b"}


def test_directly_says_nothing_of_a_replacement_that_has_lost_its_place() -> None:
    world = _world(*_web("Directly"))
    world.workloads[WEB, "a"] = DOWN
    world.look(0)
    world.look(61)
    closed = Taint(key="closed", effect="NoSchedule")
    world.fleet = structs.replace(
        world.fleet, clusters=tainted(world.fleet.clusters, dict.fromkeys("abc", (closed,)))
    )
    for seconds in (700, 1400):
        decision = world.look(seconds)
        assert not said(decision)
        assert [reason.cause for reason in decision.held] == [Cause.NOWHERE_TO_GO]
    world.fleet = structs.replace(world.fleet, clusters=tainted(world.fleet.clusters, {"b": ()}))
    assert said(world.look(2000))
    assert _homes(world) == {"b"}


def test_a_dead_cluster_is_only_closed_to_newcomers_without_a_taint_policy() -> None:
    world = _world(*_web())
    world.clusters["a"] = Ready.FALSE
    found = world.until_quiet(0, 5000)
    [(seconds, decision)] = [(time, one) for time, one in found if one.reasons]
    assert seconds == 30
    assert said(decision) == [
        (
            "a: tainted cluster.karmada.io/not-ready:NoSchedule: Ready is False (LooksFalse), seen "
            "for 30 s"
        )
    ]
    assert _homes(world) == {"a"}
    # What has no state in the lock would be placed anew on the new taints.
    assert world.where(WEB) == {"a": 2}


TOLERATES: dict[str, Any] = {
    "placement": {
        "clusterTolerations": [
            {"key": "example.io/not-ready", "operator": "Exists", "tolerationSeconds": 90}
        ]
    }
}


def test_a_dead_cluster_is_left_once_its_taint_is_not_tolerated_any_more() -> None:
    world = _world(*_web(**TOLERATES), taint_policy())
    world.clusters["a"] = Ready.FALSE
    found = [(time, said(one)) for time, one in world.until_quiet(0, 500) if one.reasons]
    assert [time for time, _ in found] == [30, 120]
    assert found[1][1] == [
        (
            "Deployment/web (default): leaves a: it has tolerated example.io/not-ready:NoExecute "
            "for long enough"
        )
    ]
    assert world.where(WEB) == {"b": 2}


def test_what_comes_back_in_time_does_not_move() -> None:
    world = _world(*_web(**TOLERATES), taint_policy())
    world.clusters["a"] = Ready.FALSE
    world.look(0)
    world.look(30)
    world.clusters["a"] = Ready.TRUE
    world.look(100)
    decision = world.look(121)
    assert not said(decision)
    assert held(decision) == [
        "Deployment/web (default): stays on a for now: the cluster answers again"
    ]
    assert said(world.look(131)) == [
        (
            "a: no longer tainted cluster.karmada.io/not-ready:NoSchedule, "
            "example.io/not-ready:NoExecute: Ready is True (LooksTrue), seen for 31 s"
        )
    ]
    assert world.where(WEB) == {"a": 2}


def test_a_cluster_that_nothing_new_is_known_of_is_not_left() -> None:
    world = _world(*_web(**TOLERATES), taint_policy())
    world.clusters["a"] = Ready.FALSE
    world.look(0)
    world.look(30)
    del world.clusters["a"]
    decision = world.look(300)
    assert not said(decision)
    assert held(decision) == [
        "Deployment/web (default): stays on a: nothing new is known of the cluster"
    ]


def test_a_taint_by_hand_needs_no_evidence() -> None:
    world = _world(*_web(), taint_policy())
    world.clusters["c"] = Ready.FALSE
    world.until_quiet(0, 100)
    assert world.where(WEB) == {"a": 2}
    world.clusters["c"] = Ready.TRUE
    world.until_quiet(150, 190)
    by_hand = Taint(key="maintenance", effect="NoExecute")
    world.fleet = structs.replace(
        world.fleet, clusters=tainted(world.fleet.clusters, {"a": (by_hand,)})
    )
    del world.clusters["a"]
    decision = world.look(200)
    assert [reason.cause for reason in decision.reasons] == [
        Cause.CLUSTER_TAINTED,
        Cause.TAINT_UNTOLERATED,
    ]
    assert decision.taints["a"][0].time_added == "2026-01-01T12:03:20Z"
    assert world.where(WEB) == {"b": 2}


def test_nothing_comes_back_by_itself() -> None:
    world = _world(*_web(), taint_policy())
    world.clusters["a"] = Ready.FALSE
    world.until_quiet(0, 1000)
    assert world.where(WEB) == {"b": 2}
    world.clusters["a"] = Ready.TRUE
    world.workloads[WEB, "b"] = UP
    world.until_quiet(2000, 3000)
    assert world.where(WEB) == {"b": 2}
    assert not any(cluster.spec.taints for cluster in world.fleet.clusters)


def test_what_is_everywhere_comes_back_everywhere() -> None:
    everywhere: dict[str, Any] = {"placement": {"spreadConstraints": []}, "on": "a b c"}
    world = _world(*_web(**everywhere), taint_policy())
    world.clusters["a"] = Ready.FALSE
    for name in "bc":
        world.workloads[WEB, name] = UP
    world.until_quiet(0, 1000)
    assert world.where(WEB) == {"b": 2, "c": 2}
    world.clusters["a"] = Ready.TRUE
    decisions = world.until_quiet(2000, 3000)
    assert world.where(WEB) == {"a": 2, "b": 2, "c": 2}
    assert "Deployment/web (default): is placed on b 2, c 2, a 2 (before: b 2, c 2)" in said(
        decisions[-1][1]
    )


def test_the_last_copy_is_not_evicted_to_nowhere() -> None:
    world = _world(*_web(on="a"))
    world.workloads[WEB, "a"] = DOWN
    world.look(0)
    decision = world.look(61)
    assert not said(decision)
    assert [reason.cause for reason in decision.held] == [Cause.NOWHERE_TO_GO]
    assert held(decision) == [
        (
            "Deployment/web (default): stays on a, for there is nowhere to go: a: the resource is "
            "being evicted from it; b: not listed in clusterNames; c: not listed in clusterNames"
        )
    ]
    assert _homes(world) == {"a"}


def test_what_has_no_place_is_named_with_its_capacity() -> None:
    divided: dict[str, Any] = {
        "placement": {
            "spreadConstraints": [],
            "replicaScheduling": {
                "replicaSchedulingType": "Divided",
                "replicaDivisionPreference": "Aggregated",
            },
        }
    }
    full = {"resourceSummary": {"allocatable": {"pods": 1}}}
    clusters = [objects.cluster("a"), {**objects.cluster("b"), "status": full}]
    world = World([*clusters, *_web(**divided)])
    world.workloads[WEB, "a"] = DOWN
    world.look(0)
    decision = world.look(61)
    assert not said(decision)
    assert "nowhere to go" in held(decision)[0]
    assert _homes(world) == {"a"}


def test_nothing_is_done_while_too_many_clusters_look_bad() -> None:
    world = _world(*_web(), taint_policy())
    world.clusters.update(a=Ready.FALSE, b=Ready.FALSE)
    for seconds in (0, 30, 1000):
        decision = world.look(seconds)
        assert not decision.reasons
        [reason] = held(decision)
        assert reason.startswith(
            "fleet: nothing is done: 2 of 3 clusters are not known to be ready"
        )
    world.clusters["b"] = Ready.TRUE
    world.look(1001)
    assert said(world.look(1031))


def test_nothing_is_done_before_clusters_have_been_seen() -> None:
    world = _world(*_web(), taint_policy())
    world.clusters.clear()
    assert [reason.cause for reason in world.look(0).held] == [Cause.TOO_MANY_UNHEALTHY]


def test_nothing_is_done_while_the_freeze_file_is_there() -> None:
    world = _world(*_web(), taint_policy())
    world.fleet = structs.replace(world.fleet, freeze="maintenance until noon")
    world.clusters["a"] = Ready.FALSE
    world.workloads[WEB, "a"] = DOWN
    world.look(0)
    decision = world.look(100)
    assert not decision.reasons
    assert held(decision) == [
        "fleet: nothing is done while .armada/freeze is there (maintenance until noon)"
    ]
    world.fleet = structs.replace(world.fleet, freeze=None)
    assert said(world.look(101))


def test_nothing_is_done_with_a_fleet_that_does_not_render() -> None:
    world = _world(*_web())
    rejected = objects.policy("broken", objects.selector("ConfigMap"), failover=failover("Never"))
    world.fleet = structs.replace(
        world.fleet,
        propagation_policies=(
            *world.fleet.propagation_policies,
            *World([objects.cluster("a"), rejected]).fleet.propagation_policies,
        ),
    )
    world.workloads[WEB, "a"] = DOWN
    world.look(0)
    decision = world.look(61)
    assert [reason.cause for reason in decision.held] == [Cause.NOT_RENDERED]
    assert "PropagationPolicy/default/broken" in str(decision.held[0])
    assert decision.states == {}


def test_no_more_moves_than_an_hour_may_have() -> None:
    world = _world(*_web(), limits=Limits(max_moves_per_hour=1))
    other = ref("Deployment", "other")
    world.memory = Memory(moves=(Move(at=at(-1800), ref=other, cluster="b"),))
    world.workloads[WEB, "a"] = DOWN
    world.look(0)
    decision = world.look(61)
    assert not said(decision)
    assert held(decision) == [
        "Deployment/web (default): has to wait: 1 move within an hour is as many as may be"
    ]
    assert decision.wake == at(1800)
    assert said(world.look(1800))


def test_a_workload_cools_down_before_it_moves_again() -> None:
    world = _world(*_web(on="a b c"))
    world.workloads[WEB, "a"] = DOWN
    world.look(0)
    assert said(world.look(61))
    world.workloads[WEB, "b"] = DOWN
    world.look(70)
    decision = world.look(140)
    assert not said(decision)
    assert held(decision) == [
        "Deployment/web (default): has to wait: it was moved a short while ago"
    ]
    assert decision.wake == at(661)
    # What is in the lock is not forgotten with the memory.
    world.memory = Memory()
    world.look(150)
    assert not said(world.look(300))
    assert said(world.look(661))


def test_a_workload_whose_clusters_are_all_dead_does_not_wait_to_cool_down() -> None:
    world = _world(*_web(on="a b c d"), taint_policy(), clusters="a b c d")
    world.clusters["a"] = Ready.FALSE
    world.until_quiet(0, 100)
    assert world.where(WEB) == {"b": 2}
    world.clusters["a"] = Ready.TRUE
    world.clusters["b"] = Ready.FALSE
    world.until_quiet(100, 200)
    assert world.where(WEB) == {"c": 2}


def test_suspended_scheduling_is_left_alone() -> None:
    world = _world(*_web(), taint_policy())
    world.clusters["c"] = Ready.FALSE
    world.until_quiet(0, 100)
    state = structs.replace(world.fleet.previous_bindings[WEB], is_scheduling_suspended=True)
    world.fleet = structs.replace(world.fleet, previous_bindings={WEB: state})
    world.workloads[WEB, "a"] = DOWN
    world.look(200)
    decision = world.look(261)
    assert held(decision) == ["Deployment/web (default): stays on a: its scheduling is suspended"]
    assert world.where(WEB) == {"a": 2}


def test_without_failover_in_the_policy_bad_news_move_nothing() -> None:
    specs: list[dict[str, Any]] = [{"failover": {}}, {"propagateDeps": False, "failover": {}}]
    for spec in specs:
        world = _world(*_web(**spec))
        world.workloads[WEB, "a"] = DOWN
        assert world.look(0).wake is None
        assert not said(world.look(10_000))


def test_copies_that_no_task_holds_are_cleared_away() -> None:
    world = _world(*_web("Never"))
    world.workloads[WEB, "a"] = DOWN
    world.look(0)
    world.look(61)
    [key] = world.fleet.frozen
    assert frozen_path(key) == COPY
    state = structs.replace(world.fleet.previous_bindings[WEB], eviction_tasks=())
    world.fleet = structs.replace(world.fleet, previous_bindings={WEB: state})
    world.workloads[WEB, "a"] = UP
    assert world.look(62).frozen == {COPY: None}


@pytest.mark.parametrize("seconds", [0, 31, 100])
def test_the_same_evidence_gives_the_same_decision(seconds: int) -> None:
    world = _world(*_web(**TOLERATES), taint_policy())
    world.clusters["a"] = Ready.FALSE
    world.look(0)
    now = at(seconds)
    first, second = (decide(world.fleet, world.evidence(now), now, world.memory) for _ in range(2))
    assert (first.states, first.taints, first.reasons) == (
        second.states,
        second.taints,
        second.reasons,
    )
