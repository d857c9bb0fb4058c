"""Rules about placements: what cannot be met, what has nowhere to go, what has no effect."""

from collections.abc import Iterator

from armada_render.lint.subject import Subject
from armada_render.lint.words import listed
from armada_render.model.placement import (
    DivisionPreference,
    ReplicaScheduling,
    SchedulingType,
    SpreadConstraint,
    SpreadField,
    Strategy,
)
from armada_render.model.policy import Preemption, PropagationPolicy
from armada_render.model.result import Level, Result, Rule
from armada_render.schedule.snapshot import Snapshot

SPREAD = Rule(
    id="spread-unsatisfiable",
    summary="A spread constraint asks for more clusters or regions than there can be",
    description="minGroups of the constraint is higher than the number of clusters or regions "
    "that the policy's affinity selects and whose taints it tolerates: nothing that the policy "
    "takes can be placed.",
    fix="lower minGroups, or let the policy select more clusters",
    level=Level.ERROR,
)
SPARE = Rule(
    id="spread-without-spare",
    summary="A spread constraint needs every cluster or region that there is",
    description="minGroups equals the number of clusters or regions that can be taken. When one of "
    "them is lost, nothing that the policy takes can be placed again.",
    fix="let the policy select one cluster or region more than minGroups",
    level=Level.NOTE,
)
FAILOVER = Rule(
    id="failover-without-target",
    summary="A policy asks for failover, and there is only one cluster to be on",
    description="The policy has spec.failover, or a toleration that ends, but its affinity and "
    "tolerations leave one cluster: what fails there has nowhere to go.",
    fix="let the policy select a second cluster, or take the failover settings out",
)
WEIGHT = Rule(
    id="weight-without-cluster",
    summary="A static weight is for no cluster that the policy selects",
    description="The targetCluster of an entry of staticWeightList matches none of the clusters "
    "that the policy's affinity selects, so that the weight counts for nothing.",
    fix="correct targetCluster, or remove the entry",
)
NO_WEIGHT = Rule(
    id="cluster-without-weight",
    summary="A policy selects a cluster, and its static weights give it no replicas",
    description="Some entries of staticWeightList match clusters that the affinity selects, and "
    "none matches this one: its weight is 0, and no replica ever goes there. That is easily "
    "missed when a cluster is added.",
    fix="add an entry for the cluster, or let the affinity leave it out",
)
IDLE_FIELD = Rule(
    id="field-without-effect",
    summary="A field of a policy has no effect beside the others",
    description="Karmada accepts the field and never looks at it: because another field goes "
    "before it, or because it needs a feature gate that is off by default.",
    fix="remove the field, or what makes it void",
)

RULES = (SPREAD, SPARE, FAILOVER, WEIGHT, NO_WEIGHT, IDLE_FIELD)


def check(subject: Subject) -> Iterator[Result]:
    """Look at each policy by itself."""
    snapshot = Snapshot(subject.fleet.clusters)
    for policy in subject.policies():
        groups = _groups(subject, snapshot, policy)
        yield from _spread(subject, policy, groups)
        yield from _failover(subject, policy, groups)
        yield from _weights(subject, policy)
        for field, why in _without_effect(policy):
            yield subject.about(IDLE_FIELD, policy, why, field=field)


def _groups(
    subject: Subject, snapshot: Snapshot, policy: PropagationPolicy
) -> list[tuple[str, frozenset[str]]]:
    """Return the name of each group of clusters, and those of them that can be taken."""
    placement = policy.spec.placement
    refused = snapshot.untolerated(placement.cluster_tolerations)
    usable = frozenset(cluster.name for cluster in snapshot.alive) - refused.keys()
    if not placement.cluster_affinities:
        return [("", subject.affinities.reach(placement) & usable)]
    return [
        (
            term.affinity_name,
            frozenset().union(*map(subject.affinities.names, (term, *term.overflow_affinities)))
            & usable,
        )
        for term in placement.cluster_affinities
    ]


def _spread(
    subject: Subject, policy: PropagationPolicy, groups: list[tuple[str, frozenset[str]]]
) -> Iterator[Result]:
    for index, constraint in enumerate(policy.spec.placement.spread_constraints):
        what = "clusters" if constraint.spread_by_field is SpreadField.CLUSTER else "regions"
        if constraint.spread_by_field not in (SpreadField.CLUSTER, SpreadField.REGION):
            continue
        # Of several groups of clusters the best one counts.
        most = max(_count(subject, constraint, names) for _, names in groups)
        field = f"spec.placement.spreadConstraints[{index}].minGroups"
        if constraint.min_groups > most:
            yield subject.about(
                SPREAD,
                policy,
                f"{constraint.min_groups} {what} are wanted, and {most or 'none'} can be taken",
                field=field,
            )
        elif constraint.min_groups == most > 1:
            yield subject.about(
                SPARE, policy, f"all {most} {what} that can be taken are needed", field=field
            )


def _count(subject: Subject, constraint: SpreadConstraint, names: frozenset[str]) -> int:
    if constraint.spread_by_field is SpreadField.CLUSTER:
        return len(names)
    return len({region for name in names if (region := subject.clusters[name].spec.region)})


def _failover(
    subject: Subject, policy: PropagationPolicy, groups: list[tuple[str, frozenset[str]]]
) -> Iterator[Result]:
    every: frozenset[str] = frozenset().union(*(names for _, names in groups))
    if len(every) != 1:
        return
    (only,) = every
    tolerations = policy.spec.placement.cluster_tolerations
    if policy.spec.failover is not None:
        field = "spec.failover"
    elif any(item.toleration_seconds is not None for item in tolerations):
        field = "spec.placement.clusterTolerations"
    else:
        return
    yield subject.about(
        FAILOVER, policy, f"what leaves {only} has no other cluster to go to", field=field
    )


def _weights(subject: Subject, policy: PropagationPolicy) -> Iterator[Result]:
    placement = policy.spec.placement
    scheduling = placement.replica_scheduling
    if scheduling is None or scheduling.weight_preference is None:
        return
    if placement.strategy is not Strategy.STATIC_WEIGHT:
        return
    reach = subject.affinities.reach(placement)
    at = "spec.placement.replicaScheduling.weightPreference.staticWeightList"
    weighed: frozenset[str] = frozenset()
    for index, rule in enumerate(scheduling.weight_preference.static_weight_list):
        names = subject.affinities.names(rule.target_cluster)
        weighed |= names
        if names.isdisjoint(reach):
            which = listed(sorted(names))
            message = (
                f"is for {which}, which the policy does not select"
                if names
                else "matches no cluster of the inventory"
            )
            known = set(rule.target_cluster.cluster_names) & subject.clusters.keys()
            # Names that the inventory does not know are told by unknown-cluster.
            if names or known or not rule.target_cluster.cluster_names:
                field = f"{at}[{index}].targetCluster"
                yield subject.about(WEIGHT, policy, message, field=field)
    # Where no entry matches anything, all clusters weigh the same. Without an affinity the weights
    # alone are meant to choose.
    chooses = placement.cluster_affinity is not None or placement.cluster_affinities
    if chooses and weighed & reach and (missing := sorted(reach - weighed)):
        verb = "gets" if len(missing) == 1 else "get"
        message = f"{listed(missing)} {verb} no weight, and so no replicas"
        yield subject.about(NO_WEIGHT, policy, message, field=at)


def _without_effect(policy: PropagationPolicy) -> Iterator[tuple[str, str]]:
    """Yield fields that count for nothing, each with the reason."""
    spec = policy.spec
    for index, selector in enumerate(spec.resource_selectors):
        if selector.name and selector.label_selector is not None:
            field = f"spec.resourceSelectors[{index}].labelSelector"
            yield field, "is not looked at, since the selector has a name"
    gated = {
        "spec.preemption": spec.preemption is Preemption.ALWAYS,
        "spec.schedulePriority": spec.schedule_priority is not None,
        "spec.placement.workloadAffinity": spec.placement.workload_affinity is not None,
    }
    for field, is_set in gated.items():
        if is_set:
            yield field, "needs a feature gate of Karmada's that is off by default"
    if spec.placement.replica_scheduling is not None:
        yield from _void_scheduling(spec.placement.replica_scheduling)


def _void_scheduling(scheduling: ReplicaScheduling) -> Iterator[tuple[str, str]]:
    at = "spec.placement.replicaScheduling"
    weights = scheduling.weight_preference
    preference = scheduling.replica_division_preference
    if scheduling.replica_scheduling_type is SchedulingType.DUPLICATED:
        for name, value in (
            ("weightPreference", weights),
            ("replicaDivisionPreference", preference),
        ):
            if value is not None:
                yield f"{at}.{name}", "is not looked at, since the type is Duplicated"
    elif weights is not None:
        if preference is DivisionPreference.AGGREGATED:
            yield f"{at}.weightPreference", "is not looked at, since the preference is Aggregated"
        elif weights.dynamic_weight is not None and weights.static_weight_list:
            field = f"{at}.weightPreference.staticWeightList"
            yield field, "is not looked at, since there is a dynamicWeight"
