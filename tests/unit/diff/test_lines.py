"""Fields as lines, on a terminal and with marks."""

from typing import Any

import pytest
from msgspec import UNSET

from armada_render.diff.lines import MOST_LINES, diff_lines, field_lines
from armada_render.diff.rows import FieldRow


def _row(before: Any, after: Any, change: str = "changed") -> FieldRow:
    return FieldRow(field="a.b", change=change, secret=False, before=before, after=after)


@pytest.mark.parametrize(
    ("row", "lines", "marked"),
    [
        (_row(1, 2), ["a.b: 1 → 2"], ["-1", "+2"]),
        (_row(UNSET, {"x": [1]}, "added"), ['a.b: added {"x":[1]}'], ["+x:", "+- 1"]),
        (_row([], UNSET, "removed"), ["a.b: removed []"], ["-[]"]),
        (_row(["a", "b"], ["b", "a"], "reordered"), ["a.b: order a, b → b, a"], ["-a, b", "+b, a"]),
        (_row("one\n", 1), ['a.b: "one\\n" → 1'], ["-one", "+1"]),
        (_row(None, "x"), ['a.b: null → "x"'], ["-null", '+"x"']),
        (
            _row(UNSET, "one\ntwo\n", "added"),
            ["a.b: added, +2 -0 lines", "  +one", "  +two"],
            ["+one", "+two"],
        ),
        (
            _row("x\ny", "x\nz"),
            ["a.b: +1 -1 lines", "   x", "  -y", "  +z"],
            [" x", "-y", "+z"],
        ),
    ],
)
def test_fields_are_told_in_both_ways(row: FieldRow, lines: list[str], marked: list[str]) -> None:
    assert field_lines(row) == lines
    assert diff_lines(row)[1:] == marked


def test_far_apart_lines_leave_out_what_stays() -> None:
    old = "".join(f"line {number}\n" for number in range(30))
    new = old.replace("line 2\n", "two\n").replace("line 27\n", "new\n")
    _, *lines = field_lines(_row(old, new))
    assert "   …" in lines
    assert "   line 15" not in lines
    changed = [line for line in lines if line[2] in "+-"]
    assert changed == ["  -line 2", "  +two", "  -line 27", "  +new"]


def test_texts_without_much_alike_are_cut_and_not_compared_line_by_line() -> None:
    old = "".join(f"old {number}\n" for number in range(20_000))
    new = "".join(f"new {number}\n" for number in range(20_000))
    head, *lines = field_lines(_row(old, new))
    assert head == "a.b: +20,000 -20,000 lines"
    assert len(lines) == MOST_LINES + 1
    assert lines[-1] == "  … and 39,960 more lines"
    assert diff_lines(_row(old, new))[-1] == "… and 39,960 more lines"


def test_what_drives_terminals_is_made_visible() -> None:
    head, *lines = field_lines(_row("a\n", "\x1b[2Jb\n\u202ec"))
    assert head == "a.b: +2 -1 lines"
    assert r"  +\x1b[2Jb" in lines
    assert "\x1b" not in "".join(lines)
    assert "\u202e" not in "".join(lines)
