"""Kubernetes objects as they stand in Git, and how they are named."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from armada_render.errors import SourceLocation

Manifest = dict[str, Any]
"""Plain JSON data (str, int, float, bool, None, list, dict). Nobody writes into one."""


class ObjectReference(Struct, frozen=True, order=True):
    """Which object: exact `apiVersion`, kind, namespace ("" for cluster-scoped) and name."""

    api_version: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.api_version}/{self.kind}/{self.namespace}/{self.name}"


class ResourceTemplate(Struct, frozen=True, kw_only=True, eq=False):
    """An object to propagate: its manifest (namespace filled in) and where it stands in Git."""

    ref: ObjectReference
    manifest: Manifest
    app: str = ""
    location: SourceLocation | None = None

    @property
    def labels(self) -> Mapping[str, str]:
        """`metadata.labels`, empty when absent or when any value is not a string."""
        return string_map(self.manifest["metadata"].get("labels"))

    @property
    def annotations(self) -> Mapping[str, str]:
        """`metadata.annotations`, empty when absent or when any value is not a string."""
        return string_map(self.manifest["metadata"].get("annotations"))

    @property
    def uid(self) -> str:
        """`metadata.uid`, which only tie-breaks use; "" when absent."""
        uid = self.manifest["metadata"].get("uid")
        return uid if isinstance(uid, str) else ""


def string_map(value: object) -> Mapping[str, str]:
    """Return what upstream's accessor sees of labels or annotations; null counts as "".

    (k8s.io/apimachinery, unstructured/helpers.go, NestedNullCoercingStringMap)
    """
    if not isinstance(value, dict):
        return {}
    for item in value.values():
        if not isinstance(item, str):
            break
    else:  # nearly always, and a third of the time that `all` takes
        return value
    if all(item is None or isinstance(item, str) for item in value.values()):
        return {key: item or "" for key, item in value.items()}
    return {}


def replaced(manifest: Manifest, path: Sequence[str], value: object) -> Manifest:
    """Return `manifest` with `value` at `path` (object keys only), sharing everything else.

    Missing parents are created; a parent that is no object raises `TypeError`.
    """
    key = path[0]
    copy = dict(manifest)
    if len(path) == 1:
        copy[key] = value
        return copy
    child = manifest.get(key)
    if child is None:
        child = {}
    if not isinstance(child, dict):
        raise TypeError(f"{key} is not an object")
    copy[key] = replaced(child, path[1:], value)
    return copy


def without(manifest: Manifest, path: Sequence[str]) -> Manifest:
    """Return `manifest` without what stands at `path`; itself when nothing stands there."""
    key = path[0]
    if key not in manifest:
        return manifest
    if len(path) == 1:
        copy = dict(manifest)
        del copy[key]
        return copy
    child = manifest[key]
    if not isinstance(child, dict):
        return manifest
    smaller = without(child, path[1:])
    return manifest if smaller is child else {**manifest, key: smaller}
