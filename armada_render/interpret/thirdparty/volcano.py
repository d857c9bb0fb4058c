"""Volcano."""

from armada_render.interpret.thirdparty.semantics import optional
from armada_render.interpret.values import Rules
from armada_render.model.resource import Manifest

_HEALTHY = (
    "Running",
    "Completed",
    "Pending",
    "Aborting",
    "Aborted",
    "Restarting",
    "Completing",
    "Terminating",
    "Terminated",
)


def _health(manifest: Manifest) -> bool:
    return optional(manifest, "status", "state", "phase") in _HEALTHY


RULES = {("batch.volcano.sh/v1alpha1", "Job"): Rules(health=_health)}
"""The kinds that have a rule, by `apiVersion` and kind."""
