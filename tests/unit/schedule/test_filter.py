from typing import Any

import pytest

from armada_render.model.binding import ConditionReason
from armada_render.model.cluster import Cluster, Taint
from armada_render.model.placement import Toleration
from armada_render.schedule.snapshot import tolerates
from tests.support.scheduling import (
    binding,
    cluster,
    evicting,
    placed,
    previous,
    reasons,
    result,
    spread,
)

GPU = {"key": "dedicated", "value": "gpu", "effect": "NoSchedule"}
DOWN = {"key": "cluster.karmada.io/not-ready", "effect": "NoExecute"}


def _in(field: str, operator: str, *values: str) -> dict[str, Any]:
    expression = {"key": field, "operator": operator, "values": values}
    return {"clusterAffinity": {"fieldSelector": {"matchExpressions": [expression]}}}


@pytest.mark.parametrize(
    ("spec", "member", "rule", "reason"),
    [
        pytest.param(
            {"clusterAffinity": {"exclude": ["m"]}},
            cluster("m"),
            "ClusterAffinity",
            "listed in exclude",
            id="exclude",
        ),
        pytest.param(
            {"clusterAffinity": {"clusterNames": ["other"]}},
            cluster("m"),
            "ClusterAffinity",
            "not listed in clusterNames",
            id="names",
        ),
        pytest.param(
            {"clusterAffinity": {"labelSelector": {"matchLabels": {"tier": "edge"}}}},
            cluster("m"),
            "ClusterAffinity",
            "label tier=edge is missing",
            id="label-missing",
        ),
        pytest.param(
            {"clusterAffinity": {"labelSelector": {"matchLabels": {"tier": "edge"}}}},
            cluster("m", labels={"tier": "core"}),
            "ClusterAffinity",
            "label tier is core, not edge",
            id="label-differs",
        ),
        pytest.param(
            {
                "clusterAffinity": {
                    "labelSelector": {
                        "matchExpressions": [
                            {"key": "tier", "operator": "NotIn", "values": ["core"]}
                        ]
                    }
                }
            },
            cluster("m", labels={"tier": "core"}),
            "ClusterAffinity",
            "label tier is core",
            id="label-not-in",
        ),
        pytest.param(
            {
                "clusterAffinity": {
                    "labelSelector": {
                        "matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]
                    }
                }
            },
            cluster("m", labels={"tier": "core"}),
            "ClusterAffinity",
            "label tier is there",
            id="label-exists",
        ),
        pytest.param(
            {"clusterAffinity": {"labelSelector": {"matchLabels": {"-": "x"}}}},
            cluster("m"),
            "ClusterAffinity",
            "labelSelector is not valid and matches nothing",
            id="label-selector-invalid",
        ),
        pytest.param(
            _in("region", "In", "eu", "us"),
            cluster("m", region="ap"),
            "ClusterAffinity",
            "fieldSelector wants region In eu, us; it is ap",
            id="field",
        ),
        pytest.param(
            _in("zone", "In", "a"),
            cluster("m"),
            "ClusterAffinity",
            "fieldSelector wants zone In a; it is not set",
            id="zone",
        ),
        pytest.param(
            {},
            cluster("m", taints=[{"key": "x", "effect": "PreferNoSchedule"}, GPU, DOWN]),
            "TaintToleration",
            "untolerated taint dedicated=gpu:NoSchedule",
            id="first-taint-that-counts",
        ),
        pytest.param(
            {"clusterTolerations": [{"key": "dedicated", "operator": "Exists"}]},
            cluster("m", taints=[GPU, DOWN]),
            "TaintToleration",
            "untolerated taint cluster.karmada.io/not-ready:NoExecute",
            id="taint-without-value",
        ),
        pytest.param(
            {},
            cluster("m", status={"apiEnablements": [{"groupVersion": "apps/v1"}]}),
            "APIEnablement",
            "it does not serve apps/v1 Deployment",
            id="api",
        ),
        pytest.param(
            {"spreadConstraints": [spread("cluster", 1, 1), spread("provider", 1, 1)]},
            cluster("m"),
            "SpreadConstraint",
            "it has no provider to spread by",
            id="provider",
        ),
        pytest.param(
            {"spreadConstraints": [spread("region", 1, 1), spread("zone", 1, 1)]},
            cluster("m", region="r"),
            "SpreadConstraint",
            "it has no zones to spread by",
            id="zones",
        ),
        pytest.param(
            {}, cluster("m", is_terminating=True), "Terminating", "it is being deleted", id="gone"
        ),
    ],
)
def test_an_unfit_cluster_is_rejected_with_the_reason(
    spec: dict[str, Any], member: Cluster, rule: str, reason: str
) -> None:
    scheduled = placed(binding(spec), [member])
    assert reasons(scheduled) == {"m": (rule, reason)}
    assert scheduled.reason == ConditionReason.NO_CLUSTER_FIT


def test_without_feasible_clusters_the_message_counts_reasons() -> None:
    spec = {"clusterAffinity": {"exclude": ["a", "b"]}}
    fleet = [
        cluster("a"),
        cluster("b"),
        cluster("c", taints=[GPU]),
        cluster("d", is_terminating=True),
    ]
    assert placed(binding(spec), fleet).message == (
        "0/4 clusters are available: "
        "1 cluster(s) had untolerated taint {dedicated=gpu:NoSchedule}, "
        "2 cluster(s) did not match the placement cluster affinity constraint."
    )


def test_without_any_cluster_the_message_says_so() -> None:
    assert placed(binding({}), []).message == "0/0 clusters are available: no cluster exists."


@pytest.mark.parametrize(
    ("toleration", "expected"),
    [
        (Toleration(), False),
        (Toleration(operator="Exists"), True),
        (Toleration(key="k", operator="Exists"), True),
        (Toleration(key="k", value="v"), True),
        (Toleration(key="k", operator="Equal", value="v"), True),
        (Toleration(key="k", value="w"), False),
        (Toleration(key="other", operator="Exists"), False),
        (Toleration(key="k", operator="Exists", effect="NoExecute"), False),
        (Toleration(key="k", operator="Exists", effect="NoSchedule"), True),
        (Toleration(key="k", operator="Exists", value="ignored"), True),
        (Toleration(key="k", operator="Lt", value="v"), False),
        (Toleration(key="k", operator="Exists", toleration_seconds=0), True),
    ],
)
def test_toleration_matches_taint(toleration: Toleration, expected: bool) -> None:  # noqa: FBT001 - a table
    assert tolerates(toleration, Taint(key="k", value="v", effect="NoSchedule")) is expected


def test_a_cluster_in_use_keeps_the_resource_despite_taint_and_missing_api() -> None:
    fleet = [cluster("a", taints=[GPU]), cluster("b", status={"apiEnablements": []})]
    assert result(placed(binding({}, before=previous({}, a=0, b=0)), fleet)) == {"a": 0, "b": 0}


def test_a_cluster_in_use_goes_when_affinity_excludes_or_eviction_bars_it() -> None:
    spec = {"clusterAffinity": {"exclude": ["a"]}}
    before = evicting(previous(spec, a=0, b=0, c=0), "b")
    scheduled = placed(binding(spec, before=before), [cluster(name) for name in "abc"])
    assert result(scheduled) == {"c": 0}
    assert reasons(scheduled)["b"] == ("ClusterEviction", "the resource is being evicted from it")
    assert scheduled.eviction_tasks == before.eviction_tasks


@pytest.mark.parametrize(
    ("replicas", "expected"), [(2, {"a": 1, "b": 1}), (0, {"a": 0})], ids=["workload", "other"]
)
def test_overflow_tiers_are_for_workloads_only(replicas: int, expected: dict[str, int]) -> None:
    spec = {
        "clusterAffinities": [
            {
                "affinityName": "g",
                "clusterNames": ["a"],
                "overflowAffinities": [{"affinityName": "o", "clusterNames": ["b"]}],
            }
        ],
        "replicaScheduling": {
            "replicaSchedulingType": "Divided",
            "replicaDivisionPreference": "Aggregated",
        },
    }
    fleet = [cluster("a", 1), cluster("b", 5), cluster("c", 5)]
    scheduled = placed(binding(spec, replicas), fleet)
    assert result(scheduled) == expected
    assert reasons(scheduled)["c"][1].startswith("not listed in clusterNames")


def test_an_unknown_api_list_serves_everything_unless_the_inventory_is_strict() -> None:
    fleet = [cluster("a")]
    assert result(placed(binding({}), fleet)) == {"a": 0}
    strict = placed(binding({}), fleet, strict_inventory=True)
    assert reasons(strict) == {"a": ("APIEnablement", "it does not serve apps/v1 Deployment")}
