"""What stands in Git becomes a fleet: sorted by kind, decoded, every problem with its place."""

from typing import Any

import pytest

from armada_render.errors import Problem
from armada_render.load import from_objects
from armada_render.model.binding import BindingSnapshot, GracefulEvictionTask, TargetCluster
from armada_render.model.cluster import Cluster
from armada_render.model.config import AppGrouping, Config
from armada_render.model.fleet import Fleet
from armada_render.model.resource import ObjectReference
from tests.support.objects import cluster, config_map, deployment, override, policy


def _refs(fleet: Fleet) -> list[str]:
    return [str(template.ref) for template in fleet.templates]


def _said(problems: tuple[Problem, ...]) -> list[tuple[str, str, str]]:
    return [(problem.resource, problem.field, problem.message) for problem in problems]


def test_each_kind_goes_where_it_belongs() -> None:
    fleet = from_objects(
        [
            config_map("b"),
            config_map("a"),
            policy("p"),
            policy("p", namespace=""),
            override("o", {}),
            override("o", {}, namespace=""),
            cluster("member1"),
            {
                "apiVersion": "config.karmada.io/v1alpha1",
                "kind": "ResourceInterpreterCustomization",
                "metadata": {"name": "c"},
                "spec": {
                    "target": {"apiVersion": "example.io/v1", "kind": "Widget"},
                    "customizations": {
                        "healthInterpretation": {"luaScript": "return true"},
                        "retention": {"luaScript": ""},
                    },
                },
            },
        ]
    )
    assert fleet.problems == ()
    assert _refs(fleet) == ["v1/ConfigMap/default/a", "v1/ConfigMap/default/b"]
    assert [item.key for item in fleet.propagation_policies] == [
        "ClusterPropagationPolicy//p",
        "PropagationPolicy/default/p",
    ]
    assert [item.key for item in fleet.override_policies] == [
        "ClusterOverridePolicy//o",
        "OverridePolicy/default/o",
    ]
    assert [item.name for item in fleet.clusters] == ["member1"]
    (customization,) = fleet.customizations
    assert (customization.api_version, customization.kind) == ("example.io/v1", "Widget")
    assert customization.scripts == {"healthInterpretation": "return true"}


def test_an_object_without_namespace_lives_in_the_default_one() -> None:
    fleet = from_objects([config_map("a"), config_map("b", namespace="shop")])
    assert [template.manifest["metadata"] for template in fleet.templates] == [
        {"name": "a", "namespace": "default"},
        {"name": "b", "namespace": "shop"},
    ]
    assert _refs(from_objects([config_map("a")], Config(namespace="team"))) == [
        "v1/ConfigMap/team/a"
    ]


def test_a_cluster_scoped_kind_loses_a_namespace() -> None:
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "reader", "namespace": "shop"},
    }
    fleet = from_objects([role])
    assert _refs(fleet) == ["rbac.authorization.k8s.io/v1/ClusterRole//reader"]
    assert fleet.templates[0].manifest["metadata"] == {"name": "reader"}
    assert role["metadata"] == {"name": "reader", "namespace": "shop"}


def test_a_definition_in_the_path_says_that_its_kind_has_no_namespace() -> None:
    widget = {"apiVersion": "example.io/v1", "kind": "Widget", "metadata": {"name": "w"}}
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.io"},
        "spec": {"group": "example.io", "scope": "Cluster", "names": {"kind": "Widget"}},
    }
    assert _refs(from_objects([widget])) == ["example.io/v1/Widget/default/w"]
    assert _refs(from_objects([widget, definition]))[1] == "example.io/v1/Widget//w"
    configured = Config(cluster_scoped=("example.io/Widget",))
    assert _refs(from_objects([widget], configured)) == ["example.io/v1/Widget//w"]


def test_policies_and_bindings_have_a_namespace_clusters_have_none() -> None:
    namespaced = policy("p")
    del namespaced["metadata"]["namespace"]
    stray = cluster("member1")
    stray["metadata"]["namespace"] = "karmada-system"
    fleet = from_objects([namespaced, stray])
    assert fleet.propagation_policies[0].key == "PropagationPolicy/default/p"
    assert [item.name for item in fleet.clusters] == ["member1"]


def test_two_objects_with_one_identity_are_a_problem() -> None:
    fleet = from_objects([config_map("a"), config_map("a", namespace="default")])
    assert _refs(fleet) == ["v1/ConfigMap/default/a"]
    assert _said(fleet.problems) == [("v1/ConfigMap/default/a", "", "defined twice")]


def test_two_versions_of_a_kind_are_two_objects() -> None:
    old = {**deployment("a"), "apiVersion": "extensions/v1beta1"}
    assert len(from_objects([old, deployment("a")]).templates) == 2


def test_a_broken_object_does_not_hide_the_others() -> None:
    fleet = from_objects([{"kind": "ConfigMap"}, config_map("a"), policy("p", placement=3)])
    assert _refs(fleet) == ["v1/ConfigMap/default/a"]
    assert _said(fleet.problems) == [("", "apiVersion", "apiVersion is missing")]
    assert {key: _said(found) for key, found in fleet.rejected.items()} == {
        "PropagationPolicy/default/p": [
            (
                "PropagationPolicy/default/p",
                "spec.placement",
                "expected an object, got a whole number",
            )
        ]
    }


def test_an_unknown_field_of_a_policy_is_a_problem_and_the_rest_is_read() -> None:
    given = policy("p", propagateDep=True)
    given["specs"] = {}
    fleet = from_objects([given])
    assert [problem.field for problem in fleet.problems] == ["specs", "spec.propagateDep"]
    assert [item.key for item in fleet.propagation_policies] == ["PropagationPolicy/default/p"]


def test_an_old_spelling_is_a_warning() -> None:
    failover = {"application": {"decisionConditions": {}, "purgeMode": "Graciously"}}
    fleet = from_objects([policy("p", failover=failover)])
    assert fleet.problems == ()
    assert [problem.field for problem in fleet.warnings] == ["spec.failover.application.purgeMode"]


def test_a_policy_without_spec_is_rejected_with_what_it_needs() -> None:
    empty = policy("p")
    empty["spec"] = None
    (problem,) = from_objects([empty]).rejected["PropagationPolicy/default/p"]
    assert (problem.field, problem.message) == (
        "spec.resourceSelectors",
        "this field is required",
    )


@pytest.mark.parametrize("part", ["spec", "status"])
def test_a_cluster_that_cannot_be_decoded_is_a_problem(part: str) -> None:
    fleet = from_objects([{**cluster("member1"), part: 3}, cluster("member2")])
    assert [item.name for item in fleet.clusters] == ["member2"]
    assert [problem.field for problem in fleet.problems] == [part]


def test_a_cluster_keeps_what_placement_reads() -> None:
    given = cluster("member1", labels={"env": "prod"}, zone="a")
    given["metadata"]["annotations"] = {"note": "x"}
    given["metadata"]["deletionTimestamp"] = "2025-03-01T10:00:00Z"
    (found,) = from_objects([given]).clusters
    assert isinstance(found, Cluster)
    assert (found.labels, found.annotations) == ({"env": "prod"}, {"note": "x"})
    assert found.is_terminating
    assert found.zones == ("a",)


def test_a_broken_customization_is_a_problem() -> None:
    broken = {
        "apiVersion": "config.karmada.io/v1alpha1",
        "kind": "ResourceInterpreterCustomization",
        "metadata": {"name": "c"},
        "spec": {"target": {"apiVersion": "v1", "kind": "Pod"}},
    }
    fleet = from_objects([broken])
    assert fleet.customizations == ()
    assert _said(fleet.problems) == [
        (
            "ResourceInterpreterCustomization//c",
            "spec.customizations",
            "this field is required",
        )
    ]


def test_interpreter_webhooks_cannot_be_called() -> None:
    hook = {
        "apiVersion": "config.karmada.io/v1alpha1",
        "kind": "ResourceInterpreterWebhookConfiguration",
        "metadata": {"name": "hook"},
    }
    fleet = from_objects([hook])
    assert [problem.message for problem in fleet.problems] == [
        "interpreter webhooks cannot be called offline"
    ]


def test_other_objects_of_karmada_are_templates() -> None:
    rebalancer = {
        "apiVersion": "apps.karmada.io/v1alpha1",
        "kind": "WorkloadRebalancer",
        "metadata": {"name": "r"},
    }
    fleet = from_objects([rebalancer])
    assert (fleet.problems, _refs(fleet)) == (
        (),
        ["apps.karmada.io/v1alpha1/WorkloadRebalancer//r"],
    )


def _binding(name: str = "web-deployment", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "work.karmada.io/v1alpha2",
        "kind": "ResourceBinding",
        "metadata": {
            "name": name,
            "namespace": "shop",
            "annotations": {"policy.karmada.io/applied-placement": "{}"},
        },
        "spec": {
            "resource": {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "namespace": "shop",
                "name": "web",
                "uid": "u-1",
            },
            **spec,
        },
        "status": {
            "schedulerObservingAffinityName": "primary",
            "lastScheduledTime": "2025-03-01T10:00:00Z",
        },
    }


def test_an_exported_binding_is_the_previous_placement() -> None:
    fleet = from_objects(
        [
            _binding(
                clusters=[{"name": "member1", "replicas": 2}],
                gracefulEvictionTasks=[{"fromCluster": "member2", "purgeMode": "Graciously"}],
                requiredBy=[{"namespace": "shop", "name": "x", "clusters": [{"name": "member3"}]}],
                rescheduleTriggeredAt="2025-03-01T10:00:01Z",
                suspension={"scheduling": True},
                replicas=2,
            )
        ]
    )
    assert fleet.problems == ()
    (previous,) = fleet.previous_bindings.values()
    assert previous.ref == ObjectReference("apps/v1", "Deployment", "shop", "web")
    assert previous.uid == "u-1"
    assert previous.clusters == (TargetCluster("member1", 2),)
    assert previous.eviction_tasks == (
        GracefulEvictionTask(from_cluster="member2", purge_mode="Gracefully"),
    )
    assert previous.required_by == (BindingSnapshot("shop", "x", (TargetCluster("member3"),)),)
    assert previous.applied_placement == "{}"
    assert previous.observed_affinity == "primary"
    assert previous.last_scheduled_time == "2025-03-01T10:00:00Z"
    assert previous.reschedule_triggered_at == "2025-03-01T10:00:01Z"
    assert previous.is_scheduling_suspended


def test_a_broken_binding_is_a_problem() -> None:
    fleet = from_objects([_binding(clusters=[{"replicas": 2}])])
    assert fleet.previous_bindings == {}
    assert [problem.field for problem in fleet.problems] == ["spec.clusters[0].name"]


def test_two_bindings_of_one_resource_are_a_problem() -> None:
    fleet = from_objects([_binding(), _binding("other")])
    assert len(fleet.previous_bindings) == 1
    assert [problem.field for problem in fleet.problems] == ["spec.resource"]


def test_the_app_label_groups_objects() -> None:
    config = Config(apps=AppGrouping(label="app"))
    fleet = from_objects(
        [config_map("a", labels={"app": "shop"}), config_map("b"), config_map("c", labels={})],
        config,
    )
    assert [template.app for template in fleet.templates] == ["shop", "default", "default"]


@pytest.mark.parametrize("value", ["../../etc", "..", "a/b", "a b"])
def test_an_app_label_that_is_no_label_value_is_refused(value: str) -> None:
    config = Config(apps=AppGrouping(label="example.io/app"))
    fleet = from_objects([config_map("a", labels={"example.io/app": value})], config)
    assert fleet.templates == ()
    assert [problem.field for problem in fleet.problems] == ['metadata.labels["example.io/app"]']
