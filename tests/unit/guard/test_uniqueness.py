"""Two objects with one identity on a cluster."""

from armada_render.guard import repeated
from armada_render.model.resource import ObjectReference
from armada_render.model.work import Work


def work(name: str, version: str = "v1", source: str = "") -> Work:
    ref = ObjectReference(f"apps/{version}", "Deployment", "shop", name)
    template = ObjectReference(f"apps/{version}", "Deployment", "shop", source or name)
    return Work(ref=ref, manifest={}, template=template, app="web")


def test_different_objects_pass() -> None:
    assert list(repeated({"one": [work("a"), work("b")], "two": [work("a")]})) == []


def test_one_object_in_two_versions_is_refused_once_for_all_clusters() -> None:
    group = [work("a", "v1"), work("a", "v1beta1")]
    (problem,) = repeated({"one": group, "two": group})
    assert problem.message.startswith(
        "on 2 clusters it is the same object as apps/v1/Deployment/shop/a (from apps/v1/Deployment"
    )
    assert problem.resource == "apps/v1beta1/Deployment/shop/a"


def test_an_override_that_renames_is_found_on_its_cluster() -> None:
    same = work("a")
    (problem,) = repeated({"one": [same, work("b")], "two": [same, work("a", source="b")]})
    assert problem.message.startswith("on two it is the same object as apps/v1/Deployment/shop/a")
