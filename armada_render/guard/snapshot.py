"""What clusters are given at one time: every object on every cluster, by its identity."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct

from armada_render.model.acknowledgement import ObjectKey, object_key
from armada_render.model.binding import PreviousBinding
from armada_render.model.resource import Manifest, ObjectReference, ResourceTemplate
from armada_render.model.work import Work


class Copy(Struct, frozen=True, eq=False):
    """An object on a cluster: the app it belongs to there, and its manifest."""

    app: str
    manifest: Manifest


class LateCopy(Struct, frozen=True, eq=False):
    """A copy whose manifest is read only when somebody asks for it, which is rare."""

    app: str
    read: Callable[[], Manifest]

    @property
    def manifest(self) -> Manifest:
        """The manifest."""
        return self.read()


AnyCopy = Copy | LateCopy
Snapshot = Mapping[str, Mapping[ObjectKey, AnyCopy]]
"""The copies of each cluster."""


def of_works(works: Mapping[str, Sequence[Work]]) -> dict[str, dict[ObjectKey, Copy]]:
    """Return the snapshot of what is rendered; clusters share the copies of shared Works."""
    known: dict[int, tuple[ObjectKey, Copy]] = {}
    snapshot: dict[str, dict[ObjectKey, Copy]] = {}
    for cluster, group in works.items():
        copies = snapshot[cluster] = {}
        for work in group:
            pair = known.get(id(work))
            if pair is None:
                pair = (object_key(work.ref), Copy(work.app, work.manifest))
                known[id(work)] = pair
            copies[pair[0]] = pair[1]
    return snapshot


def of_lock(
    after: Snapshot, bindings: Iterable[PreviousBinding], templates: Iterable[ResourceTemplate]
) -> dict[str, dict[ObjectKey, AnyCopy]]:
    """Return `after`, of templates, with what the lock places besides.

    Only of `templates` does the lock say enough: which app it belongs to, and what it is.
    """
    known = {template.ref: template for template in templates}
    before: dict[str, dict[ObjectKey, AnyCopy]]
    before = {cluster: dict(copies) for cluster, copies in after.items()}
    for binding in bindings:
        template = known.get(binding.ref)
        if template is None:
            continue
        copy = Copy(template.app, template.manifest)
        for target in binding.clusters:
            before.setdefault(target.name, {}).setdefault(object_key(binding.ref), copy)
    return before


def of_manifests(manifests: Iterable[Manifest], app: str) -> dict[ObjectKey, Copy]:
    """Return the copies of objects of one app; what is no object is left out."""
    found = {}
    for manifest in manifests:
        key = _key(manifest)
        if key is not None:
            found[key] = Copy(app, manifest)
    return found


def _key(manifest: object) -> ObjectKey | None:
    if not isinstance(manifest, dict) or not isinstance(manifest.get("metadata"), dict):
        return None
    metadata = manifest["metadata"]
    words = (
        manifest.get("apiVersion"),
        manifest.get("kind"),
        metadata.get("namespace") or "",
        metadata.get("name"),
    )
    api_version, kind, namespace, name = words
    if not (
        isinstance(api_version, str)
        and isinstance(kind, str)
        and isinstance(namespace, str)
        and isinstance(name, str)
    ):
        return None
    return object_key(ObjectReference(api_version, kind, namespace, name))
