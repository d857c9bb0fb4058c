"""labelsOverrider and annotationsOverrider (overridemanager/labelannotationoverrider.go)."""

from collections.abc import Iterable
from typing import Any

from armada_render.build import jsonpatch
from armada_render.model.override import LabelAnnotationOverrider, Operator
from armada_render.model.resource import Manifest


def apply(manifest: Manifest, overrider: LabelAnnotationOverrider, field: str) -> Manifest:
    """Return `manifest` with `metadata.<field>` changed; `field` is `labels` or `annotations`."""
    present = _string_map(manifest, field)
    keys = sorted(overrider.value)
    if overrider.operator is not Operator.ADD:
        # What is not there is skipped; remove does not compare values.
        keys = [key for key in keys if present is not None and key in present]
    if not keys:
        return manifest
    metadata = manifest.get("metadata")
    if present is not None and not any("~" in key for key in keys):
        return _with_members(manifest, overrider, field, {**present}, keys)
    if present is None:
        # Upstream resets a map with a value that is no string, and cannot set what has no parent.
        if "metadata" in manifest and not isinstance(metadata, dict):
            return manifest
        manifest = {**manifest, "metadata": {**(metadata or {}), field: {}}}
    operations = [
        # `~` is left as it is, as upstream does.
        jsonpatch.Operation(
            overrider.operator,
            f"/metadata/{field}/{key.replace('/', '~1')}",
            overrider.value[key],
        )
        for key in keys
    ]
    changed: Manifest = jsonpatch.apply(manifest, operations)
    return changed


def _with_members(
    manifest: Manifest,
    overrider: LabelAnnotationOverrider,
    field: str,
    members: dict[str, Any],
    keys: Iterable[str],
) -> Manifest:
    """Do at once to a copy of the map what the patch does key by key; all keys can be changed."""
    for key in keys:
        if overrider.operator is Operator.REMOVE:
            del members[key]
        else:
            members[key] = overrider.value[key]
    return {**manifest, "metadata": {**manifest["metadata"], field: members}}


def _string_map(manifest: Manifest, field: str) -> dict[str, Any] | None:
    """Return the map if all its values are strings, else None (unstructured.NestedStringMap)."""
    metadata = manifest.get("metadata")
    value = metadata.get(field) if isinstance(metadata, dict) else None
    if isinstance(value, dict) and all(isinstance(item, str) for item in value.values()):
        return value
    return None
