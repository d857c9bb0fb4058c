"""How many more replicas fit into one cluster (pkg/estimator/client/general.go).

Upstream's general estimator: from the resource models when the cluster has them, else from its
summary, and never more than free pod slots.
"""

from collections.abc import Mapping

from armada_render.model import quantity
from armada_render.model.cluster import Cluster, ResourceSummary
from armada_render.model.selector import qualified_name_error
from armada_render.schedule.int32 import MAX, wrap

_PODS_PER_NODE = 110
"""What every modelled node holds at most (maxPodsCountPerNode)."""

_UNLIMITED = 2**63 - 1

Node = tuple[int, Mapping[str, int]]
"""How many nodes of one grade are free, and what each has at least."""


class Capacity:
    """What one cluster has left, read from its status once."""

    def __init__(self, cluster: Cluster) -> None:
        summary = cluster.status.resource_summary or ResourceSummary()
        self._pods = _free_pods(summary)
        self._free = _free(summary)
        self._nodes = _nodes(cluster, summary)

    def estimate(self, request: Mapping[str, str] | None) -> int:
        """Return how many more replicas fit (maxAvailableReplicas).

        `request` is what one replica needs, None when the template says nothing of it.
        """
        if self._pods <= 0:
            return 0
        if request is None:
            return wrap(self._pods)
        needs = {name: quantity.parse(text) for name, text in request.items()}
        if self._nodes is not None:
            return wrap(min(self._pods, _fitting_nodes(self._nodes, needs)))
        return wrap(min(self._pods, _fitting_summary(self._free, needs)))


def _free_pods(summary: ResourceSummary) -> int:
    """Return the free pod slots, each number rounded up by itself (getAllowedPodNumber)."""
    allocatable, allocated, allocating = (
        quantity.value(quantity.parse(amounts.get("pods", 0)))
        for amounts in (summary.allocatable, summary.allocated, summary.allocating)
    )
    return allocatable - allocated - allocating


def _free(summary: ResourceSummary) -> dict[str, int]:
    """Return nano-units of each resource: allocatable without allocated and allocating."""
    free = {}
    for name, text in summary.allocatable.items():
        used = (amounts.get(name, 0) for amounts in (summary.allocated, summary.allocating))
        free[name] = quantity.parse(text) - sum(map(quantity.parse, used))
    return free


def _fitting_summary(free: Mapping[str, int], needs: Mapping[str, int]) -> int:
    """Return the replicas that fit the sums (getMaximumReplicasBasedOnClusterSummary)."""
    most = _UNLIMITED
    for name, need in needs.items():
        if need <= 0:
            continue
        left = free.get(name, 0)
        if left <= 0:
            return 0
        most = min(most, _units(name, left) // _units(name, need))
    return most


def _units(name: str, nano: int) -> int:
    """Return CPU in millicores, the rest in whole units, rounded up."""
    return quantity.milli_value(nano) if name == "cpu" else quantity.value(nano)


def _nodes(cluster: Cluster, summary: ResourceSummary) -> list[Node] | None:
    """Return the free nodes that the models describe, None when there are none to go by.

    A grade has the lower bounds of its ranges (buildModelNodes). Without `resourceModels`, or with
    a negative count, upstream falls back to the summary.
    """
    models = cluster.spec.resource_models
    free = summary.allocatable_modelings
    if not free or not models or any(modeling.count < 0 for modeling in free):
        return None
    counts: dict[int, int] = {}
    for modeling in free:
        counts[modeling.grade] = counts.get(modeling.grade, 0) + modeling.count
    grades = {
        model.grade: {
            limit.name: _units(limit.name, quantity.parse(limit.min)) for limit in model.ranges
        }
        for model in models
    }
    return [(counts[grade], least) for grade, least in grades.items() if counts.get(grade)]


def _fitting_nodes(nodes: list[Node], needs: Mapping[str, int]) -> int:
    """Return the replicas that fit node by node (scheduling_simulator_components.go).

    All replicas are alike, so first fit is a sum. What a model does not define there is none of;
    names that Kubernetes does not schedule by are no requirement at all.
    """
    wanted = {
        name: units
        for name, nano in needs.items()
        if name != "pods" and _is_scheduled_by(name) and (units := _units(name, nano)) > 0
    }
    fitting = 0
    for count, least in nodes:
        per_node = min((least.get(name, 0) // need for name, need in wanted.items()), default=MAX)
        fitting += count * min(_PODS_PER_NODE, per_node)
    return min(fitting, MAX)


def _is_scheduled_by(name: str) -> bool:
    """Tell whether nodes count a resource (pkg/util/lifted/resourcename.go)."""
    if name in ("cpu", "memory", "ephemeral-storage"):
        return True
    if name.startswith(("hugepages-", "attachable-volumes-")) or "kubernetes.io/" in name:
        return True
    return (
        "/" in name
        and not name.startswith("requests.")
        and not qualified_name_error(f"requests.{name}")
    )
