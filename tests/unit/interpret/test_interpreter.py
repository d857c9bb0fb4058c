"""Which layer answers, and that Lua is only loaded for kinds that are customized."""

import subprocess
import sys
from typing import Any

from armada_render.interpret import Interpreter
from armada_render.model.fleet import Customization

DEPLOYMENT: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "app", "namespace": "team-a"},
    "spec": {"replicas": 3, "template": {"spec": {"serviceAccountName": "app"}}},
}


def customized(**scripts: str) -> Interpreter:
    return Interpreter(
        [Customization(name="mine", api_version="apps/v1", kind="Deployment", scripts=scripts)]
    )


def test_a_customization_answers_before_the_native_rule() -> None:
    script = "function GetReplicas(obj) return obj.spec.replicas * 2 end"
    assert customized(replicaResource=script).replicas(DEPLOYMENT) == (6, None)


def test_operations_without_a_script_are_left_to_the_native_rule() -> None:
    interpreter = customized(healthInterpretation="function InterpretHealth(o) return true end")
    assert interpreter.replicas(DEPLOYMENT) == (3, None)
    assert interpreter.revise(DEPLOYMENT, 5)["spec"]["replicas"] == 5
    assert interpreter.health(DEPLOYMENT) == "Healthy"
    assert len(interpreter.dependencies(DEPLOYMENT) or ()) == 1


def test_every_operation_can_be_customized() -> None:
    interpreter = customized(
        replicaRevision="function ReviseReplica(o, n) o.spec.size = n return o end",
        dependencyInterpretation="function GetDependencies(o) return {} end",
        healthInterpretation="function InterpretHealth(o) return nil end",
    )
    assert interpreter.can_revise(DEPLOYMENT)
    assert interpreter.revise(DEPLOYMENT, 5)["spec"]["size"] == 5
    assert interpreter.dependencies(DEPLOYMENT) == ()
    assert interpreter.health(DEPLOYMENT) == "Unknown"


def test_neither_lua_nor_third_party_rules_are_imported_without_need() -> None:
    program = (
        "import sys; from armada_render.interpret import Interpreter\n"
        "Interpreter().replicas({'apiVersion': 'apps/v1', 'kind': 'Deployment', 'metadata': {}})\n"
        "loaded = set(sys.modules)\n"
        "assert 'lupa' not in loaded and 'armada_render.interpret.lua' not in loaded\n"
        "assert not any(m.startswith('armada_render.interpret.thirdparty.') for m in loaded)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
