"""Health of native kinds, after Karmada's native/healthy_test.go."""

from typing import Any

import pytest

from armada_render.interpret import Health, Interpreter

HEALTHY, UNHEALTHY, UNKNOWN = Health.HEALTHY, Health.UNHEALTHY, Health.UNKNOWN


def health(api_version: str, kind: str, status: object, spec: object = None) -> Health:
    document: dict[str, Any] = {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": "app", "generation": 2},
        "spec": spec,
        "status": status,
    }
    return Interpreter().health(document)


def rolled(observed: object, updated: object, available: object) -> dict[str, object]:
    return {
        "observedGeneration": observed,
        "updatedReplicas": updated,
        "availableReplicas": available,
    }


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet"])
@pytest.mark.parametrize(
    ("status", "replicas", "expected"),
    [
        (rolled(2, 3, 3), 3, HEALTHY),
        (rolled(2, 3, 3), None, HEALTHY),
        (rolled(1, 3, 3), 3, UNHEALTHY),
        (rolled(2, 2, 3), 3, UNHEALTHY),
        (rolled(2, 3, 2), 3, UNHEALTHY),
        (rolled(2, "3", 3), 3, UNKNOWN),
        (rolled(2, 3, 3), "3", UNKNOWN),
        (None, 3, UNHEALTHY),
    ],
)
def test_a_workload_is_healthy_once_rolled_out(
    kind: str, status: object, replicas: object, expected: Health
) -> None:
    assert health("apps/v1", kind, status, {"replicas": replicas}) is expected


def test_without_a_spec_any_number_of_replicas_will_do() -> None:
    assert health("apps/v1", "Deployment", rolled(2, 0, 0)) is HEALTHY
    assert health("apps/v1", "ReplicaSet", rolled(2, 0, 0)) is HEALTHY


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (rolled(2, None, 3), HEALTHY),
        (rolled(2, None, 2), UNHEALTHY),
        (rolled(1, None, 3), UNHEALTHY),
    ],
)
def test_a_replica_set_is_healthy_once_available(status: object, expected: Health) -> None:
    assert health("apps/v1", "ReplicaSet", status, {"replicas": 3}) is expected


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [((2, 3, 3, 3), HEALTHY), ((2, 3, 2, 3), UNHEALTHY), ((2, 3, 3, 2), UNHEALTHY)],
)
def test_a_daemon_set_is_healthy_once_updated_everywhere(
    numbers: tuple[int, ...], expected: Health
) -> None:
    keys = (
        "observedGeneration",
        "desiredNumberScheduled",
        "updatedNumberScheduled",
        "numberAvailable",
    )
    assert health("apps/v1", "DaemonSet", dict(zip(keys, numbers, strict=True))) is expected


@pytest.mark.parametrize(
    ("ingress", "expected"),
    [
        ([{"ip": "10.0.0.1"}], HEALTHY),
        ([{}, {"hostname": "a.example"}], HEALTHY),
        ([None, {"ip": ""}], UNHEALTHY),
        (None, UNHEALTHY),
    ],
)
def test_a_load_balancer_is_healthy_with_an_address(ingress: object, expected: Health) -> None:
    status = {"loadBalancer": {"ingress": ingress}}
    assert health("v1", "Service", status, {"type": "LoadBalancer"}) is expected
    assert health("networking.k8s.io/v1", "Ingress", status) is expected


def test_other_services_are_healthy() -> None:
    assert health("v1", "Service", None) is HEALTHY
    assert health("v1", "Service", None, {"type": "ClusterIP"}) is HEALTHY
    assert health("v1", "Service", None, {"type": "LoadBalancer"}) is UNHEALTHY


def test_a_claim_is_healthy_when_bound() -> None:
    assert health("v1", "PersistentVolumeClaim", {"phase": "Bound"}) is HEALTHY
    assert health("v1", "PersistentVolumeClaim", {"phase": "Pending"}) is UNHEALTHY
    assert health("v1", "PersistentVolumeClaim", None) is UNHEALTHY


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({"phase": "Succeeded"}, HEALTHY),
        ({"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}, HEALTHY),
        ({"phase": "Running", "conditions": [{"type": "Ready", "status": "False"}]}, UNHEALTHY),
        ({"phase": "Pending", "conditions": [{"type": "Ready", "status": "True"}]}, UNHEALTHY),
        ({"phase": "Running", "conditions": [None]}, UNHEALTHY),
        (None, UNHEALTHY),
    ],
)
def test_a_pod_is_healthy_when_ready_or_done(status: object, expected: Health) -> None:
    assert health("v1", "Pod", status) is expected


def test_a_disruption_budget_is_healthy_while_it_is_kept() -> None:
    budget = ("policy/v1", "PodDisruptionBudget")
    assert health(*budget, {"currentHealthy": 2, "desiredHealthy": 2}) is HEALTHY
    assert health(*budget, {"currentHealthy": 1, "desiredHealthy": 2}) is UNHEALTHY
    assert health(*budget, None) is HEALTHY


def test_kinds_without_a_rule_are_healthy() -> None:
    assert health("batch/v1", "Job", {"failed": 3}) is HEALTHY
