"""Decode ResourceBindings (`work.karmada.io/v1alpha2`): the lock, or an export of a live Karmada.

Only what the next scheduling reads is decoded; unknown fields are those of a live API server and
are left alone.
"""

from typing import Annotated

from msgspec import Meta, Struct, field, structs

from armada_render.errors import SourceLocation
from armada_render.model.binding import (
    APPLIED_PLACEMENT,
    LAST_FAILOVER,
    BindingSnapshot,
    GracefulEvictionTask,
    PreviousBinding,
    TargetCluster,
)
from armada_render.model.resource import ObjectReference


class _Resource(Struct, frozen=True, rename="camel", kw_only=True):
    api_version: str
    kind: str
    namespace: str = ""
    name: str
    uid: str = ""


class _Target(Struct, frozen=True):
    name: str
    replicas: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0


class _Suspension(Struct, frozen=True):
    scheduling: bool = False


class _Spec(Struct, frozen=True, rename="camel", kw_only=True):
    resource: _Resource
    clusters: tuple[_Target, ...] = ()
    graceful_eviction_tasks: tuple[GracefulEvictionTask, ...] = ()
    required_by: tuple[BindingSnapshot, ...] = ()
    reschedule_triggered_at: str = ""
    suspension: _Suspension = _Suspension()


class _Status(Struct, frozen=True, rename="camel", kw_only=True):
    scheduler_observing_affinity_name: str = ""
    last_scheduled_time: str = ""


class _Metadata(Struct, frozen=True):
    annotations: dict[str, str] = {}


class BindingDocument(Struct, frozen=True, rename="camel", kw_only=True):
    """A ResourceBinding or ClusterResourceBinding, as far as scheduling reads it."""

    api_version: str
    kind: str
    metadata: _Metadata
    spec: _Spec
    status: _Status = field(default_factory=_Status)


def previous(document: BindingDocument, location: SourceLocation | None = None) -> PreviousBinding:
    """Return what the document says of the last scheduling."""
    spec = document.spec
    resource = spec.resource
    return PreviousBinding(
        ref=ObjectReference(resource.api_version, resource.kind, resource.namespace, resource.name),
        uid=resource.uid,
        clusters=tuple(TargetCluster(target.name, target.replicas) for target in spec.clusters),
        eviction_tasks=tuple(map(_with_new_words, spec.graceful_eviction_tasks)),
        required_by=spec.required_by,
        applied_placement=document.metadata.annotations.get(APPLIED_PLACEMENT, ""),
        observed_affinity=document.status.scheduler_observing_affinity_name,
        last_scheduled_time=document.status.last_scheduled_time,
        reschedule_triggered_at=spec.reschedule_triggered_at,
        is_scheduling_suspended=spec.suspension.scheduling,
        last_failover=document.metadata.annotations.get(LAST_FAILOVER, ""),
        location=location,
    )


def _with_new_words(task: GracefulEvictionTask) -> GracefulEvictionTask:
    """Return the task with a purge mode of Karmada 1.19; a binding of an older one has others."""
    if task.purge_mode in ("", "Directly", "Gracefully", "Never"):
        return task
    from armada_render.model.diagnose import OLD_PURGE_MODES  # noqa: PLC0415 - rarely needed

    mode = OLD_PURGE_MODES.get(task.purge_mode, task.purge_mode)
    return structs.replace(task, purge_mode=mode)
