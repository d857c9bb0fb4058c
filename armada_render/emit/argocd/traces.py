"""What other deliveries left on objects, and must not travel on with them (argocd.md 3.10).

Manifests that were exported from a cluster carry them. Karmada would keep them, so `render` does,
unless Argo CD applies what it writes.
"""

from armada_render.model.resource import Manifest, without
from armada_render.model.work import Work

_TRACKING = "argocd.argoproj.io/tracking-id"
_ANNOTATIONS = (
    # who applied it the last time, and with what: a whole manifest, be it that of a Secret
    "kubectl.kubernetes.io/last-applied-configuration",
    _TRACKING,
    "argocd.argoproj.io/installation-id",
    "policy.karmada.io/applied-overrides",
    "policy.karmada.io/applied-cluster-overrides",
)
_TRACKING_LABEL = "argocd.argoproj.io/instance"
_INSTANCE = "app.kubernetes.io/instance"
"""Helm and people write it too; it is Argo CD's only where it repeats the tracking annotation."""


def has_traces(work: Work) -> bool:
    """Tell whether an object carries what another delivery left on it."""
    metadata = work.manifest["metadata"]
    annotations, labels = metadata.get("annotations"), metadata.get("labels")
    return (isinstance(annotations, dict) and any(key in annotations for key in _ANNOTATIONS)) or (
        isinstance(labels, dict) and _TRACKING_LABEL in labels
    )


def without_traces(manifest: Manifest) -> Manifest:
    """Return `manifest` without them, and without a map of which nothing is left."""
    metadata = manifest["metadata"]
    labels = [_TRACKING_LABEL]
    if _is_instance(metadata):
        labels.append(_INSTANCE)
    for field, keys in (("annotations", _ANNOTATIONS), ("labels", labels)):
        for key in keys:
            manifest = without(manifest, ("metadata", field, key))
        if manifest["metadata"].get(field) == {} != metadata.get(field):
            manifest = without(manifest, ("metadata", field))
    return manifest


def _is_instance(metadata: Manifest) -> bool:
    annotations, labels = metadata.get("annotations"), metadata.get("labels")
    if not isinstance(annotations, dict) or not isinstance(labels, dict):
        return False
    tracking = annotations.get(_TRACKING)
    instance = labels.get(_INSTANCE)
    return isinstance(tracking, str) and tracking.partition(":")[0] == instance
