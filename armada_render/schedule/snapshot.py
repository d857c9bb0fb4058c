"""The clusters as the scheduler sees them, and what passes ask of them again and again.

A snapshot lives as long as one call of `place`; answers are remembered by the value of the
question, so a thousand bindings with the same affinity cost one evaluation of it.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

import msgspec

from armada_render.model.affinity import AffinityIndex
from armada_render.model.binding import Rejection, ReplicaRequirements
from armada_render.model.cluster import Cluster, Taint
from armada_render.model.placement import Placement, SpreadConstraint, SpreadField, Toleration
from armada_render.schedule.capacity import Capacity

Answer = TypeVar("Answer")

_SCHEDULING_EFFECTS = ("NoSchedule", "NoExecute")


class Snapshot:
    """All clusters, ordered by name, without an order of their own (upstream's is random)."""

    def __init__(self, clusters: Sequence[Cluster], *, strict_inventory: bool = False) -> None:
        self.clusters = tuple(sorted(clusters, key=lambda cluster: cluster.name))
        self.alive = tuple(cluster for cluster in self.clusters if not cluster.is_terminating)
        self.affinities = AffinityIndex(self.alive)
        self._lasting = frozenset(cluster.name for cluster in self.alive)
        self._is_strict = strict_inventory
        self._capacities = {
            cluster.name: Capacity(cluster)
            for cluster in self.alive
            if strict_inventory or cluster.status.resource_summary is not None
        }
        self._answers: dict[Hashable, Any] = {}
        self._placements: dict[int, tuple[Placement, bytes]] = {}

    def remembered(self, question: Hashable, answer: Callable[[], Answer]) -> Answer:
        """Return the answer to `question`, asked for once."""
        known: Answer | None = self._answers.get(question)
        if known is None:
            known = self._answers[question] = answer()
        return known

    def text(self, placement: Placement) -> bytes:
        """Return what stands for the value of `placement` in questions."""
        known = self._placements.get(id(placement))
        if known is None:
            # The placement is kept so that no other object gets its id.
            known = self._placements[id(placement)] = (placement, msgspec.json.encode(placement))
        return known[1]

    def is_gone(self, name: str) -> bool:
        """Tell whether a cluster is being deleted; one that left the inventory counts as such.

        Upstream keeps the Cluster object until no binding names it (architecture.md, section 4).
        """
        return name not in self._lasting

    def rejection(self, cluster: str, rule: str, reason: str) -> Rejection:
        """Return a rejection, the same object for the same words."""
        return self.remembered(
            (cluster, rule, reason), lambda: Rejection(cluster=cluster, rule=rule, reason=reason)
        )

    def enabled(self, api_version: str, kind: str) -> frozenset[str]:
        """Return the clusters that serve a kind (cluster_helper.go, APIEnablement).

        One whose status lists no APIs at all serves everything, unless the inventory is strict.
        """
        return self.remembered(
            ("enabled", api_version, kind),
            lambda: frozenset(c.name for c in self.alive if self._serves(c, api_version, kind)),
        )

    def _serves(self, cluster: Cluster, api_version: str, kind: str) -> bool:
        enablements = cluster.status.api_enablements
        if enablements is None:
            return not self._is_strict
        return any(
            enablement.group_version == api_version
            and any(resource.kind == kind for resource in enablement.resources)
            for enablement in enablements
        )

    def untolerated(self, tolerations: tuple[Toleration, ...]) -> dict[str, Taint]:
        """Return the first taint of each cluster that nothing in `tolerations` tolerates."""
        return self.remembered(
            ("untolerated", tolerations),
            lambda: {
                cluster.name: taint
                for cluster in self.alive
                if (taint := _first_untolerated(cluster, tolerations)) is not None
            },
        )

    def lacking(self, constraints: tuple[SpreadConstraint, ...]) -> dict[str, str]:
        """Return the property that a cluster lacks to be spread by (plugins/spreadconstraint)."""
        fields = tuple(
            constraint.spread_by_field
            for constraint in constraints
            if constraint.spread_by_field not in (None, SpreadField.CLUSTER)
        )
        return self.remembered(
            ("lacking", fields),
            lambda: {
                cluster.name: lacked
                for cluster in self.alive
                if (lacked := _first_lacking(cluster, fields))
            },
        )

    def estimates(self, requirements: ReplicaRequirements | None) -> dict[str, int]:
        """Return how many more replicas fit, for the clusters of which anything is known."""
        if not self._capacities:
            return {}
        request = None if requirements is None else requirements.resource_request
        key = None if request is None else tuple(sorted(request.items()))
        return self.remembered(
            ("estimates", key),
            lambda: {name: known.estimate(request) for name, known in self._capacities.items()},
        )

    @property
    def knows_capacity(self) -> bool:
        """Tell whether requirements can make any difference."""
        return bool(self._capacities)


def _first_untolerated(cluster: Cluster, tolerations: tuple[Toleration, ...]) -> Taint | None:
    for taint in cluster.spec.taints:
        if taint.effect in _SCHEDULING_EFFECTS and not any(
            tolerates(toleration, taint) for toleration in tolerations
        ):
            return taint
    return None


def tolerates(toleration: Toleration, taint: Taint) -> bool:
    """Tell whether a toleration matches a taint (k8s.io/api/core/v1/toleration.go)."""
    if toleration.effect and toleration.effect != taint.effect:
        return False
    if toleration.key and toleration.key != taint.key:
        return False
    if toleration.operator in ("", "Equal"):
        return toleration.value == taint.value
    return toleration.operator == "Exists"


def _first_lacking(cluster: Cluster, fields: tuple[SpreadField | None, ...]) -> str:
    for field in fields:
        if field is SpreadField.PROVIDER and not cluster.spec.provider:
            return "provider"
        if field is SpreadField.REGION and not cluster.spec.region:
            return "region"
        if field is SpreadField.ZONE and not cluster.zones:
            return "zones"
    return ""
