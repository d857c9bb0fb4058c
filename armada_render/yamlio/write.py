"""Values to YAML, to the byte what sigs.k8s.io/yaml prints (go-yaml's encode.go, emitterc.go).

Strings, keys and key orders repeat all over a fleet, so what they look like is remembered.
"""

from collections.abc import Callable

from armada_render.yamlio.keyorder import ordered
from armada_render.yamlio.limits import MEMO_ENTRIES, MEMO_LENGTH
from armada_render.yamlio.numbers import INT64_MIN, UINT64_MAX, shortest_text
from armada_render.yamlio.scalars import (
    NEXT_LINE,
    WIDTH,
    is_multiline,
    on_one_line,
    placed,
    style_of,
    without_next_line,
)
from armada_render.yamlio.values import Value

Append = Callable[[str], None]
Entry = tuple[str, str]
"""A key and how it is written with its colon; "" when it needs the long form `? key`."""

_MAX_SIMPLE_KEY = 128  # in bytes, emitterc.go: yaml_emitter_check_simple_key
_WORDS: dict[object, str] = {None: "null", True: "true", False: "false"}

# What a string looks like where nothing has to be folded; "" when that depends on where it stands.
_texts: dict[str, str] = {}
_orders: dict[tuple[str, ...], tuple[Entry, ...]] = {}


def dumps(value: Value) -> str:
    """Return one document, without markers, that ends with a line break.

    Floats are printed as floats, also integral ones (1000000.0 as 1e+06): see `gojson.normalize`
    for what Kubernetes makes of them first. Raises `TypeError` for what JSON does not have,
    `ValueError` for infinities and NaN.
    """
    lines: list[str] = []
    if isinstance(value, dict) and value:
        write_map(lines.append, value, 0, "")
    elif isinstance(value, list) and value:
        write_list(lines.append, value, 0, "")
    else:
        lines.append(_atom(value, 0, 2))
    return "".join(lines)


def write_map(append: Append, value: dict[str, Value], indent: int, lead: str) -> None:
    """Write a non-empty map with its keys at column `indent`; `lead` stands before the first."""
    pad = " " * indent
    keys = tuple(value)
    for key, head in _orders.get(keys) or _order(keys):
        child = value[key]
        kind = child.__class__
        if not head:
            _write_long_entry(append, key, child, indent, lead)
        elif kind is str:
            text = _texts.get(child) or _text(child)
            if text and indent + len(head) + len(text) < WIDTH:
                append(f"{lead}{head} {text}\n")
            else:
                append(f"{lead}{head} {placed(child, indent + len(head) + 1, indent + 2)}")
        elif kind is dict and child:
            append(f"{lead}{head}\n")
            write_map(append, child, indent + 2, f"{pad}  ")
        elif kind is list and child:
            append(f"{lead}{head}\n")
            write_list(append, child, indent, pad)
        else:
            append(f"{lead}{head} {_atom(child, indent + len(head) + 1, indent + 2)}")
        lead = pad


def write_list(append: Append, value: list[Value], indent: int, lead: str) -> None:
    """Write a non-empty list with its dashes at column `indent`; `lead` stands before the first."""
    pad = " " * indent
    for child in value:
        kind = child.__class__
        if kind is str:
            text = _texts.get(child) or _text(child)
            if text and indent + len(text) < WIDTH:
                append(f"{lead}- {text}\n")
            else:
                append(f"{lead}- {placed(child, indent + 2, indent + 2)}")
        elif kind is dict and child:
            write_map(append, child, indent + 2, f"{lead}- ")
        elif kind is list and child:
            write_list(append, child, indent + 2, f"{lead}- ")
        else:
            append(f"{lead}- {_atom(child, indent + 2, indent + 2)}")
        lead = pad


def _write_long_entry(append: Append, key: str, child: Value, indent: int, lead: str) -> None:
    """Write `? key` and, on the next line, `: value`; a collection starts behind the colon."""
    append(f"{lead}? {placed(key, indent + 2, indent + 2)}")
    lead = " " * indent + ": "
    if child and child.__class__ is dict:
        write_map(append, child, indent + 2, lead)
    elif child and child.__class__ is list:
        write_list(append, child, indent + 2, lead)
    else:
        append(f"{lead}{_atom(child, indent + 2, indent + 2)}")


def _atom(value: Value, column: int, indent: int) -> str:
    """Return a scalar or an empty collection with the end of its line."""
    kind = value.__class__
    if kind is str:
        return placed(value, column, indent)
    if kind is bool or value is None:
        return _WORDS[value] + "\n"
    if kind is int or kind is float:
        return _number(value) + "\n"
    if not value and kind in (dict, list):
        return "{}\n" if kind is dict else "[]\n"
    raise TypeError(f"a manifest cannot hold a {kind.__name__}")


def _number(value: float) -> str:
    """Return a number as go-yaml prints it; what 64 bits do not hold is a float to it."""
    if isinstance(value, int) and INT64_MIN <= value <= UINT64_MAX:
        return str(value)
    return shortest_text(float(value))


def _text(text: str) -> str:
    """Return `text` on one line, "" when it takes several."""
    if "\n" in text or NEXT_LINE in text:
        return ""
    line = on_one_line(text, style_of(text))
    if is_multiline(line):
        return ""
    if len(text) <= MEMO_LENGTH:
        if len(_texts) >= MEMO_ENTRIES:
            _texts.clear()
        _texts[text] = line
    return line


def order(keys: tuple[str, ...]) -> tuple[Entry, ...]:
    """Return the keys of a map as they are written, in the order in which go-yaml writes them."""
    return _orders.get(keys) or _order(keys)


def _order(keys: tuple[str, ...]) -> tuple[Entry, ...]:
    entries = tuple((key, _head(key)) for key in ordered(keys))
    if all(len(key) <= MEMO_LENGTH for key in keys):
        if len(_orders) >= MEMO_ENTRIES:
            _orders.clear()
        _orders[keys] = entries
    return entries


def _head(key: str) -> str:
    key = without_next_line(key)
    if is_multiline(key) or len(key.encode("utf-8", "surrogatepass")) > _MAX_SIMPLE_KEY:
        return ""
    return on_one_line(key, style_of(key)) + ":"
