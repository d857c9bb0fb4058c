"""Which commits hold the present placement of a resource: what Argo CD says is for a commit. Pure.

The controller's clone has no history, so it remembers the heads it has seen. For a commit that it
has not seen (an older one, or one of another repository that the bundles go to) time must do.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from armada_render.controller.applications import time_of
from armada_render.model.binding import PreviousBinding
from armada_render.model.resource import ObjectReference

_ARGOCD_IS_LATE = timedelta(minutes=5)
"""Polling (120 s and up to 60 s of jitter), then what it caches of a branch (3 min) in part."""
_MOST_HEADS = 1000


class _Change(Struct, frozen=True):
    head: int
    at: datetime | None


class Revisions:
    """The heads seen, in order, and with which of them each placement last changed."""

    def __init__(self) -> None:
        self._heads: dict[str, int] = {}
        self._count = 0
        self._states: Mapping[ObjectReference, PreviousBinding] = {}
        self._changes: dict[ObjectReference, _Change] = {}

    def take(
        self, commit: str, states: Mapping[ObjectReference, PreviousBinding], now: datetime
    ) -> None:
        """Remember that `commit` is the head, and what its lock says."""
        if self._heads.get(commit) == self._count:
            return
        is_first = not self._heads
        self._count += 1
        self._heads[commit] = self._count
        for ref, state in states.items():
            before = self._states.get(ref)
            if is_first:
                self._changes[ref] = _Change(0, _last_task(state))
            elif before is None or before.clusters != state.clusters:
                self._changes[ref] = _Change(self._count, now)
        self._states = states
        if len(self._heads) > _MOST_HEADS:
            del self._heads[next(iter(self._heads))]

    def covers(self, ref: ObjectReference, revision: str, compared_at: datetime) -> bool:
        """Tell whether what was compared with `revision` then is about the present placement."""
        change = self._changes.get(ref)
        if change is None:
            return True
        if revision in self._heads:
            return self._heads[revision] >= change.head
        return change.at is None or compared_at > change.at + _ARGOCD_IS_LATE


def _last_task(state: PreviousBinding) -> datetime | None:
    times = [time_of(task.creation_timestamp) for task in state.eviction_tasks]
    return max((time for time in times if time), default=None)
