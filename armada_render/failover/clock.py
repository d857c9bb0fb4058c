"""Times as Kubernetes writes them. Pure: the present comes from the caller."""

from datetime import UTC, datetime, timedelta

TICK = timedelta.resolution
"""Karmada acts once more than a time has passed; this is how much more."""


def moment(text: str | None) -> datetime | None:
    """Return the moment of RFC 3339 text, None for anything else."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if found.tzinfo is None else found


def stamp(at: datetime) -> str:
    """Return RFC 3339 text with seconds, as metav1.Time is written."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def earliest(*moments: datetime | None) -> datetime | None:
    """Return the first of the moments that there are."""
    return min((one for one in moments if one is not None), default=None)


def lasting(begin: datetime, end: datetime) -> str:
    """Return how long it took, for people: `45 s`, `2 min`, `1 h 5 min`."""
    seconds = max(0, int((end - begin).total_seconds()))
    if seconds < 120:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 120:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
