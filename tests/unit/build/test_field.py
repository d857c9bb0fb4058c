from typing import Any

import pytest

from armada_render.build.failure import BuildError
from armada_render.build.field import apply
from armada_render.model.override import FieldOverrider, FieldPatch, Operator

ADD, REMOVE, REPLACE = Operator.ADD, Operator.REMOVE, Operator.REPLACE


def config(**data: Any) -> dict[str, Any]:
    return {"kind": "ConfigMap", "data": data}


def yaml(path: str, *patches: FieldPatch) -> FieldOverrider:
    return FieldOverrider(field_path=path, yaml=patches)


def json(path: str, *patches: FieldPatch) -> FieldOverrider:
    return FieldOverrider(field_path=path, json=patches)


SET_X = FieldPatch(sub_path="/x", operator=ADD, value=1)


def test_yaml_is_read_patched_and_written_anew() -> None:
    text = "# tuning\n\"on\": 'y'\nenabled: on\nlimit: 1.0\nreplicas: 2\n---\ndropped: true\n"
    overrider = yaml("/data/c", FieldPatch(sub_path="/replicas", operator=REPLACE, value=3))
    changed = apply(config(c=text, d="kept"), overrider)
    assert changed == config(c='enabled: true\nlimit: 1\n"on": "y"\nreplicas: 3\n', d="kept")


def test_removing_everything_leaves_an_empty_object() -> None:
    overrider = yaml("/data/c", FieldPatch(sub_path="/x", operator=REMOVE))
    assert apply(config(c="x: 1"), overrider) == config(c="{}\n")


def test_json_keeps_its_order() -> None:
    assert apply(config(c='{"b":1.0}'), json("/data/c", SET_X)) == config(c='{"b":1.0,"x":1}')


def test_empty_text_takes_no_json_patch() -> None:
    assert apply(config(c=""), json("/data/c", SET_X)) == config(c="")


def test_yaml_wins_over_json() -> None:
    overrider = FieldOverrider(field_path="/data/c", json=(SET_X,), yaml=(SET_X,))
    assert apply(config(c="{}"), overrider) == config(c="x: 1\n")


def test_neither_empties_the_field() -> None:
    assert apply(config(c="x"), FieldOverrider(field_path="/data/c")) == config(c="")


def test_path_goes_through_lists_and_escapes() -> None:
    manifest = {"kind": "X", "l": [{"a/b": "{}"}, "kept"]}
    changed = apply(manifest, json("/l/00/a~1b", SET_X))
    assert changed == {"kind": "X", "l": [{"a/b": '{"x":1}'}, "kept"]}
    assert manifest["l"][0] == {"a/b": "{}"}


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/data/x", 'no field at /data/x: /data has no element "x"'),
        ("/nope/x", 'the object has no element "nope"'),
        ("/data/n/x", "no field at /data/n/x: /data/n is null"),
        ("/data/c/x", "/data/c is a string"),
        ("/data/l/-", '/data/l is a list, and "-" is no index'),
        ("/data/l/-1", "/data/l has 1 elements, -1 is outside"),
        ("/data/l/0", "the field at /data/l/0 is a number, not a string of JSON or YAML"),
        ("/data/n", "the field at /data/n is null"),
        ("", "the field at the root is an object"),
    ],
)
def test_field_that_is_no_text_is_refused(path: str, message: str) -> None:
    with pytest.raises(BuildError) as caught:
        apply(config(c="{}", n=None, l=[1]), yaml(path, SET_X))
    assert message in caught.value.message
    assert not caught.value.at


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        ("a: [", "the field's text is no valid YAML: line 2", "yaml"),
        ("just text", "the field's YAML is a string, neither an object nor a list", "yaml"),
        ("", "the document is null", "yaml[0]"),
        ("# nothing", "the document is null", "yaml[0]"),
        ('a: "\\x81"', "no valid YAML", "yaml"),
    ],
)
def test_yaml_that_cannot_be_patched(text: str, message: str, at: str) -> None:
    with pytest.raises(BuildError) as caught:
        apply(config(c=text), yaml("/data/c", SET_X))
    assert message in caught.value.message
    assert caught.value.at == at


def test_json_error_says_which_operation() -> None:
    patch = FieldPatch(sub_path="/y/z", operator=ADD, value=1)
    with pytest.raises(BuildError) as caught:
        apply(config(c="{}"), json("/data/c", SET_X, patch))
    assert caught.value.at == "json[1]"


def test_text_of_a_secret_is_not_quoted() -> None:
    manifest = {"kind": "Secret", "stringData": {"c": "hunter2: [hunter2"}}
    for overrider in (yaml("/stringData/c", SET_X), json("/stringData/c", SET_X)):
        with pytest.raises(BuildError) as caught:
            apply(manifest, overrider)
        assert "hunter2" not in caught.value.message + caught.value.hint
