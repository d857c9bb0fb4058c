"""Patch JSON text so that what is not touched keeps its order and its literals.

Upstream keeps every value that no operation passes through as raw text
(github.com/evanphx/json-patch v5.9.11, lazyNode). So does this: a document is a tree of dicts and
lists as far as operations reached into it, and of `Raw` text below.
"""

import re
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from armada_render.build import jsonpatch
from armada_render.build.failure import BuildError
from armada_render.model.pattern import pattern
from armada_render.yamlio import gojson

_TOKEN = pattern(
    r"""[ \t\n\r]*(?:
    (?P<string>"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")
    |(?P<scalar>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)
    |(?P<mark>[][{}:,])
    )""",
    re.VERBOSE,
)
_SPACE = " \t\n\r"
_OPENERS = {"[": "]", "{": "}"}
_STRING_ESCAPE = pattern(
    r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"
    r"|u([0-9a-fA-F]{4})|([\"\\/bfnrt]))"
)
_SHORT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
# Go escapes these wherever they stand; in JSON that can only be within strings.
_HTML = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"})
# encoding/json, scanner.go, maxNestingDepth
_DEEPEST = 10_000

# How far an operation may reach into a document; writing the text recurses as deep.
_LONGEST_PATH = 300

# What may come next: a value, a value or ], a key or }, a key, a colon, a comma or the end.
_VALUE, _FIRST_ELEMENT, _FIRST_KEY, _KEY, _COLON, _NEXT = range(6)


class Raw(Struct, frozen=True):
    """The compact text of a value that no operation passed through."""

    text: str


class Repeated(dict[str, Any]):
    """An object that names a member more than once; the last value counts for all of them.

    As upstream, the list of keys and the values are apart: removing a member takes its first
    mention away and leaves null at the others.
    """

    def __init__(self, members: dict[str, Any], mentions: Sequence[str]) -> None:
        super().__init__(members)
        self.mentions = list(mentions)

    def copy(self) -> "Repeated":
        """Return a shallow copy."""
        return Repeated(self, self.mentions)

    def __setitem__(self, key: str, value: jsonpatch.Node) -> None:
        if key not in self.mentions:
            self.mentions.append(key)
        super().__setitem__(key, value)

    def __delitem__(self, key: str) -> None:
        self.mentions.remove(key)
        super().__delitem__(key)


def patched(text: str, operations: Sequence[jsonpatch.Operation]) -> str:
    """Return the JSON document `text` with `operations` applied, compact and escaped as Go does.

    Raises `BuildError`, at `[i]` when operation number i fails.
    """
    document = Raw(_compact(text))
    if text[0] in _SPACE and document.text[0] == "[":
        raise BuildError(
            "the field's JSON list must start at the first character",
            hint="remove the white space before [",
        )
    if document.text[0] not in "[{n":
        raise BuildError("the field holds a single JSON value, neither an object nor a list")
    for index, one in enumerate(operations):
        if one.path.count("/") > _LONGEST_PATH:
            raise BuildError(f"the path has more than {_LONGEST_PATH} segments", at=f"[{index}]")
    raw = [
        jsonpatch.Operation(one.operator, one.path, Raw(gojson.dumps(one.value)))
        for one in operations
    ]
    return _text(jsonpatch.apply(document, raw, _entered)).translate(_HTML)


def _compact(text: str) -> str:
    """Return valid JSON without white space; raise `BuildError` for anything else."""
    out: list[str] = []
    closers: list[str] = []
    state, position = _VALUE, 0
    while match := _TOKEN.match(text, position):
        token = match[match.lastgroup or 0]
        following = _following(state, token, match.lastgroup, closers)
        if following is None:
            raise _invalid(text, match.end() - len(token))
        out.append(token)
        state, position = following, match.end()
        if len(closers) > _DEEPEST:
            raise BuildError(f"the field's JSON is nested deeper than {_DEEPEST} levels")
    if state != _NEXT or closers or text[position:].strip(_SPACE):
        raise _invalid(text, position)
    return "".join(out)


def _following(state: int, text: str, group: str | None, closers: list[str]) -> int | None:
    """Return the state after the token `text`, None when it may not stand here."""
    if state in (_VALUE, _FIRST_ELEMENT) and text in _OPENERS:
        closers.append(_OPENERS[text])
        return _FIRST_ELEMENT if text == "[" else _FIRST_KEY
    if state in (_VALUE, _FIRST_ELEMENT) and group != "mark":
        return _NEXT
    if state in (_FIRST_KEY, _KEY) and group == "string":
        return _COLON
    if state == _COLON:
        return _VALUE if text == ":" else None
    if state == _NEXT and text == "," and closers:
        return _KEY if closers[-1] == "}" else _VALUE
    may_end = state in (_FIRST_ELEMENT, _FIRST_KEY, _NEXT)
    return _closed(text, closers) if may_end else None


def _closed(text: str, closers: list[str]) -> int | None:
    if closers and text == closers[-1]:
        closers.pop()
        return _NEXT
    return None


def _invalid(text: str, position: int) -> BuildError:
    line = text.count("\n", 0, position) + 1
    return BuildError(f"the field holds no valid JSON: line {line} of its text is malformed")


def _entered(node: jsonpatch.Node) -> jsonpatch.Node:
    """Return an untouched object or list with its members apart; null becomes None."""
    if not isinstance(node, Raw):
        return node
    text = node.text
    if text == "null":
        return None
    if text[0] == "[":
        return [Raw(item) for item in _parts(text)]
    if text[0] != "{":
        return node
    members: dict[str, Any] = {}
    mentions: list[str] = []
    for part in _parts(text):
        match = _TOKEN.match(part)
        literal = match[0] if match else ""
        key = _unquoted(literal)
        mentions.append(key)
        members[key] = Raw(part[len(literal) + 1 :])
    return members if len(members) == len(mentions) else Repeated(members, mentions)


def _parts(text: str) -> list[str]:
    """Return the texts between the outermost brackets and commas of compact JSON."""
    parts: list[str] = []
    depth, start = 0, 1
    for match in _TOKEN.finditer(text):
        mark = match["mark"]
        if mark in ("[", "{"):
            depth += 1
        elif mark in ("]", "}"):
            depth -= 1
        if (depth == 1 and mark == ",") or depth == 0:
            if match.start() > start:
                parts.append(text[start : match.start()])
            start = match.end()
    return parts


def _unquoted(literal: str) -> str:
    body = literal[1:-1]
    return _STRING_ESCAPE.sub(_character, body) if "\\" in body else body


def _character(match: re.Match[str]) -> str:
    high, low, code, short = match.groups()
    if short:
        return _SHORT.get(short, short)
    if high:
        return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00)
    number = int(code, 16)
    # Go reads half a surrogate pair as the replacement character.
    return "\ufffd" if 0xD800 <= number < 0xE000 else chr(number)


def _text(node: jsonpatch.Node) -> str:
    """Return the text of a tree; only as deep as operations went, so recursion is bounded."""
    if isinstance(node, Raw):
        return node.text
    if isinstance(node, list):
        return f"[{','.join(map(_text, node))}]"
    keys = node.mentions if isinstance(node, Repeated) else node
    null = Raw("null")
    members = (f"{gojson.dumps(key)}:{_text(node.get(key, null))}" for key in keys)
    return f"{{{','.join(members)}}}"
