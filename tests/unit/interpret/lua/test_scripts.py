"""Which script answers for a kind, and what its results must be."""

import copy
from typing import Any

import pytest

from armada_render.interpret.lua import LuaScripts, Operation, check, sandbox
from armada_render.interpret.values import InterpretError
from armada_render.model.binding import ReplicaRequirements
from armada_render.model.fleet import Customization


def customization(name: str = "widget", **scripts: str) -> Customization:
    return Customization(name=name, api_version="example.io/v1", kind="Widget", scripts=scripts)


def widget(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "example.io/v1",
        "kind": "Widget",
        "metadata": {"name": "w", "namespace": "team"},
        "spec": spec,
    }


def replicas(body: str, manifest: dict[str, Any] | None = None) -> Any:
    script = f"function GetReplicas(obj)\n{body}\nend"
    return LuaScripts([customization(replicaResource=script)]).replicas(manifest or widget(size=3))


def revised(body: str, manifest: dict[str, Any], count: int = 5) -> Any:
    script = f"function ReviseReplica(obj, n)\n{body}\nend"
    return LuaScripts([customization(replicaRevision=script)]).revise(manifest, count)


def dependencies(body: str) -> list[str]:
    script = f"function GetDependencies(obj)\n{body}\nend"
    scripts = LuaScripts([customization(dependencyInterpretation=script)])
    return [str(dependency) for dependency in scripts.dependencies(widget())]


def health(body: str) -> bool:
    script = f"function InterpretHealth(obj)\n{body}\nend"
    return LuaScripts([customization(healthInterpretation=script)]).health(widget())


def test_only_non_empty_scripts_of_the_exact_kind_count() -> None:
    scripts = LuaScripts([customization(replicaResource="x = 1", replicaRevision="")])
    assert scripts.has("example.io/v1", "Widget", Operation.REPLICAS)
    assert scripts.has("example.io/v1", "Widget", "replicaResource")
    assert not scripts.has("example.io/v1", "Widget", Operation.REVISE)
    assert not scripts.has("example.io/v1", "Widget", Operation.HEALTH)
    assert not scripts.has("example.io/v2", "Widget", Operation.REPLICAS)
    assert not scripts.has("example.io/v1", "Gadget", Operation.REPLICAS)


def test_the_first_by_name_answers() -> None:
    one = customization("b", replicaResource="function GetReplicas() return 1 end")
    two = customization("a", replicaResource="function GetReplicas() return 2 end")
    empty = customization("0", replicaResource="")
    assert LuaScripts([one, two, empty]).replicas(widget()) == (2, None)


def test_dependencies_of_all_scripts_are_joined() -> None:
    script = (
        "function GetDependencies() return {{apiVersion='v1', kind='Secret', name='%s'},"
        "{apiVersion='v1', kind='ConfigMap', name='both'},"
        "{apiVersion='v1', kind='Pod', labelSelector={matchLabels={a='b'}}}} end"
    )
    scripts = LuaScripts(
        [customization(name, dependencyInterpretation=script % name) for name in ("y", "x")]
    )
    assert [str(dependency) for dependency in scripts.dependencies(widget())] == [
        "v1/ConfigMap//both",
        "v1/Pod//(label selector)",
        "v1/Pod//(label selector)",
        "v1/Secret//x",
        "v1/Secret//y",
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return obj.spec.size", (3, None)),
        ("return obj.spec.size, nil", (3, None)),
        ("return 2.9, {}", (2, ReplicaRequirements())),
        ("return -1", (-1, None)),
        ("return 1e10", (-(2**31), None)),
        (
            "return 1, {resourceRequest = {cpu = '500m'}, nodeClaim = {}}",
            (1, ReplicaRequirements(resource_request={"cpu": "500m"})),
        ),
    ],
)
def test_replicas(body: str, expected: Any) -> None:
    assert replicas(body) == expected


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("return nil", "must return a number first, not nil"),
        ("return '3'", "must return a number first, not string"),
        ("return 1, 'x'", "must return a table or nil second, not string"),
        ("return 1, {resourceRequest = {cpu = 'x'}}", "resourceRequest.cpu"),
    ],
)
def test_replicas_must_be_a_number_and_a_table(body: str, message: str) -> None:
    with pytest.raises(InterpretError, match=message):
        replicas(body)


def test_revision_keeps_what_lua_cannot_hold_apart() -> None:
    manifest = widget(
        size=1, ratio=1.0, empty={}, none=[], gone=None, list=[1, None, 2], huge=2**60 + 1
    )
    before = copy.deepcopy(manifest)
    result = revised("obj.spec.size = n obj.spec.new = {} return obj", manifest)
    assert result == widget(
        size=5, ratio=1, empty={}, none=[], list=[1, 2], huge=1152921504606847000
    )
    assert isinstance(result["spec"]["ratio"], int)
    assert list(result) == ["apiVersion", "kind", "metadata", "spec"]
    assert manifest == before


def test_revision_accepts_a_manifest_with_shared_parts() -> None:
    shared = {"a": "b"}
    manifest = widget(one=shared, two=shared)
    assert revised("return obj", manifest) == manifest


def test_revision_refuses_a_table_in_two_places() -> None:
    with pytest.raises(InterpretError, match="stands twice"):
        revised("obj.spec.two = obj.spec.one return obj", widget(one={"a": 1}))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("return nil", "must return the manifest, not nil"),
        ("return 5", "must return the manifest, not number"),
        ("return {}", "has no kind"),
        ("return {1}", "is a list"),
    ],
)
def test_revision_must_return_an_object(body: str, message: str) -> None:
    with pytest.raises(InterpretError, match=message):
        revised(body, widget())


def test_dependencies_are_checked() -> None:
    assert dependencies("return {}") == []
    with pytest.raises(InterpretError, match=r"must return a table, not nil \(return \{\} for"):
        dependencies("return nil")
    with pytest.raises(InterpretError, match=r"dependencies\[0\].kind is missing"):
        dependencies("return {{apiVersion = 'v1', name = 'x'}}")
    with pytest.raises(InterpretError, match="neither a name nor a labelSelector"):
        dependencies("return {{apiVersion = 'v1', kind = 'Secret'}}")


def test_health_must_be_a_boolean() -> None:
    assert health("return true") is True
    assert health("return false") is False
    with pytest.raises(InterpretError, match="must return true or false, not nil"):
        health("local x = 1")


def test_an_error_names_customization_operation_and_line() -> None:
    with pytest.raises(InterpretError) as caught:
        replicas("local x = obj.spec\nreturn x.nothing.more")
    error = caught.value
    assert (error.customization, error.operation, error.line) == ("widget", "replicaResource", 3)
    assert str(error) == (
        "ResourceInterpreterCustomization widget, replicaResource, line 3: "
        "attempt to index field 'nothing' (a nil value)"
    )


def test_a_missing_function_is_found_when_the_script_runs() -> None:
    scripts = LuaScripts([customization(replicaResource="function Other() end")])
    with pytest.raises(InterpretError, match="defines no function GetReplicas"):
        scripts.replicas(widget())


def test_check_reports_scripts_that_do_not_compile() -> None:
    assert check(customization(replicaResource="function GetReplicas() end")) == ""
    broken = customization(healthInterpretation="x = 1", retention="function Retain(\n")
    assert check(broken) == (
        "the Lua script of retention, line 2 is not valid: <name> or '...' expected near <eof>"
    )


def test_a_missing_lupa_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(sandbox, "import_module", missing)
    with pytest.raises(InterpretError, match=r"the extra \[lua\]"):
        replicas("return 17")
