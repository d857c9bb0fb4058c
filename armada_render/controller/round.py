"""One round: read Git, look, decide, and write if this replica leads. Waits after every error."""

import random
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

from msgspec import structs

from armada_render.controller.clockguard import ClockGuard
from armada_render.controller.events import Log
from armada_render.controller.gitcommand import GitConflictError, GitError
from armada_render.controller.message import Writer, changes
from armada_render.controller.metrics import Metrics, counted
from armada_render.controller.probe import Look
from armada_render.controller.repository import Clone
from armada_render.controller.revisions import Revisions
from armada_render.controller.settings import Mode, Settings
from armada_render.controller.sight import see
from armada_render.controller.view import Head, View
from armada_render.controller.watch import Snapshot
from armada_render.controller.write import Proposal, Reviews, propose
from armada_render.failover import Cause, Decision, Memory, Reason
from armada_render.failover.decide import decide
from armada_render.model.fleet import Fleet

_MOST_ATTEMPTS = 6
STOPS_ALL = (Cause.FREEZE_FILE, Cause.NOT_RENDERED, Cause.TOO_MANY_UNHEALTHY)


class Leader(NamedTuple):
    """Whether this replica leads, and which leader it is."""

    leads: bool
    generation: int


class Sources(NamedTuple):
    """Where a round gets what it looks at."""

    snapshot: Callable[[], Snapshot]
    looks: Callable[[], Mapping[tuple[str, str], Look] | None]
    leader: Callable[[], Leader]
    now: Callable[[], datetime]


class SilenceError(Exception):
    """The API server has not been heard: what is known may be old, so nothing is decided."""


class Rounds:
    """Makes rounds, and keeps between them what the decision remembers."""

    def __init__(
        self,
        settings: Settings,
        clone: Clone,
        sources: Sources,
        log: Log,
        metrics: Metrics,
    ) -> None:
        self._settings, self._clone, self._sources = settings, clone, sources
        self._log, self._metrics = log, metrics
        self.head = Head(clone, settings.root, settings.git_interval)
        self._reviews = Reviews(clone)
        self._revisions = Revisions()
        self._clock = ClockGuard()
        self._memory = Memory()
        self._claimed = -1
        self._said: dict[str, object] = {}

    def once(self) -> datetime | None:
        """Make one round, and return when time alone may change what it found.

        Raises `GitError`, `KubeError`, `ArmadaError`, `SilenceError`; nothing is half written then.
        """
        self._watch_clock()
        view = self.head.recent()
        self._metrics.fetched()
        decision = self._decide(view)
        if not _does_something(view.loaded.fleet, decision):
            self._memory = decision.memory
            return decision.wake
        leader = self._sources.leader()
        if self._settings.dry_run or not leader.leads or self._is_settling():
            self._leave(view, decision, leader)
            return decision.wake
        return self._write(leader)

    def _watch_clock(self) -> bool:
        """Forget how long anything has lasted if the clock was set; tell whether it was."""
        jump = self._clock.jumped(self._sources.now(), _steady())
        if jump is not None:
            self._memory = structs.replace(self._memory, clusters={}, unhealthy=())
            self._log.warning("clock-jumped", seconds=round(jump.total_seconds()))
        return jump is not None

    def _is_settling(self) -> bool:
        return self._clock.is_settling(_steady())

    def _decide(self, view: View) -> Decision:
        """Look, and decide on what is seen; say what is new about it."""
        snapshot = self._sources.snapshot()
        looks = self._sources.looks()
        self._refuse_silence(snapshot)
        if looks is None:
            raise SilenceError("the clusters were not looked at yet")
        now = self._sources.now()
        fleet = view.loaded.fleet
        self._revisions.take(view.commit, fleet.previous_bindings, now)
        sight = see(
            fleet,
            view.argocd,
            applications=snapshot.applications,
            looks=looks,
            revisions=self._revisions,
            memory=self._memory,
            now=now,
        )
        decision = decide(
            fleet, sight.evidence, now, self._memory, self._settings.limits, view.options
        )
        self._metrics.applications.set(len(snapshot.applications))
        self._metrics.repository_problems.set(len(fleet.problems))
        self._metrics.decided(decision, (one.name for one in fleet.clusters), map(str, STOPS_ALL))
        self._say("held", counted(decision.held), reasons=_texts(decision.held))
        self._say("no-information", dict(sight.blind))
        self._say("argocd-settings", [str(one) for one in sight.problems])
        return decision

    def _refuse_silence(self, snapshot: Snapshot) -> None:
        if snapshot.heard_at is None:
            raise SilenceError(f"Applications are not known yet: {snapshot.error}")
        silent = time.monotonic() - snapshot.heard_at
        if silent > self._settings.api_silence:
            raise SilenceError(
                f"nothing heard of Applications for {silent:.0f} s: {snapshot.error}"
            )

    def _write(self, leader: Leader) -> datetime | None:
        """Write what is decided on the newest head; begin anew when somebody was faster."""
        self._claim(leader)
        for attempt in range(1, _MOST_ATTEMPTS + 1):
            view = self.head.newest()
            decision = self._decide(view)
            proposal = self._propose(view, decision, leader)
            if proposal is None:
                self._memory = decision.memory
                return decision.wake
            if self._watch_clock():
                return None  # what was decided may rest on a time that is wrong
            if self._sources.leader() != leader:
                self._log.warning("not-leader-any-more", generation=leader.generation)
                return decision.wake
            try:
                self._push(proposal, decision, view)
            except GitConflictError as conflict:
                self._metrics.writes.labels("conflict").inc()
                self._log.info("conflict", attempt=attempt, message=str(conflict))
                if attempt == _MOST_ATTEMPTS:
                    self._claimed = -1
                    raise
                time.sleep(random.uniform(0.1, 0.2 * 2**attempt))  # noqa: S311 - no secret
            except GitError:
                self._metrics.writes.labels("failed").inc()
                raise
            else:
                return decision.wake
        return None

    def _claim(self, leader: Leader) -> None:
        if self._claimed != leader.generation:
            self._clone.claim(leader.generation, self._settings.identity)
            self._claimed = leader.generation
            self._log.info("fence-taken", generation=leader.generation)

    def _propose(self, view: View, decision: Decision, leader: Leader) -> Proposal | None:
        if not _does_something(view.loaded.fleet, decision):
            return None
        writer = Writer(
            identity=self._settings.identity, generation=leader.generation, base=view.commit
        )
        return propose(
            self._clone,
            self.head,
            root=self._settings.root,
            view=view,
            decision=decision,
            writer=writer,
            now=self._sources.now(),
        )

    def _push(self, proposal: Proposal, decision: Decision, view: View) -> None:
        fields = {
            "commit": proposal.view.commit,
            "base": proposal.base,
            "reasons": _texts(decision.reasons),
            "changes": [str(one) for one in changes(view.loaded.fleet, decision)],
        }
        if self._settings.mode is Mode.BRANCH:
            branch = self._reviews.offer(proposal)
            self._memory = _unwritten(self._memory, decision, view.loaded.fleet)
            if branch:
                self._metrics.writes.labels("proposed").inc()
                self._log.info("proposed", branch=branch, **fields)
            return
        self._clone.push(proposal.view.commit, proposal.base)
        self._memory = decision.memory
        self.head.moved(proposal.view)
        self._revisions.take(
            proposal.view.commit,
            proposal.view.loaded.fleet.previous_bindings,
            self._sources.now(),
        )
        self._metrics.writes.labels("pushed").inc()
        for cause, count in counted(decision.reasons).items():
            self._metrics.reasons.labels(cause).inc(count)
        self._log.info("pushed", **fields)

    def _leave(self, view: View, decision: Decision, leader: Leader) -> None:
        """Say what would be written, and remember as if it was not decided."""
        self._memory = _unwritten(self._memory, decision, view.loaded.fleet)
        if not (self._settings.dry_run or leader.leads):
            return
        why = "dry-run" if self._settings.dry_run else "the clock was set"
        proposal = self._propose(view, decision, leader)
        if proposal is None or self._said.get("proposal") == proposal.digest:
            return
        self._said["proposal"] = proposal.digest
        self._metrics.writes.labels("dry-run").inc()
        self._log.info(
            "would-write",
            because=why,
            base=proposal.base,
            files=list(proposal.files),
            reasons=_texts(decision.reasons),
            difference=self._clone.difference(proposal.base, proposal.view.commit, *proposal.shown),
        )

    def _say(self, event: str, what: object, **fields: object) -> None:
        """Log something that lasts when it changes, not in every round."""
        if self._said.get(event) != what and (what or event in self._said):
            self._log.info(event, now=what or "nothing", **fields)
        self._said[event] = what


def _does_something(fleet: Fleet, decision: Decision) -> bool:
    return bool(decision.taints or decision.frozen or changes(fleet, decision))


def _unwritten(before: Memory, decision: Decision, fleet: Fleet) -> Memory:
    """Return what to remember of a decision that nobody carried out: no moves, all timers.

    A timer that ended because its workload was moved goes on.
    """
    evicted = {
        (ref, task.from_cluster)
        for ref, state in decision.states.items()
        for task in state.eviction_tasks
        if ref in fleet.previous_bindings
        and task.from_cluster
        not in {one.from_cluster for one in fleet.previous_bindings[ref].eviction_tasks}
    }
    after = decision.memory
    kept = [timer for timer in before.unhealthy if (timer.ref, timer.cluster) in evicted]
    timers = {(timer.ref, timer.cluster): timer for timer in [*after.unhealthy, *kept]}
    return structs.replace(after, moves=before.moves, unhealthy=tuple(sorted(timers.values())))


def _texts(reasons: tuple[Reason, ...]) -> list[str]:
    return [str(reason) for reason in reasons[:100]]


def _steady() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)
