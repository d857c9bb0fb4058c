"""A fleet over time: evidence goes in, decisions are written as the controller would write them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec import structs

from armada_render.failover import (
    ClusterEvidence,
    Decision,
    Evidence,
    Health,
    Limits,
    Memory,
    Ready,
    WorkloadEvidence,
    decide,
)
from armada_render.failover.ground import tainted
from armada_render.load import DirectorySource, MemorySource, from_objects, load
from armada_render.load.lockfile import lock_path
from armada_render.lock import text
from armada_render.model.fleet import Fleet
from armada_render.model.resource import ObjectReference
from armada_render.yamlio import dumps
from tests.support.objects import Object

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def ref(kind: str, name: str, namespace: str = "default") -> ObjectReference:
    api_version = {
        "Deployment": "apps/v1",
        "ConfigMap": "v1",
        "ClusterRole": "rbac.authorization.k8s.io/v1",
    }
    return ObjectReference(api_version[kind], kind, namespace, name)


def seen(
    clusters: Mapping[str, Ready],
    workloads: Mapping[tuple[ObjectReference, str], Health],
    now: datetime,
    removed: Iterable[tuple[ObjectReference, str]] = (),
) -> Evidence:
    """Return what a look at `now` finds."""
    return Evidence(
        clusters={
            name: ClusterEvidence(cluster=name, ready=ready, reason=f"Looks{ready}", at=now)
            for name, ready in clusters.items()
        },
        workloads={
            place: WorkloadEvidence(ref=place[0], cluster=place[1], health=health, at=now)
            for place, health in workloads.items()
        },
        removed=frozenset(removed),
    )


def written(fleet: Fleet, decision: Decision) -> Fleet:
    """Return the fleet as it is read again once a decision is in Git."""
    files: dict[str, str | bytes] = {
        lock_path(state.ref): text(state) for state in decision.states.values()
    }
    kept: dict[str, str | bytes] = {
        copy.location.path: "---\n".join(_dumped(copy.manifests))
        for copy in fleet.frozen.values()
        if copy.location
    }
    changed = {path: data for path, data in decision.frozen.items() if data is not None}
    gone = {path for path, data in decision.frozen.items() if data is None}
    files |= {path: data for path, data in {**kept, **changed}.items() if path not in gone}
    loaded = load(MemorySource(files)).fleet
    assert not loaded.problems
    return structs.replace(
        fleet,
        clusters=tainted(fleet.clusters, decision.taints),
        previous_bindings=loaded.previous_bindings,
        frozen=loaded.frozen,
    )


def _dumped(manifests: Iterable[Mapping[str, Any]]) -> list[str]:
    return [dumps(dict(manifest)) for manifest in manifests]


class World:
    """A fleet that is looked at from time to time; what is decided is written at once.

    What is not said of a cluster or a workload keeps being as it was said last; what runs anywhere
    is healthy unless it is said not to be.
    """

    def __init__(self, objects: Iterable[Object], limits: Limits | None = None) -> None:
        self.fleet = from_objects(objects)
        assert not self.fleet.problems
        self.limits = limits or Limits()
        self.memory = Memory()
        self.clusters = {cluster.name: Ready.TRUE for cluster in self.fleet.clusters}
        self.workloads: dict[tuple[ObjectReference, str], Health] = {}
        self.removed: set[tuple[ObjectReference, str]] = set()

    def evidence(self, now: datetime) -> Evidence:
        return seen(self.clusters, self.workloads, now, self.removed)

    def look(self, seconds: float) -> Decision:
        """Decide at a time, and write what is decided."""
        now = at(seconds)
        decision = decide(self.fleet, self.evidence(now), now, self.memory, self.limits)
        self.fleet = written(self.fleet, decision)
        self.memory = decision.memory
        return decision

    def until_quiet(self, seconds: float, end: float) -> list[tuple[float, Decision]]:
        """Look at a time, and again whenever time alone may change something."""
        found = []
        while True:
            decision = self.look(seconds)
            found.append((seconds, decision))
            if decision.wake is None or (decision.wake - NOON).total_seconds() > end:
                return found
            seconds = (decision.wake - NOON).total_seconds()

    def where(self, resource: ObjectReference) -> dict[str, int]:
        state = self.fleet.previous_bindings[resource]
        return {target.name: target.replicas for target in state.clusters}

    def tasks(self, resource: ObjectReference) -> list[str]:
        return [one.from_cluster for one in self.fleet.previous_bindings[resource].eviction_tasks]


def said(decision: Decision) -> list[str]:
    return [str(reason) for reason in decision.reasons]


def held(decision: Decision) -> list[str]:
    return [str(reason) for reason in decision.held]


def taint_policy(
    name: str = "cluster-failover", *, effect: str = "NoExecute", **spec: Any
) -> Object:
    """Return a ClusterTaintPolicy that drives everything from clusters that are not ready."""
    return {
        "apiVersion": "policy.karmada.io/v1alpha1",
        "kind": "ClusterTaintPolicy",
        "metadata": {"name": name},
        "spec": {
            "addOnConditions": [
                {"conditionType": "Ready", "operator": "NotIn", "statusValues": ["True"]}
            ],
            "removeOnConditions": [
                {"conditionType": "Ready", "operator": "In", "statusValues": ["True"]}
            ],
            "taints": [{"key": "example.io/not-ready", "effect": effect}],
            **spec,
        },
    }


def failover(mode: str, seconds: int = 60, grace: int | None = None) -> dict[str, Any]:
    """Return `spec.failover` with both kinds of it."""
    application: dict[str, Any] = {
        "decisionConditions": {"tolerationSeconds": seconds},
        "purgeMode": mode,
    }
    if grace is not None:
        application["gracePeriodSeconds"] = grace
    found: dict[str, Any] = {"application": application}
    if mode != "Never":
        found["cluster"] = {"purgeMode": mode}
    return found


def fail_over(root: Path, *places: tuple[str, str, str]) -> None:
    """Let applications be unhealthy until they are moved, and write what is decided below `root`.

    A place is a kind, a name and a cluster.
    """
    fleet = load(DirectorySource(str(root))).fleet
    sick = {
        (template.ref, cluster): Health.UNHEALTHY
        for template in fleet.templates
        for kind, name, cluster in places
        if (template.ref.kind, template.ref.name) == (kind, name)
    }
    ready = {cluster.name: Ready.TRUE for cluster in fleet.clusters}
    first = decide(fleet, seen(ready, sick, at(0)), at(0), Memory())
    decision = decide(fleet, seen(ready, sick, at(600)), at(600), first.memory)
    files = {lock_path(ref): text(state).encode() for ref, state in decision.states.items()}
    for path, data in {**files, **decision.frozen}.items():
        assert data is not None
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
