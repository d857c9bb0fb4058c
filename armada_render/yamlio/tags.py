"""Scalar events to values and to keys (decode.go; sigs.k8s.io/yaml, convertToJSONableObject)."""

import binascii

from armada_render.yamlio.libyaml import Event
from armada_render.yamlio.numbers import INT64_MAX, INT64_MIN, shortest_text32
from armada_render.yamlio.resolve import Scalar, is_timestamp, resolve

_PREFIX = "tag:yaml.org,2002:"
_MERGE = f"{_PREFIX}merge"
_STRING = f"{_PREFIX}str"
_BINARY = f"{_PREFIX}binary"
_TIMESTAMP = f"{_PREFIX}timestamp"
_FLOAT = f"{_PREFIX}float"
_RESOLVED: dict[str, type] = {
    f"{_PREFIX}null": type(None),
    f"{_PREFIX}bool": bool,
    f"{_PREFIX}int": int,
    _FLOAT: float,
}


def scalar_value(event: Event) -> Scalar:
    """Return what a scalar event means, floats as they are before the JSON step.

    Raises `ValueError` when the text does not fit the tag.
    """
    if event.tag is not None:
        return tagged(event.tag, event.value)
    text: str = event.value
    return text if event.style else resolve(text)


def is_merge(event: Event) -> bool:
    """Tell whether a scalar event, as a key, merges what follows into its map (isMerge)."""
    return bool(event.value == "<<" and (event.implicit[0] or event.tag == _MERGE))


def tagged(tag: str, text: str) -> Scalar:
    """Return what `text` means under `tag`; a tag that go-yaml does not know leaves the text.

    Raises `ValueError` when the text is not of that type.
    """
    if tag == _BINARY:
        return _decoded(text)
    if tag == _TIMESTAMP:
        if not is_timestamp(text):
            raise ValueError("this is not a !!timestamp")
        return text
    wanted = _RESOLVED.get(tag)
    if tag == _STRING or wanted is None:
        return text
    value = resolve(text)
    if value.__class__ is wanted:
        return value
    # Only the signed types are converted (resolve.go, the deferred function of resolve).
    if (
        wanted is float
        and isinstance(value, int)
        and not isinstance(value, bool)
        and INT64_MIN <= value <= INT64_MAX
    ):
        return float(value)
    raise ValueError(f"this is not a !!{tag.removeprefix(_PREFIX)}")


def key_text(value: object) -> str:
    """Return the string that `value` becomes as a key.

    Raises `ValueError` for null, collections and integers beyond int64, as kubectl does.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        if value > INT64_MAX:
            raise ValueError("a number this large cannot be a key; put it in quotes")
        return str(value)
    if isinstance(value, float):
        return shortest_text32(value)
    if value is None:
        raise ValueError(
            'a key is missing here: null cannot be one (write "null" in quotes if meant)'
        )
    raise ValueError("a map or list cannot be a key")


def _decoded(text: str) -> str:
    """Decode base64; what is not UTF-8 turns into U+FFFD byte by byte, as in Go's JSON encoder."""
    try:
        data = binascii.a2b_base64(text.replace("\n", "").replace("\r", ""), strict_mode=True)
    except ValueError:
        raise ValueError("this is not base64, as !!binary requires") from None
    decoded = data.decode("utf-8", "surrogateescape")
    if decoded.isascii():
        return decoded
    return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in decoded)
