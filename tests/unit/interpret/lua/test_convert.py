"""From Lua's JSON to Kubernetes data."""

from typing import Any

import pytest

from armada_render.interpret.lua import convert
from armada_render.interpret.values import DependentObject, InterpretError
from armada_render.model.binding import NodeClaim, ReplicaRequirements
from armada_render.model.selector import LabelSelector, SelectorRequirement


@pytest.mark.parametrize(
    ("text", "reference", "expected"),
    [
        # pkg/.../luavm/lua_convert_test.go: empties come back as they were, new ones vanish.
        (b'{"a":[],"b":[],"c":[]}', {"a": {}, "b": []}, {"a": {}, "b": []}),
        (b'{"s":{"e":[]},"t":{"e":[]}}', {"s": {"e": {}}}, {"s": {"e": {}}, "t": {}}),
        (
            b'{"v":[{"n":"a","emptyDir":[]},{"n":"b","other":[]}]}',
            {"v": [{"x": 1}, {"emptyDir": {}}]},
            {"v": [{"n": "a", "emptyDir": {}}, {"n": "b"}]},
        ),
        # Where one item has {} and another [], {} wins for all.
        (b'{"v":[{"e":[]},{"e":[]}]}', {"v": [{"e": []}, {"e": {}}]}, {"v": [{"e": {}}] * 2}),
        # An empty item of a list counts for the list's path.
        (b'{"v":[]}', {"v": [{}]}, {"v": {}}),
        (b'{"v":[[],1]}', {}, {"v": [1]}),
        (b'{"a.b":[],"a":{"b":[]}}', {"a.b": {}}, {"a.b": {}, "a": {}}),
        (b'{"a":[]}', {"a": None}, {}),
        (b'{"a":[]}', None, {}),
        (b"[]", {}, {}),
    ],
)
def test_empty_tables_are_repaired_against_the_reference(
    text: bytes, reference: dict[str, Any] | None, expected: Any
) -> None:
    assert convert.decoded(text, is_list=False, reference=reference) == expected


def test_a_wholly_empty_result_is_what_its_target_is() -> None:
    assert convert.decoded(b"[]", is_list=True) == []
    assert convert.decoded(b"[]", is_list=False) == {}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (b"1", 1),
        (b"1.50000000000000000e+00", 1.5),
        (b"9.00719925474099200e+15", 9007199254740992),
        # Go writes as few digits as name the float, then zeros.
        (b"1.15292150460684698e+18", 1152921504606847000),
        (b"9.22337203685477581e+18", 9.223372036854776e18),
        (b"1.00000000000000000e+21", 1e21),
        (b"-4.00000000000000000e+17", -400000000000000000),
    ],
)
def test_integral_numbers_become_integers(written: bytes, expected: float) -> None:
    value = convert.decoded(b'{"n":' + written + b"}", is_list=False)["n"]
    assert value == expected
    assert type(value) is type(expected)


def test_bytes_that_are_no_utf8_become_replacement_characters() -> None:
    assert convert.decoded(b'{"a":"x\xe2\x82y\xff"}', is_list=False) == {
        "a": "x\ufffd\ufffdy\ufffd"
    }


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (2.9, 2),
        (-2.9, -2),
        (2147483647.5, 2147483647),
        (2147483648.0, -(2**31)),
        (1e300, -(2**31)),
        (float("nan"), -(2**31)),
        (float("-inf"), -(2**31)),
    ],
)
def test_replicas_are_cut_to_int32(number: float, expected: int) -> None:
    assert convert.int32(number) == expected


def test_requirements_are_typed_and_canonical() -> None:
    text = (
        b'{"nodeClaim":{"nodeSelector":{"a":"b"},"tolerations":[{"key":"k"}],"unknown":1},'
        b'"resourceRequest":{"cpu":"1000m","memory":1073741824,"disk":"2048Mi"},"namespace":"n"}'
    )
    assert convert.requirements(text) == ReplicaRequirements(
        node_claim=NodeClaim(node_selector={"a": "b"}, tolerations=({"key": "k"},)),
        resource_request={"cpu": "1", "disk": "2Gi", "memory": "1073741824"},
        namespace="n",
    )
    assert convert.requirements(b"[]") == ReplicaRequirements()
    assert convert.requirements(b'{"nodeClaim":[]}') == ReplicaRequirements()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b'{"resourceRequest":{"cpu":"much"}}', "resourceRequest.cpu: 'much' is not a quantity"),
        (b'{"resourceRequest":{"cpu":true}}', "the requirements: Expected"),
        (b'{"nodeClaim":{"nodeSelector":{"a":1}}}', "the requirements: Expected"),
        (b"[1]", "the requirements: Expected"),
    ],
)
def test_requirements_of_a_wrong_type_are_an_error(text: bytes, message: str) -> None:
    with pytest.raises(InterpretError, match=message):
        convert.requirements(text)


def test_references_are_typed() -> None:
    text = (
        b'[{"apiVersion":"v1","kind":"Secret","name":"s","unknown":1},{"apiVersion":"v1",'
        b'"kind":"Pod","labelSelector":{"matchLabels":{"a":"b"},"matchExpressions":'
        b'[{"key":"k","operator":"In","values":["v"]}]}}]'
    )
    assert convert.references(text) == (
        DependentObject(api_version="v1", kind="Secret", name="s"),
        DependentObject(
            api_version="v1",
            kind="Pod",
            label_selector=LabelSelector(
                match_labels={"a": "b"},
                match_expressions=(SelectorRequirement(key="k", operator="In", values=("v",)),),
            ),
        ),
    )
    assert convert.references(b"[]") == ()


@pytest.mark.parametrize("text", [b'{"a":1}', b"[1]", b'[{"name":1}]'])
def test_references_of_a_wrong_type_are_an_error(text: bytes) -> None:
    with pytest.raises(InterpretError, match="the dependencies: Expected"):
        convert.references(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"[1]", "is a list"),
        (b'{"apiVersion":"v1"}', "has no kind"),
        (b'{"kind":7}', "has no kind"),
        (b'{"kind":"K","apiVersion":7}', "apiVersion is not a string"),
    ],
)
def test_a_revised_object_must_be_one(text: bytes, message: str) -> None:
    with pytest.raises(InterpretError, match=message):
        convert.manifest(text, {})
