"""The two sides of a comparison: a revision or the work tree, read, and rendered if need be."""

import contextlib
import os
import posixpath
from collections.abc import Iterable

from msgspec.structs import replace

from armada_render.cli.progress import Progress
from armada_render.errors import Problem, SourceLocation, one_line
from armada_render.load import INVENTORY, DirectorySource, Loaded, Pinpointer, Reader, Source, load
from armada_render.load.address import Credentials, is_remote, parse
from armada_render.load.git import GitSource, Repository, git_source, root_of
from armada_render.load.worktree import WorkTreeSource
from armada_render.model.config import Config
from armada_render.model.digest import sha256
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

    `revision` is what was asked for and `commit` its id, both "" for the work tree. Without a
    source there is nothing at PATH.
    """

    def __init__(
        self, path: str, source: GitSource | WorkTreeSource | None, inventory: Source | None
    ) -> None:
        self.path = path
        self.revision = source.revision if isinstance(source, GitSource) else ""
        self.commit = source.commit if isinstance(source, GitSource) else ""
        self._source = source
        self._inventory = inventory
        self._find = Pinpointer(source) if source else None
        self._find_cluster = Pinpointer(inventory) if inventory else None
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
                digest=lambda data: sha256(data).hex(),
                read=read,
                on_file=lambda _: progress.step("files read"),
            )
        return self._loaded

    @property
    def loaded(self) -> Loaded:
        """What was read."""
        if self._loaded is None:
            raise TypeError("not loaded yet")
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

    def render(self, *, strict: bool) -> Rendering:
        """Return what each cluster gets of this side, with traces."""
        return render(self.loaded.fleet, replace(self.options(strict=strict), trace=True))

    def options(self, *, strict: bool) -> RenderOptions:
        """Return how this side is rendered; its settings may be `strict` as well."""
        return RenderOptions(strict_inventory=strict or self.loaded.config.strict_inventory)

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


class Sides:
    """Both sides, and where PATH and the inventory stand.

    Without `head` the newer side is the work tree; of a remote PATH it is what its address names.
    """

    def __init__(
        self,
        path: str,
        *,
        base: str,
        head: str | None,
        inventory: str | None,
        credentials: Credentials | None,
    ) -> None:
        self._path = path
        self._beside = inventory
        newer: GitSource | WorkTreeSource | None
        if is_remote(path):
            from armada_render.load.remote import remote_source  # noqa: PLC0415 - rare

            newer = remote_source(path, head or "", credentials)
            older = newer.at(base)
        elif head is not None:
            newer = git_source(path, head)
            older = newer.at(base)
        else:
            newer = WorkTreeSource(path) if os.path.isdir(path) else None  # noqa: PTH112
            older = git_source(path, base)
        # What people asked for says more than the commit that it was.
        older.revision = base
        self.base = SideInput(path, older, self._inventory(older, credentials))
        self.head = SideInput(path, newer, self._inventory(newer, credentials))

    def _inventory(
        self, source: GitSource | WorkTreeSource | None, credentials: Credentials | None
    ) -> Source | None:
        """Return the inventory of a side: of its commit, if it stands in the repository of PATH."""
        beside = self._beside
        if beside is None:
            return None
        if is_remote(beside):
            from armada_render.load.remote import remote_source  # noqa: PLC0415 - rare

            return remote_source(beside, "", credentials)
        if isinstance(source, GitSource) and not is_remote(self._path):
            past = git_source(beside, source.commit) if root_of(beside) else None
            if past is not None and past.is_beside(source) and past.exists:
                return past
        return DirectorySource(beside)

    def in_repository(self, path: str) -> str:
        """Return where a file that locations name stands below the top of its repository."""
        root, rest = self._path, path
        if self._beside and path.startswith(INVENTORY):
            root, rest = self._beside, path.removeprefix(INVENTORY)
        if is_remote(root):
            return posixpath.join(parse(root).folder, rest)
        existing = root
        while not os.path.isdir(existing):  # noqa: PTH112
            existing = os.path.dirname(existing) or os.curdir  # noqa: PTH120
        if not root_of(existing):
            return posixpath.join(root.replace(os.sep, "/"), rest)
        with contextlib.closing(Repository(existing)) as repository:
            folder = existing if os.path.isfile(root) else root  # noqa: PTH113
            return posixpath.join(repository.folder(folder), rest)
