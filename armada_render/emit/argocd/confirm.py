"""Argo CD asks a person before it prunes or deletes what takes data with it (argocd.md 3.9)."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from armada_render.emit.argocd.names import group_of
from armada_render.model.argocd import ArgoCD
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


def as_applied(
    works: Mapping[str, Sequence[Work]], settings: ArgoCD | None
) -> Mapping[str, Sequence[Work]]:
    """Return what Argo CD is given: with confirmation, unless the settings leave it out.

    `settings` is None when `armada.yaml` does not say that Argo CD applies the output.
    """
    if settings is None or not settings.prune_confirmation:
        return works
    return with_confirmation(works)


def with_confirmation(works: Mapping[str, Sequence[Work]]) -> dict[str, Sequence[Work]]:
    """Return `works` with `Prune=confirm` and `Delete=confirm` on Namespaces, CRDs and PVCs.

    What a manifest says itself about pruning or deletion stays. Equal Works are shared as before.
    """
    changed: dict[int, Work] = {}
    result: dict[str, Sequence[Work]] = {}
    for cluster, group in works.items():
        if not any(map(_is_precious, group)):
            result[cluster] = group
            continue
        confirmed = []
        for work in group:
            if id(work) not in changed:
                changed[id(work)] = _confirmed(work) if _is_precious(work) else work
            confirmed.append(changed[id(work)])
        result[cluster] = tuple(confirmed)
    return result


def lacks_confirmation(work: Work) -> bool:
    """Tell whether Argo CD would prune or delete this precious object without asking."""
    return _is_precious(work) and _confirmed(work) is not work


def _is_precious(work: Work) -> bool:
    return (group_of(work.ref.api_version), work.ref.kind) in _PRECIOUS


def _confirmed(work: Work) -> Work:
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
