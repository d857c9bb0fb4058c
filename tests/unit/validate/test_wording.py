"""Each kind of error in a sentence, with the limits of the schema and never the value."""

from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from armada_render.validate.wording import misfits

SECRET = "s3cret"


def _said(schema: dict[str, Any], value: Any) -> list[tuple[str, str]]:
    """Return path and message of all that is wrong with a value."""
    document: dict[str, Any] = {"$defs": {"thing": {"properties": {"name": {}, "names": {}}}}}
    checker = Draft202012Validator(schema, validate_formats=True)
    return [
        (".".join(map(str, one.path)), one.message)
        for error in checker.iter_errors(value)
        for one in misfits(error, schema, document)
    ]


def _property(**schema: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"a": schema}}


@pytest.mark.parametrize(
    ("schema", "value", "message"),
    [
        ({"type": "integer"}, SECRET, "is a string, and must be an integer"),
        ({"type": ["string", "null"]}, 5, "is an integer, and must be a string"),
        ({"type": "array"}, {}, "is a map, and must be a list"),
        ({"type": "object"}, [SECRET], "is a list, and must be a map"),
        ({"type": "boolean"}, None, "is null, and must be a boolean"),
        ({"enum": ["x", None]}, SECRET, "must be one of x"),
        ({"pattern": "^a$"}, SECRET, "does not match the pattern ^a$"),
        ({"format": "ipv4"}, SECRET, "is no ipv4"),
        ({"minimum": 3}, 1, "must be at least 3"),
        ({"exclusiveMinimum": 3}, 3, "must be more than 3"),
        ({"maximum": 3}, 9, "must be at most 3"),
        ({"exclusiveMaximum": 3}, 3, "must be less than 3"),
        ({"minLength": 9}, SECRET, "must have at least 9 characters"),
        ({"maxLength": 1}, SECRET, "must have at most 1 characters"),
        ({"minItems": 2}, [SECRET], "must have at least 2 items"),
        ({"maxItems": 0}, [SECRET], "must have at most 0 items"),
        ({"minProperties": 2}, {SECRET: 1}, "must have at least 2 fields"),
        ({"maxProperties": 0}, {SECRET: 1}, "must have at most 0 fields"),
        ({"uniqueItems": True}, [SECRET, SECRET], "holds an item twice"),
        ({"multipleOf": 2}, 3, "is not allowed by the schema (multipleOf)"),
        ({"not": {"type": "string"}}, SECRET, "is not allowed by the schema (not)"),
        (
            {"oneOf": [{"type": "integer"}, {"type": "boolean"}]},
            SECRET,
            "is a string, and must be an integer or a boolean",
        ),
        (
            {"anyOf": [{"minLength": 99}, {"pattern": "^a$"}]},
            SECRET,
            "fits none of the forms that are allowed here",
        ),
        (
            {"oneOf": [{"minLength": 1}, {"maxLength": 99}]},
            SECRET,
            "fits several forms, of which only one is allowed",
        ),
    ],
)
def test_sentences(schema: dict[str, Any], value: Any, message: str) -> None:
    assert _said(_property(**schema), {"a": value}) == [("a", message)]
    assert SECRET not in message


def test_every_field_too_many_is_told_by_itself() -> None:
    schema = {"properties": {"a": {}}, "additionalProperties": False}
    assert _said(schema, {"x": SECRET, "b": SECRET}) == [
        ("b", 'unknown field "b"'),
        ("x", 'unknown field "x"'),
    ]


def test_a_required_field_is_told_at_its_place() -> None:
    schema = _property(required=["b"])
    assert _said(schema, {"a": {}}) == [("a.b", "is required, and missing")]
