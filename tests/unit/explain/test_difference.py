from typing import Any

import pytest

from armada_render.explain.difference import Difference, differences, same
from armada_render.explain.fieldpath import ABSENT


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [(("a",), 1, 2)]),
        ({"a": 1}, {"a": 1.0}, [(("a",), 1, 1.0)]),
        ({"a": 1}, {"a": True}, [(("a",), 1, True)]),
        ({"a": None}, {}, [(("a",), None, ABSENT)]),
        ({}, {"a": {"b": 1}}, [(("a",), ABSENT, {"b": 1})]),
        ({"a": [1, 2]}, {"a": [1, 3]}, [(("a", 1), 2, 3)]),
        ({"a": [1, 2]}, {"a": [1, 2, 3]}, [(("a", 2), ABSENT, 3)]),
        ({"a": [1, 2, 3]}, {"a": [1, 3]}, [(("a", 1), 2, ABSENT)]),
        ({"a": [{"n": 1}]}, {"a": [{"n": 2}, 5]}, [(("a", 0, "n"), 1, 2), (("a", 1), ABSENT, 5)]),
        ({"a": [1]}, {"a": {"b": 1}}, [(("a",), [1], {"b": 1})]),
    ],
)
def test_differences_name_the_closest_field(
    before: dict[str, Any], after: dict[str, Any], found: list[Difference]
) -> None:
    assert list(differences(before, after)) == found


def test_booleans_and_numbers_are_not_the_same_at_any_depth() -> None:
    assert not same([{"a": 1}], [{"a": True}])
    assert same([{"a": 1}], [{"a": 1}])
