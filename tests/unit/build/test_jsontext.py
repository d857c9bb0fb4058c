import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from armada_render.build import jsonpatch
from armada_render.build.failure import BuildError
from armada_render.build.jsonpatch import Operation
from armada_render.build.jsontext import patched
from armada_render.model.override import Operator

ADD, REMOVE, REPLACE = Operator.ADD, Operator.REMOVE, Operator.REPLACE


@pytest.mark.parametrize(
    ("text", "operations", "want"),
    [
        (
            '{ "b" : 1.0, "a":[1, 2, "<"] }',
            [Operation(ADD, "/n", "&")],
            r'{"b":1.0,"a":[1,2,"\u003c"],"n":"\u0026"}',
        ),
        (
            r'{"x": 1e5, "s": "\u00e9\/ \"", "t": {}}',
            [Operation(REPLACE, "/t", 1)],
            r'{"x":1e5,"s":"\u00e9\/ \"","t":1}',
        ),
        (r'{"\u00e9":{"\u00e9":1},"a":1}', [Operation(REMOVE, "/a")], r'{"é":{"\u00e9":1}}'),
        (
            r'{"\ud83d\ude00\n\ud800":1}',
            [Operation(ADD, "/a", {"z": 1, "b": None})],
            '{"😀\\n\ufffd":1,"a":{"b":null,"z":1}}',
        ),
        ('{"a":1,"b":2}', [Operation(REMOVE, "/a"), Operation(ADD, "/a", 1.0)], '{"b":2,"a":1}'),
        ("[1,2]", [Operation(ADD, "/-", 3)], "[1,2,3]"),
        ("[[],{}]", [Operation(ADD, "/0/-", {"b": 1}), Operation(ADD, "/0/0/a", 2)], None),
        (' {"a":[ ]}', [Operation(ADD, "/a/0", 1)], '{"a":[1]}'),
        ("null", [Operation(REPLACE, "", {"a": 1})], '{"a":1}'),
        ('{"a":null}', [Operation(REPLACE, "/a", [])], '{"a":[]}'),
    ],
)
def test_patched_text(text: str, operations: list[Operation], want: str | None) -> None:
    assert patched(text, operations) == (want or '[[{"b":1,"a":2}],{}]')


@pytest.mark.parametrize(
    ("operations", "want"),
    [
        ([Operation(ADD, "/b", 9)], '{"a":2,"a":2,"b":9}'),
        ([Operation(REPLACE, "/a", 9)], '{"a":9,"a":9,"b":1}'),
        ([Operation(REMOVE, "/a")], '{"a":null,"b":1}'),
        ([Operation(REMOVE, "/a"), Operation(ADD, "/a", 5)], '{"a":5,"b":1}'),
        ([Operation(ADD, "/c", 5)], '{"a":2,"a":2,"b":1,"c":5}'),
        ([Operation(ADD, "//a", 5), Operation(ADD, "/b", 0)], '{"a":2,"a":2,"b":0}'),
    ],
)
def test_repeated_members_all_show_the_last_value(operations: list[Operation], want: str) -> None:
    assert patched('{"a":1,"a":2,"b":1}', operations) == want


def test_repeated_members_below_keep_as_they_are() -> None:
    operations = [Operation(ADD, "/b", 1)]
    assert patched('{"a":{"x":1,"x":2}}', operations) == '{"a":{"x":1,"x":2},"b":1}'


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "}",
        "[1,]",
        "[1 2]",
        "{a:1}",
        '{"a" 1}',
        '{"a":}',
        '{"a":1,}',
        '{"a":1]',
        "[01]",
        "[NaN]",
        "['a']",
        '["\t"]',
        r'["\x"]',
        "{} x",
        "{}{}",
        "{},",
        "[:]",
        '{"a",1}',
        " ",
    ],
)
def test_malformed_json_is_refused(text: str) -> None:
    with pytest.raises(BuildError, match="no valid JSON"):
        patched(text, [])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n[1]", "must start at the first character"),
        ('"text"', "a single JSON value"),
        ("12", "a single JSON value"),
        ("true", "a single JSON value"),
        ("[" * 10_001 + "]" * 10_001, "deeper than 10000"),
        ("null", "cannot add /a: the document is null"),
        ('{"b":"s"}', 'no element "a"'),
        ('{"a":"s"}', "a is a scalar, neither"),
    ],
)
def test_other_texts_that_cannot_be_patched(text: str, message: str) -> None:
    path = "/a/b" if text.startswith("{") else "/a"
    with pytest.raises(BuildError, match=message):
        patched(text, [Operation(ADD, path, 1)])


def test_malformed_json_is_located() -> None:
    with pytest.raises(BuildError, match="line 3"):
        patched('{\n"a": 1,\n"b" 2\n}', [])


def test_path_that_reaches_too_deep_is_refused() -> None:
    with pytest.raises(BuildError, match="segments") as caught:
        patched("{}", [Operation(ADD, "/a" * 301, 1)])
    assert caught.value.at == "[0]"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text('a<é"\\\n/', max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab~é"), inner),
    max_leaves=8,
)
PATHS = st.lists(st.sampled_from(["a", "b", "0", "-", "-1", "", "~0"]), max_size=3).map(
    lambda parts: "".join(f"/{part}" for part in parts)
)


@settings(max_examples=50, deadline=None)
@given(
    JSON.filter(lambda value: isinstance(value, (dict, list))),
    st.lists(st.builds(Operation, st.sampled_from(Operator), PATHS, JSON), max_size=4),
)
def test_means_the_same_as_patching_the_value(document: Any, operations: list[Operation]) -> None:
    text = json.dumps(document)
    try:
        want = jsonpatch.apply(document, operations)
    except BuildError:
        with pytest.raises(BuildError):
            patched(text, operations)
    else:
        assert json.loads(patched(text, operations)) == want
