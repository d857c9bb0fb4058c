"""What is read of a tree that an earlier run wrote."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from armada_render.cli.written import scanned
from armada_render.guard import of_manifests
from armada_render.yamlio import dumps, load_documents

TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            "name: x",
            "  name: y\n",
            "\n---\n",
            "---",
            "kind: Pod\n",
            "metadata:\n  name: z",
            "5",
            "no",
        ]
    ),
)
OBJECTS = st.fixed_dictionaries(
    {
        "apiVersion": st.sampled_from(["v1", "apps/v1", "example.io/v1beta1"]),
        "kind": st.sampled_from(["ConfigMap", "Deployment", "Http2Route"]),
        "metadata": st.fixed_dictionaries(
            {"name": st.one_of(st.from_regex(r"[a-z][-a-z0-9.]{0,9}", fullmatch=True), TEXTS)},
            optional={
                "namespace": st.from_regex(r"[a-z0-9]{1,4}", fullmatch=True),
                "annotations": st.dictionaries(TEXTS, TEXTS, max_size=2),
                "labels": st.dictionaries(TEXTS, TEXTS, max_size=2),
            },
        ),
    },
    optional={"data": st.dictionaries(TEXTS, TEXTS, max_size=2), "spec": TEXTS, "zone": TEXTS},
)


@given(st.lists(OBJECTS, min_size=1, max_size=3))
def test_what_is_found_without_parsing_is_what_parsing_finds(objects: list[Any]) -> None:
    data = b"---\n".join(dumps(one).encode(errors="replace") for one in objects)
    found = scanned(data)
    if found is not None:
        parsed = [document.value for document in load_documents(data)]
        assert found == of_manifests(parsed, "web").keys()


@pytest.mark.parametrize("name", ["web", "web-1", "a.b.c"])
def test_plain_names_need_no_parsing(name: str) -> None:
    objects = [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": name},
            "data": {"a": "b\nc"},
        },
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": name, "namespace": "shop", "labels": {"name": "other"}},
            "spec": {"template": {"metadata": {"name": "inner"}}},
        },
    ]
    data = b"---\n".join(dumps(one).encode() for one in objects)
    assert scanned(data) == of_manifests(objects, "web").keys()


@pytest.mark.parametrize("data", [b"", b"<<<<<<< HEAD\n", b"a: b\n", b"\xff", b"kind: Pod\n"])
def test_what_is_no_bundle_is_not_understood(data: bytes) -> None:
    assert scanned(data) is None
