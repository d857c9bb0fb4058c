"""Feasible clusters with score and capacity, in order; regions as groups of them.

Rules: scheduling.md, scores, grouping and selection; upstream pkg/scheduler/core/util.go
(calAvailableReplicas) and core/spreadconstraint/group_clusters.go.
"""

from msgspec import Struct

from armada_render.model.binding import Decision
from armada_render.model.cluster import Cluster
from armada_render.model.placement import SchedulingType, SpreadConstraint, SpreadField
from armada_render.schedule.filter import Feasible
from armada_render.schedule.int32 import MAX
from armada_render.schedule.request import Request
from armada_render.schedule.snapshot import Snapshot

_LOCALITY = 100
"""Score of a cluster that has the resource already (plugins/clusterlocality)."""

_UNMATCHED = 1000
"""Overflow order of a cluster that no tier matches (getClusterOverflowOrder)."""

_WEIGHT_UNIT = 1000


class Candidate(Struct, frozen=True, eq=False):
    """A feasible cluster: `allocatable` more replicas fit, `available` with the ones there.

    Where nothing is known of the capacity, both are the replicas asked for, and not an estimate.
    """

    cluster: Cluster
    score: int
    overflow_order: int
    available: int
    allocatable: int
    is_estimated: bool = False

    @property
    def name(self) -> str:
        """The cluster's name."""
        return self.cluster.name


Candidates = tuple[Candidate, ...]


def rank(snapshot: Snapshot, request: Request, feasible: Feasible) -> Candidates:
    """Return all feasible clusters in the order of preference, which is total."""
    orders = _overflow_orders(snapshot, request)
    assigned: dict[str, int] = {}
    for target in request.targets:
        assigned.setdefault(target.name, target.replicas)
    if request.replicas == 0:
        # Without replicas nobody is asked and the limit stays (issue 3743 upstream).
        estimates, unknown = {}, MAX
    else:
        estimates, unknown = snapshot.estimates(request.requirements), request.replicas
    ranked = []
    for cluster in feasible.clusters:
        name = cluster.name
        allocatable = estimates.get(name, MAX)
        is_estimated = allocatable != MAX
        if not is_estimated:
            allocatable = unknown
        ranked.append(
            Candidate(
                cluster,
                _LOCALITY if name in assigned else 0,
                orders.get(name, _UNMATCHED) if orders is not None else 0,
                allocatable + assigned.get(name, 0),
                allocatable,
                is_estimated,
            )
        )
    ranked.sort(key=preference)
    return tuple(ranked)


def preference(candidate: Candidate) -> tuple[int, int, int, str]:
    """Sort key: earlier tier, higher score, more available replicas, name (sortClusters)."""
    return (
        candidate.overflow_order,
        -candidate.score,
        -candidate.available,
        candidate.cluster.name,
    )


def _overflow_orders(snapshot: Snapshot, request: Request) -> dict[str, int] | None:
    """Return each cluster's tier in the active group, None without groups."""
    if request.term is None:
        return None
    orders: dict[str, int] = {}
    for order, affinity in enumerate((request.term, *request.term.overflow_affinities)):
        for name in snapshot.affinities.names(affinity):
            orders.setdefault(name, order)
    return orders


def scores(candidates: Candidates) -> Decision:
    """Return what was known of each candidate, in columns."""
    return Decision(
        "score",
        {
            "clusters": tuple(c.cluster.name for c in candidates),
            "score": tuple(c.score for c in candidates),
            "available": tuple(c.available for c in candidates),
            "allocatable": tuple(c.allocatable for c in candidates),
            "estimated": tuple(c.is_estimated for c in candidates),
            "overflowOrder": tuple(c.overflow_order for c in candidates),
        },
    )


class Region(Struct, frozen=True, eq=False):
    """The candidates of one region in order of preference, and its score as a group."""

    name: str
    candidates: Candidates
    score: int


def constraint_on(request: Request, field: SpreadField) -> SpreadConstraint | None:
    """Return the constraint on a field; of several the last counts."""
    found = None
    for constraint in request.placement.spread_constraints:
        if constraint.spread_by_field is field:
            found = constraint
    return found


def regions(request: Request, candidates: Candidates) -> tuple[Region, ...]:
    """Return the regions of the candidates by name (generateRegionInfo)."""
    members: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        if candidate.cluster.spec.region:
            members.setdefault(candidate.cluster.spec.region, []).append(candidate)
    return tuple(
        Region(name, tuple(members[name]), _region_score(request, members[name]))
        for name in sorted(members)
    )


def _region_score(request: Request, members: list[Candidate]) -> int:
    if request.placement.scheduling_type is SchedulingType.DUPLICATED:
        return _duplicated_score(request.replicas, members)
    region = constraint_on(request, SpreadField.REGION) or SpreadConstraint()
    cluster = constraint_on(request, SpreadField.CLUSTER) or SpreadConstraint()
    # Admission raises minGroups 0 to 1; upstream would divide by zero without it.
    groups = max(region.min_groups, 1)
    return _divided_score(request.replicas, members, groups, max(cluster.min_groups, groups))


def _duplicated_score(replicas: int, members: list[Candidate]) -> int:
    """Count the clusters that hold all replicas (calcGroupScoreForDuplicate)."""
    valid = [member.score for member in members if member.available >= replicas]
    return len(valid) * _WEIGHT_UNIT + sum(valid) // len(valid) if valid else 0


def _divided_score(replicas: int, members: list[Candidate], groups: int, least: int) -> int:
    """Score how much of its share a region holds (calcGroupScore).

    The share is an equal part of the replicas for each of `groups`; at least `least` clusters are
    looked at, in order, and as many more as the share needs.
    """
    share = -(-replicas // groups)
    available = score = count = 0
    for member in members:
        available += member.available
        score += member.score
        count += 1
        if count >= least and available >= share:
            break
    if available < share:
        return available * _WEIGHT_UNIT + score // len(members)
    return share * _WEIGHT_UNIT + score // count
