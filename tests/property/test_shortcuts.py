"""What is decided without a pattern is what the pattern says."""

import re
from contextlib import suppress
from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from armada_render.admit import inventory
from armada_render.build import image
from armada_render.build.failure import BuildError
from armada_render.load import identity
from armada_render.model import quantity, selector
from armada_render.yamlio import resolve, scalars

MANY = settings(max_examples=400, deadline=None, derandomize=True)
NAMES = st.text(st.sampled_from("aZz09-_./:é\n "), max_size=9)
NUMBERS = st.text(st.sampled_from("0123456789abefxXoO+-._:TZ ,k"), max_size=14) | st.from_regex(
    r"[-+]?[0-9]{1,4}([-.:_][0-9]{1,2}){0,3}[Ti.eE]?[0-9]{0,2}", fullmatch=True
)
STRINGS = st.text(st.sampled_from("ab0-_./:=+, #\n\t\"'\\?\x7f\x00"), max_size=9)
IMAGES = st.text(st.sampled_from("aZ0-_./:@"), max_size=14) | st.from_regex(
    r"[a-z0-9.-]{1,6}(:[0-9]{1,4})?/[a-z0-9._/-]{1,9}(:[A-Za-z0-9_.-]{1,4})?", fullmatch=True
)


@MANY
@given(NAMES)
def test_names(text: str) -> None:
    def says(grammar: str) -> bool:
        return re.fullmatch(grammar, text) is not None

    assert identity._is_kind(text) == says(r"[A-Za-z][A-Za-z0-9]{0,62}")
    assert identity._is_api_version(text) == says(
        r"([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[a-z][a-z0-9]*"
    )
    assert identity.is_namespace_name(text) == says(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
    assert inventory._is_name(text) == says(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
    assert selector._is_name(text) == says(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")


def test_names_end_where_they_did() -> None:
    assert identity._is_kind("K" * 63)
    assert not identity._is_kind("K" * 64)
    assert identity.is_namespace_name("n" * 63)
    assert not identity.is_namespace_name("n" * 64)


class _Everything(frozenset[str]):
    """A set that holds every text, so that no short cut is taken."""

    def issuperset(self, other: object, /) -> bool:
        return isinstance(other, str)


@MANY
@given(NUMBERS)
def test_numbers_and_what_looks_like_them(text: str) -> None:
    with (
        patch.object(resolve, "_OF_NUMBERS", _Everything()),
        patch.object(resolve, "_OF_BASE_60", _Everything()),
    ):
        wanted = resolve.resolve(text), resolve.reads_as_string(text)
    assert (resolve.resolve(text), resolve.reads_as_string(text)) == wanted
    if text.count(".") > 1:
        grammars = (resolve._INTEGER, resolve._FLOAT, resolve._SIGNED_BINARY)
        assert not any(grammar.fullmatch(text.replace("_", "")) for grammar in grammars)


@MANY
@given(STRINGS)
def test_styles_of_strings(text: str) -> None:
    patterns = scalars._ASCII
    if text:
        assert not (scalars._is_surely_plain(text) and patterns.not_plain.search(text))
    assert scalars._is_literal(text) == (patterns.not_literal.search(text) is None)
    quoted = patterns.escaped.sub(scalars._escape_match, text)
    assert scalars.on_one_line(text, scalars.Style.DOUBLE) == f'"{quoted}"'


@MANY
@given(NUMBERS | st.from_regex(r"[0-9]{1,22}(m|Ki|Mi|Gi|Ei|k)?", fullmatch=True))
def test_quantities(text: str) -> None:
    def amount() -> Any:
        with suppress(ValueError):
            return quantity._parse.__wrapped__(text)
        return None

    with patch.object(quantity, "_SHIFTS", {}):
        wanted = amount()
    assert amount() == wanted


@MANY
@given(IMAGES)
def test_images(text: str) -> None:
    def parts() -> Any:
        with suppress(BuildError):
            return image._parse.__wrapped__(text)
        return None

    with patch.object(image, "_is_simple", return_value=False):
        wanted = parts()
    assert parts() == wanted
