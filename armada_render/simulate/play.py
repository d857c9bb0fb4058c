"""Play a scenario: evidence is made up, `decide` decides, time goes on to when it matters. Pure.

Seconds count from the failure. Looks are taken when the decision asks for the next one, and when
something that was just placed has had the time to start.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from msgspec import Struct, structs

from armada_render.build.frozen import holds_copy
from armada_render.failover import (
    ClusterEvidence,
    Evidence,
    Limits,
    Memory,
    Ready,
    Reason,
    WorkloadEvidence,
    applied,
    decide,
)
from armada_render.failover.clock import earliest, moment
from armada_render.failover.evidence import Place
from armada_render.failover.ground import tainted
from armada_render.interpret.values import Health
from armada_render.lock import Settled, States, settle
from armada_render.model.binding import TargetCluster
from armada_render.model.cluster import Taint
from armada_render.model.fleet import Fleet
from armada_render.pipeline import RenderOptions
from armada_render.simulate.pods import pod_runners
from armada_render.simulate.scenario import Scenario

STARTS_IN = timedelta(seconds=30)
"""How long what is placed anew takes to be healthy."""
_REMOVED_IN = timedelta(seconds=5)
_BEFORE = timedelta(minutes=1)
_WARM_UP = timedelta(minutes=45)
_HORIZON = timedelta(days=1)
_MOST_ROUNDS = 1000
_ALWAYS = datetime.min.replace(tzinfo=UTC)
_EPOCH = "2000-01-01T00:00:00Z"
DRAIN = Taint(key="cluster.karmada.io/unschedulable", effect="NoExecute")


class Event(Struct, frozen=True, kw_only=True):
    """Something that is decided, or kept from happening, so many seconds after the failure.

    `to` is where the resource is placed then. `is_after` tells that the clusters are back.
    """

    seconds: float
    reason: Reason
    is_held: bool = False
    is_after: bool = False
    to: tuple[TargetCluster, ...] = ()


class Course(Struct, frozen=True, kw_only=True, eq=False):
    """What happened: the fleet before, at the end of the failure, and after it, with all events.

    `before`, `during` and `after` have everything in their locks; `after` is None when nothing
    comes back.
    """

    scenario: Scenario
    before: Fleet
    during: Fleet
    after: Fleet | None
    events: tuple[Event, ...]
    returned_at: float = 0


class _Stage:
    """The fleet on its way through time."""

    def __init__(
        self, fleet: Fleet, scenario: Scenario, limits: Limits, options: RenderOptions
    ) -> None:
        self.fleet, self._scenario, self._limits, self._options = fleet, scenario, limits, options
        self._pods = pod_runners(fleet)
        self._memory = Memory()
        self._begin = _begin(fleet)
        self._is_down = False
        self._is_back = False
        self._placed = {place: (count, _ALWAYS) for place, count in self._copies()}
        self._gone: dict[Place, datetime] = {}
        self._told: set[tuple[object, ...]] = set()
        self.events: list[Event] = []

    def warm_up(self) -> None:
        """Look while all is well, so that a failure is a change and what was under way is over."""
        last = self._begin - _BEFORE
        now = self._begin - _WARM_UP
        for _ in range(_MOST_ROUNDS):
            wake = self._look(now)
            if now == last:
                break
            now = last if wake is None else min(wake, last)
        self.events.clear()
        self._told.clear()

    def fail(self) -> float:
        """Let the clusters fail, and time go on until nothing changes; return the seconds."""
        self._is_down = True
        drained = {
            cluster.name: (*cluster.spec.taints, DRAIN)
            for cluster in self.fleet.clusters
            if cluster.name in self._scenario.drains
        }
        self.fleet = structs.replace(self.fleet, clusters=tainted(self.fleet.clusters, drained))
        return self._run(self._begin)

    def recover(self, seconds: float) -> None:
        """Let the clusters come back, so many seconds after they failed."""
        self._is_back = True
        self._is_down = False
        self._told.clear()
        back = {
            cluster.name: tuple(one for one in cluster.spec.taints if one.key != DRAIN.key)
            for cluster in self.fleet.clusters
            if cluster.name in self._scenario.drains
        }
        self.fleet = structs.replace(self.fleet, clusters=tainted(self.fleet.clusters, back))
        self._run(self._begin + timedelta(seconds=seconds))

    def _run(self, now: datetime) -> float:
        last = now
        for _ in range(_MOST_ROUNDS):
            wake = self._look(now)
            if self.events and self.events[-1].seconds == self._seconds(now):
                last = now
            if wake is None or wake - self._begin > _HORIZON:
                break
            now = wake
        return self._seconds(last)

    def _seconds(self, now: datetime) -> float:
        return (now - self._begin).total_seconds()

    def _look(self, now: datetime) -> datetime | None:
        """Decide at `now`, apply it, and return when to look again."""
        evidence = self._evidence(now)
        decision = decide(self.fleet, evidence, now, self._memory, self._limits, self._options)
        self._memory = decision.memory
        self.fleet = applied(self.fleet, decision)
        copies = dict(self._copies())
        self._gone.update(dict.fromkeys(self._placed.keys() - copies.keys(), now))
        # What runs with another number of replicas has to prove itself anew.
        self._placed = {
            place: known
            if (known := self._placed.get(place)) and count in (None, known[0])
            else (count, now)
            for place, count in copies.items()
        }
        for reason in decision.reasons:
            self._tell(now, reason, decision.states, is_held=False)
        for reason in decision.held:
            self._tell(now, reason, decision.states, is_held=True)
        return earliest(decision.wake, *self._pending(now))

    def _tell(self, now: datetime, reason: Reason, states: States, *, is_held: bool) -> None:
        if is_held:
            # What is held back is so at every look, and told once.
            key = (reason.cause, reason.ref, reason.cluster)
            if key in self._told:
                return
            self._told.add(key)
        state = states.get(reason.ref) if reason.ref else None
        self.events.append(
            Event(
                seconds=self._seconds(now),
                reason=reason,
                is_held=is_held,
                is_after=self._is_back,
                to=state.clusters if state is not None else (),
            )
        )

    def _pending(self, now: datetime) -> Iterator[datetime]:
        """Yield when something that tasks wait for will have happened."""
        if not any(state.eviction_tasks for state in self.fleet.previous_bindings.values()):
            return
        yield from (
            at + STARTS_IN
            for place, (_, at) in self._placed.items()
            if at != _ALWAYS and at + STARTS_IN > now and not self._is_dead(place[1])
        )
        yield from (at + _REMOVED_IN for at in self._gone.values() if at + _REMOVED_IN > now)

    def _is_dead(self, cluster: str) -> bool:
        return self._is_down and cluster in self._scenario.fails

    def _copies(self) -> Iterator[tuple[Place, int | None]]:
        """Yield where anything is, with its replicas: targets, then old copies that are kept."""
        for ref, state in self.fleet.previous_bindings.items():
            for target in state.clusters:
                yield (ref, target.name), target.replicas
            for task in state.eviction_tasks:
                if holds_copy(task):
                    yield (ref, task.from_cluster), None

    def _evidence(self, now: datetime) -> Evidence:
        return Evidence(
            clusters={
                cluster.name: _cluster(cluster.name, now, is_dead=self._is_dead(cluster.name))
                for cluster in self.fleet.clusters
            },
            workloads={
                place: WorkloadEvidence(ref=place[0], cluster=place[1], health=health, at=now)
                for place, (_, at) in self._placed.items()
                if (health := self._health(place, at, now)) is not None
            },
            removed=frozenset(
                place
                for place, at in self._gone.items()
                if place not in self._placed
                and now >= at + _REMOVED_IN
                and not self._is_dead(place[1])
            ),
        )

    def _health(self, place: Place, placed: datetime, now: datetime) -> Health | None:
        ref, cluster = place
        if self._is_dead(cluster):
            if self._scenario.is_silent or ref not in self._pods:
                return None
            return Health.UNHEALTHY
        return Health.HEALTHY if placed == _ALWAYS or now >= placed + STARTS_IN else None


def settled(fleet: Fleet, options: RenderOptions) -> tuple[Settled, Fleet]:
    """Return where a fleet is placed, and the fleet with all of that in its lock."""
    found = settle(fleet, options)
    return found, structs.replace(fleet, previous_bindings=found.states)


def play(
    fleet: Fleet,
    scenario: Scenario,
    limits: Limits | None = None,
    options: RenderOptions | None = None,
) -> Course:
    """Return what becomes of `fleet`, which has everything in its lock, in a scenario."""
    stage = _Stage(fleet, scenario, limits or Limits(), options or RenderOptions())
    stage.warm_up()
    before = stage.fleet
    end = stage.fail()
    during, after, returned = stage.fleet, None, 0.0
    if scenario.recovers:
        returned = end + _BEFORE.total_seconds()
        stage.recover(returned)
        after = stage.fleet
    return Course(
        scenario=scenario,
        before=before,
        during=during,
        after=after,
        events=tuple(stage.events),
        returned_at=returned,
    )


def _cluster(name: str, now: datetime, *, is_dead: bool) -> ClusterEvidence:
    if not is_dead:
        return ClusterEvidence(cluster=name, ready=Ready.TRUE, at=now)
    return ClusterEvidence(
        cluster=name,
        ready=Ready.FALSE,
        reason="ClusterNotReachable",
        message="cluster is not reachable",
        at=now,
    )


def _begin(fleet: Fleet) -> datetime:
    """Return a moment after everything that Git remembers, so that all of it is over."""
    known = [_EPOCH]
    for state in fleet.previous_bindings.values():
        known.append(state.last_failover)
        known += (task.creation_timestamp or "" for task in state.eviction_tasks)
    known += (taint.time_added or "" for one in fleet.clusters for taint in one.spec.taints)
    return max(at for text in known if (at := moment(text)) is not None) + timedelta(hours=1)
