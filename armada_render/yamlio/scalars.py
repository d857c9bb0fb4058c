"""How go-yaml v2 writes one string: style, escapes and folding (its encode.go, emitterc.go)."""

import re
from enum import Enum, auto
from functools import cache

from msgspec import Struct

from armada_render.model.pattern import DIGITS, LETTERS, pattern
from armada_render.yamlio.resolve import reads_as_string

WIDTH = 80
"""A line is folded at the first suitable space beyond this column."""

_UNPRINTABLE_ASCII = r"[\0-\t\x0b-\x1f\x7f]"
_UNPRINTABLE = r"[\0-\t\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff\U00010000-\U0010ffff]"
# Of the characters that break a line only these are printable, so that the others need no thought.
_BREAKS = frozenset("\n\u2028\u2029")
NEXT_LINE = "\x85"
# With these alone, a string is plain unless its first or last characters say more.
_HARMLESS = frozenset(LETTERS + DIGITS + "-_./:=+, ")


class _Patterns(Struct, frozen=True):
    """What to look for in a string; for ASCII text there are patterns that compile much faster."""

    not_plain: re.Pattern[str]
    not_single: re.Pattern[str]
    not_literal: re.Pattern[str]
    escaped: re.Pattern[str]


def _compiled(unprintable: str, breaks: str) -> _Patterns:
    indicator = (
        r"\A(?:---|\.\.\.|[#,\[\]{}&*!|>'\"%@`]|[-?:](?:[ \t]|\Z))"
        rf"|:(?:[ \t]|\Z)|[ \t{breaks}]#"
    )
    return _Patterns(
        not_plain=pattern(rf"{unprintable}|{indicator}|[{breaks}]|\A | \Z"),
        not_single=pattern(rf"{unprintable}| [{breaks}]|[{breaks}] "),
        not_literal=pattern(rf"{unprintable}| [{breaks}]| \Z"),
        escaped=pattern(rf'{unprintable}|["\\{breaks}]'),
    )


_ASCII = _compiled(_UNPRINTABLE_ASCII, r"\n")


@cache
def _unicode() -> _Patterns:
    return _compiled(_UNPRINTABLE, r"\n\u2028\u2029")


def _patterns(text: str) -> _Patterns:
    return _ASCII if text.isascii() else _unicode()


_ESCAPES = {
    "\0": "\\0",
    "\a": "\\a",
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\v": "\\v",
    "\f": "\\f",
    "\r": "\\r",
    "\x1b": "\\e",
    '"': '\\"',
    "\\": "\\\\",
    "\x85": "\\N",
    "\xa0": "\\_",
    "\u2028": "\\L",
    "\u2029": "\\P",
}


class Style(Enum):
    """The styles that go-yaml gives a string."""

    PLAIN = auto()
    SINGLE = auto()
    DOUBLE = auto()
    LITERAL = auto()


def style_of(text: str) -> Style:
    """Return the style of `text`: the one wanted, or the nearest that its characters permit."""
    if "\n" in text:
        return Style.LITERAL if _is_literal(text) else Style.DOUBLE
    if not reads_as_string(text):
        return Style.DOUBLE
    if _is_surely_plain(text):
        return Style.PLAIN
    patterns = _patterns(text)
    if not patterns.not_plain.search(text):
        return Style.PLAIN
    return Style.DOUBLE if patterns.not_single.search(text) else Style.SINGLE


def _is_literal(text: str) -> bool:
    if not text.isascii():
        return _unicode().not_literal.search(text) is None
    return text.replace("\n", "").isprintable() and " \n" not in text and not text.endswith(" ")


def _is_surely_plain(text: str) -> bool:
    """Tell of most plain strings what `not_plain` would, without compiling it."""
    return (
        _HARMLESS.issuperset(text)
        and text != "-"
        and ": " not in text
        and not text.endswith((" ", ":"))
        and not text.startswith((" ", ",", "- ", "---", "..."))
    )


def without_next_line(text: str) -> str:
    """Return `text` with U+0085 folded as at any line break in quotes.

    sigs.k8s.io/yaml reads its own JSON as YAML before it writes (JSONToYAML), and JSON leaves this
    character raw.
    """
    if NEXT_LINE not in text:
        return text
    runs = rf" *{NEXT_LINE}[ {NEXT_LINE}]*"
    return re.sub(runs, lambda run: "\n" * (run.group().count(NEXT_LINE) - 1) or " ", text)


def is_multiline(text: str) -> bool:
    """Tell whether `text` holds a character that breaks a line for YAML."""
    return "\n" in text or not (text.isascii() or _BREAKS.isdisjoint(text))


def on_one_line(text: str, style: Style) -> str:
    """Return `text` in a style other than literal, not folded."""
    if style is Style.PLAIN:
        return text
    if style is Style.SINGLE:
        return "'" + text.replace("'", "''") + "'"
    if text.startswith("\ufeff"):
        # emitterc.go asks whether the *text* starts with a byte order mark, at each of its
        # characters.
        return '"' + "".join(map(_escape, text)) + '"'
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + _patterns(text).escaped.sub(_escape_match, text) + '"'


def placed(text: str, column: int, indent: int) -> str:
    """Return `text` as the value that starts at `column`, with the end of its last line.

    `indent` is where a continued line starts.
    """
    text = without_next_line(text)
    style = style_of(text)
    if style is Style.LITERAL:
        return _literal(text, indent)
    plain = on_one_line(text, style)
    if style is Style.DOUBLE and text.startswith("\ufeff"):
        return plain + "\n"
    if not (is_multiline(plain) or (column + len(plain) > WIDTH and " " in plain)):
        return plain + "\n"
    return _folded(text, style, column, indent) + "\n"


def _literal(text: str, indent: int) -> str:
    header = "2" if text[0] == " " or text[0] in _BREAKS else ""
    if text[-1] not in _BREAKS:
        header += "-"
    elif len(text) == 1 or text[-2] in _BREAKS:
        header += "+"
    pad = " " * indent
    if text.isascii():
        lines = [pad + line if line else "" for line in text.split("\n")]
    else:
        lines = [_indented_breaks(line, pad) for line in text.split("\n")]
    body = "\n".join(lines)
    return f"|{header}\n{body}" if text[-1] in _BREAKS else f"|{header}\n{body}\n"


def _indented_breaks(line: str, pad: str) -> str:
    """Return `line` indented, also after the line breaks that U+2028 and U+2029 are."""
    out = []
    at_start = True
    for char in line:
        is_break = char in _BREAKS
        if at_start and not is_break:
            out.append(pad)
        out.append(char)
        at_start = is_break
    return "".join(out)


def _folded(text: str, style: Style, column: int, indent: int) -> str:
    """Write character by character, with the line breaks that folding puts in place of spaces."""
    quote = {Style.SINGLE: "'", Style.DOUBLE: '"'}.get(style, "")
    out = [quote]
    column += len(quote)
    after_space = after_break = False
    for at, char in enumerate(text):
        if char == " ":
            if column > WIDTH and not after_space and _folds_at(text, at, style):
                unit = "\n" + " " * indent
                if style is Style.DOUBLE and text[at + 1] == " ":
                    unit += "\\"
                column = 0
            else:
                unit = " "
            after_space = True
        elif char in _BREAKS and style is not Style.DOUBLE:
            unit = char
            column = -1
            after_break = True
        else:
            unit = _unit(char, style)
            if after_break:
                unit = " " * (indent - column) + unit
            after_space = after_break = False
        out.append(unit)
        column += len(unit.lstrip("\n"))
    out.append(quote)
    return "".join(out)


def _folds_at(text: str, at: int, style: Style) -> bool:
    """Tell whether the space at `at` may become a line break."""
    if style is not Style.PLAIN and not 0 < at < len(text) - 1:
        return False
    return style is Style.DOUBLE or text[at + 1] != " "


def _unit(char: str, style: Style) -> str:
    if style is Style.SINGLE and char == "'":
        return "''"
    if style is Style.DOUBLE and _patterns(char).escaped.match(char):
        return _escape(char)
    return char


def _escape_match(match: re.Match[str]) -> str:
    return _escape(match.group())


def _escape(char: str) -> str:
    short = _ESCAPES.get(char)
    if short is not None:
        return short
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"
