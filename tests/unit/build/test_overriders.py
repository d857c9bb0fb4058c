from typing import Any

import msgspec
import pytest

from armada_render.build.failure import BuildError
from armada_render.build.overriders import apply, changes
from armada_render.model.override import Overriders


def applied(manifest: dict[str, Any], **overriders: Any) -> dict[str, Any]:
    return apply(manifest, changes(msgspec.convert(overriders, Overriders)))


def patch(operator: str, path: str, value: Any = None) -> dict[str, Any]:
    return {"operator": operator, "path": path, "value": value}


def pod() -> dict[str, Any]:
    return {
        "kind": "Pod",
        "metadata": {"labels": {"a": "1"}, "annotations": {"a": "1"}},
        "spec": {"containers": [{"name": "c", "image": "nginx:1"}], "text": "{}"},
    }


def test_kinds_of_overriders_have_a_fixed_order() -> None:
    manifest = applied(
        pod(),
        plaintext=[patch("replace", "/metadata/labels", {"z": "1"})],
        labelsOverrider=[{"operator": "add", "value": {"y": "1"}}],
    )
    assert manifest["metadata"]["labels"] == {"z": "1"}


def test_every_kind_of_overrider_acts() -> None:
    value = {"operator": "add", "value": {"b": "2"}}
    word = {"containerName": "c", "operator": "add", "value": ["w"]}
    manifest = applied(
        pod(),
        imageOverrider=[{"component": "Tag", "operator": "replace", "value": "2"}],
        commandOverrider=[word],
        argsOverrider=[word],
        labelsOverrider=[value],
        annotationsOverrider=[value],
        fieldOverrider=[
            {
                "fieldPath": "/spec/text",
                "json": [{"operator": "add", "subPath": "/a", "value": 1}],
            }
        ],
        plaintext=[patch("add", "/spec/x", 1)],
    )
    both = {"a": "1", "b": "2"}
    container = {"name": "c", "image": "nginx:2", "command": ["w"], "args": ["w"]}
    assert manifest == {
        "kind": "Pod",
        "metadata": {"labels": both, "annotations": both},
        "spec": {"containers": [container], "text": '{"a":1}', "x": 1},
    }


def test_no_overriders_change_nothing() -> None:
    manifest = pod()
    assert applied(manifest) is manifest


@pytest.mark.parametrize(
    ("overriders", "at"),
    [
        ({"plaintext": [patch("add", "/x", 1), patch("remove", "/y")]}, "plaintext[1]"),
        ({"plaintext": [patch("replace", "/kind", "")]}, "plaintext"),
        ({"plaintext": [patch("remove", "/kind")]}, "plaintext"),
        ({"plaintext": [patch("replace", "", ["x"])]}, "plaintext"),
        (
            {"imageOverrider": [{"component": "Tag", "operator": "add", "value": "x"}] * 2},
            "imageOverrider[1]",
        ),
        ({"fieldOverrider": [{"fieldPath": "/kind"}]}, "fieldOverrider[0]"),
    ],
)
def test_error_says_which_overrider_failed(overriders: dict[str, Any], at: str) -> None:
    manifest = pod()
    if at == "imageOverrider[1]":
        overriders["imageOverrider"][0] = {"component": "Repository", "operator": "remove"}
    with pytest.raises(BuildError) as caught:
        applied(manifest, **overriders)
    assert caught.value.at == at
    assert manifest == pod()
