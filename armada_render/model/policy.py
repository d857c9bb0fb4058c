"""PropagationPolicy and ClusterPropagationPolicy (`policy.karmada.io/v1alpha1`)."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta, Struct

from armada_render.errors import SourceLocation
from armada_render.model.placement import Int32, Placement
from armada_render.model.selector import ClusterAffinity, ResourceSelector


class Preemption(StrEnum):
    """`preemption`; `Always` has no effect at Karmada's default feature gates."""

    ALWAYS = "Always"
    NEVER = "Never"


class ConflictResolution(StrEnum):
    """`conflictResolution`."""

    ABORT = "Abort"
    OVERWRITE = "Overwrite"


class PurgeMode(StrEnum):
    """How an evicted copy leaves its old cluster."""

    DIRECTLY = "Directly"
    GRACEFULLY = "Gracefully"
    NEVER = "Never"


class ClusterPurgeMode(StrEnum):
    """`failover.cluster.purgeMode`, which knows no `Never`."""

    DIRECTLY = "Directly"
    GRACEFULLY = "Gracefully"


class DecisionConditions(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """When an unhealthy application is given up on; seconds."""

    toleration_seconds: Int32 = 300


class StatePreservationRule(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A status field carried over as a label on failover."""

    alias_label_name: str
    json_path: str


class StatePreservation(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What survives a failover."""

    rules: tuple[StatePreservationRule, ...]


class ApplicationFailover(
    Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True
):
    """`failover.application`."""

    decision_conditions: DecisionConditions
    purge_mode: PurgeMode = PurgeMode.GRACEFULLY
    grace_period_seconds: Int32 | None = None
    state_preservation: StatePreservation | None = None


class ClusterFailover(
    Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True
):
    """`failover.cluster`."""

    purge_mode: ClusterPurgeMode = ClusterPurgeMode.GRACEFULLY
    state_preservation: StatePreservation | None = None


class Failover(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What happens when an application or its cluster is unhealthy."""

    application: ApplicationFailover | None = None
    cluster: ClusterFailover | None = None


class SuspendClusters(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Clusters whose copy is held back."""

    cluster_names: tuple[str, ...] = ()


class Suspension(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Works are computed but not handed to the clusters named."""

    dispatching: bool = False
    dispatching_on_clusters: SuspendClusters | None = None

    def holds_back(self, cluster: str) -> bool:
        """Tell whether what `cluster` should get is held back."""
        listed = self.dispatching_on_clusters
        return self.dispatching or (listed is not None and cluster in listed.cluster_names)


class SchedulePriority(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Accepted by the API; without effect at Karmada's default feature gates."""

    priority_class_source: Literal["KubePriorityClass"]
    priority_class_name: str


class PropagationSpec(
    Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True
):
    """`spec` of both propagation policy kinds, CRD defaults included."""

    resource_selectors: Annotated[tuple[ResourceSelector, ...], Meta(min_length=1)]
    association: bool = False
    propagate_deps: bool = False
    placement: Placement = Placement()
    priority: Int32 = 0
    preemption: Preemption = Preemption.NEVER
    dependent_overrides: tuple[str, ...] = ()
    scheduler_name: str = "default-scheduler"
    failover: Failover | None = None
    conflict_resolution: ConflictResolution = ConflictResolution.ABORT
    activation_preference: Literal["Lazy", ""] = ""
    suspension: Suspension | None = None
    preserve_resources_on_deletion: bool = False
    schedule_priority: SchedulePriority | None = None


class PropagationPolicy(Struct, frozen=True, kw_only=True):
    """A propagation policy of either kind; `namespace` "" means ClusterPropagationPolicy."""

    name: str
    namespace: str
    spec: PropagationSpec
    location: SourceLocation | None = None

    @property
    def kind(self) -> str:
        """`PropagationPolicy` or `ClusterPropagationPolicy`."""
        return "PropagationPolicy" if self.namespace else "ClusterPropagationPolicy"

    def affinities(self) -> Iterator[ClusterAffinity]:
        """Yield everything in the placement that selects clusters."""
        placement = self.spec.placement
        if placement.cluster_affinity is not None:
            yield placement.cluster_affinity
        for term in placement.cluster_affinities:
            yield term
            yield from term.overflow_affinities
        scheduling = placement.replica_scheduling
        if scheduling is not None and scheduling.weight_preference is not None:
            for rule in scheduling.weight_preference.static_weight_list:
                yield rule.target_cluster

    @property
    def key(self) -> str:
        """`Kind/namespace/name`, as reports and the conformance cases name policies."""
        return f"{self.kind}/{self.namespace}/{self.name}"
