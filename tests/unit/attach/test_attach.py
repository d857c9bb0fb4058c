"""Which dependencies go where, after Karmada's dependencies_distributor_test.go."""

from collections.abc import Mapping
from typing import Any

import pytest

from armada_render import attach
from armada_render.interpret import Interpreter
from armada_render.model.binding import (
    BindingSnapshot,
    ResourceBinding,
    TargetCluster,
    binding_name,
)
from armada_render.model.fleet import Customization
from armada_render.model.policy import ConflictResolution, PropagationPolicy, PropagationSpec
from armada_render.model.resource import ObjectReference, ResourceTemplate

CLUSTERS = (TargetCluster("eu", 2), TargetCluster("us", 1))


def template(
    kind: str,
    name: str,
    spec: object = None,
    namespace: str = "team-a",
    labels: Mapping[str, str] | None = None,
) -> ResourceTemplate:
    groups = {"Deployment": "apps/v1", "EndpointSlice": "discovery.k8s.io/v1"}
    groups["ServiceImport"] = "multicluster.x-k8s.io/v1alpha1"
    api_version = groups.get(kind, "v1")
    metadata: dict[str, Any] = {"name": name, "namespace": namespace, "labels": labels or {}}
    return ResourceTemplate(
        ref=ObjectReference(api_version, kind, namespace, name),
        manifest={
            "apiVersion": api_version,
            "kind": kind,
            "metadata": metadata,
            "spec": spec,
        },
    )


def deployment(name: str, *config_maps: str, namespace: str = "team-a") -> ResourceTemplate:
    volumes = [{"name": one, "configMap": {"name": one}} for one in config_maps]
    spec = {"template": {"spec": {"volumes": volumes}}}
    return template("Deployment", name, spec, namespace)


def bound(item: ResourceTemplate, **fields: Any) -> ResourceBinding:
    defaults: dict[str, Any] = {
        "template": item,
        "namespace": item.ref.namespace,
        "name": binding_name(item.ref.kind, item.ref.name),
        "propagate_deps": True,
        "clusters": CLUSTERS,
    }
    return ResourceBinding(**(defaults | fields))


def snapshot(name: str, clusters: tuple[TargetCluster, ...] = CLUSTERS) -> BindingSnapshot:
    return BindingSnapshot(namespace="team-a", name=name, clusters=clusters)


CONFIG = template("ConfigMap", "config")


def attached(
    *bindings: ResourceBinding, templates: tuple[ResourceTemplate, ...]
) -> attach.Attached:
    everything = (*(one.template for one in bindings), *templates)
    return attach.dependencies(bindings, everything, Interpreter())


def test_a_dependency_without_a_policy_gets_a_binding_that_follows_its_referrer() -> None:
    result = attached(bound(deployment("web", "config")), templates=(CONFIG,))
    _, new = result.bindings
    assert (new.namespace, new.name, new.template) == ("team-a", "config-configmap", CONFIG)
    assert new.policy is None
    assert new.placement is None
    assert new.clusters == ()
    assert new.targets == CLUSTERS
    assert new.required_by == (snapshot("web-deployment"),)
    assert not new.propagate_deps
    assert not new.is_workload
    assert result.errors == ()
    assert result.missing == ()


def test_referrers_share_the_binding_of_their_dependency() -> None:
    only_us = (TargetCluster("us", 5),)
    web = bound(deployment("web", "config"))
    api = bound(
        deployment("api", "config"),
        clusters=only_us,
        conflict_resolution=ConflictResolution.OVERWRITE,
        preserve_resources_on_deletion=True,
    )
    new = attached(web, api, templates=(CONFIG,)).bindings[-1]
    assert new.required_by == (snapshot("api-deployment", only_us), snapshot("web-deployment"))
    assert new.conflict_resolution is ConflictResolution.OVERWRITE
    assert new.preserve_resources_on_deletion


def test_a_dependency_with_a_policy_of_its_own_only_gains_referrers() -> None:
    own = bound(
        CONFIG,
        clusters=(TargetCluster("asia"),),
        conflict_resolution=ConflictResolution.ABORT,
        scheduler_name="other",
    )
    web = bound(deployment("web", "config"), conflict_resolution=ConflictResolution.OVERWRITE)
    first, second = attached(own, web, templates=()).bindings
    assert first.required_by == (snapshot("web-deployment"),)
    assert first.clusters == (TargetCluster("asia"),)
    assert [target.name for target in first.targets] == ["asia", "eu", "us"]
    assert first.conflict_resolution is ConflictResolution.ABORT
    assert first.scheduler_name == "other"
    assert second is web


@pytest.mark.parametrize("fields", [{"propagate_deps": False}, {"clusters": ()}, {"namespace": ""}])
def test_only_scheduled_namespaced_referrers_take_dependencies_along(
    fields: dict[str, Any],
) -> None:
    web = bound(deployment("web", "config"), **fields)
    assert attached(web, templates=(CONFIG,)).bindings == (web,)


def test_a_missing_dependency_is_reported() -> None:
    web = bound(deployment("web", "config", "other"))
    result = attached(web, templates=(CONFIG,))
    ((referrer, dependency),) = result.missing
    assert referrer == web.ref
    assert (dependency.kind, dependency.name) == ("ConfigMap", "other")
    assert len(result.bindings) == 2


def test_dependencies_of_dependencies_stay_behind() -> None:
    spec = {"volumes": [{"name": "v", "configMap": {"name": "config"}}]}
    inner = template("Pod", "inner", spec)
    result = attached(bound(inner, propagate_deps=False), templates=(CONFIG,))
    assert len(result.bindings) == 1


def test_a_label_selector_attaches_all_that_it_selects() -> None:
    service = "kubernetes.io/service-name"
    slices = tuple(
        template("EndpointSlice", name, namespace=namespace, labels={service: value})
        for name, namespace, value in (
            ("b", "team-a", "derived-app"),
            ("a", "team-a", "derived-app"),
            ("c", "team-a", "derived-other"),
            ("d", "team-b", "derived-app"),
        )
    )
    derived = template("Service", "derived-app")
    result = attached(bound(template("ServiceImport", "app")), templates=(*slices, derived))
    assert [one.name for one in result.bindings[1:]] == [
        "a-endpointslice",
        "b-endpointslice",
        "derived-app-service",
    ]
    nothing = attached(bound(template("ServiceImport", "app")), templates=(derived,))
    assert len(nothing.bindings) == 2
    assert nothing.missing == ()


def test_what_cannot_be_interpreted_fails_alone() -> None:
    broken = template("Deployment", "broken", {"template": {"spec": {"volumes": 1}}})
    result = attached(bound(broken), bound(deployment("web", "config")), templates=(CONFIG,))
    (error,) = result.errors
    assert (error.stage, error.ref) == ("dependencies", broken.ref)
    assert "spec.template.spec.volumes" in error.message
    assert len(result.bindings) == 3


def test_two_objects_cannot_share_the_name_of_a_binding() -> None:
    own = bound(template("ConfigMap", "CONFIG"))
    web = bound(deployment("web", "config"))
    result = attached(own, web, templates=(CONFIG,))
    (error,) = result.errors
    assert error.ref == web.ref
    assert "belongs to v1/ConfigMap/team-a/CONFIG" in error.message
    assert result.bindings[0].required_by == ()


def test_referrers_of_other_namespaces_have_bindings_of_their_own() -> None:
    apps = ("team-a", "team-b")
    config_maps = tuple(template("ConfigMap", "config", namespace=namespace) for namespace in apps)
    referrers = [bound(deployment("web", "config", namespace=namespace)) for namespace in apps]
    result = attached(*referrers, templates=config_maps)
    assert [(one.namespace, one.ref.namespace) for one in result.bindings[2:]] == [
        ("team-a", "team-a"),
        ("team-b", "team-b"),
    ]


def test_a_selector_without_namespace_selects_everywhere_and_nothing_is_attached_twice() -> None:
    script = """
    function GetDependencies(obj)
      local selector = {matchLabels = {app = "web"}}
      return {
        {apiVersion = "v1", kind = "ConfigMap", namespace = "team-a", name = "config"},
        {apiVersion = "v1", kind = "ConfigMap", labelSelector = selector},
      }
    end
    """
    customization = Customization(
        name="mine",
        api_version="apps/v1",
        kind="Deployment",
        scripts={"dependencyInterpretation": script},
    )
    labels = {"app": "web"}
    config_maps = (
        template("ConfigMap", "config", labels=labels),
        template("ConfigMap", "far", namespace="team-b", labels=labels),
    )
    web = bound(deployment("web"))
    result = attach.dependencies([web], config_maps, Interpreter([customization]))
    assert [(one.namespace, one.ref.namespace, one.name) for one in result.bindings[1:]] == [
        ("team-a", "team-a", "config-configmap"),
        ("team-a", "team-b", "far-configmap"),
    ]
    for one in result.bindings[1:]:
        assert one.required_by == (snapshot("web-deployment"),)


def test_scripts_find_the_claim_of_the_policy() -> None:
    script = """
    function GetDependencies(obj)
      if obj.metadata.annotations["propagationpolicy.karmada.io/name"] ~= "p" then return {} end
      return {{apiVersion = "v1", kind = "ConfigMap", namespace = "team-a", name = "config"}}
    end
    """
    customization = Customization(
        name="mine",
        api_version="apps/v1",
        kind="Deployment",
        scripts={"dependencyInterpretation": script},
    )
    claiming = PropagationPolicy(
        name="p", namespace="team-a", spec=PropagationSpec(resource_selectors=())
    )
    web = bound(deployment("web"), policy=claiming)
    result = attach.dependencies([web], (CONFIG,), Interpreter([customization]))
    assert [one.name for one in result.bindings] == ["web-deployment", "config-configmap"]
