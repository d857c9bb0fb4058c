"""What the commit says: what moves and why, for people, and the same for machines. Pure."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from armada_render import lock
from armada_render.errors import one_line
from armada_render.failover import Cause, Decision, Reason
from armada_render.lock import Change, title
from armada_render.model.binding import PreviousBinding
from armada_render.model.fleet import Fleet

_SUBJECT = 72
_MOST_LINES = 200


class Writer(Struct, frozen=True, kw_only=True):
    """Who writes, on what: `base` is the head that the decision was made on."""

    identity: str
    generation: int
    base: str


def changes(fleet: Fleet, decision: Decision) -> tuple[Change, ...]:
    """Return how the lock changes."""
    return lock.changes(fleet.previous_bindings, decision.states)


def commit_message(fleet: Fleet, decision: Decision, writer: Writer) -> str:
    """Return a subject, the reasons, and trailers (git interpret-trailers)."""
    found = changes(fleet, decision)
    moved = [change for change in found if change.is_move]
    reasons = [f"- {one_line(str(reason))}{_since(reason)}" for reason in decision.reasons]
    placed = [f"- {one_line(str(change))}" for change in moved]
    parts = [_subject(decision, moved)]
    if reasons:
        parts.append("\n".join(["Why:", *_first(reasons)]))
    if evidence := _first(list(_evidence(decision))):
        parts.append("\n".join(["Evidence:", *evidence]))
    if placed:
        parts.append("\n".join(["Placement:", *_first(placed)]))
    parts.append("\n".join(_trailers(decision, moved, writer)))
    return "\n\n".join(parts) + "\n"


def _subject(decision: Decision, moved: Iterable[Change]) -> str:
    names = [title(change.ref) for change in moved]
    causes = {reason.cause for reason in decision.reasons}
    clusters = sorted(
        {reason.cluster for reason in decision.reasons if reason.ref is None and reason.cluster}
    )
    if names:
        what = names[0] + (f" and {len(names) - 1} more move" if len(names) > 1 else " moves")
    elif Cause.TASK_FINISHED in causes:
        what = "old copies go"
    elif clusters:
        what = f"taints of {', '.join(clusters)}"
    else:
        what = "placement"
    if names and clusters:
        what += f" ({', '.join(clusters)})"
    text = one_line(f"Failover: {what}")
    return text if len(text) <= _SUBJECT else text[: _SUBJECT - 3] + "..."


def _evidence(decision: Decision) -> Iterator[str]:
    """Yield what was seen of the clusters that the reasons are about."""
    for cluster in sorted({reason.cluster for reason in decision.reasons} - {""}):
        known = decision.memory.clusters.get(cluster)
        if known is None or known.condition is None:
            continue
        seen = known.condition
        yield one_line(
            f"- {cluster}: Ready is {seen.status} since {seen.since:%Y-%m-%dT%H:%M:%SZ}: "
            f"{seen.reason}: {seen.message}"
        )


def _since(reason: Reason) -> str:
    return f" (since {reason.since:%Y-%m-%dT%H:%M:%SZ})" if reason.since else ""


def _first(lines: list[str]) -> list[str]:
    if len(lines) <= _MOST_LINES:
        return lines
    return [*lines[:_MOST_LINES], f"- and {len(lines) - _MOST_LINES} more"]


def _trailers(decision: Decision, moved: Iterable[Change], writer: Writer) -> Iterator[str]:
    causes = sorted({str(reason.cause) for reason in decision.reasons})
    yield from (f"Armada-Cause: {cause}" for cause in causes)
    yield from (f"Armada-Cluster: {one_line(name)}" for name in sorted(decision.taints))
    for change in moved:
        before, after = _names(change.before), _names(change.after)
        yield f"Armada-Moved: {one_line(str(change.ref))} {before} -> {after}"
    yield f"Armada-Base: {writer.base}"
    yield f"Armada-Leader: {one_line(writer.identity)}"
    yield f"Armada-Lease-Generation: {writer.generation}"


def _names(state: PreviousBinding | None) -> str:
    names = [target.name for target in state.clusters] if state else []
    return one_line(",".join(names)) or "none"
