"""Bindings in, bindings with target clusters out: Karmada's scheduler, without a control plane.

`place` takes each binding through the decision ladder (`ladder`), the algorithm (`filter`,
`group`, `select`, `assign`) and the rules of what a result changes (`outcome`). Bindings do not
see one another, and nothing here reads a clock. `schedulerName` is not looked at: it picks one of
several schedulers of a control plane, and here there is one.
"""

from collections.abc import Sequence

from armada_render.model.binding import ResourceBinding
from armada_render.model.cluster import Cluster
from armada_render.schedule.outcome import schedule
from armada_render.schedule.snapshot import Snapshot

__all__ = ["place"]


def place(
    bindings: Sequence[ResourceBinding],
    clusters: Sequence[Cluster],
    *,
    strict_inventory: bool = False,
) -> tuple[ResourceBinding, ...]:
    """Return `bindings` with clusters and the reasons for them; those without placement stay as is.

    With `strict_inventory` a cluster that does not state its capacity has none, and one that does
    not list its APIs serves none, as upstream sees it; else both count as unlimited.
    """
    snapshot = Snapshot(clusters, strict_inventory=strict_inventory)
    return tuple(
        binding if binding.placement is None else schedule(snapshot, binding, binding.placement)
        for binding in bindings
    )
