"""Karmada's bookkeeping in metadata, which is gone from what we print.

It is there while objects are interpreted and overridden.
In a control plane the detector writes a policy's claim into the template before anything is built
from it (pkg/detector/claim.go), and the binding controller adds labels and annotations of its own
after the overrides (pkg/controllers/binding/common.go, pkg/controllers/ctrlutil/work.go). Both go
through accessors that drop a map in which one value is no string.
"""

from armada_render.model.policy import PropagationPolicy
from armada_render.model.resource import Manifest, string_map

# Upstream draws a random UUID for each policy; nothing of it may reach the output.
_PERMANENT_ID = "00000000-0000-0000-0000-000000000000"

_LABELS = frozenset(
    (
        "propagationpolicy.karmada.io/permanent-id",
        "clusterpropagationpolicy.karmada.io/permanent-id",
        "resourcebinding.karmada.io/permanent-id",
        "clusterresourcebinding.karmada.io/permanent-id",
        "work.karmada.io/permanent-id",
        "karmada.io/managed",
    )
)
_ANNOTATIONS = frozenset(
    (
        "propagationpolicy.karmada.io/namespace",
        "propagationpolicy.karmada.io/name",
        "clusterpropagationpolicy.karmada.io/name",
        "resourcebinding.karmada.io/namespace",
        "resourcebinding.karmada.io/name",
        "clusterresourcebinding.karmada.io/name",
        "resourcetemplate.karmada.io/uid",
        "resourcetemplate.karmada.io/generation",
        "resourcetemplate.karmada.io/managed-annotations",
        "resourcetemplate.karmada.io/managed-labels",
        "work.karmada.io/name",
        "work.karmada.io/namespace",
        "work.karmada.io/conflict-resolution",
    )
)


def claimed(manifest: Manifest, policy: PropagationPolicy | None) -> Manifest:
    """Return `manifest` with the claim of `policy`; a dependency, without policy, carries none."""
    if policy is None:
        return manifest
    prefix = policy.kind.lower() + ".karmada.io"
    annotations = {f"{prefix}/name": policy.name}
    if policy.namespace:
        annotations[f"{prefix}/namespace"] = policy.namespace
    metadata = manifest["metadata"]
    return {
        **manifest,
        "metadata": {
            **metadata,
            "labels": {
                **string_map(metadata.get("labels")),
                f"{prefix}/permanent-id": _PERMANENT_ID,
            },
            "annotations": {**string_map(metadata.get("annotations")), **annotations},
        },
    }


def released(manifest: Manifest) -> Manifest:
    """Return `manifest` without bookkeeping; `manifest` itself when there is none.

    Labels and annotations of which nothing is left are left out.
    """
    metadata = manifest["metadata"]
    smaller = _without(_without(metadata, "labels", _LABELS), "annotations", _ANNOTATIONS)
    return manifest if smaller is metadata else {**manifest, "metadata": smaller}


def _without(metadata: Manifest, field: str, keys: frozenset[str]) -> Manifest:
    if field not in metadata:
        return metadata
    before = metadata[field]
    kept = string_map(before)
    surplus = keys.intersection(kept)
    if surplus:
        kept = dict(kept)
        for key in surplus:
            del kept[key]
    if kept is before and kept:
        return metadata
    copy = dict(metadata)
    if kept:
        copy[field] = kept
    else:
        del copy[field]
    return copy
