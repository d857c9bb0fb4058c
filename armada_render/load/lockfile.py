"""Where the lock stands, and what may stand in its files.

What is there was written by armada-render, so a field that Karmada does not know is a slip of
somebody's hand, and is refused rather than skipped: a misspelt `clusters` would move a workload.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from armada_render.errors import Problem, SourceLocation
from armada_render.model.binding import (
    APPLIED_PLACEMENT,
    BINDING_API,
    BINDING_KINDS,
    GracefulEvictionTask,
    binding_name,
)
from armada_render.model.decode import FieldPath, format_path
from armada_render.model.resource import ObjectReference

LOCK = ".armada/bindings"
"""The folder of the lock, below the root."""
CLUSTER_FOLDER = "_cluster"
"""The folder of bindings without a namespace; no namespace can have this name."""

_HINT = (
    "restore the file with `git checkout`, or delete it and run `armada-render lock`, which then "
    "places this resource anew"
)

# pkg/apis/work/v1alpha2/binding_types.go, as far as it is looked into
_FIELDS: Mapping[str, frozenset[str]] = {
    "": frozenset(("apiVersion", "kind", "metadata", "spec", "status")),
    "spec": frozenset(
        (
            "clusters",
            "components",
            "conflictResolution",
            "failover",
            "gracefulEvictionTasks",
            "placement",
            "preserveResourcesOnDeletion",
            "propagateDeps",
            "replicaRequirements",
            "replicas",
            "requiredBy",
            "rescheduleTriggeredAt",
            "resource",
            "schedulePriority",
            "schedulerName",
            "suspension",
            "workloadAffinityGroups",
        )
    ),
    "clusters": frozenset(("name", "replicas", "components")),
    "gracefulEvictionTasks": frozenset(GracefulEvictionTask.__struct_encode_fields__),
    "resource": frozenset(("apiVersion", "kind", "namespace", "name", "uid", "resourceVersion")),
    "suspension": frozenset(("dispatching", "dispatchingOnClusters", "scheduling")),
    "status": frozenset(
        (
            "aggregatedStatus",
            "conditions",
            "lastScheduledTime",
            "schedulerObservedGeneration",
            "schedulerObservingAffinityName",
        )
    ),
}


def is_in_lock(path: str) -> bool:
    """Tell whether a file, by its path below the root, is one of the lock."""
    return path.startswith(LOCK + "/")


def lock_path(ref: ObjectReference) -> str:
    """Return where below the root the binding of a resource is kept."""
    folder = ref.namespace or CLUSTER_FOLDER
    return f"{LOCK}/{folder}/{binding_name(ref.kind, ref.name)}.yaml"


def with_lock_hint(problem: Problem) -> Problem:
    """Return the problem with what to do about it, when it is one of the lock."""
    location = problem.location
    if location is None or not is_in_lock(location.path) or "armada-render lock" in problem.hint:
        return problem
    return msgspec.structs.replace(problem, hint=_HINT)


def lock_problems(manifest: Mapping[str, Any], location: SourceLocation) -> Iterator[Problem]:
    """Yield what is wrong with an object in a lock file, besides types and missing fields."""
    if manifest["apiVersion"] != BINDING_API or manifest["kind"] not in BINDING_KINDS:
        yield Problem(
            message=f"{manifest['kind']} is no ResourceBinding of {BINDING_API}, and nothing else "
            f"may stand below {LOCK}",
            location=location,
            hint="move the file elsewhere: `armada-render lock` owns this folder",
        )
        return
    metadata, spec = _mapping(manifest["metadata"]), _mapping(manifest.get("spec"))
    yield from _unknown_fields(manifest, spec, location)
    yield from _repeated_clusters(spec, location)
    yield from _placement_problems(metadata, spec, _mapping(manifest.get("status")), location)
    yield from _wrong_place(metadata, _mapping(spec.get("resource")), location)


def _unknown_fields(
    manifest: Mapping[str, Any], spec: Mapping[str, Any], location: SourceLocation
) -> Iterator[Problem]:
    sections: list[tuple[FieldPath, str, object]] = [
        ((), "", manifest),
        (("spec",), "spec", spec),
        (("status",), "status", manifest.get("status")),
        (("spec", "resource"), "resource", spec.get("resource")),
        (("spec", "suspension"), "suspension", spec.get("suspension")),
    ]
    for name in ("clusters", "gracefulEvictionTasks"):
        sections += (
            (("spec", name, index), name, item) for index, item in enumerate(_list(spec.get(name)))
        )
    for path, name, section in sections:
        for key in _mapping(section):
            if key not in _FIELDS[name]:
                yield Problem(
                    message=f'unknown field "{key}"',
                    location=location,
                    field=format_path((*path, key)),
                )


def _repeated_clusters(spec: Mapping[str, Any], location: SourceLocation) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, target in enumerate(_list(spec.get("clusters"))):
        name = _mapping(target).get("name")
        if not isinstance(name, str):
            continue
        if name in seen:
            yield Problem(
                message=f"cluster {name} stands here twice",
                location=location,
                field=f"spec.clusters[{index}].name",
            )
        seen.add(name)


def _wrong_place(
    metadata: Mapping[str, Any], resource: Mapping[str, Any], location: SourceLocation
) -> Iterator[Problem]:
    names = [resource.get(key) or "" for key in ("apiVersion", "kind", "namespace", "name")]
    if not all(isinstance(name, str) for name in names) or not (names[1] and names[3]):
        return  # what decoding reports
    ref = ObjectReference(*names)
    home, name = lock_path(ref), binding_name(ref.kind, ref.name)
    if location.path != home:
        yield Problem(
            message=f"holds the binding of {ref}, which belongs into {home}",
            location=location,
            field="spec.resource",
            hint=f"{_HINT}; what a live Karmada exported is read by `armada-render lock --import`",
        )
    elif metadata["name"] != name or (metadata.get("namespace") or "") != ref.namespace:
        yield Problem(
            message=f"the binding of {ref} has the name {name} and the namespace of its resource",
            location=location,
            field="metadata.name",
        )


def _placement_problems(
    metadata: Mapping[str, Any],
    spec: Mapping[str, Any],
    status: Mapping[str, Any],
    location: SourceLocation,
) -> Iterator[Problem]:
    text = _mapping(metadata.get("annotations")).get(APPLIED_PLACEMENT)
    if not isinstance(text, str):
        return
    try:
        applied = msgspec.json.decode(text)
    except msgspec.DecodeError:
        applied = None
    if not isinstance(applied, dict):
        yield Problem(
            message="not the JSON of a placement",
            location=location,
            field=format_path(("metadata", "annotations", APPLIED_PLACEMENT)),
        )
        return
    groups = [
        _mapping(item).get("affinityName") for item in _list(applied.get("clusterAffinities"))
    ]
    observed = status.get("schedulerObservingAffinityName")
    # The group is the last line of a file, and what is left of a truncated one is valid.
    if groups and spec.get("clusters") and observed not in groups:
        yield Problem(
            message="must name the affinity group in use; is the file truncated?",
            location=location,
            field="status.schedulerObservingAffinityName",
        )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
