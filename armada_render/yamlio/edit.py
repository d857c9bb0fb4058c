"""Change values in a file that people wrote, and nothing but the lines that say them.

Comments, quotes, indentation, key order, line endings and document markers stay as they are. A file
is not parsed and printed again, as round-trip libraries do: the few changed places are cut out of
its text and replaced (`splice`). What comes out is read again with the reader of this package, and
is refused unless it says exactly what was asked for.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import NoReturn

from msgspec import UNSET, Struct, UnsetType

from armada_render.yamlio.errors import YamlError
from armada_render.yamlio.read import Document, load_documents
from armada_render.yamlio.splice import Insert, Remove, Replace, Step, spliced
from armada_render.yamlio.values import Value

Path = tuple[str | int, ...]

REMOVE = UNSET
"""As the value of a `Change`: take the field away."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Change(Struct, frozen=True):
    """One field of an object and what it is to be; maps on the way are made, `REMOVE` removes."""

    path: Path
    value: Value | UnsetType


def edited(data: bytes, changes: Sequence[Change], *, line: int, within: Path = ()) -> bytes:
    """Return the bytes of a file after `changes` of one object in it.

    `line` and `within` are those of the object's `SourceLocation`: the line where its document
    begins, and its place there when it is an item of a List. Raises `YamlError` when the file
    cannot be edited without changing anything else; it then says what to do by hand.
    """
    text, mark = _text(data)
    documents = load_documents(text)
    document = next((item for item in documents if item.line == line), None)
    if document is None:
        raise YamlError("no document begins here any more; the file has changed meanwhile", line)
    wanted = document.value
    for change in changes:
        wanted = _with(wanted, (*within, *change.path), change.value, line)
    for step in _steps(document.value, wanted, ()):
        text = spliced(text, document.index, step)
    _check(text, documents, document, wanted)
    return mark + text.encode()


def _text(data: bytes) -> tuple[str, bytes]:
    """Return the text without a byte order mark, and that mark."""
    mark = _BYTE_ORDER_MARK if data.startswith(_BYTE_ORDER_MARK) else b""
    try:
        return data[len(mark) :].decode(), mark
    except UnicodeDecodeError as error:
        raise YamlError("only files in UTF-8 can be edited; convert this one first") from error


def _with(value: Value, path: Path, new: Value | UnsetType, line: int) -> Value:
    """Return `value` with the field at `path` changed."""
    if not path:
        return None if new is UNSET else new
    step, *rest = path
    below = tuple(rest)
    if isinstance(value, list):
        if not isinstance(step, int) or not 0 <= step < len(value):
            raise YamlError(f"there is no item {step!r} in this list", line)
        if not below and new is UNSET:
            return [*value[:step], *value[step + 1 :]]
        return [*value[:step], _with(value[step], below, new, line), *value[step + 1 :]]
    if value is None:
        value = {}
    if not isinstance(value, dict) or not isinstance(step, str):
        raise YamlError(f"{step!r} cannot be set here: what is above it is no map", line)
    if new is UNSET:
        if step not in value:
            return value
        if not below:
            return {key: item for key, item in value.items() if key != step}
    return {**value, step: _with(value.get(step), below, new, line)}


def _steps(old: Value, new: Value, path: Path) -> Iterator[Step]:
    """Yield the smallest steps from `old` to `new`; each leaves the paths of the later ones valid.

    A collection never becomes empty by the way, and never is empty when something is added.
    """
    if _same(old, new):
        return
    if isinstance(old, dict) and isinstance(new, dict) and old and new:
        for key, value in new.items():
            if key in old:
                yield from _steps(old[key], value, (*path, key))
            else:
                yield Insert((*path, key), value)
        yield from (Remove((*path, key)) for key in old if key not in new)
    elif isinstance(old, list) and isinstance(new, list) and old and new:
        yield from _list_steps(old, new, path)
    else:
        yield Replace(path, new)


def _list_steps(old: Sequence[Value], new: Sequence[Value], path: Path) -> Iterator[Step]:
    """Keep the items that both lists have in one order, and change the others.

    From the end to the beginning, so that numbers of items before stay true.
    """
    matcher = SequenceMatcher(
        None, [*map(_fingerprint, old)], [*map(_fingerprint, new)], autojunk=False
    )
    for kind, start, end, new_start, new_end in reversed(matcher.get_opcodes()):
        if kind == "equal":
            continue
        both = min(end - start, new_end - new_start)
        yield from (Remove((*path, number)) for number in reversed(range(start + both, end)))
        for number in reversed(range(new_start + both, new_end)):
            yield Insert((*path, start + both), new[number])
        for number in range(both):
            one, other = old[start + number], new[new_start + number]
            if _is_one_thing(one, other):
                yield from _steps(one, other, (*path, start + number))
            else:
                yield Replace((*path, start + number), other)


def _fingerprint(value: Value) -> str:
    return json.dumps(value, sort_keys=True)


def _is_one_thing(one: Value, other: Value) -> bool:
    """Tell whether two items are one before and after a change: comments of one fit the other."""
    if isinstance(one, dict) and isinstance(other, dict):
        shared = {"name", "key"} & one.keys() & other.keys()
        return all(one[name] == other[name] for name in shared)
    return True


def _same(one: Value, other: Value) -> bool:
    """Tell whether two values are the same in JSON: 1, 1.0 and true differ."""
    if one.__class__ is not other.__class__:
        return False
    if isinstance(one, Mapping):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


def _check(text: str, before: Sequence[Document], changed: Document, wanted: Value) -> None:
    """Refuse a text that does not say what was asked for, or says anything else differently."""
    try:
        after = load_documents(text)
    except YamlError:
        _give_up(changed)
    expected = [wanted if item.index == changed.index else item.value for item in before]
    if len(after) != len(expected) or not all(
        _same(document.value, value) for document, value in zip(after, expected, strict=True)
    ):
        _give_up(changed)


def _give_up(document: Document) -> NoReturn:
    raise YamlError(
        "this document is written in a way that cannot be edited without changing more than was "
        "asked for (an alias, a merge, a block scalar?); edit it by hand",
        document.line,
    )
