"""Reasons in words that are made in more than one place of a round. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from armada_render.failover.clock import lasting
from armada_render.failover.conditions import Look
from armada_render.failover.decision import Cause, Reason
from armada_render.failover.due import Due
from armada_render.failover.evidence import Ready
from armada_render.failover.taints import identity, said
from armada_render.model.binding import PreviousBinding, ResourceBinding, TargetCluster
from armada_render.model.cluster import Cluster, Taint

_MOST_NAMED = 5


def taint_reasons(
    cluster: Cluster, look: Look, taints: Sequence[Taint], now: datetime
) -> Iterator[Reason]:
    """Yield a reason for the taints that come, and one for those that go."""
    before = {identity(taint): taint for taint in cluster.spec.taints}
    later = {identity(taint): taint for taint in taints}
    condition = look.condition
    state = "nothing is known of it"
    if condition is not None:
        state = f"Ready is {condition.status}"
        if condition.reason:
            state += f" ({condition.reason}{': ' if condition.message else ''}{condition.message})"
        if look.memory is not None and look.memory.observed_since < now:
            state += f", seen for {lasting(look.memory.observed_since, now)}"
    since = condition.since if condition else None
    added = [said(taint) for key, taint in later.items() if before.get(key) != taint]
    gone = [said(taint) for key, taint in before.items() if key not in later]
    for cause, verb, names in (
        (Cause.CLUSTER_TAINTED, "tainted", added),
        (Cause.CLUSTER_UNTAINTED, "no longer tainted", gone),
    ):
        if names:
            is_ready = condition is None or condition.status is Ready.TRUE
            by_hand = is_ready and cause is Cause.CLUSTER_TAINTED
            message = f"{verb} {', '.join(names)}: {'by hand' if by_hand else state}"
            yield Reason(cause=cause, cluster=cluster.name, message=message, since=since)


def nowhere(binding: ResourceBinding, dues: Sequence[Due]) -> Reason | None:
    """Return why an eviction would leave nothing, None when there is a place to go."""
    if not binding.reason and binding.clusters:
        return None
    where = ", ".join(one.order.cluster for one in dues)
    return Reason(
        cause=Cause.NOWHERE_TO_GO,
        ref=binding.ref,
        cluster=where,
        message=f"stays on {where}, for there is nowhere to go: {refusals(binding)}",
        since=dues[0].reason.since,
    )


def stays(binding: ResourceBinding) -> Reason:
    """Return that a change which leaves no place for a resource is not made for it."""
    return Reason(
        cause=Cause.NOWHERE_TO_GO,
        ref=binding.ref,
        message=f"keeps its placement: placed again, {refusals(binding)}",
    )


def placed(binding: ResourceBinding, before: PreviousBinding) -> Reason:
    """Return that a resource is placed anew without being evicted now."""
    return Reason(
        cause=Cause.PLACED_AGAIN,
        ref=binding.ref,
        message=f"is placed on {listed(binding.clusters)} (before: {listed(before.clusters)})",
    )


def listed(targets: Sequence[TargetCluster]) -> str:
    """Return targets as `a 3, b`, `no cluster` for none."""
    words = [f"{one.name} {one.replicas}" if one.replicas else one.name for one in targets]
    return ", ".join(words) or "no cluster"


def refusals(binding: ResourceBinding) -> str:
    """Return why clusters do not take a resource, cluster by cluster."""
    shown = [f"{one.cluster}: {one.reason}" for one in binding.rejections[:_MOST_NAMED]]
    if len(binding.rejections) > _MOST_NAMED:
        shown.append(f"and {len(binding.rejections) - _MOST_NAMED} more clusters")
    return "; ".join(shown) or binding.message or "no cluster takes it"
