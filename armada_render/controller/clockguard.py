"""Notices that the wall clock was set, and asks for patience until waiting times are true again.

Tolerations count from times in Git. After a jump of an hour all of them would be over at once; so
nothing is written for as long as the usual toleration, counted by the clock that nobody sets.
"""

from datetime import datetime, timedelta

_TOLERANCE = timedelta(seconds=5)


class ClockGuard:
    """Compares wall clock and monotonic clock from round to round."""

    def __init__(self, patience: timedelta = timedelta(minutes=5)) -> None:
        self._patience = patience
        self._last: tuple[datetime, float] | None = None
        self._until = float("-inf")

    def jumped(self, now: datetime, monotonic: float) -> timedelta | None:
        """Return by how much the wall clock was set since the last call, None if it was not."""
        last, self._last = self._last, (now, monotonic)
        if last is None:
            return None
        difference = (now - last[0]) - timedelta(seconds=monotonic - last[1])
        if abs(difference) < _TOLERANCE:
            return None
        self._until = monotonic + self._patience.total_seconds()
        return difference

    def is_settling(self, monotonic: float) -> bool:
        """Tell whether a jump was too short a time ago."""
        return monotonic < self._until
