"""What the lock keeps of a binding: what the next scheduling reads, and no more. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import structs

from armada_render.lock.placement import applied_placement
from armada_render.model.binding import (
    APPLIED_PLACEMENT,
    BINDING_API,
    LAST_FAILOVER,
    GracefulEvictionTask,
    PreviousBinding,
    ResourceBinding,
    binding_name,
)
from armada_render.model.resource import ObjectReference
from armada_render.yamlio import dumps

States = Mapping[ObjectReference, PreviousBinding]
"""What is kept, by resource, sorted."""

# Go writes these even when they are empty (pkg/apis/work/v1alpha2, GracefulEvictionTask).
_REQUIRED = ("fromCluster", "reason", "producer")


def states(bindings: Iterable[ResourceBinding]) -> States:
    """Return what to keep of the bindings that were scheduled.

    Those of dependencies follow their owners, and have nothing to remember.
    """
    texts: dict[int, str] = {}
    kept = []
    for binding in bindings:
        placement = binding.placement
        if placement is not None:
            # A policy takes many resources, and its placement is one object.
            if id(placement) not in texts:
                texts[id(placement)] = applied_placement(placement)
            kept.append(_state(binding, texts[id(placement)]))
    return {state.ref: state for state in sorted(kept, key=lambda state: state.ref)}


def _state(binding: ResourceBinding, applied: str) -> PreviousBinding:
    previous = binding.previous or PreviousBinding(ref=binding.ref)
    # The annotation names the placement of the last pass, which was not now when the result is kept
    # (pkg/scheduler/scheduler.go, doScheduleBinding).
    is_kept = any(decision.step == "keep" for decision in binding.decisions)
    return PreviousBinding(
        ref=binding.ref,
        uid=binding.template.uid or previous.uid,
        clusters=binding.clusters,
        eviction_tasks=binding.eviction_tasks,
        applied_placement=previous.applied_placement if is_kept else applied,
        observed_affinity=binding.observed_affinity,
        is_scheduling_suspended=previous.is_scheduling_suspended,
        last_failover=previous.last_failover,
    )


def stored(previous: PreviousBinding) -> PreviousBinding:
    """Return what of a previous binding the lock would keep: no scheduling times, no owners."""
    return structs.replace(
        previous, required_by=(), last_scheduled_time="", reschedule_triggered_at="", location=None
    )


def text(state: PreviousBinding) -> str:
    """Return the canonical YAML of a lock file: a ResourceBinding or ClusterResourceBinding."""
    return dumps(_document(state))


def _document(state: PreviousBinding) -> dict[str, Any]:
    ref = state.ref
    metadata = {
        "annotations": _filled(
            {LAST_FAILOVER: state.last_failover, APPLIED_PLACEMENT: state.applied_placement}
        ),
        "name": binding_name(ref.kind, ref.name),
        "namespace": ref.namespace,
    }
    spec = {
        "clusters": [_filled(structs.asdict(target)) for target in state.clusters],
        "gracefulEvictionTasks": [_task(task) for task in state.eviction_tasks],
        "resource": _filled(
            {
                "apiVersion": ref.api_version,
                "kind": ref.kind,
                "namespace": ref.namespace,
                "name": ref.name,
                "uid": state.uid,
            }
        ),
        "suspension": {"scheduling": True} if state.is_scheduling_suspended else {},
    }
    return _filled(
        {
            "apiVersion": BINDING_API,
            "kind": "ResourceBinding" if ref.namespace else "ClusterResourceBinding",
            "metadata": _filled(metadata),
            "spec": _filled(spec),
            "status": _filled({"schedulerObservingAffinityName": state.observed_affinity}),
        }
    )


def _filled(mapping: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if value}


def _task(task: GracefulEvictionTask) -> dict[str, Any]:
    values = {
        key: getattr(task, name)
        for name, key in zip(task.__struct_fields__, task.__struct_encode_fields__, strict=True)
    }
    # A number or a truth value counts when it is there at all: 0 and false say something.
    return {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in values.items()
        if key in _REQUIRED or isinstance(value, int) or value
    }
