import pytest

from armada_render.explain.fieldpath import ABSENT, look_up, parse
from armada_render.model.decode import FieldPath

MANIFEST = {"spec": {"containers": [{"image": "web"}]}, "data": {"0": None, "a.b/c~d": "x"}}


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("spec.replicas", ("spec", "replicas")),
        (".spec.replicas", ("spec", "replicas")),
        ("spec.containers[0].image", ("spec", "containers", 0, "image")),
        ('metadata.labels["a.b/c"]', ("metadata", "labels", "a.b/c")),
        ("metadata.labels['a.b/c']", ("metadata", "labels", "a.b/c")),
        (r"metadata.labels.a\.b/c", ("metadata", "labels", "a.b/c")),
        (r'data["say \"hi\""]', ("data", 'say "hi"')),
        ("/spec/containers/0/image", ("spec", "containers", 0, "image")),
        ("/metadata/labels/a~1b~0c", ("metadata", "labels", "a/b~c")),
    ],
)
def test_all_ways_to_write_a_path_are_read(text: str, path: FieldPath) -> None:
    assert parse(text) == path


@pytest.mark.parametrize("text", ["", "a[x]", "a]", "a[0", "a..", 'a["b]', "["])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is empty|is not clear"):
        parse(text)


def test_a_number_is_an_index_of_a_list_and_a_key_of_an_object() -> None:
    assert look_up(MANIFEST, ("spec", "containers", "0", "image")) == "web"
    assert look_up(MANIFEST, ("data", 0)) is None


@pytest.mark.parametrize(
    "path", [("spec", "containers", 1), ("spec", "x"), ("spec", "containers", "x"), ("data", 0, 1)]
)
def test_what_is_not_there_is_absent(path: FieldPath) -> None:
    assert look_up(MANIFEST, path) is ABSENT
