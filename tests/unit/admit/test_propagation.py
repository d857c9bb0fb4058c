"""Every row of Karmada's propagation policy validation, each with a neighbour that is let in."""

from typing import Any

import pytest

from armada_render.admit import policies
from armada_render.model.decode import decode, format_path, parse_path
from armada_render.model.policy import PropagationPolicy, PropagationSpec

SELECTOR = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
AGGREGATED = {"replicaSchedulingType": "Divided", "replicaDivisionPreference": "Aggregated"}
DYNAMIC = {
    "replicaSchedulingType": "Divided",
    "weightPreference": {"dynamicWeight": "AvailableReplicas"},
}


def rejections(spec: dict[str, Any], *, namespace: str = "shop") -> list[tuple[str, str]]:
    decoded = decode({"resourceSelectors": [SELECTOR], **spec}, PropagationSpec, at="spec")
    assert decoded.value is not None, decoded.problems
    policy = PropagationPolicy(name="p", namespace=namespace, spec=decoded.value)
    problems = policies([policy], []).rejected.get(policy.key, ())
    return [(problem.field, problem.message) for problem in problems]


def placed(**placement: Any) -> dict[str, Any]:
    return {"placement": placement}


def term(name: str, **rest: Any) -> dict[str, Any]:
    return {"affinityName": name, "clusterNames": ["m1"], **rest}


def fields(key: str, operator: str) -> dict[str, Any]:
    return {"fieldSelector": {"matchExpressions": [{"key": key, "operator": operator}]}}


def overflowing(*tiers: dict[str, Any], **group: Any) -> dict[str, Any]:
    group = {"affinityName": "a", "clusterNames": ["m1"], "overflowAffinities": tiers, **group}
    return placed(clusterAffinities=[group], replicaScheduling=AGGREGATED)


def spread(*constraints: dict[str, Any]) -> dict[str, Any]:
    return placed(spreadConstraints=constraints)


def by(field: str, **rest: Any) -> dict[str, Any]:
    return {"spreadByField": field, "maxGroups": 2, **rest}


def application(**rest: Any) -> dict[str, Any]:
    return {
        "propagateDeps": True,
        "failover": {"application": {"decisionConditions": {}, **rest}},
    }


def preserving(label: str) -> dict[str, Any]:
    return {"statePreservation": {"rules": [{"aliasLabelName": label, "jsonPath": "{.x}"}]}}


P = "spec.placement"
APPLICATION = "spec.failover.application"

REJECTED: dict[str, tuple[dict[str, Any], str, str]] = {
    "1-both-affinities": (
        placed(clusterAffinity={}, clusterAffinities=[term("a")]),
        P,
        "clusterAffinity and clusterAffinities cannot both be set",
    ),
    "2-overflow-when-duplicated": (
        placed(clusterAffinities=[term("a", overflowAffinities=[term("b")])]),
        f"{P}.clusterAffinities[0].overflowAffinities",
        "overflow needs replicas that are divided by what clusters have free",
    ),
    "2-overflow-with-static-weights": (
        {
            "placement": {
                "clusterAffinities": [term("z"), term("a", overflowAffinities=[term("b")])],
                "replicaScheduling": {},
            }
        },
        f"{P}.clusterAffinities[1].overflowAffinities",
        "overflow needs replicas that are divided by what clusters have free",
    ),
    "3-field-key": (
        placed(clusterAffinity=fields("country", "In")),
        f"{P}.clusterAffinity.fieldSelector.matchExpressions[0].key",
        'no field selector knows the key "country"',
    ),
    "3-field-operator": (
        placed(clusterAffinity=fields("zone", "Exists")),
        f"{P}.clusterAffinity.fieldSelector.matchExpressions[0].operator",
        'no field selector knows the operator "Exists"',
    ),
    "4-affinity-name": (
        placed(clusterAffinities=[term("a"), term("-b")]),
        f"{P}.clusterAffinities[1].affinityName",
        (
            "the name part must consist of letters, digits, '-', '_' or '.', "
            "and start and end with a letter or digit"
        ),
    ),
    "5-affinity-name-twice": (
        placed(clusterAffinities=[term("a"), term("b"), term("a")]),
        f"{P}.clusterAffinities[2].affinityName",
        'clusterAffinities[0] is already called "a"',
    ),
    "6-field-selector-of-a-term": (
        placed(clusterAffinities=[term("a", **fields("region", "Gt"))]),
        f"{P}.clusterAffinities[0].fieldSelector.matchExpressions[0].operator",
        'no field selector knows the operator "Gt"',
    ),
    "7-overflow-without-a-first-tier": (
        overflowing(term("b"), clusterNames=[]),
        f"{P}.clusterAffinities[0].overflowAffinities",
        "overflow needs a first tier: the group itself selects no clusters",
    ),
    "8-overflow-name": (
        overflowing(term("b/c/d")),
        f"{P}.clusterAffinities[0].overflowAffinities[0].affinityName",
        "must have at most one '/'",
    ),
    "9-overflow-called-as-its-group": (
        overflowing(term("a")),
        f"{P}.clusterAffinities[0].overflowAffinities[0].affinityName",
        'the group or a tier before is already called "a"',
    ),
    "9-overflow-called-as-another": (
        overflowing(term("b"), term("b")),
        f"{P}.clusterAffinities[0].overflowAffinities[1].affinityName",
        'the group or a tier before is already called "b"',
    ),
    "10-field-selector-of-overflow": (
        overflowing(term("b", **fields("name", "In"))),
        f"{P}.clusterAffinities[0].overflowAffinities[0].fieldSelector.matchExpressions[0].key",
        'no field selector knows the key "name"',
    ),
    "11-field-and-label": (
        spread(by("cluster", spreadByLabel="env")),
        f"{P}.spreadConstraints[0].spreadByLabel",
        "spreadByField and spreadByLabel cannot both be set",
    ),
    "12-negative-min": (
        spread(by("cluster", minGroups=-1)),
        f"{P}.spreadConstraints[0].minGroups",
        "minGroups cannot be negative",
    ),
    "13-negative-max": (
        spread(by("cluster", maxGroups=-1)),
        f"{P}.spreadConstraints[0].maxGroups",
        "maxGroups cannot be negative",
    ),
    "14-max-below-min": (
        spread(by("cluster", minGroups=3)),
        f"{P}.spreadConstraints[0].maxGroups",
        "maxGroups 2 is lower than minGroups 3",
    ),
    "15-a-field-thrice-is-said-once": (
        spread(by("cluster"), by("cluster"), by("cluster")),
        f"{P}.spreadConstraints[1].spreadByField",
        "there is a constraint for cluster already",
    ),
    "15-the-default-field-counts": (
        spread(by("cluster"), {"maxGroups": 2}),
        f"{P}.spreadConstraints[1].spreadByField",
        "there is a constraint for cluster already",
    ),
    "16-no-constraint-for-cluster": (
        spread(by("region"), by("zone")),
        f"{P}.spreadConstraints",
        "spreading by region and zone needs a constraint for cluster too",
    ),
    "17-workload-affinity-key": (
        placed(workloadAffinity={"affinity": {"groupByLabelKey": "/x"}}),
        f"{P}.workloadAffinity.affinity.groupByLabelKey",
        "the prefix before '/' must not be empty",
    ),
    "17-workload-anti-affinity-key": (
        placed(workloadAffinity={"antiAffinity": {"groupByLabelKey": ""}}),
        f"{P}.workloadAffinity.antiAffinity.groupByLabelKey",
        "the name part must not be empty",
    ),
    "18-both-by-one-label": (
        placed(
            workloadAffinity={
                "affinity": {"groupByLabelKey": "app"},
                "antiAffinity": {"groupByLabelKey": "app"},
            }
        ),
        f"{P}.workloadAffinity",
        "affinity and antiAffinity cannot group by the same label",
    ),
    "19-toleration-operator": (
        placed(clusterTolerations=[{"operator": "Exists"}, {"key": "load", "operator": "Lt"}]),
        f"{P}.clusterTolerations[1].operator",
        "cluster taints cannot be compared with Lt",
    ),
    "20-failover-without-dependencies": (
        {"failover": {"application": {"decisionConditions": {}}}},
        "spec.propagateDeps",
        "an application that fails over must take its dependencies along",
    ),
    "21-toleration-seconds": (
        application(decisionConditions={"tolerationSeconds": -1}),
        f"{APPLICATION}.decisionConditions.tolerationSeconds",
        "tolerationSeconds cannot be negative",
    ),
    "22-grace-period-for-nothing": (
        application(purgeMode="Never", gracePeriodSeconds=5),
        f"{APPLICATION}.gracePeriodSeconds",
        "there is no grace period when purgeMode is Never",
    ),
    "24-grace-period-of-zero": (
        application(gracePeriodSeconds=0),
        f"{APPLICATION}.gracePeriodSeconds",
        "gracePeriodSeconds must be greater than 0",
    ),
    "25-label-of-application-state": (
        application(**preserving("bad label")),
        f"{APPLICATION}.statePreservation.rules[0].aliasLabelName",
        (
            "the name part must consist of letters, digits, '-', '_' or '.', "
            "and start and end with a letter or digit"
        ),
    ),
    "25-label-of-cluster-state": (
        {"failover": {"cluster": preserving("UPPER/x")}},
        "spec.failover.cluster.statePreservation.rules[0].aliasLabelName",
        "the prefix before '/' must be a lower-case DNS subdomain such as example.com",
    ),
    "26-selector-of-another-namespace": (
        {"resourceSelectors": [SELECTOR, {**SELECTOR, "namespace": "bank"}]},
        "spec.resourceSelectors[1].namespace",
        'selects namespace "bank", but the policy is in "shop"',
    ),
    "27-preemption-without-a-name": (
        {
            "preemption": "Always",
            "resourceSelectors": [SELECTOR, {"apiVersion": "v1", "kind": "Secret"}],
        },
        "spec.resourceSelectors[1].name",
        "a policy with preemption: Always must name what it takes from other policies",
    ),
    "28-suspended-twice": (
        {"suspension": {"dispatching": True, "dispatchingOnClusters": {"clusterNames": ["m1"]}}},
        "spec.suspension",
        "dispatching: true suspends every cluster, so dispatchingOnClusters cannot be set too",
    ),
}

ADMITTED: dict[str, dict[str, Any]] = {
    "0-nothing-said": {},
    "1-an-empty-list-is-no-list": placed(clusterAffinity={}, clusterAffinities=[]),
    "2-overflow-when-aggregated": overflowing(term("b"), term("c")),
    "2-overflow-with-dynamic-weight": placed(
        clusterAffinities=[term("a", overflowAffinities=[term("b")])], replicaScheduling=DYNAMIC
    ),
    "2-an-empty-overflow-is-none": placed(clusterAffinities=[term("a", overflowAffinities=[])]),
    "3-known-fields": placed(clusterAffinity=fields("provider", "NotIn")),
    "3-a-bad-label-selector-never-matches": placed(
        clusterAffinity={"labelSelector": {"matchLabels": {"a b": "c"}}}
    ),
    "3-field-selectors-of-weights-are-not-looked-at": placed(
        replicaScheduling={
            "weightPreference": {
                "staticWeightList": [{"targetCluster": fields("country", "Gt"), "weight": 1}]
            }
        }
    ),
    "4-a-label-key-with-prefix": placed(clusterAffinities=[term("example.com/a")]),
    "7-exclude-is-a-first-tier": overflowing(term("b"), clusterNames=[], exclude=["m2"]),
    "11-label-alone": spread({"spreadByLabel": "env"}),
    "14-no-max-at-all": spread({"spreadByField": "cluster", "minGroups": 3}),
    "14-max-as-min": spread(by("cluster", minGroups=2)),
    "16-region-and-cluster": spread(by("region"), by("cluster")),
    "18-two-labels": placed(
        workloadAffinity={
            "affinity": {"groupByLabelKey": "app"},
            "antiAffinity": {"groupByLabelKey": "team"},
        }
    ),
    "19-unknown-operators-only-never-match": placed(clusterTolerations=[{"operator": "Foo"}]),
    "20-cluster-failover-needs-no-dependencies": {"failover": {"cluster": {}}},
    "20-service-imports-bring-dependencies": {
        "resourceSelectors": [
            {"apiVersion": "multicluster.x-k8s.io/v1alpha1", "kind": "ServiceImport"}
        ],
        "failover": {"application": {"decisionConditions": {}}},
    },
    "21-toleration-of-zero": application(decisionConditions={"tolerationSeconds": 0}),
    "22-grace-period-when-graceful": application(purgeMode="Gracefully", gracePeriodSeconds=5),
    "22-no-grace-period-when-direct": application(purgeMode="Directly"),
    "23-grace-period-is-filled-in": application(),
    "25-a-label-key": application(**preserving("app.io/state")),
    "27-preemption-with-a-name": {"preemption": "Always"},
    "28-an-empty-list-of-clusters": {
        "suspension": {"dispatching": True, "dispatchingOnClusters": {"clusterNames": []}}
    },
    "28-some-clusters-only": {"suspension": {"dispatchingOnClusters": {"clusterNames": ["m1"]}}},
}


@pytest.mark.parametrize(("spec", "field", "message"), REJECTED.values(), ids=REJECTED.keys())
def test_rejects(spec: dict[str, Any], field: str, message: str) -> None:
    assert rejections(spec) == [(field, message)]


@pytest.mark.parametrize("spec", ADMITTED.values(), ids=ADMITTED.keys())
def test_admits(spec: dict[str, Any]) -> None:
    assert rejections(spec) == []


def test_fields_are_paths_that_can_be_found_in_the_document() -> None:
    for _, field, _ in REJECTED.values():
        assert format_path(parse_path(field)) == field


def test_a_cluster_wide_policy_selects_in_any_namespace() -> None:
    spec = {"resourceSelectors": [{**SELECTOR, "namespace": "bank"}, SELECTOR]}

    assert rejections(spec, namespace="") == []


def test_all_violations_come_together() -> None:
    spec = {
        **placed(spreadConstraints=[by("region", minGroups=-1, maxGroups=-2)]),
        **application(
            purgeMode="Directly", gracePeriodSeconds=0, decisionConditions={"tolerationSeconds": -1}
        ),
    }

    assert [field for field, _ in rejections(spec)] == [
        f"{P}.spreadConstraints[0].minGroups",
        f"{P}.spreadConstraints[0].maxGroups",
        f"{P}.spreadConstraints",
        f"{APPLICATION}.decisionConditions.tolerationSeconds",
        f"{APPLICATION}.gracePeriodSeconds",
        f"{APPLICATION}.gracePeriodSeconds",
    ]
