"""Eviction tasks come to their end: replaced, timed out, or told to. Pure.

Upstream: gracefuleviction/evictiontask.go. Stricter here: a look counts as proof of a replacement
only when it is newer than the task, and time alone does not take a copy that is known to be healthy
while no other is.
"""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct, structs

from armada_render.failover.clock import TICK, earliest, moment, stamp
from armada_render.failover.decision import Cause, Reason
from armada_render.failover.eviction import expires, is_direct, waits_for_removal
from armada_render.failover.sight import Sight
from armada_render.model.binding import GracefulEvictionTask, PreviousBinding


class Assessed(Struct, frozen=True, kw_only=True):
    """A state after its tasks were looked at, what happened, what was kept, and when to look."""

    state: PreviousBinding
    reasons: tuple[Reason, ...] = ()
    held: tuple[Reason, ...] = ()
    wake: datetime | None = None


class _Case(Struct, frozen=True, kw_only=True, eq=False):
    """What the assessment of one binding knows."""

    state: PreviousBinding
    is_confirmed: bool
    sight: Sight

    def reason(self, cause: Cause, cluster: str, message: str) -> Reason:
        return Reason(cause=cause, ref=self.state.ref, cluster=cluster, message=message)

    def is_healthy(self, cluster: str, after: datetime) -> bool:
        return self.sight.is_healthy((self.state.ref, cluster), after)


class _Verdict(Struct, frozen=True, kw_only=True):
    """What becomes of a task: None when it has ended."""

    task: GracefulEvictionTask | None
    reason: Reason | None = None
    held: Reason | None = None
    wake: datetime | None = None


def assess(state: PreviousBinding, sight: Sight, *, is_confirmed: bool) -> Assessed:
    """Return `state` without the tasks that have ended.

    `is_confirmed`: the scheduler stands by the present targets. When the copies that purge mode
    Directly waits for are gone, or have had their time, scheduling goes on.
    """
    case = _Case(state=state, is_confirmed=is_confirmed, sight=sight)
    waiting = waits_for_removal(state)
    verdicts = [_task(case, task, is_gated=bool(waiting)) for task in state.eviction_tasks]
    tasks = tuple(one.task for one in verdicts if one.task is not None)
    reasons = [one.reason for one in verdicts if one.reason is not None]
    left = {task.from_cluster for task in tasks}
    gone = [name for name in waiting if (state.ref, name) in sight.evidence.removed]
    is_suspended = state.is_scheduling_suspended
    if waiting and all(name in gone or name not in left for name in waiting):
        is_suspended = False
        reasons += _gone(case, gone)
    return Assessed(
        state=structs.replace(state, eviction_tasks=tasks, is_scheduling_suspended=is_suspended),
        reasons=tuple(reasons),
        held=tuple(one.held for one in verdicts if one.held is not None),
        wake=earliest(*(one.wake for one in verdicts)),
    )


def _gone(case: _Case, clusters: list[str]) -> Iterator[Reason]:
    for name in clusters:
        yield case.reason(
            Cause.COPY_REMOVED, name, f"its copy on {name} is gone, so the replacement may start"
        )


def _task(case: _Case, task: GracefulEvictionTask, *, is_gated: bool) -> _Verdict:
    """Go through the rules in upstream's order (assessSingleTask)."""
    name = task.from_cluster
    created = moment(task.creation_timestamp)
    if created is None:
        return _Verdict(
            task=structs.replace(task, creation_timestamp=stamp(case.sight.now)),
            reason=case.reason(
                Cause.TASK_ADOPTED, name, f"its eviction from {name} counts from now on"
            ),
            wake=case.sight.now + case.sight.limits.graceful_eviction_timeout,
        )
    if task.suppress_deletion is not None:
        if task.suppress_deletion:
            return _Verdict(task=task)
        return _finished(case, name, "as its eviction task says (suppressDeletion: false)")
    end = expires(task, case.sight.limits)
    if end is not None and case.sight.now > end:
        return _timed_out(case, task, created)
    wake = None if end is None else end + TICK
    if not is_gated and _is_replaced(case, created):
        where = ", ".join(target.name for target in case.state.clusters)
        return _finished(case, name, f"it is healthy on {where}")
    return _Verdict(task=task, wake=wake)


def _is_replaced(case: _Case, created: datetime) -> bool:
    targets = case.state.clusters
    # Upstream's rule holds of no targets at all; here nothing does not replace something.
    return (
        case.is_confirmed
        and bool(targets)
        and all(case.is_healthy(target.name, created) for target in targets)
    )


def _timed_out(case: _Case, task: GracefulEvictionTask, created: datetime) -> _Verdict:
    name = task.from_cluster
    others = any(case.is_healthy(target.name, created) for target in case.state.clusters)
    is_last = case.sight.was_healthy((case.state.ref, name)) and not others
    if is_last and not is_direct(task):
        return _Verdict(
            task=task,
            held=case.reason(
                Cause.LAST_HEALTHY_COPY,
                name,
                f"its time on {name} is over, but it is healthy there and nowhere else",
            ),
        )
    return _finished(case, name, "the time for a replacement is over")


def _finished(case: _Case, cluster: str, why: str) -> _Verdict:
    return _Verdict(
        task=None,
        reason=case.reason(Cause.TASK_FINISHED, cluster, f"its old copy leaves {cluster}: {why}"),
    )
