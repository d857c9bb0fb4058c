"""What differs between two manifests, field by field; items of lists are matched by name. Pure.

The changes say everything: applied to the first manifest they give the second.
"""

import json
import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any

from msgspec import Struct

from armada_render.explain.difference import same
from armada_render.explain.fieldpath import ABSENT, look_up
from armada_render.model.decode import FieldPath, format_path
from armada_render.model.resource import Manifest


class Item(Struct, frozen=True):
    """A step into a list: to the item whose `key` is `value`."""

    key: str
    value: str | int


Path = tuple[str | int | Item, ...]
"""Where a field stands: keys, positions, and items of lists by what names them."""


class Kind(StrEnum):
    """What happened to a field; a list is reordered when its items stay, but in another order."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    REORDERED = "reordered"


class FieldChange(Struct, frozen=True, kw_only=True, eq=False):
    """One change; `before` and `after` are `ABSENT` where nothing stood.

    A new item of a list has its `position` there. The values of a reordered list are the names of
    its items in their order, without those that come or go.
    """

    path: Path
    kind: Kind
    before: Any = ABSENT
    after: Any = ABSENT
    position: int | None = None


# What names an item among others, the first that fits (patchMergeKey and listMapKeys upstream).
_NAMES = (
    "name",
    "mountPath",
    "devicePath",
    "containerPort",
    "port",
    "topologyKey",
    "key",
    "type",
    "ip",
    "host",
)
_PLAIN = re.compile(r"[\w./-]+", re.ASCII)


def field_changes(before: Manifest, after: Manifest) -> tuple[FieldChange, ...]:
    """Return what differs, in the order of `before`, the closest to the leaves that has a name."""
    return tuple(_of_maps(before, after, ()))


def _of(before: Any, after: Any, path: Path) -> Iterator[FieldChange]:  # noqa: ANN401 - JSON data
    if before is after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _of_maps(before, after, path)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _of_lists(before, after, path)
    elif not same(before, after):
        yield FieldChange(path=path, kind=Kind.CHANGED, before=before, after=after)


def _of_maps(before: Manifest, after: Manifest, path: Path) -> Iterator[FieldChange]:
    for key, old in before.items():
        if key in after:
            yield from _of(old, after[key], (*path, key))
        else:
            yield FieldChange(path=(*path, key), kind=Kind.REMOVED, before=old)
    for key, new in after.items():
        if key not in before:
            yield FieldChange(path=(*path, key), kind=Kind.ADDED, after=new)


def _of_lists(before: list[Any], after: list[Any], path: Path) -> Iterator[FieldChange]:
    key = naming_key(before, after)
    if key:
        yield from _of_named(before, after, key, path)
    else:
        yield from _of_positions(before, after, path)


def naming_key(*lists: Sequence[Any]) -> str:
    """Return the key that names every item of all `lists`, each once; "" when there is none."""
    for key in _NAMES:
        if all(_is_named(items, key) for items in lists):
            return key
    return ""


def _is_named(items: Sequence[Any], key: str) -> bool:
    names = set()
    for item in items:
        name = item.get(key) if isinstance(item, dict) else None
        # A boolean is an int to Python, and no name.
        if name.__class__ not in (str, int) or name in names:
            return False
        names.add(name)
    return True


def _of_named(before: list[Any], after: list[Any], key: str, path: Path) -> Iterator[FieldChange]:
    old = {item[key]: item for item in before}
    new = {item[key]: item for item in after}
    for name, item in old.items():
        step = (*path, Item(key, name))
        if name in new:
            yield from _of(item, new[name], step)
        else:
            yield FieldChange(path=step, kind=Kind.REMOVED, before=item)
    for position, (name, item) in enumerate(new.items()):
        if name not in old:
            step = (*path, Item(key, name))
            yield FieldChange(path=step, kind=Kind.ADDED, after=item, position=position)
    was = [name for name in old if name in new]
    now = [name for name in new if name in old]
    if was != now:
        yield FieldChange(path=path, kind=Kind.REORDERED, before=was, after=now)


def _of_positions(before: list[Any], after: list[Any], path: Path) -> Iterator[FieldChange]:
    """Compare what lies between the items that both begin and end with."""
    start = _alike(before, after)
    rest, others = before[start:], after[start:]
    end = _alike(rest[::-1], others[::-1])
    rest, others = rest[: len(rest) - end], others[: len(others) - end]
    common = min(len(rest), len(others))
    for index in range(common):
        yield from _of(rest[index], others[index], (*path, start + index))
    for index, item in enumerate(rest[common:], start + common):
        yield FieldChange(path=(*path, index), kind=Kind.REMOVED, before=item)
    for index, item in enumerate(others[common:], start + common):
        yield FieldChange(path=(*path, index), kind=Kind.ADDED, after=item, position=index)


def _alike(before: Sequence[Any], after: Sequence[Any]) -> int:
    count = 0
    for one, other in zip(before, after, strict=False):
        if not same(one, other):
            break
        count += 1
    return count


def path_text(path: Path) -> str:
    """Return `path` as people write it: `spec.containers[web].ports[containerPort=80].name`."""
    parts: list[str] = []
    for step in path:
        if isinstance(step, Item):
            parts.append(f"[{_item_text(step)}]")
        else:
            text = format_path((step,))
            parts.append(f".{text}" if parts and not text.startswith("[") else text)
    return "".join(parts)


def _item_text(item: Item) -> str:
    value = str(item.value)
    # What looks like a position, or would not be read back, is quoted.
    plain = _PLAIN.fullmatch(value) and not (value.isdigit() and isinstance(item.value, str))
    text = value if plain else json.dumps(item.value, ensure_ascii=False)
    return text if item.key == "name" and isinstance(item.value, str) else f"{item.key}={text}"


def positions(path: Path, manifest: Manifest) -> FieldPath:
    """Return `path` with the positions that its named items have in `manifest`.

    It ends before the first step that is not there.
    """
    node: Any = manifest
    steps: list[str | int] = []
    for step in path:
        if isinstance(step, Item):
            if not isinstance(node, list):
                break
            found = next(
                (
                    index
                    for index, item in enumerate(node)
                    if isinstance(item, dict) and same(item.get(step.key), step.value)
                ),
                None,
            )
            if found is None:
                break
            steps.append(found)
            node = node[found]
            continue
        inside = (
            step in node
            if isinstance(node, dict)
            else isinstance(node, list) and isinstance(step, int) and step < len(node)
        )
        if not inside:
            break
        steps.append(step)
        node = node[step]
    return tuple(steps)


def value_at(path: Path, manifest: Manifest) -> Any:  # noqa: ANN401 - plain JSON data
    """Return what stands at `path`, `ABSENT` when nothing does."""
    exact = positions(path, manifest)
    return look_up(manifest, exact) if len(exact) == len(path) else ABSENT
