"""What Argo CD is given of what clusters get."""

from collections.abc import Mapping, Sequence
from operator import is_
from typing import TYPE_CHECKING  # noqa: TID251 - not against cycles, but for a fast start

from msgspec.structs import replace

from armada_render.emit.argocd.confirm import confirmed, is_precious
from armada_render.emit.argocd.traces import has_traces, without_traces
from armada_render.model.work import Work

if TYPE_CHECKING:
    from armada_render.model.argocd import ArgoCD


def as_applied(
    works: Mapping[str, Sequence[Work]], settings: "ArgoCD | None"
) -> dict[str, Sequence[Work]]:
    """Return `works` without traces of other deliveries, and with `Prune=confirm` where it is due.

    `settings` is None when `armada.yaml` does not say that Argo CD applies the output: then nobody
    is asked. Clusters share what they shared, and what stays is the same object.
    """
    asks = settings is not None and settings.prune_confirmation
    changed: dict[int, Work] = {}

    def applied(work: Work) -> Work:
        result = changed.get(id(work))
        if result is None:
            result = work
            if has_traces(work):
                result = replace(work, manifest=without_traces(work.manifest))
            if asks and is_precious(result):
                result = confirmed(result)
            changed[id(work)] = result
        return result

    found: dict[str, Sequence[Work]] = {}
    for cluster, group in works.items():
        fresh = tuple(map(applied, group))
        is_same = all(map(is_, fresh, group))
        found[cluster] = group if is_same else fresh
    return found
