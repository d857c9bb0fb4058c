"""What admission fills in, and that it leaves alone what needs nothing."""

from typing import Any

import pytest

from armada_render.admit import policies
from armada_render.model.decode import decode
from armada_render.model.override import OverridePolicy, OverrideSpec
from armada_render.model.placement import DivisionPreference, SchedulingType, SpreadField
from armada_render.model.policy import PropagationPolicy, PropagationSpec, PurgeMode

SELECTOR = {"apiVersion": "apps/v1", "kind": "Deployment"}
IMPORT = {"apiVersion": "multicluster.x-k8s.io/v1alpha1", "kind": "ServiceImport"}


def propagation(namespace: str = "shop", **spec: Any) -> PropagationPolicy:
    decoded = decode({"resourceSelectors": [SELECTOR], **spec}, PropagationSpec, at="spec")
    assert decoded.value is not None
    return PropagationPolicy(name="p", namespace=namespace, spec=decoded.value)


def admitted(namespace: str = "shop", **spec: Any) -> PropagationSpec:
    (policy,) = policies([propagation(namespace, **spec)], []).propagation
    return policy.spec


def override(namespace: str, **spec: Any) -> OverrideSpec:
    decoded = decode(spec, OverrideSpec, at="spec")
    assert decoded.value is not None
    policy = OverridePolicy(name="o", namespace=namespace, spec=decoded.value)
    (policy,) = policies([], [policy]).overrides
    return policy.spec


def test_selectors_get_the_namespace_of_the_policy() -> None:
    selectors = [SELECTOR, {**SELECTOR, "namespace": "shop"}]

    spec = admitted(resourceSelectors=selectors)

    assert [selector.namespace for selector in spec.resource_selectors] == ["shop", "shop"]


def test_selectors_of_cluster_wide_policies_stay() -> None:
    assert admitted("").resource_selectors[0].namespace == ""
    assert override("", resourceSelectors=[SELECTOR]).resource_selectors[0].namespace == ""


def test_override_selectors_get_the_namespace_of_the_policy() -> None:
    assert override("shop", resourceSelectors=[SELECTOR]).resource_selectors[0].namespace == "shop"


def test_an_empty_list_of_override_rules_becomes_absent_in_a_namespace() -> None:
    assert override("shop", overrideRules=[]).override_rules is None
    assert override("", overrideRules=[]).override_rules == ()


def test_constraints_spread_by_cluster_over_one_group() -> None:
    constraints = [{"maxGroups": 2}, {"spreadByLabel": "env", "minGroups": 2}]

    spec = admitted(placement={"spreadConstraints": constraints})

    first, second = spec.placement.spread_constraints
    assert (first.spread_by_field, first.min_groups, first.max_groups) == (
        SpreadField.CLUSTER,
        1,
        2,
    )
    assert (second.spread_by_field, second.spread_by_label, second.min_groups) == (None, "env", 2)


def test_maxgroups_has_no_default() -> None:
    spec = admitted(placement={"spreadConstraints": [{"minGroups": 1}]})

    assert spec.placement.spread_constraints[0].max_groups == 0


@pytest.mark.parametrize(
    ("scheduling", "preference"),
    [
        ({}, DivisionPreference.WEIGHTED),
        ({"replicaSchedulingType": ""}, DivisionPreference.WEIGHTED),
        ({"replicaSchedulingType": "Duplicated"}, None),
        ({"replicaDivisionPreference": "Aggregated"}, DivisionPreference.AGGREGATED),
    ],
)
def test_divided_replicas_are_weighted(
    scheduling: dict[str, Any], preference: DivisionPreference | None
) -> None:
    placement = admitted(placement={"replicaScheduling": scheduling}).placement

    assert placement.replica_scheduling is not None
    assert placement.replica_scheduling.replica_division_preference is preference


def test_without_replica_scheduling_everything_is_duplicated() -> None:
    placement = admitted().placement

    assert placement.replica_scheduling is None
    assert placement.scheduling_type is SchedulingType.DUPLICATED


def test_service_imports_take_their_dependencies_along() -> None:
    assert admitted(resourceSelectors=[SELECTOR, IMPORT]).propagate_deps
    assert not admitted(resourceSelectors=[{**IMPORT, "apiVersion": "v1"}]).propagate_deps
    assert not admitted().propagate_deps


@pytest.mark.parametrize(
    ("application", "seconds"),
    [
        ({}, 600),
        ({"gracePeriodSeconds": 5}, 5),
        ({"purgeMode": "Directly"}, None),
        ({"purgeMode": "Never"}, None),
        ({"purgeMode": "Graciously"}, 600),
        ({"purgeMode": "Immediately"}, None),
    ],
)
def test_a_graceful_purge_takes_600_seconds(
    application: dict[str, Any], seconds: int | None
) -> None:
    failover = {"application": {"decisionConditions": {}, **application}}

    spec = admitted(propagateDeps=True, failover=failover)

    assert spec.failover is not None
    assert spec.failover.application is not None
    assert spec.failover.application.grace_period_seconds == seconds


def test_cluster_failover_has_the_default_of_its_schema_only() -> None:
    spec = admitted(failover={"cluster": {}})

    assert spec.failover is not None
    assert spec.failover.cluster is not None
    assert spec.failover.cluster.purge_mode.value == PurgeMode.GRACEFULLY.value


def test_a_policy_that_needs_nothing_is_not_copied() -> None:
    cluster_wide = propagation("")
    complete = propagation(
        resourceSelectors=[{**SELECTOR, "namespace": "shop"}],
        placement={
            "spreadConstraints": [{"spreadByField": "cluster", "maxGroups": 1, "minGroups": 1}],
            "replicaScheduling": {"replicaDivisionPreference": "Weighted"},
        },
    )
    overriding = OverridePolicy(name="o", namespace="shop", spec=OverrideSpec())

    admission = policies([cluster_wide, complete], [overriding])

    assert admission.propagation[0] is cluster_wide
    assert admission.propagation[1] is complete
    assert admission.overrides[0] is overriding
