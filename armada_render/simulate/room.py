"""What is left on clusters that take something over. Pure."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from armada_render.model import quantity
from armada_render.model.binding import ResourceBinding
from armada_render.model.cluster import Cluster, QuantityText, ResourceSummary
from armada_render.model.demand import demand


class Room(Struct, frozen=True, kw_only=True):
    """One resource of one cluster, in nano-units: what it has, and what is free then.

    `total` and `free` are None where the inventory does not say.
    """

    cluster: str
    resource: str
    taken: int
    free: int | None = None
    total: int | None = None


def rooms(
    clusters: Iterable[Cluster],
    before: Sequence[ResourceBinding],
    after: Sequence[ResourceBinding],
    victims: frozenset[str],
) -> tuple[Room, ...]:
    """Return what is left of each resource that is asked for more than before, by cluster."""
    asked, later = demand(before), demand(after)
    found = []
    for cluster in clusters:
        if cluster.name in victims:
            continue
        for resource, amount in sorted(later.get(cluster.name, {}).items()):
            taken = amount - asked.get(cluster.name, {}).get(resource, 0)
            if taken > 0:
                found.append(_room(cluster, resource, taken))
    return tuple(found)


def _room(cluster: Cluster, resource: str, taken: int) -> Room:
    summary = cluster.status.resource_summary or ResourceSummary()
    if resource not in summary.allocatable:
        return Room(cluster=cluster.name, resource=resource, taken=taken)
    total = _amount(summary.allocatable[resource])
    used = sum(
        _amount(amounts.get(resource, 0)) for amounts in (summary.allocated, summary.allocating)
    )
    return Room(
        cluster=cluster.name,
        resource=resource,
        taken=taken,
        free=total - used - taken,
        total=total,
    )


def _amount(text: QuantityText) -> int:
    return quantity.parse(text)
