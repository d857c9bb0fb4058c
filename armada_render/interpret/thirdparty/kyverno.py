"""Kyverno policies."""

from armada_render.interpret.thirdparty.conditions import is_ready_because
from armada_render.interpret.thirdparty.semantics import optional
from armada_render.interpret.values import InterpretError, Rules
from armada_render.model.resource import Manifest


def _health(manifest: Manifest) -> bool:
    ready = optional(manifest, "status", "ready")
    if ready is None:
        return is_ready_because(manifest, "Succeeded")
    if not isinstance(ready, bool):
        raise InterpretError(f"status.ready: expected true or false, got {ready!r}")
    return ready


RULES = {
    ("kyverno.io/v1", "ClusterPolicy"): Rules(health=_health),
    ("kyverno.io/v1", "Policy"): Rules(health=_health),
}
"""The kinds that have a rule, by `apiVersion` and kind."""
