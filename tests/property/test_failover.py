"""A model check of `decide`: a small world in which anything may fail at any time.

The world runs what Git says: a cluster that can be reached holds what the rendering gives it, one
that cannot be reached goes on with what it had. What must never happen is stated as Karmada's purge
modes and our restraint promise it, and looked for after every step.
"""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec.structs import replace

from armada_render.emit import json_line
from armada_render.failover import Cause, Decision, Evidence, Health, Limits, Memory, Ready, decide
from armada_render.failover.clock import moment
from armada_render.failover.evidence import Place
from armada_render.load import from_objects
from armada_render.model.cluster import Cluster, Taint
from armada_render.model.fleet import Fleet
from armada_render.model.resource import ObjectReference
from armada_render.pipeline import Rendering, render
from tests.support import objects
from tests.support.failover import NOON, failover, ref, seen, taint_policy, written

CLUSTERS = ("a", "b", "c", "d")
ONE = [{"spreadByField": "cluster", "minGroups": 1, "maxGroups": 1}]
TWO = [{"spreadByField": "cluster", "minGroups": 2, "maxGroups": 2}]
TOLERATION = 45
TOLERATIONS = [
    {"key": "example.io/not-ready", "operator": "Exists", "tolerationSeconds": TOLERATION}
]
LIMITS = Limits(max_moves_per_hour=6, workload_cooldown=timedelta(minutes=3))
HOUR = timedelta(hours=1)
BY_HAND = Taint(key="example.io/maintenance", effect="NoExecute")
EVICTIONS = (Cause.APPLICATION_FAILURE, Cause.TAINT_UNTOLERATED)


def _workload(name: str, mode: str, **placement: Any) -> list[objects.Object]:
    return [
        objects.deployment(name, replicas=4),
        objects.policy(
            name,
            objects.selector("Deployment", name=name),
            propagateDeps=True,
            placement={"clusterTolerations": TOLERATIONS, **placement},
            failover=failover(mode, seconds=60, grace=90 if mode == "Gracefully" else None),
        ),
    ]


OBJECTS = [
    *(objects.cluster(name) for name in CLUSTERS),
    taint_policy(),
    *_workload("graceful", "Gracefully", spreadConstraints=ONE),
    *_workload("direct", "Directly", spreadConstraints=ONE),
    *_workload("never", "Never", spreadConstraints=ONE),
    *_workload(
        "divided",
        "Gracefully",
        spreadConstraints=TWO,
        replicaScheduling={
            "replicaSchedulingType": "Divided",
            "replicaDivisionPreference": "Aggregated",
        },
    ),
    objects.config_map("settings"),
    objects.policy(
        "settings",
        objects.selector("ConfigMap", name="settings"),
        placement={"clusterTolerations": TOLERATIONS},
    ),
]
WORKLOADS = {name: ref("Deployment", name) for name in ("graceful", "direct", "never", "divided")}
SECONDS = {name: 90 if name in ("graceful", "divided") else 600 for name in WORKLOADS}


class Failures(RuleBasedStateMachine):
    """Clusters and workloads fail and come back; the controller looks, decides, and writes."""

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = NOON
        self.fleet: Fleet = from_objects(OBJECTS)
        self.memory = Memory()
        self.ready = dict.fromkeys(CLUSTERS, Ready.TRUE)
        self.silent: set[str] = set()
        self.sick: set[Place] = set()
        self.copies: dict[str, dict[ObjectReference, bytes]] = {name: {} for name in CLUSTERS}
        self.bad_since: dict[Place, datetime] = {}
        self.down_since: dict[str, datetime] = {}
        self.up_since: dict[str, datetime] = {}
        self.moves: list[datetime] = []
        self.evicted: dict[Place, datetime] = {}
        self._sync(render(self.fleet))

    # What the world does

    @rule(name=strategies.sampled_from(CLUSTERS), ready=strategies.sampled_from(list(Ready)))
    def turn(self, name: str, ready: Ready) -> None:
        self.ready[name] = ready

    @rule(name=strategies.sampled_from(CLUSTERS))
    def fall_silent_or_speak(self, name: str) -> None:
        self.silent ^= {name}

    @rule(name=strategies.sampled_from(CLUSTERS), falls_silent=strategies.booleans())
    def die(self, name: str, *, falls_silent: bool) -> None:
        """Be not ready for long enough, and then silent, or not."""
        self.ready[name] = Ready.FALSE
        self.time_passes(seconds=1)
        self.time_passes(seconds=31)
        if falls_silent:
            self.silent.add(name)

    @rule(name=strategies.sampled_from(CLUSTERS), what=strategies.sampled_from(sorted(WORKLOADS)))
    def sicken_or_heal(self, name: str, what: str) -> None:
        self.sick ^= {(WORKLOADS[what], name)}

    @precondition(lambda self: self.fleet.previous_bindings)
    @rule(name=strategies.sampled_from(CLUSTERS))
    def taint_by_hand_or_take_it_back(self, name: str) -> None:
        self.fleet = replace(
            self.fleet,
            clusters=tuple(
                _toggled(one) if one.name == name else one for one in self.fleet.clusters
            ),
        )

    @rule(what=strategies.sampled_from(sorted(WORKLOADS)))
    def sicken_wherever_it_may_go(self, what: str) -> None:
        homes = _homes(render(self.fleet), WORKLOADS[what])
        self.sick |= {(WORKLOADS[what], name) for name in CLUSTERS if name not in homes}

    @rule()
    def all_is_well(self) -> None:
        self.ready = dict.fromkeys(CLUSTERS, Ready.TRUE)
        self.silent.clear()
        self.sick.clear()

    @rule()
    def the_controller_restarts(self) -> None:
        self.memory = Memory()
        self.bad_since.clear()
        # The lock knows of each workload when it was moved last.
        last = [moment(state.last_failover) for state in self.fleet.previous_bindings.values()]
        self.moves = [one for one in last if one is not None]

    @rule(seconds=strategies.sampled_from((1, 10, 31, 46, 61, 95, 200, 700, 3700)))
    def time_passes(self, seconds: int) -> None:
        """Let time pass, with a look every minute at least, and one at the end."""
        end = self.now + timedelta(seconds=seconds)
        while self.now < end:
            self.now = min(end, self.now + timedelta(minutes=1))
            self.look()
        self.look(closely=True)

    # What the controller sees and does

    def evidence(self) -> Evidence:
        clusters = {name: ready for name, ready in self.ready.items() if name not in self.silent}
        reached = [name for name, ready in clusters.items() if ready is Ready.TRUE]
        workloads = {
            (what, name): Health.UNHEALTHY if (what, name) in self.sick else Health.HEALTHY
            for name in reached
            for what in self.copies[name]
        }
        gone = [
            (what, name)
            for name in reached
            for what in WORKLOADS.values()
            if what not in self.copies[name]
        ]
        return seen(clusters, workloads, self.now, gone)

    def _remember(self, evidence: Evidence) -> None:
        bad = {place for place, one in evidence.workloads.items() if one.health is Health.UNHEALTHY}
        self.bad_since = {place: self.bad_since.get(place, self.now) for place in bad}
        for name, one in evidence.clusters.items():
            if one.ready is not Ready.TRUE:
                self.up_since.pop(name, None)
                self.down_since.setdefault(name, self.now)
            elif self.now - self.up_since.setdefault(name, self.now) >= LIMITS.success_threshold:
                self.down_since.pop(name, None)

    def look(self, *, closely: bool = False) -> None:
        evidence = self.evidence()
        self._remember(evidence)
        before = render(self.fleet)
        decision = decide(self.fleet, evidence, self.now, self.memory, LIMITS)
        self._check_evidence(decision, evidence)
        self._check_budget(decision)
        after_fleet = written(self.fleet, decision)
        after = render(after_fleet)
        assert not after.problems
        self._check_copies(decision, before, after, evidence)
        if closely:
            again = decide(after_fleet, evidence, self.now, decision.memory, LIMITS)
            _unchanged(decision, again)
            self._check_wake(after_fleet, decision, evidence)
        self.fleet, self.memory = after_fleet, decision.memory
        self._sync(after)

    def _sync(self, rendering: Rendering) -> None:
        for name in CLUSTERS:
            if self.ready[name] is Ready.TRUE:
                self.copies[name] = {
                    work.template: json_line(work.manifest) for work in rendering.dispatched(name)
                }

    # What must hold

    def _check_evidence(self, decision: Decision, evidence: Evidence) -> None:
        """No move without evidence that is older than what is tolerated."""
        for reason in decision.reasons:
            if reason.cause in EVICTIONS:
                assert reason.ref is not None
                state = decision.states[reason.ref]
                assert reason.cluster not in {target.name for target in state.clusters}
                assert reason.cluster in {task.from_cluster for task in state.eviction_tasks}
                self.evicted[reason.ref, reason.cluster] = self.now
            if reason.cause is Cause.APPLICATION_FAILURE:
                assert reason.ref is not None
                since = self.bad_since[reason.ref, reason.cluster]
                assert self.now - since > timedelta(seconds=60)
            if reason.cause is Cause.TAINT_UNTOLERATED and BY_HAND.key not in reason.message:
                assert reason.cluster in evidence.clusters
                since = self.down_since[reason.cluster]
                assert self.now - since >= LIMITS.failure_threshold + timedelta(seconds=TOLERATION)

    def _check_budget(self, decision: Decision) -> None:
        """No more moves within an hour than may be, whatever happens."""
        evictions = {reason.ref for reason in decision.reasons if reason.cause in EVICTIONS}
        self.moves = [one for one in self.moves if self.now - one < HOUR]
        self.moves += [self.now] * len(evictions)
        assert len(self.moves) <= LIMITS.max_moves_per_hour

    def _check_copies(
        self, decision: Decision, before: Rendering, after: Rendering, evidence: Evidence
    ) -> None:
        for name, what in WORKLOADS.items():
            old, new = _homes(before, what), _homes(after, what)
            state = decision.states.get(what)
            tasks = () if state is None else state.eviction_tasks
            told = {reason.ref for reason in decision.reasons if reason.ref is not None}
            assert new <= old or what in told
            if name == "direct":
                assert len(new) <= 1
                self._check_alone(what, new - old)
            else:
                # There is always one, and none that works goes while no other does.
                assert new
                healthy = {
                    place[1]
                    for place, one in evidence.workloads.items()
                    if place[0] == what and one.health is Health.HEALTHY
                }
                assert not (healthy & old) or healthy & new
            for task in tasks:
                assert state is not None
                assert task.from_cluster not in {target.name for target in state.clusters}
                if task.purge_mode != "Directly":
                    held = _text(after, what, task.from_cluster)
                    assert held == _text(before, what, task.from_cluster)

    def _check_alone(self, what: ObjectReference, begun: set[str]) -> None:
        """Nothing begins while a copy is left elsewhere, unless its time to go is over."""
        if not begun:
            return
        for name in CLUSTERS:
            if what in self.copies[name] and name not in begun:
                assert self.now - self.evicted[what, name] > LIMITS.graceful_eviction_timeout

    def _check_wake(self, fleet: Fleet, decision: Decision, evidence: Evidence) -> None:
        """Until the time to wake up, the same news change nothing."""
        wake = decision.wake or self.now + HOUR
        last = wake - timedelta(milliseconds=1)
        if last <= self.now:
            return
        ready = {name: one.ready for name, one in evidence.clusters.items()}
        # Of workloads there is no later news: that would be a change.
        later = replace(seen(ready, {}, last, evidence.removed), workloads=evidence.workloads)
        memory = decision.memory
        # Looks without a break in between, as a break starts all waiting anew.
        known = {
            name: replace(one, seen=last) if name in later.clusters else one
            for name, one in memory.clusters.items()
        }
        memory = Memory(clusters=known, unhealthy=memory.unhealthy, moves=memory.moves)
        _unchanged(decision, decide(fleet, later, last, memory, LIMITS))

    @invariant()
    def the_lock_stands_as_it_is(self) -> None:
        assert not render(self.fleet).problems


def _toggled(cluster: Cluster) -> Cluster:
    others = tuple(one for one in cluster.spec.taints if one.key != BY_HAND.key)
    is_there = len(others) < len(cluster.spec.taints)
    taints = others if is_there else (*others, BY_HAND)
    return replace(cluster, spec=replace(cluster.spec, taints=taints))


def _unchanged(decision: Decision, again: Decision) -> None:
    assert again.states == decision.states
    assert not again.taints
    assert not again.frozen
    assert not again.reasons


def _homes(rendering: Rendering, what: ObjectReference) -> set[str]:
    return {
        name
        for name in CLUSTERS
        if any(work.template == what for work in rendering.dispatched(name))
    }


def _text(rendering: Rendering, what: ObjectReference, cluster: str) -> bytes | None:
    return next(
        (
            json_line(work.manifest)
            for work in rendering.dispatched(cluster)
            if work.template == what
        ),
        None,
    )


TestFailures = Failures.TestCase
TestFailures.settings = settings(
    max_examples=100,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
