"""Changes of fields as people read them."""

from typing import Any

import pytest

from armada_render.diff.fields import (
    FieldChange,
    Item,
    Kind,
    field_changes,
    path_text,
    positions,
    value_at,
)
from armada_render.explain.fieldpath import ABSENT


def _said(before: Any, after: Any) -> list[tuple[str, str, Any, Any]]:
    return [
        (
            path_text(change.path),
            str(change.kind),
            None if change.before is ABSENT else change.before,
            None if change.after is ABSENT else change.after,
        )
        for change in field_changes(before, after)
    ]


def _containers(*items: Any) -> Any:
    return {"spec": {"containers": list(items)}}


def test_an_inserted_container_leaves_the_others_alone() -> None:
    web, proxy = {"name": "web", "image": "web:1"}, {"name": "proxy", "image": "envoy"}
    newer = {"name": "web", "image": "web:2"}
    assert _said(_containers(web), _containers(proxy, newer)) == [
        ("spec.containers[web].image", "changed", "web:1", "web:2"),
        ("spec.containers[proxy]", "added", None, proxy),
    ]


def test_another_order_of_named_items_is_one_change() -> None:
    one, two, three = {"name": "a"}, {"name": "b"}, {"name": "c"}
    assert _said(_containers(one, two, three), _containers(three, one)) == [
        ("spec.containers[b]", "removed", two, None),
        ("spec.containers", "reordered", ["a", "c"], ["c", "a"]),
    ]


@pytest.mark.parametrize(
    ("key", "before", "after", "path"),
    [
        ("mountPath", {"mountPath": "/a", "name": "x"}, {"mountPath": "/a", "name": "y"}, "[x]"),
        ("containerPort", {"containerPort": 80}, {"containerPort": 80, "protocol": "UDP"}, ""),
    ],
)
def test_what_has_no_name_goes_by_what_tells_it_apart(
    key: str, before: Any, after: Any, path: str
) -> None:
    del path
    found = field_changes({"list": [before]}, {"list": [after]})
    steps = [step for change in found for step in change.path if isinstance(step, Item)]
    assert {step.key for step in steps} == ({"name"} if "name" in before else {key})


def test_port_numbers_and_mount_paths_are_read_back() -> None:
    assert path_text(("ports", Item("containerPort", 80), "protocol")) == (
        "ports[containerPort=80].protocol"
    )
    assert path_text(("volumeMounts", Item("mountPath", "/etc/x"))) == (
        "volumeMounts[mountPath=/etc/x]"
    )
    assert path_text(("env", Item("name", "0"), "value")) == 'env["0"].value'
    assert path_text(("data", "app.conf")) == 'data["app.conf"]'
    assert path_text((Item("name", "a]b"), 3)) == '["a]b"][3]'


def test_items_with_equal_names_go_by_their_position() -> None:
    before = {"env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]}
    after = {"env": [{"name": "A", "value": "1"}, {"name": "A", "value": "3"}]}
    assert _said(before, after) == [("env[1].value", "changed", "2", "3")]


def test_an_inserted_argument_is_one_change() -> None:
    before, after = {"args": ["--a", "--c"]}, {"args": ["--a", "--b", "--c"]}
    assert _said(before, after) == [("args[1]", "added", None, "--b")]


def test_numbers_that_print_differently_differ() -> None:
    assert _said({"a": 1, "b": True}, {"a": 1.0, "b": 1}) == [
        ("a", "changed", 1, 1.0),
        ("b", "changed", True, 1),
    ]


def test_a_named_item_is_found_where_it_stands_now() -> None:
    manifest = {"list": [{"name": "a"}, {"name": "b", "x": 1}]}
    path = ("list", Item("name", "b"), "x")
    assert positions(path, manifest) == ("list", 1, "x")
    assert value_at(path, manifest) == 1
    assert positions(("list", Item("name", "c"), "x"), manifest) == ("list",)
    assert value_at(("list", Item("name", "c")), manifest) is ABSENT
    assert value_at(("list", 7), manifest) is ABSENT
    assert value_at(("list", "name"), manifest) is ABSENT


def test_values_are_shared_with_the_manifests() -> None:
    inner = {"deep": [1]}
    (change,) = field_changes({}, {"a": inner})
    assert isinstance(change, FieldChange)
    assert change.kind is Kind.ADDED
    assert change.after is inner
