"""Where a field stands. Only error paths ask, so that reading pays nothing for it."""

from collections.abc import Sequence

from armada_render.yamlio.libyaml import (
    DocumentStartEvent,
    Event,
    GetEvent,
    MappingEndEvent,
    MappingStartEvent,
    Mark,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    YAMLError,
    events,
)
from armada_render.yamlio.tags import key_text, scalar_value
from armada_render.yamlio.text import decoded

_STARTS = (MappingStartEvent, SequenceStartEvent)
_ENDS = (MappingEndEvent, SequenceEndEvent)


def locate(text: str | bytes, index: int, path: Sequence[str | int]) -> tuple[int, int]:
    """Return line and column (from 1) of the field at `path` in document number `index` (from 0).

    A map's field stands where its key stands. Where there is no such field, its nearest parent
    answers; without such a document it is (1, 1). What an alias or a merge brings in stands at the
    alias or the map.
    """
    try:
        next_event = events(decoded(text))
        mark = _find(next_event, path) if _to_document(next_event, index) else None
    except (YAMLError, ValueError):
        mark = None
    return (1, 1) if mark is None else (mark.line + 1, mark.column + 1)


def first_line(text: str, start: int, key: Event) -> int | None:
    """Return the line (from 1) where the map that starts at `start` has the same key as `key`.

    0 stands for a key that a merge brought in, None for one that only looks the same in JSON, as 1
    and "1" do.
    """
    next_event = events(text)
    event = next_event()
    while event.__class__ is not MappingStartEvent or event.start_mark.index != start:
        event = next_event()
    wanted = scalar_value(key) if key.__class__ is ScalarEvent else None
    line: int | None = 0
    while (event := next_event()).start_mark.index != key.start_mark.index:
        if event.__class__ is ScalarEvent and _key(event) == _key(key):
            value = scalar_value(event)
            if value == wanted and value.__class__ is wanted.__class__:
                first: int = event.start_mark.line + 1
                return first
            line = None
        _skip(next_event, event)
        _skip(next_event, next_event())
    return line


def _to_document(next_event: GetEvent, number: int) -> bool:
    """Read on up to the content of document `number`; False when the stream ends before."""
    while (event := next_event()) is not None:
        if event.__class__ is DocumentStartEvent:
            if number == 0:
                return True
            number -= 1
    return False


def _find(next_event: GetEvent, path: Sequence[str | int]) -> Mark:
    event = next_event()
    mark: Mark = event.start_mark
    for step in path:
        kind = event.__class__
        if kind is MappingStartEvent and isinstance(step, str):
            found = _to_key(next_event, step)
            if found is None:
                break
            mark, event = found, next_event()
        elif kind is SequenceStartEvent and isinstance(step, int):
            item = _to_item(next_event, step)
            if item is None:
                break
            mark, event = item.start_mark, item
        else:
            break
    return mark


def _to_key(next_event: GetEvent, key: str) -> Mark | None:
    """Read on, in a map, up to `key`; None when the map ends before."""
    while (event := next_event()).__class__ is not MappingEndEvent:
        if event.__class__ is ScalarEvent and _key(event) == key:
            mark: Mark = event.start_mark
            return mark
        _skip(next_event, event)
        _skip(next_event, next_event())
    return None


def _to_item(next_event: GetEvent, number: int) -> Event | None:
    """Read on, in a list, to item `number` and return its first event, None if there is none."""
    while (event := next_event()).__class__ is not SequenceEndEvent:
        if number == 0:
            return event
        _skip(next_event, event)
        number -= 1
    return None


def _skip(next_event: GetEvent, event: Event) -> None:
    """Read the rest of the node that starts with `event`."""
    depth = 0
    while True:
        if event.__class__ in _STARTS:
            depth += 1
        elif event.__class__ in _ENDS:
            depth -= 1
        if depth == 0:
            return
        event = next_event()


def _key(event: Event) -> str | None:
    try:
        return key_text(scalar_value(event))
    except ValueError:
        return None
