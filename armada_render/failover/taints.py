"""Conditions become taints, and taints become deadlines. Pure.

Upstream: cluster_controller.go (NoSchedule taints of the Ready condition),
clustertaintpolicy_controller.go, and pkg/util/helper/taint.go (tolerations and their seconds).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct, structs

from armada_render.failover.clock import earliest, moment, stamp
from armada_render.failover.conditions import NOT_READY, UNREACHABLE
from armada_render.failover.evidence import Ready
from armada_render.failover.memory import Condition
from armada_render.model.affinity import matches
from armada_render.model.cluster import Cluster, Taint
from armada_render.model.placement import Toleration
from armada_render.model.taintpolicy import ClusterTaintPolicy, all_hold
from armada_render.schedule.snapshot import tolerates

NO_SCHEDULE, NO_EXECUTE = "NoSchedule", "NoExecute"

_CENTURY = 100 * 365 * 86400

Identity = tuple[str, str]
"""Key and effect, which make a taint one; the value is not looked at."""


def identity(taint: Taint) -> Identity:
    """Return what makes a taint one."""
    return taint.key, taint.effect


def in_order(policies: Iterable[ClusterTaintPolicy]) -> tuple[ClusterTaintPolicy, ...]:
    """Return policies in the order in which they act: by age, of equal age by name."""
    return tuple(sorted(policies, key=lambda policy: (policy.created, policy.name)))


def managed(cluster: Cluster, policies: Iterable[ClusterTaintPolicy]) -> frozenset[Identity]:
    """Return the taints of a cluster that follow its condition, and are not set by hand."""
    keys, effects = (NOT_READY, UNREACHABLE), (NO_SCHEDULE, NO_EXECUTE)
    own = {(key, effect) for key in keys for effect in effects}
    for policy in policies:
        if _is_about(policy, cluster):
            own.update((taint.key, str(taint.effect)) for taint in policy.spec.taints)
    return frozenset(own)


def after(
    cluster: Cluster,
    condition: Condition,
    policies: Sequence[ClusterTaintPolicy],
    now: datetime,
) -> tuple[Taint, ...]:
    """Return the taints that a cluster is to have under a condition.

    Those that stay keep their place, value and time; new ones come last, added now.
    """
    taints = {identity(taint): taint for taint in cluster.spec.taints}
    wanted = {Ready.FALSE: NOT_READY, Ready.UNKNOWN: UNREACHABLE}.get(condition.status)
    for key in (NOT_READY, UNREACHABLE):
        if key == wanted:
            _add(taints, Taint(key=key, effect=NO_SCHEDULE), now)
        else:
            taints.pop((key, NO_SCHEDULE), None)
    conditions = {"Ready": str(condition.status)}
    for policy in policies:
        if not _is_about(policy, cluster):
            continue
        spec = policy.spec
        if all_hold(spec.add_on_conditions, conditions):
            for one in spec.taints:
                _add(taints, Taint(key=one.key, effect=str(one.effect), value=one.value), now)
        if all_hold(spec.remove_on_conditions, conditions):
            for one in spec.taints:
                taints.pop((one.key, str(one.effect)), None)
    return tuple(taints.values())


def stamped(taints: Iterable[Taint], now: datetime) -> tuple[Taint, ...]:
    """Return taints with a time on every NoExecute one, as the Cluster API server adds it."""
    return tuple(
        structs.replace(taint, time_added=stamp(now))
        if taint.effect == NO_EXECUTE and not taint.time_added
        else taint
        for taint in taints
    )


def _add(taints: dict[Identity, Taint], taint: Taint, now: datetime) -> None:
    taints.setdefault(identity(taint), structs.replace(taint, time_added=stamp(now)))


def _is_about(policy: ClusterTaintPolicy, cluster: Cluster) -> bool:
    target = policy.spec.target_clusters
    return target is None or matches(target, cluster)


class Verdict(Struct, frozen=True, kw_only=True):
    """Whether taints drive a resource away: `due` since or from when on, None for never.

    `taint` is the one that does it, which may have been tolerated for a time.
    """

    due: datetime | None = None
    taint: Taint | None = None
    was_tolerated: bool = False


def verdict(taints: Iterable[Taint], tolerations: Sequence[Toleration], now: datetime) -> Verdict:
    """Return when the NoExecute taints of a cluster drive away what has `tolerations`.

    Each taint needs a toleration, or it is due now. Of the tolerations that are the first for some
    taint, those with seconds set a deadline for every taint that they match; the earliest counts.
    """
    executing = [taint for taint in taints if taint.effect == NO_EXECUTE]
    chosen: list[Toleration] = []
    for taint in executing:
        first = next((one for one in tolerations if tolerates(one, taint)), None)
        if first is None:
            return Verdict(due=now, taint=taint)
        if first not in chosen:
            chosen.append(first)
    deadlines = [
        (added + _seconds(one.toleration_seconds), taint)
        for one in chosen
        if one.toleration_seconds is not None
        for taint in executing
        if tolerates(one, taint) and (added := moment(taint.time_added)) is not None
    ]
    due = earliest(*(deadline for deadline, _ in deadlines))
    acting = next((taint for deadline, taint in deadlines if deadline == due), None)
    return Verdict(due=due, taint=acting, was_tolerated=True)


def _seconds(count: int) -> timedelta:
    # The API takes any 64-bit number; a century is for ever, and a calendar ends.
    return timedelta(seconds=max(-_CENTURY, min(count, _CENTURY)))


def said(taint: Taint) -> str:
    """Return a taint as kubectl prints it."""
    return f"{taint.key}{f'={taint.value}' if taint.value else ''}:{taint.effect}"
