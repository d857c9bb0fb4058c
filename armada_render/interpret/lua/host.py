"""What a script may ask of Python: the `kube` library, and Unicode.

Rules: pkg/resourceinterpreter/customized/declarative/luavm/kube.go.
"""

import re
from collections.abc import Callable
from typing import Any

from msgspec import to_builtins

from armada_render.interpret import podtemplate
from armada_render.interpret.lua.convert import Json, decoded, quantity_text
from armada_render.interpret.values import DependentObject, InterpretError
from armada_render.model import quantity

_DECIMAL = re.compile(r"([0-9]*)(?:\.([0-9]*))?(m|k|M|G|T|P|E|)", re.ASCII)
_EXPONENTS = {"m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}


def answer(name: bytes, *arguments: Any) -> Json:  # noqa: ANN401 - as each function takes them
    """Return the answer as JSON data, or raise `InterpretError`."""
    return _FUNCTIONS[name](*arguments)


def _resource_add(*quantities: bytes | None) -> str:
    """Return the sum; it keeps the notation of the first amount that is not zero."""
    total = 0
    is_binary = False
    for text in quantities:
        if text is None:
            continue
        amount, binary = quantity_text(text.decode("utf-8", "replace"))
        if total == 0:
            is_binary = binary
        total += amount
    return quantity.canonical(total, binary=is_binary)


def _resource_quantity(text: bytes | None) -> float:
    written = "" if text is None else text.decode("utf-8", "replace")
    amount = quantity_text(written)[0] if text is not None else 0
    if amount < 0:
        raise InterpretError(f"the quantity {written} is negative")
    decimal = _DECIMAL.fullmatch(written)
    if decimal is None or text is None:
        return amount / quantity.NANO
    # Quantity.AsApproximateFloat64: the digits as a float, times a power of ten.
    whole, fraction, suffix = decimal[1], decimal[2] or "", decimal[3]
    return float(int(whole + fraction)) * 10.0 ** (_EXPONENTS[suffix] - len(fraction))


def _pod_requirements(template: bytes) -> Json:
    """Return the requirements without the members that Go leaves out when they are empty."""
    requirements = podtemplate.requirements(_template(template))
    if requirements is None:
        return None
    data = to_builtins(requirements)
    if requirements.node_claim is not None:
        data["nodeClaim"] = _present(data["nodeClaim"])
    return _present(data) | {"nodeClaim": data["nodeClaim"]}


def _present(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if value}


def _pod_dependencies(template: bytes, namespace: bytes) -> Json:
    """Return the references; None when there are none, as Go's nil list."""
    found = podtemplate.dependencies(_template(template), namespace.decode("utf-8", "replace"))
    return [_reference(dependency) for dependency in found] or None


def _template(text: bytes) -> dict[str, Any]:
    value = decoded(text, is_list=False)
    if not isinstance(value, dict):
        raise InterpretError("the pod template is a list, not an object")
    return value


def _reference(dependency: DependentObject) -> dict[str, Any]:
    return {
        "apiVersion": dependency.api_version,
        "kind": dependency.kind,
        "namespace": dependency.namespace or None,
        "name": dependency.name or None,
    }


def _upper(text: bytes) -> str:
    return "".join(_mapped(c, c.upper()) for c in text.decode("utf-8", "replace"))


def _lower(text: bytes) -> str:
    return "".join(_mapped(c, c.lower()) for c in text.decode("utf-8", "replace"))


def _mapped(c: str, mapped: str) -> str:
    """Go maps a character to one character or not at all."""
    return mapped if len(mapped) == 1 else c


def _char(code: float) -> str:
    number = int(code)
    is_character = 0 <= number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF
    return chr(number) if is_character else "\ufffd"


_FUNCTIONS: dict[bytes, Callable[..., Any]] = {
    b"resourceAdd": _resource_add,
    b"getResourceQuantity": _resource_quantity,
    b"accuratePodRequirements": _pod_requirements,
    b"getPodDependencies": _pod_dependencies,
    b"upper": _upper,
    b"lower": _lower,
    b"char": _char,
}
