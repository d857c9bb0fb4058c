"""Write a tree so that nobody ever sees half of it.

Each top-level folder (a cluster) that changes is built anew beside the old one, unchanged and
foreign files as hard links, and swapped in by renaming; `index.json` comes last. A failure before
the swaps leaves the old tree as it was, one between them swaps back.
"""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct

from armada_render.emit import INDEX_NAME, OutputFile
from armada_render.errors import Problem, SourceError
from armada_render.output.compare import TreeDifference, compare

STAGING = ".armada-render.tmp"


class TreeChange(Struct, frozen=True):
    """How many files were written, removed and left as they were."""

    written: int
    removed: int
    unchanged: int


def write(
    root: str,
    files: Iterable[OutputFile],
    index: Callable[[dict[str, str]], bytes],
    scope: Callable[[str], bool] = lambda _: True,
    review: Callable[[TreeDifference], None] = lambda _: None,
) -> TreeChange:
    """Make the tree at `root` hold `files` and the index made of their digests.

    Top-level folders out of `scope` are left alone. `review` hears what is going to change before
    anything does, and may raise to leave the tree as it is. Each file is compared, and staged if it
    differs, as it comes by: a large tree is never held.
    Raises `SourceError` when the disk refuses, with the old tree intact, and `InputError` when a
    foreign file stands in the way.
    """
    try:
        os.makedirs(root, exist_ok=True)  # noqa: PTH103
        with _locked(root) as staging:
            new = _join(staging, "new")
            difference = compare(root, files, index, _Stager(new).add, scope)
            review(difference)
            _stage_rest(root, staging, new, difference)
            _commit(root, staging, difference)
    except OSError as error:
        raise SourceError(
            Problem(
                message=f"{root} cannot be written: {error.strerror or error}",
                hint="nothing was changed; check free space and permissions",
                code=SourceError.exit_code,
            )
        ) from error
    written = len({*difference.added, *difference.changed} - {INDEX_NAME})
    return TreeChange(written, len(difference.stale), difference.total - written)


@contextlib.contextmanager
def _locked(root: str) -> Iterator[str]:
    """Give an empty staging folder that no other process uses; what a killed one left is undone."""
    staging = _join(root, STAGING)
    os.makedirs(staging, exist_ok=True)  # noqa: PTH103
    descriptor = os.open(staging, os.O_RDONLY)
    try:
        _lock(descriptor, root)
        try:
            _recover(root, staging)
            yield staging
        finally:
            _recover(root, staging)
            shutil.rmtree(staging, ignore_errors=True)
    finally:
        os.close(descriptor)


def _lock(descriptor: int, root: str) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise SourceError(
            Problem(
                message=f"another armada-render is writing to {root}",
                hint="wait for it to end",
                code=SourceError.exit_code,
            )
        ) from error


def _recover(root: str, staging: str) -> None:
    """Put back folders that were moved away but not replaced, and empty the staging folder."""
    old = _join(staging, "old")
    if os.path.isdir(old):  # noqa: PTH112
        for name in os.listdir(old):  # noqa: PTH208
            if not os.path.lexists(_join(root, name)):
                os.rename(_join(old, name), _join(root, name))  # noqa: PTH104
    with os.scandir(staging) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path)
            else:
                os.unlink(entry.path)  # noqa: PTH108


class _Stager:
    """Writes files below a folder that held none of them."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._made: set[str] = set()

    def add(self, file: OutputFile) -> None:
        """Write one file."""
        path = _join(self._folder, file.path)
        folder = os.path.dirname(path)  # noqa: PTH120
        if folder not in self._made:
            os.makedirs(folder, exist_ok=True)  # noqa: PTH103
            self._made.add(folder)
        with open(path, "xb") as handle:  # noqa: PTH123
            handle.write(file.data)


def _stage_rest(root: str, staging: str, new: str, difference: TreeDifference) -> None:
    """Write the index if it changes, and link what stays in the folders that change."""
    fresh = {*difference.added, *difference.changed}
    if INDEX_NAME in fresh:
        with open(_join(staging, INDEX_NAME), "xb") as handle:  # noqa: PTH123
            handle.write(difference.index)
    skipped = {*fresh, *difference.stale}
    for name in _touched(difference):
        source = _join(root, name)
        if os.path.isdir(source):  # noqa: PTH112
            _link_rest(root, name, new, skipped)


def _touched(difference: TreeDifference) -> list[str]:
    paths = (*difference.added, *difference.changed, *difference.stale)
    return sorted({path.partition("/")[0] for path in paths} - {INDEX_NAME})


def _link_rest(root: str, folder: str, new: str, skipped: set[str]) -> None:
    """Link every file below `folder` that is neither replaced nor stale."""
    with os.scandir(_join(root, folder)) as entries:
        for entry in entries:
            path = f"{folder}/{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                _link_rest(root, path, new, skipped)
            elif path not in skipped:
                target = _join(new, path)
                os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120
                _link(entry.path, target)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except (OSError, NotImplementedError):
        # file systems without hard links
        shutil.copy2(source, target, follow_symlinks=False)


def _commit(root: str, staging: str, difference: TreeDifference) -> None:
    """Swap the folders that changed, then the index; undo the swaps when one fails."""
    new, old = _join(staging, "new"), _join(staging, "old")
    staged_index = _join(staging, INDEX_NAME)
    os.makedirs(old, exist_ok=True)  # noqa: PTH103
    done: list[str] = []
    try:
        for name in _touched(difference):
            if os.path.lexists(_join(root, name)):
                os.rename(_join(root, name), _join(old, name))  # noqa: PTH104
            done.append(name)
            if os.path.lexists(_join(new, name)):
                os.rename(_join(new, name), _join(root, name))  # noqa: PTH104
        if os.path.lexists(staged_index):
            os.replace(staged_index, _join(root, INDEX_NAME))  # noqa: PTH105
    except BaseException:
        for name in reversed(done):
            if os.path.lexists(_join(root, name)):
                os.rename(_join(root, name), _join(new, name))  # noqa: PTH104
            if os.path.lexists(_join(old, name)):
                os.rename(_join(old, name), _join(root, name))  # noqa: PTH104
        raise
    shutil.rmtree(old)


def _join(folder: str, path: str) -> str:
    return os.path.join(folder, path)  # noqa: PTH118
