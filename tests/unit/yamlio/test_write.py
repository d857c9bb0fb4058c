"""Layout, order of keys, styles and folding, each rule of go-yaml's emitter at its edge."""

from typing import Any

import pytest

from armada_render.yamlio import dumps, limits, loads, write
from armada_render.yamlio.keyorder import ordered


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": {"b": {"c": 1}}}, "a:\n  b:\n    c: 1\n"),
        ({"a": ["x", {"b": 1, "c": [2]}]}, "a:\n- x\n- b: 1\n  c:\n  - 2\n"),
        ([["a", "b"], [["c"]]], "- - a\n  - b\n- - - c\n"),
        ({"a": {}, "b": []}, "a: {}\nb: []\n"),
        ([{}, []], "- {}\n- []\n"),
        ({}, "{}\n"),
        ([], "[]\n"),
        ([None, True, False], "- null\n- true\n- false\n"),
        ("x", "x\n"),
        ("", '""\n'),
        ("a\nb", "|-\n  a\n  b\n"),
        ({"a\nb": "c"}, "? |-\n  a\n  b\n: c\n"),
        ({"a\nb": {"c": 1}}, "? |-\n  a\n  b\n: c: 1\n"),
        ({"a\nb": ["c", "d"]}, "? |-\n  a\n  b\n: - c\n  - d\n"),
        ({"a\nb": {}}, "? |-\n  a\n  b\n: {}\n"),
        ({"k" * 128: 1}, "k" * 128 + ": 1\n"),
        ({"k" * 129: 1}, "? " + "k" * 129 + "\n: 1\n"),
        ({"é" * 65: 1}, "? " + "é" * 65 + "\n: 1\n"),
    ],
)
def test_layout(value: Any, text: str) -> None:
    assert dumps(value) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "1"),
        (-(2**63), "-9223372036854775808"),
        (2**64 - 1, "18446744073709551615"),
        (2**64, "1.8446744073709552e+19"),
        (1.0, "1"),
        (0.0, "0"),
        (1e5, "100000"),
        (1e6, "1e+06"),
        (123456.5, "123456.5"),
        (1234567.5, "1.2345675e+06"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (-2.5, "-2.5"),
        (1e21, "1e+21"),
        (5e-324, "5e-324"),
    ],
)
def test_numbers(number: float, text: str) -> None:
    assert dumps(number) == f"{text}\n"


@pytest.mark.parametrize(
    "text",
    [
        "8080:80",
        "1:60",
        "10:70",
        "1e400",
        "1.2.3",
        "v1",
        "<<",
        "=",
        "yEs",
        "0x",
        "2020-13-01",
        "2020-01-01T10:00:00",
        "a,b",
        "a]b",
        "-x",
        "?x",
        ":x",
        "a#b",
        "C:\\d",
        "é",
        "a\xa0b",
        "2020-02-30",
        "2021-02-29",
        "2020-01-01 10:00:00Z",
        "2020-01-01T24:00:00Z",
        "._5",
    ],
)
def test_stays_plain(text: str) -> None:
    assert dumps(text) == f"{text}\n"


@pytest.mark.parametrize(
    "text",
    [
        "true",
        "y",
        "null",
        "~",
        "8080",
        "1.10",
        "0x1F",
        "1_000",
        "1e5",
        "2020-01-01",
        "12:30",
        "22:22",
        "0b-1",
        ".5_5",
        ".inf",
        "2020-02-29",
        "2020-1-2T3:4:5Z",
        "2020-1-2t3:4:5.9+24:60",
        "2020-01-01  10:00:00,5",
        "190:20:30.15",
        "1900-01-01",
        "2000-02-29",
    ],
)
def test_is_quoted_because_it_reads_as_something_else(text: str) -> None:
    assert dumps(text) == f'"{text}"\n'
    assert loads(dumps({text: text})) == {text: text}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a: b", "'a: b'"),
        ("- x", "'- x'"),
        ("#x", "'#x'"),
        ("a #x", "'a #x'"),
        (" x", "' x'"),
        ("x ", "'x '"),
        ("it's: x", "'it''s: x'"),
        ("---x", "'---x'"),
        ("-", "'-'"),
        ("a:", "'a:'"),
        ("a\tb", '"a\\tb"'),
        ("\x7f\x00\x1b", '"\\x7F\\0\\e"'),
        ("😀", '"\\U0001F600"'),
        ("\uffff", '"\\uFFFF"'),
        ("\ufeffa b", '"\\uFEFF\\x61\\x20\\x62"'),
        ('a\t"\\', '"a\\t\\"\\\\"'),
        ("a\u2028b", "'a\u2028  b'"),
        ("a \u2028b", '"a \\Lb"'),
        ("a\u2028 b", '"a\\L b"'),
        ("a\x85b", "a b"),
        ("a \x85 \x85 b", "|-\n  a\n  b"),
    ],
)
def test_style_follows_the_content(text: str, written: str) -> None:
    assert dumps(text) == f"{written}\n"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a\n", "|\n  a\n"),
        ("a\n\n", "|+\n  a\n\n"),
        ("\n", "|2+\n\n"),
        (" a\nb\n", "|2\n   a\n  b\n"),
        ("a\n\nb", "|-\n  a\n\n  b\n"),
        ("a\nb\u2028c", "|-\n  a\n  b\u2028  c\n"),
        ("a\nb\u2028", "|\n  a\n  b\u2028"),
        ("a\n b", "|-\n  a\n   b\n"),
        ("a \nb", '"a \\nb"\n'),
        ("a\tb\nc", '"a\\tb\\nc"\n'),
        ("a\nb ", '"a\\nb "\n'),
    ],
)
def test_several_lines(text: str, written: str) -> None:
    assert dumps(text) == written


def test_a_plain_value_is_folded_beyond_column_80() -> None:
    flags = "--config=/etc/app/config.yaml --listen=0.0.0.0:8080 --log-level=debug"
    value = f"/bin/app {flags} --feature-gates=A=true,B=false --extra"
    assert dumps({"cmd": value}) == (
        f"cmd: /bin/app {flags}\n  --feature-gates=A=true,B=false --extra\n"
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(["x" * 78 + " y"], f"- {'x' * 78} y\n", id="column-80-is-not-beyond"),
        pytest.param(["x" * 79 + " y"], f"- {'x' * 79}\n  y\n", id="column-81-is"),
        pytest.param(["x" * 79 + "  y z"], f"- {'x' * 79}  y\n  z\n", id="not-between-two-spaces"),
        pytest.param(["x" * 90], f"- {'x' * 90}\n", id="no-space-no-fold"),
        pytest.param([": " + "x" * 80 + " y"], f"- ': {'x' * 80}\n  y'\n", id="single"),
        pytest.param(["x" * 90 + " "], f"- '{'x' * 90} '\n", id="not-at-the-end"),
        pytest.param(["\t" + "x" * 80 + " y"], f'- "\\t{"x" * 80}\n  y"\n', id="double"),
        pytest.param(["\t" + "x" * 80 + "  y"], f'- "\\t{"x" * 80}\n  \\ y"\n', id="double-spaces"),
        pytest.param({"k " * 50: 1}, f"'{'k ' * 50}': 1\n", id="keys-are-not-folded"),
        pytest.param(
            {"kk " * 50: 1}, f"? '{'kk ' * 26}kk\n  {'kk ' * 23}'\n: 1\n", id="long-keys-are"
        ),
        pytest.param(["\t'\"" + "x" * 90], '- "\\t\'\\"' + "x" * 90 + '"\n', id="quotes"),
    ],
)
def test_folding(value: Any, text: str) -> None:
    assert dumps(value) == text
    assert loads(text) == value


def test_order_of_keys() -> None:
    expected = [
        "-y",
        "_x",
        "~t",
        "1",
        "2",
        "10",
        "A",
        "B",
        "a-b",
        "a.b",
        "a_b",
        "a0",
        "a00",
        "a1",
        "a01",
        "a2",
        "a10",
        "aB",
        "ab",
        "b",
        "é",
    ]
    assert ordered(sorted(expected)) == expected
    assert ordered(reversed(expected)) == expected


def test_order_of_many_keys_without_digits() -> None:
    assert ordered(["b", "a/b", "a", "a.b", "Ab", "_", "[x", "~x"]) == (
        ["[x", "_", "~x", "Ab", "a", "a.b", "a/b", "b"]
    )


def test_zeros_count_by_what_stands_before_them() -> None:
    assert ordered(["a10", "a1", "a100", "a00", "a0"]) == ["a0", "a00", "a1", "a10", "a100"]
    assert ordered(["x.b0", "x.b01", "y-0", "y-1"]) == ["x.b0", "x.b01", "y-0", "y-1"]


def test_example_25_of_the_yaml_field_pipeline() -> None:
    text = """\
# tuning
"on": 'y'
enabled: on
limit: 1.0
mode: 0644
replicas: 3
ver: 1.10
ports:
  - "8080"
  - 22
script: |
  a
    b
tabbed: "x\\ty\\nz"
---
dropped: true
"""
    assert (
        dumps(loads(text))
        == """\
enabled: true
limit: 1
mode: 420
"on": "y"
ports:
- "8080"
- 22
replicas: 3
script: |
  a
    b
tabbed: "x\\ty\\nz"
ver: 1.1
"""
    )


@pytest.mark.parametrize("value", [{1: "a"}, {"a": object()}, ("a",), b"a"])
def test_what_json_does_not_have_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        dumps(value)


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_infinities_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match="no infinity"):
        dumps(value)


def test_memos_start_anew_when_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "MEMO_ENTRIES", 2)
    monkeypatch.setattr("armada_render.yamlio.compose.MEMO_ENTRIES", 2)
    for number in range(5):
        value = {f"key-{number}": f"value {number}", "x": {f"k{number}": "y"}}
        assert loads(dumps(value)) == value
    assert limits.MEMO_ENTRIES > 2
