"""`spec.placement` of a policy, one field for one field."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from armada_render.model.selector import ClusterAffinity, ClusterAffinityTerm

Int32 = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]


class Toleration(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """A core/v1 toleration, here of cluster taints."""

    key: str = ""
    operator: str = ""
    value: str = ""
    effect: str = ""
    toleration_seconds: Int64 | None = None


class SpreadField(StrEnum):
    """What `spreadByField` may name."""

    CLUSTER = "cluster"
    REGION = "region"
    ZONE = "zone"
    PROVIDER = "provider"


class SpreadConstraint(
    Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True
):
    """How many groups to spread over; `max_groups` 0 selects none (upstream has no default)."""

    spread_by_field: SpreadField | None = None
    spread_by_label: str = ""
    max_groups: Int64 = 0
    min_groups: Int64 = 0


class SchedulingType(StrEnum):
    """`replicaSchedulingType`."""

    DUPLICATED = "Duplicated"
    DIVIDED = "Divided"


class DivisionPreference(StrEnum):
    """`replicaDivisionPreference`."""

    AGGREGATED = "Aggregated"
    WEIGHTED = "Weighted"


class DynamicWeight(StrEnum):
    """`dynamicWeight`."""

    AVAILABLE_REPLICAS = "AvailableReplicas"


class StaticClusterWeight(
    Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True
):
    """One static weight rule."""

    target_cluster: ClusterAffinity
    weight: Annotated[int, Meta(ge=1, le=2**63 - 1)]


class ClusterPreferences(
    Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True
):
    """`weightPreference`; a dynamic weight makes the static list void."""

    static_weight_list: tuple[StaticClusterWeight, ...] = ()
    dynamic_weight: DynamicWeight | None = None


class ReplicaScheduling(
    Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True
):
    """`replicaScheduling`; when the object is there its type defaults to Divided (CRD default)."""

    replica_scheduling_type: SchedulingType = SchedulingType.DIVIDED
    replica_division_preference: DivisionPreference | None = None
    weight_preference: ClusterPreferences | None = None


class WorkloadAffinityTerm(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A group of workloads that share the value of one label."""

    group_by_label_key: str


class WorkloadAffinity(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Accepted by the API; without effect at Karmada's default feature gates."""

    affinity: WorkloadAffinityTerm | None = None
    anti_affinity: WorkloadAffinityTerm | None = None


class Strategy(StrEnum):
    """The effective way to hand out replicas (scheduling.md, effective strategy)."""

    DUPLICATED = "Duplicated"
    AGGREGATED = "Aggregated"
    STATIC_WEIGHT = "StaticWeight"
    DYNAMIC_WEIGHT = "DynamicWeight"


class Placement(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """Where a policy wants its resources, and how many replicas where."""

    cluster_affinity: ClusterAffinity | None = None
    cluster_affinities: tuple[ClusterAffinityTerm, ...] = ()
    cluster_tolerations: tuple[Toleration, ...] = ()
    spread_constraints: tuple[SpreadConstraint, ...] = ()
    replica_scheduling: ReplicaScheduling | None = None
    workload_affinity: WorkloadAffinity | None = None

    @property
    def scheduling_type(self) -> SchedulingType:
        """Duplicated when `replicaScheduling` is absent, else its type."""
        if self.replica_scheduling is None:
            return SchedulingType.DUPLICATED
        return self.replica_scheduling.replica_scheduling_type

    @property
    def strategy(self) -> Strategy | None:
        """The effective strategy; None when Divided lacks a preference (admission was bypassed)."""
        scheduling = self.replica_scheduling
        if scheduling is None or self.scheduling_type is SchedulingType.DUPLICATED:
            return Strategy.DUPLICATED
        preference = scheduling.replica_division_preference
        if preference is DivisionPreference.AGGREGATED:
            return Strategy.AGGREGATED
        if preference is None:
            return None
        weights = scheduling.weight_preference
        if weights is not None and weights.dynamic_weight is not None:
            return Strategy.DYNAMIC_WEIGHT
        return Strategy.STATIC_WEIGHT
