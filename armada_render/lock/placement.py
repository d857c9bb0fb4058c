"""The text of the applied-placement annotation. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from armada_render.model.placement import Placement
from armada_render.yamlio import gojson

# Pointers upstream: there a zero is something else than nothing.
_POINTERS = ("toleration_seconds",)


def applied_placement(placement: Placement) -> str:
    """Return the JSON of a placement as Karmada writes it: Go's field order, nothing empty."""
    return _text(_plain(placement))


def _plain(value: Any) -> Any:  # noqa: ANN401 - what fields of structs hold
    if isinstance(value, Struct):
        keys = dict(zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True))
        # Go writes the name of an affinity before the affinity that is inlined after it.
        order = sorted(keys, key=lambda name: name != "affinity_name")
        return {
            keys[name]: _plain(item)
            for name in order
            if not _is_left_out(name, item := getattr(value, name))
        }
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return dict(sorted(value.items()))
    return value


def _is_left_out(name: str, value: object) -> bool:
    """Tell whether `omitempty` leaves a field out; an empty object behind a pointer stays."""
    return value is None or (not isinstance(value, Struct) and not value and name not in _POINTERS)


def _text(value: object) -> str:
    """Return compact JSON in the order of `value`, strings as Go writes them."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{_text(key)}:{_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ",".join(map(_text, value)) + "]"
    return gojson.dumps(value)
