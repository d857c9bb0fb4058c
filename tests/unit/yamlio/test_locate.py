import pytest

from armada_render.yamlio import locate

TEXT = """\
# comment
kind: A
spec:
  list:
  - name: x
  - name: y
    8080: z
  <<: {merged: 1}
---
kind: B
"on": {x: [1, 2]}
"""


@pytest.mark.parametrize(
    ("index", "path", "place"),
    [
        (0, [], (2, 1)),
        (0, ["kind"], (2, 1)),
        (0, ["spec", "list"], (4, 3)),
        (0, ["spec", "list", 1], (6, 5)),
        (0, ["spec", "list", 1, "name"], (6, 5)),
        (0, ["spec", "list", 1, "8080"], (7, 5)),
        (1, ["on", "x", 1], (11, 15)),
    ],
)
def test_a_field_stands_where_its_key_stands(
    index: int, path: list[str | int], place: tuple[int, int]
) -> None:
    assert locate(TEXT, index, path) == place


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (["missing"], (2, 1)),
        (["spec", "missing", "deeper"], (3, 1)),
        (["spec", "list", 7], (4, 3)),
        (["spec", "list", "name"], (4, 3)),
        (["spec", 0], (3, 1)),
        (["spec", "merged"], (3, 1)),
        (["kind", "x"], (2, 1)),
    ],
)
def test_the_nearest_parent_answers_for_what_is_not_there(
    path: list[str | int], place: tuple[int, int]
) -> None:
    assert locate(TEXT, 0, path) == place


@pytest.mark.parametrize(("text", "index"), [("a: 1", 1), ("a: [", 0), (b"\0", 0), ("", 0)])
def test_without_such_a_document_it_is_the_start(text: str | bytes, index: int) -> None:
    assert locate(text, index, ["a"]) == (1, 1)


def test_keys_that_cannot_be_keys_are_passed_over() -> None:
    assert locate("? [a]\n: 1\nnull: 2\nb: 3", 0, ["b"]) == (4, 1)
