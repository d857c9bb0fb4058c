"""What the interpreter answers with, and how it says that it cannot."""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum

from msgspec import Struct

from armada_render.model.binding import ReplicaRequirements
from armada_render.model.resource import Manifest
from armada_render.model.selector import LabelSelector


class InterpretError(Exception):
    """A manifest cannot be interpreted: by us, or by a user's Lua script.

    `customization`, `operation` and `line` say where in which ResourceInterpreterCustomization;
    they are "", "" and 0 when no script of a user was at work.
    """

    def __init__(
        self, message: str, *, customization: str = "", operation: str = "", line: int = 0
    ) -> None:
        self.message = message
        self.customization = customization
        self.operation = operation
        self.line = line
        super().__init__(message)

    def __str__(self) -> str:
        if not self.customization:
            return self.message
        line = f", line {self.line}" if self.line else ""
        return (
            f"ResourceInterpreterCustomization {self.customization}, "
            f"{self.operation}{line}: {self.message}"
        )


class Health(StrEnum):
    """How an object fares on a member cluster; `UNKNOWN` when its health cannot be interpreted."""

    HEALTHY = "Healthy"
    UNHEALTHY = "Unhealthy"
    UNKNOWN = "Unknown"


class DependentObject(Struct, frozen=True, order=True, kw_only=True):
    """An object that another one needs beside it, by name or else by label selector."""

    api_version: str
    kind: str
    namespace: str = ""
    name: str = ""
    label_selector: LabelSelector | None = None

    def __str__(self) -> str:
        name = self.name if self.label_selector is None else self.name or "(label selector)"
        return f"{self.api_version}/{self.kind}/{self.namespace}/{name}"


def checked(dependencies: Sequence[DependentObject]) -> Sequence[DependentObject]:
    """Return `dependencies`, or raise `InterpretError` when one names nothing.

    Rules: pkg/util/interpreter/validation/validation.go, VerifyDependencies.
    """
    problems: list[str] = []
    for index, dependency in enumerate(dependencies):
        where = f"dependencies[{index}]"
        if not dependency.api_version:
            problems.append(f"{where}.apiVersion is missing")
        if not dependency.kind:
            problems.append(f"{where}.kind is missing")
        selector = dependency.label_selector
        if not dependency.name and selector is None:
            problems.append(f"{where} ({dependency}) has neither a name nor a labelSelector")
        if selector is not None and selector.requirements() is None:
            problems.append(f"{where}.labelSelector is not a valid label selector")
    if problems:
        raise InterpretError("; ".join(problems))
    return dependencies


def union(dependencies: Iterable[DependentObject]) -> tuple[DependentObject, ...]:
    """Return each dependency once, sorted; those with a label selector never collapse.

    Upstream keeps them in a set of structs with a selector pointer, then sorts by these four
    (pkg/resourceinterpreter/customized/declarative/configurable.go, GetDependencies).
    """
    by_name: dict[tuple[str, str, str, str], DependentObject] = {}
    by_selector: list[DependentObject] = []
    for dependency in dependencies:
        if dependency.label_selector is None:
            by_name.setdefault(_key(dependency), dependency)
        else:
            by_selector.append(dependency)
    return tuple(sorted([*by_name.values(), *by_selector], key=_key))


def _key(dependency: DependentObject) -> tuple[str, str, str, str]:
    return (dependency.api_version, dependency.kind, dependency.namespace, dependency.name)


Replicas = tuple[int | None, ReplicaRequirements | None]
"""How many replicas a manifest asks for (None: it leaves that open), and what each one needs."""


class Rules(Struct, frozen=True, kw_only=True):
    """What we know of one kind; None where it has no hook. All functions raise `InterpretError`."""

    replicas: Callable[[Manifest], Replicas] | None = None
    revise: Callable[[Manifest, int], Manifest] | None = None
    dependencies: Callable[[Manifest], Sequence[DependentObject]] | None = None
    health: Callable[[Manifest], bool] | None = None
