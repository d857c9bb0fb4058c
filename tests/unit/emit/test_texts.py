"""Texts of Works are kept where clusters share them, and put together where they do not."""

import pytest

from armada_render import yamlio
from armada_render.emit import texts
from armada_render.emit.texts import Texts
from armada_render.model.resource import Manifest, ObjectReference
from armada_render.model.work import Work


def _work(name: str, manifest: Manifest) -> Work:
    ref = ObjectReference("v1", "ConfigMap", "default", name)
    return Work(ref=ref, manifest=manifest, template=ref, app="shop")


def test_variants_of_a_template_are_written_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = _work("a", {"kind": "A", "size": 1}), _work("a", {"kind": "A", "size": 2})
    alone = _work("b", {"kind": "B"})
    calls: list[Manifest] = []

    def dumps(manifest: Manifest) -> str:
        calls.append(manifest)
        return yamlio.dumps(manifest)

    monkeypatch.setattr(texts, "dumps", dumps)
    found = Texts([[one, alone], [two, alone]])
    assert [found[one], found[alone], found[two], found[alone]] == [
        b"kind: A\nsize: 1\n",
        b"kind: B\n",
        b"kind: A\nsize: 2\n",
        b"kind: B\n",
    ]
    assert calls == [alone.manifest]


def test_what_one_cluster_gets_alone_is_not_kept() -> None:
    one, two, shared = _work("a", {"size": 1}), _work("a", {"size": 2}), _work("b", {"size": 3})
    found = Texts([[one, shared], [two, shared]])
    assert [found[work] for work in (one, two, shared)] == [
        b"size: 1\n",
        b"size: 2\n",
        b"size: 3\n",
    ]
    assert list(found) == [shared]


def test_the_texts_of_one_cluster_are_written_and_forgotten() -> None:
    work = _work("a", {"size": 1})
    found = Texts([[work]])
    assert found[work] == b"size: 1\n"
    assert not found
