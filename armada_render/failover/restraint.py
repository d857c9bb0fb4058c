"""What keeps a due eviction from happening, now or at all. Pure.

Karmada has no such rules (failover.md, no protection against mass failure).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from armada_render.failover.clock import moment
from armada_render.failover.conditions import Look
from armada_render.failover.decision import Cause, Reason
from armada_render.failover.limits import Limits
from armada_render.failover.memory import Move
from armada_render.lock import States
from armada_render.model.binding import PreviousBinding
from armada_render.model.cluster import Cluster

_HOUR = timedelta(hours=1)
_MOST_NAMED = 5


def mass_failure(
    clusters: Iterable[Cluster], looks: Mapping[str, Look], limits: Limits
) -> Reason | None:
    """Return why nothing may be done: too many clusters look bad, so the observer may be at fault.

    Clusters that are being deleted do not count.
    """
    counted = [one.name for one in clusters if not one.is_terminating]
    bad = [name for name in counted if not looks[name].is_ready]
    if len(bad) <= limits.max_unhealthy_share * len(counted):
        return None
    named = ", ".join(bad[:_MOST_NAMED]) + (", ..." if len(bad) > _MOST_NAMED else "")
    return Reason(
        cause=Cause.TOO_MANY_UNHEALTHY,
        message=f"nothing is done: {len(bad)} of {len(counted)} clusters are not known to be ready "
        f"({named}), more than {limits.max_unhealthy_share:.0%}",
    )


class Budget:
    """The evictions of the last hour, counted from the lock and from what is remembered."""

    def __init__(
        self, states: States, moves: Iterable[Move], now: datetime, limits: Limits
    ) -> None:
        self._limits = limits
        self._now = now
        recent = [move for move in moves if now - move.at < _HOUR]
        known = {(move.ref, move.at.replace(microsecond=0)) for move in recent}
        # What only the lock knows is remembered from now on: the next move overwrites it there.
        recent += [
            Move(at=at, ref=ref, cluster="")
            for ref, state in states.items()
            if (at := moment(state.last_failover)) is not None
            and now - at < _HOUR
            and (ref, at) not in known
        ]
        self.moves = tuple(sorted(recent))
        self._times = sorted(at for _, at in {(move.ref, move.at) for move in self.moves})

    def refusal(self, state: PreviousBinding) -> Reason | None:
        """Return why no further eviction is possible within the hour, None when one is."""
        over = len(self._times) - self._limits.max_moves_per_hour
        if over < 0:
            return None
        until = self._times[over] + _HOUR if self._limits.max_moves_per_hour else None
        return Reason(
            cause=Cause.BUDGET_SPENT,
            ref=state.ref,
            message=f"has to wait: {_moves(len(self._times))} as many as may be",
            until=until,
        )

    def spend(self, state: PreviousBinding, clusters: Sequence[str]) -> None:
        """Count the eviction of a workload, from however many clusters at once."""
        self._times.append(self._now)
        self.moves += tuple(
            Move(at=self._now, ref=state.ref, cluster=cluster) for cluster in clusters
        )


def cooling(state: PreviousBinding, now: datetime, limits: Limits) -> Reason | None:
    """Return why a workload may not move again yet, None when it may."""
    last = moment(state.last_failover)
    if last is None or now - last >= limits.workload_cooldown:
        return None
    return Reason(
        cause=Cause.COOLING_DOWN,
        ref=state.ref,
        message="has to wait: it was moved a short while ago",
        since=last,
        until=last + limits.workload_cooldown,
    )


def _moves(count: int) -> str:
    return f"{count} {'move within an hour is' if count == 1 else 'moves within an hour are'}"
