"""Dependencies of third-party kinds, after the testdata of Karmada's scripts."""

from typing import Any

import pytest

from armada_render.interpret import Interpreter, InterpretError

POD: dict[str, Any] = {"spec": {"volumes": [{"name": "v", "configMap": {"name": "c"}}]}}
NO_POD: dict[str, Any] = {"spec": {"containers": [{"name": "main"}]}}


def names(api_version: str, kind: str, spec: object) -> list[str] | None:
    document: dict[str, Any] = {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": "app", "namespace": "team-a"},
        "spec": spec,
    }
    found = Interpreter().dependencies(document)
    if found is not None:
        assert {one.namespace for one in found} <= {"team-a"}
    return None if found is None else [f"{one.kind}/{one.name}" for one in found]


KRUISE = "apps.kruise.io/v1alpha1"
HANDED_ON = [
    (KRUISE, "BroadcastJob"),
    (KRUISE, "CloneSet"),
    (KRUISE, "UnitedDeployment"),
    ("apps.kruise.io/v1beta1", "StatefulSet"),
]


@pytest.mark.parametrize(("api_version", "kind"), HANDED_ON)
def test_kruise_workloads_fail_when_their_pods_refer_to_nothing(
    api_version: str, kind: str
) -> None:
    assert names(api_version, kind, {"template": POD}) == ["ConfigMap/c"]
    with pytest.raises(InterpretError, match="Karmada's script for this kind fails"):
        names(api_version, kind, {"template": NO_POD})
    with pytest.raises(InterpretError, match=r"spec.template: expected a pod template"):
        names(api_version, kind, {})


def test_a_kruise_daemon_set_may_refer_to_nothing() -> None:
    assert names(KRUISE, "DaemonSet", {"template": POD}) == ["ConfigMap/c"]
    assert names(KRUISE, "DaemonSet", {"template": NO_POD}) == []


def test_the_broadcast_template_of_a_cron_job_wins() -> None:
    other = {"spec": {"serviceAccountName": "app"}}
    both = {
        "jobTemplate": {"spec": {"template": POD}},
        "broadcastJobTemplate": {"spec": {"template": other}},
    }
    assert names(KRUISE, "AdvancedCronJob", {"template": both}) == ["ServiceAccount/app"]
    with pytest.raises(InterpretError, match="fails on that"):
        names(KRUISE, "AdvancedCronJob", {"template": {}})


def test_a_sidecar_set_refers_to_what_its_containers_and_volumes_do() -> None:
    spec = {
        "containers": [
            {
                "env": [
                    {"valueFrom": {"configMapKeyRef": {"name": "c1"}}},
                    {"valueFrom": {"secretKeyRef": {"name": "s1"}}},
                    {"value": "x"},
                ],
                "envFrom": [{"configMapRef": {"name": "c2"}}, {"secretRef": {"name": "s2"}}],
            }
        ],
        "volumes": [
            {"configMap": {"name": "c3"}},
            {"secret": {"secretName": "s3"}},
            {"projected": {"sources": [{"configMap": {"name": "c4"}, "secret": {"name": "s4"}}]}},
        ],
    }
    assert names(KRUISE, "SidecarSet", spec) == [
        *(f"ConfigMap/c{i}" for i in (1, 2, 3, 4)),
        *(f"Secret/s{i}" for i in (1, 2, 3, 4)),
    ]
    assert names(KRUISE, "SidecarSet", None) == []
    with pytest.raises(InterpretError, match="neither a name"):
        names(KRUISE, "SidecarSet", {"volumes": [{"configMap": {}}]})


def test_a_workflow_refers_to_what_its_own_fields_name() -> None:
    spec = {
        "executor": {"serviceAccountName": "default"},
        "serviceAccountName": "runner",
        "volumeClaimTemplates": [{"metadata": {"name": "work"}}],
        "imagePullSecrets": [{"name": "pull"}],
        "volumes": [
            {"configMap": {"name": "c"}, "secret": {"name": "read", "secretName": "not-read"}},
            {"projected": {"sources": [{"configMap": {"name": "pc"}, "secret": {"name": "ps"}}]}},
            {"rbd": {"secretRef": {"name": "rbd"}}},
            {"persistentVolumeClaim": {"claimName": "data"}},
        ],
        "templates": [{"container": {"envFrom": [{"secretRef": {"name": "not-read"}}]}}],
    }
    assert names("argoproj.io/v1alpha1", "Workflow", spec) == [
        "ConfigMap/c",
        "ConfigMap/pc",
        "PersistentVolumeClaim/data",
        "PersistentVolumeClaim/work",
        "Secret/ps",
        "Secret/pull",
        "Secret/rbd",
        "Secret/read",
        "ServiceAccount/default",
        "ServiceAccount/runner",
    ]
    assert names("argoproj.io/v1alpha1", "Workflow", {"serviceAccountName": "default"}) == []
    for wrong in ({"imagePullSecrets": 1}, {"serviceAccountName": 1}):
        with pytest.raises(InterpretError):
            names("argoproj.io/v1alpha1", "Workflow", wrong)


SOURCE = "source.toolkit.fluxcd.io/v1beta2"


@pytest.mark.parametrize(
    ("api_version", "kind", "paths"),
    [
        ("source.toolkit.fluxcd.io/v1", "GitRepository", ("secretRef", "verify.secretRef")),
        (SOURCE, "Bucket", ("secretRef",)),
        (SOURCE, "HelmChart", ("verify.secretRef",)),
        (SOURCE, "HelmRepository", ("secretRef",)),
        (
            "kustomize.toolkit.fluxcd.io/v1",
            "Kustomization",
            ("decryption.secretRef", "kubeConfig.secretRef"),
        ),
        (
            "helm.toolkit.fluxcd.io/v2beta1",
            "HelmRelease",
            ("chart.spec.verify.secretRef", "kubeConfig.secretRef"),
        ),
    ],
)
def test_flux_objects_refer_to_secrets(api_version: str, kind: str, paths: tuple[str, ...]) -> None:
    def spec(path: str, reference: object) -> dict[str, Any]:
        built: Any = reference
        for key in reversed(path.split(".")):
            built = {key: built}
        return {**built, "url": "x"}

    for path in paths:
        assert names(api_version, kind, spec(path, {"name": "s"})) == ["Secret/s"]
        assert names(api_version, kind, spec(path, {"name": ""})) == []
        with pytest.raises(InterpretError, match=f"spec.{path}.name is missing"):
            names(api_version, kind, spec(path, {"other": 1}))
    assert names(api_version, kind, {"url": "x"}) == []
    with pytest.raises(InterpretError, match="spec is missing"):
        names(api_version, kind, None)


def test_flux_objects_refer_to_service_accounts_the_default_one_included() -> None:
    for api_version, kind in (
        ("kustomize.toolkit.fluxcd.io/v1", "Kustomization"),
        ("helm.toolkit.fluxcd.io/v2beta1", "HelmRelease"),
        (SOURCE, "OCIRepository"),
    ):
        spec = {"serviceAccountName": "default"}
        assert names(api_version, kind, spec) == ["ServiceAccount/default"]
        assert names(api_version, kind, {"serviceAccountName": ""}) == []


def test_an_oci_repository_must_say_its_service_account() -> None:
    spec = {"certSecretRef": {"name": "cert"}, "serviceAccountName": "app"}
    assert names(SOURCE, "OCIRepository", spec) == ["Secret/cert", "ServiceAccount/app"]
    with pytest.raises(InterpretError, match="serviceAccountName is missing"):
        names(SOURCE, "OCIRepository", {"secretRef": {"name": "s"}})


def test_a_helm_release_refers_to_its_values() -> None:
    helm = ("helm.toolkit.fluxcd.io/v2beta1", "HelmRelease")
    values = [
        {"kind": "Secret", "name": "s"},
        {"kind": "ConfigMap", "name": "c"},
        {"kind": "Other", "name": "o"},
    ]
    assert names(*helm, {"valuesFrom": values}) == ["ConfigMap/c", "Secret/s"]
    with pytest.raises(InterpretError, match="a Secret has no name"):
        names(*helm, {"valuesFrom": [{"kind": "Secret"}]})


@pytest.mark.parametrize(
    ("kind", "field", "replica_type"),
    [("PyTorchJob", "pytorchReplicaSpecs", "Worker"), ("TFJob", "tfReplicaSpecs", "PS")],
)
def test_training_jobs_refer_to_what_the_pods_of_their_replica_types_do(
    kind: str, field: str, replica_type: str
) -> None:
    spec = {field: {replica_type: {"template": POD}, "Master": {"template": NO_POD}}}
    assert names("kubeflow.org/v1", kind, spec) == ["ConfigMap/c"]
    assert names("kubeflow.org/v1", kind, {field: {"Unknown": {"template": POD}}}) == []
    assert names("kubeflow.org/v1", kind, None) == []


def test_ray_refers_to_what_all_its_pods_do() -> None:
    def pod(name: str) -> dict[str, Any]:
        container = {
            "envFrom": [{"secretRef": {"name": f"{name}-s"}}],
            "env": [{"valueFrom": {"configMapKeyRef": {"name": f"{name}-c"}}}],
        }
        return {
            "template": {
                "spec": {
                    "containers": [container],
                    "initContainers": [{"envFrom": [{"configMapRef": {"name": "init"}}]}],
                    "serviceAccountName": name,
                    "imagePullSecrets": [{"name": "pull"}],
                    "volumes": [{"secret": {"secretName": "volume"}}],
                }
            }
        }

    config = {"headGroupSpec": pod("head"), "workerGroupSpecs": [pod("default"), {}]}
    expected = [
        "ConfigMap/default-c",
        "ConfigMap/head-c",
        "ConfigMap/init",
        "Secret/default-s",
        "Secret/head-s",
        "Secret/pull",
        "Secret/volume",
        "ServiceAccount/head",
    ]
    assert names("ray.io/v1", "RayService", {"rayClusterConfig": config}) == expected
    job = {"rayClusterSpec": config, "submitterPodTemplate": {"spec": {"serviceAccountName": "x"}}}
    assert names("ray.io/v1", "RayJob", job) == [*expected, "ServiceAccount/x"]
    assert names("ray.io/v1", "RayJob", None) == []
