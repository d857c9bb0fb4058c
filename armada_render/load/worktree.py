"""The work tree at a Git path as it could be committed: what Git ignores is not there."""

import os
from collections.abc import Sequence

from armada_render.errors import Problem
from armada_render.load.git import Repository
from armada_render.load.source import (
    DirectorySource,
    compile_globs,
    is_text,
    is_wanted,
    unnameable,
)
from armada_render.model.config import CONFIG_NAME


class WorkTreeSource(DirectorySource):
    """A directory without submodules and without what Git ignores; untracked files are there.

    `submodules` are the paths of submodules and of other clones below it, which are never read.
    """

    def __init__(self, root: str) -> None:
        super().__init__(root)
        repository = Repository(root)
        self._paths, self.submodules = repository.committable(repository.folder(root))
        repository.close()

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
