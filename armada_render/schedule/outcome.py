"""What scheduling changes on a binding (scheduling.md, outcome of one pass, several groups).

Upstream: scheduleResourceBinding and its variants in pkg/scheduler/scheduler.go. There what a pass
writes makes the scheduler look once more; here one call is one pass, and the lock carries its
result into the next.
"""

from collections.abc import Sequence

from msgspec import Struct, structs

from armada_render.model.binding import (
    ConditionReason,
    Decision,
    PreviousBinding,
    ResourceBinding,
    TargetCluster,
)
from armada_render.model.placement import Placement
from armada_render.model.selector import ClusterAffinityTerm
from armada_render.schedule.algorithm import Outcome, run
from armada_render.schedule.ladder import reschedule_required, why_scheduled
from armada_render.schedule.request import Request
from armada_render.schedule.snapshot import Snapshot


class _Attempt(Struct, frozen=True, eq=False):
    """The outcome that counts, the group observed after it, and what was tried."""

    outcome: Outcome
    observed: str
    groups: tuple[dict[str, str], ...] = ()


def schedule(snapshot: Snapshot, binding: ResourceBinding, placement: Placement) -> ResourceBinding:
    """Return the binding with its clusters, or with the previous ones and why they stay."""
    previous = binding.previous or PreviousBinding(ref=binding.ref)
    if previous.is_scheduling_suspended:
        return _kept(snapshot, binding, previous, "its scheduling is suspended")
    cause = why_scheduled(binding, placement, previous, snapshot)
    if not cause:
        return _kept(snapshot, binding, previous, "the previous result still holds")
    request = Request(
        binding=binding,
        placement=placement,
        previous=previous,
        is_fresh=reschedule_required(previous),
    )
    attempt = _attempt(snapshot, request)
    causes = [Decision("schedule", {"cause": cause, "fresh": request.is_fresh})]
    if attempt.groups:
        causes.append(Decision("affinity", {"groups": attempt.groups}))
    return _written(request, attempt, causes)


def _kept(
    snapshot: Snapshot, binding: ResourceBinding, previous: PreviousBinding, why: str
) -> ResourceBinding:
    names = {target.name for target in previous.clusters}
    return structs.replace(
        binding,
        clusters=previous.clusters,
        eviction_tasks=previous.eviction_tasks,
        observed_affinity=previous.observed_affinity,
        rejections=tuple(
            snapshot.rejection(cluster.name, "Previous", why)
            for cluster in snapshot.clusters
            if cluster.name not in names
        ),
        decisions=(Decision("keep", {"reason": why}),),
    )


def _attempt(snapshot: Snapshot, request: Request) -> _Attempt:
    """Run the algorithm, for one affinity group after the other when there are several.

    It begins with the observed group and never turns back to earlier ones; any error moves on. When
    all fail the first error counts.
    """
    observed = request.previous.observed_affinity
    if not request.placement.cluster_affinities:
        return _Attempt(run(snapshot, request), observed)
    first: Outcome | None = None
    groups = []
    for term in _terms(request):
        outcome = run(snapshot, structs.replace(request, term=term))
        groups.append(
            {"name": term.affinity_name, "reason": outcome.reason, "message": outcome.message}
        )
        if not outcome.reason:
            return _Attempt(outcome, term.affinity_name, tuple(groups))
        first = first or outcome
    return _Attempt(first or Outcome(), observed, tuple(groups))


def _terms(request: Request) -> Sequence[ClusterAffinityTerm]:
    """Return the groups to try (getAffinityIndex)."""
    terms = request.placement.cluster_affinities
    if request.is_fresh:
        return terms
    for index, term in enumerate(terms):
        if term.affinity_name == request.previous.observed_affinity:
            return terms[index:]
    return terms


def _written(request: Request, attempt: _Attempt, decisions: Sequence[Decision]) -> ResourceBinding:
    """Return the binding as a pass leaves it.

    Without a feasible cluster the targets are cleared; any other error leaves them.
    """
    outcome = attempt.outcome
    clusters, rejections = outcome.targets, outcome.rejections
    if outcome.reason and outcome.reason != ConditionReason.NO_CLUSTER_FIT:
        clusters = request.targets
        running = {target.name for target in clusters}
        rejections = tuple(r for r in rejections if r.cluster not in running)
    elif _is_same(clusters, request.targets):
        clusters = request.targets
    return structs.replace(
        request.binding,
        clusters=clusters,
        eviction_tasks=request.previous.eviction_tasks,
        observed_affinity=attempt.observed,
        reason=outcome.reason,
        message=outcome.message,
        rejections=rejections,
        decisions=(*decisions, *outcome.decisions),
    )


def _is_same(clusters: Sequence[TargetCluster], previous: Sequence[TargetCluster]) -> bool:
    """Tell whether only the order differs, which a lock should not change for."""
    return len(clusters) == len(previous) and set(clusters) == set(previous)
