"""Which objects matter more than others when they go."""

from armada_render.interpret import Interpreter
from armada_render.model.acknowledgement import ObjectKey
from armada_render.model.resource import Manifest, string_map

_HOLDS_MORE = frozenset(
    (
        ("", "Namespace"),
        ("", "PersistentVolume"),
        ("", "PersistentVolumeClaim"),
        ("apiextensions.k8s.io", "CustomResourceDefinition"),
        ("apps", "StatefulSet"),
    )
)
"""Kinds that take others, or data, with them."""
_ENDS_BY_ITSELF = ("batch", "Job")
_SYNC_OPTIONS = "argocd.argoproj.io/sync-options"


def holds_more(key: ObjectKey) -> bool:
    """Tell whether more than the object itself is lost with it: data, or what lives in it."""
    return (key.group, key.kind) in _HOLDS_MORE


def is_workload(key: ObjectKey, manifest: Manifest, interpreter: Interpreter) -> bool:
    """Tell whether the object runs something for as long as it is there."""
    if (key.group, key.kind) == _ENDS_BY_ITSELF:
        return False
    return interpreter.can_revise(manifest) or bool(images(manifest))


def images(manifest: Manifest) -> frozenset[str]:
    """Return the images that an object runs, without tags and digests.

    Found wherever a list of containers stands, so that operators' kinds count as well.
    """
    found: set[str] = set()
    open_values: list[object] = [manifest.get("spec")]
    while open_values:
        value = open_values.pop()
        if isinstance(value, list):
            open_values += value
        elif isinstance(value, dict):
            image = value.get("image")
            if isinstance(image, str):
                found.add(_repository(image))
            open_values += [item for item in value.values() if isinstance(item, dict | list)]
    return frozenset(found)


def is_kept(manifest: Manifest) -> bool:
    """Tell whether the object itself says that Argo CD must not prune it."""
    metadata = manifest.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    options = string_map(annotations).get(_SYNC_OPTIONS, "")
    return "Prune=false" in [option.strip() for option in options.split(",")]


def _repository(image: str) -> str:
    name = image.partition("@")[0]
    stem, colon, tag = name.rpartition(":")
    # A colon before a slash is that of a port.
    return stem if colon and "/" not in tag else name
