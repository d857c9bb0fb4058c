"""Find the files of clusters, and replace or make them: all or none."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct

from armada_render.errors import InputError, Problem, SourceError, one_line
from armada_render.inventory.change import Outcome, applied, edited_file
from armada_render.load import DirectorySource, Pinpointer, load
from armada_render.load.source import SourceFile
from armada_render.model.cluster import Cluster
from armada_render.yamlio.edit import Change

_API = b"cluster.karmada.io"
FOLDER = "clusters"
"""Where new clusters are written, unless others stand elsewhere."""


class FileChange(Struct, frozen=True):
    """One file below the root: what it held (None: it is new), and what it is to hold."""

    path: str
    before: bytes | None
    after: bytes


class _ClusterFiles(DirectorySource):
    """The files that can hold a Cluster: a large path is not parsed to edit one line."""

    def files(self, ignore: Sequence[str], problems: list[Problem]) -> Iterator[SourceFile]:
        for file in super().files(ignore, problems):
            # Everything but UTF-8 is looked at; edits refuse it with a reason.
            if _API in file.data or b"\0" in file.data:
                yield file


class Inventory:
    """The clusters below a path, and their files."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._source = _ClusterFiles(path)
        fleet = load(self._source).fleet
        self.clusters = fleet.clusters
        self._problems = fleet.problems

    @property
    def root(self) -> str:
        """The directory that paths of files are relative to."""
        is_file = os.path.isfile(self.path)  # noqa: PTH113
        return os.path.dirname(self.path) or os.curdir if is_file else self.path  # noqa: PTH120

    def find(self, name: str) -> Cluster:
        """Return the cluster of that name; `InputError` when there is none."""
        for cluster in self.clusters:
            if cluster.name == name:
                return cluster
        if self._problems:
            raise InputError(self._problems)
        names = ", ".join(one_line(cluster.name) for cluster in self.clusters)
        raise InputError(
            Problem(
                message=f"there is no Cluster {name} in {self.path}",
                hint=f"there are {names}"
                if names
                else f"armada-render clusters init {self.path} "
                "writes those that the policies mention",
            )
        )

    def changes(
        self, names: Sequence[str], outcome: Callable[[Cluster], Outcome]
    ) -> tuple[list[tuple[Cluster, Outcome]], list[FileChange]]:
        """Return what becomes of each named cluster, and of the files that they stand in."""
        found = [self.find(name) for name in dict.fromkeys(names)]
        try:
            outcomes = [(cluster, outcome(cluster)) for cluster in found]
        except InputError as error:
            find = Pinpointer(self._source).find
            raise InputError(map(find, error.problems)) from error
        results = {cluster.name: result for cluster, result in outcomes}
        changed = self._changed(found, lambda data, it: applied(data, it, results[it.name]))
        return outcomes, changed

    def edits(self, changes: Mapping[str, Sequence[Change]]) -> list[FileChange]:
        """Return what fields of clusters, by their names, make of the files."""
        found = [self.find(name) for name in changes]
        return self._changed(found, lambda data, it: edited_file(data, it, changes[it.name]))

    def _changed(
        self, clusters: Sequence[Cluster], edit: Callable[[bytes, Cluster], bytes]
    ) -> list[FileChange]:
        before: dict[str, bytes] = {}
        after: dict[str, bytes] = {}
        # From the end of each file, so that lines of the others stay true.
        for cluster in sorted(clusters, key=_line, reverse=True):
            path = cluster.location.path if cluster.location else ""
            if path not in before:
                before[path] = after[path] = self._source.read(path)
            after[path] = edit(after[path], cluster)
        return [
            FileChange(path, before[path], after[path])
            for path in sorted(before)
            if before[path] != after[path]
        ]

    def new_path(self, name: str) -> str:
        """Return where the file of a new cluster goes: beside the others, else `clusters/`.

        Raises `InputError` when there is such a cluster or file.
        """
        for cluster in self.clusters:
            if cluster.name == name:
                raise InputError(
                    Problem(
                        message=f"there is a Cluster {name} already",
                        location=cluster.location,
                        hint="change it with `armada-render clusters label` or `taint`, or in its "
                        "file",
                    )
                )
        folders = {
            os.path.dirname(cluster.location.path)  # noqa: PTH120
            for cluster in self.clusters
            if cluster.location
            and os.path.basename(cluster.location.path) == f"{cluster.name}.yaml"  # noqa: PTH119
        }
        folder = folders.pop() if len(folders) == 1 else FOLDER
        path = f"{folder}/{name}.yaml" if folder else f"{name}.yaml"
        if os.path.lexists(os.path.join(self.root, path)):  # noqa: PTH118
            raise InputError(
                Problem(
                    message=f"{path} is there already, and holds no Cluster {name}",
                    hint="rename the file, or write the Cluster by hand",
                )
            )
        return path


def _line(cluster: Cluster) -> tuple[str, int]:
    location = cluster.location
    return (location.path, location.line) if location else ("", 0)


def write(root: str, changes: Sequence[FileChange]) -> None:
    """Write all files, or none and raise `SourceError`.

    Every new file is on the disk, beside the old one, before the first of them takes its place.
    """
    staged: list[tuple[str, str, FileChange]] = []
    try:
        for change in changes:
            staged.append(_staged(root, change))  # noqa: PERF401 - what is staged is removed below
        _swap(staged)
    except OSError as error:
        raise SourceError(
            Problem(
                message=f"{root} cannot be written: {error.strerror or error}",
                hint="nothing was changed; check free space and permissions",
                code=SourceError.exit_code,
            )
        ) from error
    finally:
        for temporary, _, _ in staged:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)  # noqa: PTH108


def _staged(root: str, change: FileChange) -> tuple[str, str, FileChange]:
    """Write what a file is to hold beside it."""
    # A link inside the root may lead to the file: the file changes, the link stays.
    target = os.path.realpath(os.path.join(root, change.path))  # noqa: PTH118
    folder = os.path.dirname(target)  # noqa: PTH120
    if change.before is None:
        os.makedirs(folder, exist_ok=True)  # noqa: PTH103
    descriptor, temporary = tempfile.mkstemp(prefix=".armada-render-", suffix=".tmp", dir=folder)
    try:
        with open(descriptor, "wb") as handle:  # noqa: PTH123
            handle.write(change.after)
            handle.flush()
            os.fsync(handle.fileno())
        if change.before is None:
            os.chmod(temporary, 0o666 & ~_umask())  # noqa: PTH101
        else:
            shutil.copymode(target, temporary)
    except BaseException:
        os.unlink(temporary)  # noqa: PTH108
        raise
    return temporary, target, change


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _swap(staged: Sequence[tuple[str, str, FileChange]]) -> None:
    done: list[tuple[str, FileChange]] = []
    try:
        for temporary, target, change in staged:
            if change.before is None:
                os.link(temporary, target)  # refuses to replace what came meanwhile
            else:
                _check_unchanged(target, change.before)
                os.replace(temporary, target)  # noqa: PTH105
            done.append((target, change))
    except BaseException:
        for target, change in reversed(done):
            if change.before is None:
                os.unlink(target)  # noqa: PTH108
            else:
                with open(target, "wb") as handle:  # noqa: PTH123
                    handle.write(change.before)
        raise


def _check_unchanged(target: str, before: bytes) -> None:
    with open(target, "rb") as handle:  # noqa: PTH123
        if handle.read() != before:
            raise SourceError(
                Problem(
                    message=f"{target} was changed by somebody else meanwhile",
                    hint="nothing was changed; try again",
                    code=SourceError.exit_code,
                )
            )
