from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from armada_render.build.failure import BuildError
from armada_render.build.jsonpatch import Operation, apply
from armada_render.model.override import Operator

ADD, REMOVE, REPLACE = Operator.ADD, Operator.REMOVE, Operator.REPLACE


def one(document: Any, operator: Operator, path: str, value: Any = None) -> Any:
    return apply(document, [Operation(operator, path, value)])


@pytest.mark.parametrize(
    ("document", "operator", "path", "value", "want"),
    [
        ({"o": {"a": 1}}, ADD, "/o", {"c": 3}, {"o": {"c": 3}}),
        ({"o": {}}, ADD, "/o/-", 1, {"o": {"-": 1}}),
        ({"o": {}}, ADD, "/o/0", 1, {"o": {"0": 1}}),
        ({"b": 1}, ADD, "/b", None, {"b": None}),
        ({"a": None}, REPLACE, "/a", 1, {"a": 1}),
        ({"a": 1}, REMOVE, "/a", None, {}),
        ({}, ADD, "/a~1b~01", 1, {"a/b~1": 1}),
        ({}, ADD, "/a~2", 1, {"a~2": 1}),
        ({"spec": {}}, ADD, "x/spec/a", 5, {"spec": {"a": 5}}),
        ({"a": 1}, REPLACE, "spec/a", 5, {"a": 5}),
        ({"a": {}}, ADD, "/a/", 1, {"a": {"": 1}}),
        ({"a": {}}, REPLACE, "/a/", 1, {"a": {"": 1}}),
        ({"": 1, "a": 2}, REMOVE, "", None, {"a": 2}),
        ({"l": [1, 2]}, ADD, "/l/-", 3, {"l": [1, 2, 3]}),
        ({"l": [1, 2]}, ADD, "/l/2", 3, {"l": [1, 2, 3]}),
        ({"l": [1, 2]}, ADD, "/l/-1", 3, {"l": [1, 2, 3]}),
        ({"l": [1, 2]}, ADD, "/l/-2", 3, {"l": [1, 3, 2]}),
        ({"l": [1, 2]}, ADD, "/l/-3", 3, {"l": [3, 1, 2]}),
        ({"l": [1, 2]}, ADD, "/l/+01", 3, {"l": [1, 3, 2]}),
        ({"l": [1, 2]}, REPLACE, "/l/-1", 3, {"l": [1, 3]}),
        ({"l": [1, 2]}, REMOVE, "/l/-2", None, {"l": [2]}),
        ({"l": [{"a": 1}]}, REPLACE, "/l/-1/a", 2, {"l": [{"a": 2}]}),
        ({"a": 1}, ADD, "", {"b": 2}, {"b": 2}),
        ({"a": 1}, REPLACE, "", [1], [1]),
        ([1], ADD, "/0", 0, [0, 1]),
        ({"a": {"b": 1}}, REMOVE, "//a/b", None, {"a": {"b": 1}}),
    ],
)
def test_operation_gives(
    document: Any, operator: Operator, path: str, value: Any, want: Any
) -> None:
    assert one(document, operator, path, value) == want


@pytest.mark.parametrize(
    ("document", "operator", "path", "message", "hint"),
    [
        (
            {"metadata": {}},
            ADD,
            "/metadata/labels/tier",
            'no element "labels" at /metadata/labels/tier: the object has no metadata.labels',
            "add the parent first",
        ),
        (
            {"a": None},
            ADD,
            "/a/b",
            'no element "a" at /a/b: the object has null at a',
            "add the parent first",
        ),
        (
            {"a": {"x": 1}},
            ADD,
            "/a/x/b",
            "cannot add /a/x/b: a.x is a number, neither an object nor a list",
            "",
        ),
        ({"a": "s"}, ADD, "/a/b", "cannot add /a/b: a is a string, neither an object nor", ""),
        ({"a": True}, ADD, "/a/b", "cannot add /a/b: a is a boolean", ""),
        ({"a": {}}, ADD, "/a//b", 'no element "" at /a//b: the object has no a[""]', ""),
        ({}, ADD, "//a/b", 'no element "a" at //a/b: the object has no a', ""),
        ({"a": {}}, ADD, "//a//b", 'no element "" at //a//b', ""),
        (
            {"a": {}},
            REPLACE,
            "/a/x.y~1z",
            'cannot replace /a/x.y~1z: a has no element "x.y/z"',
            "operator add creates it",
        ),
        ({}, REMOVE, "/a", 'cannot remove /a: the object has no element "a"', "narrow resource"),
        (
            {"a": {"b.c/d": {}}},
            REMOVE,
            "/a/b.c~1d/e",
            'cannot remove /a/b.c~1d/e: a["b.c/d"] has no element "e"',
            "",
        ),
        (
            {"l": [1]},
            ADD,
            "/l/7",
            "cannot add /l/7: l is a list of 1 element, 7 is outside",
            "indices count from 0; - appends",
        ),
        ({"l": []}, ADD, "/l/-2", "l is a list of 0 elements, -2 is outside", ""),
        ({"l": [1]}, REMOVE, "/l/1", "l is a list of 1 element, 1 is outside", ""),
        ({"l": [1]}, REPLACE, "/l/9999999999999999999", '"9999999999999999999" is no index', ""),
        ({"l": [1]}, REPLACE, "/l/-", 'l is a list of 1 element, "-" is no index of it', ""),
        ({"l": [1]}, REPLACE, "/l/1.0", '"1.0" is no index', "lists are addressed by number"),
        ({"l": [1]}, REPLACE, "/l/", '"" is no index', ""),
        ({"l": [{"x": []}]}, ADD, "/l/0/x/5", "l[0].x is a list of 0 elements", ""),
        ({"l": [1]}, ADD, "/l/3/a", "cannot add /l/3/a: l is a list of 1 element", ""),
        ([], ADD, "/4", "the document is a list of 0 elements, 4 is outside", ""),
        ({}, ADD, "spec", 'path "spec" has no slash', 'write "/spec"'),
        ({}, REMOVE, "", 'the object has no element ""', ""),
        (None, ADD, "/a", "cannot add /a: the document is null", ""),
        (None, ADD, "/a/b", "no element", ""),
    ],
)
def test_operation_fails_with(
    document: Any, operator: Operator, path: str, message: str, hint: str
) -> None:
    with pytest.raises(BuildError) as caught:
        one(document, operator, path, 1)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.at == "[0]"


@pytest.mark.parametrize("value", ["text", None, 1])
def test_whole_document_can_only_become_a_collection(value: Any) -> None:
    with pytest.raises(BuildError):
        one({}, REPLACE, "", value)


def test_null_as_the_whole_document_must_be_replaced_in_turn() -> None:
    with pytest.raises(BuildError, match="null"):
        one({}, ADD, "", None)
    operations = [Operation(ADD, "", None), Operation(ADD, "", {"a": 1})]
    assert apply({}, operations) == {"a": 1}


def test_operations_see_what_earlier_ones_did() -> None:
    operations = [Operation(REMOVE, "/l/0"), Operation(REMOVE, "/l/0")]
    assert apply({"l": ["a", "b", "c"]}, operations) == {"l": ["c"]}


def test_error_says_which_operation_failed() -> None:
    operations = [Operation(ADD, "/a", 1), Operation(REMOVE, "/b")]
    with pytest.raises(BuildError) as caught:
        apply({}, operations)
    assert caught.value.at == "[1]"


def test_doubled_slash_edits_a_copy_that_later_doubled_slashes_see() -> None:
    operations = [Operation(REMOVE, "//a"), Operation(REMOVE, "//a")]
    with pytest.raises(BuildError) as caught:
        apply({"a": 1}, operations)
    assert caught.value.at == "[1]"
    assert apply({"a": 1}, [*operations[:1], Operation(REMOVE, "/a")]) == {}


def test_replacing_the_document_leaves_no_copy_behind() -> None:
    added = [Operation(ADD, "", {"a": 1}), Operation(REMOVE, "//a")]
    assert apply({}, added) == {"a": 1}
    replaced = [Operation(REPLACE, "", {"a": 1}), Operation(REMOVE, "//a")]
    with pytest.raises(BuildError):
        apply({}, replaced)


def test_untouched_parts_are_shared_and_the_input_is_left_alone() -> None:
    document = {"a": {"b": [1, {"c": 2}]}, "d": {"e": 1}}
    changed = one(document, REPLACE, "/a/b/1/c", 3)
    assert changed == {"a": {"b": [1, {"c": 3}]}, "d": {"e": 1}}
    assert changed["d"] is document["d"]
    assert document == {"a": {"b": [1, {"c": 2}]}, "d": {"e": 1}}


PATHS = st.lists(st.sampled_from(["a", "b", "0", "1", "-", "-1", "", "~0"]), max_size=4).map(
    lambda parts: "".join(f"/{part}" for part in parts)
)
DOCUMENTS = st.recursive(
    st.integers(0, 3) | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab~"), inner),
    max_leaves=8,
)


@settings(max_examples=50, deadline=None)
@given(DOCUMENTS, st.lists(st.builds(Operation, st.sampled_from(Operator), PATHS, DOCUMENTS)))
def test_only_build_errors_come_out_and_the_input_stays(
    document: Any, operations: list[Operation]
) -> None:
    before = repr(document)
    with suppress(BuildError):
        apply(document, operations)
    assert repr(document) == before
