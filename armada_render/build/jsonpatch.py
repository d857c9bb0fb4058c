"""JSON Patch as github.com/evanphx/json-patch v5.9.11 does it with default options.

Documents are values: `apply` returns a new one that shares all but the changed spines with the old.
It differs from RFC 6902 as upstream does: negative indices count from the end, what stands before
the first slash of a path is ignored, and a doubled slash at the start reaches a throw-away copy.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from armada_render.build.failure import BuildError, type_name
from armada_render.model.override import Operator
from armada_render.model.pattern import pattern

Node = Any
"""A JSON value; with `enter`, also what stands for one that is not taken apart yet."""

_MISSING: Any = object()
# strconv.Atoi: a sign, leading zeros, ASCII digits. No list has more than 10**18 elements.
_INDEX = pattern(r"([+-]?)0*([0-9]{1,18})", re.ASCII)
_ESCAPE = pattern("~[01]")


class Operation(Struct, frozen=True):
    """One operation; a value of None is JSON's null."""

    operator: Operator
    path: str
    value: Any = None


def same(node: Node) -> Node:
    """Return `node`: the way into a document whose containers are dicts and lists throughout."""
    return node


def apply(
    document: Node, operations: Sequence[Operation], enter: Callable[[Node], Node] = same
) -> Node:
    """Return `document` with `operations` applied in order.

    `enter` turns a node into a dict or list when something below it is asked for. Raises
    `BuildError`, at `[i]` for operation number i.
    """
    root = enter(document)
    # Upstream keeps the document as it was; a path that begins with two slashes edits that copy.
    copy = document
    for index, operation in enumerate(operations):
        try:
            if operation.path == "" and operation.operator is not Operator.REMOVE:
                root = _document(operation, enter)
                copy = operation.value if operation.operator is Operator.ADD else _MISSING
                continue
            parts = _split(operation.path)
            if len(parts) > 1 and parts[0] == "":
                copy = _edited(enter(copy), parts[1:], operation, enter)
            else:
                root = _edited(root, parts, operation, enter)
        except BuildError as error:
            raise error.within(f"[{index}]") from None
    if root is None:
        raise BuildError("the document is null; a JSON Patch must leave an object or a list")
    return root


def _document(operation: Operation, enter: Callable[[Node], Node]) -> Node:
    """Return the new document that an operation on the empty path puts in place of the old."""
    root = enter(operation.value)
    if isinstance(root, (dict, list)) or (root is None and operation.operator is Operator.ADD):
        return root
    raise BuildError(
        f"the whole document can only be replaced by an object or a list, not by {type_name(root)}",
        hint='the path "" means the whole document',
    )


def _split(path: str) -> list[str]:
    head, *parts = path.split("/")
    if not parts and head:
        raise BuildError(f'path "{path}" has no slash', hint=f'write "/{path}"')
    return parts or [""]


def unescape(part: str) -> str:
    """Return the key that a segment of a JSON pointer stands for (`~1` is `/`, `~0` is `~`)."""
    return _ESCAPE.sub(lambda match: "/" if match[0] == "~1" else "~", part)


def _edited(
    root: Node, parts: list[str], operation: Operation, enter: Callable[[Node], Node]
) -> Node:
    node = root
    trail: list[tuple[Any, Any]] = []
    for depth, part in enumerate(parts[:-1]):
        key, child = _child(node, part)
        below = enter(child)
        # An empty segment leads nowhere inside a document.
        if part == "" or not isinstance(below, (dict, list)):
            raise _no_parent(operation, parts, depth, node, below if part else _MISSING)
        trail.append((node, key))
        node = below
    node = _changed(node, parts, operation)
    for container, key in reversed(trail):
        outer = container.copy()
        outer[key] = node
        node = outer
    return node


def _child(node: Node, part: str) -> tuple[Any, Any]:
    """Return the key of `part` in `node` and what stands there, or `_MISSING`."""
    if isinstance(node, dict):
        name = unescape(part)
        return name, node.get(name, _MISSING)
    if isinstance(node, list):
        index = _index(unescape(part), len(node))
        if index is not None and index < len(node):
            return index, node[index]
    return part, _MISSING


def _changed(node: Node, parts: list[str], operation: Operation) -> Node:
    """Return a copy of the container `node` in which the last part of the path is changed."""
    if isinstance(node, dict):
        return _changed_member(node, parts, operation)
    if isinstance(node, list):
        return _changed_element(node, parts, operation)
    raise _no_parent(operation, parts, -1, node, node)


def _changed_member(node: dict[str, Any], parts: list[str], operation: Operation) -> dict[str, Any]:
    key = unescape(parts[-1])
    # Upstream takes the empty key for the object itself, which always exists, when it replaces.
    creates = operation.operator is Operator.ADD or (
        operation.operator is Operator.REPLACE and not key
    )
    if not creates and key not in node:
        raise _no_member(operation, parts, key)
    copy = node.copy()
    if operation.operator is Operator.REMOVE:
        del copy[key]
    else:
        copy[key] = operation.value
    return copy


def _changed_element(node: list[Any], parts: list[str], operation: Operation) -> list[Any]:
    part = unescape(parts[-1])
    copy = node.copy()
    if operation.operator is Operator.ADD:
        if part == "-":
            return [*node, operation.value]
        # One place more than elements, so that -1 appends.
        index = _index(part, len(node) + 1)
        if index is None:
            raise _no_element(operation, parts, part, len(node))
        copy.insert(index, operation.value)
        return copy
    index = _index(part, len(node))
    if index is None:
        raise _no_element(operation, parts, part, len(node))
    if operation.operator is Operator.REMOVE:
        del copy[index]
    else:
        copy[index] = operation.value
    return copy


def _index(part: str, places: int) -> int | None:
    """Return the index that `part` stands for, None when it is none of `places`."""
    match = _INDEX.fullmatch(part)
    if match is None:
        return None
    index = int(match[1] + match[2])
    if index < 0:
        index += places
    return index if 0 <= index < places else None


def _name(parts: Sequence[str]) -> str:
    """Return how people write the field that `parts` lead to: `spec.containers[0]`."""
    name = ""
    for part in map(unescape, parts):
        if part.isdigit():
            name += f"[{part}]"
        elif re.fullmatch(r"[\w-]+", part):
            name += f".{part}" if name else part
        else:
            name += f'["{part}"]'
    return name


def _no_parent(
    operation: Operation, parts: list[str], depth: int, node: Node, child: Node
) -> BuildError:
    """Say why the path cannot be followed below `parts[depth]`, which `child` of `node` is."""
    path = operation.path
    if depth < 0:
        return BuildError(f"cannot {operation.operator} {path}: the document is {type_name(node)}")
    part = unescape(parts[depth])
    if child is _MISSING and isinstance(node, list):
        return _no_element(operation, parts[: depth + 1], part, len(node))
    name = _name(parts[: depth + 1])
    if child is not _MISSING and child is not None:
        return BuildError(f"cannot {operation.operator} {path}: {name} is {_scalar(child)}")
    what = f"has no {name}" if child is _MISSING else f"has null at {name}"
    return BuildError(
        f'no element "{part}" at {path}: the object {what}', hint="add the parent first"
    )


def _scalar(child: Node) -> str:
    kind = "a scalar" if isinstance(child, Struct) else type_name(child)
    return f"{kind}, neither an object nor a list"


def _no_member(operation: Operation, parts: list[str], key: str) -> BuildError:
    where = _name(parts[:-1]) or "the object"
    hint = (
        "operator add creates it"
        if operation.operator is Operator.REPLACE
        else "narrow resourceSelectors or targetCluster to the objects that have it"
    )
    return BuildError(
        f'cannot {operation.operator} {operation.path}: {where} has no element "{key}"', hint=hint
    )


def _no_element(operation: Operation, parts: list[str], part: str, length: int) -> BuildError:
    where = _name(parts[:-1]) or "the document"
    count = f"a list of {length} element{'' if length == 1 else 's'}"
    if _INDEX.fullmatch(part):
        problem = f"{where} is {count}, {part} is outside"
        hint = "indices count from 0; - appends"
    else:
        problem = f'{where} is {count}, "{part}" is no index of it'
        hint = "lists are addressed by number, as in /spec/containers/0"
    return BuildError(f"cannot {operation.operator} {operation.path}: {problem}", hint=hint)
