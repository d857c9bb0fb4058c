"""Make one tree of the parts that shards wrote, and judge it as `render` judges what it writes."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property, partial

from armada_render.cli.console import Console
from armada_render.cli.progress import Progress
from armada_render.cli.written import scanned, snapshot_of_files
from armada_render.emit import ARGOCD_FOLDER, OutputFile, combined_digest, index
from armada_render.emit.paths import RETIRED_NAME
from armada_render.errors import ExitCode, GuardError, InputError, Problem
from armada_render.guard import (
    AnyCopy,
    LateCopy,
    circumstances_of,
    consent,
    of_manifests,
    refusal,
    review,
    spent_with,
    stale,
)
from armada_render.load import Loaded
from armada_render.model.acknowledgement import ObjectKey, parsed_key
from armada_render.model.config import CONFIG_NAME
from armada_render.model.resource import Manifest
from armada_render.output import (
    Part,
    TreeChange,
    TreeDifference,
    acknowledged,
    changed_files,
    write,
)
from armada_render.version import KARMADA_VERSION, __version__
from armada_render.yamlio import YamlError, load_documents

_Keys = frozenset[ObjectKey]
_HINT = (
    "correct the policies; if it is meant, `armada-render render PATH --output-dir ... "
    "--acknowledge 'REASON'` writes what to commit, or list the app under retire in "
    f"{CONFIG_NAME}; then render the shards again; see docs/guards.md"
)


class Merge:
    """One run of `index merge`. The parts are complete, and those of what was loaded."""

    def __init__(
        self,
        console: Console,
        loaded: Loaded,
        parts: Collection[Part],
        root: str,
        progress: Progress,
    ) -> None:
        self._console = console
        self._loaded = loaded
        self._parts = parts
        self._root = root
        self._progress = progress
        self._clusters = {cluster.name for cluster in loaded.fleet.clusters}
        self._keys: dict[str, _Keys] = {}
        self._manifests: dict[str, Mapping[ObjectKey, Manifest]] = {}

    def write(self) -> TreeChange:
        """Bring the tree up to date. Raises `ArmadaError`, with nothing written."""
        self._refuse_unknown_clusters()
        with self._progress:
            return write(self._root, self._files(), self._index, self._is_ours, self._review)

    def _refuse_unknown_clusters(self) -> None:
        for part in self._parts:
            strange = {path.partition("/")[0] for path in part.files} - self._clusters
            if strange:
                raise InputError(
                    Problem(
                        message=f"{part.root} holds files for {min(strange)!r}, and there is no "
                        "such cluster",
                        hint="render that shard again",
                    )
                )

    def _is_ours(self, path: str) -> bool:
        # As `render` has it: ApplicationSets are rendered apart.
        folder = path.partition("/")[0]
        return folder != ARGOCD_FOLDER or folder in self._clusters

    def _files(self) -> Iterator[OutputFile]:
        """Yield all files; which objects they hold is noted, once for equal ones."""
        for part in self._parts:
            for file in part.read():
                self._progress.step("files compared or written")
                digest = part.files[file.path]
                if digest not in self._keys and not _is_placeholder(file.path):
                    self._keys[digest] = _objects(part, file)
                yield file

    def _index(self, digests: Mapping[str, str]) -> bytes:
        mine = {path: digest for path, digest in digests.items() if self._is_ours(path)}
        problems = changed_files(self._parts, mine)
        if problems:
            raise InputError(problems)
        return index(
            digests,
            inputs=combined_digest(self._loaded.digests),
            version=__version__,
            karmada=KARMADA_VERSION,
            layout=next(iter(self._parts)).layout,
            acknowledged=spent_with(
                self._loaded.fleet.acknowledgements, acknowledged(self._root), self._is_ours
            ),
        )

    def _review(self, difference: TreeDifference) -> None:
        """Refuse what the guards of `render` refuse."""
        self._refuse_empty()
        self._refuse_repeated()
        if not (difference.changed or difference.stale):
            return
        before = snapshot_of_files(self._root, difference, self._after, self._stays)
        if before is None:
            return
        fleet, config = self._loaded.fleet, self._loaded.config
        given = consent(fleet, config.retire, acknowledged(self._root))
        keys = (parsed_key(text) for part in self._parts for text in part.elastic)
        why = circumstances_of(fleet, frozenset(key for key in keys if key))
        verdict = review(before, self._after, why, given, config.guard)
        self._console.warnings(stale(given, self._after))
        if not verdict.is_fine:
            raise GuardError(refusal(verdict, self._root, _HINT))

    def _refuse_empty(self) -> None:
        if not any(self._keys.values()):
            raise GuardError(
                Problem(
                    message="no cluster gets anything: all parts are empty",
                    hint="an empty result would make Argo CD remove everything; check the "
                    "resourceSelectors of the policies",
                    code=ExitCode.GUARD,
                )
            )

    def _refuse_repeated(self) -> None:
        """Refuse an object that two apps would put on one cluster."""
        owners: dict[ObjectKey, str] = {}
        looked_at: set[tuple[str, str]] = set()
        twice: set[ObjectKey] = set()
        for part in self._parts:
            for path, digest in part.files.items():
                app = path.split("/", 2)[1]
                if (app, digest) in looked_at:
                    continue
                looked_at.add((app, digest))
                for key in self._keys_of((path, digest)):
                    if owners.setdefault(key, app) != app:
                        twice.add(key)
        problems = list(self._repeated(twice)) if twice else ()
        if problems:
            raise GuardError(problems)

    def _repeated(self, twice: Collection[ObjectKey]) -> Iterator[Problem]:
        homes: dict[tuple[str, ObjectKey], set[str]] = {}
        for cluster, app, keys in self._groups(()):
            for key in keys.intersection(twice):
                homes.setdefault((cluster, key), set()).add(app)
        told: dict[tuple[ObjectKey, tuple[str, ...]], list[str]] = {}
        for (cluster, key), apps in sorted(homes.items()):
            if len(apps) > 1:
                told.setdefault((key, tuple(sorted(apps))), []).append(cluster)
        for (key, names), clusters in told.items():
            where = f"on {clusters[0]}" if len(clusters) == 1 else f"on {len(clusters)} clusters"
            yield Problem(
                message=f"{where} it is the same object in the apps {' and '.join(names)}: Argo CD "
                "would apply one of the two only",
                resource=str(key),
                hint="keep one of the two, or send them to different clusters",
                code=ExitCode.GUARD,
            )

    @cached_property
    def _after(self) -> dict[str, dict[ObjectKey, AnyCopy]]:
        """What clusters get now; manifests are read when one is asked for."""
        after: dict[str, dict[ObjectKey, AnyCopy]] = {}
        shared: dict[tuple[str, str], dict[ObjectKey, AnyCopy]] = {}
        for part in self._parts:
            for path, digest in part.files.items():
                cluster, app, _ = path.split("/", 2)
                copies = shared.get((app, digest))
                if copies is None:
                    read = partial(self._manifest, part, path)
                    keys = self._keys_of((path, digest))
                    copies = {key: LateCopy(app, partial(read, key)) for key in keys}
                    shared[app, digest] = copies
                after.setdefault(cluster, {}).update(copies)
        return after

    def _manifest(self, part: Part, path: str, key: ObjectKey) -> Manifest:
        digest = part.files[path]
        if digest not in self._manifests:
            data = part.content(path)
            self._manifests[digest] = {
                found: copy.manifest for found, copy in of_manifests(_values(data), "").items()
            }
        return self._manifests[digest].get(key, {})

    def _stays(self, fresh: Collection[str]) -> Iterator[tuple[str, ObjectKey]]:
        for cluster, _, keys in self._groups(fresh):
            for key in keys:
                yield cluster, key

    def _groups(self, without: Collection[str]) -> Iterator[tuple[str, str, _Keys]]:
        """Yield cluster, app and objects of each file but some."""
        for part in self._parts:
            for item in part.files.items():
                if item[0] not in without:
                    cluster, app, _ = item[0].split("/", 2)
                    yield cluster, app, self._keys_of(item)

    def _keys_of(self, item: tuple[str, str]) -> _Keys:
        path, digest = item
        return frozenset() if _is_placeholder(path) else self._keys[digest]


def _is_placeholder(path: str) -> bool:
    return path.split("/")[2:] == [RETIRED_NAME]


def _objects(part: Part, file: OutputFile) -> _Keys:
    keys = scanned(file.data)
    if keys is None:
        try:
            keys = frozenset(of_manifests(_values(file.data), ""))
        except YamlError as error:
            raise InputError(
                Problem(
                    message=f"{part.root}: {file.path} is no file of a tree: {error.message}",
                    hint="render that shard again",
                )
            ) from error
    return keys


def _values(data: bytes) -> Iterable[Manifest]:
    return [document.value for document in load_documents(data)]
