"""What the controller would see, gathered once: for `armada-render status`."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from armada_render.controller.access import Access, connect, members
from armada_render.controller.applications import Application, time_of
from armada_render.controller.forecast import Forecast, forecast
from armada_render.controller.kube import Kube, KubeError
from armada_render.controller.lease import PATH as LEASES
from armada_render.controller.probe import Prober
from armada_render.controller.revisions import Revisions
from armada_render.controller.sight import Sight, see
from armada_render.controller.watch import ApplicationWatch
from armada_render.emit.argocd.names import application_name
from armada_render.emit.argocd.template import APP_LABEL
from armada_render.errors import SourceError
from armada_render.failover import Health, Limits, Memory
from armada_render.load import Loaded, Source, load
from armada_render.lock import title
from armada_render.model.argocd import ArgoCD
from armada_render.model.cluster import Cluster
from armada_render.pipeline import RenderOptions, render


class Status(Struct, frozen=True, kw_only=True, eq=False, rename="camel"):
    """Everything, as plain data that `-o json` prints and the tables are made of.

    `leader` is who holds the Lease, "" when nobody does or it may not be read. Without access to
    clusters (`is_offline`) only `evictions` and the taints of clusters are known.
    """

    api_version: str = "armada-render/v1"
    kind: str = "Status"
    is_offline: bool
    leader: str
    clusters: tuple[dict[str, Any], ...]
    unhealthy: tuple[dict[str, Any], ...]
    evictions: tuple[dict[str, Any], ...]
    forecast: tuple[dict[str, Any], ...]
    held: tuple[str, ...]
    left_over: tuple[str, ...]


class _Seen(Struct, frozen=True):
    sight: Sight
    applications: dict[str, Application]
    leader: str


def status(
    source: Source, access: Access | None, limits: Limits, horizon: timedelta, now: datetime
) -> Status:
    """Return what is to be seen now; raise `SourceError` when Argo CD's API server is away."""
    loaded = load(source)
    options = RenderOptions(strict_inventory=loaded.config.strict_inventory)
    seen = None if access is None else _look(access, loaded, now)
    found = None
    if seen is not None:
        found = forecast(
            source, seen.sight.evidence, now=now, horizon=horizon, limits=limits, options=options
        )
    return Status(
        is_offline=seen is None,
        leader=seen.leader if seen else "",
        clusters=tuple(_cluster(one, seen) for one in loaded.fleet.clusters),
        unhealthy=tuple(_unhealthy(seen)),
        evictions=tuple(_evictions(loaded, limits)),
        forecast=tuple(_steps(found, now)),
        held=tuple(str(reason) for reason in found.held) if found else (),
        left_over=tuple(_left_over(loaded, options, seen)),
    )


def _look(access: Access, loaded: Loaded, now: datetime) -> _Seen:
    try:
        kube = connect(access)
        watch = ApplicationWatch(
            kube, access.argocd_namespace, lambda: None, selector=access.selector
        )
        applications = dict(watch.list_once().applications)
        prober = Prober(members(access, kube), lambda: now, 0.0, lambda: None)
        prober.look_once()
    except KubeError as error:
        raise SourceError(f"the API server of Argo CD: {error}") from error
    revisions = Revisions()
    revisions.take("", loaded.fleet.previous_bindings, now)
    sight = see(
        loaded.fleet,
        loaded.config.argocd or ArgoCD(),
        applications=applications,
        looks=prober.looks() or {},
        revisions=revisions,
        memory=Memory(),
        now=now,
    )
    return _Seen(sight, applications, _leader(kube, access))


def _leader(kube: Kube, access: Access) -> str:
    """Return who leads; not everybody may read Leases, and it is no reason to fail."""
    try:
        data = kube.get(f"{LEASES.format(namespace=access.lease_namespace)}/{access.lease_name}")
        spec = msgspec.json.decode(data, type=dict[str, Any]).get("spec") or {}
    except (KubeError, msgspec.DecodeError):
        return ""
    return str(spec.get("holderIdentity") or "")


def _cluster(cluster: Cluster, seen: _Seen | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": cluster.name,
        "taints": [f"{taint.key}:{taint.effect}" for taint in cluster.spec.taints],
    }
    if seen is None:
        return found
    evidence = seen.sight.evidence.clusters.get(cluster.name)
    here = [
        seen.applications[key]
        for key, name in seen.sight.applications.items()
        if name == cluster.name
    ]
    return {
        **found,
        "ready": str(evidence.ready) if evidence else "no information",
        "message": evidence.message if evidence else seen.sight.blind.get(cluster.name, ""),
        "applications": len(here),
        "blindApplications": sum(bool(one.blind) for one in here),
    }


def _unhealthy(seen: _Seen | None) -> Iterator[dict[str, Any]]:
    for item in sorted(
        seen.sight.evidence.workloads.values() if seen else (),
        key=lambda item: (item.ref, item.cluster),
    ):
        if item.health is Health.UNHEALTHY:
            yield {
                "resource": title(item.ref),
                "cluster": item.cluster,
                "health": str(item.health),
                "message": item.message,
            }


def _evictions(loaded: Loaded, limits: Limits) -> Iterator[dict[str, Any]]:
    for ref, state in sorted(loaded.fleet.previous_bindings.items()):
        for task in state.eviction_tasks:
            began = time_of(task.creation_timestamp)
            grace = limits.graceful_eviction_timeout
            if task.grace_period_seconds is not None:
                grace = timedelta(seconds=task.grace_period_seconds)
            ends = began + grace if began and task.suppress_deletion is None else None
            yield {
                "resource": title(ref),
                "from": task.from_cluster,
                "to": [target.name for target in state.clusters],
                "purgeMode": task.purge_mode or "Gracefully",
                "reason": task.reason,
                "since": task.creation_timestamp or "",
                "ends": ends.strftime("%Y-%m-%dT%H:%M:%SZ") if ends else "",
            }


def _steps(found: Forecast | None, now: datetime) -> Iterator[dict[str, Any]]:
    for step in found.steps if found else ():
        yield {
            "afterSeconds": round((step.at - now).total_seconds()),
            "reasons": [str(reason) for reason in step.reasons],
            "changes": [str(change) for change in step.changes],
        }


def _left_over(loaded: Loaded, options: RenderOptions, seen: _Seen | None) -> Iterator[str]:
    """Yield Applications of ours that no rendering asks for; they are never deleted by themselves.

    (argocd.md 3.6: `create-update`)
    """
    if seen is None:
        return
    rendering = render(loaded.fleet, options)
    wanted = {
        application_name(work.app, cluster)
        for cluster, works in rendering.works.items()
        for work in works
    }
    for key in sorted(seen.sight.applications):
        one = seen.applications[key]
        if APP_LABEL in one.labels and one.name not in wanted:
            yield one.name
