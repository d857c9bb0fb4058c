"""What replicas ask of the clusters that they are placed on."""

from collections.abc import Iterable

from armada_render.model import quantity
from armada_render.model.binding import ResourceBinding

_PODS = "pods"


def demand(bindings: Iterable[ResourceBinding]) -> dict[str, dict[str, int]]:
    """Return what is asked of each resource of each cluster, in nano-units.

    Requests times replicas, and their pods; clusters without workloads are not there.
    """
    sums: dict[str, dict[str, int]] = {}
    for binding in bindings:
        if not binding.is_workload:
            continue
        request = binding.requirements.resource_request if binding.requirements else {}
        needs = {name: quantity.parse(text) for name, text in request.items()}
        needs[_PODS] = quantity.NANO
        for target in binding.targets:
            total = sums.setdefault(target.name, {})
            for name, need in needs.items():
                total[name] = total.get(name, 0) + need * target.replicas
    return sums
