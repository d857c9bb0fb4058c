"""Eviction tasks: a target leaves the binding and stays on as a task. Pure.

Upstream: pkg/apis/work/v1alpha2/binding_types_helper.go (GracefulEvictCluster), taint_manager.go,
applicationfailover/common.go. Tasks get their time here at once, where upstream's graceful eviction
controller adds it a moment later.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct, structs

from armada_render.failover.clock import moment, stamp
from armada_render.failover.limits import Limits
from armada_render.model.binding import GracefulEvictionTask, PreviousBinding, ResourceBinding
from armada_render.model.policy import ApplicationFailover, PurgeMode

TAINT_MANAGER = "TaintManager"
TAINT_UNTOLERATED = "TaintUntolerated"
APPLICATION_FAILURE = "ApplicationFailure"
_APPLICATION_PRODUCER = "resource-binding-application-failover-controller"


class Order(Struct, frozen=True, kw_only=True):
    """How a cluster is to be left: what the task of the eviction says."""

    cluster: str
    purge_mode: PurgeMode
    reason: str
    producer: str
    grace_period_seconds: int | None = None
    suppress_deletion: bool | None = None


def by_taint(binding: ResourceBinding, cluster: str, limits: Limits) -> Order:
    """Return the order of the taint manager: the policy's purge mode, no grace period."""
    asked = binding.failover.cluster if binding.failover else None
    mode = limits.cluster_purge_mode if asked is None else asked.purge_mode
    return Order(
        cluster=cluster,
        purge_mode=PurgeMode(str(mode)),
        reason=TAINT_UNTOLERATED,
        producer=TAINT_MANAGER,
    )


def by_application(binding: ResourceBinding, cluster: str, rule: ApplicationFailover) -> Order:
    """Return the order of application failover; a copy that stays for good is held."""
    mode = rule.purge_mode
    return Order(
        cluster=cluster,
        purge_mode=mode,
        reason=APPLICATION_FAILURE,
        producer=_APPLICATION_PRODUCER if binding.namespace else f"cluster-{_APPLICATION_PRODUCER}",
        grace_period_seconds=rule.grace_period_seconds if mode is PurgeMode.GRACEFULLY else None,
        suppress_deletion=True if mode is PurgeMode.NEVER else None,
    )


def evicted(state: PreviousBinding, orders: Iterable[Order], now: datetime) -> PreviousBinding:
    """Return the state without the clusters, each of which has a task.

    One that is no target is left alone, and of several tasks for a cluster the first stays. With
    purge mode Directly scheduling is suspended, so that nothing starts before the old copy is gone.
    """
    clusters, tasks = state.clusters, list(state.eviction_tasks)
    is_gated = state.is_scheduling_suspended
    for order in orders:
        target = next((one for one in clusters if one.name == order.cluster), None)
        if target is None:
            continue
        clusters = tuple(one for one in clusters if one is not target)
        if any(task.from_cluster == order.cluster for task in tasks):
            continue
        is_gated = is_gated or order.purge_mode is PurgeMode.DIRECTLY
        tasks.append(
            GracefulEvictionTask(
                from_cluster=order.cluster,
                purge_mode=str(order.purge_mode),
                replicas=target.replicas or None,
                reason=order.reason,
                producer=order.producer,
                grace_period_seconds=order.grace_period_seconds,
                suppress_deletion=order.suppress_deletion,
                creation_timestamp=stamp(now),
            )
        )
    return structs.replace(
        state,
        clusters=clusters,
        eviction_tasks=tuple(tasks),
        is_scheduling_suspended=is_gated,
        last_failover=stamp(now),
    )


def waits_for_removal(state: PreviousBinding) -> tuple[str, ...]:
    """Return the clusters whose copy must be gone before the rest is placed.

    Scheduling that people suspended is none of ours: our tasks are as old as the last failover.
    """
    if not state.is_scheduling_suspended or not state.last_failover:
        return ()
    mine = [task for task in state.eviction_tasks if is_direct(task)]
    if all(task.creation_timestamp != state.last_failover for task in mine):
        return ()
    return tuple(task.from_cluster for task in mine)


def is_direct(task: GracefulEvictionTask) -> bool:
    """Tell whether the old copy goes before the new one comes."""
    return task.purge_mode == PurgeMode.DIRECTLY


def expires(task: GracefulEvictionTask, limits: Limits) -> datetime | None:
    """Return after when a task has had its time, None for one without a time."""
    created = moment(task.creation_timestamp)
    if created is None:
        return None
    if task.grace_period_seconds is None:
        return created + limits.graceful_eviction_timeout
    return created + timedelta(seconds=task.grace_period_seconds)
