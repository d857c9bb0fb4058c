"""Spark applications."""

from armada_render.interpret.thirdparty.semantics import optional
from armada_render.interpret.values import Rules
from armada_render.model.resource import Manifest


def _health(manifest: Manifest) -> bool:
    return optional(manifest, "status", "applicationState", "state") not in (None, False, "FAILED")


RULES = {("sparkoperator.k8s.io/v1beta2", "SparkApplication"): Rules(health=_health)}
"""The kinds that have a rule, by `apiVersion` and kind."""
