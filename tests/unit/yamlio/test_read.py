"""The table of what kubectl reads, and what a user hears when it cannot."""

from typing import Any

import pytest

from armada_render import yamlio
from armada_render.yamlio.limits import MAX_DEPTH


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("[yes, No, on, OFF]", [True, False, True, False], id="yaml-1.1-booleans"),
        pytest.param("[y, n, Y, N]", [True, False, True, False], id="one-letter-booleans"),
        pytest.param("{y: 1, off: 2}", {"true": 1, "false": 2}, id="boolean-keys"),
        pytest.param("[yEs, nULL]", ["yEs", "nULL"], id="words-in-other-case"),
        pytest.param("[0644, 010, 0o644, 08, 0x1F, 0b11]", [420, 8, 420, 8, 31, 3], id="bases"),
        pytest.param("[1_000, 0x_1f, -_1]", [1000, 31, -1], id="underscores"),
        pytest.param("[0b-1, '0b-1', 0b2]", [-1, "0b-1", "0b2"], id="signed-binary"),
        pytest.param("[1:30, 190:20:30.15]", ["1:30", "190:20:30.15"], id="base-60"),
        pytest.param("[1e3, 12e03, 1.0, 5., -0.0]", [1000, 12000, 1, 5, 0], id="integral-floats"),
        pytest.param("[1.10, .5, .5_5, +.5]", [1.1, 0.5, 0.55, 0.5], id="fractions"),
        pytest.param("[._5, .e5, 1e400, .1e400]", ["._5", ".e5", "1e400", ".1e400"], id="no-float"),
        pytest.param(
            "[2024-01-02, 2024-1-2T3:4:5Z]", ["2024-01-02", "2024-1-2T3:4:5Z"], id="dates"
        ),
        pytest.param("9223372036854775807", 2**63 - 1, id="int64"),
        pytest.param("18446744073709551615", 2**64 - 1, id="uint64"),
        pytest.param("18446744073709551616", 18446744073709552000, id="beyond-uint64"),
        pytest.param("-9223372036854775809", -9223372036854776000, id="below-int64"),
        pytest.param("+9223372036854775808", 9223372036854776000, id="signed-beyond-int64"),
        pytest.param("1e21", 1e21, id="large-float"),
        pytest.param(
            "{8080: a, 1.10: b, 1e6: c}", {"8080": "a", "1.1": "b", "1e+06": "c"}, id="keys"
        ),
        pytest.param("{.inf: 1, .nan: 2}", {".inf": 1, ".nan": 2}, id="infinite-keys"),
        pytest.param("{1e39: 1}", {".inf": 1}, id="a-key-is-a-32-bit-float"),
        pytest.param("[<<, =]", ["<<", "="], id="signs-are-strings"),
        pytest.param("[!!str 1, !foo 1, ! 1]", ["1", "1", "1"], id="tags-that-leave-the-text"),
        pytest.param("[!!float 1, !!int '1', !!bool y]", [1, 1, True], id="tags-that-convert"),
        pytest.param("!!timestamp 2024-01-02", "2024-01-02", id="a-tagged-timestamp"),
        pytest.param("!!merge <<: {a: 1}", {"a": 1}, id="a-tagged-merge"),
        pytest.param(f"0b-{'1' * 64}", f"0b-{'1' * 64}", id="binary-below-int64"),
        pytest.param("!!binary aGk=", "hi", id="base64"),
        pytest.param("!!binary /+I=", "\ufffd\ufffd", id="base64-of-no-utf-8"),
        pytest.param("a: &x 1.0\n*x : 2", {"a": 1, "1": 2}, id="an-alias-as-a-key"),
        pytest.param("[&a 1, &a 2, *a]", [1, 2, 2], id="the-last-anchor-counts"),
        pytest.param("&a [&a x, *a]", ["x", "x"], id="an-anchor-taken-over-inside"),
        pytest.param("b: &b {x: 1}\nc: {<<: *b, y: 2}", {"b": {"x": 1}, "c": {"x": 1, "true": 2}}),
        pytest.param("<<: [{a: 1}, {b: 2}]", {"b": 2, "a": 1}, id="a-merge-of-a-list"),
        pytest.param("'<<': {a: 1}", {"<<": {"a": 1}}, id="a-quoted-merge-is-a-key"),
        pytest.param("{a:}", {"a:": None}, id="a-colon-before-a-bracket"),
        pytest.param('"it\\\'s"', "it's", id="an-escaped-apostrophe"),
        pytest.param("1: a\n'1': b", {"1": "b"}, id="keys-that-only-json-makes-equal"),
        pytest.param("[]: x", [], id="go-yaml-stops-behind-an-empty-list"),
        pytest.param("{}: x", {}, id="go-yaml-stops-behind-an-empty-map"),
        pytest.param("\ufeffa: b\r\nc: d\r\n", {"a": "b", "c": "d"}, id="mark-and-crlf"),
        pytest.param("", None, id="nothing"),
        pytest.param("# only a comment", None, id="a-comment"),
        pytest.param("a: 1\n---\n]", {"a": 1}, id="only-the-first-document-is-read"),
    ],
)
def test_reads_as_kubectl(text: str, value: Any) -> None:
    result = yamlio.loads(text)
    assert result == value
    assert repr(result) == repr(value), "1, 1.0 and True are not the same"


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        (
            "spec:\n  replicas: 1\n  x: 2\n  replicas: 3",
            4,
            3,
            'key "replicas" appears twice, first on line 2',
        ),
        ("y: 1\ntrue: 2", 2, 1, 'key "true" appears twice, first on line 1'),
        (
            "b: &b {x: 1}\nd:\n  x: 2\n  <<: *b",
            4,
            3,
            'key "x" is set twice, once by this merge ("<<")',
        ),
        (
            "b: &b {x: 1}\nd:\n  <<: *b\n  x: 2",
            4,
            3,
            'key "x" is set twice, first by a merge ("<<")',
        ),
        ("a: 1\n\tb: 2", 2, 1, "a tab indents this line; YAML allows spaces only"),
        ("a:\n\t- b", 2, 1, "a tab indents this line; YAML allows spaces only"),
        ('a: "x\nb: 1', 1, 4, "the quote that opens here is never closed"),
        (
            "a: [1, 2\nb: 3",
            2,
            2,
            'the "[" on line 1 is not closed, or a comma is missing before this',
        ),
        ("a: b: c", 1, 5, 'unexpected ":"; put the value in quotes if the colon belongs to it'),
        ("a: @b", 1, 4, 'a value cannot start with "@"; put it in quotes'),
        ("a: *secret", 1, 4, 'a value that starts with "*" is an alias'),
        ("a: &a [*a]", 1, 8, 'the anchor "&a" contains itself'),
        ("a: {{ .Values.x }}", 1, 5, "this looks like a template ({{ ... }}): render it first"),
        ("{{- if .x }}\na: 1\n{{- end }}", 1, 2, "this looks like a template"),
        ("a: .inf", 1, 4, "infinity and NaN do not exist in JSON"),
        ("- 1\n- null: 1", 2, 3, "null cannot be one"),
        ("9223372036854775808: 1", 1, 1, "a number this large cannot be a key"),
        ("? [a]\n: 1", 1, 3, "a map or list cannot be a key"),
        ("a: !!int x", 1, 4, "this is not a !!int"),
        ("a: !!float 18446744073709551615", 1, 4, "this is not a !!float"),
        ("a: !!timestamp x", 1, 4, "this is not a !!timestamp"),
        ("a: !!binary '='", 1, 4, "this is not base64"),
        ("%YAML 1.2\n---\na: 1", 1, 1, "kubectl reads YAML 1.1 only"),
        ('a: "\\/"', 1, 5, 'kubectl does not read the escape "\\/"'),
        ('a: "\\ud83d"', 1, 7, "kubectl takes no surrogate pairs"),
        ("[a?b]", 1, 2, 'kubectl reads no unquoted value with "?" inside [ ] or { }'),
        ("[{a?b: 1}]", 1, 3, 'kubectl reads no unquoted value with "?" inside [ ] or { }'),
        ("[!!str, a]", 1, 7, "write a space between the tag and the comma"),
        ("<<: 3", 1, 1, '"<<" merges maps only'),
        ("a: &a [1]\n<<: *a", 2, 1, '"<<" merges maps only'),
        ("a: b\nc: \x07", 2, 4, "the character U+0007 cannot stand in YAML"),
        ("a: \x00", 1, 4, "this is not a text file: it contains NUL bytes"),
        ("a: \ud800", 1, 4, "halves of surrogate pairs"),
        ("a: 1\n---\n\ufeffb: 1", 3, 1, "a byte order mark (U+FEFF) is in the middle of the file"),
    ],
)
def test_says_what_is_wrong_and_where(text: str, line: int, column: int, message: str) -> None:
    with pytest.raises(yamlio.YamlError) as caught:
        yamlio.load_documents(text)
    assert message in caught.value.message
    assert (caught.value.line, caught.value.column) == (line, column)
    assert str(caught.value) == f"line {line}, column {column}: {caught.value.message}"


@pytest.mark.parametrize(
    "text", ["password: *hunter2", "password: @hunter2", "p: [hunter2", "p: !!int hunter2"]
)
def test_never_repeats_a_value(text: str) -> None:
    with pytest.raises(yamlio.YamlError) as caught:
        yamlio.loads(text)
    assert "hunter2" not in str(caught.value)


def test_hints_at_a_template_only_where_one_stands() -> None:
    with pytest.raises(yamlio.YamlError) as caught:
        yamlio.loads('summary: "{{ $labels.pod }}"\nx: 1\ny: 2\nz: @a')
    assert "template" not in caught.value.message


@pytest.mark.parametrize(
    "data",
    [
        "a: é".encode(),
        "a: é".encode("utf-16"),
        b"\xfe\xff" + "a: é".encode("utf-16-be"),
        "\ufeffa: é".encode(),
    ],
)
def test_reads_utf_8_and_utf_16(data: bytes) -> None:
    assert yamlio.loads(data) == {"a": "é"}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            b"\x7fELF\x02\x01\x00",
            "line 1, column 7: this is not a text file: it contains NUL bytes",
        ),
        (
            "a: 1\nb: é".encode("latin-1"),
            "line 2, column 4: this is not a text file in UTF-8: unexpected end of data",
        ),
        (b"\xff\xfea", "line 1, column 3: this is not a text file in UTF-16: truncated data"),
    ],
)
def test_refuses_what_is_no_text(data: bytes, message: str) -> None:
    with pytest.raises(yamlio.YamlError) as caught:
        yamlio.loads(data)
    assert str(caught.value) == message


def test_documents_know_their_line_and_number() -> None:
    text = "# one\n\na: 1\n---\n---\n# three\n- b\n--- # four\nnull\n---\nc: 1\n"
    assert yamlio.load_documents(text) == [
        yamlio.Document({"a": 1}, 3, 0),
        yamlio.Document(["b"], 7, 2),
        yamlio.Document({"c": 1}, 11, 4),
    ]


def test_an_error_in_a_later_document_counts() -> None:
    with pytest.raises(yamlio.YamlError) as caught:
        yamlio.load_documents('a: 1\n---\nb: "\\/"\n')
    assert (caught.value.line, caught.value.column) == (3, 5)


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "[\n", "a:\n"])
def test_deep_nesting_is_refused(opening: str) -> None:
    text = opening * 10_000
    if opening == "a:\n":
        text = "".join(" " * level + "a:\n" for level in range(1_000))
    with pytest.raises(yamlio.YamlError, match=f"deeper than {MAX_DEPTH} levels"):
        yamlio.loads(text)


def test_the_deepest_allowed_nesting_is_written_too() -> None:
    text = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert yamlio.loads(yamlio.dumps(yamlio.loads(text))) == yamlio.loads(text)


def test_aliases_cannot_blow_a_document_up() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]
    with pytest.raises(
        yamlio.YamlError, match=r'the last one "\*a4", make this document too large'
    ):
        yamlio.loads("\n".join(lines))


def test_aliases_cannot_nest_deeper_than_brackets() -> None:
    lines = ["a0: &a0 [x]", *(f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 1_000))]
    with pytest.raises(
        yamlio.YamlError, match=r'with the alias "\*a254", maps and lists nest deeper'
    ):
        yamlio.loads("\n".join(lines))


def test_merges_count_as_aliases_do() -> None:
    keys = ", ".join(f"k{i}: 1" for i in range(1_000))
    text = f"a: &a {{{keys}}}\nl:\n" + "- {<<: *a}\n" * 1_000
    with pytest.raises(yamlio.YamlError, match="make this document too large"):
        yamlio.loads(text)


@pytest.mark.parametrize("item", ['"a\\\'b"', "{a:}"])
def test_rare_notation_is_read_a_limited_number_of_times(item: str) -> None:
    assert len(yamlio.loads(f"[{', '.join([item] * 100)}]")) == 100
    with pytest.raises(yamlio.YamlError, match="too many"):
        yamlio.loads(f"[{', '.join([item] * 101)}]")


def test_lookalike_keys_are_read_a_limited_number_of_times() -> None:
    lines = [f"{i}: a\n'{i}': b" for i in range(101)]
    assert len(yamlio.loads("\n".join(lines[:100]))) == 100
    with pytest.raises(yamlio.YamlError, match=r'key "100" appears twice$'):
        yamlio.loads("\n".join(lines))


def test_a_long_key_is_cut_in_messages() -> None:
    key = "k" * 100
    with pytest.raises(yamlio.YamlError) as caught:
        yamlio.loads(f"{key}: 1\n{key}: 2")
    assert f'key "{"k" * 77}..." appears twice' in caught.value.message


def test_equal_strings_are_one_object() -> None:
    first, second = yamlio.loads("- some text\n- 'some text'")
    assert first is second


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1\na: 2\n", {"a": 2}),
        (
            "x: &b {a: 1, b: 1}\np: {a: 2, <<: *b}\nq: {<<: *b, a: 2}\n",
            {"x": {"a": 1, "b": 1}, "p": {"a": 1, "b": 1}, "q": {"a": 2, "b": 1}},
        ),
    ],
)
def test_the_lenient_reader_lets_the_last_of_two_keys_win(text: str, value: object) -> None:
    assert yamlio.loads(text, strict=False) == value
    with pytest.raises(yamlio.YamlError):
        yamlio.loads(text)
