"""Looks become conditions: a cluster counts as changed once it has looked so for long enough.

Upstream: cluster_condition_cache.go (hysteresis). Two rules are stricter here. The first look of
all, when it finds a cluster not ready, has to last too, unless Git says the same already; upstream
believes it at once after a restart. And a break in the looks starts the waiting anew.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import Struct, structs

from armada_render.failover.evidence import ClusterEvidence, Ready
from armada_render.failover.limits import Limits
from armada_render.failover.memory import ClusterMemory, Condition
from armada_render.failover.sight import Sight
from armada_render.model.cluster import Cluster

NOT_READY = "cluster.karmada.io/not-ready"
UNREACHABLE = "cluster.karmada.io/unreachable"


class Look(Struct, frozen=True, kw_only=True):
    """How a cluster counts now: what is remembered, whether the evidence of it is fresh."""

    memory: ClusterMemory | None
    is_fresh: bool
    wake: datetime | None = None

    @property
    def condition(self) -> Condition | None:
        """The condition that counts, None while there is none."""
        return None if self.memory is None else self.memory.condition

    @property
    def is_ready(self) -> bool:
        """Whether the cluster is known to be ready at this moment."""
        return self.is_fresh and self.condition is not None and self.condition.status is Ready.TRUE

    @property
    def comes_back(self) -> bool:
        """Whether it looks ready while it does not count as such yet."""
        memory, condition = self.memory, self.condition
        return (
            memory is not None
            and memory.observed is Ready.TRUE
            and condition is not None
            and condition.status is not Ready.TRUE
        )


def looks(
    clusters: Iterable[Cluster], sight: Sight, memories: Mapping[str, ClusterMemory]
) -> dict[str, Look]:
    """Return how each cluster counts now."""
    return {cluster.name: _look(cluster, sight, memories.get(cluster.name)) for cluster in clusters}


def _look(cluster: Cluster, sight: Sight, memory: ClusterMemory | None) -> Look:
    seen = sight.evidence.clusters.get(cluster.name)
    now, limits = sight.now, sight.limits
    if seen is None or now - seen.at > limits.cluster_max_age:
        return Look(memory=memory, is_fresh=False)
    has_gap = memory is not None and seen.at - memory.seen > limits.cluster_max_age
    if memory is None:
        condition = _first(cluster, seen, now)
        known = ClusterMemory(
            observed=seen.ready, observed_since=now, seen=seen.at, condition=condition
        )
    elif memory.observed is not seen.ready or has_gap:
        known = structs.replace(memory, observed=seen.ready, observed_since=now, seen=seen.at)
    else:
        known = structs.replace(memory, seen=max(seen.at, memory.seen))
    return _published(known, seen, now, limits)


def _first(cluster: Cluster, seen: ClusterEvidence, now: datetime) -> Condition | None:
    is_marked = any(taint.key in (NOT_READY, UNREACHABLE) for taint in cluster.spec.taints)
    if seen.ready is Ready.TRUE and is_marked:
        # Git remembers that it was not ready, so coming back has to last as well.
        return Condition(status=Ready.FALSE, reason="Remembered", since=now)
    return _condition(seen, now) if seen.ready is Ready.TRUE or is_marked else None


def _condition(seen: ClusterEvidence, now: datetime) -> Condition:
    return Condition(status=seen.ready, reason=seen.reason, message=seen.message, since=now)


def _published(memory: ClusterMemory, seen: ClusterEvidence, now: datetime, limits: Limits) -> Look:
    """Return the look with the new condition, or with the old one and when it may change."""
    counts = memory.condition
    is_ready = seen.ready is Ready.TRUE
    was_ready = counts is None or counts.status is Ready.TRUE
    if is_ready != was_ready:
        threshold = limits.success_threshold if is_ready else limits.failure_threshold
        due = memory.observed_since + threshold
        if now < due:
            return Look(memory=memory, is_fresh=True, wake=due)
    since = counts.since if counts is not None and counts.status is seen.ready else now
    condition = structs.replace(_condition(seen, now), since=since)
    return Look(memory=structs.replace(memory, condition=condition), is_fresh=True)
