from typing import Any

import pytest

from armada_render.build.failure import BuildError
from armada_render.build.image import apply
from armada_render.model.override import ImageComponent, ImageOverrider, ImagePredicate, Operator

HEX = "ab" * 32
REGISTRY, REPOSITORY, TAG = ImageComponent
ADD, REMOVE, REPLACE = Operator.ADD, Operator.REMOVE, Operator.REPLACE


def pod(*images: str | None) -> dict[str, Any]:
    containers = [{"name": "c"} if image is None else {"image": image} for image in images]
    return {"kind": "Pod", "spec": {"containers": containers}}


def changed(image: str, component: ImageComponent, operator: Operator, value: str = "") -> str:
    overrider = ImageOverrider(component=component, operator=operator, value=value)
    result: str = apply(pod(image), overrider)["spec"]["containers"][0]["image"]
    return result


@pytest.mark.parametrize(
    ("image", "component", "operator", "value", "want"),
    [
        (f"nginx:1.2@sha256:{HEX}", REGISTRY, REPLACE, "r.io", "r.io/nginx:1.2"),
        (f"r.io/nginx@sha256:{HEX}", REGISTRY, ADD, ":5000", f"r.io:5000/nginx@sha256:{HEX}"),
        ("r.io/nginx", REGISTRY, ADD, "x", "r.iox/nginx"),
        ("nginx", REGISTRY, ADD, "r.io", "r.io/nginx"),
        ("nginx", REGISTRY, REMOVE, "", "nginx"),
        ("localhost/nginx", REGISTRY, REMOVE, "", "nginx"),
        ("[fe80::1]:5000/nginx", REGISTRY, REPLACE, "", "nginx"),
        ("MyReg/app:1", REGISTRY, REPLACE, "r.io", "r.io/MyReg/app:1"),
        ("library/nginx", REGISTRY, REPLACE, "r.io", "r.io/library/nginx"),
        ("r.io/a:1", REPOSITORY, REMOVE, "", "r.io/:1"),
        ("r.io/a:1", REPOSITORY, ADD, "/b", "r.io/a/b:1"),
        ("a", REPOSITORY, REPLACE, "b", "b"),
        ("nginx:1", TAG, REPLACE, f"@sha256:{HEX}", "nginx:1"),
        ("nginx:1", TAG, REPLACE, ":v2", "nginx:1"),
        ("nginx:1", TAG, REPLACE, "", "nginx:1"),
        ("nginx:1", TAG, REPLACE, "v" * 129, "nginx:1"),
        ("nginx:1", TAG, REPLACE, f"sha256:{HEX}", f"nginx@sha256:{HEX}"),
        ("nginx:1", TAG, REPLACE, f"X-y:{'AB' * 16}", f"nginx@X-y:{'AB' * 16}"),
        (f"nginx@sha256:{HEX}", TAG, REMOVE, "", "nginx"),
        (f"nginx@sha256:{HEX}", TAG, REPLACE, "v2", "nginx:v2"),
        ("nginx:1", TAG, ADD, ".2", "nginx:1.2"),
        ("nginx", TAG, ADD, "v1", "nginx:v1"),
        ("nginx:1", TAG, REMOVE, "ignored", "nginx"),
    ],
)
def test_component_changes(
    image: str, component: ImageComponent, operator: Operator, value: str, want: str
) -> None:
    assert changed(image, component, operator, value) == want


@pytest.mark.parametrize(
    ("image", "message"),
    [
        ("", "there is no image"),
        ("r.io/App:1", "must be lower-case"),
        ("r.io/:1", '"r.io/:1" is not an image reference'),
        ("nginx:", "is not an image reference"),
        ("é", "is not an image reference"),
        ("nginx\n", "is not an image reference"),
        ("a/" + "b" * 256, "longer than 255"),
        ("x" * 5000, "too long"),
        (f"nginx@sha256:{'ab' * 16}", "a sha256 digest has 64 lower-case hex digits"),
        (f"nginx@sha256:{'AB' * 32}", "a sha256 digest has 64 lower-case hex digits"),
        (f"nginx@md5:{HEX}", 'digest algorithm "md5" is none of sha256, sha384, sha512'),
    ],
)
def test_image_that_cannot_be_parsed_is_refused(image: str, message: str) -> None:
    with pytest.raises(BuildError) as caught:
        changed(image, TAG, REPLACE, "v1")
    assert caught.value.message.startswith("spec.containers[0].image: ")
    assert message in caught.value.message


def test_long_hostile_image_is_refused_quickly() -> None:
    with pytest.raises(BuildError):
        changed("a" * 4000 + "!", TAG, REPLACE, "v1")


TO_MIRROR = ImageOverrider(component=REGISTRY, operator=REPLACE, value="r.io")


@pytest.mark.parametrize("kind", ["Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "Job"])
def test_all_but_init_containers_of_known_kinds_change(kind: str) -> None:
    def manifest(image: str) -> dict[str, Any]:
        spec = {"containers": [{"image": image}], "initContainers": [{"image": "a"}]}
        return {"kind": kind, "spec": {"template": {"spec": spec}}}

    before = manifest("a")
    assert apply(before, TO_MIRROR) == manifest("r.io/a")
    assert before == manifest("a")


@pytest.mark.parametrize(
    "manifest",
    [
        {"kind": "CronJob", "spec": {"containers": [{"image": "a"}]}},
        {"kind": "Pod"},
        {"kind": "Pod", "spec": {"containers": None}},
        {"kind": "Deployment", "spec": {"template": None}},
        {"kind": "Deployment", "spec": None},
    ],
)
def test_other_objects_stay_the_same(manifest: dict[str, Any]) -> None:
    assert apply(manifest, TO_MIRROR) is manifest


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        (pod("a", None), "spec.containers[1].image: there is no image"),
        ({"kind": "Pod", "spec": {"containers": [None]}}, "there is no image"),
        ({"kind": "Deployment", "spec": []}, "not a valid Deployment: spec: expected object"),
    ],
)
def test_object_of_the_wrong_form_is_refused(manifest: dict[str, Any], message: str) -> None:
    with pytest.raises(BuildError) as caught:
        apply(manifest, TO_MIRROR)
    assert message in caught.value.message


def at(path: str) -> ImageOverrider:
    predicate = ImagePredicate(path)
    return ImageOverrider(predicate=predicate, component=REGISTRY, operator=REPLACE, value="r.io")


def test_predicate_changes_one_field_of_any_kind() -> None:
    manifest = {"kind": "X", "spec": {"l": [{"image": "a"}, {"image": "b"}]}}
    assert apply(manifest, at("/spec/l/01/image")) == {
        "kind": "X",
        "spec": {"l": [{"image": "a"}, {"image": "r.io/b"}]},
    }


def test_predicate_with_doubled_slash_changes_nothing() -> None:
    manifest = {"kind": "X", "image": "a"}
    assert apply(manifest, at("//image")) == manifest


@pytest.mark.parametrize(
    ("path", "message", "is_crash"),
    [
        ("/spec/x/image", '/spec/x/image: "x" does not exist', False),
        ("/spec/s/image", '"s" is a string', False),
        ("/spec/l/x/image", '"l" is a list, and "x" is no index', False),
        ("/spec/l/5/image", '"l" has 2 elements, 5 is outside', True),
        ("/spec/l/-1/image", '"l" has 2 elements, -1 is outside', True),
        ("/spec/l/1/image", '"l" has a string at 1', True),
        ("/spec/l/0", '"0" does not exist', False),
        ("/spec/n", '"n" is a number, not a string', False),
        ("/spec/bad", '/spec/bad: "a:" is not an image reference', False),
        ("/spec/s/", "spec.s is a string, neither an object nor a list", False),
    ],
)
def test_predicate_without_an_image_is_refused(path: str, message: str, *, is_crash: bool) -> None:
    manifest = {"kind": "X", "spec": {"l": [{"image": "a"}, "b"], "n": 1, "s": "a", "bad": "a:"}}
    with pytest.raises(BuildError) as caught:
        apply(manifest, at(path))
    assert message in caught.value.message
    assert caught.value.is_crash is is_crash


def test_text_of_a_secret_is_not_quoted() -> None:
    manifest = {"kind": "Secret", "stringData": {"p": "Hunter 2"}}
    with pytest.raises(BuildError) as caught:
        apply(manifest, at("/stringData/p"))
    assert "Hunter" not in caught.value.message
