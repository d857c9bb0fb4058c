"""Short ways to write clusters and bindings for tests of the scheduler."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import structs

from armada_render.model.binding import (
    GracefulEvictionTask,
    PreviousBinding,
    ReplicaRequirements,
    ResourceBinding,
    TargetCluster,
)
from armada_render.model.cluster import Cluster, ClusterSpec, ClusterStatus
from armada_render.model.placement import Placement
from armada_render.model.resource import ObjectReference, ResourceTemplate
from armada_render.schedule import place

REF = ObjectReference("apps/v1", "Deployment", "shop", "web")
AGGREGATED = {"replicaSchedulingType": "Divided", "replicaDivisionPreference": "Aggregated"}
DYNAMIC = {
    "replicaSchedulingType": "Divided",
    "replicaDivisionPreference": "Weighted",
    "weightPreference": {"dynamicWeight": "AvailableReplicas"},
}
EQUAL = {"replicaSchedulingType": "Divided", "replicaDivisionPreference": "Weighted"}
EARLIER = "2025-03-01T10:00:00Z"
LATER = "2025-03-01T10:00:01Z"


def static(**weights: int) -> dict[str, Any]:
    """Return `replicaScheduling` with a weight for each cluster."""
    rules = [
        {"targetCluster": {"clusterNames": [name]}, "weight": weight}
        for name, weight in weights.items()
    ]
    return {**EQUAL, "weightPreference": {"staticWeightList": rules}}


def spread(field: str, least: int, most: int) -> dict[str, Any]:
    """Return one spread constraint."""
    return {"spreadByField": field, "minGroups": least, "maxGroups": most}


def cluster(
    name: str,
    free: int | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    status: Mapping[str, Any] | None = None,
    is_terminating: bool = False,
    **spec: Any,
) -> Cluster:
    """Return a cluster with `free` pod slots, or one that says nothing of its capacity."""
    known = {} if free is None else {"resourceSummary": {"allocatable": {"pods": free}}}
    return Cluster(
        name=name,
        labels=dict(labels or {}),
        is_terminating=is_terminating,
        spec=msgspec.convert(spec, ClusterSpec),
        status=msgspec.convert({**known, **(status or {})}, ClusterStatus),
    )


def clusters(**free: int) -> list[Cluster]:
    """Return clusters by name with that many free pod slots."""
    return [cluster(name, amount) for name, amount in free.items()]


def placement(spec: Mapping[str, Any]) -> Placement:
    """Decode `spec.placement` of a policy."""
    return msgspec.convert(spec, Placement)


def applied(spec: Mapping[str, Any]) -> str:
    """Return the applied-placement annotation for a placement."""
    return msgspec.json.encode(spec).decode()


def previous(spec: Mapping[str, Any] | None = None, /, **replicas: int) -> PreviousBinding:
    """Return a previous result; its placement was `spec`, or unknown."""
    return PreviousBinding(
        ref=REF,
        clusters=tuple(TargetCluster(name, count) for name, count in replicas.items()),
        applied_placement="" if spec is None else applied(spec),
        last_scheduled_time=EARLIER,
    )


def evicting(before: PreviousBinding, *names: str) -> PreviousBinding:
    """Return a previous result from which clusters are being evicted."""
    tasks = tuple(GracefulEvictionTask(from_cluster=name) for name in names)
    return structs.replace(before, eviction_tasks=tasks)


def binding(
    spec: Mapping[str, Any],
    replicas: int = 0,
    *,
    requests: Mapping[str, str] | None = None,
    uid: str = "",
    before: PreviousBinding | None = None,
    ref: ObjectReference = REF,
) -> ResourceBinding:
    """Return a binding that waits to be scheduled."""
    needs = None if requests is None else ReplicaRequirements(resource_request=dict(requests))
    manifest = {"apiVersion": ref.api_version, "kind": ref.kind, "metadata": {"uid": uid}}
    return ResourceBinding(
        template=ResourceTemplate(ref=ref, manifest=manifest),
        namespace=ref.namespace,
        name=f"{ref.name}-{ref.kind}".lower(),
        placement=placement(spec),
        replicas=replicas,
        requirements=needs,
        previous=before,
    )


def placed(
    waiting: ResourceBinding, fleet: Sequence[Cluster], *, strict_inventory: bool = False
) -> ResourceBinding:
    """Schedule one binding."""
    (result,) = place([waiting], fleet, strict_inventory=strict_inventory)
    return result


def result(scheduled: ResourceBinding) -> dict[str, int]:
    """Return replicas by cluster, in the order of the result."""
    return {target.name: target.replicas for target in scheduled.clusters}


def reasons(scheduled: ResourceBinding) -> dict[str, tuple[str, str]]:
    """Return rule and reason of each cluster that is no target."""
    return {item.cluster: (item.rule, item.reason) for item in scheduled.rejections}
