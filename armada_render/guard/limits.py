"""Which losses are more than one change may bring without anybody saying so."""

from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct

from armada_render.guard.consent import Consent
from armada_render.guard.kinds import holds_more, is_workload
from armada_render.guard.removal import Change, Circumstances, compare
from armada_render.guard.snapshot import Snapshot
from armada_render.model.acknowledgement import ObjectKey, Removal
from armada_render.model.config import GuardLimits

Pair = tuple[str, str]
"""A cluster and an app."""


class Verdict(Struct, frozen=True, eq=False):
    """What nobody consented to, if it is more than the limits allow; otherwise nothing.

    `removals` are sorted, `last` are those of them that are the last copies of a workload or of
    what holds data, `counts` how many objects each pair and each cluster (app "") had, `emptied`
    clusters that would lose everything although all of it runs elsewhere, and `shrunk` those that
    lose more than their share, "" for all clusters together.
    """

    removals: tuple[Removal, ...] = ()
    last: frozenset[ObjectKey] = frozenset()
    counts: Mapping[Pair, int] = {}
    emptied: tuple[str, ...] = ()
    shrunk: tuple[str, ...] = ()

    @property
    def is_fine(self) -> bool:
        """Whether nothing stands against the change."""
        return not self.removals


def review(  # noqa: PLR0913 - one for each thing that decides
    before: Snapshot,
    after: Snapshot,
    why: Circumstances,
    given: Consent,
    limits: GuardLimits,
    *,
    only: str = "",
) -> Verdict:
    """Return what of a change must be acknowledged; with `only`, what leaves that cluster."""
    change = compare(before, after, why)
    lost = [one for one in change.lost if only in ("", one.cluster) and not given.covers(one)]
    emptied = () if only else _emptied(change, before, after, given)
    if len(emptied) <= limits.max_emptied_clusters:
        emptied = ()
    last = frozenset(one.key for one in lost if _matters(one, change, before, why))
    counts = _counts(before)
    shrunk = tuple(sorted(_shrunk(lost, counts, limits)))
    is_refused = (
        emptied
        or last
        or shrunk
        or any(holds_more(one.key) for one in lost)
        or _pairs_hit(lost, counts, after, limits)
    )
    if not is_refused:
        return Verdict()
    gone = {one for one in change.removed if one.cluster in emptied and not given.covers(one)}
    losing = {one.cluster for one in lost}
    moving = tuple(cluster for cluster in emptied if cluster not in losing)
    return Verdict(tuple(sorted({*lost, *gone})), last, counts, moving, shrunk)


def _matters(removal: Removal, change: Change, before: Snapshot, why: Circumstances) -> bool:
    if removal.key not in change.last:
        return False
    manifest = before[removal.cluster][removal.key].manifest
    return holds_more(removal.key) or is_workload(removal.key, manifest, why.interpreter)


def _emptied(change: Change, before: Snapshot, after: Snapshot, given: Consent) -> tuple[str, ...]:
    """Return the clusters that lose everything, by more than what was consented to."""
    touched = {one.cluster for one in change.removed if not given.covers(one)}
    return tuple(sorted(one for one in touched if before.get(one) and not after.get(one)))


def _counts(before: Snapshot) -> dict[Pair, int]:
    counts: dict[Pair, int] = {}
    for cluster, copies in before.items():
        counts[cluster, ""] = len(copies)
        for copy in copies.values():
            counts[cluster, copy.app] = counts.get((cluster, copy.app), 0) + 1
    return counts


def _shrunk(
    lost: Collection[Removal], counts: Mapping[Pair, int], limits: GuardLimits
) -> Iterable[str]:
    """Yield clusters that lose more than their share, "" for all together."""
    by_cluster: dict[str, int] = {}
    for one in lost:
        by_cluster[one.cluster] = by_cluster.get(one.cluster, 0) + 1
    for cluster, number in by_cluster.items():
        if _exceeds(number, counts[cluster, ""], limits):
            yield cluster
    total = sum(count for (_, app), count in counts.items() if app == "")
    if _exceeds(len(lost), total, limits):
        yield ""


def _pairs_hit(
    lost: Iterable[Removal], counts: Mapping[Pair, int], after: Snapshot, limits: GuardLimits
) -> bool:
    """Tell whether any app loses more than its share on a cluster, or the last object there."""
    numbers: dict[Pair, int] = {}
    for one in lost:
        pair = (one.cluster, one.app)
        numbers[pair] = numbers.get(pair, 0) + 1
    left = {
        (cluster, copy.app)
        for cluster in {cluster for cluster, _ in numbers}
        for copy in after.get(cluster, {}).values()
    }
    return any(
        pair not in left or _exceeds(number, counts[pair], limits)
        for pair, number in numbers.items()
    )


def _exceeds(number: int, of: int, limits: GuardLimits) -> bool:
    """Tell whether `number` is more than the share of `of`, and more than the one always free."""
    return number > 1 and number * 100 > of * limits.max_removed_percent
