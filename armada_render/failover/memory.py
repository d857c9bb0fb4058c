"""What one decision leaves for the next. Pure, and plain enough for `msgspec.json`.

Losing it is safe: every clock in it starts anew, so a decision comes later, never earlier. What
must not be lost (eviction tasks, when a workload was last moved) is in the lock.
"""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from armada_render.failover.evidence import Ready
from armada_render.model.resource import ObjectReference


class Condition(Struct, frozen=True, kw_only=True):
    """A cluster's Ready condition as it counts, and since when."""

    status: Ready
    reason: str = ""
    message: str = ""
    since: datetime


class ClusterMemory(Struct, frozen=True, kw_only=True):
    """What was last seen of a cluster and since when, and the condition that counts.

    `condition` is None while it was only ever seen not ready, and not for long enough.
    """

    observed: Ready
    observed_since: datetime
    seen: datetime
    condition: Condition | None = None


class Timer(Struct, frozen=True, kw_only=True, order=True):
    """Since when a resource has been seen unhealthy on a cluster without a break."""

    ref: ObjectReference
    cluster: str
    since: datetime


class Move(Struct, frozen=True, kw_only=True, order=True):
    """An eviction of the last hour; `cluster` is "" for one that only the lock tells of."""

    at: datetime
    ref: ObjectReference
    cluster: str


class Memory(Struct, frozen=True, kw_only=True):
    """The state between decisions; begin with `Memory()`."""

    clusters: Mapping[str, ClusterMemory] = {}
    unhealthy: tuple[Timer, ...] = ()
    moves: tuple[Move, ...] = ()
