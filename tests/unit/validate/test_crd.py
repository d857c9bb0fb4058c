"""Structural schemas mean what they mean to an API server."""

from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from armada_render.validate.crd import structural
from tests.support.structural_schemas import CASES


def _accepts(spec: dict[str, Any], value: Any, **root: Any) -> bool:
    schema = structural({"type": "object", "properties": {"spec": spec}, **root}, {})
    document = {"apiVersion": "example.io/v1", "kind": "Farm", "metadata": {"name": "x"}}
    return Draft202012Validator(schema, validate_formats=True).is_valid({**document, "spec": value})


@pytest.mark.parametrize(("spec", "good", "bad"), CASES)
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
