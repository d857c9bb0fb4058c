"""When objects of Kubernetes' own kinds are healthy.

Rules: pkg/resourceinterpreter/default/native/healthy.go. Missing numbers are 0, as in Go.
"""

from collections.abc import Callable, Iterable

from armada_render.interpret.typed import (
    Node,
    Number,
    Object,
    PodTemplate,
    Replicated,
    StatefulSet,
    Text,
    Workload,
    decode,
    int32,
    integer,
)
from armada_render.model.resource import Manifest


class WorkloadStatus(Node, frozen=True):
    """The counters of a Deployment, StatefulSet, ReplicaSet or DaemonSet."""

    observed_generation: Number = None
    updated_replicas: Number = None
    available_replicas: Number = None
    desired_number_scheduled: Number = None
    updated_number_scheduled: Number = None
    number_available: Number = None


class Observed(Node, frozen=True):
    """A workload's status."""

    status: WorkloadStatus | None = None


class IngressPoint(Node, frozen=True):
    """LoadBalancerIngress."""

    hostname: Text = None
    ip: Text = None


class LoadBalancer(Node, frozen=True):
    """LoadBalancerStatus."""

    ingress: list[IngressPoint | None] | None = None


class BalancedStatus(Node, frozen=True):
    """ServiceStatus and IngressStatus."""

    load_balancer: LoadBalancer | None = None


class ServiceSpec(Node, frozen=True):
    """ServiceSpec."""

    type: Text = None


class Balanced(Object, frozen=True):
    """Ingress, and what it has in common with Service."""

    status: BalancedStatus | None = None


class Service(Balanced, frozen=True):
    """Service."""

    spec: ServiceSpec | None = None


class Condition(Node, frozen=True):
    """PodCondition."""

    type: Text = None
    status: Text = None


class PhaseStatus(Node, frozen=True):
    """PodStatus and PersistentVolumeClaimStatus."""

    phase: Text = None
    conditions: list[Condition | None] | None = None


class Phased(Object, frozen=True):
    """PersistentVolumeClaim, and a Pod's status."""

    status: PhaseStatus | None = None


class BudgetStatus(Node, frozen=True):
    """PodDisruptionBudgetStatus."""

    current_healthy: Number = None
    desired_healthy: Number = None


class Budget(Object, frozen=True):
    """PodDisruptionBudget."""

    status: BudgetStatus | None = None


def _status(manifest: Manifest) -> WorkloadStatus:
    return decode(manifest, Observed).status or WorkloadStatus()


def _count(value: Number, name: str) -> int:
    return int32(value, f"status.{name}") or 0


def _is_current(workload: Object, status: WorkloadStatus) -> bool:
    """Tell whether the controller has seen the latest generation."""
    generation = workload.metadata.generation if workload.metadata else None
    observed = integer(status.observed_generation, "status.observedGeneration")
    return (observed or 0) == (integer(generation, "metadata.generation") or 0)


def _is_rolled_out(workload: Replicated | StatefulSet, manifest: Manifest) -> bool:
    status = _status(manifest)
    updated = _count(status.updated_replicas, "updatedReplicas")
    available = _count(status.available_replicas, "availableReplicas")
    wanted = int32(workload.spec.replicas, "spec.replicas") if workload.spec else None
    return (
        _is_current(workload, status)
        and (wanted is None or updated >= wanted)
        and available >= updated
    )


def _deployment(manifest: Manifest) -> bool:
    return _is_rolled_out(decode(manifest, Replicated), manifest)


def _stateful_set(manifest: Manifest) -> bool:
    return _is_rolled_out(decode(manifest, StatefulSet), manifest)


def _replica_set(manifest: Manifest) -> bool:
    replica_set = decode(manifest, Replicated)
    status = _status(manifest)
    available = _count(status.available_replicas, "availableReplicas")
    wanted = int32(replica_set.spec.replicas, "spec.replicas") if replica_set.spec else None
    return _is_current(replica_set, status) and (wanted is None or available >= wanted)


def _daemon_set(manifest: Manifest) -> bool:
    daemon_set = decode(manifest, Workload)
    status = _status(manifest)
    desired = _count(status.desired_number_scheduled, "desiredNumberScheduled")
    updated = _count(status.updated_number_scheduled, "updatedNumberScheduled")
    available = _count(status.number_available, "numberAvailable")
    return _is_current(daemon_set, status) and desired <= updated <= available


def _has_address(balanced: Balanced) -> bool:
    balancer = balanced.status.load_balancer if balanced.status else None
    points: Iterable[IngressPoint | None] = (balancer.ingress if balancer else None) or ()
    return any(point and (point.hostname or point.ip) for point in points)


def _service(manifest: Manifest) -> bool:
    service = decode(manifest, Service)
    kind = service.spec.type if service.spec else None
    return kind != "LoadBalancer" or _has_address(service)


def _ingress(manifest: Manifest) -> bool:
    return _has_address(decode(manifest, Balanced))


def _claim(manifest: Manifest) -> bool:
    status = decode(manifest, Phased).status
    return status is not None and status.phase == "Bound"


def _pod(manifest: Manifest) -> bool:
    decode(manifest, PodTemplate)
    status = decode(manifest, Phased).status
    if status is None:
        return False
    ready = next((c for c in status.conditions or () if c and c.type == "Ready"), None)
    return status.phase == "Succeeded" or (
        status.phase == "Running" and ready is not None and ready.status == "True"
    )


def _budget(manifest: Manifest) -> bool:
    status = decode(manifest, Budget).status or BudgetStatus()
    current = _count(status.current_healthy, "currentHealthy")
    return current >= _count(status.desired_healthy, "desiredHealthy")


HEALTH: dict[tuple[str, str], Callable[[Manifest], bool]] = {
    ("apps/v1", "Deployment"): _deployment,
    ("apps/v1", "StatefulSet"): _stateful_set,
    ("apps/v1", "ReplicaSet"): _replica_set,
    ("apps/v1", "DaemonSet"): _daemon_set,
    ("v1", "Service"): _service,
    ("networking.k8s.io/v1", "Ingress"): _ingress,
    ("v1", "PersistentVolumeClaim"): _claim,
    ("v1", "Pod"): _pod,
    ("policy/v1", "PodDisruptionBudget"): _budget,
}
"""The kinds that have a rule, by `apiVersion` and kind."""
