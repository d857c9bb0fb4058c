"""The order of keys that go-yaml v2 writes (vendor/go.yaml.in/yaml/v2/sorter.go)."""

from collections.abc import Iterable
from functools import cmp_to_key

# Without digits the rule is: at the first difference non-letters come before letters, otherwise the
# code point decides. Lifting the letters above everything else makes that plain text order.
_LIFT_LETTERS = {code: code + 0x80 for code in range(0x80) if chr(code).isalpha()}
_DIGITS = frozenset("0123456789")
_INSERTION_SORT = 12  # sort/zsortinterface.go, maxInsertion


def ordered(keys: Iterable[str]) -> list[str]:
    """Return `keys` as go-yaml sorts them: `a2` before `a10`, `-` and `_` before letters.

    The relation is not transitive for some mixes (`12` < `1c` < `2.c` < `12`). There the result
    depends on the order given, for which go-yaml takes a random one.
    """
    names = list(keys)
    joined = "".join(names)
    if joined.isascii() and _DIGITS.isdisjoint(joined):
        names.sort(key=_lifted)
    elif len(names) <= _INSERTION_SORT:
        _insertion_sort(names)
    else:
        names.sort(key=cmp_to_key(compare))
    return names


def _insertion_sort(names: list[str]) -> None:
    """Sort as Go sorts short slices, which shows where the relation is not transitive."""
    for last in range(1, len(names)):
        at = last
        while at > 0 and compare(names[at], names[at - 1]) < 0:
            names[at], names[at - 1] = names[at - 1], names[at]
            at -= 1


def compare(left: str, right: str) -> int:
    """Return a negative number when `left` comes first, a positive one when `right` does."""
    for at, (a, b) in enumerate(zip(left, right, strict=False)):
        if a != b:
            return _compare_at(left, right, at)
    return len(left) - len(right)


def _lifted(key: str) -> str:
    return key.translate(_LIFT_LETTERS)


def _compare_at(left: str, right: str, at: int) -> int:
    """Compare by what begins at the first difference: letters, numbers, or single characters."""
    a, b = left[at], right[at]
    if a.isalpha() and b.isalpha():
        return ord(a) - ord(b)
    if a.isalpha() or b.isalpha():
        return 1 if a.isalpha() else -1
    start = 1 if "0" in (a, b) and _inside_number(left, at) else 0
    number_a, end_a = _number(left, at, start)
    number_b, end_b = _number(right, at, start)
    if number_a != number_b:
        return -1 if number_a < number_b else 1
    return end_a - end_b or ord(a) - ord(b)


def _inside_number(text: str, at: int) -> bool:
    """Tell whether the digits directly before `at` include one that is not zero."""
    for char in reversed(text[:at]):
        if not char.isdecimal():
            return False
        if char != "0":
            return True
    return False


def _number(text: str, at: int, start: int) -> tuple[int, int]:
    """Return the int64 that the digits from `at` on extend `start` to, and where they end."""
    number = start
    while at < len(text) and text[at].isdecimal():
        number = (number * 10 + ord(text[at]) - ord("0") + 2**63) % 2**64 - 2**63
        at += 1
    return number, at
