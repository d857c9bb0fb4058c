"""Regular expressions that are compiled when they are first used, and what does without one.

Compiling the patterns of the program takes longer than starting Python, and one pattern as long as
looking at a thousand names: what every run meets is known by its characters.
"""

import re
from collections.abc import Callable
from typing import AnyStr, cast

DIGITS = "0123456789"
LOWER = "abcdefghijklmnopqrstuvwxyz"
LETTERS = LOWER + LOWER.upper()


def pattern(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return what `re.compile` does, but compiled at the first look at one of its attributes."""
    # It has every attribute of a pattern; `isinstance` is all that could tell.
    return cast("re.Pattern[AnyStr]", _Later(text, flags))


def word(ends: str, between: str = "") -> Callable[[str], bool]:
    """Return what tells whether a text has one of `ends` at both ends, and only both inside."""
    edge, inside = frozenset(ends), frozenset(ends + between)

    def fits(text: str) -> bool:
        return text[:1] in edge and text[-1:] in edge and inside.issuperset(text)

    return fits


class _Later:
    def __init__(self, text: str | bytes, flags: int) -> None:
        self._text = text
        self._flags = flags

    def __getattr__(self, name: str) -> object:
        # What was looked up once is found without coming here again.
        value = getattr(re.compile(self._text, self._flags), name)
        setattr(self, name, value)
        return value
