from typing import Any

import pytest

from armada_render.build.commandargs import apply
from armada_render.build.failure import BuildError
from armada_render.model.override import CommandArgsOverrider, ListOperator


def pod(**container: Any) -> dict[str, Any]:
    containers = [{"name": "app", **container}, {"name": "other"}]
    return {"kind": "Pod", "spec": {"containers": containers, "initContainers": containers}}


def overrider(operator: ListOperator, *words: str) -> CommandArgsOverrider:
    return CommandArgsOverrider(container_name="app", operator=operator, value=words)


ADD, REMOVE = ListOperator.ADD, ListOperator.REMOVE


@pytest.mark.parametrize(
    ("before", "operator", "words", "after"),
    [
        ({"args": ["a", "b", "a"]}, REMOVE, ("a", "z"), ["b"]),
        ({"args": ["a"]}, REMOVE, ("a",), []),
        ({"args": ["a"]}, ADD, ("a", "b"), ["a", "a", "b"]),
        ({}, ADD, ("x", "x"), ["x", "x"]),
        ({}, REMOVE, ("x",), []),
        ({"args": None}, ADD, (), []),
    ],
)
def test_words_of_the_named_container_change(
    before: dict[str, Any], operator: ListOperator, words: tuple[str, ...], after: list[str]
) -> None:
    manifest = pod(**before)
    changed = apply(manifest, overrider(operator, *words), "args")
    assert changed["spec"]["containers"] == [{"name": "app", "args": after}, {"name": "other"}]
    assert changed["spec"]["initContainers"] is manifest["spec"]["initContainers"]
    assert manifest == pod(**before)


def test_command_of_a_pod_template_changes() -> None:
    def manifest(**container: Any) -> dict[str, Any]:
        return {"kind": "Job", "spec": {"template": pod(**container)}}

    changed = apply(manifest(command=["sh"]), overrider(ADD, "-c"), "command")
    containers = changed["spec"]["template"]["spec"]["containers"]
    assert containers[0] == {"name": "app", "command": ["sh", "-c"]}


@pytest.mark.parametrize(
    "manifest",
    [
        {"kind": "CronJob", "spec": {}},
        {"kind": "Pod"},
        {"kind": "Pod", "spec": None},
        {"kind": "Pod", "spec": {"containers": []}},
    ],
)
def test_object_without_such_containers_stays(manifest: dict[str, Any]) -> None:
    assert apply(manifest, overrider(ADD, "x"), "args") is manifest


@pytest.mark.parametrize(
    ("manifest", "message", "is_crash"),
    [
        ({"kind": "Pod", "spec": 1}, "spec is a number, not an object", False),
        ({"kind": "Pod", "spec": {"containers": None}}, "spec.containers is null", False),
        ({"kind": "Pod", "spec": {"containers": ["x"]}}, "containers[0] is a string", True),
        (pod(args="x"), "containers[0].args is a string, not a list", True),
        (pod(args=[5]), "containers[0].args[0] is a number, not a string", False),
    ],
)
def test_object_of_the_wrong_form_is_refused(
    manifest: dict[str, Any], message: str, *, is_crash: bool
) -> None:
    with pytest.raises(BuildError) as caught:
        apply(manifest, overrider(ADD, "x"), "args")
    assert message in caught.value.message
    assert caught.value.is_crash is is_crash
