"""What one pass of the scheduler is asked."""

from msgspec import Struct

from armada_render.model.binding import (
    PreviousBinding,
    ReplicaRequirements,
    ResourceBinding,
    TargetCluster,
)
from armada_render.model.placement import Placement
from armada_render.model.selector import ClusterAffinity, ClusterAffinityTerm


class Request(Struct, frozen=True, eq=False, kw_only=True):
    """A binding to place, and what is left of its previous result.

    `term` is the active one of several affinity groups. `is_fresh` asks for a division without
    regard to the previous one (assignment.go, Fresh).
    """

    binding: ResourceBinding
    placement: Placement
    previous: PreviousBinding
    is_fresh: bool = False
    term: ClusterAffinityTerm | None = None

    @property
    def replicas(self) -> int:
        """The replicas wanted in total."""
        return self.binding.replicas

    @property
    def requirements(self) -> ReplicaRequirements | None:
        """What one replica needs."""
        return self.binding.requirements

    @property
    def targets(self) -> tuple[TargetCluster, ...]:
        """The previous result in its stored order."""
        return self.previous.clusters

    @property
    def evicting(self) -> tuple[str, ...]:
        """Clusters that the resource is being moved away from, whatever the purge mode."""
        return tuple(task.from_cluster for task in self.previous.eviction_tasks)

    @property
    def uid(self) -> str:
        """The UID that turns ties: the template's own, else the one remembered."""
        return self.binding.template.uid or self.previous.uid

    @property
    def affinities(self) -> tuple[ClusterAffinity, ...]:
        """What a candidate matches one of; empty when every cluster is one.

        Overflow tiers are for workloads only: others need no capacity (plugins/clusteraffinity).
        """
        if self.placement.cluster_affinity is not None:
            return (self.placement.cluster_affinity,)
        if self.term is None:
            return ()
        tiers = self.term.overflow_affinities if self.binding.is_workload else ()
        return (self.term, *tiers)
