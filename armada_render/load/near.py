"""Read what can reach one application, and look only at the bytes of all else.

Most of a large repository are other teams' manifests, and parsing them is what costs. A file that
is not the application's own is left unread when nothing in it can change the application's
objects. What can, always names something:

- a policy or previous binding: Karmada's API group, and the namespace of an object that it takes
  (policies of a namespace take nothing outside it), unless it is cluster-wide;
- clusters and customizations: their API groups;
- an acknowledgement: the app;
- a CustomResourceDefinition, which says whether a kind has a namespace: that kind and its group;
- an object with the same identity or the same binding: kind, name and namespace of an own object;
- an object that takes own objects along (`propagateDeps` does, within one namespace), or that an
  own Namespace follows: that namespace. Looked for only where the repository speaks of
  `propagateDeps`, or the application has a Namespace.

Names are looked for in the bytes, whatever stands around them. Where YAML could hide letters
(escapes, other encodings, binary) the file is read. Where names are not enough (scripts that
compute dependencies, overrides that move objects between namespaces, claims of policies elsewhere)
`restricted` says so, and everything is read. So if this and a full rendering both succeed, they
agree; an error in a file that is left unread does not stop the application.
"""

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from armada_render.errors import Problem
from armada_render.load.frozen import FROZEN, is_frozen
from armada_render.load.lockfile import LOCK, is_in_lock, lock_path
from armada_render.load.scope import cluster_scoped, group_kind
from armada_render.load.source import FREEZE, DirectorySource, SourceFile
from armada_render.model.acknowledgement import ACKNOWLEDGED
from armada_render.model.binding import binding_name
from armada_render.model.config import Config
from armada_render.model.fleet import Fleet
from armada_render.model.override import Overriders
from armada_render.model.pattern import pattern
from armada_render.model.resource import ObjectReference, ResourceTemplate
from armada_render.yamlio import YamlError, load_documents

_FLEET_WIDE = (
    b"cluster.karmada.io",
    b"config.karmada.io",
    b"clusterpropagationpolicy",
    b"clusteroverridepolicy",
)
_HIDDEN = pattern(rb"\\[xuU\r\n]")
_CLAIM = "propagationpolicy.karmada.io/namespace"
_HARMLESS = (["metadata", "labels"], ["metadata", "annotations"])


class _Look(Struct, frozen=True):
    """What one look at a file says: it is needed, or needed if neighbours are."""

    file: SourceFile
    is_needed: bool
    is_near: bool


class _Twin(Struct, frozen=True):
    """What the text of an object with the identity or binding of an own one holds, in lower case.

    `name` is the longest part between `:` and `.`, which bindings do not tell apart.
    """

    kind: bytes
    group: bytes
    name: bytes


class _Own:
    """The objects of the application, as far as its files tell before the rest is read."""

    def __init__(self, files: Iterable[SourceFile], config: Config) -> None:
        self.identities: set[tuple[str, str, str]] = set()
        self.has_namespace = False
        spaces: set[str] = set()
        self._twins: dict[bytes, set[_Twin]] = {}
        is_global = cluster_scoped((), config.cluster_scoped)
        for ref in _references(files):
            if ref.kind == "Namespace":
                self.has_namespace = True
                spaces.add(ref.name)
            homes = _homes(ref, ref.namespace or config.namespace, is_global)
            spaces.update(home for home in homes if home)
            for home in homes:
                self.identities.add((ref.kind, ref.name, home))
                # An object may leave the default namespace out.
                key = b"" if home == config.namespace else home.encode()
                self._twins.setdefault(key, set()).add(_twin(ref))
        self.namespaces = frozenset(spaces)
        self._spaces = tuple(name.encode() for name in sorted(spaces))
        self._is_anywhere = config.namespace in spaces

    def look(self, file: SourceFile) -> _Look:
        """Say whether another file can reach an own object."""
        data = file.data.lower()
        near = self._is_anywhere or any(name in data for name in self._spaces)
        needed = (
            may_hide(file.data)
            or (b"karmada.io" in data and (near or any(word in data for word in _FLEET_WIDE)))
            or self._is_twin(data)
        )
        if not needed and b"customresourcedefinition" in data:
            near = True
            needed = any(
                twin.kind in data and twin.group in data
                for group in self._twins.values()
                for twin in group
            )
        return _Look(file, needed, near)

    def _is_twin(self, data: bytes) -> bool:
        return any(
            twin.name in data and twin.kind in data
            for home, group in self._twins.items()
            if home in data
            for twin in group
        )

    def lock_paths(self, paths: Iterable[str], *, neighbours: bool) -> Iterator[str]:
        """Yield files of the lock, and of old copies, of own objects or of their neighbours."""
        refs = [ObjectReference("", kind, home, name) for kind, name, home in self.identities]
        mine = {lock_path(ref) for ref in refs}
        folders = {path.rpartition("/")[0] for path in mine}
        for path in paths:
            kept = _beside_lock(path)
            if kept in mine or (neighbours and kept.rpartition("/")[0] in folders):
                yield path


class NearSource:
    """The files of `source` that can reach the application whose folder is `app`.

    Once they are read, `reads_neighbours` says whether objects of others in its `namespaces` are
    among them, and `has_dependencies` whether anything in the repository goes along with others.
    """

    def __init__(self, source: DirectorySource, app: str, config: Config) -> None:
        self._source = source
        self._prefix = app + "/"
        self._app = app.partition("/")[0].encode(errors="surrogateescape")
        self._config = config
        self.namespaces: frozenset[str] = frozenset()
        self.identities: set[tuple[str, str, str]] = set()
        self.reads_neighbours = False
        self.has_dependencies = False

    def config(self) -> SourceFile | None:
        return self._source.config()

    def read(self, path: str) -> bytes:
        return self._source.read(path)

    def files(self, ignore: Sequence[str], problems: list[Problem]) -> Iterator[SourceFile]:
        paths = self._source.paths(ignore, problems)
        files = [*self._loaded(filter(self.is_own, paths), problems)]
        self.has_dependencies = any(b"propagateDeps" in file.data for file in files)
        own = _Own(files, self._config)
        self.namespaces, self.identities = own.namespaces, own.identities
        looks: list[_Look] = []
        for file in self._loaded((path for path in paths if self._is_other(path)), problems):
            self.has_dependencies = self.has_dependencies or b"propagateDeps" in file.data
            look = own.look(file)
            if file.path.startswith(ACKNOWLEDGED) and self._app in file.data:
                look = _Look(file, is_needed=True, is_near=True)
            if look.is_needed or look.is_near:
                looks.append(look)
        # An old copy may hold what another object needed when it was frozen.
        has_copies = any(map(is_frozen, paths))
        self.reads_neighbours = own.has_namespace or self.has_dependencies or has_copies
        files += (one.file for one in looks if one.is_needed or self.reads_neighbours)
        lock = own.lock_paths(filter(_is_kept, paths), neighbours=self.reads_neighbours)
        files += self._loaded(lock, problems)
        yield from sorted(files, key=lambda file: file.path)

    def is_own(self, path: str) -> bool:
        """Tell whether a file belongs to the application."""
        return path.startswith(self._prefix)

    def _is_other(self, path: str) -> bool:
        return not self.is_own(path) and not _is_kept(path) and path != FREEZE

    def _loaded(self, paths: Iterable[str], problems: list[Problem]) -> Iterator[SourceFile]:
        for path in paths:
            file = self._source.file(path, problems)
            if file is not None:
                yield file


def _is_kept(path: str) -> bool:
    """Tell whether a file says what ran before: the lock, and copies that stay behind."""
    return is_in_lock(path) or is_frozen(path)


def _beside_lock(path: str) -> str:
    """Return the file of the lock that a file goes with; a copy has its cluster before the rest."""
    if not is_frozen(path):
        return path
    return f"{LOCK}/{path.removeprefix(FROZEN + '/').partition('/')[2]}"


def may_hide(data: bytes) -> bool:
    """Tell whether a YAML reader could find letters that the bytes do not show."""
    return (
        b"\0" in data
        or (b"\\" in data and _HIDDEN.search(data) is not None)
        or (b"!" in data and b"binary" in data)
    )


def _references(files: Iterable[SourceFile]) -> Iterator[ObjectReference]:
    """Yield all that looks like an object; what is wrong is said when the files are loaded."""
    for file in files:
        try:
            documents = load_documents(file.data)
        except YamlError:
            continue
        for document in documents:
            yield from _of(document.value)


def _of(value: Any) -> Iterator[ObjectReference]:  # noqa: ANN401 - any YAML
    if not isinstance(value, dict):
        return
    api_version, kind = value.get("apiVersion"), value.get("kind")
    items = value.get("items")
    if isinstance(items, list):
        # An item of a typed list may have no type of its own.
        typed = {"apiVersion": api_version, "kind": str(kind).removesuffix("List")}
        for item in items:
            yield from _of({**typed, **item} if isinstance(item, dict) else None)
    metadata = value.get("metadata")
    if isinstance(metadata, dict):
        yield ObjectReference(
            str(api_version),
            str(kind),
            str(metadata.get("namespace") or ""),
            str(metadata.get("name")),
        )


def _homes(ref: ObjectReference, namespace: str, is_global: Container[str]) -> tuple[str, ...]:
    """Return the namespaces that an object may turn out to be in; "" is none.

    Of a custom kind a CustomResourceDefinition elsewhere may say that it has none.
    """
    kind = group_kind(ref.api_version, ref.kind)
    if kind in is_global:
        return ("",)
    group = kind.partition("/")[0]
    is_custom = "." in group and not group.endswith(".k8s.io")
    return (namespace, "") if is_custom else (namespace,)


def _twin(ref: ObjectReference) -> _Twin:
    return _Twin(
        kind=ref.kind.lower().encode(),
        group=ref.api_version.rpartition("/")[0].lower().encode(),
        name=max(re.split("[:.]", ref.name.lower()), key=len).encode(),
    )


def restricted(fleet: Fleet, source: NearSource) -> Fleet | None:
    """Return `fleet` with the objects that matter to the application of `source`.

    None when what was read is not enough.
    """
    own = [one for one in fleet.templates if one.location and source.is_own(one.location.path)]
    bindings = {_binding(one) for one in own}
    kept = tuple(
        one
        for one in fleet.templates
        if _binding(one) in bindings
        or (source.reads_neighbours and one.ref.namespace in source.namespaces)
    )
    refs = [one.ref for one in own]
    is_enough = (
        all((ref.kind, ref.name, ref.namespace) in source.identities for ref in refs)
        and all(one.annotations.get(_CLAIM, "") in ("", *source.namespaces) for one in kept)
        and not (source.has_dependencies and computes(fleet, "dependencyInterpretation"))
        and not (any(ref.kind == "Namespace" for ref in refs) and moves_objects(fleet))
    )
    return replace(fleet, templates=kept) if is_enough else None


def _binding(template: ResourceTemplate) -> tuple[str, str]:
    ref = template.ref
    return ref.namespace, binding_name(ref.kind, ref.name)


def computes(fleet: Fleet, operation: str) -> bool:
    """Tell whether a customization of the fleet has a script for `operation`."""
    return any(operation in one.scripts for one in fleet.customizations)


def moves_objects(fleet: Fleet) -> bool:
    """Tell whether an object may end in another namespace than it has in Git."""
    return computes(fleet, "replicaRevision") or any(
        _may_set_namespace(path)
        for policy in fleet.override_policies
        for rule in policy.rules
        for path in _paths(rule.overriders)
    )


def _paths(overriders: Overriders) -> Iterator[str]:
    yield from (one.path for one in overriders.plaintext)
    yield from (one.field_path for one in overriders.field_overrider)
    yield from (one.predicate.path for one in overriders.image_overrider if one.predicate)


def _may_set_namespace(path: str) -> bool:
    # What stands before the first slash is ignored, as by upstream's JSON Patch library.
    parts = path.split("/")[1:]
    return parts[:1] in ([], [""], ["metadata"]) and parts[:2] not in _HARMLESS
