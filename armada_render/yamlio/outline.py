"""Where everything of one document stands in its text: what edits of files that people wrote need.

Offsets count characters of the text. A block collection ends where its last scalar ends, so that
comments behind it are not part of it.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from armada_render.yamlio.errors import YamlError
from armada_render.yamlio.libyaml import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    GetEvent,
    MappingEndEvent,
    MappingStartEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    YAMLError,
    events,
)
from armada_render.yamlio.limits import MAX_DEPTH
from armada_render.yamlio.tags import key_text, scalar_value

BLOCK_STYLES = ("|", ">")


class Scalar(Struct, frozen=True, kw_only=True):
    """A scalar or an alias. `style` is its quote, `|` or `>`, "" for a plain one, `*` for alias."""

    start: int
    end: int
    style: str
    key: str | None = None
    """What the scalar is as a key; None when it cannot be one."""


class Map(Struct, frozen=True, kw_only=True):
    """A map; `column` is where its keys stand."""

    start: int
    end: int
    is_flow: bool
    column: int
    entries: tuple[tuple["Node", "Node"], ...]


class List(Struct, frozen=True, kw_only=True):
    """A list; `column` is where its dashes stand."""

    start: int
    end: int
    is_flow: bool
    column: int
    items: tuple["Node", ...]


Node = Scalar | Map | List


def outline(text: str, index: int) -> Node:
    """Return the root of document number `index` (from 0). Raises `YamlError`."""
    try:
        next_event = events(text)
        while True:
            event = next_event()
            if event is None:
                raise YamlError(f"there is no document number {index + 1}")
            if event.__class__ is DocumentStartEvent:
                if index == 0:
                    return _node(next_event, next_event(), text, 1)
                index -= 1
    except YAMLError as error:
        # kubectl reads a few notations that libyaml does not; those are left to people.
        raise YamlError("this way of writing YAML can be read but not edited by program") from error


def find(root: Node, path: Sequence[str | int]) -> list[Node]:
    """Return the nodes from the root down along `path`, as far as they exist."""
    nodes = [root]
    for step in path:
        below = child(nodes[-1], step)
        if below is None:
            break
        nodes.append(below)
    return nodes


def child(node: Node, step: str | int) -> Node | None:
    """Return the node at a key or an index, None when there is none."""
    if isinstance(node, Map) and isinstance(step, str):
        number = position(node, step)
        return None if number is None else node.entries[number][1]
    if isinstance(node, List) and isinstance(step, int) and 0 <= step < len(node.items):
        return node.items[step]
    return None


def position(node: Map, name: str) -> int | None:
    """Return which entry of a map has the key `name`."""
    for number, (key, _) in enumerate(node.entries):
        if isinstance(key, Scalar) and key.key == name:
            return number
    return None


def walk(node: Node) -> Iterator[Node]:
    """Yield `node` and everything below it, in the order of the text."""
    yield node
    match node:
        case Map():
            for key, value in node.entries:
                yield from walk(key)
                yield from walk(value)
        case List():
            for item in node.items:
                yield from walk(item)
        case Scalar():
            pass


def _node(next_event: GetEvent, event: Event, text: str, depth: int) -> Node:
    if depth > MAX_DEPTH:
        raise YamlError(f"maps and lists nest deeper than {MAX_DEPTH} levels here")
    kind = event.__class__
    if kind is MappingStartEvent:
        return _map(next_event, event, text, depth)
    if kind is SequenceStartEvent:
        return _list(next_event, event, text, depth)
    start, end = event.start_mark.index, event.end_mark.index
    if kind is AliasEvent:
        return Scalar(start=start, end=end, style="*")
    style = event.style or ""
    if style in BLOCK_STYLES:
        end = start + len(text[start:end].rstrip())
    return Scalar(start=start, end=end, style=style, key=_key(event))


def _key(event: Event) -> str | None:
    try:
        return key_text(scalar_value(event))
    except ValueError:
        return None


def _map(next_event: GetEvent, start: Event, text: str, depth: int) -> Map:
    entries: list[tuple[Node, Node]] = []
    column = start.start_mark.column
    while (event := next_event()).__class__ is not MappingEndEvent:
        if not entries:
            column = event.start_mark.column
        key = _node(next_event, event, text, depth + 1)
        entries.append((key, _node(next_event, next_event(), text, depth + 1)))
    is_flow = bool(start.flow_style)
    return Map(
        start=start.start_mark.index,
        end=event.end_mark.index if is_flow or not entries else entries[-1][1].end,
        is_flow=is_flow,
        column=column,
        entries=tuple(entries),
    )


def _list(next_event: GetEvent, start: Event, text: str, depth: int) -> List:
    items: list[Node] = []
    while (event := next_event()).__class__ is not SequenceEndEvent:
        items.append(_node(next_event, event, text, depth + 1))
    is_flow = bool(start.flow_style)
    return List(
        start=start.start_mark.index,
        end=event.end_mark.index if is_flow or not items else items[-1].end,
        is_flow=is_flow,
        column=start.start_mark.column,
        items=tuple(items),
    )
