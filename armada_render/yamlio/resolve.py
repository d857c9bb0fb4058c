"""What an unquoted scalar means to kubectl (vendor/go.yaml.in/yaml/v2/resolve.go)."""

import re

from armada_render.model.pattern import pattern
from armada_render.yamlio.numbers import INT64_MAX, INT64_MIN, UINT64_MAX

Scalar = str | int | float | bool | None

# Only texts that begin like this can be anything but a string; the empty text is null.
_HINTS = frozenset(["", *"+-.0123456789~yYnNtTfFoO"])
_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(
        ("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True
    ),
    **dict.fromkeys(
        ("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False
    ),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}
# strconv.ParseInt with base 0: a leading zero means octal.
_INTEGER = pattern(
    r"([-+]?)(?:0[xX](?P<hex>[0-9a-fA-F]+)|0[bB](?P<bin>[01]+)"
    r"|0[oO]?(?P<oct>[0-7]+)|(?P<dec>0|[1-9][0-9]*))"
)
_BASES = {"hex": 16, "bin": 2, "oct": 8}
_FLOAT = pattern(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
# strconv.ParseFloat, which takes an underscore between two digits.
_POINT_FLOAT = pattern(r"\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?")
_SIGNED_BINARY = pattern(r"0b([-+][01]+)")
_TIMESTAMP = pattern(
    r"(\d{4})-(\d\d?)-(\d\d?)"
    r"(?:([Tt]| +)(\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?(?:Z|[-+](\d\d):(\d\d))?)?",
    re.ASCII,
)
_BASE_60 = pattern(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_MAX_DECIMAL_DIGITS = len(str(UINT64_MAX))
_OF_NUMBERS = frozenset("0123456789abcdefABCDEFxXoO+-._")
_OF_BASE_60 = frozenset("0123456789+-._:")
"""The characters of numbers; what has others is none, and needs no pattern."""


def resolve(text: str) -> Scalar:
    """Return what plain `text` stands for, floats as they are before the JSON step.

    A timestamp stays the text it is: go-yaml hands it out as a string too (decode.go, scalar).
    """
    first = text[:1]
    if first not in _HINTS:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if first == ".":
        return _finite(text.replace("_", ""), text) if _POINT_FLOAT.fullmatch(text) else text
    if first in "+-0123456789":
        return _number(text)
    return text


def reads_as_string(text: str) -> bool:
    """Tell whether `text` may be written without quotes and still be a string for every reader.

    Base-60 numbers are strings to go-yaml, but not to others (encode.go, isBase60Float).
    """
    if text[:1] not in _HINTS:
        return True
    return (
        resolve(text).__class__ is str
        and not is_timestamp(text)
        and not (_OF_BASE_60.issuperset(text) and _BASE_60.fullmatch(text))
    )


def is_timestamp(text: str) -> bool:
    """Tell whether Go's time.Parse takes `text` in one of the layouts of resolve.go."""
    match = _TIMESTAMP.fullmatch(text) if text[:1].isdecimal() and text[4:5] == "-" else None
    if match is None:
        return False
    year, month, day = (int(part) for part in match.group(1, 2, 3))
    if not 1 <= month <= 12 or not 1 <= day <= _days(year, month):
        return False
    separator = match.group(4)
    if separator is None:
        return True
    hour, minute, second = (int(part) for part in match.group(5, 6, 7))
    zoned = text.endswith("Z") or match.group(8) is not None
    if zoned is not (separator in "Tt") or hour > 23 or minute > 59 or second > 59:
        return False
    return match.group(8) is None or (int(match.group(8)) <= 24 and int(match.group(9)) <= 60)


def _number(text: str) -> Scalar:
    is_short = text.isdecimal() and text.isascii() and len(text) < _MAX_DECIMAL_DIGITS
    if is_short and (text[0] != "0" or text == "0"):
        return int(text)
    if not _OF_NUMBERS.issuperset(text) or text.count(".") > 1:
        return text
    plain = text.replace("_", "")
    match = _INTEGER.fullmatch(plain)
    if match is not None:
        number = _integer(match)
        if number is not None:
            return number
    if _FLOAT.fullmatch(plain):
        return _finite(plain, text)
    binary = _SIGNED_BINARY.fullmatch(plain)
    if binary is not None:
        number = int(binary.group(1), 2)
        if INT64_MIN <= number <= INT64_MAX:
            return number
    return text


def _integer(match: re.Match[str]) -> int | None:
    """Return the integer if int64 holds it, or uint64 where no sign stands before it."""
    sign, kind = match.group(1), match.lastgroup or "dec"
    digits = match.group(kind)
    if kind == "dec" and len(digits) > _MAX_DECIMAL_DIGITS:
        return None
    number = int(digits, _BASES.get(kind, 10))
    if sign == "-":
        return -number if -number >= INT64_MIN else None
    return number if number <= (INT64_MAX if sign else UINT64_MAX) else None


def _finite(number: str, text: str) -> float | str:
    """Return `number` as a float, or `text` when it overflows."""
    value = float(number)
    return text if value in (float("inf"), float("-inf")) else value


def _days(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31
