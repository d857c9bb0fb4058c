"""How many replicas each selected cluster gets (scheduling.md, assignment of replicas).

Upstream: pkg/scheduler/core/common.go, assignment.go and division_algorithm.go.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from armada_render.model.affinity import AffinityIndex
from armada_render.model.binding import ConditionReason, Decision, Rejection, TargetCluster
from armada_render.model.placement import ReplicaScheduling, Strategy
from armada_render.model.webster import divide
from armada_render.schedule import int32
from armada_render.schedule.failure import SchedulingError
from armada_render.schedule.gosort import go_sorted
from armada_render.schedule.group import Candidates
from armada_render.schedule.request import Request
from armada_render.schedule.snapshot import Snapshot

_RULE = "Divide"

Targets = tuple[TargetCluster, ...]


class Division(Struct, frozen=True, eq=False, kw_only=True):
    """What dividing came to: targets in upstream's order, and the numbers it went by.

    `seats` replicas were divided by `weights`; `kept` is what stays from the previous result.
    """

    targets: Targets
    mode: str
    seats: int
    weights: Mapping[str, int] = {}
    kept: Targets = ()

    def decision(self, strategy: Strategy | None) -> Decision:
        """Return the numbers for reports."""
        return Decision(
            "divide",
            {
                "strategy": strategy.value if strategy else "",
                "mode": self.mode,
                "replicas": self.seats,
                "weights": dict(self.weights),
                "kept": {target.name: target.replicas for target in self.kept},
                "result": {target.name: target.replicas for target in self.targets},
            },
        )

    def reason(self, name: str) -> str:
        """Say why a selected cluster gets nothing."""
        if self.seats <= 0:
            return "no replicas to place"
        weight = self.weights.get(name)
        if weight is None:
            return "the clusters before it hold all replicas"
        if weight <= 0:
            return "weight 0"
        total = sum(self.weights.values())
        return f"weight {weight} of {total} gives no share of {self.seats} replicas"


class Assigned(Struct, frozen=True, eq=False):
    """The result of a pass: targets, and what the selected clusters without a share lack."""

    targets: Targets
    rejections: tuple[Rejection, ...] = ()
    decisions: tuple[Decision, ...] = ()


def assign(snapshot: Snapshot, request: Request, selected: Candidates) -> Assigned:
    """Return the targets, or raise `SchedulingError` (AssignReplicas)."""
    if not selected:
        raise _error("no clusters available to schedule")
    if not request.binding.is_workload:
        return Assigned(tuple(TargetCluster(candidate.cluster.name) for candidate in selected))
    term = request.term
    if term is not None and term.overflow_affinities:
        return _overflow(snapshot, request, selected)
    return _assigned(snapshot, request, selected, [_division(snapshot, request, selected)])


def _error(
    message: str, reason: ConditionReason = ConditionReason.SCHEDULER_ERROR
) -> SchedulingError:
    return SchedulingError(reason, f"failed to assign replicas: {message}", _RULE)


def _assigned(
    snapshot: Snapshot, request: Request, selected: Candidates, divisions: Sequence[Division]
) -> Assigned:
    targets = tuple(target for division in divisions for target in division.targets)
    got = {target.name for target in targets}
    weighed = {name: division for division in divisions for name in division.weights}
    last = divisions[-1]
    strategy = request.placement.strategy
    return Assigned(
        targets,
        tuple(
            snapshot.rejection(name, _RULE, weighed.get(name, last).reason(name))
            for candidate in selected
            if (name := candidate.cluster.name) not in got
        ),
        tuple(division.decision(strategy) for division in divisions),
    )


def _overflow(snapshot: Snapshot, request: Request, selected: Candidates) -> Assigned:
    """Fill the tiers in order, each with as much as it holds (assignWorkloadReplicas)."""
    divisions = []
    remaining = request.replicas
    for order in sorted({candidate.overflow_order for candidate in selected}):
        tier = tuple(candidate for candidate in selected if candidate.overflow_order == order)
        quota = min(remaining, sum(candidate.available for candidate in tier))
        divisions.append(_division(snapshot, request, tier, quota))
        remaining -= quota
        if remaining <= 0:
            return _assigned(snapshot, request, selected, divisions)
    raise _error(
        "Clusters available replicas are not enough to schedule.", ConditionReason.UNSCHEDULABLE
    )


def _division(
    snapshot: Snapshot, request: Request, candidates: Candidates, replicas: int | None = None
) -> Division:
    """Divide by the strategy and drop clusters without a share (assignReplicasToClusters)."""
    if replicas is None:
        replicas = request.replicas
    division = _by_strategy(snapshot, request, candidates, replicas)
    return Division(
        targets=tuple(target for target in division.targets if target.replicas > 0),
        mode=division.mode,
        seats=division.seats,
        weights=division.weights,
        kept=division.kept,
    )


def _by_strategy(
    snapshot: Snapshot, request: Request, candidates: Candidates, replicas: int
) -> Division:
    match request.placement.strategy:
        case Strategy.DUPLICATED:
            targets = tuple(TargetCluster(c.cluster.name, replicas) for c in candidates)
            return Division(targets=targets, mode="Duplicated", seats=replicas)
        case Strategy.STATIC_WEIGHT:
            return _static(snapshot, request, candidates, replicas)
        case Strategy.DYNAMIC_WEIGHT | Strategy.AGGREGATED:
            return _Dynamic(request, candidates, replicas).divide()
        case None:
            raise _error(
                "unsupported replica scheduling strategy, replicaSchedulingType: Divided, "
                "replicaDivisionPreference: , please try another scheduling strategy"
            )


def _static(
    snapshot: Snapshot, request: Request, candidates: Candidates, replicas: int
) -> Division:
    """Divide by static weights; previous shares play no role (assignByStaticWeightStrategy)."""
    names = [candidate.cluster.name for candidate in candidates]
    weights = _static_weights(
        snapshot.affinities, names, request.placement.replica_scheduling or ReplicaScheduling()
    )
    seats = divide(replicas, weights, request.uid)
    return Division(
        targets=tuple(TargetCluster(name, count) for name, count in seats.items()),
        mode="StaticWeight",
        seats=replicas,
        # Clusters that no rule names are out of the vote: that is their reason.
        weights=dict.fromkeys(names, 0) | weights,
    )


def _static_weights(
    affinities: AffinityIndex, names: Sequence[str], scheduling: ReplicaScheduling
) -> dict[str, int]:
    """Return the greatest weight of the rules that match each cluster, or 1 for all when none does.

    (getStaticWeightInfoList, getDefaultWeightPreference)
    """
    preferences = scheduling.weight_preference
    weights: dict[str, int] = {}
    for rule in preferences.static_weight_list if preferences is not None else ():
        matching = affinities.names(rule.target_cluster)
        for name in names:
            if name in matching:
                weights[name] = max(weights.get(name, 0), rule.weight)
    return weights or dict.fromkeys(names, 1)


class _Dynamic:
    """Division by what clusters have left (assignByDynamicStrategy)."""

    def __init__(self, request: Request, candidates: Candidates, replicas: int) -> None:
        self._candidates = candidates
        self._replicas = replicas
        self._uid = request.uid
        self._is_fresh = request.is_fresh
        self._is_aggregated = request.placement.strategy is Strategy.AGGREGATED
        names = {candidate.cluster.name for candidate in candidates}
        self._scheduled = tuple(target for target in request.targets if target.name in names)

    def divide(self) -> Division:
        """Return the division, or raise when the clusters do not hold it."""
        if self._is_fresh:
            return self._spread("fresh scale", self._replicas, self._capacities(with_own=True))
        assigned = int32.total(self._scheduled)
        if assigned > self._replicas:
            return self._spread("scale down", self._replicas, self._scheduled)
        if assigned < self._replicas:
            missing = int32.wrap(self._replicas - assigned)
            free = self._capacities(with_own=False)
            return self._spread("scale up", missing, free, kept=self._scheduled)
        return Division(
            targets=self._scheduled, mode="unchanged", seats=assigned, kept=self._scheduled
        )

    def _capacities(self, *, with_own: bool) -> Targets:
        """Return how many more replicas fit each candidate, on top of those there when fresh."""
        own: dict[str, int] = {}
        if with_own:
            for target in self._scheduled:
                own[target.name] = own.get(target.name, 0) + target.replicas
        return tuple(
            TargetCluster(
                candidate.cluster.name,
                int32.wrap(candidate.allocatable + own.get(candidate.cluster.name, 0)),
            )
            for candidate in self._candidates
        )

    def _spread(self, mode: str, seats: int, base: Targets, *, kept: Targets = ()) -> Division:
        """Hand out `seats` by the replicas of `base`, on top of `kept` (dynamicDivideReplicas)."""
        room = go_sorted(base, lambda a, b: a.replicas > b.replicas)
        total = int32.total(room)
        if total < seats:
            raise _error(
                f"failed to {_VERBS[mode]}: "
                f"Clusters available replicas {total} are not enough to schedule.",
                ConditionReason.UNSCHEDULABLE,
            )
        if self._is_aggregated:
            room = _fewest(room, seats, kept)
        weights = {target.name: target.replicas for target in room}
        shares = divide(seats, weights, self._uid)
        return Division(
            targets=_merged(kept, shares), mode=mode, seats=seats, weights=weights, kept=kept
        )


_VERBS = {"fresh scale": "do fresh scale", "scale down": "scale down", "scale up": "scale up"}


def _fewest(room: list[TargetCluster], seats: int, kept: Targets) -> list[TargetCluster]:
    """Return the shortest list that holds all, clusters in use first (resortAvailableClusters)."""
    used = {target.name for target in kept if target.replicas > 0}
    room = sorted(room, key=lambda target: target.name not in used)
    held = 0
    for index, target in enumerate(room):
        held = int32.wrap(held + target.replicas)
        if held >= seats:
            return room[: index + 1]
    return room


def _merged(kept: Targets, shares: Mapping[str, int]) -> Targets:
    """Add shares to what is kept; the rest of it follows (MergeTargetClusters).

    Upstream appends the rest in random order; here it is by name.
    """
    left = {target.name: target.replicas for target in kept}
    merged = [
        TargetCluster(name, int32.wrap(share + left.pop(name, 0))) for name, share in shares.items()
    ]
    merged += [TargetCluster(name, left[name]) for name in sorted(left)]
    return tuple(merged)
