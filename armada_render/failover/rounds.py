"""The part of a round that moves things: evictions, tasks, and where all of it goes then. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec import structs

from armada_render.failover.assessment import assess
from armada_render.failover.clock import TICK
from armada_render.failover.decision import Cause, Reason
from armada_render.failover.due import Due, Scene, findings, is_down
from armada_render.failover.eviction import evicted, expires
from armada_render.failover.ground import Ground, Places, state_of
from armada_render.failover.limits import Limits
from armada_render.failover.memory import Timer
from armada_render.failover.notes import Notes
from armada_render.failover.restraint import Budget, cooling
from armada_render.failover.words import nowhere, placed, stays
from armada_render.model.binding import PreviousBinding
from armada_render.model.resource import ObjectReference


class Round:
    """States in the making: each step changes `states` and leaves its reasons in `notes`."""

    def __init__(self, scene: Scene, found: Ground, budget: Budget, notes: Notes) -> None:
        self._scene, self._found, self._budget, self._notes = scene, found, budget, notes
        self._places = Places(found, tuple(scene.clusters.values()))
        self._evicted: set[ObjectReference] = set()
        self.states = dict(found.states)
        self.timers: tuple[Timer, ...] = ()

    def evict(self) -> None:
        """Turn due targets into tasks, those first that have waited longest."""
        timers: list[Timer] = []
        due: list[tuple[ObjectReference, tuple[Due, ...]]] = []
        for ref, state in self._found.states.items():
            result = findings(self._scene, self._found.bindings[ref], state)
            timers += result.timers
            self._notes.hold(*result.held)
            self._notes.wake(result.wake)
            if result.dues:
                due.append((ref, result.dues))
        for ref, dues in sorted(due, key=lambda item: (min(one.at for one in item[1]), item[0])):
            self._evict_one(ref, dues)
        self.timers = tuple(
            timer
            for timer in sorted(timers)
            if all(
                task.from_cluster != timer.cluster for task in self.states[timer.ref].eviction_tasks
            )
        )

    def _evict_one(self, ref: ObjectReference, dues: Sequence[Due]) -> None:
        state = self._found.states[ref]
        hold = self._hold(ref, dues)
        if hold is not None:
            self._notes.hold(hold)
            return
        gone = evicted(state, [one.order for one in dues], self._scene.sight.now)
        # Where it would go, whether it has to wait for the old copy to be gone or not.
        free = structs.replace(gone, is_scheduling_suspended=False)
        hold = nowhere(self._places.settled({ref: free})[ref], dues)
        if hold is not None:
            self._notes.hold(hold)
            return
        self.states[ref] = gone
        self._evicted.add(ref)
        self._budget.spend(state, [one.order.cluster for one in dues])
        self._notes.say(*(one.reason for one in dues))

    def _hold(self, ref: ObjectReference, dues: Sequence[Due]) -> Reason | None:
        """Return what keeps an eviction back before it is known where it leads."""
        state, binding = self._found.states[ref], self._found.bindings[ref]
        where = ", ".join(one.order.cluster for one in dues)
        if state.is_scheduling_suspended:
            return Reason(
                cause=Cause.SCHEDULING_SUSPENDED,
                ref=ref,
                message=f"stays on {where}: its scheduling is suspended",
            )
        if binding.reason or any(one.ref == ref for one in self._found.rendering.errors):
            return Reason(
                cause=Cause.NOT_RENDERED,
                ref=ref,
                message=f"stays on {where}: it does not render as it is",
            )
        sight = self._scene.sight
        cooled = cooling(state, sight.now, sight.limits)
        if cooled is not None and not is_down(self._scene, state):
            return cooled
        return self._budget.refusal(state)

    def assess(self) -> None:
        """Let tasks come to their end; those of this round wait for the next."""
        sight = self._scene.sight
        for ref, state in self._found.states.items():
            if ref in self._evicted:
                self._notes.wake(*_ends(self.states[ref], sight.limits))
            elif state.eviction_tasks:
                result = assess(state, sight, is_confirmed=self._found.is_confirmed(ref))
                self.states[ref] = result.state
                self._notes.say(*result.reasons)
                self._notes.hold(*result.held)
                self._notes.wake(result.wake)

    def place(self, *, everything: bool) -> None:
        """Schedule what was touched, `everything` on new taints.

        What finds no place then stays as it was.
        """
        before = self._found.states
        again = {
            ref: state for ref, state in self.states.items() if everything or state != before[ref]
        }
        for ref, binding in self._places.settled(again).items():
            if binding.reason:
                if not self._found.bindings[ref].reason:
                    self._notes.take_back(ref)
                    self._notes.hold(stays(binding))
                    self.states[ref] = before[ref]
                continue
            state = self.states[ref] = state_of(binding)
            if ref not in self._evicted and state.clusters != before[ref].clusters:
                self._notes.say(placed(binding, before[ref]))

    @property
    def has_moved(self) -> bool:
        """Whether any state is not what it was."""
        return self.states != self._found.states


def _ends(state: PreviousBinding, limits: Limits) -> Iterator[datetime]:
    """Yield when the tasks of a state will have had their time."""
    for task in state.eviction_tasks:
        end = expires(task, limits)
        if end is not None and task.suppress_deletion is None:
            yield end + TICK
