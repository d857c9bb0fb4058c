"""Health of third-party kinds, after the testdata of Karmada's scripts."""

from typing import Any

import pytest

from armada_render.interpret import Interpreter

KRUISE = "apps.kruise.io/v1alpha1"
SOURCE = "source.toolkit.fluxcd.io/v1beta2"


def health(api_version: str, kind: str, status: object, **more: Any) -> str:
    document: dict[str, Any] = {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": "app", "generation": 2},
        "spec": {"replicas": 3},
        "status": status,
    }
    return Interpreter().health(document | more)


def ready(reason: str, status: str = "True") -> dict[str, Any]:
    other = {"type": "Other", "status": "True", "reason": reason}
    return {"conditions": [other, {"type": "Ready", "status": status, "reason": reason}]}


def condition(*types: str) -> dict[str, Any]:
    return {"conditions": [{"type": one, "status": "True"} for one in types]}


def rolled(observed: object, updated: object, available: object) -> dict[str, object]:
    return {
        "observedGeneration": observed,
        "updatedReplicas": updated,
        "availableReplicas": available,
    }


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [
        (KRUISE, "CloneSet"),
        (KRUISE, "UnitedDeployment"),
        ("apps.kruise.io/v1beta1", "StatefulSet"),
    ],
)
@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (rolled(2, 3, 3), "Healthy"),
        (rolled(1, 3, 3), "Unhealthy"),
        (rolled(2, 2, 2), "Unhealthy"),
        (rolled(2, 3, 2), "Unhealthy"),
        (rolled(2, None, 3), "Unknown"),
        (rolled(2, 3, None), "Unknown"),
        (rolled("2", 3, 3), "Unhealthy"),
    ],
)
def test_kruise_workloads_are_healthy_once_rolled_out(
    api_version: str, kind: str, status: object, expected: str
) -> None:
    assert health(api_version, kind, status) == expected


def test_without_replicas_any_number_will_do() -> None:
    assert health(KRUISE, "CloneSet", rolled(2, 0, 0), spec={}) == "Healthy"


def test_only_some_scripts_cope_without_a_status() -> None:
    assert health(KRUISE, "CloneSet", None) == "Unknown"
    assert health(KRUISE, "BroadcastJob", None) == "Unknown"
    assert health(KRUISE, "UnitedDeployment", None) == "Unhealthy"
    assert health(KRUISE, "SidecarSet", None) == "Unhealthy"


CASES: list[tuple[str, str, object, str]] = [
    (KRUISE, "BroadcastJob", {"desired": 1, "failed": 0, "succeeded": 1, "active": 0}, "Healthy"),
    (KRUISE, "BroadcastJob", {"desired": 0, "failed": 0, "succeeded": 1}, "Unhealthy"),
    (KRUISE, "BroadcastJob", {"desired": 1, "succeeded": 1, "active": 1}, "Unhealthy"),
    (KRUISE, "BroadcastJob", {"desired": 1, "failed": 0, "succeeded": 0, "active": 0}, "Unhealthy"),
    (KRUISE, "BroadcastJob", {"desired": 1, "failed": 0}, "Healthy"),
    (KRUISE, "SidecarSet", {"matchedPods": 2, "updatedPods": 2}, "Healthy"),
    (KRUISE, "SidecarSet", {"matchedPods": 2}, "Unhealthy"),
    (KRUISE, "SidecarSet", {}, "Healthy"),
    ("argoproj.io/v1alpha1", "Workflow", {"phase": "Running"}, "Healthy"),
    ("argoproj.io/v1alpha1", "Workflow", {"phase": "Failed"}, "Unhealthy"),
    ("argoproj.io/v1alpha1", "Workflow", None, "Unhealthy"),
    ("batch.volcano.sh/v1alpha1", "Job", {"state": {"phase": "Completing"}}, "Healthy"),
    ("batch.volcano.sh/v1alpha1", "Job", {"state": {"phase": "Failed"}}, "Unhealthy"),
    ("kubeflow.org/v1", "PyTorchJob", condition("Running"), "Healthy"),
    ("kubeflow.org/v1", "PyTorchJob", {"conditions": []}, "Healthy"),
    ("kubeflow.org/v1", "TFJob", condition("Running", "Failed"), "Unhealthy"),
    ("kubeflow.org/v1", "TFJob", {}, "Unhealthy"),
    ("kubeflow.org/v2beta1", "MPIJob", condition("Running"), "Healthy"),
    ("kubeflow.org/v2beta1", "MPIJob", {"conditions": []}, "Unhealthy"),
    ("kubeflow.org/v2beta1", "MPIJob", {"conditions": 1}, "Unknown"),
    ("kubeflow.org/v1", "Notebook", None, "Unhealthy"),
    ("kubeflow.org/v1", "Notebook", {"containerState": {"running": {}}}, "Healthy"),
    ("kubeflow.org/v1", "Notebook", {"containerState": {"a": 1}}, "Unhealthy"),
    ("helm.toolkit.fluxcd.io/v2beta1", "HelmRelease", ready("ReconciliationSucceeded"), "Healthy"),
    ("helm.toolkit.fluxcd.io/v2beta1", "HelmRelease", ready("Succeeded"), "Unhealthy"),
    ("source.toolkit.fluxcd.io/v1", "GitRepository", ready("Succeeded"), "Healthy"),
    (SOURCE, "Bucket", ready("Succeeded", "False"), "Unhealthy"),
    (SOURCE, "HelmChart", ready("ChartPullSucceeded"), "Healthy"),
    (SOURCE, "OCIRepository", ready("Succeeded"), "Healthy"),
    (SOURCE, "HelmRepository", None, "Unhealthy"),
    ("kyverno.io/v1", "Policy", {"ready": True}, "Healthy"),
    ("kyverno.io/v1", "Policy", {"ready": "yes"}, "Unknown"),
    ("kyverno.io/v1", "ClusterPolicy", ready("Succeeded"), "Healthy"),
    ("sparkoperator.k8s.io/v1beta2", "SparkApplication", None, "Unhealthy"),
    ("ray.io/v1", "RayCluster", condition("HeadPodReady", "RayClusterProvisioned"), "Healthy"),
    ("ray.io/v1", "RayCluster", condition("HeadPodReady"), "Unhealthy"),
    ("ray.io/v1", "RayJob", {"jobDeploymentStatus": "Running"}, "Healthy"),
    (
        "ray.io/v1",
        "RayJob",
        {"jobDeploymentStatus": "Complete", "jobStatus": "SUCCEEDED"},
        "Healthy",
    ),
    ("ray.io/v1", "RayJob", {"jobDeploymentStatus": "Complete"}, "Unhealthy"),
    ("ray.io/v1", "RayService", condition("Ready"), "Healthy"),
    ("ray.io/v1", "RayService", {"conditions": [{"type": "Ready"}]}, "Unhealthy"),
]


@pytest.mark.parametrize(("api_version", "kind", "status", "expected"), CASES)
def test_status_decides(api_version: str, kind: str, status: object, expected: str) -> None:
    assert health(api_version, kind, status) == expected


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"waiting": {"reason": "ContainerCreating"}}, "Healthy"),
        ({"waiting": {"reason": "ImagePullBackOff"}}, "Unhealthy"),
        ({"terminated": {"reason": "Completed"}}, "Healthy"),
        ({"terminated": {"exitCode": 1}}, "Unhealthy"),
        ({"terminated": {"reason": "OOMKilled", "exitCode": 0}}, "Unhealthy"),
    ],
)
def test_a_notebook_lives_as_its_container_does(state: object, expected: str) -> None:
    assert health("kubeflow.org/v1", "Notebook", {"containerState": state}) == expected


def test_a_ray_cluster_with_failed_replicas_is_unhealthy() -> None:
    status = condition("HeadPodReady", "RayClusterProvisioned", "RayClusterReplicaFailure")
    assert health("ray.io/v1", "RayCluster", status) == "Unhealthy"


@pytest.mark.parametrize(("state", "expected"), [("RUNNING", "Healthy"), ("FAILED", "Unhealthy")])
def test_a_spark_application_is_unhealthy_only_when_failed(state: str, expected: str) -> None:
    status = {"applicationState": {"state": state}}
    assert health("sparkoperator.k8s.io/v1beta2", "SparkApplication", status) == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({"jobStatus": {"state": "RUNNING"}}, "Healthy"),
        ({"jobStatus": {"state": "FAILED"}}, "Healthy"),
        ({"jobStatus": {"state": "CREATED"}}, "Unhealthy"),
        ({"jobStatus": {"state": "CREATED"}, "error": "x ErrImagePull y"}, "Healthy"),
        ({"jobStatus": {"state": "OTHER"}}, "Unhealthy"),
        ({"jobStatus": {"state": 1}}, "Unhealthy"),
        ({"jobManagerDeploymentStatus": "READY", "lifecycleState": "STABLE"}, "Healthy"),
        (None, "Unhealthy"),
    ],
)
def test_a_flink_deployment_is_healthy_unless_it_starts(status: object, expected: str) -> None:
    assert health("flink.apache.org/v1beta1", "FlinkDeployment", status) == expected


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ((2, 3, 3, 3), "Healthy"),
        ((1, 3, 3, 3), "Unhealthy"),
        ((2, 3, 2, 3), "Unhealthy"),
        ((2, 3, 3, 2), "Unhealthy"),
        ((2, 3, None, 2), "Unknown"),
    ],
)
def test_a_kruise_daemon_set_is_healthy_once_updated(
    numbers: tuple[int | None, ...], expected: str
) -> None:
    keys = (
        "observedGeneration",
        "desiredNumberScheduled",
        "updatedNumberScheduled",
        "numberAvailable",
    )
    assert health(KRUISE, "DaemonSet", dict(zip(keys, numbers, strict=True))) == expected
