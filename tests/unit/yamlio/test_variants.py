"""What variants of an object share is written once; what comes out is what `dumps` writes."""

from typing import Any

import pytest

from armada_render.yamlio import dumps
from armada_render.yamlio.variants import framed

_SHARED: dict[str, Any] = {"ports": [{"port": 80}], "env": {"A": "yes"}}


def _variant(image: Any, replicas: int = 2, **labels: str) -> dict[str, Any]:
    return {
        "kind": "Deployment",
        "metadata": {"labels": {"app": "web", **labels}, "name": "web"},
        "spec": {"replicas": replicas, "containers": [{"image": image, "name": "web", **_SHARED}]},
    }


def test_only_what_differs_is_written_for_each() -> None:
    variants = [_variant("a/web:1"), _variant("b/web:1"), _variant("b/web:1", replicas=3)]
    frame, fillings = framed(variants)
    assert fillings == [
        (b"    image: a/web:1\n", b"  replicas: 2\n"),
        (b"    image: b/web:1\n", b"  replicas: 2\n"),
        (b"    image: b/web:1\n", b"  replicas: 3\n"),
    ]
    assert [frame.filled(filling).decode() for filling in fillings] == list(map(dumps, variants))


@pytest.mark.parametrize(
    "others",
    [
        [_variant("a", region="eu"), _variant("a", region="us")],
        [_variant("a", region="eu"), _variant("a", zone="eu")],
        [{"kind": "Deployment"}],
        [{"kind": "Deployment", "metadata": [], "spec": {}}],
        [{**_variant("a"), "spec": {"replicas": 2, "containers": []}}],
        [{**_variant("a"), "spec": {"replicas": 2, "containers": ["text"]}}],
        [{**_variant("a"), "spec": {"replicas": 2, "containers": [{}]}}],
        [_variant("a long text that has to be folded " * 4), _variant({"a": "map"})],
        [_variant(["a", ["b"]]), _variant(["a", ["c"]])],
    ],
)
def test_any_difference(others: list[dict[str, Any]]) -> None:
    variants = [_variant("a"), *others]
    frame, fillings = framed(variants)
    written = [frame.filled(filling).decode() for filling in fillings]
    assert written == [dumps(variant) for variant in variants]


def test_parts_that_follow_each_other_are_one() -> None:
    frame, fillings = framed([{"a": 1, "b": 1}, {"a": 2, "b": 2}])
    assert frame.pieces == (b"", b"")
    assert fillings == [(b"a: 1\nb: 1\n",), (b"a: 2\nb: 2\n",)]


def test_equal_objects_have_no_parts() -> None:
    frame, fillings = framed([_SHARED, _SHARED])
    assert frame.pieces == (dumps(_SHARED).encode(),)
    assert fillings == [(), ()]


def test_a_long_key_and_what_no_manifest_holds() -> None:
    long = "k" * 129
    frame, fillings = framed([{long: {"a": 1}}, {long: {"a": 2}}])
    assert frame.filled(fillings[1]).decode() == dumps({long: {"a": 2}})
    with pytest.raises(TypeError, match="a manifest cannot hold a set"):
        framed([{"a": {1}}, {"a": 2}])
