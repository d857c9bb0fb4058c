"""Works become files of a tree, a stream, JSON lines, and the index."""

import json
from typing import Any

import pytest

from armada_render import emit
from armada_render.emit import OutputFile
from armada_render.emit.paths import file_paths
from armada_render.model.config import Layout
from armada_render.model.resource import ObjectReference
from armada_render.model.work import Work


def _work(name: str, app: str = "shop", kind: str = "ConfigMap", **fields: Any) -> Work:
    reference = {"api_version": "v1", "namespace": "default", **fields}
    ref = ObjectReference(kind=kind, name=name, **reference)
    return Work(ref=ref, manifest={"kind": kind, "name": name}, template=ref, app=app)


def test_a_bundle_holds_an_app_of_a_cluster() -> None:
    a, b, c = _work("a"), _work("b"), _work("c", "bank")
    files = list(emit.tree({"two": [a, b], "one": [a, b, c]}, Layout.BUNDLE))
    assert files == [
        OutputFile("one/bank/manifests.yaml", b"kind: ConfigMap\nname: c\n"),
        OutputFile(
            "one/shop/manifests.yaml",
            b"kind: ConfigMap\nname: a\n---\nkind: ConfigMap\nname: b\n",
        ),
        OutputFile(
            "two/shop/manifests.yaml",
            b"kind: ConfigMap\nname: a\n---\nkind: ConfigMap\nname: b\n",
        ),
    ]
    assert files[1].data is files[2].data


def test_clusters_with_other_objects_have_other_bundles() -> None:
    a, other = _work("a"), _work("a")
    files = list(emit.tree({"one": [a], "two": [other], "three": []}, Layout.BUNDLE))
    assert [file.path for file in files] == ["one/shop/manifests.yaml", "two/shop/manifests.yaml"]


def test_one_file_an_object() -> None:
    works = [
        _work("a"),
        _work("system:reader", kind="ClusterRole", namespace=""),
        _work("web.v2", kind="Deployment", namespace="shop"),
    ]
    assert [file.path for file in emit.tree({"one": works}, Layout.FILES)] == [
        "one/shop/default/configmap-a.yaml",
        "one/shop/_cluster/clusterrole-system.reader.yaml",
        "one/shop/shop/deployment-web.v2.yaml",
    ]


def _paths(*works: Work) -> list[str]:
    return [path for path, _ in file_paths("one", "shop", works)]


@pytest.mark.parametrize(
    "other",
    [
        _work("a", api_version="example.io/v1"),
        _work("A"),
        _work("a", kind="Configmap"),
    ],
)
def test_where_two_objects_would_meet_the_later_carries_a_hash(other: Work) -> None:
    first, second = _paths(_work("a"), other)
    assert first == "one/shop/default/configmap-a.yaml"
    assert second.lower().startswith("one/shop/default/configmap-a-")
    assert len(second) == len(first) + 9


@pytest.mark.parametrize(
    ("work", "beginning"),
    [
        (_work("../../../../evil"), "one/shop/default/configmap-.._.._.._.._evil-"),
        (_work("a", namespace="../../evil"), "one/shop/_._.._evil/configmap-a-"),
        (_work("a", namespace=".."), "one/shop/_./configmap-a-"),
        (_work("a", namespace="/etc"), "one/shop/_etc/configmap-a-"),
        (_work("a", kind="../../Evil"), "one/shop/default/_._.._evil-a-"),
        (_work("größe\n\x1b"), "one/shop/default/configmap-gr__e__-"),
        (_work("a" * 253), f"one/shop/default/configmap-{'a' * 190}-"),
        (_work("a", namespace="n" * 300), f"one/shop/{'n' * 200}/configmap-a-"),
    ],
)
def test_no_name_leads_out_of_the_folder_of_its_app(work: Work, beginning: str) -> None:
    (path,) = _paths(work)
    assert path.startswith(beginning)
    assert path.removeprefix(beginning).removesuffix(".yaml").isalnum()
    assert all(len(part) <= 255 and part not in (".", "..") for part in path.split("/"))


def test_names_that_look_alike_in_file_names_stay_apart() -> None:
    first, second = _paths(_work("größe"), _work("grüße"))
    assert first != second


def test_a_stream_of_several_clusters_says_where_each_begins() -> None:
    a, b = _work("a"), _work("b")
    assert b"".join(emit.stream({"one": [a, b], "two": [a], "three": []})) == (
        b"---\n# Cluster: one\nkind: ConfigMap\nname: a\n"
        b"---\nkind: ConfigMap\nname: b\n"
        b"---\n# Cluster: two\nkind: ConfigMap\nname: a\n"
    )


def test_a_stream_of_one_cluster_needs_no_comment() -> None:
    assert b"".join(emit.stream({"one": [_work("a")]})) == b"---\nkind: ConfigMap\nname: a\n"


def test_a_long_stream_is_joined_in_parts() -> None:
    works = [_work(f"n{number}") for number in range(2001)]
    chunks = list(emit.stream({"one": works, "two": works[:1]}))
    assert len(chunks) == 8
    texts = [f"kind: ConfigMap\nname: n{number}\n" for number in range(2001)]
    assert b"".join(chunks).decode() == "---\n# Cluster: one\n" + "---\n".join(texts) + (
        f"---\n# Cluster: two\n{texts[0]}"
    )


def test_json_lines() -> None:
    a, b = _work("a"), _work("b")
    assert list(emit.jsonl({"one": [a, b], "two": [a]})) == [
        b'{"kind":"ConfigMap","name":"a"}\n',
        b'{"kind":"ConfigMap","name":"b"}\n',
        b'{"kind":"ConfigMap","name":"a"}\n',
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("größe", '{"a":"größe"}\n'),
        ("a\u2028b\u2029c", '{"a":"a\\u2028b\\u2029c"}\n'),
        ("\x7f", '{"a":"\\u007f"}\n'),
        ("\x85\x9f", '{"a":"\\u0085\\u009f"}\n'),
        ("\ufeff\ufffe\uffff", '{"a":"\\ufeff\\ufffe\\uffff"}\n'),
        ("😀", '{"a":"😀"}\n'),
    ],
)
def test_json_lines_hold_nothing_that_yaml_refuses(text: str, line: str) -> None:
    encoded = emit.json_line({"a": text})
    assert encoded.decode() == line
    assert json.loads(encoded) == {"a": text}


def test_json_keys_are_sorted() -> None:
    assert emit.json_line({"b": 1, "a": {"d": 1, "c": 2}}) == b'{"a":{"c":2,"d":1},"b":1}\n'
    assert emit.json_document({"b": 1, "a": []}) == b'{\n  "a": [],\n  "b": 1\n}\n'


def test_the_index_says_what_was_written_from_what_by_what() -> None:
    data = emit.index(
        {"b": "22", "a": "11"}, inputs="ff", version="1.2", karmada="v1.19", layout=Layout.FILES
    )
    assert data.endswith(b"}\n")
    assert json.loads(data) == {
        "apiVersion": "armada-render/v1",
        "kind": "Index",
        "files": {"a": "11", "b": "22"},
        "inputs": "sha256:ff",
        "layout": "files",
        "renderer": {"karmada": "v1.19", "version": "1.2"},
    }


def test_the_digest_of_the_inputs_does_not_depend_on_their_order() -> None:
    one = emit.combined_digest({"a": "1", "b": "2"})
    assert one == emit.combined_digest({"b": "2", "a": "1"})
    assert one != emit.combined_digest({"a": "2", "b": "1"})
    assert len(one) == 64
