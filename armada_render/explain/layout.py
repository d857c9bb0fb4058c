"""How lists of clusters, values and tables are written in text."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

_MANY = 6
_LONGEST = 100


def names(clusters: Sequence[str]) -> str:
    """Return the names, or the first of many and how many there are."""
    if len(clusters) <= _MANY:
        return ", ".join(clusters)
    return f"{', '.join(clusters[: _MANY - 1])} and {len(clusters) - _MANY + 1} more"


def value(data: Any) -> str:  # noqa: ANN401 - plain JSON data
    """Return a value as one line of JSON, cut when it is long."""
    text = msgspec.json.encode(data).decode()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"


def at(location: str) -> str:
    """Return a location in parentheses, with a space before them."""
    return f" ({location})" if location else ""


def count(number: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def table(rows: Sequence[Sequence[str]], indent: str = "    ") -> Iterable[str]:
    """Yield rows with aligned columns."""
    if not rows:
        return
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield (indent + "  ".join(cells)).rstrip()


def grouped(pairs: Iterable[tuple[str, str]]) -> Mapping[str, list[str]]:
    """Return the first of each pair by the second, in the order of first sight."""
    groups: dict[str, list[str]] = {}
    for name, key in pairs:
        groups.setdefault(key, []).append(name)
    return groups
