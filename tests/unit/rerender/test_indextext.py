"""Lines of an index are found and changed as if it had been parsed."""

import msgspec
import pytest

from armada_render.emit import index
from armada_render.model.config import Layout
from armada_render.rerender import indextext

A, B, C = "a" * 64, "b" * 64, "c" * 64
PATHS = ["eu/a.b/m.yaml", "eu/a/m.yaml", 'eu/q"uote/m.yaml', "eu/ü/m.yaml", "us/a/m.yaml"]


def _index(files: dict[str, str], inputs: str = A) -> bytes:
    return index(files, inputs=inputs, version="1", karmada="v1", layout=Layout.BUNDLE)


@pytest.mark.parametrize("chosen", [PATHS, PATHS[:1], PATHS[-1:], PATHS[1:4], []])
def test_changed_lines_are_those_of_an_index_made_anew(chosen: list[str]) -> None:
    before = dict.fromkeys(PATHS, A)
    after = {**before, **dict.fromkeys(chosen, B)}
    text = _index(before)
    assert indextext.changed(text, dict.fromkeys(chosen, B), C) == _index(after, C)
    assert indextext.digests(_index(after), sorted(PATHS)) == after
    assert indextext.count(text) == len(PATHS)


@pytest.mark.parametrize("path", ["eu", "eu/a", "m.yaml", "us/b/m.yaml", "version"])
def test_what_has_no_line_is_none(path: str) -> None:
    text = _index(dict.fromkeys(PATHS, A))
    assert indextext.changed(text, {path: B}, C) is None
    assert indextext.digests(text, [path]) is None


def test_what_is_no_index_has_no_lines() -> None:
    assert indextext.changed(b"{}", {}, C) is None
    assert indextext.digests(b"", []) == {}
    assert msgspec.json.decode(_index({}))["files"] == {}
    assert indextext.count(_index({})) == 0
