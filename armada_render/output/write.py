"""Write a tree so that nobody ever sees half of it.

Each top-level folder (a cluster) of which much changes is built anew beside the old one, unchanged
and foreign files as hard links, and swapped in by renaming; where little changes the files are
swapped. `index.json` comes last. A failure before the swaps leaves the old tree as it was, one
between them swaps back.
"""

import contextlib
import fcntl
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec
from msgspec import Struct

from armada_render.emit import INDEX_NAME, OutputFile
from armada_render.errors import Problem, SourceError
from armada_render.output.compare import TreeDifference, compare

STAGING = ".armada-render.tmp"
_NEW = "new"
_OLD_FOLDERS = "old"
_OLD_PIECES = "old-pieces"
_PIECES = "pieces.json"
_FEW = 4
"""A folder is swapped as a whole when at least one in so many of its files changes."""


class TreeChange(Struct, frozen=True):
    """How many files were written, removed and left as they were."""

    written: int
    removed: int
    unchanged: int


def write(  # noqa: PLR0913 - the files, and what is done with them
    root: str,
    files: Iterable[OutputFile],
    index: Callable[[dict[str, str]], bytes],
    scope: Callable[[str], bool] = lambda _: True,
    review: Callable[[TreeDifference], None] = lambda _: None,
    *,
    more: Sequence[Iterable[OutputFile]] = (),
) -> TreeChange:
    """Make the tree at `root` hold `files` and the index made of their digests.

    Paths out of `scope` are left alone. `review` hears what is going to change before
    anything does, and may raise to leave the tree as it is. Each file is compared, and staged if it
    differs, as it comes by: a large tree is never held. Each group of `more` files is made and
    staged in a process of its own.
    Raises `SourceError` when the disk refuses, with the old tree intact, and `InputError` when a
    foreign file stands in the way.
    """
    with _no_half(root), _locked(root) as staging:
        new = _join(staging, _NEW)
        difference = compare(root, files, index, _Stager(new).add, scope, more=more)
        review(difference)
        folders = _much_changed(difference)
        _stage_rest(root, staging, difference, folders)
        _commit(root, staging, _moves(root, staging, difference, folders))
        _remove_empty(root, difference.stale)
    written = len({*difference.added, *difference.changed} - {INDEX_NAME})
    return TreeChange(written, len(difference.stale), difference.total - written)


def patch(root: str, files: Iterable[OutputFile], before: bytes, index: bytes) -> bool:
    """Replace files of a tree, and its index by `index`, if that still is as it was `before`.

    The files must be there. Return False, with nothing done, when the index is another one.
    Raises `SourceError` when the disk refuses, with the old tree intact.
    """
    with _no_half(root), _locked(root) as staging:
        with open(_join(root, INDEX_NAME), "rb") as handle:  # noqa: PTH123
            if handle.read(len(before) + 1) != before:
                return False
        new = _join(staging, _NEW)
        os.mkdir(new)  # noqa: PTH102
        moves = []
        for number, file in enumerate(files):
            # One flat folder: making and removing folders costs more than the files.
            source = _join(new, str(number))
            with open(source, "xb") as handle:  # noqa: PTH123
                handle.write(file.data)
            moves.append(_Move(file.path, source, _join(staging, f"{_OLD_PIECES}/{number}")))
        _stage_index(staging, index)
        _list_pieces(staging, [move.path for move in moves])
        _commit(root, staging, moves)
    return True


@contextlib.contextmanager
def _no_half(root: str) -> Iterator[None]:
    """Make the folder `root`, and say of what the disk refuses that nothing was changed."""
    try:
        os.makedirs(root, exist_ok=True)  # noqa: PTH103
        yield
    except OSError as error:
        raise SourceError(
            Problem(
                message=f"{root} cannot be written: {error.strerror or error}",
                hint="nothing was changed; check free space and permissions",
                code=SourceError.exit_code,
            )
        ) from error


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
            with contextlib.suppress(OSError):
                os.rmdir(staging)  # noqa: PTH106
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
    """Put back what was moved away but not replaced, and empty the staging folder."""
    old = _join(staging, _OLD_FOLDERS)
    if os.path.isdir(old):  # noqa: PTH112
        for name in os.listdir(old):  # noqa: PTH208
            _put_back(_join(old, name), _join(root, name))
    with contextlib.suppress(FileNotFoundError, msgspec.DecodeError):
        with open(_join(staging, _PIECES), "rb") as handle:  # noqa: PTH123
            pieces = msgspec.json.decode(handle.read(), type=list[str])
        for number, path in enumerate(pieces):
            _put_back(_join(staging, f"{_OLD_PIECES}/{number}"), _join(root, path))
    with os.scandir(staging) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                _remove(entry.path)
            else:
                os.unlink(entry.path)  # noqa: PTH108


def _put_back(old: str, home: str) -> None:
    if os.path.lexists(old) and not os.path.lexists(home):
        os.rename(old, home)  # noqa: PTH104


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


def _much_changed(difference: TreeDifference) -> list[str]:
    """Return the top-level folders that are swapped as a whole."""
    paths = (*difference.added, *difference.changed, *difference.stale)
    touched = Counter(path.partition("/")[0] for path in paths if path != INDEX_NAME)
    sizes = difference.sizes
    return sorted(name for name, count in touched.items() if count * _FEW >= sizes.get(name, 0))


def _stage_rest(
    root: str, staging: str, difference: TreeDifference, folders: Sequence[str]
) -> None:
    """Write the index if it changes, and link what stays in the folders that are swapped."""
    fresh = {*difference.added, *difference.changed}
    if INDEX_NAME in fresh:
        _stage_index(staging, difference.index)
    skipped = {*fresh, *difference.stale}
    for name in folders:
        if os.path.isdir(_join(root, name)):  # noqa: PTH112
            _link_rest(root, name, _join(staging, _NEW), skipped)


def _stage_index(staging: str, index: bytes) -> None:
    with open(_join(staging, INDEX_NAME), "xb") as handle:  # noqa: PTH123
        handle.write(index)


class _Move(NamedTuple):
    """What is swapped: its path in the tree, and where the new and the old one wait."""

    path: str
    new: str
    old: str


def _moves(
    root: str, staging: str, difference: TreeDifference, folders: Sequence[str]
) -> list[_Move]:
    """Return whole folders, then what is swapped by itself: files, and of new folders the highest.

    The places of single pieces are listed for whoever comes after a crash.
    """
    new, old = _join(staging, _NEW), _join(staging, _OLD_FOLDERS)
    moves = [_Move(name, _join(new, name), _join(old, name)) for name in folders]
    pieces: dict[str, None] = {}
    whole = {*folders, INDEX_NAME}
    for path in (*difference.stale, *difference.changed, *difference.added):
        if path.partition("/")[0] in whole:
            continue
        piece = path
        while not os.path.lexists(_join(root, folder := os.path.dirname(piece))):  # noqa: PTH120
            piece = folder
        pieces[piece] = None
    _list_pieces(staging, list(pieces))
    old = _join(staging, _OLD_PIECES)
    moves += (
        _Move(path, _join(new, path), _join(old, str(number))) for number, path in enumerate(pieces)
    )
    return moves


def _list_pieces(staging: str, paths: Sequence[str]) -> None:
    if paths:
        with open(_join(staging, _PIECES), "xb") as handle:  # noqa: PTH123
            handle.write(msgspec.json.encode(paths))


def _remove_empty(root: str, stale: Iterable[str]) -> None:
    """Remove the folders in which the last file was stale."""
    for path in stale:
        folder = path
        with contextlib.suppress(OSError):
            while folder := os.path.dirname(folder):  # noqa: PTH120
                os.rmdir(_join(root, folder))  # noqa: PTH106


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
        import shutil  # noqa: PLC0415 - brings compression along

        shutil.copy2(source, target, follow_symlinks=False)


def _commit(root: str, staging: str, moves: Iterable[_Move]) -> None:
    """Make all moves, then that of the index; undo them when one fails."""
    staged_index = _join(staging, INDEX_NAME)
    for name in (_OLD_FOLDERS, _OLD_PIECES):
        os.mkdir(_join(staging, name))  # noqa: PTH102
    done: list[_Move] = []
    try:
        for move in moves:
            home = _join(root, move.path)
            if os.path.lexists(home):
                os.rename(home, move.old)  # noqa: PTH104
            done.append(move)
            if os.path.lexists(move.new):
                os.rename(move.new, home)  # noqa: PTH104
        if os.path.lexists(staged_index):
            os.replace(staged_index, _join(root, INDEX_NAME))  # noqa: PTH105
    except BaseException:
        for move in reversed(done):
            _undo(root, move)
        raise
    for name in (_OLD_FOLDERS, _OLD_PIECES):
        _remove(_join(staging, name))


def _remove(folder: str) -> None:
    try:
        os.rmdir(folder)  # noqa: PTH106 - it is empty where nothing changed
    except OSError:
        import shutil  # noqa: PLC0415 - brings compression along

        shutil.rmtree(folder)


def _undo(root: str, move: _Move) -> None:
    home = _join(root, move.path)
    if os.path.lexists(home):
        os.rename(home, move.new)  # noqa: PTH104
    if os.path.lexists(move.old):
        os.rename(move.old, home)  # noqa: PTH104


def _join(folder: str, path: str) -> str:
    return os.path.join(folder, path)  # noqa: PTH118
