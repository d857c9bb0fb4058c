"""How much of each cluster the fleet asks for, against what the inventory says it has."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from armada_render.model import quantity
from armada_render.model.binding import ResourceBinding
from armada_render.model.cluster import Cluster, QuantityText, ResourceSummary
from armada_render.model.demand import demand

_FIRST = ("cpu", "memory", "pods")


class Share(Struct, frozen=True, kw_only=True):
    """One resource of one cluster, in nano-units.

    `asked` is what the rendering puts there, `used` what the inventory says runs there already
    (which may be the same pods), `total` what there is; both None where the inventory is silent.
    """

    resource: str
    asked: int
    used: int | None = None
    total: int | None = None


def shares(
    clusters: Iterable[Cluster], bindings: Iterable[ResourceBinding]
) -> Mapping[str, tuple[Share, ...]]:
    """Return the shares of every cluster: CPU, memory and pods first, the others by name."""
    asked = demand(bindings)
    return {cluster.name: _shares(cluster, asked.get(cluster.name, {})) for cluster in clusters}


def _shares(cluster: Cluster, asked: Mapping[str, int]) -> tuple[Share, ...]:
    summary = cluster.status.resource_summary
    known = (summary or ResourceSummary()).allocatable
    found = []
    for name in sorted({*known, *asked}, key=_order):
        share = Share(resource=name, asked=asked.get(name, 0))
        if summary is not None and name in known:
            used = _amount(summary.allocated, name) + _amount(summary.allocating, name)
            share = Share(resource=name, asked=share.asked, used=used, total=_amount(known, name))
        found.append(share)
    return tuple(found)


def _amount(amounts: Mapping[str, QuantityText], name: str) -> int:
    return quantity.parse(amounts.get(name, 0))


def _order(name: str) -> tuple[int, str]:
    return _FIRST.index(name) if name in _FIRST else len(_FIRST), name


def readable(nano: int, resource: str) -> str:
    """Return an amount as people write it: `2.5`, `800m`, `12.4Gi`."""
    if resource == "cpu" and 0 < abs(nano) < quantity.NANO:
        return f"{quantity.milli_value(nano)}m"
    if resource in ("memory", "ephemeral-storage"):
        for suffix, bits in (("Ti", 40), ("Gi", 30), ("Mi", 20), ("Ki", 10)):
            if abs(nano) >= quantity.NANO << bits:
                return f"{_rounded(nano / (quantity.NANO << bits))}{suffix}"
    return _rounded(nano / quantity.NANO)


def _rounded(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
