"""Scalars that kubectl and kustomize read differently are found where they stand, and no others.

tests/long/lint asks kustomize itself about the same ones.
"""

import pytest

from armada_render.yamlio.ambiguous import Ambiguity, ambiguities
from tests.support.ambiguous_scalars import (
    DIFFERENT_KEYS,
    DIFFERENT_VALUES,
    SAME_KEYS,
    SAME_VALUES,
)


def _texts(text: str | bytes) -> list[str]:
    return [one.text for one in ambiguities(text)]


@pytest.mark.parametrize("scalar", DIFFERENT_VALUES)
@pytest.mark.parametrize(
    "around", ["a: {}", "a: {}\n", "- {}\n", "a: [x, {}]", "a: {{b: {}}}", "a: {} # why\n", "{}"]
)
def test_values_are_found_wherever_they_stand(scalar: str, around: str) -> None:
    assert _texts(around.format(scalar)) == [scalar]


@pytest.mark.parametrize("scalar", SAME_VALUES)
def test_values_that_are_the_same_are_not(scalar: str) -> None:
    assert _texts(f"a: {scalar}\nb: [{scalar}]\n") == []


@pytest.mark.parametrize("key", DIFFERENT_KEYS)
def test_keys_are_found(key: str) -> None:
    (found,) = ambiguities(f"a:\n  {key}: x\n")
    assert (found.line, found.column, found.text, found.is_key) == (2, 3, key, True)


@pytest.mark.parametrize("key", SAME_KEYS)
def test_keys_that_are_the_same_are_not(key: str) -> None:
    assert _texts(f"a:\n  {key}: x\n") == []


def test_quotes_tags_blocks_and_comments_make_it_plain() -> None:
    text = (
        "a: 'yes'\nb: \"no\"\nc: !!str on\nd: |\n  yes\n  no: on\ne: >-\n  off\n# yes: no\nf: x y\n"
    )
    assert _texts(text) == []


def test_what_each_makes_of_it() -> None:
    assert list(ambiguities("on: off\n8080: x\nd: 2024-01-02\n")) == [
        Ambiguity(1, 1, "on", 'the key "true"', 'the key "on"', is_key=True),
        Ambiguity(1, 5, "off", "the boolean false", 'the text "off"', is_key=False),
        Ambiguity(2, 1, "8080", "a key that is text", "no key: it refuses the file", is_key=True),
        Ambiguity(
            3,
            4,
            "2024-01-02",
            "text",
            "a time, to which hours and minutes are added",
            is_key=False,
        ),
    ]


def test_keys_and_values_are_told_apart_behind_collections_and_aliases() -> None:
    text = "a: &x {k: [1, {yes: no}]}\nb: *x\non: 1\nc:\n- - y\n  - n: y\n? [k]\n: off\n"
    assert _texts(text) == ["yes", "no", "on", "y", "n", "y", "off"]


def test_all_documents_are_looked_at() -> None:
    assert _texts("a: yes\n---\nb: no\n") == ["yes", "no"]


@pytest.mark.parametrize("broken", ["a: yes\n b: [", b"\xff\xfe\x00", "a: yes\n%", "\x00 yes", ""])
def test_what_cannot_be_read_is_somebody_elses(broken: str | bytes) -> None:
    assert _texts(broken) in ([], ["yes"])
