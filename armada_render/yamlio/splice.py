"""One small change of a YAML text: the places are those of `outline`, the words of `handwriting`.

Each step gets a text and returns a text. Nothing here promises that the result means what it
should: `edit` reads it again.
"""

import re
from typing import assert_never

from msgspec import Struct

from armada_render.yamlio.errors import YamlError
from armada_render.yamlio.handwriting import Style, block, entry, flow, scalar, spread, style_of
from armada_render.yamlio.outline import List, Map, Node, Scalar, find, outline
from armada_render.yamlio.outline import position as key_position
from armada_render.yamlio.values import Value

_BREAKS = "\n\r\x85\u2028\u2029"
_BREAK = re.compile(f"\r\n|[{_BREAKS}]")


class Replace(Struct, frozen=True):
    """Write another value at a place that has one."""

    path: tuple[str | int, ...]
    value: Value


class Insert(Struct, frozen=True):
    """Add a key to a map that is not empty, or an item to such a list before the given index."""

    path: tuple[str | int, ...]
    value: Value


class Remove(Struct, frozen=True):
    """Take away a key or an item that is not the only one."""

    path: tuple[str | int, ...]


Step = Replace | Insert | Remove


def spliced(text: str, index: int, step: Step) -> str:
    """Return `text` with one step taken in document number `index`. Raises `YamlError`."""
    root = outline(text, index)
    path = step.path[:-1] if isinstance(step, Insert) else step.path
    nodes = find(root, path)
    if len(nodes) != len(path) + 1:
        _refuse(text, nodes[-1], "what is to be changed comes from an alias or a merge")
    page = _Page(text, style_of(root, text))
    match step:
        case Replace():
            return page.replace(nodes, step)
        case Insert():
            return page.insert(nodes[-1], step)
        case Remove():
            return page.remove(nodes[-2], step)
        case _:
            assert_never(step)


def _refuse(text: str, node: Node, why: str) -> None:
    line = len(_BREAK.findall(text, 0, node.start)) + 1
    raise YamlError(f"{why}; edit it by hand", line)


class _Page:
    """A text, how it is written, and where its lines begin and end."""

    def __init__(self, text: str, style: Style) -> None:
        self._text = text
        self._style = style
        found = _BREAK.search(text)
        self._newline = found.group() if found else "\n"

    def replace(self, nodes: list[Node], step: Replace) -> str:
        """Return the text with another value in the place of the last of `nodes`."""
        node = nodes[-1]
        parent = nodes[-2] if len(nodes) > 1 else None
        value = step.value
        is_small = not isinstance(value, dict | list) or not value
        if not isinstance(parent, Map | List):
            raise YamlError("a whole document is not replaced; edit it by hand")
        if parent.is_flow:
            return self._cut(node.start, node.end, self._in_flow(parent, value))
        if isinstance(node, Map | List) and not node.is_flow:
            return self._replace_block(parent, node, step)
        if is_small:
            quote = node.style if isinstance(node, Scalar) else ""
            return self._cut(node.start, node.end, self._after(node, scalar(value, quote)))
        return self._open(parent, node, step)

    def _after(self, node: Node, text: str) -> str:
        """Return `text` with a space before it where an empty value stands right behind `:`."""
        return f" {text}" if node.start == node.end and self._before(node.start) in ":-" else text

    def _replace_block(self, parent: Map | List, node: Map | List, step: Replace) -> str:
        """Write another value in the place of a block collection."""
        value = step.value
        if isinstance(parent, List):
            # It begins right behind its dash.
            lines = self._value_lines(value, node.column)
            return self._cut(node.start, self._line_end(node.end), lines.lstrip(" "))
        colon = self._colon(parent, step)
        if isinstance(value, dict | list) and value:
            lines = self._value_lines(value, self._indent_of(parent, value))
            return self._cut(self._line_end(colon), self._line_end(node.end), self._newline + lines)
        head = self._text[: colon + 1] + f" {scalar(value)}"
        kept = self._text[colon + 1 : self._line_end(colon)]
        return head + kept + self._text[self._line_end(node.end) :]

    def _open(self, parent: Map | List, node: Node, step: Replace) -> str:
        """Write a collection in block style in the place of a scalar, `{}` or nothing."""
        value = step.value
        if isinstance(parent, List):
            column = node.start - self._line_start(node.start)
            if node.start == node.end:
                column += 1
            lines = self._value_lines(value, column).lstrip(" ")
            return self._cut(node.start, node.end, self._after(node, lines))
        colon = self._colon(parent, step)
        end = self._line_end(node.end)
        lines = self._newline + self._value_lines(value, self._indent_of(parent, value))
        kept = self._text[node.end : end]
        return self._text[: colon + 1] + kept.rstrip(" ") + lines + self._text[end:]

    def insert(self, parent: Node, step: Insert) -> str:
        """Return the text with one more entry of `parent`."""
        if isinstance(parent, Scalar):
            raise YamlError("what is to be changed comes from an alias; edit it by hand")
        name = step.path[-1]
        if parent.is_flow:
            return self._insert_flow(parent, step)
        if isinstance(parent, Map):
            lines = entry(str(name), step.value, parent.column, self._style)
            at = self._line_end(parent.end)
            return self._cut(at, at, self._newline + self._newline.join(lines))
        lines_text = self._value_lines([step.value], parent.column)
        number = int(name)
        if number == 0:
            at = self._line_start(self._dash(parent, 0))
            return self._cut(at, at, lines_text + self._newline)
        at = self._line_end(parent.items[number - 1].end)
        return self._cut(at, at, self._newline + lines_text)

    def remove(self, parent: Node, step: Remove) -> str:
        """Return the text without one entry of `parent`."""
        number, spans = self._entries(parent, step.path[-1])
        start, end = spans[number]
        last = number == len(spans) - 1
        if isinstance(parent, Map | List) and parent.is_flow:
            if last:
                return self._cut(spans[number - 1][1], end, "")
            return self._cut(start, spans[number + 1][0], "")
        begin = self._line_start(start)
        if self._text[begin:start].strip(" "):
            if last:
                raise YamlError('keys that begin with "?" are not removed; edit it by hand')
            # It stands behind a dash, which the next one inherits.
            return self._cut(start, spans[number + 1][0], "")
        stop = self._line_end(end)
        found = _BREAK.match(self._text, stop)
        if found:
            return self._cut(begin, found.end(), "")
        before = 2 if self._text[:begin].endswith("\r\n") else 1
        return self._cut(max(begin - before, 0), stop, "")

    def _entries(self, parent: Node, name: str | int) -> tuple[int, list[tuple[int, int]]]:
        """Return which entry of `parent` has a key or an index, and where each begins and ends."""
        if isinstance(parent, Map):
            number = key_position(parent, str(name))
            return number or 0, [(key.start, value.end) for key, value in parent.entries]
        assert isinstance(parent, List)  # noqa: S101 - scalars have no entries
        number = int(name)
        if parent.is_flow:
            return number, [(item.start, item.end) for item in parent.items]
        dashes = [self._dash(parent, i) for i in range(len(parent.items))]
        ends = [item.end for item in parent.items]
        return number, list(zip(dashes, ends, strict=True))

    def _insert_flow(self, parent: Map | List, step: Insert) -> str:
        name = step.path[-1]
        written = self._in_flow(parent, step.value)
        if isinstance(parent, Map):
            written = f"{flow(str(name), is_json=self._style.is_json)}: {written}"
            spans = [(key.start, value.end) for key, value in parent.entries]
            number = len(spans)
        else:
            spans = [(item.start, item.end) for item in parent.items]
            number = int(name)
        is_spread = self._is_first_on_line(spans[-1][0])
        gap = self._newline + self._margin(spans[-1][0]) if is_spread else " "
        if number < len(spans):
            at = spans[number][0]
            return self._cut(at, at, f"{written},{gap}")
        end = spans[-1][1]
        behind = self._text[end : parent.end - 1]
        if "," in behind.partition("#")[0]:
            comma = end + behind.index(",") + 1
            at = min(self._line_end(comma), parent.end - 1)
            return self._cut(at, at, f"{gap}{written},")
        at = min(self._line_end(end), parent.end - 1) if is_spread else end
        return self._text[:end] + "," + self._text[end:at] + gap + written + self._text[at:]

    def _in_flow(self, parent: Map | List, value: Value) -> str:
        """Return a value as an entry of a collection in brackets."""
        spans = _spans(parent)
        if not spans or not self._is_first_on_line(spans[-1][0]):
            return flow(value, is_json=self._style.is_json)
        margin = len(self._margin(spans[-1][0]))
        step = max(margin - len(self._margin(parent.start)), 1)
        return spread(value, margin, step, self._newline, is_json=self._style.is_json)

    def _value_lines(self, value: Value, indent: int) -> str:
        if isinstance(value, dict | list) and value:
            return self._newline.join(block(value, indent, self._style))
        return " " * indent + scalar(value)

    def _indent_of(self, parent: Map, value: Value) -> int:
        step = self._style.step if isinstance(value, dict) else self._style.list_step
        return parent.column + step

    def _colon(self, parent: Map, step: Replace) -> int:
        """Return where the colon behind the key of `step` stands."""
        key = parent.entries[key_position(parent, str(step.path[-1])) or 0][0]
        return self._text.index(":", key.end)

    def _dash(self, parent: List, number: int) -> int:
        """Return where the dash of an item of a block list stands."""
        if number == 0:
            return self._text.index("-", parent.start)
        at = parent.items[number].start
        while True:
            at = self._text.rindex("-", 0, at)
            if at - self._line_start(at) == parent.column:
                return at

    def _cut(self, start: int, end: int, text: str) -> str:
        return self._text[:start] + text + self._text[end:]

    def _before(self, at: int) -> str:
        return self._text[at - 1 : at]

    def _line_start(self, at: int) -> int:
        return max(self._text.rfind(char, 0, at) for char in _BREAKS) + 1

    def _line_end(self, at: int) -> int:
        found = _BREAK.search(self._text, at)
        return found.start() if found else len(self._text)

    def _margin(self, at: int) -> str:
        """Return the spaces that the line of `at` begins with."""
        start = self._line_start(at)
        line = self._text[start : self._line_end(at)]
        return line[: len(line) - len(line.lstrip(" \t"))]

    def _is_first_on_line(self, at: int) -> bool:
        return not self._text[self._line_start(at) : at].strip(" \t")


def _spans(parent: Map | List) -> list[tuple[int, int]]:
    if isinstance(parent, Map):
        return [(key.start, value.end) for key, value in parent.entries]
    return [(item.start, item.end) for item in parent.items]
