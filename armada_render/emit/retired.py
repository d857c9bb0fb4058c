"""Apps that were taken off clusters: what stands in their place until Argo CD has removed them.

Argo CD needs a folder to compare with, and Git keeps none that is empty. What stands in it is no
manifest: an object that is always there would switch Argo CD's own guard off (argocd.md R4).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from armada_render.emit.paths import RETIRED_NAME
from armada_render.model.config import Retirement
from armada_render.model.work import Work

Pair = tuple[str, str]
"""A cluster and an app."""


def retired_pairs(
    retired: Iterable[Retirement], works: Mapping[str, Sequence[Work]]
) -> tuple[Pair, ...]:
    """Return the pairs that entries name in full, if the cluster is one of `works` and has none.

    Entries that name less speak of places that nobody can list.
    """
    named = {(one.cluster, one.app) for one in retired if one.cluster in works}
    return tuple(
        sorted(
            (cluster, app)
            for cluster, app in named
            if app and "/" not in app and all(work.app != app for work in works[cluster])
        )
    )


def placeholders(pairs: Iterable[Pair]) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of the files that keep the folders of `pairs`."""
    for cluster, app in pairs:
        text = (
            f"Nothing of {app} is to run on {cluster} any more: see retire in armada.yaml.\n"
            "Argo CD needs this folder to remove what is left there.\n"
        )
        yield f"{cluster}/{app}/{RETIRED_NAME}", text.encode()
