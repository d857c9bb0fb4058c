"""Application failover: how long a workload has been unhealthy, and where that is too long. Pure.

Upstream: applicationfailover/rb_application_failover_controller.go. Timers end with any other news
than bad news, silence included, and start anew when they are lost.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from armada_render.failover.clock import TICK, earliest
from armada_render.failover.evidence import Place
from armada_render.failover.memory import Timer
from armada_render.failover.sight import Sight
from armada_render.model.binding import ResourceBinding
from armada_render.model.policy import ApplicationFailover, PropagationPolicy


class Overdue(Struct, frozen=True, kw_only=True):
    """A cluster where a workload has been unhealthy for too long, and since when."""

    cluster: str
    since: datetime
    message: str


class Watch(Struct, frozen=True, kw_only=True):
    """The timers of one workload after a look, the clusters that are overdue, and when to look."""

    timers: tuple[Timer, ...] = ()
    overdue: tuple[Overdue, ...] = ()
    wake: datetime | None = None


def rule_of(binding: ResourceBinding) -> ApplicationFailover | None:
    """Return the binding's application failover, None where it does not act.

    What has a namespace must take its dependencies along, which admission demands as well.
    """
    if binding.failover is None or (binding.namespace and not binding.propagate_deps):
        return None
    return binding.failover.application


def watch(
    binding: ResourceBinding,
    targets: Iterable[str],
    sight: Sight,
    since: Mapping[Place, datetime],
) -> Watch:
    """Return how long `binding` has been unhealthy on its `targets`, which have no task."""
    rule = rule_of(binding)
    if rule is None:
        return Watch()
    toleration = timedelta(seconds=rule.decision_conditions.toleration_seconds)
    timers, overdue, wakes = [], [], []
    for cluster in targets:
        place = (binding.ref, cluster)
        seen = sight.unhealthy(place)
        if seen is None:
            continue
        begun = since.get(place, sight.now)
        timers.append(Timer(ref=binding.ref, cluster=cluster, since=begun))
        if sight.now - begun > toleration:
            overdue.append(Overdue(cluster=cluster, since=begun, message=seen.message))
        else:
            wakes.append(begun + toleration + TICK)
    return Watch(timers=tuple(timers), overdue=tuple(overdue), wake=earliest(*wakes))


def timers(
    policies: Iterable[PropagationPolicy], known: Iterable[Timer], sight: Sight
) -> tuple[Timer, ...]:
    """Return since when anything has been unhealthy; nothing where no policy asks for it."""
    if not any(
        policy.spec.failover is not None and policy.spec.failover.application is not None
        for policy in policies
    ):
        return ()
    since: dict[Place, datetime] = {(timer.ref, timer.cluster): timer.since for timer in known}
    return tuple(
        sorted(
            Timer(ref=place[0], cluster=place[1], since=since.get(place, sight.now))
            for place in sight.evidence.workloads
            if sight.unhealthy(place) is not None
        )
    )
