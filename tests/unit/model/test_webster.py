import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from armada_render.model.webster import divide


def one_at_a_time(seats: int, votes: dict[str, int], uid: str) -> dict[str, int]:
    """The definition, seat by seat."""
    if not sum(votes.values()):
        return {}
    value = 2166136261
    for byte in uid.encode():
        value = (value ^ byte) * 16777619 % 2**32
    names = sorted(votes, reverse=bool(uid) and value % 2 == 1)
    won = dict.fromkeys(sorted(votes), 0)
    for _ in range(seats):
        best = min(names, key=lambda name: (-votes[name] / (2 * won[name] + 1), won[name]))
        won[best] += 1
    return won


@pytest.mark.parametrize(
    ("seats", "votes", "uid", "want"),
    [
        (7, {"m1": 2, "m2": 1}, "", {"m1": 5, "m2": 2}),
        (1, {"m2": 1, "m1": 1}, "", {"m1": 1, "m2": 0}),
        (1, {"m2": 1, "m1": 1}, "b", {"m1": 0, "m2": 1}),
        (1, {"m2": 1, "m1": 1}, "a", {"m1": 1, "m2": 0}),
        (3, {"a": 0, "b": 1}, "", {"a": 0, "b": 3}),
        (0, {"a": 1}, "", {"a": 0}),
        (5, {"a": 0}, "", {}),
        (5, {}, "", {}),
    ],
)
def test_divides_as_the_table_says(
    seats: int, votes: dict[str, int], uid: str, want: dict[str, int]
) -> None:
    assert divide(seats, votes, uid) == want


def test_result_is_ordered_by_name() -> None:
    assert list(divide(3, {"c": 1, "a": 1, "b": 1}, "b")) == ["a", "b", "c"]


def test_a_huge_number_of_seats_is_divided_at_once() -> None:
    assert divide(2**31 - 1, {"a": 1, "b": 1}, "") == {"a": 2**30, "b": 2**30 - 1}


@settings(max_examples=50, deadline=None)
@given(
    st.integers(0, 120),
    st.dictionaries(st.sampled_from("abcdefg"), st.integers(0, 40) | st.integers(0, 2**40)),
    st.sampled_from(["", "a", "b", "0d1f"]),
)
def test_equals_handing_out_one_seat_at_a_time(seats: int, votes: dict[str, int], uid: str) -> None:
    assert divide(seats, votes, uid) == one_at_a_time(seats, votes, uid)
