"""Kubernetes resource quantities: their text, and exact arithmetic on integers.

An amount is an `int` of nano-units (`1` is 1_000_000_000), the finest that Kubernetes keeps.
Rules: k8s.io/apimachinery/pkg/api/resource/quantity.go, amount.go, suffix.go.
"""

import re
from functools import lru_cache

from armada_render.model.pattern import DIGITS, pattern

NANO = 1_000_000_000
"""Nano-units in one unit."""

_MILLI = 1_000_000
_LIMIT = (2**63 - 1) * NANO

_TEXT = pattern(
    r"(?P<sign>[+-]?)(?P<whole>[0-9]*)(?:\.(?P<fraction>[0-9]*))?(?P<suffix>[A-Za-z0-9+-]*)",
    re.ASCII,
)
_EXPONENT = pattern(r"[eE][+-]?[0-9]{1,6}", re.ASCII)

_DECIMAL = {
    "n": -9,
    "u": -6,
    "m": -3,
    "": 0,
    "k": 3,
    "M": 6,
    "G": 9,
    "T": 12,
    "P": 15,
    "E": 18,
}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_DECIMAL_SUFFIX = {exponent: suffix for suffix, exponent in _DECIMAL.items()}
_BINARY_SUFFIX = {0: ""} | {exponent: suffix for suffix, exponent in _BINARY.items()}
_SHIFTS = {"": NANO, "m": _MILLI} | {ending: NANO << bits for ending, bits in _BINARY.items()}
"""Nano-units in one of what stands before some endings."""
_FURTHEST = 60
"""Powers of ten beyond this are zero or the limit anyway; without it `1e999999` takes memory."""


def parse(text: str | float) -> int:
    """Return the amount of `text` in nano-units, rounded away from zero, or raise `ValueError`.

    Amounts with a binary suffix are capped as upstream caps them, and so are ones beyond any use.
    As upstream, spaces around a quantity in a manifest do not count, and one without any digit,
    such as `m`, is zero (Quantity.UnmarshalJSON, parseQuantityString).
    """
    return _parse(text.strip(" ") if isinstance(text, str) else repr(text))


@lru_cache(maxsize=8192)
def _parse(text: str) -> int:
    ending = text.lstrip(DIGITS)
    if (shift := _SHIFTS.get(ending)) is not None and len(ending) < len(text):
        # An integer with a common ending, as nearly all are.
        return min(int(text.removesuffix(ending)) * shift, _LIMIT)
    match = _TEXT.fullmatch(text)
    if match is None or not text:
        raise ValueError(f"{text!r} is not a quantity: write a number such as 2, 500m or 1.5Gi")
    fraction = match["fraction"] or ""
    suffix = match["suffix"]
    digits = int(match["whole"] + fraction or "0") * NANO
    exponent = -len(fraction)
    if suffix in _BINARY:
        digits <<= _BINARY[suffix]
    elif suffix in _DECIMAL:
        exponent += _DECIMAL[suffix]
    elif _EXPONENT.fullmatch(suffix):
        exponent += int(suffix[1:])
    else:
        raise ValueError(
            f"{text!r} is not a quantity: the suffix {suffix!r} is unknown, "
            "use one of n u m k M G T P E Ki Mi Gi Ti Pi Ei or an exponent such as e3"
        )
    amount = min(_shifted(digits, exponent), _LIMIT)
    return -amount if match["sign"] == "-" else amount


def _shifted(digits: int, exponent: int) -> int:
    """Return digits * 10**exponent, rounded up."""
    if -exponent > len(str(digits)) + _FURTHEST:
        return 1 if digits else 0
    power: int = 10 ** min(abs(exponent), _FURTHEST if exponent > 0 else -exponent)
    return digits * power if exponent >= 0 else -(-digits // power)


def value(nano: int) -> int:
    """Return the amount in whole units, rounded away from zero (Quantity.Value)."""
    return _rounded(nano, NANO)


def milli_value(nano: int) -> int:
    """Return the amount in thousandths, rounded away from zero (Quantity.MilliValue)."""
    return _rounded(nano, _MILLI)


def _rounded(nano: int, unit: int) -> int:
    rounded = -(-abs(nano) // unit)
    return rounded if nano >= 0 else -rounded


def canonical(nano: int, *, binary: bool = False) -> str:
    """Return the text Kubernetes prints: no fraction, the greatest suffix that loses nothing.

    `binary` asks for Ki, Mi, ...; amounts below 1024 or with a fraction print in decimal all the
    same (Quantity.CanonicalizeBytes).
    """
    if nano == 0:
        return "0"
    whole, rest = divmod(nano, NANO)
    if binary and not rest and abs(whole) >= 1024:
        exponent = 0
        while whole % 1024 == 0 and exponent < 60:
            whole //= 1024
            exponent += 10
        return f"{whole}{_BINARY_SUFFIX[exponent]}"
    exponent = -9
    while nano % 1000 == 0 and exponent < 18:
        nano //= 1000
        exponent += 3
    return f"{nano}{_DECIMAL_SUFFIX[exponent]}"
