"""What differs between two manifests, field by field. What both share is not looked into."""

from collections.abc import Iterator
from typing import Any

from armada_render.explain.fieldpath import ABSENT
from armada_render.model.decode import FieldPath

Difference = tuple[FieldPath, Any, Any]
"""Where, what stood there, and what stands there now; `ABSENT` for nothing."""


def differences(before: Any, after: Any, path: FieldPath = ()) -> Iterator[Difference]:  # noqa: ANN401
    """Yield what differs, the closest to the leaves that can be named."""
    if before is after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before)]:
            yield from differences(before.get(key, ABSENT), after.get(key, ABSENT), (*path, key))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _of_lists(before, after, path)
    elif not same(before, after):
        yield path, before, after


def _of_lists(before: list[Any], after: list[Any], path: FieldPath) -> Iterator[Difference]:
    """Compare what lies between the items that both begin and end with."""
    start = _alike(before, after)
    rest, others = before[start:], after[start:]
    end = _alike(rest[::-1], others[::-1])
    rest, others = rest[: len(rest) - end], others[: len(others) - end]
    common = min(len(rest), len(others))
    for index in range(common):
        yield from differences(rest[index], others[index], (*path, start + index))
    for index, item in enumerate(rest[common:], start + common):
        yield (*path, index), item, ABSENT
    for index, item in enumerate(others[common:], start + common):
        yield (*path, index), ABSENT, item


def _alike(before: list[Any], after: list[Any]) -> int:
    count = 0
    for one, other in zip(before, after, strict=False):
        if not same(one, other):
            break
        count += 1
    return count


def same(one: Any, other: Any) -> bool:  # noqa: ANN401 - plain JSON data
    """Tell whether two JSON values are the same; `1`, `1.0` and `true` are not."""
    if one is other:
        return True
    if one.__class__ is not other.__class__:
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)
