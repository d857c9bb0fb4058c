"""YAML to values as kubectl reads it: libyaml's events, go-yaml v2's meaning.

go-yaml is a port of libyaml, so that both accept the same texts, but for the few cases that
`syntax.repaired` and the checks in `compose` and here deal with. What comes out is what
sigs.k8s.io/yaml's strict reader turns into JSON.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from msgspec import Struct

from armada_render.model.pattern import pattern
from armada_render.yamlio.compose import Composer
from armada_render.yamlio.errors import YamlError
from armada_render.yamlio.libyaml import (
    DocumentEndEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    MarkedYAMLError,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    YAMLError,
    events,
)
from armada_render.yamlio.limits import MAX_REPAIRS
from armada_render.yamlio.syntax import explained, position, repaired
from armada_render.yamlio.text import decoded
from armada_render.yamlio.values import Value

T = TypeVar("T")

_ESCAPE = pattern(r"\\(.)", re.DOTALL)


class Document(Struct, frozen=True):
    """A document of a stream: its value, the line (from 1) of its content, its number (from 0)."""

    value: Value
    line: int
    index: int


def loads(text: str | bytes, *, strict: bool = True) -> Value:
    """Return the first document, None when there is none; what follows is not looked at.

    A key that is set twice is an error unless `strict` is off: then the last one wins, as in
    sigs.k8s.io/yaml's lenient reader. Raises `YamlError`.
    """
    return _parsed(decoded(text), partial(_first, is_strict=strict))


def load_documents(text: str | bytes) -> list[Document]:
    """Return all documents of a stream but the empty ones, which do count in `index`.

    Raises `YamlError`.
    """
    return _parsed(decoded(text), _all)


def _parsed(text: str, read: Callable[[str], T]) -> T:
    for _ in range(MAX_REPAIRS + 1):
        try:
            return read(text)
        except MarkedYAMLError as error:
            better = repaired(text, error)
            if better is None:
                raise explained(text, error) from error
            text = better
        except YAMLError as error:
            raise explained(text, error) from error
        except UnicodeEncodeError as error:
            message = "this is not text: it contains halves of surrogate pairs"
            raise YamlError(message, *position(text, error.start)) from error
    raise YamlError(
        'too many "\\\'" escapes, or values that end in ":" before a bracket; quote them otherwise'
    )


def _first(text: str, *, is_strict: bool) -> Value:
    composer = Composer(text, is_strict=is_strict)
    composer.next_event()  # the start of the stream
    start = composer.next_event()
    if start.__class__ is StreamEndEvent:
        return None
    try:
        document = _document(composer, start, 0)
    except YamlError:
        empty = _empty_root(text)
        if empty is None:
            raise
        return empty
    _refuse_escaped_slashes(text, DocumentEndEvent)
    return document.value


def _empty_root(text: str) -> Value:
    """Return what go-yaml makes of `[]: x`: an empty collection, behind which the document ends.

    Its scanner forgets that an empty flow collection may be a key (scannerc.go,
    yaml_parser_decrease_flow_level).
    """
    next_event = events(text)
    for _ in range(2):
        next_event()  # the start of the stream and of the document
    root, first, second = next_event(), next_event(), next_event()
    if (
        root.__class__ is MappingStartEvent
        and not root.flow_style
        and first.start_mark.index == root.start_mark.index
    ):
        if first.__class__ is SequenceStartEvent and second.__class__ is SequenceEndEvent:
            return []
        if first.__class__ is MappingStartEvent and second.__class__ is MappingEndEvent:
            return {}
    return None


def _all(text: str) -> list[Document]:
    composer = Composer(text)
    composer.next_event()  # the start of the stream
    documents = []
    index = 0
    while (start := composer.next_event()).__class__ is not StreamEndEvent:
        document = _document(composer, start, index)
        if document.value is not None:
            documents.append(document)
        index += 1
    _refuse_escaped_slashes(text, StreamEndEvent)
    return documents


def _document(composer: Composer, start: Event, index: int) -> Document:
    if start.version not in (None, (1, 1)):
        message = "kubectl reads YAML 1.1 only; remove the %YAML line"
        raise YamlError(message, start.start_mark.line + 1, start.start_mark.column + 1)
    root = composer.next_event()
    value = composer.root(root)
    composer.next_event()  # the end of the document
    return Document(value, root.start_mark.line + 1, index)


def _refuse_escaped_slashes(text: str, end: type) -> None:
    r"""Refuse `\/` in double quotes, which JSON has and go-yaml has not, up to an `end` event."""
    if "\\/" not in text:
        return
    next_event = events(text)
    while (event := next_event()).__class__ is not end:
        if event.__class__ is not ScalarEvent or event.style != '"' or "/" not in event.value:
            continue
        start: int = event.start_mark.index
        for escape in _ESCAPE.finditer(text, start, event.end_mark.index):
            if escape.group(1) == "/":
                message = 'kubectl does not read the escape "\\/", though JSON has it; write "/"'
                raise YamlError(message, *position(text, escape.start()))
