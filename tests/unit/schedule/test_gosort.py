import random
from collections.abc import Callable

import pytest

from armada_render.schedule.gosort import _Sorter, go_sorted

Pair = tuple[int, int]


def _more(a: Pair, b: Pair) -> bool:
    return a[0] > b[0]


def _pairs(size: int, values: int, seed: int) -> list[Pair]:
    draw = random.Random(seed)
    return [(draw.randrange(values), index) for index in range(size)]


@pytest.mark.parametrize("size", [0, 1, 2, 7, 12])
def test_up_to_twelve_elements_keep_the_order_of_equals(size: int) -> None:
    for seed in range(20):
        pairs = _pairs(size, 3, seed)
        assert go_sorted(pairs, _more) == sorted(pairs, key=lambda pair: -pair[0])


@pytest.mark.parametrize("size", [13, 49, 50, 51, 200, 1000])
@pytest.mark.parametrize("values", [1, 2, 5, 10_000])
def test_more_elements_are_sorted_and_none_is_lost(size: int, values: int) -> None:
    pairs = _pairs(size, values, size)
    done = go_sorted(pairs, _more)
    assert [pair[0] for pair in done] == sorted((pair[0] for pair in pairs), reverse=True)
    assert sorted(done) == sorted(pairs)
    assert go_sorted(pairs, _more) == done


@pytest.mark.parametrize(
    "shape",
    [
        range,
        lambda size: range(size, 0, -1),
        lambda size: [*range(size // 2), *range(size // 2, 0, -1)],
        lambda size: [i % 3 for i in range(size)],
        lambda size: [0, *range(size, 1, -1)],
        lambda size: [(i * 7919) % size for i in range(size)],
        lambda size: [size - (i ^ 1) for i in range(size)],
        lambda size: [size * 2 if i == size // 3 else size - i for i in range(size)],
        lambda size: [0 if i == size // 3 else size - i for i in range(size)],
    ],
    ids=[
        "ascending",
        "descending",
        "mountain",
        "cycle",
        "nearly",
        "scattered",
        "swapped",
        "one-too-late",
        "one-too-early",
    ],
)
def test_patterns_are_sorted(shape: Callable[[int], list[int]]) -> None:
    for size in (20, 60, 300):
        pairs = [(value, index) for index, value in enumerate(shape(size))]
        values = [value for value, _ in go_sorted(pairs, _more)]
        assert values == sorted(values, reverse=True)


@pytest.mark.parametrize("size", [13, 100])
def test_after_too_many_bad_pivots_heapsort_sorts(size: int) -> None:
    pairs = _pairs(size, 7, size)
    done = [*pairs]
    _Sorter(done, _more).sort(0, size, 0)
    assert [value for value, _ in done] == sorted((value for value, _ in pairs), reverse=True)
    assert sorted(done) == sorted(pairs)


def test_bad_pivots_scatter_the_range() -> None:
    # An organ pipe of two values after each partition leaves one side almost empty.
    pairs = [(0 if index % 10 else index, index) for index in range(200)]
    done = go_sorted(pairs, _more)
    assert [value for value, _ in done] == sorted((value for value, _ in pairs), reverse=True)


def test_equal_elements_beyond_twelve_come_in_the_order_go_leaves_them() -> None:
    # One value throughout: Go finds the range sorted and leaves it.
    pairs = [(1, index) for index in range(40)]
    assert go_sorted(pairs, _more) == pairs
