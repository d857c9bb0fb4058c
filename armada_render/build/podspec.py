"""Where the kinds that overriders know by name keep their containers."""

from typing import Any

from armada_render.build.failure import BuildError
from armada_render.interpret.typed import (
    Container,
    Job,
    PodTemplate,
    Replicated,
    StatefulSet,
    Workload,
    decode,
)
from armada_render.interpret.values import InterpretError
from armada_render.model.resource import Manifest, replaced

_TYPES: dict[str, type[Workload | Replicated | StatefulSet | Job]] = {
    "ReplicaSet": Replicated,
    "Deployment": Replicated,
    "DaemonSet": Workload,
    "StatefulSet": StatefulSet,
    "Job": Job,
}


def containers_path(manifest: Manifest) -> tuple[str, ...]:
    """Return where the containers stand, empty for kinds that upstream does not know.

    The kind alone decides, whatever the API group (overridemanager/imageoverride.go).
    """
    kind = manifest["kind"]
    if kind == "Pod":
        return ("spec", "containers")
    if kind in _TYPES:
        return ("spec", "template", "spec", "containers")
    return ()


def typed_containers(manifest: Manifest) -> list[Container | None]:
    """Return the containers as the Kubernetes API understands them, none when there are none.

    Raises `BuildError` when a field has not the type that the API asks for.
    """
    kind = manifest["kind"]
    try:
        pod = (
            decode(manifest, PodTemplate)
            if kind == "Pod"
            else _template(decode(manifest, _TYPES[kind]))
        )
    except InterpretError as error:
        raise BuildError(f"not a valid {kind}: {error.message}") from None
    return (pod.spec.containers if pod and pod.spec else None) or []


def _template(workload: Workload | Replicated | StatefulSet | Job) -> PodTemplate | None:
    return workload.spec.template if workload.spec else None


def with_containers(manifest: Manifest, containers: list[Any]) -> Manifest:
    """Return `manifest` with other containers."""
    return replaced(manifest, containers_path(manifest), containers)
