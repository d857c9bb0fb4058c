"""The scripts of all ResourceInterpreterCustomizations, asked by kind and operation.

Rules: pkg/resourceinterpreter/customized/declarative/configurable.go and configmanager/accessor.go.
"""

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import TypeVar

from armada_render.interpret.lua import convert, sandbox
from armada_render.interpret.values import DependentObject, InterpretError, checked, union
from armada_render.model.binding import ReplicaRequirements
from armada_render.model.fleet import Customization
from armada_render.model.resource import Manifest

T = TypeVar("T")


class Operation(StrEnum):
    """The keys of `spec.customizations` whose scripts a render runs."""

    REPLICAS = "replicaResource"
    REVISE = "replicaRevision"
    DEPENDENCIES = "dependencyInterpretation"
    HEALTH = "healthInterpretation"


_FUNCTIONS = {
    Operation.REPLICAS: "GetReplicas",
    Operation.REVISE: "ReviseReplica",
    Operation.DEPENDENCIES: "GetDependencies",
    Operation.HEALTH: "InterpretHealth",
}


class LuaScripts:
    """Runs users' scripts. Each call gets a state of its own, so nothing survives between calls.

    Each operation raises `InterpretError` that names the customization, the operation and the line;
    it must only be asked for where `has` says yes.
    """

    def __init__(self, customizations: Sequence[Customization]) -> None:
        self._by_kind: dict[tuple[str, str], list[Customization]] = {}
        for customization in sorted(customizations, key=lambda item: item.name):
            key = (customization.api_version, customization.kind)
            self._by_kind.setdefault(key, []).append(customization)

    def has(self, api_version: str, kind: str, operation: str) -> bool:
        """Tell whether a script answers `operation`, a key of `spec.customizations`."""
        return next(self._answering(api_version, kind, operation), None) is not None

    def replicas(self, manifest: Manifest) -> tuple[int, ReplicaRequirements | None]:
        """Return the replicas that `manifest` asks for and what each needs."""

        def ask(script: str) -> tuple[int, ReplicaRequirements | None]:
            kind, count, extra, needs = _call(script, Operation.REPLICAS, 2, manifest)
            if kind != "number":
                raise InterpretError(f"GetReplicas must return a number first, not {kind}")
            if extra == "nil":
                return convert.int32(count), None
            if extra != "table":
                raise InterpretError(f"GetReplicas must return a table or nil second, not {extra}")
            return convert.int32(count), convert.requirements(needs)

        return _answered(self._first(manifest, Operation.REPLICAS), Operation.REPLICAS, ask)

    def revise(self, manifest: Manifest, replicas: int) -> Manifest:
        """Return what the script makes of `manifest` with another number of replicas."""

        def ask(script: str) -> Manifest:
            kind, result = _call(script, Operation.REVISE, 1, manifest, replicas)
            if kind != "table":
                raise InterpretError(f"ReviseReplica must return the manifest, not {kind}")
            return convert.manifest(result, manifest)

        return _answered(self._first(manifest, Operation.REVISE), Operation.REVISE, ask)

    def dependencies(self, manifest: Manifest) -> tuple[DependentObject, ...]:
        """Return what the scripts of all customizations for the kind name together, sorted."""

        def ask(script: str) -> Sequence[DependentObject]:
            kind, result = _call(script, Operation.DEPENDENCIES, 1, manifest)
            if kind != "table":
                hint = " (return {} for none)" if kind == "nil" else ""
                raise InterpretError(f"GetDependencies must return a table, not {kind}{hint}")
            return checked(convert.references(result))

        customizations = self._answering(*_kind(manifest), Operation.DEPENDENCIES)
        return union(
            dependency
            for customization in customizations
            for dependency in _answered(customization, Operation.DEPENDENCIES, ask)
        )

    def health(self, manifest: Manifest) -> bool:
        """Tell whether the script takes `manifest`, with its status, for healthy."""

        def ask(script: str) -> bool:
            kind, healthy = _call(script, Operation.HEALTH, 1, manifest)
            if kind != "boolean":
                raise InterpretError(f"InterpretHealth must return true or false, not {kind}")
            return bool(healthy)

        return _answered(self._first(manifest, Operation.HEALTH), Operation.HEALTH, ask)

    def _answering(self, api_version: str, kind: str, operation: str) -> Iterator[Customization]:
        for customization in self._by_kind.get((api_version, kind), ()):
            if customization.scripts.get(operation):
                yield customization

    def _first(self, manifest: Manifest, operation: Operation) -> Customization:
        return next(self._answering(*_kind(manifest), operation))


def _kind(manifest: Manifest) -> tuple[str, str]:
    return manifest["apiVersion"], manifest["kind"]


def _call(
    script: str, operation: Operation, wanted: int, *arguments: sandbox.Json
) -> tuple[sandbox.Json, ...]:
    return sandbox.call(sandbox.compiled(script), _FUNCTIONS[operation], wanted, *arguments)


def _answered(customization: Customization, operation: Operation, ask: Callable[[str], T]) -> T:
    """Return the answer of the script, or raise an error that says whose script failed."""
    try:
        return ask(customization.scripts[operation])
    except InterpretError as error:
        raise InterpretError(
            error.message,
            customization=customization.name,
            operation=operation,
            line=error.line,
        ) from None


def check(customization: Customization) -> str:
    """Say which script of `customization` does not compile and why; "" when all do.

    Rules: pkg/webhook/resourceinterpretercustomization/validating.go. That a script lacks its
    function shows only when it runs.
    """
    for operation, script in sorted(customization.scripts.items()):
        try:
            sandbox.compiled(script)
        except InterpretError as error:
            line = f", line {error.line}" if error.line else ""
            return f"the Lua script of {operation}{line} is not valid: {error.message}"
    return ""
