"""Structural schemas of CustomResourceDefinitions, as JSON Schema that says the same. Pure.

Rules: kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions
(structural schemas, pruning, defaulting) and k8s.io/apiextensions-apiserver. What an API server
would prune is an unknown field here, as in kubectl's strict validation. Rules in CEL
(`x-kubernetes-validations`) are not evaluated.
"""

from typing import Any

Schema = dict[str, Any]

_KEPT = (
    "enum",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
)
# Formats that mean the same in Kubernetes and in JSON Schema; `byte` is ours. A duration, for one,
# is Go's in Kubernetes.
_FORMATS = frozenset(("byte", "date", "date-time", "ipv4", "ipv6"))
_OF_OBJECTS = frozenset(("apiVersion", "kind", "metadata"))


def structural(schema: Schema, metadata: Schema) -> Schema:
    """Return a whole object's schema; `metadata` is that of `metadata`."""
    found = _node(schema)
    properties = found.setdefault("properties", {})
    properties["apiVersion"] = properties["kind"] = {"type": "string"}
    # A schema may narrow the name; what else metadata holds is not its to say.
    own = properties.get("metadata", {}).get("properties", {})
    kept = {"properties": {"name": own["name"]}} if "name" in own else {}
    properties["metadata"] = {"allOf": [metadata, kept]} if metadata else kept
    return found


def _node(schema: Schema, *, is_bare: bool = False) -> Schema:
    """Return a node; a bare one (inside allOf and the like) has no say about unknown fields."""
    found: Schema = {key: schema[key] for key in _KEPT if key in schema}
    for limit, exclusive in (
        ("minimum", "exclusiveMinimum"),
        ("maximum", "exclusiveMaximum"),
    ):
        if schema.get(exclusive) is True and limit in found:
            # A flag in OpenAPI 3.0, a number in JSON Schema.
            found[exclusive] = found.pop(limit)
    format_ = schema.get("format")
    if isinstance(format_, str) and format_ in _FORMATS:
        found["format"] = format_
    if schema.get("uniqueItems") is True or schema.get("x-kubernetes-list-type") == "set":
        found["uniqueItems"] = True
    for word in ("allOf", "anyOf", "oneOf"):
        if isinstance(schema.get(word), list):
            items = [_node(item, is_bare=True) for item in schema[word] if isinstance(item, dict)]
            if items:
                found[word] = items
    if isinstance(schema.get("not"), dict):
        found["not"] = _node(schema["not"], is_bare=True)
    if isinstance(schema.get("items"), dict):
        found["items"] = _node(schema["items"], is_bare=is_bare)
    _add_type(schema, found)
    _add_fields(schema, found, is_bare=is_bare)
    return found


def _property(schema: Schema, *, is_required: bool, is_bare: bool) -> Schema:
    """Return the schema of a field: null stands for its absence unless it is nullable."""
    found = _node(schema, is_bare=is_bare)
    if is_required or schema.get("nullable") is True:
        return found
    if "type" in found:
        found["type"] = [*_list(found["type"]), "null"]
    if isinstance(found.get("enum"), list):
        found["enum"] = [*found["enum"], None]
    return found


def _list(value: object) -> list[Any]:
    """Return a list as it is, a text as a list of one, nothing for anything else."""
    if isinstance(value, str):
        return [value]
    return value if isinstance(value, list) else []


def _add_type(schema: Schema, found: Schema) -> None:
    kind = schema.get("type")
    types = [kind] if isinstance(kind, str) else []
    if schema.get("x-kubernetes-int-or-string") is True:
        types = ["integer", "string"]
        # Such a node carries the same choice as an anyOf, which says nothing more.
        found.pop("anyOf", None)
    if types and schema.get("nullable") is True:
        # An enumeration has to list null by itself.
        types.append("null")
    if types:
        found["type"] = types if len(types) > 1 else types[0]


def _add_fields(schema: Schema, found: Schema, *, is_bare: bool) -> None:
    properties = schema.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    # Defaults are filled in before anything is checked.
    required = [
        name
        for name in _list(schema.get("required"))
        if not (isinstance(properties.get(name), dict) and "default" in properties[name])
    ]
    if required:
        found["required"] = required
    if properties:
        found["properties"] = {
            name: _property(item, is_required=name in required, is_bare=is_bare)
            for name, item in properties.items()
            if isinstance(item, dict)
        }
    more = schema.get("additionalProperties")
    keeps = schema.get("x-kubernetes-preserve-unknown-fields") is True
    if isinstance(more, dict):
        found["additionalProperties"] = _node(more, is_bare=is_bare)
    elif schema.get("type") == "object" and not keeps and not is_bare and more is not True:
        found["additionalProperties"] = False
        if schema.get("x-kubernetes-embedded-resource") is True:
            allowed = found.setdefault("properties", {})
            for name in _OF_OBJECTS - allowed.keys():
                allowed[name] = {}
