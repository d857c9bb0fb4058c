"""ClusterTaintPolicy (`policy.karmada.io/v1alpha1`): taints that follow a cluster's conditions."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from armada_render.errors import SourceLocation
from armada_render.model.selector import ClusterAffinity


class TaintEffect(StrEnum):
    """What a taint does to those that do not tolerate it."""

    NO_SCHEDULE = "NoSchedule"
    PREFER_NO_SCHEDULE = "PreferNoSchedule"
    NO_EXECUTE = "NoExecute"


class ConditionOperator(StrEnum):
    """How the status of a condition is compared."""

    IN = "In"
    NOT_IN = "NotIn"


class ConditionStatus(StrEnum):
    """Status of a condition (metav1.ConditionStatus)."""

    TRUE = "True"
    FALSE = "False"
    UNKNOWN = "Unknown"


class MatchCondition(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """One condition of a cluster and what its status is compared with."""

    condition_type: Annotated[str, Meta(min_length=1)]
    operator: ConditionOperator
    status_values: tuple[ConditionStatus, ...]

    def holds(self, conditions: Mapping[str, str]) -> bool:
        """Tell whether it holds; of a condition that a cluster does not have nothing does."""
        status = conditions.get(self.condition_type)
        if status is None:
            return False
        return (status in self.status_values) == (self.operator is ConditionOperator.IN)


class PolicyTaint(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """A taint to add or remove."""

    key: Annotated[str, Meta(min_length=1)]
    effect: TaintEffect
    value: str = ""


class ClusterTaintSpec(
    Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True
):
    """`spec` of a ClusterTaintPolicy; without `target_clusters` it is about every cluster."""

    target_clusters: ClusterAffinity | None = None
    add_on_conditions: tuple[MatchCondition, ...] = ()
    remove_on_conditions: tuple[MatchCondition, ...] = ()
    taints: Annotated[tuple[PolicyTaint, ...], Meta(min_length=1)]


class ClusterTaintPolicy(Struct, frozen=True, kw_only=True):
    """Taints, and the conditions under which a cluster gets and loses them.

    `created` is `metadata.creationTimestamp`, by which upstream orders policies; objects in Git
    have none as a rule, and are ordered by name.
    """

    name: str
    spec: ClusterTaintSpec
    created: str = ""
    location: SourceLocation | None = None


def all_hold(conditions: Sequence[MatchCondition], status: Mapping[str, str]) -> bool:
    """Tell whether all hold; an empty list never does (clustertaintpolicy_controller.go)."""
    return bool(conditions) and all(condition.holds(status) for condition in conditions)
