"""One pass of the scheduling algorithm (pkg/scheduler/core/generic_scheduler.go)."""

from msgspec import Struct

from armada_render.model.binding import (
    ConditionReason,
    Decision,
    Rejection,
    TargetCluster,
)
from armada_render.schedule.assign import assign
from armada_render.schedule.failure import SchedulingError
from armada_render.schedule.filter import feasible
from armada_render.schedule.group import Candidates, rank, scores
from armada_render.schedule.request import Request
from armada_render.schedule.select import select
from armada_render.schedule.snapshot import Snapshot


class Outcome(Struct, frozen=True, eq=False, kw_only=True):
    """What a pass found; without `reason` it succeeded and `targets` is the result.

    `rejections` has every cluster that is no target. `message` is Karmada's.
    """

    targets: tuple[TargetCluster, ...] = ()
    reason: str = ""
    message: str = ""
    rejections: tuple[Rejection, ...] = ()
    decisions: tuple[Decision, ...] = ()


def run(snapshot: Snapshot, request: Request) -> Outcome:
    """Filter, score, select and assign; equal requests share one outcome."""
    ref = request.binding.ref
    requirements = request.requirements
    needs = None
    if requirements is not None:
        # Without capacities to compare them with, requirements cannot matter.
        known = snapshot.knows_capacity
        needs = tuple(sorted(requirements.resource_request.items())) if known else ()
    question = (
        "pass",
        snapshot.text(request.placement),
        request.term and request.term.affinity_name,
        request.is_fresh,
        ref.api_version,
        ref.kind,
        request.replicas,
        needs,
        request.uid,
        request.targets,
        request.evicting,
    )
    return snapshot.remembered(question, lambda: _run(snapshot, request))


def _run(snapshot: Snapshot, request: Request) -> Outcome:
    fit = feasible(snapshot, request)
    if not fit.clusters:
        return Outcome(
            reason=ConditionReason.NO_CLUSTER_FIT, message=fit.message, rejections=fit.rejections
        )
    candidates = rank(snapshot, request, fit)
    decisions = [scores(candidates)]
    dropped = list(fit.rejections)
    try:
        selected = select(request, candidates)
        decisions += selected.decisions
        dropped += _unselected(snapshot, candidates, selected.candidates)
        assigned = assign(snapshot, request, selected.candidates)
    except SchedulingError as failure:
        refused = {rejection.cluster for rejection in dropped}
        dropped += [
            snapshot.rejection(candidate.name, failure.rule, failure.message)
            for candidate in candidates
            if candidate.name not in refused
        ]
        return Outcome(
            reason=failure.reason,
            message=failure.message,
            rejections=tuple(dropped),
            decisions=tuple(decisions),
        )
    return Outcome(
        targets=assigned.targets,
        rejections=(*dropped, *assigned.rejections),
        decisions=(*decisions, *assigned.decisions),
    )


def _unselected(
    snapshot: Snapshot, candidates: Candidates, selected: Candidates
) -> list[Rejection]:
    if len(selected) == len(candidates):
        return []
    taken = {candidate.name for candidate in selected}
    rejections = []
    for candidate in candidates:
        if candidate.name in taken:
            continue
        reason = f"not among the {len(taken)} selected: score {candidate.score}"
        if candidate.is_estimated:
            reason += f", room for {candidate.available}"
        if not taken:
            reason = "maxGroups of the cluster constraint is 0: set how many to take"
        rejections.append(snapshot.rejection(candidate.name, "SpreadConstraint", reason))
    return rejections
