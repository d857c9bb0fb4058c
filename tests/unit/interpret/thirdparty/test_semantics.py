"""How Lua sees a manifest, after Karmada's luavm/lua_convert_test.go."""

from copy import deepcopy
from typing import Any

import pytest

from armada_render.interpret import InterpretError
from armada_render.interpret.thirdparty.semantics import (
    elements,
    less,
    number,
    optional,
    parsed_number,
    replica_count,
    required,
    returned,
    revised,
    same,
    unless_false,
    with_spec_field,
)


def test_reading_below_what_is_absent_fails_unless_it_is_optional() -> None:
    document: dict[str, Any] = {"spec": {"a": None, "list": [], "text": "x"}}
    assert required(document, "spec", "a") is None
    assert required(document, "spec", "list", "key") is None
    assert required(document, "spec", "text", "key") is None
    with pytest.raises(InterpretError, match=r"spec.a is missing, but spec.a.b is read"):
        required(document, "spec", "a", "b")
    assert optional(document, "spec", "a", "b") is None


def test_reading_below_a_number_always_fails() -> None:
    for read in (required, optional):
        with pytest.raises(InterpretError, match="spec: expected an object, got 3"):
            read({"spec": 3}, "spec", "a")


def test_comparisons_hold_between_values_of_one_type() -> None:
    assert same(1, 1.0)
    assert same("a", "a")
    assert same(None, None)
    assert same(True, True)  # noqa: FBT003 - the values compared
    assert not same(True, 1)  # noqa: FBT003
    assert not same("1", 1)
    assert not same({}, {})
    assert less("a", "b", "names")
    assert less(1, 2.5, "numbers")
    with pytest.raises(InterpretError, match="numbers cannot be compared: None and 1"):
        less(None, 1, "numbers")


def test_arithmetic_takes_numbers_and_strings_that_are_numbers() -> None:
    assert number(" 3 ", "x") == 3
    assert number(2.5, "x") == 2.5
    assert parsed_number("lots") is None
    assert parsed_number({}) is None
    with pytest.raises(InterpretError, match="x: expected a number"):
        number(value=True, path="x")


def test_replica_counts_are_truncated_numbers() -> None:
    assert replica_count(3.9, "x") == 3
    for value in ("3", None, True):
        with pytest.raises(InterpretError, match="x: expected a number of replicas"):
            replica_count(value, "x")


def test_only_null_and_false_give_way() -> None:
    assert unless_false(None, 1) == unless_false(value=False, default=1) == 1
    assert unless_false(0, 1) == 0


def test_nulls_are_no_elements_and_objects_have_none() -> None:
    assert list(elements([1, None, 2], "x")) == [1, 2]
    assert list(elements({"a": 1}, "x")) == []
    with pytest.raises(InterpretError, match="x: expected an array"):
        list(elements(3, "x"))


def test_what_a_script_returns_has_lost_nulls_and_empty_tables() -> None:
    value: dict[str, Any] = {
        "a": None,
        "b": {},
        "c": [],
        "d": [{}, None, 1],
        "e": {"f": None},
        "g": {"h": []},
    }
    assert returned(value) == {"d": [1], "g": {}}


def test_integral_floats_come_back_as_integers() -> None:
    back = returned({"a": 1.0, "b": 1.5, "c": True, "d": 2**53 + 1, "e": 1e300, "f": "1.0"})
    assert back == {"a": 1, "b": 1.5, "c": True, "d": 2**53, "e": 1e300, "f": "1.0"}
    assert type(back["a"]) is int
    assert type(back["e"]) is float
    assert back["c"] is True


def test_empty_tables_of_the_input_are_restored_where_they_were() -> None:
    document: dict[str, Any] = {
        "kind": "X",
        "spec": {
            "volumes": [{"name": "a", "emptyDir": {}}, {"name": "b", "emptyDir": []}],
            "args": [],
            "status": {"x": None},
        },
    }
    changed = {**document, "spec": {**document["spec"], "new": {}}}
    assert revised(document, changed) == {
        "kind": "X",
        "spec": {
            "volumes": [{"name": "a", "emptyDir": {}}, {"name": "b", "emptyDir": {}}],
            "args": [],
        },
    }


def test_setting_a_field_leaves_the_original_alone() -> None:
    document: dict[str, Any] = {"kind": "X", "spec": {"replicas": 1, "other": {"a": [1]}}}
    before = deepcopy(document)
    assert with_spec_field(document, "replicas", 4) == {
        "kind": "X",
        "spec": {"replicas": 4, "other": {"a": [1]}},
    }
    assert document == before
    assert with_spec_field({"spec": []}, "replicas", 4) == {"spec": {"replicas": 4}}
    with pytest.raises(InterpretError, match="spec: expected an object"):
        with_spec_field({"spec": [1]}, "replicas", 4)
