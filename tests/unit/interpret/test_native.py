"""Native kinds, after Karmada's tests of pkg/resourceinterpreter/default/native."""

from copy import deepcopy
from typing import Any

import pytest

from armada_render.interpret import DependentObject, Interpreter, InterpretError
from armada_render.model.selector import LabelSelector

INTERPRETER = Interpreter()
POD = {
    "containers": [{"name": "main", "envFrom": [{"configMapRef": {"name": "c"}}]}],
    "volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}],
}


BAD = {"memory": "64MI"}


def manifest(api_version: str, kind: str, **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": "app", "namespace": "team-a"},
        "spec": spec,
    }


def count(document: dict[str, Any], *, divided: bool = True) -> int | None:
    answer = INTERPRETER.replicas(document, divided=divided)
    return None if answer is None else answer[0]


def names(document: dict[str, Any]) -> list[str] | None:
    found = INTERPRETER.dependencies(document)
    return None if found is None else [f"{one.kind}/{one.namespace}/{one.name}" for one in found]


@pytest.mark.parametrize("kind", ["Deployment", "ReplicaSet", "StatefulSet"])
def test_a_workload_has_the_replicas_it_asks_for(kind: str) -> None:
    assert count(manifest("apps/v1", kind, replicas=3)) == 3
    assert count(manifest("apps/v1", kind, replicas=3.0)) == 3
    assert count(manifest("apps/v1", kind, replicas=2**32 + 5)) == 5


@pytest.mark.parametrize("kind", ["Deployment", "ReplicaSet", "StatefulSet"])
def test_absent_replicas_count_as_one_where_they_are_divided(kind: str) -> None:
    for spec in ({}, {"replicas": None}):
        assert count(manifest("apps/v1", kind, **spec)) == 1
        assert count(manifest("apps/v1", kind, **spec), divided=False) == 0


def test_a_workload_without_spec_leaves_its_replicas_open() -> None:
    for api_version, kind in (("apps/v1", "Deployment"), ("batch/v1", "Job")):
        document = manifest(api_version, kind) | {"spec": None}
        assert INTERPRETER.replicas(document) == (1, None)


@pytest.mark.parametrize(
    ("spec", "divided", "raw"),
    [
        ({}, 1, 0),
        ({"parallelism": 4}, 4, 4),
        ({"parallelism": 4, "completions": 2}, 2, 2),
        ({"parallelism": 2, "completions": 4}, 2, 2),
        ({"completions": 4}, 1, 0),
        ({"completions": 0}, 0, 0),
    ],
)
def test_a_job_runs_no_more_pods_than_completions(
    spec: dict[str, int], divided: int, raw: int
) -> None:
    assert count(manifest("batch/v1", "Job", **spec)) == divided
    assert count(manifest("batch/v1", "Job", **spec), divided=False) == raw


def test_a_pod_is_one_replica_with_the_needs_of_its_own_spec() -> None:
    document = manifest("v1", "Pod", nodeSelector={"a": "b"})
    answer = INTERPRETER.replicas(document)
    assert answer is not None
    assert answer[0] == 1
    assert answer[1] is not None


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [("apps/v1", "DaemonSet"), ("extensions/v1beta1", "Deployment"), ("v1", "ConfigMap")],
)
def test_other_kinds_and_versions_have_no_replicas(api_version: str, kind: str) -> None:
    document = manifest(api_version, kind, replicas=3)
    assert INTERPRETER.replicas(document) is None
    assert not INTERPRETER.can_revise(document)
    assert INTERPRETER.revise(document, 5) is document


@pytest.mark.parametrize("replicas", ["3", 1.5, True, {}])
def test_replicas_of_another_type_are_an_error(replicas: object) -> None:
    with pytest.raises(InterpretError, match=r"spec.replicas"):
        INTERPRETER.replicas(manifest("apps/v1", "Deployment", replicas=replicas))


def test_a_label_that_is_no_string_is_an_error() -> None:
    document = manifest("apps/v1", "Deployment", replicas=1)
    document["metadata"]["labels"] = {"version": 1}
    with pytest.raises(InterpretError, match=r"metadata.labels.*expected str, got int"):
        INTERPRETER.replicas(document)


@pytest.mark.parametrize(
    ("api_version", "kind", "field"),
    [
        ("apps/v1", "Deployment", "replicas"),
        ("apps/v1", "ReplicaSet", "replicas"),
        ("apps/v1", "StatefulSet", "replicas"),
        ("batch/v1", "Job", "parallelism"),
    ],
)
def test_a_present_number_is_revised_and_the_rest_is_shared(
    api_version: str, kind: str, field: str
) -> None:
    document = manifest(api_version, kind, **{field: 3, "template": {}})
    before = deepcopy(document)
    revised = INTERPRETER.revise(document, 7)
    assert revised["spec"] == {field: 7, "template": {}}
    assert revised["metadata"] is document["metadata"]
    assert document == before
    assert INTERPRETER.revise(document, 3) is document
    assert INTERPRETER.can_revise(document)


def test_an_absent_number_stays_absent() -> None:
    document = manifest("apps/v1", "Deployment")
    assert INTERPRETER.revise(document, 7) is document
    bare = document | {"spec": None}
    assert INTERPRETER.revise(bare, 7) is bare


@pytest.mark.parametrize("spec", [{"replicas": None}, {"replicas": 1.0}, {"replicas": "1"}, []])
def test_what_is_no_integer_cannot_be_revised(spec: object) -> None:
    with pytest.raises(InterpretError, match="spec"):
        INTERPRETER.revise(manifest("apps/v1", "Deployment") | {"spec": spec}, 7)


@pytest.mark.parametrize(
    "document",
    [
        manifest("apps/v1", "Deployment", template={"spec": POD}),
        manifest("apps/v1", "ReplicaSet", template={"spec": POD}),
        manifest("apps/v1", "DaemonSet", template={"spec": POD}),
        manifest("apps/v1", "StatefulSet", template={"spec": POD}),
        manifest("batch/v1", "Job", template={"spec": POD}),
        manifest("batch/v1", "CronJob", jobTemplate={"spec": {"template": {"spec": POD}}}),
        manifest("v1", "Pod", **POD),
    ],
    ids=lambda document: document["kind"],
)
def test_what_runs_pods_depends_on_what_they_refer_to(document: dict[str, Any]) -> None:
    assert names(document) == ["ConfigMap/team-a/c", "PersistentVolumeClaim/team-a/data"]
    assert names(document | {"spec": {}}) == []
    assert names(document | {"spec": None}) == []


def test_a_stateful_set_does_not_depend_on_the_claims_it_makes() -> None:
    claims = [{"metadata": {"name": "data"}}, None, {}]
    document = manifest(
        "apps/v1", "StatefulSet", template={"spec": POD}, volumeClaimTemplates=claims
    )
    assert names(document) == ["ConfigMap/team-a/c"]


def test_an_ingress_depends_on_its_certificates() -> None:
    tls = [{"secretName": "b"}, {"secretName": "a"}, {"secretName": "b"}]
    document = manifest("networking.k8s.io/v1", "Ingress", tls=tls)
    assert names(document) == ["Secret/team-a/a", "Secret/team-a/b"]
    assert names(document | {"spec": None}) == []


@pytest.mark.parametrize("entry", [{"hosts": ["a"]}, None])
def test_an_ingress_entry_without_a_secret_is_an_error(entry: object) -> None:
    with pytest.raises(InterpretError, match="neither a name"):
        INTERPRETER.dependencies(manifest("networking.k8s.io/v1", "Ingress", tls=[entry]))


def test_a_service_import_depends_on_the_derived_service_and_its_slices() -> None:
    document = manifest("multicluster.x-k8s.io/v1alpha1", "ServiceImport")
    assert INTERPRETER.dependencies(document) == (
        DependentObject(
            api_version="discovery.k8s.io/v1",
            kind="EndpointSlice",
            namespace="team-a",
            label_selector=LabelSelector(
                match_labels={"kubernetes.io/service-name": "derived-app"}
            ),
        ),
        DependentObject(api_version="v1", kind="Service", namespace="team-a", name="derived-app"),
    )


def test_a_kind_without_a_rule_has_no_dependencies() -> None:
    assert names(manifest("v1", "ConfigMap")) is None


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("DaemonSet", {"template": {"spec": {"containers": [{"resources": {"limits": BAD}}]}}}),
        ("StatefulSet", {"volumeClaimTemplates": [{"spec": {"resources": {"requests": BAD}}}]}),
    ],
)
def test_an_amount_that_is_no_quantity_spoils_the_object(kind: str, spec: dict[str, Any]) -> None:
    # Upstream converts the whole object (helper.ConvertToTypedObject), asked for or not.
    manifest = {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "x"}, "spec": spec}
    with pytest.raises(InterpretError, match=r"(limits|requests)\.memory: '64MI' is not a quant"):
        Interpreter().dependencies(manifest)
