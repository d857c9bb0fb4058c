from typing import Any

import msgspec
import pytest

from armada_render.build import namespaces, works
from armada_render.interpret import Interpreter
from armada_render.model.binding import ResourceBinding, TargetCluster
from armada_render.model.cluster import Cluster
from armada_render.model.override import OverridePolicy, OverrideSpec
from armada_render.model.resource import ObjectReference, ResourceTemplate
from armada_render.model.work import Built

CLUSTERS = (Cluster(name="m1"), Cluster(name="m2"))


def template(kind: str, name: str, namespace: str = "", **metadata: Any) -> ResourceTemplate:
    meta = {"name": name, **({"namespace": namespace} if namespace else {}), **metadata}
    manifest = {"apiVersion": "v1", "kind": kind, "metadata": meta}
    return ResourceTemplate(ref=ObjectReference("v1", kind, namespace, name), manifest=manifest)


def bound(one: ResourceTemplate, *clusters: str) -> ResourceBinding:
    return ResourceBinding(
        template=one,
        namespace=one.ref.namespace,
        name="b",
        clusters=tuple(map(TargetCluster, clusters)),
    )


def build(
    *templates: ResourceTemplate,
    bindings: tuple[ResourceBinding, ...],
    overrides: tuple[OverridePolicy, ...] = (),
) -> Built:
    done = works(bindings, overrides, CLUSTERS, Interpreter())
    return namespaces(templates, bindings, done, overrides, CLUSTERS)


def names(built: Built) -> dict[str, list[str]]:
    return {
        cluster: [work.ref.name for work in those if work.ref.kind == "Namespace"]
        for cluster, those in built.works.items()
    }


SHOP = template("Namespace", "shop")
IN_SHOP = template("ConfigMap", "c", "shop")


def test_namespace_follows_what_lives_in_it() -> None:
    built = build(SHOP, template("Namespace", "empty"), bindings=(bound(IN_SHOP, "m2"),))
    assert names(built) == {"m2": ["shop"]}
    assert built.works["m2"][-1].manifest is SHOP.manifest
    assert [work.ref.kind for work in built.works["m2"]] == ["ConfigMap", "Namespace"]


def test_namespace_that_a_policy_places_is_added_where_it_is_missing() -> None:
    bindings = (bound(IN_SHOP, "m1", "m2"), bound(SHOP, "m1"))
    assert names(build(SHOP, bindings=bindings)) == {"m1": ["shop"], "m2": ["shop"]}
    everywhere = (bound(IN_SHOP, "m1"), bound(SHOP, "m1", "m2"))
    assert names(build(SHOP, bindings=everywhere)) == {"m1": ["shop"], "m2": ["shop"]}


@pytest.mark.parametrize(
    "kept",
    [
        template("Namespace", "default"),
        template("Namespace", "karmada-system"),
        template("Namespace", "karmada-es-m1"),
        template("Namespace", "kube-public"),
        template("Namespace", "x", labels={"namespace.karmada.io/skip-auto-propagation": "True"}),
        template("Namespace", "x", deletionTimestamp="2026-01-01T00:00:00Z"),
        template("Project", "x"),
    ],
)
def test_some_namespaces_stay_where_they_are(kept: ResourceTemplate) -> None:
    inside = bound(template("ConfigMap", "c", kept.ref.name), "m1")
    assert names(build(kept, bindings=(inside,))) == {"m1": []}


def override(namespace: str, path: str) -> OverridePolicy:
    item = {"operator": "add", "path": path, "value": {"a": "1"}}
    spec = {
        "resourceSelectors": [{"apiVersion": "v1", "kind": "Namespace"}],
        "overrideRules": [{"overriders": {"plaintext": [item]}}],
    }
    return OverridePolicy(name="o", namespace=namespace, spec=msgspec.convert(spec, OverrideSpec))


def test_cluster_override_policies_act_on_namespaces() -> None:
    overrides = (override("", "/metadata/labels"), override("shop", "/metadata/x/y"))
    built = build(SHOP, bindings=(bound(IN_SHOP, "m1"),), overrides=overrides)
    assert built.works["m1"][-1].manifest["metadata"] == {"name": "shop", "labels": {"a": "1"}}
    assert built.errors == ()


def test_failing_override_is_reported() -> None:
    built = build(SHOP, bindings=(bound(IN_SHOP, "m1"),), overrides=(override("", "/x/y"),))
    assert names(built) == {"m1": []}
    assert [(str(error.ref), error.cluster) for error in built.errors] == [
        ("v1/Namespace//shop", "m1")
    ]
