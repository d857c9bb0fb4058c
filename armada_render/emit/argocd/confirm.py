"""Argo CD asks a person before it prunes or deletes what takes data with it (argocd.md 3.9)."""

from msgspec.structs import replace

from armada_render.emit.argocd.names import group_of
from armada_render.model.resource import replaced
from armada_render.model.work import Work

SYNC_OPTIONS = "argocd.argoproj.io/sync-options"
_OPTIONS = ("Prune", "Delete")
CONFIRMED = {SYNC_OPTIONS: ",".join(f"{name}=confirm" for name in _OPTIONS)}
"""The annotations of an object that says nothing else."""
_PRECIOUS = frozenset(
    (
        ("", "Namespace"),
        ("", "PersistentVolumeClaim"),
        ("apiextensions.k8s.io", "CustomResourceDefinition"),
    )
)


def lacks_confirmation(work: Work) -> bool:
    """Tell whether Argo CD would prune or delete this precious object without asking."""
    return is_precious(work) and confirmed(work) is not work


def is_precious(work: Work) -> bool:
    """Tell whether the object is a Namespace, a CRD or a PVC."""
    return (group_of(work.ref.api_version), work.ref.kind) in _PRECIOUS


def confirmed(work: Work) -> Work:
    """Return a precious `work` with `Prune=confirm` and `Delete=confirm`.

    What the manifest says itself about pruning or deletion stays.
    """
    annotations = work.manifest["metadata"].get("annotations")
    written = annotations.get(SYNC_OPTIONS) if isinstance(annotations, dict) else ""
    if not isinstance(annotations, dict | None) or not isinstance(written, str | None):
        # The API server will refuse the object, for a reason that is not ours to hide.
        return work
    options = [option.strip() for option in (written or "").split(",") if option.strip()]
    said = {option.partition("=")[0] for option in options}
    missing = [f"{name}=confirm" for name in _OPTIONS if name not in said]
    if not missing:
        return work
    path = ("metadata", "annotations", SYNC_OPTIONS)
    return replace(work, manifest=replaced(work.manifest, path, ",".join([*options, *missing])))
