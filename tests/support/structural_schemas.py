"""Structural schemas of a field, with a value that an API server takes and one that it does not.

Not to take may also mean to drop: what is pruned is an unknown field to strict validation.
"""

from typing import Any

INT_OR_STRING = {"x-kubernetes-int-or-string": True}
OPEN = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}

CASES: tuple[tuple[dict[str, Any], Any, Any], ...] = (
    ({"type": "integer"}, 1, "1"),
    ({"type": "integer"}, None, 1.5),
    ({"type": "integer", "nullable": True}, None, "1"),
    ({"type": "string", "enum": ["a"], "nullable": True}, "a", None),
    ({"type": "string", "enum": ["a"]}, None, "b"),
    ({"type": "array", "items": {"type": "integer"}}, [1], [None]),
    ({"type": "array", "items": {"type": "integer", "nullable": True}}, [None], ["1"]),
    (
        {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}},
        {"a": 1},
        {"a": None},
    ),
    (
        {
            "type": "object",
            "required": ["a"],
            "properties": {"a": {"type": "integer", "nullable": True}},
        },
        {"a": None},
        {},
    ),
    (
        {"type": "object", "additionalProperties": {"type": "integer"}},
        {"a": 1},
        {"a": None},
    ),
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
        {**OPEN, "properties": {"a": {"type": "object", "properties": {"b": {"type": "integer"}}}}},
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
)
