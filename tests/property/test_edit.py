"""What holds of every edit: it says what was asked for, keeps the rest, and can be taken back."""

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from armada_render.yamlio import YamlError, load_documents
from armada_render.yamlio.edit import REMOVE, Change, Path, edited
from armada_render.yamlio.handwriting import Style, flow, scalar

SOME = settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
WORDS = st.sampled_from(
    ["web", "yes", "1.10", "a b", "it's", "- x", "# no", "a: b", "1e3", "é", "NoSchedule", ""]
)
SCALARS = WORDS | st.integers(-5, 99) | st.booleans() | st.none()
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=10,
)
OBJECTS = st.dictionaries(WORDS, VALUES, min_size=1, max_size=4)


class Hand:
    """Writes a value as somebody might: own indentation, comments, brackets here and there."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self._style = Style(draw(st.sampled_from([2, 3, 4])), draw(st.sampled_from([0, 2, 4])))
        self._comments = 0

    def block(self, value: Any, indent: int) -> Iterator[str]:
        pad = " " * indent
        pairs = value.items() if isinstance(value, dict) else ((None, item) for item in value)
        for key, below in pairs:
            yield from self._comment(f"{pad}#")
            head = f"{pad}-" if key is None else f"{pad}{scalar(key)}:"
            if not isinstance(below, dict | list) or not below or self._draw(st.booleans()):
                yield from self._comment(f"{head} {flow(below, is_json=False)}  #", plain=True)
                continue
            deeper = self._style.step if isinstance(below, dict) else self._style.list_step
            lines = list(self.block(below, indent + (2 if key is None else deeper)))
            if key is None and not lines[0].lstrip().startswith("#"):
                yield f"{head} {lines.pop(0).lstrip(' ')}"
            else:
                yield from self._comment(f"{head}  #", plain=True)
            yield from lines

    def _comment(self, line: str, *, plain: bool = False) -> Iterator[str]:
        if self._draw(st.integers(0, 3)) == 0:
            self._comments += 1
            yield f"{line} comment-{self._comments}."
        elif plain:
            yield line.removesuffix("  #")


@st.composite
def files(draw: st.DrawFn) -> tuple[str, Any]:
    """Return a text with two documents, and the value of the first."""
    value = draw(OBJECTS)
    form = draw(st.sampled_from(["hand", "hand", "hand", "json", "pretty"]))
    if form == "hand":
        text = "\n".join(Hand(draw).block(value, 0))
    else:
        text = json.dumps(value, indent=2 if form == "pretty" else None, ensure_ascii=False)
    text = f"{text}\n---\nother: document # last.\n"
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"]))), value


def _places(value: Any, path: Path = ()) -> Iterator[Path]:
    steps: Any = ()
    if isinstance(value, dict):
        yield (*path, "added")
        steps = value.items()
    elif isinstance(value, list):
        steps = enumerate(value)
    for step, below in steps:
        yield (*path, step)
        yield from _places(below, (*path, step))


def _at(value: Any, path: Path) -> Any:
    for step in path:
        if isinstance(value, dict) and step not in value:
            return REMOVE
        value = value[step]
    return value


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, Any, Change]:
    text, value = draw(files())
    path = draw(st.sampled_from(list(_places(value))))
    return text, value, Change(path, draw(VALUES))


def _line(text: str) -> int:
    return load_documents(text)[0].line


@SOME
@given(edits())
def test_what_is_asked_for_is_what_is_said_then(edit: tuple[str, Any, Change]) -> None:
    text, _, change = edit
    after = edited(text.encode(), [change], line=_line(text)).decode()
    first, other = load_documents(after)
    assert _at(first.value, change.path) == change.value
    assert other.value == {"other": "document"}
    assert after.count("\r\n") == (after.count("\n") if "\r\n" in text else 0)
    lost = [word for word in text.split() if word.startswith("comment-") and word not in after]
    # Comments inside of what is replaced go with it.
    assert not lost or isinstance(_at(load_documents(text)[0].value, change.path), dict | list)


@SOME
@given(edits())
def test_what_was_added_can_be_taken_back_to_the_byte(edit: tuple[str, Any, Change]) -> None:
    text, value, change = edit
    if change.path[-1] != "added" or not _at(value, change.path[:-1]):
        return
    after = edited(text.encode(), [change], line=_line(text))
    taken = edited(after, [Change(change.path, REMOVE)], line=_line(text))
    assert taken.decode() == text


@SOME
@given(edits(), SCALARS)
def test_a_scalar_can_be_set_and_set_back(edit: tuple[str, Any, Change], new: Any) -> None:
    text, value, change = edit
    old = _at(value, change.path)
    if isinstance(old, dict | list) or old is REMOVE or new == old:
        return
    after = edited(text.encode(), [Change(change.path, new)], line=_line(text))
    back = edited(after, [Change(change.path, old)], line=_line(text))
    if '"' not in text + after.decode() and "'" not in text + after.decode():
        assert back.decode() == text
    assert len(after.splitlines()) == len(text.splitlines())


@SOME
@given(st.text(max_size=60), OBJECTS)
def test_any_text_is_edited_or_refused(text: str, value: Any) -> None:
    try:
        documents = load_documents(text)
        for document in documents:
            edited(text.encode(), [Change(("a",), value)], line=document.line)
    except (YamlError, UnicodeEncodeError):
        pass
