"""Structural schemas mean what they mean to an API server."""

from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from armada_render.validate.crd import structural


def _accepts(spec: dict[str, Any], value: Any, **root: Any) -> bool:
    schema = structural({"type": "object", "properties": {"spec": spec}, **root}, {})
    document = {"apiVersion": "example.io/v1", "kind": "Farm", "metadata": {"name": "x"}}
    return Draft202012Validator(schema, validate_formats=True).is_valid({**document, "spec": value})


INT_OR_STRING = {"x-kubernetes-int-or-string": True}
OPEN = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


@pytest.mark.parametrize(
    ("spec", "good", "bad"),
    [
        ({"type": "integer"}, 1, "1"),
        ({"type": "integer"}, 1, None),
        ({"type": "integer", "nullable": True}, None, "1"),
        ({"type": "string", "enum": ["a"], "nullable": True}, None, "b"),
        (INT_OR_STRING, 80, True),
        (INT_OR_STRING, "http", 1.5),
        (
            {**INT_OR_STRING, "anyOf": [{"type": "integer"}, {"type": "string"}]},
            "http",
            [],
        ),
        ({"type": "object", "properties": {"a": {"type": "string"}}}, {"a": "x"}, {"b": "x"}),
        ({"type": "object"}, {}, {"a": 1}),
        (OPEN, {"a": {"b": [1]}}, "text"),
        (
            {**OPEN, "properties": {"a": {"type": "object", "properties": {"b": {}}}}},
            {"x": 1, "a": {"b": 1}},
            {"a": {"x": 1}},
        ),
        (
            {"type": "object", "additionalProperties": {"type": "string"}},
            {"any": "text"},
            {"any": 1},
        ),
        (
            {
                "type": "object",
                "required": ["a", "b"],
                "properties": {"a": {"type": "string"}, "b": {"type": "string", "default": "x"}},
            },
            {"a": "x"},
            {"b": "x"},
        ),
        (
            {
                "type": "object",
                "x-kubernetes-embedded-resource": True,
                "properties": {"spec": {"type": "object"}},
            },
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}},
            {"apiVersion": "v1", "status": {}},
        ),
        (
            {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"},
            ["a", "b"],
            ["a", "a"],
        ),
        ({"type": "integer", "minimum": 1}, 1, 0),
        ({"type": "integer", "minimum": 1, "exclusiveMinimum": True}, 2, 1),
        ({"type": "integer", "maximum": 9, "exclusiveMaximum": False}, 9, 10),
        ({"type": "string", "pattern": "^a+$"}, "aa", "b"),
        ({"type": "string", "format": "ipv4"}, "10.0.0.1", "300.0.0.1"),
        (
            {
                "type": "object",
                "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
                "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
            },
            {"a": "x"},
            {"a": "x", "b": "x"},
        ),
        (
            {
                "type": "object",
                "properties": {"a": {"type": "integer"}},
                "allOf": [{"properties": {"a": {"minimum": 3}}}],
            },
            {"a": 3},
            {"a": 2},
        ),
        ({"type": "string", "not": {"enum": ["no"]}}, "yes", "no"),
    ],
)
def test_accepts_and_refuses(spec: dict[str, Any], good: Any, bad: Any) -> None:
    assert _accepts(spec, good)
    assert not _accepts(spec, bad)


def test_a_duration_is_gos() -> None:
    assert _accepts({"type": "string", "format": "duration"}, "1h30m")


def test_an_object_may_have_what_every_object_has_and_no_more() -> None:
    assert _accepts({"type": "string"}, "x")
    assert not _accepts({"type": "string"}, "x", properties={})
    assert _accepts({}, "x", **{"x-kubernetes-preserve-unknown-fields": True})


def test_the_name_may_be_narrowed() -> None:
    name = {"type": "object", "properties": {"name": {"type": "string", "maxLength": 1}}}
    schema = structural({"type": "object", "properties": {"metadata": name}}, {"type": "object"})
    validator = Draft202012Validator(schema)
    assert validator.is_valid({"metadata": {"name": "x", "labels": {"a": "b"}}})
    assert not validator.is_valid({"metadata": {"name": "long"}})


@pytest.mark.parametrize(
    "odd",
    [
        {"format": ["ipv4"]},
        {"properties": []},
        {"properties": {"a": 1}},
        {"allOf": [1]},
        {"items": [{}]},
        {"enum": 1, "nullable": True, "type": "string"},
        {"$ref": "file:///etc/passwd"},
        {"not": 1},
        {"type": ["string"]},
    ],
)
def test_odd_schemas_are_translated_without_what_is_odd(odd: dict[str, Any]) -> None:
    found = structural({"type": "object", "properties": {"spec": odd}}, {})
    assert "$ref" not in str(found)
