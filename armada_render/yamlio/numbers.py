"""How Go prints floats, and what JSON makes of them (strconv.FormatFloat, encoding/json)."""

from math import isfinite, isinf, isnan
from struct import pack, unpack

INT64_MIN = -(2**63)
INT64_MAX = 2**63 - 1
UINT64_MAX = 2**64 - 1
_NOT_FINITE = "JSON has no infinity and no NaN"


def settled(number: float) -> int | float:
    """Return what stands for `number` after it went through JSON: 1.0 comes back as 1, -0.0 as 0.

    Raises `ValueError` for infinities and NaN, which JSON does not have.
    """
    if not isfinite(number):
        raise ValueError(_NOT_FINITE)
    if not number.is_integer() or abs(number) >= 1e21:
        return number
    if abs(number) < 2**53:
        return int(number)
    return int(json_text(number))


def json_text(number: float) -> str:
    """Return `number` as encoding/json prints it; raises `ValueError` when it is not finite."""
    if not isfinite(number):
        raise ValueError(_NOT_FINITE)
    digits, point = _shortest(repr(abs(number)))
    sign = "-" if str(number).startswith("-") else ""
    if number == 0 or 1e-6 <= abs(number) < 1e21:
        return sign + _positional(digits, point)
    # encoding/json turns e-09 into e-9 (encode.go, floatEncoder).
    return sign + _scientific(digits, point).replace("e-0", "e-")


def shortest_text(number: float) -> str:
    """Return `number` as FormatFloat(number, 'g', -1, 64) does.

    Raises `ValueError` when it is not finite.
    """
    if not isfinite(number):
        raise ValueError(_NOT_FINITE)
    return _general(number, repr(abs(number)))


def shortest_text32(number: float) -> str:
    """Return `number` as a 32-bit float, in which form it is a key (sigs.k8s.io/yaml, yaml.go)."""
    single = _single(number)
    if isnan(single):
        return ".nan"
    if isinf(single):
        return ".inf" if single > 0 else "-.inf"
    candidates = (f"{abs(single):.{precision}e}" for precision in range(9))
    text = next(text for text in candidates if _single(float(text)) == abs(single))
    return _general(single, text)


def _single(number: float) -> float:
    """Return the 32-bit float that is nearest, an infinity for large numbers."""
    nearest: float = unpack("f", pack("f", number))[0]
    return nearest


def _general(number: float, text: str) -> str:
    """Format 'g': the exponent form begins at 1e-5 and, as no precision is given, at 1e6."""
    digits, point = _shortest(text)
    sign = "-" if str(number).startswith("-") else ""
    if number and not -4 < point <= 6:
        return sign + _scientific(digits, point)
    return sign + _positional(digits, point)


def _shortest(text: str) -> tuple[str, int]:
    """Split `1.25e+07` into digits and where the point stands before them: 0.125 * 10**8."""
    mantissa, _, exponent = text.partition("e")
    whole, _, fraction = mantissa.partition(".")
    padded = whole + fraction
    digits = padded.lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(padded) - len(digits))
    return digits.rstrip("0") or "0", point if digits else 1


def _positional(digits: str, point: int) -> str:
    if point <= 0:
        return "0." + "0" * -point + digits
    if point >= len(digits):
        return digits + "0" * (point - len(digits))
    return f"{digits[:point]}.{digits[point:]}"


def _scientific(digits: str, point: int) -> str:
    fraction = "." + digits[1:] if len(digits) > 1 else ""
    return f"{digits[0]}{fraction}e{point - 1:+03d}"
