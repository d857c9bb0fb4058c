"""The `kube` library, asked from Lua."""

from typing import Any

import msgspec
import pytest

from armada_render.interpret.lua.sandbox import ScriptError, call, compiled


def asked(expression: str, template: Any = None) -> Any:
    script = (
        f"local kube = require('kube')\nfunction F(pod)\nlocal x = {expression}\nreturn {{x}}\nend"
    )
    return msgspec.json.decode(call(compiled(script), "F", 1, template)[1])


@pytest.mark.parametrize(
    ("arguments", "total"),
    [
        ("'100m', '0.4', '2'", "2500m"),
        ("'64Mi', '1Gi'", "1088Mi"),
        ("'1Gi', '1'", "1073741825"),
        ("'1', '1Ki'", "1025"),
        ("nil, '1Gi'", "1Gi"),
        ("'0', '2Gi'", "2Gi"),
        ("'1G', '1Gi'", "2073741824"),
        ("", "0"),
    ],
)
def test_resource_add(arguments: str, total: str) -> None:
    assert asked(f"kube.resourceAdd({arguments})") == [total]


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("'100m'", 0.1),
        ("'1Gi'", 1073741824),
        ("'1.5Gi'", 1610612736),
        ("'2'", 2),
        ("'0.7'", 7 * 10.0**-1),
        ("'1e3'", 1000),
        ("nil", 0),
    ],
)
def test_resource_quantity_is_a_float(written: str, number: float) -> None:
    assert asked(f"kube.getResourceQuantity({written})") == [number]


POD = {
    "spec": {
        "serviceAccountName": "runner",
        "nodeSelector": {"disk": "ssd"},
        "tolerations": [{"key": "gpu", "operator": "Exists"}],
        "containers": [{"name": "a", "resources": {"requests": {"cpu": "1", "memory": "1Gi"}}}],
        "volumes": [{"name": "v", "configMap": {"name": "cfg"}}, {"name": "e", "emptyDir": {}}],
    }
}


def test_pod_requirements_have_the_members_that_go_writes() -> None:
    assert asked("kube.accuratePodRequirements(pod)", POD) == [
        {
            "nodeClaim": {
                "nodeSelector": {"disk": "ssd"},
                "tolerations": [{"key": "gpu", "operator": "Exists"}],
            },
            "resourceRequest": {"cpu": "1", "memory": "1Gi"},
        }
    ]


def test_a_pod_that_asks_for_nothing_has_no_requirements() -> None:
    pod = {"spec": {"containers": [{"name": "a"}]}}
    assert asked("kube.accuratePodRequirements(pod) == nil", pod) == [True]


def test_an_empty_request_is_left_out_but_an_empty_claim_is_not() -> None:
    expression = "{r.nodeClaim ~= nil, r.resourceRequest == nil, r.namespace == nil}"
    pod = {"spec": {"tolerations": [{"key": "a"}]}}
    assert asked(
        f"(function(r) return {expression} end)(kube.accuratePodRequirements(pod))", pod
    ) == [[True, True, True]]


def test_pod_dependencies() -> None:
    assert asked("kube.getPodDependencies(pod, 'team')", POD) == [
        [
            {"apiVersion": "v1", "kind": "ConfigMap", "namespace": "team", "name": "cfg"},
            {"apiVersion": "v1", "kind": "ServiceAccount", "namespace": "team", "name": "runner"},
        ]
    ]
    assert asked("kube.getPodDependencies(pod, nil)[1].namespace", POD) == ["default"]


def test_a_pod_without_dependencies_gives_nil() -> None:
    pod = {"spec": {"containers": [{"name": "a"}]}}
    assert asked("kube.getPodDependencies(pod, 'team') == nil", pod) == [True]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("kube.resourceAdd('much')", "'much' is not a quantity"),
        ("kube.resourceAdd('1', ' 2')", "' 2' is not a quantity: there are spaces"),
        ("kube.resourceAdd(1)", "bad argument #1 to 'resourceAdd' .string expected, got number"),
        ("kube.getResourceQuantity('-1')", "the quantity -1 is negative"),
        ("kube.getResourceQuantity()", "exactly one argument"),
        ("kube.accuratePodRequirements(nil)", "table expected, got nil"),
        ("kube.accuratePodRequirements({}, 1)", "exactly one argument"),
        ("kube.accuratePodRequirements({1})", "the pod template is a list"),
        ("kube.accuratePodRequirements({spec = {containers = 'x'}})", "containers"),
        ("kube.getPodDependencies({})", "exactly two arguments"),
        ("kube.getPodDependencies(nil, 'a')", "table expected, got nil"),
        ("kube.getPodDependencies({}, true)", "string expected, got boolean"),
    ],
)
def test_misuse_raises_where_the_script_calls(expression: str, message: str) -> None:
    with pytest.raises(ScriptError, match=message) as caught:
        asked(expression)
    assert caught.value.line == 3


def test_a_script_can_catch_the_error() -> None:
    assert asked("select('#', pcall(kube.resourceAdd, 'much'))") == [2]
