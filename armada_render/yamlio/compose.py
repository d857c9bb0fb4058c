"""Events to values: maps, lists, aliases, merges, as go-yaml's strict reader does (decode.go)."""

from sys import intern
from typing import NoReturn

from armada_render.yamlio.errors import YamlError
from armada_render.yamlio.libyaml import (
    AliasEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    Mark,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    events,
)
from armada_render.yamlio.limits import (
    MAX_ALIAS_NODES,
    MAX_DEPTH,
    MAX_REPAIRS,
    MEMO_ENTRIES,
    MEMO_LENGTH,
)
from armada_render.yamlio.locate import first_line
from armada_render.yamlio.numbers import settled
from armada_render.yamlio.resolve import resolve
from armada_render.yamlio.syntax import template_hint
from armada_render.yamlio.tags import is_merge, key_text, scalar_value
from armada_render.yamlio.values import Value


class _Merge(str):
    """The type of `_MERGE`, which is equal to the text `<<` and yet not that key."""

    __slots__ = ()


class _Open:
    """Stands for an anchored collection that has not ended yet."""

    __slots__ = ()


_MERGE = _Merge("<<")
_MISSING = object()

# Manifests repeat the same few thousand words. What unquoted ones mean is remembered, as values and
# as keys; that saves time and, since equal strings become one object, half of the memory.
_values: dict[str, Value] = {}
_keys: dict[str, str] = {"<<": _MERGE}


class Composer:
    """Builds the documents of one text; `next_event` is where it reads from."""

    def __init__(self, text: str, *, is_strict: bool = True) -> None:
        self.text = text
        self.next_event = events(text)
        self._is_strict = is_strict
        self._anchors: dict[str, Value] = {}
        self._sizes: dict[int, tuple[int, int]] = {}
        self._alias_nodes = 0
        self._flow = 0
        self._lookalikes = 0

    def root(self, event: Event) -> Value:
        """Return the value of the document whose root node starts with `event`."""
        self._anchors = {}
        self._sizes = {}
        self._alias_nodes = 0
        return self._node(event, 1)

    def _node(self, event: Event, depth: int) -> Value:
        kind = event.__class__
        if kind is MappingStartEvent:
            return self._map(event, depth)
        if kind is SequenceStartEvent:
            return self._list(event, depth)
        value = self._raw(event, depth)
        if value.__class__ is float:
            return self._settled(value, event.start_mark)
        return value

    def _map(self, start: Event, depth: int) -> dict[str, Value]:
        opened = self._begin(start, depth)
        next_event, values, keys = self.next_event, _values, _keys
        result: dict[str, Value] = {}
        while True:
            event = next_event()
            kind = event.__class__
            if kind is ScalarEvent and event.tag is None and event.anchor is None:
                if event.style:
                    key = intern(event.value)
                else:
                    key = keys.get(event.value) or self._plain_key(event)
            elif kind is MappingEndEvent:
                break
            else:
                key = self._other_key(event, depth)
            if key in result or key is _MERGE:
                if key is _MERGE:
                    self._merge(result, event.start_mark, depth)
                    continue
                self._check_repeated(key, event, start.start_mark)
            event = next_event()
            if event.__class__ is ScalarEvent and event.tag is None and event.anchor is None:
                if event.style:
                    result[key] = intern(event.value)
                else:
                    value = values.get(event.value, _MISSING)
                    result[key] = self._plain(event) if value is _MISSING else value
            else:
                result[key] = self._node(event, depth + 1)
        self._end(start, opened, result)
        return result

    def _list(self, start: Event, depth: int) -> list[Value]:
        opened = self._begin(start, depth)
        next_event, values = self.next_event, _values
        result: list[Value] = []
        while True:
            event = next_event()
            kind = event.__class__
            if kind is ScalarEvent and event.tag is None and event.anchor is None:
                if event.style:
                    result.append(intern(event.value))
                else:
                    value = values.get(event.value, _MISSING)
                    result.append(self._plain(event) if value is _MISSING else value)
            elif kind is SequenceEndEvent:
                break
            else:
                result.append(self._node(event, depth + 1))
        self._end(start, opened, result)
        return result

    def _begin(self, start: Event, depth: int) -> _Open | None:
        if depth > MAX_DEPTH:
            self._fail(f"maps and lists nest deeper than {MAX_DEPTH} levels here", start.start_mark)
        if start.flow_style:
            self._flow += 1
        if start.anchor is None:
            return None
        opened = _Open()
        self._anchors[start.anchor] = opened
        return opened

    def _end(self, start: Event, opened: _Open | None, result: Value) -> None:
        if start.flow_style:
            self._flow -= 1
        # An anchor inside may have taken the name over.
        if opened is not None and self._anchors[start.anchor] is opened:
            self._anchors[start.anchor] = result

    def _plain(self, event: Event) -> Value:
        """Return what an unquoted value means that is met for the first time."""
        text: str = event.value
        self._check_flow(event)
        value = resolve(text)
        if isinstance(value, float):
            value = self._settled(value, event.start_mark)
        elif isinstance(value, str):
            value = intern(value)
        if len(text) <= MEMO_LENGTH and "?" not in text:
            if len(_values) >= MEMO_ENTRIES:
                _values.clear()
            _values[text] = value
        return value

    def _plain_key(self, event: Event) -> str:
        text: str = event.value
        self._check_flow(event)
        key = intern(self._key(resolve(text), event.start_mark))
        if len(text) <= MEMO_LENGTH and "?" not in text:
            if len(_keys) >= MEMO_ENTRIES:
                _keys.clear()
                _keys["<<"] = _MERGE
            _keys[text] = key
        return key

    def _other_key(self, event: Event, depth: int) -> str:
        """Return a key that has a tag or an anchor, or is an alias."""
        kind = event.__class__
        if kind is MappingStartEvent or kind is SequenceStartEvent:
            self._key({}, event.start_mark)
        value = self._raw(event, depth)
        if kind is ScalarEvent and is_merge(event):
            return _MERGE
        return self._key(value, event.start_mark)

    def _key(self, value: Value, mark: Mark) -> str:
        try:
            return key_text(value)
        except ValueError as error:
            self._fail(str(error) + template_hint(self.text, mark), mark)

    def _raw(self, event: Event, depth: int) -> Value:
        """Return an alias's value or a scalar's, floats as they are before the JSON step."""
        if event.__class__ is AliasEvent:
            return self._alias(event, depth)
        if event.tag is None and not event.style:
            self._check_flow(event)
        if self._flow and event.tag is not None and not event.value:
            self._check_tag_end(event)
        try:
            value = scalar_value(event)
        except ValueError as error:
            self._fail(str(error), event.start_mark)
        if event.anchor is not None:
            self._anchors[event.anchor] = value
        return value

    def _check_tag_end(self, event: Event) -> None:
        """Refuse a comma right behind a tag between brackets: go-yaml makes it part of the tag."""
        if not event.style and self.text.startswith(",", event.end_mark.index):
            self._fail("write a space between the tag and the comma", event.end_mark)

    def _check_flow(self, event: Event) -> None:
        """Refuse `?` in an unquoted scalar between brackets: go-yaml sees a key's beginning."""
        if self._flow and "?" in event.value:
            self._fail(
                'kubectl reads no unquoted value with "?" inside [ ] or { }; put it in quotes',
                event.start_mark,
            )

    def _settled(self, value: float, mark: Mark) -> int | float:
        try:
            return settled(value)
        except ValueError:
            self._fail(
                "infinity and NaN do not exist in JSON; put the value in quotes if text is meant",
                mark,
            )

    def _alias(self, event: Event, depth: int) -> Value:
        name = event.anchor
        value = self._anchors.get(name, _MISSING)
        if value is _MISSING:
            # Not by its name: this may be an unquoted password.
            self._fail(
                'a value that starts with "*" is an alias, and no anchor ("&") of that name comes '
                "before it; put text in quotes",
                event.start_mark,
            )
        if isinstance(value, _Open):
            self._fail(f'the anchor "&{name}" contains itself', event.start_mark)
        nodes, height = self._size(value)
        self._alias_nodes += nodes
        if self._alias_nodes > MAX_ALIAS_NODES:
            self._fail(
                f'aliases, the last one "*{name}", make this document too large '
                f"(over {MAX_ALIAS_NODES} values)",
                event.start_mark,
            )
        if depth + height - 1 > MAX_DEPTH:
            self._fail(
                f'with the alias "*{name}", maps and lists nest deeper than {MAX_DEPTH} levels',
                event.start_mark,
            )
        return value

    def _size(self, value: Value) -> tuple[int, int]:
        """Return how many nodes `value` has, itself and keys included, and how many levels."""
        if not isinstance(value, dict | list):
            return 1, 0
        known = self._sizes.get(id(value))
        if known is None:
            items = value.values() if isinstance(value, dict) else value
            sizes = [self._size(item) for item in items]
            keys = len(value) if isinstance(value, dict) else 0
            nodes = 1 + keys + sum(nodes for nodes, _ in sizes)
            known = nodes, 1 + max((height for _, height in sizes), default=0)
            self._sizes[id(value)] = known
        return known

    def _merge(self, result: dict[str, Value], mark: Mark, depth: int) -> None:
        """Merge what follows `<<`; the strict reader refuses to set a key twice that way too."""
        event = self.next_event()
        value = None if event.__class__ is ScalarEvent else self._node(event, depth + 1)
        from_list = event.__class__ is SequenceStartEvent
        sources = value[::-1] if from_list and value else [value]
        for source in sources:
            if not isinstance(source, dict):
                self._fail(
                    '"<<" merges maps only: an alias of a map, a map, or a list of them', mark
                )
            for key in source if self._is_strict else ():
                if key in result:
                    self._fail(
                        f'key {_quoted(key)} is set twice, once by this merge ("<<")',
                        mark,
                    )
            result.update(source)

    def _check_repeated(self, key: str, event: Event, start: Mark) -> None:
        """Refuse a key that its map has already, unless only JSON makes them one, as 1 and "1".

        There, kubectl lets one of the two win at random; here, it is the last.
        """
        if not self._is_strict:
            return
        self._lookalikes += 1
        line = first_line(self.text, start.index, event)
        if line == 0:
            self._fail(
                f'key {_quoted(key)} is set twice, first by a merge ("<<")',
                event.start_mark,
            )
        if line is not None or self._lookalikes > MAX_REPAIRS:
            self._fail(
                f"key {_quoted(key)} appears twice" + (f", first on line {line}" if line else ""),
                event.start_mark,
            )

    def _fail(self, message: str, mark: Mark) -> NoReturn:
        raise YamlError(message, mark.line + 1, mark.column + 1)


def _quoted(key: str) -> str:
    """Return a key for a message, cut when it is long."""
    return f'"{key}"' if len(key) <= 80 else f'"{key[:77]}..."'
