"""How the lock differs from what would be kept now, in a user's words. Pure."""

from collections.abc import Sequence

from msgspec import Struct

from armada_render.lock.state import States, stored
from armada_render.model.binding import PreviousBinding, TargetCluster
from armada_render.model.resource import ObjectReference

_MOST_LISTED = 8


class Change(Struct, frozen=True, kw_only=True):
    """What is kept of one resource, before and now; None where nothing is."""

    ref: ObjectReference
    before: PreviousBinding | None
    after: PreviousBinding | None

    @property
    def is_move(self) -> bool:
        """Tell whether something that is known to run somewhere runs elsewhere afterwards."""
        return self.before is not None and _shares(self.before) != _shares(self.after)

    @property
    def detail(self) -> str:
        """What changes: `member1 3 -> 2, member2 0 -> 1`."""
        if self.before is None:
            return f"new: {_listed(self.after)}"
        if self.after is None:
            return f"gone: not propagated any more; was on {_listed(self.before)}"
        if self.is_move:
            return _moves(self.before.clusters, self.after.clusters)
        return _quiet(self.before, self.after)

    def __str__(self) -> str:
        return f"{title(self.ref)}: {self.detail}"


def title(ref: ObjectReference) -> str:
    """Return how a resource is called towards users: `Deployment/web (shop)`."""
    return f"{ref.kind}/{ref.name}" + (f" ({ref.namespace})" if ref.namespace else "")


def changes(before: States, after: States) -> tuple[Change, ...]:
    """Return what differs: moves first, then what is gone, new, and kept differently."""
    found = []
    for ref in sorted({*before, *after}):
        old, new = before.get(ref), after.get(ref)
        known = None if old is None else stored(old)
        if known != new:
            found.append(Change(ref=ref, before=known, after=new))
    return tuple(sorted(found, key=_order))


def _order(change: Change) -> tuple[int, str, str, str]:
    if change.before is None:
        rank = 2
    elif change.after is None:
        rank = 1
    else:
        rank = 0 if change.is_move else 3
    ref = change.ref
    return rank, ref.namespace, ref.kind, ref.name


def _shares(state: PreviousBinding | None) -> dict[str, int]:
    return {target.name: target.replicas for target in state.clusters} if state else {}


def _listed(state: PreviousBinding | None) -> str:
    """Return the clusters with their replicas, of many the first."""
    shares = sorted(_shares(state).items())
    shown = shares if len(shares) <= _MOST_LISTED else shares[: _MOST_LISTED - 3]
    words = [f"{name} {replicas}" if replicas else name for name, replicas in shown]
    if len(shown) < len(shares):
        words.append(f"and {len(shares) - len(shown)} more clusters")
    return ", ".join(words) or "no cluster"


def _moves(before: Sequence[TargetCluster], after: Sequence[TargetCluster]) -> str:
    old = {target.name: target.replicas for target in before}
    new = {target.name: target.replicas for target in after}
    counts = any((*old.values(), *new.values()))
    parts = []
    for name in sorted({*old, *new}):
        if counts and old.get(name, 0) != new.get(name, 0):
            parts.append(f"{name} {old.get(name, 0)} -> {new.get(name, 0)}")
        elif (name in old) != (name in new):
            parts.append(f"{name} {'removed' if name in old else 'added'}")
    return ", ".join(parts)


def _quiet(before: PreviousBinding, after: PreviousBinding) -> str:
    """Say what differs when no replica moves."""
    if before.observed_affinity != after.observed_affinity:
        group = f"{before.observed_affinity or 'none'} -> {after.observed_affinity or 'none'}"
        return f"stays where it is, affinity group {group}"
    if before.applied_placement != after.applied_placement:
        return "stays where it is under another placement"
    return "stays where it is"
