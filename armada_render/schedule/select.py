"""Which of the feasible clusters are taken, by spread constraints.

Rules: scheduling.md, by cluster and by region. Upstream: select_clusters*.go and select_groups.go
in pkg/scheduler/core/spreadconstraint.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from armada_render.model.binding import ConditionReason, Decision
from armada_render.model.placement import (
    Placement,
    SchedulingType,
    SpreadConstraint,
    SpreadField,
    Strategy,
)
from armada_render.schedule.failure import SchedulingError
from armada_render.schedule.group import (
    Candidate,
    Candidates,
    Region,
    constraint_on,
    preference,
    regions,
)
from armada_render.schedule.request import Request

_MOST_STEPS = 250_000
"""Combinations of regions to look at before a policy is refused; without it, hours."""


class Selected(Struct, frozen=True, eq=False):
    """The clusters taken, in upstream's order, and how it came to that."""

    candidates: Candidates
    decisions: tuple[Decision, ...] = ()


def select(request: Request, candidates: Candidates) -> Selected:
    """Return the clusters to use, or raise `SchedulingError` (SelectBestClusters)."""
    if not spreads(request.placement):
        return Selected(candidates)
    region = constraint_on(request, SpreadField.REGION)
    cluster = constraint_on(request, SpreadField.CLUSTER)
    if region is not None:
        return _by_region(request, candidates, region, cluster or SpreadConstraint())
    if cluster is not None:
        chosen = _by_cluster(request, candidates, cluster)
        return Selected(chosen, (_selection(chosen),))
    raise _error("just support cluster and region spread constraint")


def spreads(placement: Placement) -> bool:
    """Tell whether spread constraints have a say.

    Static weights void them, but for an empty `weightPreference` (shouldIgnoreSpreadConstraint).
    """
    if not placement.spread_constraints:
        return False
    scheduling = placement.replica_scheduling
    if scheduling is None or placement.strategy is not Strategy.STATIC_WEIGHT:
        return True
    weights = scheduling.weight_preference
    return weights is not None and not weights.static_weight_list


def _selection(chosen: Candidates) -> Decision:
    return Decision("select", {"clusters": tuple(c.cluster.name for c in chosen)})


def _error(message: str) -> SchedulingError:
    return SchedulingError(
        ConditionReason.SCHEDULER_ERROR, f"failed to select clusters: {message}", "SpreadConstraint"
    )


def _by_cluster(
    request: Request, candidates: Candidates, constraint: SpreadConstraint
) -> Candidates:
    """Take as many as allowed, the preferred ones unless they lack capacity."""
    if len(candidates) < constraint.min_groups:
        raise _error("the number of feasible clusters is less than spreadConstraint.MinGroups")
    count = min(len(candidates), constraint.max_groups)
    if request.placement.scheduling_type is SchedulingType.DUPLICATED:
        return candidates[:count]
    taken = _with_capacity(candidates, count, request.replicas)
    if not taken:
        raise _error(f"no enough resource when selecting {count} clusters")
    return taken


def _with_capacity(candidates: Candidates, count: int, need: int) -> Candidates:
    """Exchange the least preferred for the roomiest until all replicas fit.

    (selectClustersByAvailableResource) The exchanged ones stay eligible; nothing when it fails.
    """
    taken, rest = list(candidates[:count]), list(candidates[count:])
    last = count - 1
    while sum(c.available for c in taken) < need and last >= 0:
        best = _roomiest(rest, taken[last].available)
        if best is not None:
            taken[last], rest[best] = rest[best], taken[last]
        last -= 1
    return tuple(taken) if sum(c.available for c in taken) >= need else ()


def _roomiest(rest: Sequence[Candidate], floor: int) -> int | None:
    """Return the first index with the most replicas available, more than `floor`."""
    best = None
    for index, candidate in enumerate(rest):
        if candidate.available > floor:
            best, floor = index, candidate.available
    return best


def _by_region(
    request: Request, candidates: Candidates, region: SpreadConstraint, cluster: SpreadConstraint
) -> Selected:
    """Take one cluster of each chosen region, then the preferred ones among the rest of them."""
    groups = regions(request, candidates)
    if len(groups) < region.min_groups:
        raise _error("the number of feasible region is less than spreadConstraint.MinGroups")
    chosen = choose_regions(groups, region.min_groups, region.max_groups, cluster.min_groups)
    if not chosen:
        raise _error("the number of clusters is less than the cluster spreadConstraint.MinGroups")
    taken = [group.candidates[0] for group in chosen]
    pool = sorted((c for group in chosen for c in group.candidates[1:]), key=preference)
    wanted = min(len(taken) + len(pool), cluster.max_groups) - len(taken)
    taken += pool[: max(wanted, 0)]
    decision = Decision(
        "regions",
        {
            "scores": {group.name: group.score for group in groups},
            "chosen": tuple(group.name for group in chosen),
        },
    )
    return Selected(tuple(taken), (decision, _selection(tuple(taken))))


class _Combination(Struct, frozen=True, eq=False):
    """A set of regions that meets all constraints; `weight` is the sum of scores."""

    regions: tuple[Region, ...]
    weight: int
    clusters: int


def choose_regions(
    groups: Sequence[Region], least: int, most: int, clusters: int
) -> tuple[Region, ...]:
    """Return the best set of `least` to `most` regions with at least `clusters` clusters.

    Best is the highest score, then the most clusters, then what comes first; but a set whose
    members begin the best one wins over it (selectGroups, prioritizePaths).
    """
    groups = sorted(groups, key=lambda group: (len(group.candidates), -group.score, group.name))
    found = [
        _combination([groups[i] for i in path])
        for path in _paths([len(group.candidates) for group in groups], least, most, clusters)
    ]
    if not found:
        return ()
    found.sort(key=lambda combination: (-combination.weight, -combination.clusters))
    best = found[0].regions
    for combination in found[1:]:
        members = combination.regions
        if len(members) < len(best) and best[: len(members)] == members:
            best = members
    return best


def _combination(members: Sequence[Region]) -> _Combination:
    return _Combination(
        regions=tuple(sorted(members, key=lambda group: (-group.score, group.name))),
        weight=sum(group.score for group in members),
        clusters=sum(len(group.candidates) for group in members),
    )


def _paths(sizes: Sequence[int], least: int, most: int, target: int) -> Iterator[tuple[int, ...]]:
    """Yield increasing index sequences that meet the constraints, none extending another.

    (findFeasiblePaths) What cannot reach the target any more is left out early.
    """
    if len(sizes) == least:
        # Only all groups together qualify, and upstream looks at nothing else.
        if sum(sizes) >= target and least <= most:
            yield tuple(range(least))
        return
    left = [sum(sizes[i:]) for i in range(len(sizes) + 1)]
    steps = 0
    pending: list[tuple[tuple[int, ...], int, int]] = [((), 0, 0)]
    while pending:
        path, reached, begin = pending.pop()
        steps += 1
        if steps > _MOST_STEPS:
            raise _error(
                f"{len(sizes)} regions allow too many combinations of {least} to {most}: "
                "narrow minGroups and maxGroups of the region constraint, or the cluster affinity"
            )
        if reached >= target and least <= len(path) <= most:
            yield path
        elif len(path) < most:
            pending.extend(
                ((*path, i), reached + sizes[i], i + 1)
                for i in range(len(sizes) - 1, begin - 1, -1)
                if reached + left[i] >= target and len(path) + len(sizes) - i >= least
            )
