"""Regular expressions that are compiled when they are first used, most of them never.

Compiling all patterns of the program takes as long as starting Python and half of a typing import.
"""

import re
from typing import AnyStr, cast


def pattern(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return what `re.compile` does, but compiled at the first look at one of its attributes."""
    # It has every attribute of a pattern; `isinstance` is all that could tell.
    return cast("re.Pattern[AnyStr]", _Later(text, flags))


class _Later:
    def __init__(self, text: str | bytes, flags: int) -> None:
        self._text = text
        self._flags = flags

    def __getattr__(self, name: str) -> object:
        # What was looked up once is found without coming here again.
        value = getattr(re.compile(self._text, self._flags), name)
        setattr(self, name, value)
        return value
