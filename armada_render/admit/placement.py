"""What a placement may not say (ValidatePlacement in pkg/util/validation/validation.go).

Every rule is given the placement with its defaults. Limits that the CRD schema states are kept by
the types of `model.placement`.
"""

from collections.abc import Iterator

from armada_render.admit.finding import Finding, field_selector
from armada_render.model.placement import (
    Placement,
    SpreadConstraint,
    SpreadField,
    Strategy,
    WorkloadAffinity,
)
from armada_render.model.selector import ClusterAffinityTerm, qualified_name_error

_AT = "spec.placement"


def placement_findings(placement: Placement) -> Iterator[Finding]:
    """Yield every violation, in Karmada's order."""
    if placement.cluster_affinity is not None and placement.cluster_affinities:
        yield Finding(
            _AT,
            "clusterAffinity and clusterAffinities cannot both be set",
            "keep clusterAffinities if you want failover groups, else clusterAffinity",
        )
    if placement.cluster_affinities:
        yield from _overflow_allowed(placement)
    if placement.cluster_affinity is not None:
        yield from field_selector(placement.cluster_affinity, f"{_AT}.clusterAffinity")
    if placement.cluster_affinities:
        yield from _terms(placement.cluster_affinities)
    if placement.spread_constraints:
        yield from _spread(placement.spread_constraints)
    if placement.workload_affinity is not None:
        yield from _workload_affinity(placement.workload_affinity)
    yield from _tolerations(placement)


def _overflow_allowed(placement: Placement) -> Iterator[Finding]:
    """Overflow needs capacities to be asked (IsOverflowSchedulingAllowed in pkg/util/policy.go)."""
    if placement.strategy in (Strategy.AGGREGATED, Strategy.DYNAMIC_WEIGHT):
        return
    for i, term in enumerate(placement.cluster_affinities):
        if term.overflow_affinities:
            yield Finding(
                f"{_AT}.clusterAffinities[{i}].overflowAffinities",
                "overflow needs replicas that are divided by what clusters have free",
                "set replicaScheduling to Divided with replicaDivisionPreference: Aggregated, or "
                "Weighted with weightPreference: {dynamicWeight: AvailableReplicas}",
            )


def _terms(terms: tuple[ClusterAffinityTerm, ...]) -> Iterator[Finding]:
    first_use: dict[str, int] = {}
    for i, term in enumerate(terms):
        at = f"{_AT}.clusterAffinities[{i}]"
        yield from _affinity_name(term.affinity_name, f"{at}.affinityName")
        used = first_use.setdefault(term.affinity_name, i)
        if used != i:
            yield Finding(
                f"{at}.affinityName",
                f'clusterAffinities[{used}] is already called "{term.affinity_name}"',
                "give each group a name of its own",
            )
        yield from field_selector(term, at)
        if term.overflow_affinities:
            yield from _overflow(term, at)


def _overflow(term: ClusterAffinityTerm, at: str) -> Iterator[Finding]:
    """Tiers extend a group that selects something, under names of their own."""
    if term.is_empty:
        yield Finding(
            f"{at}.overflowAffinities",
            "overflow needs a first tier: the group itself selects no clusters",
            "say which clusters come first with clusterNames, labelSelector, fieldSelector or "
            "exclude beside affinityName",
        )
    names = {term.affinity_name}
    for j, tier in enumerate(term.overflow_affinities):
        tier_at = f"{at}.overflowAffinities[{j}]"
        yield from _affinity_name(tier.affinity_name, f"{tier_at}.affinityName")
        if tier.affinity_name in names:
            yield Finding(
                f"{tier_at}.affinityName",
                f'the group or a tier before is already called "{tier.affinity_name}"',
                "give each tier a name of its own",
            )
        names.add(tier.affinity_name)
        yield from field_selector(tier, tier_at)


def _affinity_name(name: str, path: str) -> Iterator[Finding]:
    if error := qualified_name_error(name):
        yield Finding(path, error, "affinity names are written as label keys are")


def _spread(constraints: tuple[SpreadConstraint, ...]) -> Iterator[Finding]:
    at = f"{_AT}.spreadConstraints"
    seen: dict[SpreadField, int] = {}
    for i, constraint in enumerate(constraints):
        yield from _groups(constraint, f"{at}[{i}]")
        field = constraint.spread_by_field
        if field is not None:
            seen[field] = seen.get(field, 0) + 1
            if seen[field] == 2:  # once per field, however often it comes
                yield Finding(
                    f"{at}[{i}].spreadByField",
                    f"there is a constraint for {field} already",
                    "keep one constraint per field",
                )
    if seen and SpreadField.CLUSTER not in seen:
        yield Finding(
            at,
            f"spreading by {' and '.join(seen)} needs a constraint for cluster too",
            "add {spreadByField: cluster, maxGroups: N}, where N is the most clusters to select",
        )


def _groups(constraint: SpreadConstraint, at: str) -> Iterator[Finding]:
    low, high = constraint.min_groups, constraint.max_groups
    if constraint.spread_by_field is not None and constraint.spread_by_label:
        yield Finding(
            f"{at}.spreadByLabel",
            "spreadByField and spreadByLabel cannot both be set",
            "keep spreadByField: Karmada does not implement spreadByLabel",
        )
    if low < 0:
        yield Finding(f"{at}.minGroups", "minGroups cannot be negative", "write 1 or more")
    if high < 0:
        yield Finding(f"{at}.maxGroups", "maxGroups cannot be negative", "write 1 or more")
    if 0 < high < low:
        yield Finding(
            f"{at}.maxGroups",
            f"maxGroups {high} is lower than minGroups {low}",
            "raise maxGroups or lower minGroups",
        )


def _workload_affinity(workload_affinity: WorkloadAffinity) -> Iterator[Finding]:
    at = f"{_AT}.workloadAffinity"
    affinity, anti_affinity = workload_affinity.affinity, workload_affinity.anti_affinity
    for name, term in (("affinity", affinity), ("antiAffinity", anti_affinity)):
        if term is not None and (error := qualified_name_error(term.group_by_label_key)):
            yield Finding(f"{at}.{name}.groupByLabelKey", error, "write a label key")
    if (
        affinity is not None
        and anti_affinity is not None
        and affinity.group_by_label_key == anti_affinity.group_by_label_key
    ):
        yield Finding(
            at,
            "affinity and antiAffinity cannot group by the same label",
            "use two labels, or drop one of the two",
        )


def _tolerations(placement: Placement) -> Iterator[Finding]:
    """Kubernetes' alpha comparisons are kept out of cluster taints (validateClusterTolerations)."""
    for i, toleration in enumerate(placement.cluster_tolerations):
        if toleration.operator in ("Lt", "Gt"):
            yield Finding(
                f"{_AT}.clusterTolerations[{i}].operator",
                f"cluster taints cannot be compared with {toleration.operator}",
                "use Exists or Equal",
            )
