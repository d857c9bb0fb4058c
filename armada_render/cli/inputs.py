"""Read what a command is given: PATH and the inventory."""

import contextlib
import os
import sys
from collections.abc import Callable, Collection
from functools import cache

import click
from msgspec.structs import replace

from armada_render.cache import open_cache
from armada_render.cli.console import Console
from armada_render.cli.progress import Progress
from armada_render.errors import InputError, Problem, SourceLocation
from armada_render.load import (
    INVENTORY,
    ROOT_APP,
    DirectorySource,
    Loaded,
    Pinpointer,
    Reader,
    Source,
    StreamSource,
    load,
    settings,
)
from armada_render.load.address import Credentials, is_remote, parse
from armada_render.model.config import CONFIG_NAME
from armada_render.model.digest import sha256
from armada_render.yamlio import load_documents


class Inputs:
    """The source that a command reads, and its inventory from elsewhere if there is one."""

    def __init__(
        self,
        path: str,
        inventory: str | None,
        *,
        cached: bool = False,
        revision: str | None = None,
    ) -> None:
        """Open PATH as it is on the disk, or as a Git revision has it.

        `revision` None: nothing but the disk is read; "": remote repositories are read as well.
        """
        self.path = path
        self.inventory = inventory
        self._is_revision = bool(revision) or (revision is not None and is_remote(path))
        self.source: Source
        if path == "-":
            if revision:
                raise click.UsageError("standard input has no revisions: --ref needs a path")
            self.source = StreamSource(sys.stdin.buffer)
        elif self._is_revision:
            self.source = _revision_source(path, revision or "")
        else:
            self.source = DirectorySource(path)
        self.beside = _inventory(path, inventory, revision) if inventory else None
        self._pinpointer = Pinpointer(self.source)
        self._inventory_pinpointer = Pinpointer(self.beside) if self.beside else None
        self.cache = open_cache(os.environ) if cached else None  # noqa: TID251 - an edge

    def load(
        self,
        progress: Progress,
        read: Reader | None = None,
        apps: Collection[str] = (),
        *,
        digests: bool = True,
        jobs: int = 1,
    ) -> Loaded:
        """Read everything: with `read`, or with what the cache knows of it if that is wanted.

        With `apps` only what matters to these is loaded, where it can be told from the rest.
        Without `digests` the digests of files are "". `jobs` processes parse what is read.
        """

        def step(_: str) -> None:
            progress.step("files read")

        digest = _sha256 if digests else _none
        with contextlib.ExitStack() as stack:
            stack.enter_context(progress)
            found = self._near(apps, digest, step) if apps else None
            if found is not None:
                return found
            source, read = self.source, read or self._read
            if jobs > 1:
                from armada_render.cli.ahead import Ahead  # noqa: PLC0415 - for large fleets

                at_end = self.cache.close if self.cache else lambda: None
                ahead = stack.enter_context(Ahead(source, read, jobs, at_end))
                source, read = ahead, ahead.documents
            return load(source, self.beside, digest=digest, read=read, on_file=step)

    def _near(
        self,
        apps: Collection[str],
        digest: Callable[[bytes], str],
        on_file: Callable[[str], None],
    ) -> Loaded | None:
        """Read what matters to some apps; None where everything must be read to know that."""
        from armada_render.load.near import Listed, load_near  # noqa: PLC0415 - only for apps

        config = settings(self.source)
        if config.apps.label or not isinstance(self.source, Listed):
            return None
        return load_near(
            self.source,
            [*apps, ""] if ROOT_APP in apps else apps,
            config,
            self.beside,
            digest=digest,
            read=self._read,
            on_file=on_file,
        )

    def at(self, revision: str) -> Loaded | None:
        """Read what `revision` of the repository of PATH holds; None if PATH is not in it.

        The inventory is that of the revision as well, unless it is of another repository.
        """
        if self._is_revision:
            from armada_render.load.origin import earlier  # noqa: PLC0415 - GitPython

            found = earlier(self.source, self.beside, revision)
            return self._loaded(*found) if found else None
        from armada_render.load.git import git_source, root_of  # noqa: PLC0415 - GitPython

        with contextlib.closing(git_source(self.path, revision)) as source:
            if not source.exists:
                return None
            beside = self.inventory
            if not beside or root_of(beside) != root_of(self.path):
                return self._loaded(source, self.beside)
            with contextlib.closing(git_source(beside, revision)) as past:
                return self._loaded(source, past if past.exists else self.beside)

    def _loaded(self, source: Source, inventory: Source | None) -> Loaded:
        return load(source, inventory, read=self._read)

    @property
    def _read(self) -> Reader:
        return self.cache.documents if self.cache else load_documents

    def require_fleet(self, loaded: Loaded) -> None:
        """Raise `InputError` unless there are manifests and clusters to render."""
        fleet = loaded.fleet
        if not (fleet.problems or fleet.templates or fleet.propagation_policies):
            raise InputError(
                Problem(
                    message=f"no Kubernetes manifests in {self.path}",
                    hint="give a path that holds .yaml, .yml or .json files",
                )
            )
        self.require_clusters(loaded)

    def require_clusters(self, loaded: Loaded) -> None:
        """Raise `InputError` unless there are clusters."""
        if not (loaded.fleet.problems or loaded.fleet.clusters):
            raise InputError(
                Problem(
                    message=f"no Cluster in {self.path}",
                    hint=f"write an inventory with `armada-render clusters init {self.path}`, or "
                    "name one with --clusters",
                )
            )

    def pinpoint(self, problems: tuple[Problem, ...]) -> list[Problem]:
        """Return problems with the lines of their fields."""
        return [self._pinpoint(problem) for problem in problems]

    def _pinpoint(self, problem: Problem) -> Problem:
        location = problem.location
        beside = self._inventory_pinpointer
        if location is None or beside is None or not location.path.startswith(INVENTORY):
            return self._pinpointer.find(problem)
        own = replace(location, path=location.path.removeprefix(INVENTORY))
        found = beside.find(replace(problem, location=own)).location
        return replace(problem, location=replace(location, line=found.line if found else 0))

    def read(self, path: str) -> bytes:
        """Return a file by the path that locations have."""
        if self.beside is not None and path.startswith(INVENTORY):
            return self.beside.read(path.removeprefix(INVENTORY))
        if path == CONFIG_NAME:
            file = self.source.config()
            return file.data if file else b""
        return self.source.read(path)

    def in_checkout(self, path: str) -> str:
        """Return where a file that locations name stands in the checkout, as Git hosts want it.

        The checkout is the nearest folder above PATH with a `.git`; without one, the path is
        relative to the working directory.
        """
        root, rest = self.path, path
        if path.startswith(INVENTORY) and self.inventory:
            root, rest = self.inventory, path.removeprefix(INVENTORY)
        if root == "-":
            return path
        if is_remote(root):
            return "/".join(filter(None, (parse(root).folder, rest)))
        folder = root if os.path.isdir(root) else os.path.dirname(root)  # noqa: PTH112, PTH120
        full = os.path.realpath(folder)
        top = full
        while not os.path.exists(os.path.join(top, ".git")):  # noqa: PTH110, PTH118
            above = os.path.dirname(top)  # noqa: PTH120
            if above == top:
                top = os.path.realpath(os.curdir)
                break
            top = above
        whole = os.path.relpath(os.path.join(full, rest), top)  # noqa: PTH118
        return whole.replace(os.sep, "/")

    def is_inside(self, folder: str) -> bool:
        """Tell whether `folder` is PATH or lies below it."""
        if self.path == "-" or not os.path.isdir(self.path):  # noqa: PTH112
            return False
        root = os.path.realpath(self.path)
        target = os.path.realpath(folder)
        return target == root or target.startswith(root + os.sep)

    def refuse_overlap(self, folder: str, loaded: Loaded) -> None:
        """Refuse to write into what is read: the next render would read its own output."""
        if not folder or not self.is_inside(folder):
            return
        root = os.path.realpath(self.path)
        relative = os.path.relpath(os.path.realpath(folder), root)
        if relative != os.curdir and loaded.ignores(relative.replace(os.sep, "/")):
            return
        raise InputError(
            Problem(
                message=f"the output directory {folder} lies inside {self.path}, so its "
                "files would be read as input next time",
                hint=f"choose a directory outside, or list it under ignore in {CONFIG_NAME}",
            )
        )


def report(console: Console, inputs: Inputs, problems: tuple[Problem, ...]) -> None:
    """Print problems, each with the line it stands on."""
    console.problems(inputs.pinpoint(problems))


def _revision_source(path: str, revision: str) -> Source:
    from armada_render.load.origin import revision_source  # noqa: PLC0415 - GitPython is rare

    return revision_source(path, revision, credentials())


def _inventory(path: str, inventory: str, revision: str | None) -> Source:
    if not revision and (revision is None or not is_remote(inventory)):
        return DirectorySource(inventory)
    from armada_render.load.origin import revision_inventory  # noqa: PLC0415 - GitPython is rare

    return revision_inventory(path, inventory, revision or "", credentials())


def credentials() -> Credentials | None:
    """Return what the environment says for remote repositories."""
    variables = os.environ  # noqa: TID251 - this is an edge
    password = variables.get("ARMADA_RENDER_GIT_PASSWORD", "")
    name = variables.get("ARMADA_RENDER_GIT_USERNAME", "")
    # Hosts that take tokens look at the password alone, but want some name.
    return Credentials(name or "git", password) if password else None


def locator(inputs: Inputs) -> Callable[[SourceLocation | None, str], str]:
    """Return a function that says in which line a field stands; each is looked up once."""

    @cache
    def locate(location: SourceLocation | None, field: str) -> str:
        if location is None:
            return ""
        (found,) = inputs.pinpoint((Problem(message="", location=location, field=field),))
        return str(found.location or "")

    return locate


def _none(_: bytes) -> str:
    return ""


def _sha256(data: bytes) -> str:
    return sha256(data).hex()
