"""Which targets are due to be left, in the order in which they are taken. Pure."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from armada_render.failover.application import Overdue, rule_of, watch
from armada_render.failover.clock import earliest, lasting
from armada_render.failover.conditions import Look
from armada_render.failover.decision import Cause, Reason
from armada_render.failover.eviction import Order, by_application, by_taint
from armada_render.failover.evidence import Place
from armada_render.failover.memory import Timer
from armada_render.failover.sight import Sight
from armada_render.failover.taints import Identity, Verdict, identity, said, verdict
from armada_render.model.binding import PreviousBinding, ResourceBinding
from armada_render.model.cluster import Cluster
from armada_render.model.placement import Placement
from armada_render.schedule.ladder import decoded


class Due(Struct, frozen=True, kw_only=True, eq=False):
    """A target to be left: since when it is due, how, and why."""

    at: datetime
    order: Order
    reason: Reason


class Findings(Struct, frozen=True, kw_only=True, eq=False):
    """What is due of one binding, its timers, what doubt holds back, and when to look again."""

    dues: tuple[Due, ...] = ()
    timers: tuple[Timer, ...] = ()
    held: tuple[Reason, ...] = ()
    wake: datetime | None = None


class Scene(Struct, frozen=True, kw_only=True, eq=False):
    """What all bindings are looked at with; `clusters` have their new taints."""

    clusters: Mapping[str, Cluster]
    looks: Mapping[str, Look]
    managed: Mapping[str, frozenset[Identity]]
    sight: Sight
    since: Mapping[Place, datetime]


def findings(scene: Scene, binding: ResourceBinding, state: PreviousBinding) -> Findings:
    """Return what is due of a binding: by taints first, then by its own health."""
    by_taints = _by_taints(scene, binding, state)
    driven = {one.order.cluster for one in by_taints.dues}
    tasks = {task.from_cluster for task in state.eviction_tasks}
    watched = watch(
        binding,
        [one.name for one in state.clusters if one.name not in tasks],
        scene.sight,
        scene.since,
    )
    rule = rule_of(binding)
    dues = (
        ()
        if rule is None
        else tuple(
            Due(
                at=one.since,
                order=by_application(binding, one.cluster, rule),
                reason=_unhealthy(scene, binding, one),
            )
            for one in watched.overdue
            if one.cluster not in driven
        )
    )
    return Findings(
        dues=by_taints.dues + dues,
        timers=watched.timers,
        held=by_taints.held,
        wake=earliest(by_taints.wake, watched.wake),
    )


def _by_taints(scene: Scene, binding: ResourceBinding, state: PreviousBinding) -> Findings:
    applied = decoded(state.applied_placement) if state.applied_placement else None
    if not isinstance(applied, Placement):
        # What was never scheduled is never evicted (taint_manager.go).
        return Findings()
    dues, held, wakes = [], [], []
    for target in state.clusters:
        cluster = scene.clusters.get(target.name)
        if cluster is None:
            continue
        found = verdict(cluster.spec.taints, applied.cluster_tolerations, scene.sight.now)
        if found.due is None or found.taint is None:
            continue
        if found.due > scene.sight.now:
            wakes.append(found.due)
            continue
        doubt = None
        if identity(found.taint) in scene.managed[target.name]:
            doubt = _doubt(scene, binding, target.name)
        if doubt is not None:
            held.append(doubt)
            continue
        reason = _driven(scene, binding, target.name, found)
        dues.append(
            Due(
                at=found.due,
                order=by_taint(binding, target.name, scene.sight.limits),
                reason=reason,
            )
        )
    return Findings(dues=tuple(dues), held=tuple(held), wake=earliest(*wakes))


def _driven(scene: Scene, binding: ResourceBinding, cluster: str, found: Verdict) -> Reason:
    taint = said(found.taint) if found.taint else ""
    condition = scene.looks[cluster].condition
    if found.was_tolerated:
        message = f"leaves {cluster}: it has tolerated {taint} for long enough"
    else:
        message = f"leaves {cluster}: it does not tolerate {taint}"
    return Reason(
        cause=Cause.TAINT_UNTOLERATED,
        ref=binding.ref,
        cluster=cluster,
        message=message,
        since=condition.since if condition else None,
    )


def _doubt(scene: Scene, binding: ResourceBinding, cluster: str) -> Reason | None:
    """Return why a taint that follows the condition is not acted on: the condition is in doubt."""
    look = scene.looks[cluster]
    if not look.is_fresh:
        return Reason(
            cause=Cause.STALE_EVIDENCE,
            ref=binding.ref,
            cluster=cluster,
            message=f"stays on {cluster}: nothing new is known of the cluster",
        )
    if look.comes_back:
        return Reason(
            cause=Cause.COMING_BACK,
            ref=binding.ref,
            cluster=cluster,
            message=f"stays on {cluster} for now: the cluster answers again",
        )
    return None


def _unhealthy(scene: Scene, binding: ResourceBinding, one: Overdue) -> Reason:
    long = lasting(one.since, scene.sight.now)
    detail = f": {one.message}" if one.message else ""
    return Reason(
        cause=Cause.APPLICATION_FAILURE,
        ref=binding.ref,
        cluster=one.cluster,
        message=f"leaves {one.cluster}: unhealthy for {long}{detail}",
        since=one.since,
    )


def is_down(scene: Scene, state: PreviousBinding) -> bool:
    """Tell whether no copy of a workload is left on a cluster that is known to be ready."""
    return not any(
        (look := scene.looks.get(target.name)) is not None and look.is_ready
        for target in state.clusters
    )
