"""Whether a binding is scheduled again (scheduling.md, decision ladder).

Upstream: doScheduleBinding in pkg/scheduler/scheduler.go, placementChanged in helper.go,
pkg/util/binding.go.
"""

from enum import Enum
from typing import Any

import msgspec

from armada_render.model.binding import PreviousBinding, ResourceBinding
from armada_render.model.placement import (
    ClusterPreferences,
    Placement,
    ReplicaScheduling,
    SchedulingType,
    SpreadConstraint,
    StaticClusterWeight,
    Toleration,
    WorkloadAffinity,
    WorkloadAffinityTerm,
)
from armada_render.model.selector import (
    ClusterAffinityTerm,
    FieldSelector,
    LabelSelector,
    OverflowAffinity,
    SelectorRequirement,
)
from armada_render.schedule import int32
from armada_render.schedule.snapshot import Snapshot

_KNOWN_KEYS = frozenset(
    name
    for struct in (
        Placement,
        ClusterAffinityTerm,
        OverflowAffinity,
        LabelSelector,
        FieldSelector,
        SelectorRequirement,
        Toleration,
        SpreadConstraint,
        ReplicaScheduling,
        ClusterPreferences,
        StaticClusterWeight,
        WorkloadAffinity,
        WorkloadAffinityTerm,
    )
    for name in struct.__struct_encode_fields__
)


def why_scheduled(
    binding: ResourceBinding, placement: Placement, previous: PreviousBinding, snapshot: Snapshot
) -> str:
    """Say what makes the scheduler compute a result; "" when the previous one stays."""
    if placement_changed(snapshot, placement, previous):
        return "placement changed" if previous.applied_placement else "first schedule"
    if replicas_changed(binding, placement, previous):
        return "replicas changed"
    if reschedule_required(previous):
        return "rescheduling was triggered"
    # Whatever is no workload counts as duplicated even when the policy divides.
    if not binding.is_workload or placement.scheduling_type is SchedulingType.DUPLICATED:
        return "duplicated resources are always scheduled"
    if any(snapshot.is_gone(target.name) for target in previous.clusters):
        return "a cluster that has it is being deleted"
    return ""


def replicas_changed(
    binding: ResourceBinding, placement: Placement, previous: PreviousBinding
) -> bool:
    """Tell whether the previous shares do not add up any more (IsBindingReplicasChanged)."""
    if placement.replica_scheduling is None:
        return False
    if placement.scheduling_type is SchedulingType.DUPLICATED:
        return any(target.replicas != binding.replicas for target in previous.clusters)
    return int32.total(previous.clusters) != binding.replicas


def reschedule_required(previous: PreviousBinding) -> bool:
    """Tell whether somebody asked for rescheduling since the last success (RescheduleRequired)."""
    if not previous.reschedule_triggered_at or not previous.last_scheduled_time:
        return False
    triggered = _moment(previous.reschedule_triggered_at)
    scheduled = _moment(previous.last_scheduled_time)
    return triggered is not None and scheduled is not None and triggered > scheduled


def _moment(text: str) -> float | None:
    """Return seconds since the epoch of RFC 3339 text, None for anything else."""
    from datetime import datetime  # noqa: PLC0415 - few bindings need it, and it is slow to import

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if moment.tzinfo is None else moment.timestamp()


def placement_changed(snapshot: Snapshot, placement: Placement, previous: PreviousBinding) -> bool:
    """Tell whether a placement differs in what matters from the applied one (placementChanged).

    Groups other than the observed one may come, go and change. Text that is no placement is no
    change, as upstream has it.
    """
    applied, observed = previous.applied_placement, previous.observed_affinity
    if not applied:
        return True
    before = snapshot.remembered(("applied", applied), lambda: decoded(applied))
    if before is Unlike.UNREADABLE:
        return False
    if before is Unlike.ANY:
        return True
    if before == placement:
        return False
    if (
        before.cluster_affinity != placement.cluster_affinity
        or before.cluster_tolerations != placement.cluster_tolerations
        or before.spread_constraints != placement.spread_constraints
        or before.replica_scheduling != placement.replica_scheduling
        or not observed
    ):
        return True
    now, then = find_term(placement, observed), find_term(before, observed)
    return now is None or then is None or now != then


def find_term(placement: Placement, name: str) -> ClusterAffinityTerm | None:
    """Return the group of that name."""
    return next((t for t in placement.cluster_affinities if t.affinity_name == name), None)


class Unlike(Enum):
    """What an annotation holds instead of a valid placement."""

    UNREADABLE = 1
    """Text that Go could not decode either."""
    ANY = 2
    """A placement that no valid policy says the same as."""


def decoded(applied: str) -> Placement | Unlike:
    """Return the placement of an annotation.

    Go reads leniently: it skips unknown fields, null and empty stand for absent, and any text may
    stand in an enumeration.
    """
    try:
        raw = msgspec.json.decode(applied)
    except msgspec.DecodeError:
        return Unlike.UNREADABLE
    if raw is None:
        return Placement()
    try:
        return msgspec.convert(_lenient(raw), Placement)
    except msgspec.ValidationError as error:
        # A value of the wrong type, unlike one out of range, is what Go cannot decode.
        wrong_type = str(error).startswith("Expected") and ", got" in str(error)
        return Unlike.UNREADABLE if wrong_type else Unlike.ANY


def _lenient(value: Any) -> Any:  # noqa: ANN401 - plain JSON data
    if isinstance(value, list):
        return [_lenient(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {}
    for key, item in value.items():
        if key not in _KNOWN_KEYS or item is None or item == "":
            continue
        kept[key] = item if key == "matchLabels" else _lenient(item)
    return kept
