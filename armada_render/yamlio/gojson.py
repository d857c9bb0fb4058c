"""JSON as Go's encoding/json writes it, and what a value is after a round trip through it."""

from msgspec import json

from armada_render.yamlio.numbers import INT64_MAX, INT64_MIN, json_text, settled
from armada_render.yamlio.values import Value

_WORDS = {None: "null", True: "true", False: "false"}
_encode_string = json.Encoder().encode
# Go escapes these everywhere, so that its JSON can stand in HTML and JavaScript.
_HTML = (
    ("<", "\\u003c"),
    (">", "\\u003e"),
    ("&", "\\u0026"),
    ("\u2028", "\\u2028"),
    ("\u2029", "\\u2029"),
)


def dumps(value: Value) -> str:
    """Return `value` as compact JSON with sorted keys, to the byte what Go's json.Marshal prints.

    Raises `ValueError` for infinities and NaN and `TypeError` for what JSON does not have.
    """
    text = _text(value)
    for char, escape in _HTML:
        text = text.replace(char, escape)
    return text


def normalize(value: Value) -> Value:
    """Return what Kubernetes decodes from the JSON of `value`, or `value` itself if that is equal.

    An integral float below 1e21 becomes an integer (1.0 is written as 1); an integer that int64
    does not hold becomes a float (k8s.io/apimachinery/pkg/util/json). Raises `ValueError` for
    infinities, NaN and integers beyond any float.
    """
    kind = value.__class__
    if kind is dict:
        return _same_or_new(value, {key: normalize(item) for key, item in value.items()})
    if kind is list:
        return _same_or_new(value, [normalize(item) for item in value])
    if kind is float:
        number = settled(value)
        return number if INT64_MIN <= number <= INT64_MAX else value
    if isinstance(value, int) and not INT64_MIN <= value <= INT64_MAX:
        return _float(value)
    return value


def _same_or_new(old: Value, new: Value) -> Value:
    items = (
        zip(old.values(), new.values(), strict=True)
        if isinstance(old, dict)
        else zip(old, new, strict=True)
    )
    return old if all(before is after for before, after in items) else new


def _float(number: int) -> float:
    try:
        return float(number)
    except OverflowError:
        raise ValueError("the number is too large for JSON") from None


def _text(value: Value) -> str:
    if isinstance(value, str):
        return _string(value)
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    if isinstance(value, int | float):
        return str(value) if isinstance(value, int) else json_text(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{_string(key)}:{_text(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_text, value)) + "]"
    raise TypeError(f"JSON has no {type(value).__name__}")


def _string(text: str) -> str:
    try:
        return _encode_string(text).decode()
    except UnicodeEncodeError:
        # Go holds no lone surrogates: what it cannot decode is U+FFFD.
        return _string("".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text))
