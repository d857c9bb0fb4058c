"""What the Applications and the probes say about the fleet: the evidence. Pure.

What is unknown, old or contradictory is left out: no information, which moves nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from armada_render.controller.applications import (
    EMPTY,
    Application,
    ResourceFact,
    ResourceKey,
    time_of,
)
from armada_render.controller.probe import Look
from armada_render.controller.revisions import Revisions
from armada_render.emit.argocd.destinations import destinations
from armada_render.emit.argocd.names import group_of, label_text
from armada_render.emit.argocd.template import APP_LABEL, CLUSTER_LABEL
from armada_render.errors import Problem
from armada_render.failover import (
    ClusterEvidence,
    Evidence,
    Health,
    Memory,
    Place,
    Ready,
    WorkloadEvidence,
)
from armada_render.model.argocd import ArgoCD, Destination
from armada_render.model.fleet import Fleet
from armada_render.model.policy import PurgeMode
from armada_render.model.resource import ObjectReference

_HEALTHY, _SYNCED = "Healthy", "Synced"
# What Argo CD calls Progressing has not all its replicas, has no address or no volume yet: Karmada
# calls all of that Unhealthy (pkg/resourceinterpreter/default/native/healthy.go), and tolerates it
# for as long as the policy says.
_UNHEALTHY = frozenset(("Degraded", "Progressing"))
_ALIVE = _UNHEALTHY | {_HEALTHY}
_SIGN_LASTS = timedelta(minutes=2)
_CLOCKS_DIFFER = timedelta(seconds=5)


class Sight(Struct, frozen=True, kw_only=True, eq=False):
    """The evidence, what Argo CD calls each cluster, and why nothing is known of some.

    `blind` maps clusters without evidence to the reason; `applications` are those of the fleet's
    clusters by `namespace/name`, each with its cluster.
    """

    evidence: Evidence
    blind: Mapping[str, str]
    applications: Mapping[str, str]
    problems: tuple[Problem, ...] = ()


def see(  # noqa: PLR0913 - all that there is to look at
    fleet: Fleet,
    settings: ArgoCD,
    *,
    applications: Mapping[str, Application],
    looks: Mapping[tuple[str, str], Look],
    revisions: Revisions,
    memory: Memory,
    now: datetime,
) -> Sight:
    """Return what is known of the fleet's clusters and workloads at `now`."""
    problems: list[Problem] = []
    called = destinations(fleet.clusters, settings, problems)
    found = {cluster: _look(destination, looks) for cluster, destination in called.items()}
    by_cluster = _by_cluster(applications.values(), called)
    blind: dict[str, str] = {}
    clusters: dict[str, ClusterEvidence] = {}
    for cluster, look in found.items():
        here = by_cluster.get(cluster, ())
        why = _why_blind(cluster, look, here, memory, now)
        if why:
            blind[cluster] = why
        elif look.ready is not None:
            clusters[cluster] = ClusterEvidence(
                cluster=cluster,
                ready=look.ready,
                reason=look.reason,
                message=_with_argocd(look, here),
                at=min(look.at, now),
            )
    # Argo CD's picture of a cluster that does not answer may be an old one (argo-cd#18143).
    seen = {
        cluster: here
        for cluster, here in by_cluster.items()
        if cluster in clusters and clusters[cluster].ready is Ready.TRUE
    }
    return Sight(
        evidence=Evidence(
            clusters=clusters,
            workloads=_workloads(fleet, seen, revisions, now),
            removed=_removed(fleet, seen),
        ),
        blind=blind,
        applications={one.key: cluster for cluster, here in by_cluster.items() for one in here},
        problems=tuple(problems),
    )


def _look(destination: Destination, looks: Mapping[tuple[str, str], Look]) -> Look:
    if destination.name:
        found = [look for (name, _), look in looks.items() if name == destination.name]
    else:
        wanted = destination.server.rstrip("/")
        found = [look for (_, server), look in looks.items() if server.rstrip("/") == wanted]
    if len(found) == 1:
        return found[0]
    called = destination.name or destination.server
    what = "Argo CD has no cluster" if not found else "Argo CD has more than one cluster"
    return Look(None, "NoCredentials", f"{what} {called}", datetime.min)  # noqa: DTZ901 - not read


def _by_cluster(
    applications: Iterable[Application], called: Mapping[str, Destination]
) -> Mapping[str, Sequence[Application]]:
    """Return the Applications of each cluster, by their destination.

    One whose label names another cluster than its destination is left out: one of the two is wrong.
    """
    names = {item.name: cluster for cluster, item in called.items() if item.name}
    servers = {item.server.rstrip("/"): cluster for cluster, item in called.items() if item.server}
    found: dict[str, list[Application]] = {}
    for one in applications:
        if one.destination_name:
            cluster = names.get(one.destination_name)
        else:
            cluster = servers.get(one.destination_server.rstrip("/"))
        if cluster is not None and one.labels.get(CLUSTER_LABEL, cluster) == cluster:
            found.setdefault(cluster, []).append(one)
    return found


def _why_blind(
    cluster: str, look: Look, here: Sequence[Application], memory: Memory, now: datetime
) -> str:
    if look.ready is None:
        return f"{look.reason}: {look.message}"
    known = memory.clusters.get(cluster)
    if look.ready is not Ready.FALSE or known is None or known.observed is not Ready.FALSE:
        return ""
    sign = _sign_of_life(here, known.observed_since + _CLOCKS_DIFFER)
    if sign is not None and now - sign < _SIGN_LASTS:
        return (
            f"contradictory: {look.message}, yet Argo CD did something there at {sign:%H:%M:%SZ}; "
            "the fault may be on this side"
        )
    return ""


def _sign_of_life(here: Iterable[Application], since: datetime) -> datetime | None:
    """Return when Argo CD last got something done or saw something change on a cluster."""
    signs = [one.synced_at for one in here if one.synced_at]
    signs += [
        one.health_changed_at
        for one in here
        if one.health_changed_at and one.health in _ALIVE and not one.blind
    ]
    return max((sign for sign in signs if sign > since), default=None)


def _with_argocd(look: Look, here: Sequence[Application]) -> str:
    """Add what Argo CD has to say about a cluster that does not answer."""
    blind = sum(bool(one.blind) for one in here)
    if look.ready is Ready.TRUE or not here:
        return look.message
    return f"{look.message}; Argo CD cannot compare {blind} of its {len(here)} Applications"


def _workloads(
    fleet: Fleet,
    seen: Mapping[str, Sequence[Application]],
    revisions: Revisions,
    now: datetime,
) -> Mapping[Place, WorkloadEvidence]:
    refs = _keys(fleet)
    found: dict[Place, WorkloadEvidence] = {}
    for cluster, here in seen.items():
        for application in here:
            if application.blind or application.reconciled_at is None:
                continue
            for fact in application.resources:
                ref = refs.get(fact.key)
                if ref is None:
                    continue
                health, message = _health(application, fact)
                if not revisions.covers(ref, application.revision, application.reconciled_at):
                    health, message = Health.UNKNOWN, "Argo CD has not compared this commit yet"
                item = WorkloadEvidence(
                    ref=ref,
                    cluster=cluster,
                    health=health,
                    message=message,
                    at=min(application.reconciled_at, now),
                )
                place = (ref, cluster)
                found[place] = _agreed(found[place], item) if place in found else item
    return found


def _keys(fleet: Fleet) -> Mapping[ResourceKey, ObjectReference]:
    """Return the resources by what Argo CD calls them, which has no version."""
    return {_key(template.ref): template.ref for template in fleet.templates}


def _key(ref: ObjectReference) -> ResourceKey:
    return ResourceKey(group_of(ref.api_version), ref.kind, ref.namespace, ref.name)


def _health(application: Application, fact: ResourceFact) -> tuple[Health, str]:
    said, message = fact.health, fact.message
    if fact.status != _SYNCED:
        return Health.UNKNOWN, f"sync status {fact.status}"
    if not said and (application.has_resource_health or application.health == _HEALTHY):
        # A kind without a rule counts once it is applied; and a healthy whole has healthy parts.
        return Health.HEALTHY, ""
    if said == _HEALTHY:
        return Health.HEALTHY, message
    if said in _UNHEALTHY:
        return Health.UNHEALTHY, f"{said}: {message}" if message else said
    return Health.UNKNOWN, said or "Argo CD does not say (controller.resource.health.persist)"


def _agreed(one: WorkloadEvidence, other: WorkloadEvidence) -> WorkloadEvidence:
    """Return what two Applications that hold the same object say together."""
    if one.health is other.health:
        return max(one, other, key=lambda item: item.at)
    return WorkloadEvidence(
        ref=one.ref,
        cluster=one.cluster,
        health=Health.UNKNOWN,
        message="two Applications hold it and say different things",
        at=min(one.at, other.at),
    )


def _removed(fleet: Fleet, seen: Mapping[str, Sequence[Application]]) -> frozenset[Place]:
    """Return what `Directly` tasks wait for: copies that their Application no longer knows.

    It knows an object as long as Git holds it or the cluster does, so it must have been compared
    since the task began, and must still be there itself.
    """
    apps = {template.ref: template.app for template in fleet.templates}
    found = set()
    for ref, state in fleet.previous_bindings.items():
        for task in state.eviction_tasks:
            began = time_of(task.creation_timestamp)
            if task.purge_mode != PurgeMode.DIRECTLY or began is None or ref not in apps:
                continue
            here = [
                one
                for one in seen.get(task.from_cluster, ())
                if one.labels.get(APP_LABEL) == label_text(apps[ref])
            ]
            if here and all(_lacks(one, _key(ref), began) for one in here):
                found.add((ref, task.from_cluster))
    return frozenset(found)


def _lacks(application: Application, key: ResourceKey, began: datetime) -> bool:
    # One that holds nothing any more says so as well; in sync, for Git asks for nothing either.
    is_empty = application.blind == EMPTY and application.sync == _SYNCED
    return (
        (is_empty or not application.blind)
        and application.reconciled_at is not None
        and application.reconciled_at > began
        and all(fact.key != key for fact in application.resources)
    )
