"""The corners of rules that their two examples do not show."""

from typing import Any

import pytest

from armada_render.lint import Subject, lint
from armada_render.load import from_objects
from armada_render.model.result import Result
from armada_render.pipeline import RenderOptions, render
from tests.support.objects import (
    Object,
    cluster,
    config_map,
    deployment,
    override,
    policy,
    selector,
)

CLUSTERS = (cluster("one", region="east"), cluster("two", region="west"))


def _lint(*objects: Object, clusters: tuple[Object, ...] = CLUSTERS, version: str = "") -> Any:
    fleet = from_objects([*clusters, *objects])
    rendering = render(fleet, RenderOptions(trace=True))
    return list(lint(Subject(fleet, rendering, version)))


def _found(rule: str, *objects: Object, **more: Any) -> list[Result]:
    return [one for one in _lint(*objects, **more) if one.rule == rule]


def _web(name: str = "web", image: str = "nginx:1", **metadata: Any) -> Object:
    made = deployment(name, **metadata)
    made["spec"]["template"]["spec"]["containers"][0]["image"] = image
    return made


WEB = policy("web", selector("Deployment", name="web"))


def _placed(**placement: Any) -> Object:
    return policy("web", selector("Deployment", name="web"), placement=placement)


def test_a_policy_that_loses_some_objects_and_wins_others_is_not_shadowed() -> None:
    general = policy("all", selector("Deployment"))
    assert _found("policy-shadowed", _web(), _web("api"), general, WEB) == []


def test_a_cluster_wide_policy_behind_a_namespaced_one_is_no_tie() -> None:
    wide = policy("a", selector("Deployment", name="web"), namespace="")
    found = _lint(_web(), wide, WEB)
    assert [one.rule for one in found] == ["policy-shadowed"]
    assert "is namespaced and goes first" in found[0].message


def test_a_tie_is_told_once_for_two_policies() -> None:
    both = [policy(name, selector("Deployment")) for name in ("a", "b")]
    (found,) = _found("policy-tie", _web(), _web("api"), _web("db"), *both)
    assert found.resource == "PropagationPolicy/default/b"
    assert "selects Deployment api, Deployment db and Deployment web too" in found.message


def test_a_tie_alone_is_no_shadow() -> None:
    both = [policy(name, selector("Deployment")) for name in ("a", "b")]
    assert _found("policy-shadowed", _web(), *both) == []


def test_a_policy_whose_objects_fail_is_not_shadowed() -> None:
    waits = policy("a", selector("Deployment", name="web"), dependentOverrides=["gone"], priority=9)
    assert _found("policy-shadowed", _web(), waits, WEB) == []


def test_regions_are_counted_once() -> None:
    constraint = {"spreadByField": "region", "minGroups": 2, "maxGroups": 2}
    east = (cluster("one", region="east"), cluster("two", region="east"))
    placed = _placed(spreadConstraints=[constraint, {"spreadByField": "cluster", "minGroups": 2}])
    (found,) = _found("spread-unsatisfiable", _web(), placed, clusters=east)
    assert found.message == "2 regions are wanted, and 1 can be taken"
    assert _found("spread-unsatisfiable", _web(), placed) == []


def test_tainted_clusters_cannot_be_taken() -> None:
    taint = {"key": "gone", "effect": "NoSchedule"}
    tainted = (cluster("one"), cluster("two", taints=[taint]))
    constraint = {"spreadByField": "cluster", "minGroups": 2, "maxGroups": 2}
    (found,) = _found(
        "spread-unsatisfiable", _web(), _placed(spreadConstraints=[constraint]), clusters=tainted
    )
    assert found.message == "2 clusters are wanted, and 1 can be taken"
    tolerant = _placed(
        spreadConstraints=[constraint], clusterTolerations=[{"key": "gone", "operator": "Exists"}]
    )
    assert _found("spread-unsatisfiable", _web(), tolerant, clusters=tainted) == []


def test_of_several_groups_the_best_counts() -> None:
    groups = [
        {"affinityName": "small", "clusterNames": ["one"]},
        {"affinityName": "large", "clusterNames": ["one", "two"]},
    ]
    constraint = {"spreadByField": "cluster", "minGroups": 2, "maxGroups": 2}
    placed = _placed(clusterAffinities=groups, spreadConstraints=[constraint])
    assert _found("spread-unsatisfiable", _web(), placed) == []


def test_a_toleration_that_ends_asks_for_failover_too() -> None:
    ends = {"key": "x", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 60}
    only = {"clusterNames": ["one"]}
    (found,) = _found(
        "failover-without-target", _web(), _placed(clusterAffinity=only, clusterTolerations=[ends])
    )
    assert found.field == "spec.placement.clusterTolerations"
    lasts = {"key": "x", "operator": "Exists"}
    placed = _placed(clusterAffinity=only, clusterTolerations=[lasts])
    assert _found("failover-without-target", _web(), placed) == []


def test_an_override_for_where_a_failover_may_go_is_no_mistake() -> None:
    one_of_two = _placed(spreadConstraints=[{"spreadByField": "cluster", "maxGroups": 1}])
    label = {"labelsOverrider": [{"operator": "add", "value": {"a": "b"}}]}
    both = [override("a", label, clusters=["one"]), override("b", label, clusters=["two"])]
    assert _lint(_web(), one_of_two, *both) == []


def test_an_override_of_a_dependency_may_act_where_its_referrer_may_go() -> None:
    web = _web()
    web["spec"]["template"]["spec"]["volumes"] = [{"name": "v", "configMap": {"name": "s"}}]
    takes = policy("web", selector("Deployment"), propagateDeps=True)
    label = {"labelsOverrider": [{"operator": "add", "value": {"a": "b"}}]}
    assert _lint(web, config_map("s"), takes, override("o", label, clusters=["two"])) == []
    one_of_two = {"spreadConstraints": [{"spreadByField": "cluster", "maxGroups": 1}]}
    takes = policy("web", selector("Deployment"), propagateDeps=True, placement=one_of_two)
    changes = [override("o", label, clusters=[name]) for name in ("one", "two")]
    for change in changes:
        change["spec"]["resourceSelectors"] = [selector("ConfigMap", name="s")]
        assert _lint(web, config_map("s"), takes, change) == []
    only = {"clusterAffinity": {"clusterNames": ["one"]}}
    takes = policy("web", selector("Deployment"), propagateDeps=True, placement=only)
    (found,) = _found("override-without-cluster", web, config_map("s"), takes, changes[1])
    assert found.message == "is for two, where ConfigMap s can never go"


def test_an_override_that_selects_no_cluster_by_label() -> None:
    made = override("o", {"labelsOverrider": [{"operator": "add", "value": {"a": "b"}}]})
    made["spec"]["overrideRules"][0]["targetCluster"] = {
        "labelSelector": {"matchLabels": {"tier": "edge"}}
    }
    (found,) = _found("override-without-cluster", _web(), WEB, made)
    assert found.message == "matches no cluster of the inventory"


def test_an_override_that_acts_on_one_of_its_objects_is_no_vain_one() -> None:
    change = {"labelsOverrider": [{"operator": "replace", "value": {"tier": "x"}}]}
    both = policy("all", selector("Deployment"))
    labelled = _web("api", labels={"tier": "y"})
    assert _found("override-changes-nothing", _web(), labelled, both, override("o", change)) == []
    assert len(_found("override-changes-nothing", _web(), both, override("o", change))) == 1


@pytest.mark.parametrize(
    ("image", "is_moving"),
    [
        ("nginx", True),
        ("nginx:latest", True),
        ("registry:5000/team/nginx", True),
        ("registry:5000/team/nginx:1.2", False),
        ("nginx@sha256:" + "a" * 64, False),
        ("nginx:latest@sha256:" + "a" * 64, False),
        ("", False),
    ],
)
def test_images_that_name_no_version(image: str, is_moving: bool) -> None:  # noqa: FBT001
    assert bool(_found("image-latest", _web(image=image), WEB)) is is_moving


def test_an_image_that_an_override_changes_is_told_with_the_cluster() -> None:
    change = {"imageOverrider": [{"component": "Tag", "operator": "remove"}]}
    (found,) = _found("image-latest", _web(), WEB, override("o", change, clusters=["two"]))
    assert found.message == '"nginx" names no version on two, where overrides make it so'


def test_pods_of_an_owner_are_not_asked_for_a_policy() -> None:
    owned = _web("owned", ownerReferences=[{"kind": "Rollout", "name": "x"}])
    found = _found("workload-not-propagated", owned, _web("free"), _web(), WEB)
    assert [one.resource for one in found] == ["apps/v1/Deployment/default/free"]


def test_what_karmada_never_propagates_is_told_with_the_reason() -> None:
    (found,) = _found("workload-not-propagated", _web(namespace="kube-system"), _web(), WEB)
    assert "the namespace kube-system" in found.message


def test_an_api_is_an_error_only_where_it_is_gone() -> None:
    job: Object = {"apiVersion": "batch/v1beta1", "kind": "CronJob", "metadata": {"name": "x"}}
    takes = policy("jobs", {"apiVersion": "batch/v1beta1", "kind": "CronJob"})
    for version, level in (("", "warning"), ("1.24", "warning"), ("v1.25.3", "error")):
        (found,) = _found("deprecated-api", job, takes, version=version)
        assert (found.level, found.hint) == (level, "write it as batch/v1")


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ({"association": True}, "spec.association"),
    ],
)
def test_deprecated_fields_of_policies(spec: dict[str, Any], field: str) -> None:
    found = _found("deprecated-field", _web(), policy("web", selector("Deployment"), **spec))
    assert [one.field for one in found] == [field]


def test_deprecated_fields_of_workloads_and_clusters() -> None:
    web = _web(annotations={"scheduler.alpha.kubernetes.io/critical-pod": ""})
    pod = web["spec"]["template"]["spec"]
    pod["nodeSelector"] = {"beta.kubernetes.io/os": "linux"}
    pod["serviceAccount"] = "web"
    old = (cluster("one", zone="a"), cluster("two"))
    found = _found("deprecated-field", web, WEB, clusters=old)
    assert sorted(one.field for one in found) == [
        'metadata.annotations["scheduler.alpha.kubernetes.io/critical-pod"]',
        'spec.template.spec.nodeSelector["beta.kubernetes.io/os"]',
        "spec.template.spec.serviceAccount",
        "spec.zone",
    ]


@pytest.mark.parametrize(
    ("scheduling", "field"),
    [
        (
            {"replicaSchedulingType": "Duplicated", "replicaDivisionPreference": "Weighted"},
            "replicaDivisionPreference",
        ),
        (
            {
                "replicaSchedulingType": "Divided",
                "replicaDivisionPreference": "Weighted",
                "weightPreference": {
                    "dynamicWeight": "AvailableReplicas",
                    "staticWeightList": [{"targetCluster": {"clusterNames": ["one"]}, "weight": 1}],
                },
            },
            "weightPreference.staticWeightList",
        ),
    ],
)
def test_fields_that_others_make_void(scheduling: dict[str, Any], field: str) -> None:
    (found,) = _found("field-without-effect", _web(), _placed(replicaScheduling=scheduling))
    assert found.field == f"spec.placement.replicaScheduling.{field}"


def test_a_scaler_elsewhere_contests_nothing() -> None:
    scaler: Object = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web"},
        "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}},
    }
    divided = {
        "clusterAffinity": {"clusterNames": ["one"]},
        "replicaScheduling": {"replicaSchedulingType": "Divided"},
    }
    takes = policy(
        "scalers",
        {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler"},
        placement={"clusterAffinity": {"clusterNames": ["two"]}},
    )
    assert _found("replicas-contested", _web(), scaler, _placed(**divided), takes) == []
    here = policy("scalers", {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler"})
    assert len(_found("replicas-contested", _web(), scaler, _placed(**divided), here)) == 1


def test_every_warning_of_a_rendering_has_a_rule() -> None:
    """So that none is lost: the rest of lint would pass an empty id on."""
    doubtful = cluster("Odd_Name", region="a b")
    kind: Object = {
        "apiVersion": "autoscaling.karmada.io/v1alpha1",
        "kind": "FederatedHPA",
        "metadata": {"name": "x"},
    }
    old = policy("old", selector("Deployment"), failover={"cluster": {"purgeMode": "Immediately"}})
    found = _lint(_web(), kind, old, policy("idle", selector("Pod")), clusters=(doubtful,))
    assert {one.rule for one in found} >= {
        "cluster-doubtful",
        "deprecated-field",
        "no-effect-offline",
        "policy-selects-nothing",
    }
    assert "" not in {one.rule for one in found}


def test_many_that_miss_the_same_are_told_in_one_result() -> None:
    names = [f"web-{number}" for number in range(8)]
    workloads = []
    for name in names:
        made = _web(name)
        made["spec"]["template"]["metadata"] = {"labels": {"app": "web"}}
        workloads.append(made)
    service: Object = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web"},
        "spec": {"selector": {"app": "web"}},
    }
    everywhere = policy("all", selector("Deployment"))
    (found,) = _found("torn-companion", *workloads, service, everywhere)
    assert found.message == (
        "Deployment web-0, Deployment web-1, Deployment web-2 and 5 more are on one and two "
        "without Service web"
    )
    assert len(_found("torn-companion", *workloads[:5], service, everywhere)) == 5


def test_a_job_that_is_divided_runs_once_and_a_cron_job_does_not() -> None:
    for kind, count in (("Job", 0), ("CronJob", 1)):
        job: Object = {
            "apiVersion": "batch/v1",
            "kind": kind,
            "metadata": {"name": "x"},
            "spec": {"parallelism": 2, "completions": 4},
        }
        takes = policy(
            "jobs",
            {"apiVersion": "batch/v1", "kind": kind},
            placement={"replicaScheduling": {"replicaSchedulingType": "Divided"}},
        )
        assert len(_found("job-on-several-clusters", job, takes)) == count


def test_claims_of_a_stateful_set_stay_behind_too_and_read_only_ones_do_not_count() -> None:
    fails_over = {"application": {"decisionConditions": {"tolerationSeconds": 60}}}
    takes = policy(
        "all",
        selector("Deployment"),
        {"apiVersion": "apps/v1", "kind": "StatefulSet"},
        failover=fails_over,
        propagateDeps=True,
    )
    stateful = _web("db")
    stateful["kind"] = "StatefulSet"
    stateful["spec"]["volumeClaimTemplates"] = [{"metadata": {"name": "data"}}]
    reads = _web()
    claim = {"claimName": "shared", "readOnly": True}
    reads["spec"]["template"]["spec"]["volumes"] = [{"name": "v", "persistentVolumeClaim": claim}]
    (found,) = _found("failover-leaves-volume", stateful, reads, takes)
    assert (found.key, found.field) == ("data", "spec.volumeClaimTemplates[0]")


def test_weights_alone_may_choose_clusters() -> None:
    weight = {"targetCluster": {"clusterNames": ["one"]}, "weight": 1}
    scheduling = {
        "replicaSchedulingType": "Divided",
        "replicaDivisionPreference": "Weighted",
        "weightPreference": {"staticWeightList": [weight]},
    }
    assert _found("cluster-without-weight", _web(), _placed(replicaScheduling=scheduling)) == []
    both = {"clusterNames": ["one", "two"]}
    (found,) = _found(
        "cluster-without-weight",
        _web(),
        _placed(clusterAffinity=both, replicaScheduling=scheduling),
    )
    assert found.message == "two gets no weight, and so no replicas"
