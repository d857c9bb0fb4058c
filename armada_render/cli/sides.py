"""The two sides of a comparison: a revision or the work tree, read, and rendered if need be."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from armada_render.cli.progress import Progress
from armada_render.errors import Problem, SourceError, SourceLocation, one_line
from armada_render.load import INVENTORY, DirectorySource, Loaded, Pinpointer, Reader, Source, load
from armada_render.load.git import GitSource, Repository, git_source
from armada_render.load.source import SourceFile
from armada_render.load.worktree import WorkTreeSource
from armada_render.model.config import Config
from armada_render.model.fleet import Fleet
from armada_render.pipeline import Rendering, RenderOptions, render
from armada_render.yamlio import Document


class Once:
    """Parses each content once, however many files of both sides have it."""

    def __init__(self, read: Reader) -> None:
        self._read = read
        self._known: dict[bytes, list[Document]] = {}

    def __call__(self, data: bytes) -> list[Document]:
        """Return the documents of a file; the same values for the same bytes."""
        found = self._known.get(data)
        if found is None:
            found = self._known[data] = self._read(data)
        return found


class SideInput:
    """What one side holds at PATH, and what is wrong with it.

    `revision` None is the work tree. `exists` tells whether there is anything at PATH.
    """

    def __init__(self, path: str, revision: str | None, inventory: str | None) -> None:
        self.path = path
        self.revision = revision or ""
        self.commit = ""
        self._source: GitSource | WorkTreeSource | None = None
        if revision is not None:
            self._source = git_source(path, revision)
            self.commit = self._source.commit
        elif os.path.isdir(path):  # noqa: PTH112
            self._source = WorkTreeSource(path)
        self._inventory = _inventory(path, inventory, revision) if inventory else None
        self._find = Pinpointer(self._source) if self._source else None
        self._find_cluster = Pinpointer(self._inventory) if self._inventory else None
        self._loaded: Loaded | None = None

    @property
    def exists(self) -> bool:
        """Whether there is anything at PATH."""
        source = self._source
        return source.exists if isinstance(source, GitSource) else source is not None

    @property
    def submodules(self) -> tuple[str, ...]:
        """Submodules below PATH, which are not read."""
        return self._source.submodules if self._source else ()

    def load(self, read: Reader, progress: Progress) -> Loaded:
        """Read everything; what is not there holds nothing."""
        if self._source is None or not self.exists:
            self._loaded = Loaded(Fleet(), Config(), {})
        else:
            self._loaded = load(
                self._source,
                self._inventory,
                digest=lambda data: hashlib.sha256(data).hexdigest(),
                read=read,
                on_file=lambda _: progress.step("files read"),
            )
        return self._loaded

    def missing(self) -> Problem | None:
        """Return the problem of a side that has nothing to render, for which `render` fails too."""
        fleet = self.loaded.fleet
        if fleet.problems:
            return None
        if not (fleet.templates or fleet.propagation_policies):
            return Problem(
                message=f"no Kubernetes manifests in {one_line(self.path)}"
                + ("" if self.exists else ", which is gone"),
                hint="`render` refuses this too, so that nothing is removed by accident; see "
                "docs/guards.md for how to remove things on purpose",
            )
        if not fleet.clusters:
            return Problem(
                message=f"no Cluster in {one_line(self.path)}",
                hint="name an inventory with --clusters",
            )
        return None

    @property
    def loaded(self) -> Loaded:
        """What was read."""
        if self._loaded is None:
            raise TypeError("not loaded yet")
        return self._loaded

    def render(self, *, strict: bool) -> Rendering:
        """Return what each cluster gets of this side, with traces."""
        options = RenderOptions(
            strict_inventory=strict or self.loaded.config.strict_inventory, trace=True
        )
        return render(self.loaded.fleet, options)

    def pinpoint(self, problems: Iterable[Problem]) -> list[Problem]:
        """Return problems with the lines of their fields."""
        return [self._pinpoint(problem) for problem in problems]

    def _pinpoint(self, problem: Problem) -> Problem:
        location = problem.location
        if location is None:
            return problem
        if not location.path.startswith(INVENTORY):
            return self._find.find(problem) if self._find else problem
        if self._find_cluster is None:
            return problem
        own = replace(location, path=location.path.removeprefix(INVENTORY))
        found = self._find_cluster.find(replace(problem, location=own)).location
        return replace(problem, location=replace(location, line=found.line if found else 0))

    def locate(self, location: SourceLocation, field: str) -> SourceLocation:
        """Return where a field stands."""
        found = self._pinpoint(Problem(message="", location=location, field=field))
        return found.location or location


def folder_in_repository(path: str) -> str:
    """Return where PATH, or what is left of the way to it, stands below the top of its clone."""
    existing = path
    while not os.path.isdir(existing):  # noqa: PTH112
        existing = os.path.dirname(existing) or os.curdir  # noqa: PTH120
    return Repository(existing).folder(path)


class _OneFile:
    """One file of a revision, as `--clusters` may name one."""

    def __init__(self, source: GitSource, name: str) -> None:
        self._source = source
        self._name = name

    def config(self) -> SourceFile | None:
        return None

    def files(self, ignore: Sequence[str], problems: list[Problem]) -> Iterator[SourceFile]:
        del ignore, problems
        yield SourceFile(self._name, self.read(self._name))

    def read(self, path: str) -> bytes:
        return self._source.read(path)


def _inventory(path: str, inventory: str, revision: str | None) -> Source:
    """Return the inventory of a side: of its revision, if it stands in the repository of PATH."""
    if revision is None or not _is_together(path, inventory):
        return DirectorySource(inventory)
    if os.path.isfile(inventory):  # noqa: PTH113
        folder, name = os.path.split(inventory)
        return _OneFile(git_source(folder or os.curdir, revision), name)
    return git_source(inventory, revision)


def _is_together(path: str, inventory: str) -> bool:
    try:
        return Repository(path).root == Repository(inventory).root
    except SourceError:
        return False
