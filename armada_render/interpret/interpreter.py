"""Asks, for each operation, the first of three layers that knows the kind.

Layers (pkg/resourceinterpreter/interpreter.go): the user's ResourceInterpreterCustomizations, the
rules for third-party kinds that Karmada ships, those for Kubernetes' own kinds. An error of the
layer that answers is final. Interpreter webhooks, upstream's fourth, cannot be called here.
"""

from collections.abc import Sequence
from typing import Protocol

from armada_render.interpret import native, thirdparty
from armada_render.interpret.values import (
    DependentObject,
    Health,
    InterpretError,
    Rules,
    checked,
    union,
)
from armada_render.model.binding import ReplicaRequirements
from armada_render.model.fleet import Customization
from armada_render.model.resource import Manifest

_NO_RULES = Rules()


class Scripts(Protocol):
    """What a user's Lua scripts answer; a Protocol, so that the engine need not be loaded."""

    def replicas(self, manifest: Manifest) -> tuple[int, ReplicaRequirements | None]:
        """Run `replicaResource`."""

    def revise(self, manifest: Manifest, replicas: int) -> Manifest:
        """Run `replicaRevision`."""

    def dependencies(self, manifest: Manifest) -> tuple[DependentObject, ...]:
        """Run `dependencyInterpretation`."""

    def health(self, manifest: Manifest) -> bool:
        """Run `healthInterpretation`."""


class Interpreter:
    """What kinds mean, with a user's customizations or without."""

    def __init__(self, customizations: Sequence[Customization] = ()) -> None:
        self._customizations = tuple(sorted(customizations, key=lambda one: one.name))
        self._customized = {
            (one.api_version, one.kind, operation)
            for one in self._customizations
            for operation, script in one.scripts.items()
            if script
        }
        self._loaded: Scripts | None = None

    def replicas(
        self, manifest: Manifest, *, divided: bool = True
    ) -> tuple[int, ReplicaRequirements | None] | None:
        """Return the replicas asked for and what each needs, None for a kind that has no replicas.

        A native workload that leaves the number open runs one replica, which is what counts where
        replicas are `divided`; Karmada, which reads what the API server has filled in, takes what
        is not filled in for 0, and so do we where the number does not matter.
        """
        scripts = self._scripts(manifest, "replicaResource")
        if scripts is not None:
            return scripts.replicas(manifest)
        rule = self._rules(manifest).replicas
        if rule is None:
            return None
        count, requirements = rule(manifest)
        if count is None:
            count = 1 if divided else 0
        return count, requirements

    def can_revise(self, manifest: Manifest) -> bool:
        """Tell whether the number of replicas can be written into objects of this kind."""
        if self._scripts(manifest, "replicaRevision") is not None:
            return True
        return self._rules(manifest).revise is not None

    def revise(self, manifest: Manifest, replicas: int) -> Manifest:
        """Return `manifest` asking for `replicas`, unchanged for a kind that cannot be revised."""
        scripts = self._scripts(manifest, "replicaRevision")
        if scripts is not None:
            return scripts.revise(manifest, replicas)
        rule = self._rules(manifest).revise
        return manifest if rule is None else rule(manifest, replicas)

    def dependencies(self, manifest: Manifest) -> tuple[DependentObject, ...] | None:
        """Return what `manifest` refers to, sorted, None for a kind that has no such rule."""
        scripts = self._scripts(manifest, "dependencyInterpretation")
        if scripts is not None:
            return scripts.dependencies(manifest)
        rule = self._rules(manifest).dependencies
        return None if rule is None else union(checked(rule(manifest)))

    def health(self, manifest: Manifest) -> Health:
        """Return how the observed `manifest` fares; a kind without a rule counts as healthy."""
        try:
            healthy = self._is_healthy(manifest)
        except InterpretError:
            return Health.UNKNOWN
        return Health.HEALTHY if healthy else Health.UNHEALTHY

    def _is_healthy(self, manifest: Manifest) -> bool:
        scripts = self._scripts(manifest, "healthInterpretation")
        if scripts is not None:
            return scripts.health(manifest)
        # Rendering never asks for health.
        from armada_render.interpret.native_health import HEALTH  # noqa: PLC0415

        rule = self._rules(manifest).health or HEALTH.get(_kind(manifest))
        return rule is None or rule(manifest)

    def _scripts(self, manifest: Manifest, operation: str) -> Scripts | None:
        """Return the user's scripts if they answer `operation` for this kind, else None."""
        if (*_kind(manifest), operation) not in self._customized:
            return None
        if self._loaded is None:
            # The Lua engine is loaded only for users that have scripts.
            from armada_render.interpret.lua import LuaScripts  # noqa: PLC0415

            self._loaded = LuaScripts(self._customizations)
        return self._loaded

    @staticmethod
    def _rules(manifest: Manifest) -> Rules:
        # No kind is both third-party and native, so their order does not show.
        kind = _kind(manifest)
        return native.RULES.get(kind) or thirdparty.rules(*kind) or _NO_RULES


def _kind(manifest: Manifest) -> tuple[str, str]:
    return manifest["apiVersion"], manifest["kind"]
