"""The work tree at a Git path as it could be committed: what Git ignores is not there."""

import contextlib
import os
import posixpath
from collections.abc import Sequence

from armada_render.errors import Problem, SourceError, one_line
from armada_render.load.git import SUBMODULE, Repository
from armada_render.load.source import (
    DirectorySource,
    compile_globs,
    is_text,
    is_wanted,
    unnameable,
)
from armada_render.model.config import CONFIG_NAME

_SPARSE = "S"  # the tag of git ls-files for what is left out of the work tree


class WorkTreeSource(DirectorySource):
    """A directory without submodules and without what Git ignores; untracked files are there.

    `submodules` are the paths of submodules and of other clones below it, which are never read.
    Raises `SourceError` in a bare repository, and where a sparse checkout leaves manifests out.
    """

    def __init__(self, root: str) -> None:
        super().__init__(root)
        with contextlib.closing(Repository(root)) as repository:
            self._paths, self.submodules = _committable(repository, repository.folder(root))

    def paths(self, ignore: Sequence[str], problems: list[Problem]) -> list[str]:
        is_ignored = compile_globs(ignore)
        found = []
        for path in self._paths:
            if path == CONFIG_NAME or not is_wanted(path) or is_ignored(path):
                continue
            full = os.path.join(self._root, path)  # noqa: PTH118
            # Deleted but not yet staged, or a link to a folder, which a commit holds no files of.
            if not os.path.exists(full) or os.path.isdir(full):  # noqa: PTH110, PTH112
                continue
            if os.path.islink(full) and not self._is_inside(path, problems):  # noqa: PTH114
                continue
            if is_text(path):
                found.append(path)
            else:
                problems.append(unnameable(path))
        return found


def _committable(repository: Repository, folder: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the files below `folder`, and the submodules, relative to it.

    Files are those that Git tracks and those that could be added, not what it ignores.
    """
    if not repository.root:
        raise _no_side(
            "the repository is bare: there is no work tree to compare with",
            "name both sides, --base and --head",
        )
    scope = ["-z", "--full-name", "--", *([folder] if folder else [])]
    files: set[str] = set()
    modules: set[str] = set()
    for line in repository.listing("ls-files", "-t", "--stage", *scope):
        facts, _, name = line.partition("\t")
        tag, _, mode = facts.partition(" ")
        path = posixpath.relpath(name, folder or ".")
        if tag == _SPARSE and is_wanted(path) and not _is_there(repository, name):
            raise _no_side(
                f"{one_line(name)} is not checked out (a sparse checkout): the work tree does not "
                "hold all",
                "name a revision with --head, or widen the checkout with git sparse-checkout",
            )
        (modules if mode.startswith(SUBMODULE) else files).add(path)
    for name in repository.listing("ls-files", "--others", "--exclude-standard", *scope):
        # Another clone is listed as a folder.
        is_clone = name.endswith("/")
        (modules if is_clone else files).add(posixpath.relpath(name, folder or "."))
    return tuple(sorted(files)), tuple(sorted(modules))


def _is_there(repository: Repository, name: str) -> bool:
    return os.path.lexists(os.path.join(repository.root, name))  # noqa: PTH118


def _no_side(message: str, hint: str) -> SourceError:
    return SourceError(Problem(message=message, hint=hint, code=SourceError.exit_code))
