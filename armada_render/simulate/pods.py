"""Which objects run pods, and so suffer when their cluster does. Pure."""

from collections.abc import Iterator

from armada_render.interpret import Interpreter, InterpretError
from armada_render.model.fleet import Fleet
from armada_render.model.resource import Manifest, ObjectReference


def pod_runners(fleet: Fleet) -> frozenset[ObjectReference]:
    """Return the objects of a fleet that have replicas, or a pod template."""
    return frozenset(_runners(fleet))


def _runners(fleet: Fleet) -> Iterator[ObjectReference]:
    interpreter = Interpreter(fleet.customizations)
    for template in fleet.templates:
        try:
            has_replicas = interpreter.replicas(template.manifest) is not None
        except InterpretError:
            has_replicas = True
        if has_replicas or _has_pod_template(template.manifest):
            yield template.ref


def _has_pod_template(manifest: Manifest) -> bool:
    """Tell whether containers stand where workloads of any kind have them."""
    if manifest["kind"] == "Pod":
        return True
    node: object = manifest
    for key in ("spec", "template", "spec", "containers"):
        node = node.get(key) if isinstance(node, dict) else None
    return isinstance(node, list)
