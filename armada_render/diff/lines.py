"""Fields and manifests as lines that a person reads, the same for every form of output. Pure."""

import difflib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import UNSET

from armada_render.diff.rows import FieldRow, FullRow
from armada_render.diff.words import ARROW, on_clusters
from armada_render.errors import one_line
from armada_render.yamlio import dumps

MOST_LINES = 40
"""So many lines are shown of one field."""

_MOST_CHARACTERS = 160
_CONTEXT = 2
# Comparing takes quadratic time where little is alike.
_MOST_COMPARED = 2000


def field_lines(row: FieldRow) -> list[str]:
    """Return what is said of a field; a text of several lines is shown line by line."""
    name = one_line(row.field)
    before, after = row.before, row.after
    if row.change == "reordered":
        return [f"{name}: order {_names(before)} {ARROW} {_names(after)}"]
    if _is_text(before) or _is_text(after):
        old = before.splitlines() if isinstance(before, str) else []
        new = after.splitlines() if isinstance(after, str) else []
        if (
            before is UNSET
            or after is UNSET
            or (isinstance(before, str) and isinstance(after, str))
        ):
            return _of_texts(name, row.change, old, new)
    if row.change == "added":
        return [f"{name}: added {value_text(after)}"]
    if row.change == "removed":
        return [f"{name}: removed {value_text(before)}"]
    return [f"{name}: {value_text(before)} {ARROW} {value_text(after)}"]


def value_text(value: Any) -> str:  # noqa: ANN401 - plain JSON data
    """Return a value on one line, cut where it is long."""
    text = one_line(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    if len(text) <= _MOST_CHARACTERS:
        return text
    return f"{text[: _MOST_CHARACTERS - 1]}… ({len(text):,} characters)"


def diff_lines(row: FieldRow) -> list[str]:
    """Return a field as a head, then its lines with `-`, `+` or a blank before each."""
    name = one_line(row.field)
    if row.change == "reordered":
        return [f"@@ {name}: order @@", f"-{_names(row.before)}", f"+{_names(row.after)}"]
    old, new = _value_lines(row.before), _value_lines(row.after)
    lines = list(_compared(old, new, context=_CONTEXT))
    shown = [_shown(line) for line in lines[:MOST_LINES]]
    if len(lines) > MOST_LINES:
        shown.append(f"… and {len(lines) - MOST_LINES:,} more lines")
    return [f"@@ {name} @@", *shown]


def _value_lines(value: Any) -> list[str]:  # noqa: ANN401 - plain JSON data
    """Return a value as a person would write it in YAML, a text as its lines."""
    if value is UNSET:
        return []
    if isinstance(value, str) and "\n" in value:
        return value.splitlines()
    if isinstance(value, dict | list) and value:
        return dumps(value).splitlines()
    return [json.dumps(value, ensure_ascii=False)]


def marked_manifest(row: FullRow) -> list[str]:
    """Return a whole manifest like `diff_lines`, with the clusters as its head."""
    return [f"@@ {on_clusters(row.clusters)} @@", *full_lines(row)]


def full_lines(row: FullRow) -> list[str]:
    """Return the whole manifest before and after, each line with `-`, `+` or a blank before it."""
    old = dumps(row.before).splitlines() if row.before is not None else []
    new = dumps(row.after).splitlines() if row.after is not None else []
    return [_shown(line) for line in _compared(old, new, context=None)]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and "\n" in value


def _names(values: Sequence[Any]) -> str:
    return one_line(", ".join(map(str, values)))


def _of_texts(name: str, change: str, old: Sequence[str], new: Sequence[str]) -> list[str]:
    lines = list(_compared(old, new, context=_CONTEXT))
    plus = sum(line[0] == "+" for line in lines)
    minus = sum(line[0] == "-" for line in lines)
    shown = [_shown(line) for line in lines[:MOST_LINES]]
    if len(lines) > MOST_LINES:
        shown.append(f"… and {len(lines) - MOST_LINES:,} more lines")
    verb = "" if change == "changed" else f"{change}, "
    return [f"{name}: {verb}+{plus:,} -{minus:,} lines", *(f"  {line}" for line in shown)]


def _shown(line: str) -> str:
    text = one_line(line)
    if len(text) <= _MOST_CHARACTERS:
        return text
    return f"{text[: _MOST_CHARACTERS - 1]}… ({len(text):,} characters)"


def _compared(old: Sequence[str], new: Sequence[str], *, context: int | None) -> Iterator[str]:
    """Yield lines with their marks; with `context` only so many of those that stay, and `@`."""
    start = _alike(old, new)
    end = _alike(old[start:][::-1], new[start:][::-1])
    middle, others = old[start : len(old) - end], new[start : len(new) - end]
    if len(middle) + len(others) > _MOST_COMPARED:
        body = [*(f"-{line}" for line in middle), *(f"+{line}" for line in others)]
    else:
        body = [
            line[0] + line[2:]
            for line in difflib.ndiff(middle, others, None, None)
            if line[0] != "?"
        ]
    every = [
        *(f" {line}" for line in old[:start]),
        *body,
        *(f" {line}" for line in old[len(old) - end :] if end),
    ]
    if context is None:
        yield from every
        return
    near = {
        index + step
        for index, line in enumerate(every)
        if line[0] != " "
        for step in range(-context, context + 1)
    }
    last = -1
    for index, line in enumerate(every):
        if index in near:
            if index != last + 1:
                yield " …"
            yield line
            last = index


def _alike(old: Sequence[str], new: Sequence[str]) -> int:
    count = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        count += 1
    return count
