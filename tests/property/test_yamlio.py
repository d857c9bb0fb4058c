"""What holds of every text and of every value."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from armada_render import yamlio
from armada_render.yamlio import gojson
from armada_render.yamlio.variants import framed

SOME = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
# U+0085 does not survive kubectl's own writer, and there are no characters for surrogates.
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\x85")
# Words and signs that YAML readers take for something else, and joints where folding happens.
WORDS = """y n yes on off null ~ true 0x1F 010 08 1e3 .5 .inf 1:30 2024-01-02 << = - ? : # [ ] { } ,
& * ! | > ' " % @ ` --- ... \\ / a 1 _"""
TRICKY = st.lists(
    st.sampled_from(
        [
            *WORDS.split(),
            *["\n", "\t", " ", "  ", ": ", " #", "- ", "\u2028", "\ufeff", "é", "😀", "word " * 9],
        ]
    ),
    max_size=8,
).map("".join)
STRINGS = st.text(CHARACTERS, max_size=40) | TRICKY
NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
# Go writes the key "<<" without quotes, and cannot read it back.
KEYS = STRINGS.filter(lambda key: key != "<<")
VALUES = st.recursive(
    STRINGS | NUMBERS | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=15,
)
TEXTS = (
    st.text(max_size=60)
    | TRICKY
    | st.lists(TRICKY, max_size=6).map("\n".join)
    | st.lists(st.sampled_from(["{", "[", "a: ", "- ", "&a ", "*a", "}", "]", ",", "<<: "])).map(
        "".join
    )
)


@SOME
@given(VALUES)
def test_what_is_written_reads_back_as_json_would(value: Any) -> None:
    text = yamlio.dumps(value)
    assert text.endswith(("\n", "\u2028", "\u2029"))
    assert yamlio.loads(text) == json.loads(gojson.dumps(value))


@SOME
@given(KEYS)
def test_no_string_turns_into_something_else(text: str) -> None:
    assert yamlio.loads(yamlio.dumps({text: [text, {"key": text}]})) == {
        text: [text, {"key": text}]
    }


MAPS = st.dictionaries(KEYS, VALUES, min_size=1, max_size=4)
CHANGED: st.SearchStrategy[Any] = STRINGS | NUMBERS | st.sampled_from([{}, []]) | MAPS


def _changed(value: Any, choose: st.DrawFn) -> Any:
    """Return a copy with a change somewhere in it, which shares with `value` all else."""
    is_leaf = not value or not isinstance(value, dict | list) or choose(st.integers(0, 4)) == 0
    if is_leaf:
        return choose(CHANGED)
    copy = value.copy()
    if isinstance(copy, list):
        place = choose(st.integers(0, len(copy) - 1))
        copy[place] = _changed(copy[place], choose)
        return copy[: choose(st.integers(0, len(copy)))] if choose(st.booleans()) else copy
    if choose(st.booleans()):
        copy[choose(KEYS)] = choose(CHANGED)
    else:
        key = choose(st.sampled_from(list(copy)))
        copy[key] = _changed(copy[key], choose)
    return copy


@st.composite
def _variants(choose: st.DrawFn) -> list[dict[str, Any]]:
    variants = [choose(MAPS)]
    for _ in range(choose(st.integers(1, 5))):
        changed = _changed(choose(st.sampled_from(variants)), choose)
        if isinstance(changed, dict) and changed:
            variants.append(changed)
    return variants


@SOME
@given(_variants())
def test_variants_are_written_as_each_alone_would_be(variants: list[dict[str, Any]]) -> None:
    frame, fillings = framed(variants)
    written = [frame.filled(filling).decode() for filling in fillings]
    assert written == [yamlio.dumps(variant) for variant in variants]


def _rewritten(text: str) -> str:
    return yamlio.dumps(gojson.normalize(yamlio.loads(text)))


@SOME
@given(VALUES)
def test_written_text_is_a_fixed_point(value: Any) -> None:
    once = _rewritten(yamlio.dumps(value))
    assert _rewritten(once) == once


@SOME
@given(TEXTS)
def test_a_text_is_read_or_refused_with_a_place(text: str) -> None:
    outcome = read(text)
    if isinstance(outcome, yamlio.YamlError):
        assert outcome.message
        assert outcome.line >= 1
        return
    for document in outcome:
        assert document.line >= 1
        assert yamlio.locate(text, document.index, ())[0] in (document.line, 1)


@SOME
@given(st.binary(max_size=60))
def test_bytes_are_read_or_refused(data: bytes) -> None:
    outcome = read(data)
    assert isinstance(outcome, list) or outcome.message


@SOME
@given(VALUES)
def test_normalizing_twice_changes_nothing(value: Any) -> None:
    once = gojson.normalize(value)
    assert gojson.normalize(once) is once


def read(text: str | bytes) -> list[yamlio.Document] | yamlio.YamlError:
    try:
        return yamlio.load_documents(text)
    except yamlio.YamlError as error:
        return error
