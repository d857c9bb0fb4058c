"""What a schema's error means, in a sentence that never holds the value it is about."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any

from jsonschema_rs import ValidationError, ValidationErrorKind
from msgspec import Struct

from armada_render.model.decode import FieldPath
from armada_render.validate.schema import Schema


class Misfit(Struct, frozen=True, kw_only=True):
    """One thing wrong with one field: where it is, and what; `is_unknown` for a field too many."""

    path: FieldPath
    message: str
    hint: str = ""
    is_unknown: bool = False


_TYPES = {
    "array": "a list",
    "boolean": "a boolean",
    "integer": "an integer",
    "number": "a number",
    "null": "null",
    "object": "a map",
    "string": "a string",
}


def misfits(error: ValidationError, schema: Schema, document: Schema) -> Iterator[Misfit]:
    """Yield what an error says; `schema` and the `document` it refers to tell of known fields."""
    path = tuple(error.instance_path)
    kind = error.kind
    if isinstance(kind, ValidationErrorKind.AdditionalProperties):
        known = _fields(schema, document, error.evaluation_path)
        for name in sorted(kind.unexpected):
            close = get_close_matches(name, known, 1)
            yield Misfit(
                path=(*path, name),
                message=f'unknown field "{name}"',
                hint=f'did you mean "{close[0]}"?' if close else "",
                is_unknown=True,
            )
    elif isinstance(kind, ValidationErrorKind.Required):
        name = str(kind.property)
        yield Misfit(path=(*path, name), message="is required, and missing")
    else:
        message, hint = _sentence(kind, error.instance)
        yield Misfit(path=path, message=message, hint=hint)


def _sentence(kind: ValidationErrorKind, instance: object) -> tuple[str, str]:  # noqa: C901, PLR0911 - one line a kind
    match kind:
        case ValidationErrorKind.Type():
            return _wrong_type(instance, kind.types)
        case ValidationErrorKind.AnyOf() | ValidationErrorKind.OneOfNotValid():
            types = [
                name
                for group in kind.context
                for item in group
                if isinstance(item.kind, ValidationErrorKind.Type)
                for name in item.kind.types
            ]
            if len(types) == len(kind.context):
                return _wrong_type(instance, types)
            return "fits none of the forms that are allowed here", ""
        case ValidationErrorKind.OneOfMultipleValid():
            return "fits several forms, of which only one is allowed", ""
        case ValidationErrorKind.Enum():
            words = ", ".join(str(option) for option in kind.options if option is not None)
            return f"must be one of {words}", ""
        case ValidationErrorKind.Pattern():
            return f"does not match the pattern {kind.pattern}", ""
        case ValidationErrorKind.Format():
            return _wrong_format(kind.format)
        case ValidationErrorKind.Minimum() | ValidationErrorKind.ExclusiveMinimum():
            more = "at least" if isinstance(kind, ValidationErrorKind.Minimum) else "more than"
            return f"must be {more} {kind.limit}", ""
        case ValidationErrorKind.Maximum() | ValidationErrorKind.ExclusiveMaximum():
            less = "at most" if isinstance(kind, ValidationErrorKind.Maximum) else "less than"
            return f"must be {less} {kind.limit}", ""
        case ValidationErrorKind.UniqueItems():
            return "holds an item twice", ""
    return _counted(kind), ""


_LIMITS: tuple[tuple[type[ValidationErrorKind], str], ...] = (
    (ValidationErrorKind.MinLength, "at least {} characters"),
    (ValidationErrorKind.MaxLength, "at most {} characters"),
    (ValidationErrorKind.MinItems, "at least {} items"),
    (ValidationErrorKind.MaxItems, "at most {} items"),
    (ValidationErrorKind.MinProperties, "at least {} fields"),
    (ValidationErrorKind.MaxProperties, "at most {} fields"),
)


def _counted(kind: ValidationErrorKind) -> str:
    for type_, words in _LIMITS:
        if isinstance(kind, type_):
            return f"must have {words.format(kind.as_dict()['limit'])}"
    return f"is not allowed by the schema ({kind.name})"


def _wrong_type(instance: object, types: Sequence[str]) -> tuple[str, str]:
    wanted = [one for one in types if one != "null"]
    words = " or ".join(_TYPES.get(one, one) for one in dict.fromkeys(wanted))
    hint = ""
    if wanted == ["string"] and isinstance(instance, bool | int | float):
        hint = "put it in quotes"
    elif "integer" in wanted and isinstance(instance, str):
        hint = "take the quotes away"
    return f"is {_type_of(instance)}, and must be {words}", hint


def _type_of(value: object) -> str:
    for types, word in (
        (bool, "boolean"),
        (int, "integer"),
        (float, "number"),
        (str, "string"),
        (list, "array"),
        (dict, "object"),
    ):
        if isinstance(value, types):
            return _TYPES[word]
    return "null"


def _wrong_format(name: str) -> tuple[str, str]:
    if name == "byte":
        return "is not base64", "encode it, or use stringData in a Secret"
    return f"is no {name}", ""


def _fields(schema: Schema, document: Schema, path: Sequence[str | int]) -> list[str]:
    """Return the fields that the schema at `path` knows, none when it cannot be followed."""
    node: Any = schema
    for step in path[:-1]:
        if step == "$ref":
            node = _followed(node, document)
        elif isinstance(node, dict):
            node = node.get(step)
        elif isinstance(node, list) and isinstance(step, int) and step < len(node):
            node = node[step]
        else:
            return []
    properties = node.get("properties") if isinstance(node, dict) else None
    return list(properties) if isinstance(properties, dict) else []


def _followed(node: Any, document: Schema) -> Any:  # noqa: ANN401 - a schema is anything
    reference = node.get("$ref", "") if isinstance(node, dict) else ""
    return document["$defs"].get(reference.rpartition("/")[2])
