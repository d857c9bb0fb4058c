"""Apply the changes of fields to a manifest, to see that they say everything."""

from collections.abc import Sequence
from typing import Any

from armada_render.diff.fields import FieldChange, Item, Kind, Path


def patched(manifest: Any, changes: Sequence[FieldChange]) -> Any:
    """Return what `changes` make of a manifest, which is left as it was."""
    result = _copy(manifest)
    order = {Kind.CHANGED: 0, Kind.REMOVED: 1, Kind.ADDED: 2, Kind.REORDERED: 3}
    # The innermost first: what is around them still is where the path says.
    for change in sorted(changes, key=lambda one: (-len(one.path), order[one.kind])):
        if change.kind in (Kind.CHANGED, Kind.REORDERED):
            _apply(result, change)
    removed = [change for change in changes if change.kind is Kind.REMOVED]
    for change in sorted(removed, key=_place, reverse=True):
        _apply(result, change)
    for change in sorted((one for one in changes if one.kind is Kind.ADDED), key=_place):
        _apply(result, change)
    return result


def _place(change: FieldChange) -> tuple[int, int]:
    last = change.path[-1]
    return len(change.path), last if isinstance(last, int) else change.position or 0


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


def _apply(root: Any, change: FieldChange) -> None:
    if change.kind is Kind.REORDERED:
        _reorder(_at(root, change.path), change)
        return
    parent, last = _at(root, change.path[:-1]), change.path[-1]
    key: Any = _index(parent, last) if isinstance(last, Item) else last
    if change.kind is Kind.REMOVED:
        del parent[key]
    elif change.kind is Kind.ADDED and isinstance(parent, list):
        assert change.position is not None
        parent.insert(change.position, _copy(change.after))
    else:
        parent[key] = _copy(change.after)


def _at(node: Any, path: Path) -> Any:
    for step in path:
        node = node[_index(node, step) if isinstance(step, Item) else step]
    return node


def _index(items: list[Any], step: Item) -> int:
    found = [
        index
        for index, item in enumerate(items)
        if item.get(step.key) == step.value and item[step.key].__class__ is step.value.__class__
    ]
    return found[0] if found else len(items)


def _reorder(items: list[Any], change: FieldChange) -> None:
    """Put the items that stay into their new order, on the places that they have among all."""
    keys = set(map(repr, change.after))
    key = next(
        name
        for name in (
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
        if keys <= {repr(item.get(name)) for item in items}
    )
    places = [index for index, item in enumerate(items) if repr(item[key]) in keys]
    by_name = {repr(items[index][key]): items[index] for index in places}
    for index, name in zip(places, change.after, strict=True):
        items[index] = by_name[repr(name)]
