"""References, templates, and copies that share what they do not change."""

from typing import Any

import pytest

from armada_render.model.resource import (
    ObjectReference,
    ResourceTemplate,
    replaced,
    string_map,
    without,
)


def _template(**metadata: Any) -> ResourceTemplate:
    return ResourceTemplate(
        ref=ObjectReference("v1", "ConfigMap", "default", "a"),
        manifest={"metadata": {"name": "a", **metadata}},
    )


def test_a_reference_is_written_with_its_namespace_between_slashes() -> None:
    assert str(ObjectReference("apps/v1", "Deployment", "shop", "web")) == (
        "apps/v1/Deployment/shop/web"
    )
    assert str(ObjectReference("v1", "Namespace", "", "shop")) == "v1/Namespace//shop"


def test_references_sort_by_api_version_kind_namespace_and_name() -> None:
    refs = [
        ObjectReference("v1", "A", "b", "a"),
        ObjectReference("v1", "A", "a", "b"),
        ObjectReference("apps/v1", "Z", "z", "z"),
    ]
    assert sorted(refs) == [refs[2], refs[1], refs[0]]


def test_labels_and_annotations_are_those_of_the_metadata() -> None:
    template = _template(labels={"a": "1"}, annotations={"b": "2"}, uid="u-1")
    assert template.labels == {"a": "1"}
    assert template.annotations == {"b": "2"}
    assert template.uid == "u-1"


def test_absent_metadata_is_empty() -> None:
    assert (_template().labels, _template().annotations, _template().uid) == ({}, {}, "")
    assert _template(uid=3).uid == ""


@pytest.mark.parametrize("value", [None, [], "text", {"a": 1}, {"a": "1", "b": True}])
def test_one_value_that_is_no_text_drops_the_whole_map(value: object) -> None:
    assert string_map(value) == {}


def test_replacing_copies_the_spine_and_shares_the_rest() -> None:
    manifest: dict[str, Any] = {"metadata": {"labels": {"a": "1"}}, "spec": {"x": [1]}}
    changed = replaced(manifest, ("metadata", "labels", "a"), "2")
    assert changed == {"metadata": {"labels": {"a": "2"}}, "spec": {"x": [1]}}
    assert manifest == {"metadata": {"labels": {"a": "1"}}, "spec": {"x": [1]}}
    assert changed["spec"] is manifest["spec"]


@pytest.mark.parametrize("manifest", [{}, {"metadata": None}])
def test_replacing_creates_missing_parents(manifest: dict[str, Any]) -> None:
    assert replaced(manifest, ("metadata", "name"), "a") == {"metadata": {"name": "a"}}


def test_replacing_below_what_is_no_object_is_refused() -> None:
    with pytest.raises(TypeError, match="metadata is not an object"):
        replaced({"metadata": []}, ("metadata", "name"), "a")


def test_removing_copies_the_spine_and_shares_the_rest() -> None:
    manifest: dict[str, Any] = {"metadata": {"name": "a", "uid": "u"}, "spec": {}}
    smaller = without(manifest, ("metadata", "uid"))
    assert smaller == {"metadata": {"name": "a"}, "spec": {}}
    assert manifest["metadata"] == {"name": "a", "uid": "u"}
    assert smaller["spec"] is manifest["spec"]


@pytest.mark.parametrize("path", [("status",), ("metadata", "uid"), ("kind", "x")])
def test_removing_what_is_not_there_returns_the_same_object(path: tuple[str, ...]) -> None:
    manifest = {"metadata": {"name": "a"}, "kind": "ConfigMap"}
    assert without(manifest, path) is manifest


def test_a_null_value_counts_as_empty_text() -> None:
    assert string_map({"a": "1", "b": None}) == {"a": "1", "b": ""}
