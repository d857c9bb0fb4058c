"""Go's `sort.Sort`, whose order of equal elements shows in Karmada's results.

Up to 12 elements it is an insertion sort and therefore stable. Beyond that it is a
pattern-defeating quicksort (sort/zsortinterface.go, since Go 1.19), followed here step by step:
an Aggregated division cuts the sorted list, so which of several equal clusters comes first decides
where replicas go.
"""

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

Element = TypeVar("Element")

_INSERTION_LIMIT = 12
_UNKNOWN, _INCREASING, _DECREASING = range(3)
_MASK64 = 2**64 - 1


def go_sorted(items: Iterable[Element], less: Callable[[Element, Element], bool]) -> list[Element]:
    """Return `items` in the order in which Go's `sort.Sort` leaves them."""
    data = list(items)
    _Sorter(data, less).sort(0, len(data), len(data).bit_length())
    return data


class _Sorter(Generic[Element]):
    """The steps of pdqsort on one list; ranges are half open, [a, b)."""

    def __init__(self, data: list[Element], less: Callable[[Element, Element], bool]) -> None:
        self._data = data
        self._less = less

    def _is_less(self, i: int, j: int) -> bool:
        return self._less(self._data[i], self._data[j])

    def _swap(self, i: int, j: int) -> None:
        data = self._data
        data[i], data[j] = data[j], data[i]

    def sort(self, a: int, b: int, limit: int) -> None:
        """Sort [a, b); after `limit` bad pivots heapsort takes over."""
        balanced = partitioned = True
        while (length := b - a) > _INSERTION_LIMIT:
            if limit == 0:
                self._heapsort(a, b)
                return
            if not balanced:
                self._scatter(a, b)
                limit -= 1
            pivot, hint = self._choose_pivot(a, b)
            if hint == _DECREASING:
                self._data[a:b] = self._data[a:b][::-1]
                pivot, hint = (b - 1) - (pivot - a), _INCREASING
            if balanced and partitioned and hint == _INCREASING and self._nearly_sorted(a, b):
                return
            if a > 0 and not self._is_less(a - 1, pivot):
                a = self._partition_equal(a, b, pivot)
                continue
            middle, partitioned = self._partition(a, b, pivot)
            left, right = middle - a, b - middle
            balanced = min(left, right) >= length // 8
            if left < right:
                self.sort(a, middle, limit)
                a = middle + 1
            else:
                self.sort(middle + 1, b, limit)
                b = middle
        self._insertion_sort(a, b)

    def _insertion_sort(self, a: int, b: int) -> None:
        for i in range(a + 1, b):
            j = i
            while j > a and self._is_less(j, j - 1):
                self._swap(j, j - 1)
                j -= 1

    def _heapsort(self, a: int, b: int) -> None:
        length = b - a
        for root in range((length - 1) // 2, -1, -1):
            self._sift_down(root, length, a)
        for end in range(length - 1, -1, -1):
            self._swap(a, a + end)
            self._sift_down(0, end, a)

    def _sift_down(self, root: int, end: int, first: int) -> None:
        while (child := 2 * root + 1) < end:
            if child + 1 < end and self._is_less(first + child, first + child + 1):
                child += 1
            if not self._is_less(first + root, first + child):
                return
            self._swap(first + root, first + child)
            root = child

    def _scatter(self, a: int, b: int) -> None:
        """Swap three middle elements with drawn ones to break patterns (breakPatterns)."""
        length = b - a
        random = length
        modulus = 1 << length.bit_length()
        first = a + (length // 4) * 2 - 1
        for i in range(3):
            random ^= (random << 13) & _MASK64
            random ^= random >> 7
            random ^= (random << 17) & _MASK64
            other = random & (modulus - 1)
            if other >= length:
                other -= length
            self._swap(first + i, a + other)

    def _choose_pivot(self, a: int, b: int) -> tuple[int, int]:
        """Return the pivot's place, and whether the range looks sorted (choosePivot)."""
        length = b - a
        quarter = length // 4
        swaps = 0
        i, j, k = a + quarter, a + quarter * 2, a + quarter * 3
        if length >= 50:
            i, swaps = self._median(i - 1, i, i + 1, swaps)
            j, swaps = self._median(j - 1, j, j + 1, swaps)
            k, swaps = self._median(k - 1, k, k + 1, swaps)
        j, swaps = self._median(i, j, k, swaps)
        if swaps == 0:
            return j, _INCREASING
        return j, _DECREASING if swaps == 12 else _UNKNOWN

    def _median(self, i: int, j: int, k: int, swaps: int) -> tuple[int, int]:
        if self._is_less(j, i):
            i, j, swaps = j, i, swaps + 1
        if self._is_less(k, j):
            j, k, swaps = k, j, swaps + 1
        if self._is_less(j, i):
            i, j, swaps = j, i, swaps + 1
        return j, swaps

    def _nearly_sorted(self, a: int, b: int) -> bool:
        """Repair up to five disorders; tell whether that sorted it (partialInsertionSort)."""
        i = a + 1
        for _ in range(5):
            while i < b and not self._is_less(i, i - 1):
                i += 1
            if i == b:
                return True
            if b - a < 50:
                return False
            self._swap(i, i - 1)
            self._sift_left(i - 1, a)
            self._sift_right(i, b)
        return False

    def _sift_left(self, i: int, a: int) -> None:
        # Upstream starts with two elements before the swapped one, and stops at index 1, not at a.
        if i + 1 - a >= 2:
            for j in range(i, 0, -1):
                if not self._is_less(j, j - 1):
                    break
                self._swap(j, j - 1)

    def _sift_right(self, i: int, b: int) -> None:
        if b - i >= 2:
            for j in range(i + 1, b):
                if not self._is_less(j, j - 1):
                    break
                self._swap(j, j - 1)

    def _partition_equal(self, a: int, b: int, pivot: int) -> int:
        """Put what equals the pivot first; return where the greater ones begin (partitionEqual)."""
        self._swap(a, pivot)
        i, j = a + 1, b - 1
        while True:
            while i <= j and not self._is_less(a, i):
                i += 1
            while i <= j and self._is_less(a, j):
                j -= 1
            if i > j:
                return i
            self._swap(i, j)
            i += 1
            j -= 1

    def _partition(self, a: int, b: int, pivot: int) -> tuple[int, bool]:
        """Return the pivot's final place, and whether the range was partitioned before."""
        self._swap(a, pivot)
        i, j = self._skip(a, a + 1, b - 1)
        if i > j:
            self._swap(j, a)
            return j, True
        while i <= j:
            self._swap(i, j)
            i, j = self._skip(a, i + 1, j - 1)
        self._swap(j, a)
        return j, False

    def _skip(self, pivot: int, i: int, j: int) -> tuple[int, int]:
        while i <= j and self._is_less(i, pivot):
            i += 1
        while i <= j and not self._is_less(j, pivot):
            j -= 1
        return i, j
