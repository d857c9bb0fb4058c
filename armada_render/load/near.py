"""Read what can reach some applications, and look only at the bytes of all else.

Most of a large repository are other teams' manifests, and parsing them is what costs. A file that
is not the applications' own is left unread when nothing in it can change their objects. What can,
always names something:

- a policy or previous binding: Karmada's API group, and the namespace of an object that it takes
  (policies of a namespace take nothing outside it), unless it is cluster-wide;
- clusters and customizations: their API groups;
- an acknowledgement: the app;
- with an own Namespace, or old copies anywhere, an override that may move objects to where they
  are: a path below `/metadata`;
- a CustomResourceDefinition, which says whether a kind has a namespace: that kind and its group;
- an object with the same identity or the same binding: kind, name and namespace of an own object;
- an object that takes own objects along (`propagateDeps` does, within one namespace), or that an
  own Namespace follows: that namespace. Looked for only where the repository speaks of
  `propagateDeps`, or an application has a Namespace.

Names are looked for in the bytes, whatever stands around them. Where YAML could hide letters
(escapes, other encodings, binary) the file is read. Where names are not enough (scripts that
compute dependencies, overrides that move objects between namespaces, claims of policies elsewhere,
old copies that took along what is elsewhere; see `enough`) `load_near` returns nothing, and
everything is to be read. So if this and a full rendering both succeed, they agree; an error in a
file that is left unread does not stop the applications.
"""

from collections.abc import Callable, Collection, Container, Iterable, Iterator, Sequence
from typing import Any, Protocol, runtime_checkable

from msgspec import Struct

from armada_render.errors import Problem
from armada_render.load import INVENTORY, ROOT_APP, Loaded, Reader, Source, load
from armada_render.load.enough import restricted
from armada_render.load.frozen import FROZEN, is_frozen
from armada_render.load.lockfile import LOCK, is_in_lock, lock_path
from armada_render.load.scope import cluster_scoped, group_kind
from armada_render.load.source import FREEZE, SourceFile
from armada_render.model.acknowledgement import ACKNOWLEDGED
from armada_render.model.config import Config
from armada_render.model.pattern import pattern
from armada_render.model.resource import ObjectReference, ResourceTemplate
from armada_render.yamlio import Document, YamlError, load_documents

_FLEET_WIDE = (
    b"cluster.karmada.io",
    b"config.karmada.io",
    b"clusterpropagationpolicy",
    b"clusteroverridepolicy",
)
# Escaped letters, and escaped line breaks, which may have two or three bytes.
_HIDDEN = pattern(rb"\\[xuU\r\n\xc2\xe2]")


@runtime_checkable
class Listed(Protocol):
    """A source that names its files before it reads them."""

    def config(self) -> SourceFile | None: ...

    def paths(self, ignore: Sequence[str], problems: list[Problem]) -> Iterable[str]: ...

    def file(self, path: str, problems: list[Problem]) -> SourceFile | None: ...

    def read(self, path: str) -> bytes: ...


def load_near(  # noqa: PLR0913 - those of `load`, and whose files are wanted
    source: Listed,
    folders: Collection[str],
    config: Config,
    inventory: Source | None = None,
    *,
    read: Reader = load_documents,
    digest: Callable[[bytes], str] | None = None,
    on_file: Callable[[str], None] = lambda _: None,
) -> Loaded | None:
    """Load what matters to the applications in `folders`, "" for the files beside them.

    None when everything must be read to know that. With `digest` the digests are those of all
    files, read or not. `config` is that of the source.
    """
    near = NearSource(source, folders, config, digest, read)
    how = digest or (lambda _: "")
    loaded = load(near, inventory, digest=how, read=near.documents, on_file=on_file)
    if inventory is not None and any(map(_is_beside, loaded.fleet.templates)):
        return None
    fleet = restricted(loaded.fleet, near)
    if fleet is None:
        return None
    return Loaded(fleet, loaded.config, {**loaded.digests, **near.digests})


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
    """The objects of the applications, as far as their files tell before the rest is read."""

    def __init__(
        self, references: Iterable[ObjectReference], config: Config, *, has_copies: bool
    ) -> None:
        self.identities: set[tuple[str, str, str]] = set()
        self.has_namespace = False
        spaces: set[str] = set()
        self._twins: dict[bytes, set[_Twin]] = {}
        is_global = cluster_scoped((), config.cluster_scoped)
        for ref in references:
            if ref.kind == "Namespace":
                self.has_namespace = True
                spaces.add(ref.name)
            homes = _homes(ref, ref.namespace or config.namespace, is_global)
            spaces.update(home for home in homes if home)
            for home in homes:
                self.identities.add((ref.kind, ref.name, home))
                # An object may leave the default namespace out.
                key = b"" if home == config.namespace else _folded(home)
                self._twins.setdefault(key, set()).add(_twin(ref))
        self.namespaces = frozenset(spaces)
        self._spaces = tuple(map(_folded, sorted(spaces)))
        self.heeds_moves = self.has_namespace or has_copies
        self._is_anywhere = config.namespace in spaces

    def look(self, file: SourceFile) -> _Look:
        """Say whether another file can reach an own object."""
        data = file.data.lower()
        near = self._is_anywhere or any(name in data for name in self._spaces)
        needed = (
            may_hide(file.data)
            or (b"karmada.io" in data and (near or any(word in data for word in _FLEET_WIDE)))
            or self._is_twin(data)
            or (self.heeds_moves and b"overridepolicy" in data and b"/metadata" in data)
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
        folders = {f"{LOCK}/{space}" for space in self.namespaces}
        for path in paths:
            kept = _beside_lock(path)
            if kept in mine or (neighbours and kept.rpartition("/")[0] in folders):
                yield path


class NearSource:
    """The files of `source` that can reach the applications in `folders`, "" for those beside them.

    Once they are read, `reads_neighbours` says whether objects of others in its `namespaces` are
    among them, and `has_dependencies` whether anything in the repository goes along with others.
    `digests` holds those of all files then, if they are asked for.
    """

    def __init__(
        self,
        source: Listed,
        folders: Collection[str],
        config: Config,
        digest: Callable[[bytes], str] | None = None,
        read: Reader = load_documents,
    ) -> None:
        self._source = source
        self._prefixes = tuple(f"{folder}/" for folder in folders if folder)
        self._has_root = "" in folders
        names = {folder.partition("/")[0] or ROOT_APP for folder in folders}
        self._apps = tuple(name.encode(errors="surrogateescape") for name in sorted(names))
        self._config = config
        self._digest = digest
        self._read = read
        self._parsed: dict[bytes, list[Document]] = {}
        self.digests: dict[str, str] = {}
        self.namespaces: frozenset[str] = frozenset()
        self.identities: set[tuple[str, str, str]] = set()
        self.reads_neighbours = False
        self.has_dependencies = False
        self._copies: list[bytes] = []

    def config(self) -> SourceFile | None:
        return self._source.config()

    def read(self, path: str) -> bytes:
        return self._source.read(path)

    def documents(self, data: bytes) -> list[Document]:
        """Parse one of `files`, or return what was parsed already."""
        found = self._parsed.pop(data, None)
        return self._read(data) if found is None else found

    def files(self, ignore: Sequence[str], problems: list[Problem]) -> Iterator[SourceFile]:
        paths = [*self._source.paths(ignore, problems)]
        files = [*self._loaded(filter(self.is_own, paths), problems)]
        self.has_dependencies = any(b"propagateDeps" in file.data for file in files)
        # An old copy may hold what another object needed when it was frozen.
        has_copies = any(map(is_frozen, paths))
        own = _Own(self._references(files), self._config, has_copies=has_copies)
        self.namespaces, self.identities = own.namespaces, own.identities
        looks: list[_Look] = []
        for file in self._loaded((path for path in paths if self._is_other(path)), problems):
            self.has_dependencies = self.has_dependencies or b"propagateDeps" in file.data
            look = own.look(file)
            if file.path.startswith(ACKNOWLEDGED) and any(app in file.data for app in self._apps):
                look = _Look(file, is_needed=True, is_near=True)
            if look.is_needed or look.is_near:
                looks.append(look)
        self.reads_neighbours = own.has_namespace or self.has_dependencies or has_copies
        files += (one.file for one in looks if one.is_needed or self.reads_neighbours)
        lock = {*own.lock_paths(filter(_is_kept, paths), neighbours=self.reads_neighbours)}
        files += self._loaded(sorted(lock), problems)
        strange = (path for path in paths if is_frozen(path) and path not in lock)
        self._copies = [file.data.lower() for file in self._loaded(strange, problems)]
        if self._digest is not None:
            for _ in self._loaded((path for path in paths if path not in self.digests), problems):
                pass
        yield from sorted(files, key=lambda file: file.path)

    def _references(self, files: Iterable[SourceFile]) -> Iterator[ObjectReference]:
        """Yield all that looks like an object; what is wrong is said when the files are loaded."""
        for file in files:
            try:
                documents = self._parsed[file.data] = self._read(file.data)
            except YamlError:
                continue
            for document in documents:
                yield from _of(document.value)

    def is_own(self, path: str) -> bool:
        """Tell whether a file belongs to the applications."""
        return path.startswith(self._prefixes) or (self._has_root and "/" not in path)

    def is_copied_elsewhere(self, refs: Iterable[ObjectReference]) -> bool:
        """Tell whether an old copy in another namespace may hold one of some objects."""
        twins = {(_folded(ref.namespace), _twin(ref)) for ref in refs} if self._copies else ()
        return any(
            may_hide(data) or (home in data and twin.name in data and twin.kind in data)
            for data in self._copies
            for home, twin in twins
        )

    def _is_other(self, path: str) -> bool:
        return not self.is_own(path) and not _is_kept(path) and path != FREEZE

    def _loaded(self, paths: Iterable[str], problems: list[Problem]) -> Iterator[SourceFile]:
        for path in paths:
            file = self._source.file(path, problems)
            if file is not None:
                if self._digest is not None:
                    self.digests[path] = self._digest(file.data)
                yield file


def _is_beside(template: ResourceTemplate) -> bool:
    """Tell whether an object stands in the inventory, where nobody looked at who reaches it."""
    return template.location is not None and template.location.path.startswith(INVENTORY)


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
        kind=_folded(ref.kind),
        group=_folded(ref.api_version.rpartition("/")[0]),
        name=_folded(max(ref.name.replace(":", ".").split("."), key=len)),
    )


def _folded(text: str) -> bytes:
    """Return a text as it stands in the bytes that are looked at: only ASCII is in lower case."""
    return text.encode(errors="surrogatepass").lower()
