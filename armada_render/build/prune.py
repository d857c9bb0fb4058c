"""Remove what API servers write into objects and members must not get.

(pkg/resourceinterpreter/default/native/prune/prune.go)
"""

from typing import Any

from armada_render.build.failure import BuildError, type_name
from armada_render.interpret.typed import Job, decode
from armada_render.interpret.values import InterpretError
from armada_render.model.resource import Manifest, replaced, without

_METADATA = frozenset(
    (
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "generation",
        "managedFields",
        "resourceVersion",
        "selfLink",
        "uid",
        "ownerReferences",
        "finalizers",
    )
)
_CONTROLLER_UID = ("controller-uid", "batch.kubernetes.io/controller-uid")
_JOB_NAME = ("job-name", "batch.kubernetes.io/job-name")


def prune(manifest: Manifest) -> Manifest:
    """Return `manifest` without irrelevant fields, itself when it has none.

    The kind decides alone, whatever the API group. Raises `BuildError` where upstream fails.
    """
    metadata = manifest["metadata"]
    if not _METADATA.isdisjoint(metadata):
        kept = {key: value for key, value in metadata.items() if key not in _METADATA}
        manifest = {**manifest, "metadata": kept}
    manifest = without(manifest, ("status",))
    match manifest["kind"]:
        case "Deployment":
            for key in ("revision", "revision-history"):
                manifest = _without_annotation(manifest, f"deployment.kubernetes.io/{key}")
        case "Job":
            manifest = _job(manifest)
        case "Secret":
            manifest = _secret(manifest)
        case "ServiceAccount":
            manifest = _service_account(manifest)
        case "Service":
            manifest = _service(manifest)
        case "PersistentVolumeClaim":
            if isinstance(_nested(manifest, "metadata", "annotations", _NODE), str):
                manifest = _without_annotation(manifest, _NODE)
    return manifest


_NODE = "volume.kubernetes.io/selected-node"


def _without_annotation(manifest: Manifest, key: str) -> Manifest:
    return without(manifest, ("metadata", "annotations", key))


def _nested(manifest: Manifest, *path: str) -> object:
    """Return what stands at `path`, None when nothing does or a parent is no object."""
    node: object = manifest
    for key in path:
        if not isinstance(node, dict):
            return None
        node = node.get(key)
    return node


def _job(manifest: Manifest) -> Manifest:
    # By now upstream has put its own marks into labels and annotations, which makes string maps of
    # whatever overriders left there (MergeLabel, MergeAnnotation): they cannot spoil the Job.
    metadata = {
        key: value
        for key, value in manifest["metadata"].items()
        if key not in {"labels", "annotations"}
    }
    try:
        decode({**manifest, "metadata": metadata}, Job)
    except InterpretError as error:
        raise BuildError(f"not a valid Job: {error.message}") from None
    manual = _nested(manifest, "spec", "manualSelector")
    if manual is not None and not isinstance(manual, bool):
        raise BuildError(f"not a valid Job: spec.manualSelector is {type_name(manual)}")
    if not manual:
        # A generated selector would not fit the uid that the Job gets in its member.
        selector = ("spec", "selector", "matchLabels")
        manifest = _without_labels(manifest, selector, _CONTROLLER_UID)
        labels = ("spec", "template", "metadata", "labels")
        manifest = _without_labels(manifest, labels, _CONTROLLER_UID + _JOB_NAME)
    return without(manifest, ("spec", "ttlSecondsAfterFinished"))


def _without_labels(manifest: Manifest, path: tuple[str, ...], keys: tuple[str, ...]) -> Manifest:
    """Return `manifest` without `keys` of the string map at `path`, which may remain empty."""
    parent = _nested(manifest, *path[:-1])
    if not isinstance(parent, dict) or path[-1] not in parent:
        return manifest
    labels = parent[path[-1]]
    if not isinstance(labels, dict):
        raise BuildError(f"{'.'.join(path)} is {type_name(labels)}, not an object")
    for key, value in labels.items():
        if not isinstance(value, str):
            raise BuildError(
                f'{".".join(path)}: "{key}" is {type_name(value)}, not a string',
                hint="put the value in quotes",
            )
    if not any(key in labels for key in keys):
        return manifest
    return replaced(
        manifest, path, {key: value for key, value in labels.items() if key not in keys}
    )


def _secret(manifest: Manifest) -> Manifest:
    if manifest.get("type") != "kubernetes.io/service-account-token":
        return manifest
    # Each member's controller fills in a token of its own.
    smaller = _without_annotation(manifest, "kubernetes.io/service-account.uid")
    return {**smaller, "data": None}


def _service_account(manifest: Manifest) -> Manifest:
    secrets = manifest.get("secrets")
    if not isinstance(secrets, list) or not secrets:
        return manifest
    prefix = f"{manifest['metadata'].get('name')}-token-"
    kept: list[Any] = []
    keep_next = False
    for index, secret in enumerate(secrets):
        name = secret.get("name") if isinstance(secret, dict) else None
        # Upstream's loop does not look at the one that follows a removed one.
        if keep_next:
            keep_next = False
        elif not isinstance(name, str):
            raise BuildError(f"secrets[{index}] has no name", is_crash=True)
        elif name.startswith(prefix):
            keep_next = True
            continue
        kept.append(secret)
    return {**manifest, "secrets": kept}


def _service(manifest: Manifest) -> Manifest:
    address = _nested(manifest, "spec", "clusterIP")
    if not isinstance(address, str) or address == "None":
        return manifest
    return without(without(manifest, ("spec", "clusterIP")), ("spec", "clusterIPs"))
