"""Scalars that kubectl and kustomize read differently.

kustomize reads with go-yaml v3, where only `true` and `false` are booleans unless a Go type says
otherwise, dates are times, and keys must be text. kubectl reads with go-yaml v2.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from armada_render.yamlio.libyaml import (
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    YAMLError,
    events,
)
from armada_render.yamlio.resolve import is_timestamp, resolve
from armada_render.yamlio.tags import is_merge
from armada_render.yamlio.text import decoded

# Both read these as booleans.
_BOOLEANS = frozenset(("true", "True", "TRUE", "false", "False", "FALSE"))
_DATE = re.compile(r"\d{4}-\d\d?-\d\d?", re.ASCII)
# What has none of these needs no second look, which costs as much as reading it. A key that is no
# text is rare, but numbers are keys in maps of ports and codes. Repetitions are bounded, so that no
# text takes more than linear time.
_SUSPECT = re.compile(
    r"""(?<![^\s\[\]{},:?-])                          # where a scalar may start
        (?: (?:[yY]|[nN]|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF)[ \t]{0,200}(?=[\n\r:,\]}#]|\Z)
          | \d{4}-\d\d?-\d\d?[ \t]{0,200}(?=[\n\r:,\]}#]|\Z)
          | (?:[-+.\d][\w.+-]{0,40}|[tT]rue|TRUE|[fF]alse|FALSE)[ \t]{0,200}:(?=\s|\Z)
        )""",
    re.VERBOSE | re.ASCII,
)


class Ambiguity(Struct, frozen=True):
    """A scalar that two readers take for different things, and what each makes of it.

    Only `text` may hold a date or number of the file; what the readers make of it does not.
    """

    line: int
    column: int
    text: str
    kubectl: str
    kustomize: str
    is_key: bool


def ambiguities(text: str | bytes) -> Iterator[Ambiguity]:
    """Yield the ambiguous scalars of a text, none where it cannot be read."""
    try:
        plain = decoded(text)
    except ValueError:
        return
    if not _SUSPECT.search(plain):
        return
    try:
        yield from _scanned(plain)
    except YAMLError:
        return


def _scanned(text: str) -> Iterator[Ambiguity]:
    next_event = events(text)
    # For each open collection: whether the next node is a key, None in a list.
    stack: list[bool | None] = []
    while (event := next_event()).__class__ is not StreamEndEvent:
        kind = event.__class__
        if kind in (MappingEndEvent, SequenceEndEvent):
            stack.pop()
            _step(stack)
        elif kind is MappingStartEvent:
            stack.append(True)
        elif kind is SequenceStartEvent:
            stack.append(None)
        elif hasattr(event, "anchor"):
            if kind is ScalarEvent and not event.style and event.tag is None:
                is_key = bool(stack) and stack[-1] is True
                readings = _key(event.value) if is_key else _value(event.value)
                if readings is not None and not (is_key and is_merge(event)):
                    mark = event.start_mark
                    yield Ambiguity(mark.line + 1, mark.column + 1, event.value, *readings, is_key)
            _step(stack)


def _step(stack: list[bool | None]) -> None:
    """Note that a node has ended: after a key comes a value, after a value a key."""
    if stack and stack[-1] is not None:
        stack[-1] = not stack[-1]


def _value(text: str) -> tuple[str, str] | None:
    """Return what kubectl and kustomize make of a plain value, None when it is the same."""
    value = resolve(text)
    if value.__class__ is bool and text not in _BOOLEANS:
        return f"the boolean {'true' if value else 'false'}", f'the text "{text}"'
    if _DATE.fullmatch(text) and is_timestamp(text):
        return "text", "a time, to which hours and minutes are added"
    return None


def _key(text: str) -> tuple[str, str] | None:
    value = resolve(text)
    if value.__class__ is bool and text not in _BOOLEANS:
        return f'the key "{"true" if value else "false"}"', f'the key "{text}"'
    if (value.__class__ is str and not is_timestamp(text)) or value is None:
        return None
    return "a key that is text", "no key: it refuses the file"
