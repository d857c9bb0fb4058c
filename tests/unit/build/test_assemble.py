from typing import Any

import msgspec
import pytest

from armada_render.build import works
from armada_render.interpret import Interpreter, InterpretError
from armada_render.model.binding import (
    BindingSnapshot,
    ReplicaRequirements,
    ResourceBinding,
    StageError,
    TargetCluster,
)
from armada_render.model.cluster import Cluster
from armada_render.model.override import OverridePolicy, OverrideSpec
from armada_render.model.policy import PropagationPolicy, PropagationSpec, Suspension
from armada_render.model.resource import Manifest, ObjectReference, ResourceTemplate
from armada_render.model.work import AppliedRule, Built

CLUSTERS = tuple(
    Cluster(name=name, labels={"tier": tier})
    for name, tier in (("m1", "edge"), ("m2", "core"), ("m3", "edge"))
)
EVERYWHERE = {"m1": 0, "m2": 0, "m3": 0}
POLICY = PropagationPolicy(
    name="p",
    namespace="ns",
    spec=msgspec.convert(
        {"resourceSelectors": [{"apiVersion": "v1", "kind": "ConfigMap"}]}, PropagationSpec
    ),
)
DIVIDED = msgspec.structs.replace(
    POLICY,
    spec=msgspec.convert(
        {
            "resourceSelectors": [{"apiVersion": "v1", "kind": "ConfigMap"}],
            "placement": {"replicaScheduling": {"replicaSchedulingType": "Divided"}},
        },
        PropagationSpec,
    ),
)


def config(name: str = "c", **metadata: Any) -> Manifest:
    meta = {"name": name, "namespace": "ns", **metadata}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {"k": "v"}}


def workload(kind: str, **spec: Any) -> Manifest:
    group = "batch/v1" if kind == "Job" else "apps/v1"
    meta = {"name": "w", "namespace": "ns"}
    return {"apiVersion": group, "kind": kind, "metadata": meta, "spec": spec}


def bound(
    manifest: Manifest,
    targets: dict[str, int] | None = None,
    *,
    policy: PropagationPolicy | None = POLICY,
    replicas: int = 0,
    required_by: tuple[BindingSnapshot, ...] = (),
    suspension: Suspension | None = None,
) -> ResourceBinding:
    meta = manifest["metadata"]
    ref = ObjectReference(
        manifest["apiVersion"], manifest["kind"], meta.get("namespace", ""), meta["name"]
    )
    return ResourceBinding(
        template=ResourceTemplate(ref=ref, manifest=manifest, app="app"),
        namespace=ref.namespace,
        name="b",
        policy=policy,
        placement=policy.spec.placement if policy else None,
        replicas=replicas,
        requirements=ReplicaRequirements() if replicas else None,
        suspension=suspension,
        clusters=tuple(TargetCluster(*item) for item in (targets or EVERYWHERE).items()),
        required_by=required_by,
    )


def override(
    name: str, *rules: dict[str, Any], namespace: str = "ns", **spec: Any
) -> OverridePolicy:
    document = {"overrideRules": rules, **spec}
    return OverridePolicy(
        name=name, namespace=namespace, spec=msgspec.convert(document, OverrideSpec)
    )


def patch(operator: str, path: str, value: Any = None, **target: Any) -> dict[str, Any]:
    item = {"operator": operator, "path": path, "value": value}
    rule: dict[str, Any] = {"overriders": {"plaintext": [item]}}
    return {**rule, "targetCluster": target} if target else rule


def build(*bindings: ResourceBinding, overrides: tuple[OverridePolicy, ...] = ()) -> Built:
    return works(bindings, overrides, CLUSTERS, Interpreter())


def manifests(built: Built) -> dict[str, list[Manifest]]:
    return {name: [work.manifest for work in those] for name, those in built.works.items()}


def test_clean_template_is_handed_on_as_it_is() -> None:
    manifest = config()
    built = build(bound(manifest))
    assert list(built.works) == ["m1", "m2", "m3"]
    assert built.works["m1"][0].manifest is manifest
    assert len({id(those[0]) for those in built.works.values()}) == 1
    assert built.errors == ()


def test_works_of_a_cluster_are_sorted_by_reference() -> None:
    built = build(bound(config("b")), bound(workload("Deployment")), bound(config("a")))
    assert [work.ref.name for work in built.works["m1"]] == ["w", "a", "b"]


def test_binding_without_clusters_gives_nothing() -> None:
    binding = msgspec.structs.replace(bound(config()), clusters=())
    built = build(binding)
    assert (built.works, built.suspended, built.errors) == ({}, {}, ())


def test_replicas_are_written_for_each_cluster() -> None:
    targets = {"m1": 2, "m2": 1, "m3": 2}
    built = build(bound(workload("Deployment", replicas=5), targets, replicas=5))
    found = {name: those[0] for name, those in built.works.items()}
    assert {name: work.manifest["spec"] for name, work in found.items()} == {
        "m1": {"replicas": 2},
        "m2": {"replicas": 1},
        "m3": {"replicas": 2},
    }
    assert found["m1"] is found["m3"]
    assert found["m1"].replicas == 2
    assert found["m1"].manifest["metadata"] == {"name": "w", "namespace": "ns"}


def test_extra_clusters_of_a_dependency_take_the_number_recorded_there() -> None:
    snapshot = BindingSnapshot("ns", "r", (TargetCluster("m1", 9), TargetCluster("m2", 4)))
    manifest = workload("Deployment", replicas=5)
    built = build(bound(manifest, {"m1": 5}, replicas=5, required_by=(snapshot,)))
    replicas = {name: those[0].manifest["spec"]["replicas"] for name, those in built.works.items()}
    assert replicas == {"m1": 5, "m2": 4}


def test_dependency_without_policy_is_copied_in_full() -> None:
    manifest = workload("Deployment", replicas=5)
    built = build(bound(manifest, {"m1": 3}, policy=None))
    assert built.works["m1"][0].manifest is manifest


@pytest.mark.parametrize(
    ("manifest", "targets", "want"),
    [
        (workload("Job", parallelism=3, completions=7), {"m1": 2, "m2": 1}, [5, 2]),
        (workload("Job", parallelism=3), {"m1": 2, "m2": 1}, [None, None]),
        (workload("Job", completions=7), {"m1": 0, "m2": 0}, [7, 7]),
        ({**workload("Job", completions=7), "apiVersion": "x.io/v1"}, {"m1": 2, "m2": 1}, [5, 2]),
        ({**workload("Job"), "spec": None}, {"m1": 2, "m2": 1}, None),
    ],
)
def test_completions_of_a_divided_job_follow_its_replicas(
    manifest: Manifest, targets: dict[str, int], want: list[int | None] | None
) -> None:
    built = build(bound(manifest, targets, policy=DIVIDED, replicas=3))
    specs = [those[0].manifest["spec"] for those in built.works.values()]
    assert [spec and spec.get("completions") for spec in specs] == (want or [None, None])


def test_completions_of_a_duplicated_job_stay() -> None:
    built = build(bound(workload("Job", completions=7), {"m1": 2, "m2": 1}, replicas=3))
    assert built.works["m1"][0].manifest["spec"] == {"completions": 7}


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"completions": "7"}, "spec.completions is a string, not an integer"),
        ({"completions": None}, "spec.completions is null"),
        ([], "spec is a list, not an object"),
    ],
)
def test_completions_that_are_no_number_fail_everywhere(spec: Any, message: str) -> None:
    manifest = {**workload("Job"), "spec": spec}
    built = build(bound(manifest, {"m1": 1, "m2": 1}, policy=DIVIDED, replicas=2))
    assert built.works == {}
    assert [error.cluster for error in built.errors] == ["m1", "m2"]
    assert message in built.errors[0].message


class OddInterpreter(Interpreter):
    """Revises anything, but drops completions, and knows no cluster with more than 8 replicas."""

    def can_revise(self, manifest: Manifest) -> bool:
        return bool(manifest)

    def revise(self, manifest: Manifest, replicas: int) -> Manifest:
        if replicas > 8:
            raise InterpretError("too many")
        return {**manifest, "spec": {"size": replicas}}


def test_failed_revision_fails_its_clusters_only() -> None:
    binding = bound(workload("Job", completions=4), {"m1": 9, "m2": 1}, policy=DIVIDED, replicas=2)
    built = works([binding], (), CLUSTERS, OddInterpreter())
    assert {name: those[0].manifest["spec"] for name, those in built.works.items()} == {
        "m2": {"size": 1}
    }
    assert [(error.cluster, error.message) for error in built.errors] == [
        ("m1", "replicas: too many")
    ]


def test_the_claim_is_there_while_overrides_run_and_not_afterwards() -> None:
    rule = patch("add", "/metadata/labels/x", "1")
    built = build(bound(config()), overrides=(override("o", rule),))
    assert built.works["m1"][0].manifest["metadata"]["labels"] == {"x": "1"}
    assert "annotations" not in built.works["m1"][0].manifest["metadata"]


def test_dependency_has_no_claim() -> None:
    rule = patch("add", "/metadata/labels/x", "1")
    built = build(bound(config(), {"m1": 0}, policy=None), overrides=(override("o", rule),))
    assert built.works == {}
    assert built.errors == (
        StageError(
            stage="work",
            ref=ObjectReference("v1", "ConfigMap", "ns", "c"),
            message='no element "labels" at /metadata/labels/x: the object has no metadata.labels',
            cluster="m1",
            policy="OverridePolicy/ns/o",
            rule="overrideRules[0].overriders.plaintext[0]",
            hint="add the parent first",
        ),
    )


def test_rules_act_on_their_clusters_and_say_so() -> None:
    built = build(
        bound(config()),
        overrides=(
            override(
                "o",
                patch("replace", "/data/k", "1", clusterNames=["m2"]),
                patch("add", "/data/e", "1", labelSelector={"matchLabels": {"tier": "edge"}}),
            ),
            override("all", patch("replace", "/data/k", "0"), namespace=""),
        ),
    )
    assert {name: those[0].manifest["data"] for name, those in built.works.items()} == {
        "m1": {"k": "0", "e": "1"},
        "m2": {"k": "1"},
        "m3": {"k": "0", "e": "1"},
    }
    assert built.works["m1"][0] is built.works["m3"][0]
    assert built.works["m2"][0].applied == (
        AppliedRule("ClusterOverridePolicy//all", 0),
        AppliedRule("OverridePolicy/ns/o", 0),
    )


def test_namespaced_policies_are_chosen_by_what_cluster_policies_leave() -> None:
    def selecting(name: str, value: str) -> OverridePolicy:
        selector = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "labelSelector": {"matchLabels": {"l": value}},
        }
        return override(name, patch("add", f"/data/{name}", "1"), resourceSelectors=[selector])

    built = build(
        bound(config(labels={"l": "1"})),
        overrides=(
            override("c", patch("replace", "/metadata/labels/l", "2"), namespace=""),
            selecting("one", "1"),
            selecting("two", "2"),
        ),
    )
    assert built.works["m1"][0].manifest["data"] == {"k": "v", "two": "1"}


def test_namespaced_policies_are_those_of_the_new_namespace() -> None:
    built = build(
        bound(config()),
        overrides=(
            override("c", patch("replace", "/metadata/namespace", "other"), namespace=""),
            override("a", patch("add", "/data/a", "1")),
            override("b", patch("add", "/data/b", "1"), namespace="other"),
        ),
    )
    (work,) = built.works["m1"]
    assert work.manifest["data"] == {"k": "v", "b": "1"}
    assert work.ref.namespace == "other"
    assert work.template == ObjectReference("v1", "ConfigMap", "ns", "c")


def test_cluster_scoped_object_gets_no_namespaced_policies() -> None:
    manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "ns"}}
    built = build(bound(manifest), overrides=(override("o", patch("remove", "/nothing")),))
    assert built.works["m1"][0].manifest is manifest


def test_overrides_have_the_last_word_on_replicas() -> None:
    built = build(
        bound(workload("Deployment", replicas=5), {"m1": 2}, replicas=5),
        overrides=(override("o", patch("replace", "/spec/replicas", 7)),),
    )
    assert built.works["m1"][0].manifest["spec"] == {"replicas": 7}


def test_failed_override_fails_its_clusters_only() -> None:
    rule = patch("remove", "/data/x", clusterNames=["m2"])
    built = build(bound(config()), overrides=(override("c", rule, namespace=""),))
    assert list(built.works) == ["m1", "m3"]
    assert [(error.cluster, error.policy) for error in built.errors] == [
        ("m2", "ClusterOverridePolicy//c")
    ]


def test_deprecated_overriders_name_their_place() -> None:
    plaintext = {"plaintext": [{"operator": "remove", "path": "/x"}]}
    old = override("o", overriders=plaintext)
    built = build(bound(config(), {"m1": 0}), overrides=(old,))
    assert built.errors[0].rule == "overriders.plaintext[0]"


def test_after_a_crash_of_upstream_later_clusters_get_nothing() -> None:
    image = {
        "component": "Tag",
        "operator": "remove",
        "predicate": {"path": "/spec/template/spec/containers/5/image"},
    }
    rule = {
        "overriders": {"imageOverrider": [image]},
        "targetCluster": {"clusterNames": ["m3"]},
    }
    failing = patch("remove", "/x", clusterNames=["m1"])
    manifest = workload("DaemonSet", template={"spec": {"containers": []}})
    built = build(bound(manifest, {"m2": 0, "m3": 0, "m1": 0}), overrides=(override("o", rule),))
    assert list(built.works) == ["m2"]
    assert [(error.cluster, error.message[:9]) for error in built.errors] == [
        ("m1", "not tried"),
        ("m3", "/spec/tem"),
    ]
    built = build(bound(manifest, {"m3": 0, "m1": 0}), overrides=(override("o", rule, failing),))
    assert [error.cluster for error in built.errors] == ["m1", "m3"]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (patch("remove", "/metadata/name"), "metadata.name is gone"),
        (patch("replace", "/metadata", []), "metadata.name is gone"),
        (patch("replace", "/apiVersion", 1), "apiVersion is gone"),
    ],
)
def test_object_must_keep_its_identity(rule: dict[str, Any], message: str) -> None:
    built = build(bound(config(), {"m1": 0}), overrides=(override("o", rule, namespace=""),))
    assert message in built.errors[0].message
    assert built.works == {}


def test_two_templates_cannot_become_the_same_object() -> None:
    rule = patch("replace", "/metadata/name", "same", clusterNames=["m1", "m2"])
    built = build(bound(config("a")), bound(config("b")), overrides=(override("o", rule),))
    assert [work.ref.name for work in built.works["m1"]] == ["same"]
    assert [work.ref.name for work in built.works["m3"]] == ["a", "b"]
    assert [(error.ref.name, error.cluster) for error in built.errors] == [("b", "m1"), ("b", "m2")]
    assert (
        built.errors[0].message == "becomes v1/ConfigMap/ns/same, as v1/ConfigMap/ns/a already does"
    )


def test_held_back_clusters_are_named_where_there_is_something_to_hold_back() -> None:
    rule = patch("remove", "/x", clusterNames=["m2"])
    suspension = msgspec.convert(
        {"dispatchingOnClusters": {"clusterNames": ["m3", "m2"]}}, Suspension
    )
    binding = bound(config(), suspension=suspension)
    built = build(binding, overrides=(override("o", rule),))
    assert built.suspended == {binding.ref: ("m3",)}
    assert list(built.works) == ["m1", "m3"]
    assert build(bound(config(), suspension=Suspension())).suspended == {}


def test_cluster_that_left_the_inventory_is_known_by_name_only() -> None:
    rules = (
        patch("add", "/data/n", "1", clusterNames=["gone"]),
        patch("add", "/data/e", "1", labelSelector={"matchLabels": {"tier": "edge"}}),
    )
    built = build(bound(config(), {"gone": 0}), overrides=(override("o", *rules),))
    assert built.works["gone"][0].manifest["data"] == {"k": "v", "n": "1"}


def test_same_input_in_another_order_gives_the_same() -> None:
    overrides = tuple(override(name, patch("replace", "/data/k", name)) for name in "cab")
    bindings = [bound(config(name)) for name in "xzy"]
    first = build(*bindings, overrides=overrides)
    second = build(*reversed(bindings), overrides=tuple(reversed(overrides)))
    assert manifests(first) == manifests(second)
    assert first.works["m1"][0].manifest["data"] == {"k": "c"}
