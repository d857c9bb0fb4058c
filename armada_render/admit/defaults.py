"""What admission fills in where a policy says nothing (the mutating webhooks).

Sources: pkg/webhook/{propagationpolicy,clusterpropagationpolicy,overridepolicy}/mutating.go,
pkg/util/helper/policy.go. Defaults of the CRD schemas are the defaults of the model's structs. A
policy that needs nothing is returned as it is.
"""

from msgspec.structs import replace

from armada_render.model.override import OverridePolicy, OverrideSpec
from armada_render.model.placement import (
    DivisionPreference,
    Placement,
    SchedulingType,
    SpreadConstraint,
    SpreadField,
)
from armada_render.model.policy import Failover, PropagationPolicy, PropagationSpec, PurgeMode
from armada_render.model.selector import ResourceSelector

_GRACE_PERIOD_SECONDS = 600


def propagation_defaults(policy: PropagationPolicy) -> PropagationPolicy:
    """Return the policy as Karmada's mutating webhook leaves it, but for its permanent id."""
    spec = policy.spec
    defaulted = _with_placement(spec, _placement_defaults(spec.placement))
    selectors = _in_namespace(spec.resource_selectors, policy.namespace)
    if selectors is not spec.resource_selectors:
        defaulted = replace(defaulted, resource_selectors=selectors)
    # A ServiceImport is of use only together with the derived Service (ContainsServiceImport).
    if not spec.propagate_deps and any(map(_is_service_import, selectors)):
        defaulted = replace(defaulted, propagate_deps=True)
    failover = _failover_defaults(spec.failover)
    if failover is not spec.failover:
        defaulted = replace(defaulted, failover=failover)
    return policy if defaulted is spec else replace(policy, spec=defaulted)


def override_defaults(policy: OverridePolicy) -> OverridePolicy:
    """Return the policy as the mutating webhook leaves it; the cluster kind has none."""
    if not policy.namespace:
        return policy
    spec = policy.spec
    selectors = _in_namespace(spec.resource_selectors, policy.namespace)
    # The webhook writes the policy anew, without empty lists, and validation sees a difference.
    rules = spec.override_rules or None
    if selectors is spec.resource_selectors and rules == spec.override_rules:
        return policy
    defaulted = OverrideSpec(
        resource_selectors=selectors,
        override_rules=rules,
        target_cluster=spec.target_cluster,
        overriders=spec.overriders,
    )
    return replace(policy, spec=defaulted)


def _in_namespace(
    selectors: tuple[ResourceSelector, ...], namespace: str
) -> tuple[ResourceSelector, ...]:
    if not namespace or all(selector.namespace for selector in selectors):
        return selectors
    return tuple(
        selector if selector.namespace else replace(selector, namespace=namespace)
        for selector in selectors
    )


def _is_service_import(selector: ResourceSelector) -> bool:
    return (
        selector.kind == "ServiceImport"
        and selector.api_version == "multicluster.x-k8s.io/v1alpha1"
    )


def _with_placement(spec: PropagationSpec, placement: Placement) -> PropagationSpec:
    return spec if placement is spec.placement else replace(spec, placement=placement)


def _placement_defaults(placement: Placement) -> Placement:
    defaulted = placement
    constraints = placement.spread_constraints
    if any(map(_is_incomplete, constraints)):
        defaulted = replace(defaulted, spread_constraints=tuple(map(_spread_defaults, constraints)))
    scheduling = placement.replica_scheduling
    if (
        scheduling is not None
        and scheduling.replica_scheduling_type is SchedulingType.DIVIDED
        and scheduling.replica_division_preference is None
    ):
        weighted = replace(scheduling, replica_division_preference=DivisionPreference.WEIGHTED)
        defaulted = replace(defaulted, replica_scheduling=weighted)
    return defaulted


def _is_incomplete(constraint: SpreadConstraint) -> bool:
    return constraint.min_groups == 0 or not (
        constraint.spread_by_field or constraint.spread_by_label
    )


def _spread_defaults(constraint: SpreadConstraint) -> SpreadConstraint:
    by_field = constraint.spread_by_field
    if by_field is None and not constraint.spread_by_label:
        by_field = SpreadField.CLUSTER
    return replace(constraint, spread_by_field=by_field, min_groups=constraint.min_groups or 1)


def _failover_defaults(failover: Failover | None) -> Failover | None:
    if failover is None or failover.application is None:
        return failover
    application = failover.application
    if (
        application.purge_mode is not PurgeMode.GRACEFULLY
        or application.grace_period_seconds is not None
    ):
        return failover
    return replace(
        failover, application=replace(application, grace_period_seconds=_GRACE_PERIOD_SECONDS)
    )
