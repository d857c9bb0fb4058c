"""Values as a person would write them into a file that is there: its indentation, its quotes."""

import json
import re
from collections.abc import Iterator

from msgspec import Struct

from armada_render.yamlio.outline import List, Map, Node, walk
from armada_render.yamlio.values import Value
from armada_render.yamlio.write import dumps

_STEP, _LIST_STEP = 2, 2
"""Used where a document shows no indentation of its own, as in our documentation."""

# Plain between brackets as well, where commas and brackets end a scalar.
_PLAIN_IN_FLOW = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]*", re.ASCII)


class Style(Struct, frozen=True):
    """How a document is indented: a map below a key, a list below a key, and whether it is JSON.

    `is_compact`: maps without collections in them stand on one line in lists, in brackets.
    """

    step: int = _STEP
    list_step: int = _LIST_STEP
    is_json: bool = False
    is_compact: bool = False


def style_of(root: Node, text: str) -> Style:
    """Return how a document is written, by the first example of each habit."""
    step = list_step = None
    in_lists: set[bool] = set()
    for node in walk(root):
        if isinstance(node, List) and not node.is_flow:
            in_lists |= {item.is_flow for item in node.items if isinstance(item, Map)}
        if not isinstance(node, Map) or node.is_flow:
            continue
        for _, value in node.entries:
            if isinstance(value, Map) and not value.is_flow and step is None:
                step = value.column - node.column
            if isinstance(value, List) and not value.is_flow and list_step is None:
                list_step = value.column - node.column
    is_flow = isinstance(root, Map | List) and root.is_flow
    is_json = is_flow and _is_json(text[root.start : root.end])
    return Style(
        step or _STEP,
        _LIST_STEP if list_step is None else list_step,
        is_json,
        in_lists == {True},
    )


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def scalar(value: Value, quote: str = "") -> str:
    """Return a scalar or an empty collection on one line, quoted as what it replaces if it can."""
    if isinstance(value, dict):
        return "{}"
    if isinstance(value, list):
        return "[]"
    if isinstance(value, str):
        # What is not printable is written as an escape, which only double quotes have.
        if quote == '"' or not value.isprintable():
            return quoted(value)
        if quote == "'":
            return "'" + value.replace("'", "''") + "'"
    return dumps(value).removesuffix("\n")


def quoted(text: str) -> str:
    """Return a string in double quotes, valid in JSON and in YAML."""
    escaped = json.dumps(text, ensure_ascii=False)
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in escaped)


def block(value: Value, indent: int, style: Style) -> Iterator[str]:
    """Yield the lines of a non-empty collection, each indented by `indent` columns."""
    pad = " " * indent
    if isinstance(value, dict):
        for key, below in value.items():
            yield from entry(key, below, indent, style)
        return
    for item in value:
        if style.is_compact and isinstance(item, dict) and _is_flat(item):
            yield f"{pad}- {flow(item, is_json=False)}"
        elif isinstance(item, dict | list) and item:
            first, *rest = block(item, indent + 2, style)
            yield f"{pad}- {first.lstrip(' ')}"
            yield from rest
        else:
            yield f"{pad}- {scalar(item)}"


def _is_flat(value: dict[str, Value]) -> bool:
    return not any(isinstance(below, dict | list) for below in value.values())


def entry(key: str, value: Value, indent: int, style: Style) -> Iterator[str]:
    """Yield the lines of one key of a block map and what is below it."""
    head = " " * indent + scalar(key)
    if isinstance(value, dict | list) and value:
        yield f"{head}:"
        step = style.step if isinstance(value, dict) else style.list_step
        yield from block(value, indent + step, style)
    else:
        yield f"{head}: {scalar(value)}"


def flow(value: Value, *, is_json: bool) -> str:
    """Return any value on one line, to stand between brackets."""
    if isinstance(value, dict):
        inside = (
            f"{flow(key, is_json=is_json)}: {flow(below, is_json=is_json)}"
            for key, below in value.items()
        )
        return "{" + ", ".join(inside) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(item, is_json=is_json) for item in value) + "]"
    if isinstance(value, str):
        if not is_json and _PLAIN_IN_FLOW.fullmatch(value) and scalar(value) == value:
            return value
        return quoted(value)
    return json.dumps(value) if is_json else scalar(value)


def spread(value: Value, indent: int, step: int, newline: str, *, is_json: bool) -> str:
    """Return a value as pretty JSON, whose lines but the first are indented by `indent` or more."""
    if not isinstance(value, dict | list) or not value:
        return flow(value, is_json=is_json)
    pad = newline + " " * (indent + step)
    if isinstance(value, dict):
        opening, closing = "{}"
        parts = [
            f"{flow(key, is_json=is_json)}: "
            + spread(below, indent + step, step, newline, is_json=is_json)
            for key, below in value.items()
        ]
    else:
        opening, closing = "[]"
        parts = [spread(item, indent + step, step, newline, is_json=is_json) for item in value]
    return f"{opening}{pad}" + f",{pad}".join(parts) + f"{newline}{' ' * indent}{closing}"
