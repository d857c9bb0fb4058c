"""Flink deployments."""

from math import ceil
from typing import Any

from armada_render.interpret.thirdparty.semantics import (
    Json,
    number,
    optional,
    parsed_number,
    replica_count,
    returned,
)
from armada_render.interpret.typed import Node, Texts, decode
from armada_render.interpret.values import InterpretError, Replicas, Rules
from armada_render.model import quantity
from armada_render.model.binding import NodeClaim, ReplicaRequirements
from armada_render.model.resource import Manifest

_STEADY = frozenset(
    (
        "RUNNING",
        "FINISHED",
        "FAILED",
        "CANCELED",
        "SUSPENDED",
        "CANCELLING",
        "FAILING",
        "RESTARTING",
    )
)
_STARTING = frozenset(("CREATED", "INITIALIZING", "RECONCILING"))
_USER_ERRORS = ("ErrImagePull", "ImagePullBackOff", "CrashLoopBackOff")


def _replicas(manifest: Manifest) -> Replicas:
    """Return job and task managers together; one set of requirements serves both."""
    job_managers = parsed_number(optional(manifest, "spec", "jobManager", "replicas"))
    total = (1 if job_managers is None else job_managers) + _task_managers(manifest)
    request = {"cpu": _cpu(manifest), "memory": _memory(manifest)}
    needs = ReplicaRequirements(
        node_claim=_node_claim(manifest),
        resource_request={key: _canonical(v, key) for key, v in request.items() if v is not None},
        namespace=_text(optional(manifest, "metadata", "namespace"), "metadata.namespace"),
        priority_class_name=_text(
            optional(manifest, "spec", "podTemplate", "spec", "priorityClassName"),
            "spec.podTemplate.spec.priorityClassName",
        ),
    )
    return replica_count(total, "spec"), needs


def _task_managers(manifest: Manifest) -> float:
    explicit = parsed_number(optional(manifest, "spec", "taskManager", "replicas"))
    if explicit is not None:
        return explicit
    parallelism = parsed_number(optional(manifest, "spec", "job", "parallelism"))
    slots = parsed_number(
        optional(manifest, "spec", "flinkConfiguration", "taskmanager.numberOfTaskSlots")
    )
    return 1 if parallelism is None or not slots else ceil(parallelism / slots)


def _of_both(manifest: Manifest, resource: str) -> tuple[Any, Any]:
    """Return what job and task manager each want of `cpu` or `memory`."""
    job_manager, task_manager = (
        optional(manifest, "spec", role, "resource", resource)
        for role in ("jobManager", "taskManager")
    )
    return job_manager, task_manager


def _cpu(manifest: Manifest) -> Json:
    job_manager, task_manager = _of_both(manifest, "cpu")
    if job_manager is None or task_manager is None:
        return job_manager if task_manager is None else task_manager
    return max(number(job_manager, "cpu"), number(task_manager, "cpu"))


def _memory(manifest: Manifest) -> Json:
    """Return the larger memory, read as a Kubernetes quantity, which Flink's own units are not."""
    job_manager, task_manager = _of_both(manifest, "memory")
    if job_manager is None or task_manager is None:
        return job_manager if task_manager is None else task_manager
    larger = _amount(job_manager, "memory") > _amount(task_manager, "memory")
    return job_manager if larger else task_manager


def _amount(value: object, what: str) -> int:
    if not isinstance(value, str):
        raise InterpretError(f"{what}: expected a quantity in quotes, got {value!r}")
    return _parsed(value, what)


def _parsed(value: object, what: str) -> int:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise InterpretError(f"{what}: expected a quantity, got {value!r}")
    try:
        return quantity.parse(value)
    except ValueError as error:
        raise InterpretError(f"{what}: {error}") from None


def _canonical(value: object, what: str) -> str:
    is_binary = isinstance(value, str) and value.endswith("i")
    return quantity.canonical(_parsed(value, what), binary=is_binary)


def _text(value: object, path: str) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    raise InterpretError(f"{path}: expected a string, got {value!r}")


class _Placed(Node, frozen=True):
    node_selector: Texts = None
    tolerations: list[dict[str, Any]] | None = None


def _node_claim(manifest: Manifest) -> NodeClaim | None:
    pod = optional(manifest, "spec", "podTemplate", "spec")
    keys = ("nodeSelector", "tolerations")
    raw = {key: optional(pod, key) for key in keys}
    if all(value is None for value in raw.values()):
        return None
    placed = decode(returned(raw), _Placed)
    selector = placed.node_selector
    return NodeClaim(
        node_selector=None if selector is None else {k: v or "" for k, v in selector.items()},
        tolerations=tuple(placed.tolerations or ()),
    )


def _health(manifest: Manifest) -> bool:
    status = manifest.get("status")
    state = optional(status, "jobStatus", "state")
    if state is None:
        return bool(
            optional(status, "jobManagerDeploymentStatus") == "READY"
            and optional(status, "lifecycleState") == "STABLE"
        )
    if not isinstance(state, str):
        return False
    if state in _STARTING:
        error = str(optional(status, "error") or "")
        return any(known in error for known in _USER_ERRORS)
    return state in _STEADY


RULES = {("flink.apache.org/v1beta1", "FlinkDeployment"): Rules(replicas=_replicas, health=_health)}
"""The kinds that have a rule, by `apiVersion` and kind."""
