"""Which policy takes which object (pkg/detector, pkg/util/selector.go)."""

from collections.abc import Iterable
from typing import Any

import pytest

from armada_render import admit, match
from armada_render.interpret import Interpreter
from armada_render.load import from_objects
from armada_render.match import Matched
from armada_render.model.binding import PreviousBinding, TargetCluster
from tests.support.objects import Object, config_map, deployment, override, policy, selector


def _bind(*objects: Object) -> Matched:
    fleet = from_objects(objects)
    assert fleet.problems == ()
    admitted = admit.policies(fleet.propagation_policies, fleet.override_policies)
    assert admitted.rejected == {}
    return match.bind(
        fleet.templates,
        admitted.propagation,
        admitted.overrides,
        Interpreter(fleet.customizations),
        fleet.previous_bindings,
    )


def _winners(*objects: Object) -> dict[str, str]:
    return {
        item.ref.name: item.policy.key if item.policy else "" for item in _bind(*objects).bindings
    }


def _labelled(**labels: str) -> Object:
    return selector("ConfigMap", labelSelector={"matchLabels": labels})


def test_a_binding_carries_what_its_policy_says() -> None:
    (binding,) = _bind(
        deployment("web", 3),
        policy(
            "p",
            selector("Deployment"),
            propagateDeps=True,
            conflictResolution="Overwrite",
            preserveResourcesOnDeletion=True,
            schedulerName="other",
        ),
    ).bindings
    assert (binding.namespace, binding.name) == ("default", "web-deployment")
    assert binding.replicas == 3
    assert binding.is_workload
    assert binding.propagate_deps
    assert binding.preserve_resources_on_deletion
    assert str(binding.conflict_resolution) == "Overwrite"
    assert binding.scheduler_name == "other"
    assert binding.policy is not None
    assert binding.placement is binding.policy.spec.placement
    assert binding.clusters == ()


def test_what_is_no_workload_has_no_replicas() -> None:
    (binding,) = _bind(config_map("a"), policy("p")).bindings
    assert (binding.replicas, binding.requirements, binding.is_workload) == (0, None, False)


def test_scripts_find_the_claim_of_the_policy() -> None:
    # ApplyPolicy in pkg/detector/detector.go claims the template, then interprets it.
    script = """
    function GetReplicas(obj)
      local count = 0
      for _ in pairs(obj.metadata.annotations) do count = count + 1 end
      if obj.metadata.labels.size == nil then return count, nil end
      return 100, nil
    end
    """
    customization = {
        "apiVersion": "config.karmada.io/v1alpha1",
        "kind": "ResourceInterpreterCustomization",
        "metadata": {"name": "counts"},
        "spec": {
            "target": {"apiVersion": "v1", "kind": "ConfigMap"},
            "customizations": {"replicaResource": {"luaScript": script}},
        },
    }
    (binding,) = _bind(config_map("a"), policy("p"), customization).bindings
    assert binding.replicas == 2
    assert "annotations" not in binding.template.manifest["metadata"]


def test_labels_that_are_no_strings_do_not_keep_a_workload_from_being_read() -> None:
    web = deployment("web", 3)
    web["metadata"]["labels"] = {"app": False}
    (binding,) = _bind(web, policy("p", selector("Deployment"))).bindings
    assert binding.replicas == 3


def test_a_previous_binding_is_found_by_its_resource() -> None:
    previous = {
        "apiVersion": "work.karmada.io/v1alpha2",
        "kind": "ResourceBinding",
        "metadata": {"name": "any", "namespace": "default"},
        "spec": {
            "resource": {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "namespace": "default",
                "name": "a",
            },
            "clusters": [{"name": "m1"}],
        },
    }
    first, second = _bind(config_map("a"), config_map("b"), policy("p"), previous).bindings
    assert isinstance(first.previous, PreviousBinding)
    assert first.previous.clusters == (TargetCluster("m1"),)
    assert second.previous is None


@pytest.mark.parametrize(
    ("policies", "winner"),
    [
        pytest.param([policy("b"), policy("a")], "PropagationPolicy/default/a", id="name"),
        pytest.param(
            [policy("a"), policy("b", _labelled(env="x"))],
            "PropagationPolicy/default/b",
            id="label before kind",
        ),
        pytest.param(
            [policy("a", _labelled(env="x")), policy("b", selector("ConfigMap", name="m"))],
            "PropagationPolicy/default/b",
            id="name before label",
        ),
        pytest.param(
            [policy("a", selector("ConfigMap", name="m")), policy("b", priority=1)],
            "PropagationPolicy/default/b",
            id="priority before closeness",
        ),
        pytest.param(
            [policy("b"), policy("a", namespace="", priority=9)],
            "PropagationPolicy/default/b",
            id="namespaced before cluster-wide",
        ),
        pytest.param(
            [policy("p", namespace="other"), policy("c", namespace="")],
            "ClusterPropagationPolicy//c",
            id="own namespace only",
        ),
        pytest.param(
            [policy("a", _labelled(env="y")), policy("c", namespace="")],
            "ClusterPropagationPolicy//c",
            id="cluster-wide when none in the namespace fits",
        ),
    ],
)
def test_the_best_policy_takes_an_object(policies: list[Object], winner: str) -> None:
    assert _winners(config_map("m", labels={"env": "x"}), *policies) == {"m": winner}
    assert _winners(*reversed(policies), config_map("m", labels={"env": "x"})) == {"m": winner}


def test_the_closest_of_several_selectors_counts() -> None:
    both = policy("b", selector("ConfigMap"), selector("ConfigMap", name="m"))
    assert _winners(config_map("m"), policy("a", _labelled()), both) == {
        "m": "PropagationPolicy/default/b"
    }


def test_policies_that_lost_are_remembered_with_the_reason() -> None:
    (binding,) = _bind(
        config_map("m", labels={"env": "x"}),
        policy("best", _labelled(env="x"), priority=5),
        policy("equal", _labelled(env="x"), priority=5),
        policy("far", priority=5),
        policy("low"),
        policy("wide", namespace=""),
    ).bindings
    assert [
        (item.policy.rpartition("/")[2], item.won, item.reason) for item in binding.verdicts
    ] == [
        ("best", True, ""),
        ("equal", False, "PropagationPolicy/default/best is equal and comes first by name"),
        ("far", False, "PropagationPolicy/default/best selects it more closely, by label"),
        ("low", False, "PropagationPolicy/default/best has the higher priority 5"),
        ("wide", False, "PropagationPolicy/default/best is namespaced and goes first"),
    ]


def test_what_no_policy_selects_has_no_binding() -> None:
    matched = _bind(config_map("a"), policy("p", selector("ConfigMap", name="b")))
    assert (matched.bindings, matched.errors, matched.passed_over) == ((), (), {})


def test_a_cluster_scoped_object_meets_cluster_wide_policies_only() -> None:
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "r"},
    }
    assert _winners(role, policy("a", selector("ClusterRole"))) == {}
    assert _winners(role, policy("a", selector("ClusterRole"), namespace="")) == {
        "r": "ClusterPropagationPolicy//a"
    }


def _of(api_version: str, kind: str, **metadata: Any) -> Object:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": "x", **metadata}}


def _claimed(owner: str) -> dict[str, Any]:
    return {"labels": {"resourcetemplate.karmada.io/claimed-by": owner}}


@pytest.mark.parametrize(
    "given",
    [
        _of("policy.karmada.io/v1alpha1", "FederatedResourceQuota"),
        _of("apps.karmada.io/v1alpha1", "WorkloadRebalancer"),
        _of("events.k8s.io/v1", "Event"),
        _of("v1", "Event"),
        _of("coordination.k8s.io/v1", "Lease"),
        _of("v1", "ConfigMap", namespace="karmada-system"),
        _of("v1", "ConfigMap", namespace="karmada-cluster"),
        _of("v1", "ConfigMap", namespace="karmada-es-member1"),
        _of("v1", "ConfigMap", namespace="kube-system"),
        _of("v1", "Service", **_claimed("MultiClusterService")),
    ],
)
def test_what_karmada_never_propagates_meets_no_policy(given: Object) -> None:
    kind = {"apiVersion": given["apiVersion"], "kind": given["kind"]}
    matched = _bind(given, policy("p", kind, namespace=""))
    assert matched.bindings == ()
    (why,) = matched.passed_over.values()
    assert why.startswith(("Karmada never propagates", "its label"))


@pytest.mark.parametrize(
    "given",
    [
        _of("search.karmada.io/v1alpha1", "ResourceRegistry"),
        _of("v1", "ConfigMap", namespace="karmada-systems"),
        _of("v1", "ConfigMap", namespace="kubernetes"),
        _of("v1", "Service", **_claimed("")),
    ],
)
def test_what_only_looks_like_it_is_propagated(given: Object) -> None:
    kind = {"apiVersion": given["apiVersion"], "kind": given["kind"]}
    assert list(_winners(given, policy("p", kind, namespace=""))) == ["x"]


def _exported(policy_name: str, *, namespace: str = "default", is_permanent: bool = True) -> Object:
    prefix = "propagationpolicy" if namespace else "clusterpropagationpolicy"
    annotations = {f"{prefix}.karmada.io/name": policy_name}
    if namespace:
        annotations[f"{prefix}.karmada.io/namespace"] = namespace
    labels = {f"{prefix}.karmada.io/permanent-id": "id-1"} if is_permanent else {}
    return config_map("m", annotations=annotations, labels=labels)


def test_an_exported_claim_goes_before_all_matching() -> None:
    better = policy("better", selector("ConfigMap", name="m"), priority=9)
    assert _winners(_exported("mine"), policy("mine"), better) == {
        "m": "PropagationPolicy/default/mine"
    }
    wide = policy("wide", namespace="")
    assert _winners(_exported("wide", namespace=""), wide, better) == {
        "m": "ClusterPropagationPolicy//wide"
    }


@pytest.mark.parametrize(
    "claimed",
    [_exported("gone"), _exported("mine", is_permanent=False), _exported("gone", namespace="")],
)
def test_a_claim_of_a_policy_that_is_gone_or_without_id_does_not_count(claimed: Object) -> None:
    better = policy("better", priority=9)
    assert _winners(claimed, policy("mine"), better) == {"m": "PropagationPolicy/default/better"}


def test_a_claim_whose_policy_selects_something_else_holds_the_object_back() -> None:
    other = policy("mine", selector("ConfigMap", name="other"))
    matched = _bind(_exported("mine"), other, policy("better", priority=9))
    assert matched.bindings == ()
    assert list(matched.passed_over.values()) == [
        (
            "PropagationPolicy/default/mine: "
            "the template carries its claim, but the policy no longer selects it"
        )
    ]


@pytest.mark.parametrize(
    ("namespace", "kind"), [("default", "OverridePolicy"), ("", "ClusterOverridePolicy")]
)
def test_a_policy_waits_for_the_overrides_it_depends_on(namespace: str, kind: str) -> None:
    waiting = policy("p", namespace=namespace, dependentOverrides=["here", "missing"])
    here = override("here", {}, namespace=namespace)
    elsewhere = override("missing", {}, namespace="" if namespace else "default")
    matched = _bind(config_map("a"), waiting, here, elsewhere)
    assert matched.bindings == ()
    (error,) = matched.errors
    assert (error.stage, error.ref.name, error.policy.rpartition("/")[2]) == ("match", "a", "p")
    assert error.message == (f"waits for {kind} missing (dependentOverrides), which does not exist")
    there = override("missing", {}, namespace=namespace)
    assert _winners(config_map("a"), waiting, here, there).keys() == {"a"}


def test_an_object_that_cannot_be_interpreted_is_an_error_of_its_own() -> None:
    broken = {**deployment("broken"), "spec": 3}
    matched = _bind(broken, deployment("web"), policy("p", selector("Deployment")))
    assert [item.ref.name for item in matched.bindings] == ["web"]
    assert [(error.stage, error.ref.name) for error in matched.errors] == [("match", "broken")]


def _collisions(objects: Iterable[Object]) -> tuple[list[str], list[str]]:
    matched = _bind(*objects)
    return (
        [str(item.ref) for item in matched.bindings],
        [f"{error.ref}: {error.message}" for error in matched.errors],
    )


def test_bindings_are_named_without_the_group_so_the_first_keeps_the_name() -> None:
    objects = [
        _of("serving.knative.dev/v1", "Service"),
        _of("v1", "Service"),
        policy(
            "p",
            {"apiVersion": "serving.knative.dev/v1", "kind": "Service"},
            {"apiVersion": "v1", "kind": "Service"},
        ),
    ]
    bound, errors = _collisions(objects)
    assert bound == ["serving.knative.dev/v1/Service/default/x"]
    assert errors == [
        (
            "v1/Service/default/x: its binding x-service is already that of "
            "serving.knative.dev/v1/Service/default/x: Karmada names bindings by kind and name, "
            "without the API group"
        )
    ]
    assert _collisions(reversed(objects)) == (bound, errors)
