"""`render --jobs N`: what several processes do at the same time, and from which size on.

Parsing and writing a tree are most of a large run, and both fall into parts that need nothing of
each other. What comes out is the same: the parts are put together in their order.
"""

import contextlib
import os
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any

import click

from armada_render import emit
from armada_render.emit.retired import Pair
from armada_render.model.config import Layout
from armada_render.model.work import Work

MOST_JOBS = 256
_SMALL_OUTPUT = 10_000
"""Objects of all clusters together below which one process writes them."""
_Works = Mapping[str, Sequence[Work]]


class JobsType(click.IntRange):
    """A number of processes; 0 are as many as there are processors for this one."""

    name = "n"

    def __init__(self) -> None:
        super().__init__(0, MOST_JOBS)

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's own
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> int:
        """Return a number above 0."""
        return int(super().convert(value, param, ctx)) or processors()


def processors(quota: str = "/sys/fs/cgroup/cpu.max") -> int:
    """Return how many processors this process may use: affinity, and a container's quota."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    with contextlib.suppress(OSError, ValueError), open(quota, "rb") as handle:  # noqa: PTH123
        share, period = map(int, handle.read().split())
        count = min(count or 1, -(-share // period))
    return min(max(count or 1, 1), MOST_JOBS)


def parts_of_tree(
    works: _Works, layout: Layout, retired: Sequence[Pair], jobs: int
) -> list[Iterator[emit.OutputFile]]:
    """Return the files of a tree in at most `jobs` parts, each made when it is asked for.

    Parts are some clusters each: their folders are in nobody else's way.
    """
    sizes = [len(group) for group in works.values()]
    if sum(sizes) < _SMALL_OUTPUT:
        jobs = 1
    names = list(works)
    parts = (names[start:end] for start, end in cuts(sizes, jobs))
    return [
        emit.tree(
            {name: works[name] for name in part},
            layout,
            [pair for pair in retired if pair[0] in part],
        )
        for part in parts
        if part
    ] or [emit.tree(works, layout, retired)]


def cuts(sizes: Sequence[int], parts: int) -> list[tuple[int, int]]:
    """Return begin and end of `parts` runs, each of about the same size together."""
    ends = list(accumulate(sizes))
    total = ends[-1] if ends else 0
    marks = [bisect_left(ends, total * part / parts) for part in range(1, parts)]
    return list(pairwise([0, *marks, len(sizes)]))
