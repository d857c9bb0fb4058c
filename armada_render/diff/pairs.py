"""Which Works of two renderings stand for the same object on a cluster. Pure.

Works are shared between clusters, so a pair of them is looked into once, however many clusters
have it: the cost grows with distinct objects, then with the number of (cluster, object).
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from armada_render.model.work import Work
from armada_render.pipeline import Rendering


class Pair(Struct, frozen=True, kw_only=True, eq=False):
    """What some clusters have of an object before and after; one of the two may be None."""

    before: Work | None
    after: Work | None
    clusters: tuple[str, ...]

    @property
    def work(self) -> Work:
        """The later of the two."""
        work = self.after or self.before
        assert work is not None  # noqa: S101 - a pair is never empty
        return work


def pairs(before: Rendering, after: Rendering, clusters: Sequence[str]) -> tuple[Pair, ...]:
    """Return the distinct pairs of what is dispatched, in the order of objects."""
    found: dict[tuple[int, int], list[str]] = {}
    works: dict[int, Work | None] = {0: None}
    known: dict[tuple[tuple[int, ...], tuple[int, ...]], tuple[tuple[int, int], ...]] = {}
    for cluster in clusters:
        old, new = before.dispatched(cluster), after.dispatched(cluster)
        key = (tuple(map(id, old)), tuple(map(id, new)))
        if key not in known:
            known[key] = tuple(_merged(old, new, works))
        for pair in known[key]:
            found.setdefault(pair, []).append(cluster)
    every = [
        Pair(before=works[one], after=works[other], clusters=tuple(names))
        for (one, other), names in found.items()
    ]
    return tuple(sorted(every, key=lambda pair: (pair.work.ref, pair.clusters)))


def _merged(
    old: Sequence[Work], new: Sequence[Work], works: dict[int, Work | None]
) -> Iterator[tuple[int, int]]:
    """Yield the identities of the Works of each object; both sequences are sorted by it."""
    left, right = 0, 0
    while left < len(old) or right < len(new):
        one = old[left] if left < len(old) else None
        other = new[right] if right < len(new) else None
        if one is not None and other is not None and one.ref != other.ref:
            if one.ref < other.ref:
                other = None
            else:
                one = None
        if one is not None:
            works[id(one)] = one
            left += 1
        if other is not None:
            works[id(other)] = other
            right += 1
        yield (id(one) if one is not None else 0, id(other) if other is not None else 0)
