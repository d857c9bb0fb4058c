from typing import Any

import pytest

from armada_render.build.metadata import apply
from armada_render.model.override import LabelAnnotationOverrider, Operator

ADD, REMOVE, REPLACE = Operator.ADD, Operator.REMOVE, Operator.REPLACE


def labelled(labels: Any) -> dict[str, Any]:
    return {"kind": "X", "metadata": {"name": "x", "labels": labels}}


@pytest.mark.parametrize(
    ("before", "operator", "value", "after"),
    [
        ({"a": "1"}, ADD, {"a": "2", "b": "3"}, {"a": "2", "b": "3"}),
        ({"a": "1"}, REPLACE, {"a": "2", "b": "3"}, {"a": "2"}),
        ({"q": "1"}, REMOVE, {"q": "other", "x": "y"}, {}),
        ({"x.io/a": "1"}, REMOVE, {"x.io/a": ""}, {}),
        (None, ADD, {"a": "1"}, {"a": "1"}),
        (None, REPLACE, {"a": "1"}, None),
        ({"a": True}, ADD, {"b": "1"}, {"b": "1"}),
        ({"a": True}, REMOVE, {"a": "1"}, {"a": True}),
        ({"a": None}, ADD, {"b": "1"}, {"b": "1"}),
        ({"a": True}, ADD, {}, {"a": True}),
        ({}, ADD, {"x~1y": "1"}, {"x/y": "1"}),
    ],
)
def test_labels_change(before: Any, operator: Operator, value: dict[str, str], after: Any) -> None:
    manifest = labelled(before)
    overrider = LabelAnnotationOverrider(operator=operator, value=value)
    assert apply(manifest, overrider, "labels") == labelled(after)
    assert manifest == labelled(before)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"kind": "X", "metadata": {}}, {"kind": "X", "metadata": {"annotations": {"a": "1"}}}),
        ({"kind": "X"}, {"kind": "X", "metadata": {"annotations": {"a": "1"}}}),
        ({"kind": "X", "metadata": "odd"}, {"kind": "X", "metadata": "odd"}),
    ],
)
def test_missing_parents_are_made(before: dict[str, Any], after: dict[str, Any]) -> None:
    overrider = LabelAnnotationOverrider(operator=ADD, value={"a": "1"})
    assert apply(before, overrider, "annotations") == after


def test_nothing_to_do_returns_the_manifest() -> None:
    manifest = labelled({"a": "1"})
    overrider = LabelAnnotationOverrider(operator=REPLACE, value={"b": "1"})
    assert apply(manifest, overrider, "labels") is manifest
