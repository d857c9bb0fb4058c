import pytest

from armada_render.errors import InputError
from armada_render.forge.parts import is_ours, split
from armada_render.forge.upsert import Comment, Plan, plan


def test_parts_begin_at_their_markers() -> None:
    text = (
        "<!-- armada-render diff: part 1 of 2 -->\none\n<!-- armada-render diff: part 1 of 2 -->\n"
        "+<!-- armada-render diff: part 2 of 2 -->\n<!-- armada-render diff: part 2 of 3 -->\n"
        "<!-- armada-render diff: part 2 of 2 -->\n\ntwo\n"
        "<!-- armada-render diff: part 3 of 2 -->\n"
    )
    first, second = split(text, "fleet")
    assert first.startswith("<!-- armada-render diff: part 1 of 2: fleet -->\none\n<!-- arm")
    assert first.count("\n+<!-- armada-render diff: part 2 of 2 -->\n") == 1
    assert second == (
        "<!-- armada-render diff: part 2 of 2: fleet -->\n"
        "two\n<!-- armada-render diff: part 3 of 2 -->\n"
    )


def test_other_text_is_one_part_and_no_text_is_none() -> None:
    assert split("# Hello\n\nworld", "a/b") == [
        "<!-- armada-render diff: part 1 of 1: a/b -->\n# Hello\n\nworld\n"
    ]
    assert split(" \n", "a") == []


@pytest.mark.parametrize("key", ["", "a b", "a-->", "--", "ö", "a" * 101])
def test_keys_cannot_end_the_marker(key: str) -> None:
    with pytest.raises(InputError, match="cannot be a key"):
        split("a", key)


def test_what_no_host_takes_is_refused() -> None:
    with pytest.raises(InputError, match="is longer than the 65,536 allowed"):
        split("x" * 65_536, "a")


def test_comments_of_another_key_are_not_ours() -> None:
    (part,) = split("a", "fleet")
    assert is_ours(part, "fleet")
    assert is_ours(part.replace("\n", "\r\n"), "fleet")
    assert not is_ours(part, "other")
    assert not is_ours(f"> {part}", "fleet")
    assert not is_ours("<!-- armada-render diff: part 1 of 1 -->", "fleet")


def test_what_is_the_same_is_left_alone() -> None:
    there = [Comment("1", "a\r\n"), Comment("2", "b"), Comment("3", "c"), Comment("4", "d")]
    assert plan(there, ["a", "x"]) == Plan((("2", "x"),), (), ("3", "4"), 1)
    assert plan(there[:1], ["a", "b", "c"]) == Plan((), ("b", "c"), (), 1)
    assert plan([], []) == Plan((), (), (), 0)
