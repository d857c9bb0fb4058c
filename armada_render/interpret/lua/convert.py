"""From the JSON text of a Lua result to Kubernetes data.

Rules: pkg/resourceinterpreter/customized/declarative/luavm/lua_convert.go.
"""

from typing import Any, TypeVar

import msgspec
from msgspec import Struct, field

from armada_render.interpret.values import DependentObject, InterpretError
from armada_render.model import quantity
from armada_render.model.binding import NodeClaim, ReplicaRequirements
from armada_render.model.resource import Manifest
from armada_render.model.selector import LabelSelector, SelectorRequirement

T = TypeVar("T")

Json = Any
"""Plain JSON data."""

_REMOVED = object()

Path = tuple[str, ...]
Empties = frozenset[Path]


class _Expression(Struct, frozen=True):
    key: str = ""
    operator: str = ""
    values: tuple[str, ...] = ()


class _Selector(Struct, frozen=True, rename="camel"):
    match_labels: dict[str, str] = {}
    match_expressions: tuple[_Expression, ...] = ()


class _Reference(Struct, frozen=True, rename="camel"):
    api_version: str = ""
    kind: str = ""
    namespace: str = ""
    name: str = ""
    label_selector: _Selector | None = None


class _Requirements(Struct, frozen=True, rename="camel"):
    node_claim: NodeClaim | None = None
    resource_request: dict[str, str | int | float] = field(default_factory=dict)
    namespace: str = ""
    priority_class_name: str = ""


def decoded(text: bytes, *, is_list: bool, reference: Manifest | None = None) -> Json:
    """Return the value of a result whose empty tables are repaired against `reference`.

    Lua does not tell {} from []. An empty table becomes what stands at its path in the reference,
    whatever the index in a list; where there is nothing, it goes away. The whole result is a list
    or an object, as its target is.
    """
    # Go's encoder writes each byte that is no UTF-8 as U+FFFD.
    clean = text.decode("utf-8", "surrogateescape")
    if not clean.isascii():
        clean = "".join("\ufffd" if "\udc80" <= c <= "\udcff" else c for c in clean)
    value = msgspec.json.decode(clean)
    if value == []:
        return [] if is_list else {}
    objects: set[Path] = set()
    lists: set[Path] = set()
    if reference is not None:
        _collect(reference, (), objects, lists)
    return _repaired(value, (), frozenset(objects), frozenset(lists))


def _collect(value: Json, path: Path, objects: set[Path], lists: set[Path]) -> None:
    """Add the paths of empty objects and empty lists below `value`."""
    pairs = value.items() if isinstance(value, dict) else (("", item) for item in value)
    for key, item in pairs:
        if not isinstance(item, dict | list):
            continue
        below = (*path, key) if isinstance(value, dict) else path
        if item:
            _collect(item, below, objects, lists)
        else:
            (objects if isinstance(item, dict) else lists).add(below)


def _repaired(value: Json, path: Path, objects: Empties, lists: Empties) -> Json:
    if isinstance(value, dict):
        for key, item in list(value.items()):
            if isinstance(item, dict | list | float):
                repaired = _repaired(item, (*path, key), objects, lists)
                if repaired is _REMOVED:
                    del value[key]
                else:
                    value[key] = repaired
        return value
    if isinstance(value, list):
        if not value:
            return {} if path in objects else value if path in lists else _REMOVED
        items = [_repaired(item, path, objects, lists) for item in value]
        return [item for item in items if item is not _REMOVED]
    return _number(value) if isinstance(value, float) else value


def _number(value: float) -> int | float:
    """Return an integer where Go writes and reads one: below 2**63, with the digits Go writes.

    encoding/json writes as few digits as name the float, then zeros.
    """
    if value != int(value) or abs(value) >= 2**63:
        return value
    mantissa, _, exponent = repr(value).partition("e")
    whole, _, fraction = mantissa.partition(".")
    if not exponent:
        return int(whole)
    fraction = fraction.rstrip("0")
    scale: int = 10 ** (int(exponent) - len(fraction))
    return int(whole + fraction) * scale


def int32(value: float) -> int:
    """Return what Go makes of a float64: toward zero, the lowest number when it does not fit."""
    is_small = -(2**31) - 1 < value < 2**31
    return int(value) if is_small else -(2**31)


def requirements(text: bytes) -> ReplicaRequirements:
    """Return the ReplicaRequirements of a result, quantities checked; raise `InterpretError`."""
    raw = _convert(text, _Requirements, "the requirements", is_list=False)
    return ReplicaRequirements(
        node_claim=raw.node_claim,
        resource_request={
            name: _canonical(amount, f"resourceRequest.{name}")
            for name, amount in sorted(raw.resource_request.items())
        },
        namespace=raw.namespace,
        priority_class_name=raw.priority_class_name,
    )


def _canonical(written: str | float, where: str) -> str:
    try:
        # What comes back is read as a manifest is, where spaces do not count.
        amount, is_binary = quantity_text(str(written).strip(" "))
    except InterpretError as error:
        raise InterpretError(f"{where}: {error}") from None
    return quantity.canonical(amount, binary=is_binary)


def quantity_text(written: str) -> tuple[int, bool]:
    """Return an amount, and whether it is written in binary; raise `InterpretError`.

    Unlike in a manifest no spaces may stand around it (luavm/kube.go calls ParseQuantity).
    """
    if written != written.strip(" "):
        raise InterpretError(f"{written!r} is not a quantity: there are spaces around it")
    try:
        return quantity.parse(written), written.endswith("i")
    except ValueError as error:
        raise InterpretError(str(error)) from None


def references(text: bytes) -> tuple[DependentObject, ...]:
    """Return the dependencies of a result as they stand there; raise `InterpretError`."""
    raw = _convert(text, tuple[_Reference, ...], "the dependencies", is_list=True)
    return tuple(
        DependentObject(
            api_version=item.api_version,
            kind=item.kind,
            namespace=item.namespace,
            name=item.name,
            label_selector=_selector(item.label_selector),
        )
        for item in raw
    )


def _selector(raw: _Selector | None) -> LabelSelector | None:
    if raw is None:
        return None
    return LabelSelector(
        match_labels=raw.match_labels,
        match_expressions=tuple(
            SelectorRequirement(key=one.key, operator=one.operator, values=one.values)
            for one in raw.match_expressions
        ),
    )


def manifest(text: bytes, reference: Manifest) -> Manifest:
    """Return the object of a result; raise `InterpretError` when it is none."""
    value = decoded(text, is_list=False, reference=reference)
    if not isinstance(value, dict):
        raise InterpretError("the result is a list, not an object: return the manifest")
    kind = value.get("kind")
    if not isinstance(kind, str) or not kind:
        raise InterpretError("the result has no kind: return the whole manifest")
    if not isinstance(value.get("apiVersion", ""), str):
        raise InterpretError("the result's apiVersion is not a string")
    return value


def _convert(text: bytes, wanted: type[T], what: str, *, is_list: bool) -> T:
    try:
        return msgspec.convert(decoded(text, is_list=is_list), wanted)
    except msgspec.ValidationError as error:
        raise InterpretError(f"{what}: {error}") from None
