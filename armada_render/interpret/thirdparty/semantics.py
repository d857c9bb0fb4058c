"""How Lua sees a manifest, as far as the results of Karmada's scripts depend on it.

Null is the same as absent. Indexing what is absent fails, and so does comparing what is no number.
What a script returns has lost its empty tables, but for those that its input had in the same place
(pkg/resourceinterpreter/customized/declarative/luavm/{lua,lua_convert,kube}.go).
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeGuard

from armada_render.interpret import podtemplate
from armada_render.interpret.typed import wrapped
from armada_render.interpret.values import DependentObject, InterpretError
from armada_render.model.binding import ReplicaRequirements
from armada_render.model.pattern import pattern
from armada_render.model.resource import Manifest

_NUMBER = pattern(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)

Json = Any
"""Plain JSON data, of whatever type."""

_Path = tuple[str, ...]


def required(value: object, *path: str) -> Json:
    """Return what stands at `path`; fail when a parent is absent."""
    for index, key in enumerate(path):
        if value is None:
            raise InterpretError(
                f"{'.'.join(path[:index])} is missing, but {'.'.join(path)} is read"
            )
        value = _member(value, key, path[:index])
    return value


def optional(value: object, *path: str) -> Json:
    """Return what stands at `path`, None when it or a parent is absent."""
    for index, key in enumerate(path):
        if value is None:
            return None
        value = _member(value, key, path[:index])
    return value


def _member(value: object, key: str, path: Sequence[str]) -> Json:
    if isinstance(value, dict):
        return value.get(key)
    if isinstance(value, (list, str)):
        return None  # an array has no such key, and Lua's strings can be indexed
    raise InterpretError(f"{'.'.join(path) or 'the value'}: expected an object, got {value!r}")


def unless_false(value: Json, default: Json) -> Json:
    """Return `value or default` of Lua, where only nil and false give way."""
    return default if value is None or value is False else value


def elements(value: object, path: str) -> Iterator[Any]:
    """Yield the elements of an array (`ipairs`), those that are null left out."""
    if not isinstance(value, (list, dict)):
        raise InterpretError(f"{path}: expected an array, got {value!r}")
    if isinstance(value, list):
        yield from (element for element in value if element is not None)


def is_number(value: object) -> TypeGuard[float]:
    """Tell whether a value is a number; true and false are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def number(value: object, path: str) -> float:
    """Return a number, or a string that is one, as arithmetic in Lua takes it."""
    if is_number(value):
        return value
    parsed = parsed_number(value)
    if parsed is None:
        raise InterpretError(f"{path}: expected a number, got {value!r}")
    return parsed


def parsed_number(value: object) -> float | None:
    """Return what `tonumber` makes of a value."""
    if is_number(value):
        return value
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value)
    return None


def replica_count(value: object, path: str) -> int:
    """Return the int32 that Karmada makes of a script's first result; it must be a number."""
    if is_number(value):
        return wrapped(int(value))
    raise InterpretError(f"{path}: expected a number of replicas, got {value!r}")


def same(one: object, other: object) -> bool:
    """Tell whether Lua's == holds: values of one type, and never two tables."""
    if is_number(one) and is_number(other):
        return one == other
    if isinstance(one, str) and isinstance(other, str):
        return one == other
    return one is other and not isinstance(one, (dict, list))


def less(one: object, other: object, what: str) -> bool:
    """Tell whether Lua's < holds; it fails for anything but two numbers or two strings."""
    if isinstance(one, str) and isinstance(other, str):
        return one < other
    if is_number(one) and is_number(other):
        return one < other
    raise InterpretError(f"{what} cannot be compared: {one!r} and {other!r}")


def requirements(template: object, path: str) -> ReplicaRequirements | None:
    """Return what a pod of `template` needs (kube.accuratePodRequirements)."""
    return podtemplate.requirements(_template(template, path))


def pod_dependencies(
    manifest: Manifest, template: object, path: str
) -> tuple[DependentObject, ...]:
    """Return what pods of `template` refer to (kube.getPodDependencies)."""
    namespace = required(manifest, "metadata", "namespace")
    return podtemplate.dependencies(
        _template(template, path),
        "default" if namespace is None else _text(namespace, "metadata.namespace"),
    )


def some(dependencies: tuple[DependentObject, ...]) -> tuple[DependentObject, ...]:
    """Return `dependencies`, or fail when there are none.

    kube.getPodDependencies returns nil then, and most scripts hand that on, which is no table.
    """
    if not dependencies:
        raise InterpretError(
            "its pods refer to no ConfigMap, Secret, ServiceAccount or PersistentVolumeClaim, "
            "and Karmada's script for this kind fails on that"
        )
    return dependencies


def _template(template: object, path: str) -> dict[str, Any]:
    if not isinstance(template, (dict, list)):
        raise InterpretError(f"{path}: expected a pod template, got {template!r}")
    shaped = returned(template)
    if isinstance(shaped, list) and shaped:
        raise InterpretError(f"{path}: expected a pod template, got an array")
    return shaped or {}


def references(
    manifest: Manifest, kind: str, names: Iterator[Any] | Sequence[Any]
) -> list[DependentObject]:
    """Return references to core objects in the namespace of `manifest`; names must be text."""
    namespace = required(manifest, "metadata", "namespace")
    return [
        DependentObject(
            api_version="v1",
            kind=kind,
            namespace="" if namespace is None else _text(namespace, "metadata.namespace"),
            name="" if name is None else _text(name, f"the name of a {kind} it refers to"),
        )
        for name in names
    ]


def _text(value: object, path: str) -> str:
    if not isinstance(value, str):
        raise InterpretError(f"{path}: expected a string, got {value!r}")
    return value


def with_spec_field(manifest: Manifest, field: str, replicas: int) -> Manifest:
    """Return `manifest` after a script set `spec.<field>`."""
    spec = manifest.get("spec")
    if spec == []:  # to Lua, an empty object
        spec = {}
    if not isinstance(spec, dict):
        raise InterpretError("spec: expected an object")
    return revised(manifest, manifest | {"spec": {**spec, field: replicas}})


def revised(original: Manifest, changed: Manifest) -> Manifest:
    """Return `changed` as it comes back from a script whose input was `original`."""
    structs: set[_Path] = set()
    lists: set[_Path] = set()
    _note_empty(original, (), structs, lists)
    result: Manifest = returned(changed, frozenset(structs), frozenset(lists))
    return result


def _note_empty(value: Json, path: _Path, structs: set[_Path], lists: set[_Path]) -> None:
    """Note the paths of empty objects and arrays; array positions are no part of a path."""
    steps = (
        ((path, element) for element in value)
        if isinstance(value, list)
        else (((*path, key), member) for key, member in value.items())
    )
    for below, child in steps:
        if isinstance(child, (dict, list)):
            if child:
                _note_empty(child, below, structs, lists)
            else:
                (structs if isinstance(child, dict) else lists).add(below)


def returned(
    value: object,
    structs: frozenset[_Path] = frozenset(),
    lists: frozenset[_Path] = frozenset(),
    path: _Path = (),
) -> Json:
    """Return `value` after it went into Lua and back to JSON.

    Nulls go. An empty table becomes {} or [] if the reference had that at its path, else it goes.
    All numbers are float64.
    """
    if isinstance(value, dict):
        members: dict[str, Any] = {}
        for key, member in value.items():
            for kept in _kept(member, structs, lists, (*path, key)):
                members[key] = kept
        return members
    if isinstance(value, list):
        return [kept for element in value for kept in _kept(element, structs, lists, path)]
    if is_number(value):
        return _relayed_number(value)
    return value


def _kept(
    value: object, structs: frozenset[_Path], lists: frozenset[_Path], path: _Path
) -> tuple[Any, ...]:
    """Return what stays of a member or element: one value or none."""
    if value is None:
        return ()
    if isinstance(value, (dict, list)):
        children = value.values() if isinstance(value, dict) else value
        if all(child is None for child in children):
            if path in structs:
                return ({},)
            return ([],) if path in lists else ()
    return (returned(value, structs, lists, path),)


def _relayed_number(value: float) -> float:
    """Return a number as float64; an integral one that fits comes back as int64."""
    relayed = float(value)
    return int(relayed) if relayed.is_integer() and abs(relayed) < 2**63 else relayed
