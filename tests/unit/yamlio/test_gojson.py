from typing import Any

import pytest

from armada_render.yamlio import gojson


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": [1, True, None], "a": "x"}, '{"a":"x","b":[1,true,null]}'),
        ("<&>\u2028\u2029", '"\\u003c\\u0026\\u003e\\u2028\\u2029"'),
        ('\b\f\n\r\t"\\/\x01\x7fé😀', '"\\b\\f\\n\\r\\t\\"\\\\/\\u0001\x7fé😀"'),
        ("\ud800", '"\ufffd"'),
        (1.0, "1"),
        (-0.0, "-0"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (1e-6, "0.000001"),
        (1.5e-7, "1.5e-7"),
        (1e-10, "1e-10"),
        (18446744073709551615.0, "18446744073709552000"),
        (123456.789, "123456.789"),
        ([], "[]"),
        ({}, "{}"),
    ],
)
def test_prints_as_go_does(value: Any, text: str) -> None:
    assert gojson.dumps(value) == text


def test_keys_are_sorted_by_code_point() -> None:
    assert gojson.dumps({"é": 1, "a10": 2, "a2": 3, "B": 4}) == '{"B":4,"a10":2,"a2":3,"é":1}'


@pytest.mark.parametrize(
    ("value", "after"),
    [
        (1.0, 1),
        (-0.0, 0),
        (1e3, 1000),
        (1.5, 1.5),
        (2**63 - 1, 2**63 - 1),
        (2**63, 9223372036854775808.0),
        (2**64 - 1, 18446744073709552000.0),
        (1e20, 1e20),
        (True, True),
        ("1.0", "1.0"),
        ([1.0, {"a": 2.0}], [1, {"a": 2}]),
    ],
)
def test_a_round_trip_settles_numbers(value: Any, after: Any) -> None:
    assert repr(gojson.normalize(value)) == repr(after)


def test_what_does_not_change_is_shared() -> None:
    value = {"a": {"b": ["x", 1]}, "c": 1.0}
    result = gojson.normalize(value)
    assert result["a"] is value["a"]
    assert value == {"a": {"b": ["x", 1]}, "c": 1.0}
    assert gojson.normalize(value["a"]) is value["a"]


@pytest.mark.parametrize("value", [float("nan"), float("-inf"), [float("inf")]])
def test_infinities_are_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="no infinity"):
        gojson.dumps(value)
    with pytest.raises(ValueError, match="no infinity"):
        gojson.normalize(value)


def test_a_number_beyond_every_float_is_refused() -> None:
    with pytest.raises(ValueError, match="too large"):
        gojson.normalize(10**400)


def test_what_json_does_not_have_is_refused() -> None:
    with pytest.raises(TypeError, match="no bytes"):
        gojson.dumps({"a": b"x"})
