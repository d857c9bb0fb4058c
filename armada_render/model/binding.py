"""ResourceBindings: a template, the policy that took it, and where it goes, with the reasons.

Fields carry the names of `work.karmada.io/v1alpha2`. Cluster-scoped templates have a binding with
namespace "" (Karmada's ClusterResourceBinding).
"""

from enum import StrEnum
from typing import Any

from msgspec import Struct

from armada_render.errors import SourceLocation
from armada_render.model.placement import Placement
from armada_render.model.policy import ConflictResolution, Failover, PropagationPolicy, Suspension
from armada_render.model.resource import ObjectReference, ResourceTemplate

BINDING_API = "work.karmada.io/v1alpha2"
BINDING_KINDS = ("ResourceBinding", "ClusterResourceBinding")
APPLIED_PLACEMENT = "policy.karmada.io/applied-placement"
LAST_FAILOVER = "armada-render/last-failover"


class TargetCluster(Struct, frozen=True):
    """A cluster that gets the resource; `replicas` is 0 for what is no workload."""

    name: str
    replicas: int = 0


class BindingSnapshot(Struct, frozen=True):
    """A binding that requires this one as a dependency, and the clusters it goes to."""

    namespace: str
    name: str
    clusters: tuple[TargetCluster, ...] = ()


class NodeClaim(Struct, frozen=True, rename="camel", kw_only=True):
    """Node constraints of one replica, as plain Kubernetes data."""

    hard_node_affinity: dict[str, Any] | None = None
    node_selector: dict[str, str] | None = None
    tolerations: tuple[dict[str, Any], ...] = ()


class ReplicaRequirements(Struct, frozen=True, rename="camel", kw_only=True):
    """What one replica needs; quantities are canonical text."""

    node_claim: NodeClaim | None = None
    resource_request: dict[str, str] = {}
    namespace: str = ""
    priority_class_name: str = ""


class GracefulEvictionTask(Struct, frozen=True, rename="camel", kw_only=True):
    """A cluster that the resource is being moved away from."""

    from_cluster: str
    purge_mode: str = ""
    replicas: int | None = None
    reason: str = ""
    message: str = ""
    producer: str = ""
    grace_period_seconds: int | None = None
    suppress_deletion: bool | None = None
    preserved_label_state: dict[str, str] = {}
    creation_timestamp: str | None = None
    clusters_before_failover: tuple[str, ...] = ()


class PreviousBinding(Struct, frozen=True, kw_only=True):
    """What the lock (or an exported ResourceBinding) says of the last scheduling of a resource.

    `applied_placement` is the raw text of the `policy.karmada.io/applied-placement` annotation;
    times are RFC 3339 text. `last_failover` is when it was last evicted from a cluster.
    """

    ref: ObjectReference
    uid: str = ""
    clusters: tuple[TargetCluster, ...] = ()
    eviction_tasks: tuple[GracefulEvictionTask, ...] = ()
    required_by: tuple[BindingSnapshot, ...] = ()
    applied_placement: str = ""
    observed_affinity: str = ""
    last_scheduled_time: str = ""
    reschedule_triggered_at: str = ""
    is_scheduling_suspended: bool = False
    last_failover: str = ""
    location: SourceLocation | None = None


class ConditionReason(StrEnum):
    """Why the Scheduled condition is not True (pkg/apis/work/v1alpha2, and the scheduler)."""

    NO_CLUSTER_FIT = "NoClusterFit"
    UNSCHEDULABLE = "Unschedulable"
    SCHEDULER_ERROR = "SchedulerError"


class Rejection(Struct, frozen=True):
    """Why a cluster is no target: `rule` is the filter or step that dropped it."""

    cluster: str
    rule: str
    reason: str


class Decision(Struct, frozen=True):
    """One step of the scheduler with its numbers, kept for `explain` and the report.

    `step` names it (`affinity`, `score`, `select`, `divide`, ...), `detail` is plain data.
    """

    step: str
    detail: dict[str, Any]


class PolicyVerdict(Struct, frozen=True):
    """A policy that was considered for a template: its priorities, and whether it won."""

    policy: str
    priority: int
    implicit_priority: int
    won: bool
    reason: str = ""


class ResourceBinding(Struct, frozen=True, kw_only=True, eq=False):
    """One resource on its way: made by match, given clusters by schedule, dependants by attach.

    `policy` and `placement` are None for a resource that only comes as a dependency.
    `reason` is "" when it was scheduled.
    """

    template: ResourceTemplate
    namespace: str
    name: str
    policy: PropagationPolicy | None = None
    placement: Placement | None = None
    replicas: int = 0
    requirements: ReplicaRequirements | None = None
    propagate_deps: bool = False
    conflict_resolution: ConflictResolution = ConflictResolution.ABORT
    preserve_resources_on_deletion: bool = False
    scheduler_name: str = "default-scheduler"
    suspension: Suspension | None = None
    failover: Failover | None = None
    previous: PreviousBinding | None = None
    clusters: tuple[TargetCluster, ...] = ()
    required_by: tuple[BindingSnapshot, ...] = ()
    eviction_tasks: tuple[GracefulEvictionTask, ...] = ()
    observed_affinity: str = ""
    reason: str = ""
    message: str = ""
    verdicts: tuple[PolicyVerdict, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    decisions: tuple[Decision, ...] = ()

    @property
    def ref(self) -> ObjectReference:
        """The resource."""
        return self.template.ref

    @property
    def is_workload(self) -> bool:
        """Whether replicas mean something here (binding_types_helper.go, IsWorkload)."""
        return self.replicas > 0 or self.requirements is not None

    @property
    def targets(self) -> tuple[TargetCluster, ...]:
        """Own clusters, then those of the bindings that require this one (helper/binding.go)."""
        if not self.required_by:
            return self.clusters
        seen = {target.name: target for target in self.clusters}
        for snapshot in self.required_by:
            for target in snapshot.clusters:
                seen.setdefault(target.name, target)
        return tuple(seen.values())


def binding_name(kind: str, name: str) -> str:
    """Return Karmada's name for the binding of an object (pkg/util/names/names.go)."""
    return f"{name.replace(':', '.')}-{kind}".lower()


class StageError(Struct, frozen=True, kw_only=True):
    """A resource that failed at a stage; the others go on.

    `stage` is `match`, `schedule`, `dependencies` or `work`; `policy` is `Kind/namespace/name`,
    `rule` says which part of it (`overrideRules[1].overriders.plaintext[0]`).
    """

    stage: str
    ref: ObjectReference
    message: str
    cluster: str = ""
    policy: str = ""
    rule: str = ""
    hint: str = ""
