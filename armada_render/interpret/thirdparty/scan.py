"""The scan of pod specs that Karmada's scripts for Ray and Argo do themselves.

Unlike the pod rule for native kinds, every source of a volume counts, and ephemeral containers do
not.
"""

from collections.abc import Iterator
from typing import Any

from armada_render.interpret.thirdparty.semantics import optional, references
from armada_render.interpret.values import DependentObject, InterpretError
from armada_render.model.resource import Manifest

Found = tuple[str, Any]
"""Kind and name of what is referred to."""

_SECRETS_OF_VOLUMES: tuple[tuple[str, ...], ...] = (
    ("azureFile", "secretName"),
    ("cephfs", "secretRef", "name"),
    ("cinder", "secretRef", "name"),
    ("flexVolume", "secretRef", "name"),
    ("rbd", "secretRef", "name"),
    ("scaleIO", "secretRef", "name"),
    ("iscsi", "secretRef", "name"),
    ("storageos", "secretRef", "name"),
    ("csi", "nodePublishSecretRef", "name"),
)
_SOURCES_OF_VARIABLES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ConfigMap", ("valueFrom", "configMapKeyRef", "name")),
    ("Secret", ("valueFrom", "secretKeyRef", "name")),
)
_SOURCES_OF_ENVIRONMENTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ConfigMap", ("configMapRef", "name")),
    ("Secret", ("secretRef", "name")),
)


def entries(value: object, path: str) -> Iterator[Any]:
    """Yield the values of an array or object that may be absent (`pairs`)."""
    if value is None:
        return
    if not isinstance(value, (list, dict)):
        raise InterpretError(f"{path}: expected an array, got {value!r}")
    values = value if isinstance(value, list) else value.values()
    yield from (one for one in values if one is not None)


def in_volumes(volumes: object, secret_key: str) -> Iterator[Found]:
    """Yield what volumes refer to; a secret volume names it in `secret_key`."""
    for volume in entries(volumes, "volumes"):
        yield "ConfigMap", optional(volume, "configMap", "name")
        for source in entries(optional(volume, "projected", "sources"), "projected.sources"):
            yield "ConfigMap", optional(source, "configMap", "name")
            yield "Secret", optional(source, "secret", "name")
        yield "Secret", optional(volume, "secret", secret_key)
        for path in _SECRETS_OF_VOLUMES:
            yield "Secret", optional(volume, *path)
        yield "PersistentVolumeClaim", optional(volume, "persistentVolumeClaim", "claimName")


def in_containers(containers: object) -> Iterator[Found]:
    """Yield what the environments of containers refer to."""
    for container in entries(containers, "containers"):
        for source in entries(optional(container, "envFrom"), "envFrom"):
            for kind, path in _SOURCES_OF_ENVIRONMENTS:
                yield kind, optional(source, *path)
        for variable in entries(optional(container, "env"), "env"):
            for kind, path in _SOURCES_OF_VARIABLES:
                yield kind, optional(variable, *path)


def in_pull_secrets(pull_secrets: object) -> Iterator[Found]:
    """Yield the secrets of `imagePullSecrets`."""
    for reference in entries(pull_secrets, "imagePullSecrets"):
        yield "Secret", optional(reference, "name")


def in_pod(pod: object) -> Iterator[Found]:
    """Yield what a pod spec refers to."""
    if pod is None:
        return
    account = optional(pod, "serviceAccountName")
    if account != "default":
        yield "ServiceAccount", account
    yield from in_pull_secrets(optional(pod, "imagePullSecrets"))
    yield from in_volumes(optional(pod, "volumes"), "secretName")
    yield from in_containers(optional(pod, "containers"))
    yield from in_containers(optional(pod, "initContainers"))


def found(manifest: Manifest, what: Iterator[Found]) -> list[DependentObject]:
    """Return references to `what` beside `manifest`; absent and empty names are skipped."""
    return [
        reference
        for kind, name in what
        if name is not None and name != ""
        for reference in references(manifest, kind, (name,))
    ]
