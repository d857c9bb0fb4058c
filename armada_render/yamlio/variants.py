"""Write an object that comes in variants: what they share once, and only the rest for each.

Changing a manifest copies the way to the changed place and shares all else, so what variants have
in common are the very same objects. They are walked side by side; where they part, a gap is left.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from msgspec import Struct

from armada_render.yamlio.values import Value
from armada_render.yamlio.write import Append, order, write_list, write_map

_Map = dict[str, Value]
_Write = Callable[[Append, Any, int, str], None]


class Frame(Struct, frozen=True):
    """What all variants have in common, in UTF-8: a gap stands between every two `pieces`."""

    pieces: tuple[bytes, ...]

    def filled(self, fillings: Sequence[bytes]) -> bytes:
        """Return the variant with these `fillings`, one for each gap."""
        parts = [b""] * (2 * len(self.pieces) - 1)
        parts[::2] = self.pieces
        parts[1::2] = fillings
        return b"".join(parts)


def framed(values: Sequence[_Map]) -> tuple[Frame, list[tuple[bytes, ...]]]:
    """Return the frame of some non-empty maps, and what fills its gaps for each of them.

    A filled frame is, to the byte, what `dumps` makes of that map; errors are its errors too.
    """
    cut = _Cut(len(values))
    _cut_map(cut, values, 0, "")
    return cut.result()


class _Cut:
    """Collects lines that all variants have (`write`), and those that each has of its own."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._lines: list[str] = []
        self._pieces: list[bytes] = []
        self._gaps: list[list[str]] = []
        self.write = self._lines.append

    def part(self, write: _Write, values: Iterable[Value], indent: int, lead: str) -> None:
        """Write something else for each variant; the arguments are those of `write`."""
        if self._lines or not self._gaps:
            self._pieces.append("".join(self._lines).encode())
            self._lines.clear()
            self._gaps.append([""] * self._count)
        gap = self._gaps[-1]
        for number, value in enumerate(values):
            lines = [gap[number]]
            write(lines.append, value, indent, lead)
            gap[number] = "".join(lines)

    def result(self) -> tuple[Frame, list[tuple[bytes, ...]]]:
        """Return the frame, and the fillings of each variant."""
        frame = Frame((*self._pieces, "".join(self._lines).encode()))
        gaps = [[text.encode() for text in gap] for gap in self._gaps]
        return frame, list(zip(*gaps, strict=True)) if gaps else [()] * self._count


def _cut_map(cut: _Cut, values: Sequence[_Map], indent: int, lead: str) -> None:
    """Write maps side by side, as `write_map` writes one."""
    first = values[0]
    if any(value.keys() != first.keys() for value in values):
        cut.part(write_map, values, indent, lead)
        return
    pad = " " * indent
    for key, head in order(tuple(first)):
        children = [value[key] for value in values]
        if _are_one(children):
            write_map(cut.write, {key: children[0]}, indent, lead)
        elif head and _are_maps(children):
            cut.write(f"{lead}{head}\n")
            _cut_map(cut, children, indent + 2, f"{pad}  ")
        elif head and _are_lists_of_one_length(children):
            cut.write(f"{lead}{head}\n")
            _cut_list(cut, children, indent, pad)
        else:
            cut.part(write_map, [{key: child} for child in children], indent, lead)
        lead = pad


def _cut_list(cut: _Cut, values: Sequence[list[Value]], indent: int, lead: str) -> None:
    """Write lists of one length side by side, as `write_list` writes one."""
    for children in map(list, zip(*values, strict=True)):
        if _are_one(children):
            write_list(cut.write, [children[0]], indent, lead)
        elif _are_maps(children):
            _cut_map(cut, children, indent + 2, f"{lead}- ")
        else:
            cut.part(write_list, [[child] for child in children], indent, lead)
        lead = " " * indent


def _are_one(values: Sequence[Value]) -> bool:
    first = values[0]
    return all(value is first for value in values)


def _are_maps(values: Sequence[Value]) -> bool:
    return all(value.__class__ is dict and value for value in values)


def _are_lists_of_one_length(values: Sequence[Value]) -> bool:
    first = values[0]
    if first.__class__ is not list or not first:
        return False
    return all(value.__class__ is list and len(value) == len(first) for value in values)
