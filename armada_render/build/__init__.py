"""Stage 6: bindings and clusters become Works: revise replicas, override, prune. Pure."""

from armada_render.build.assemble import works
from armada_render.build.frozen import with_frozen
from armada_render.build.namespaces import namespaces
from armada_render.model.claim import released
from armada_render.model.work import AppliedRule, Built, Work

__all__ = ["AppliedRule", "Built", "Work", "namespaces", "released", "with_frozen", "works"]
