"""How the files of a tree look to the file system, to see later which may have been changed.

Each file has its inode and change time. The kernel sets the change time on every write, rename or
change of mode, and no program can set it back; so a file with both as they were holds what it
held. A file that was changed a moment ago gets no mark, since a later change could fall into the
same tick of the clock (Git calls such an entry racy); its content decides then.
"""

import os
import stat
import time
from array import array
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import pairwise

import msgspec
from msgspec import Struct

from armada_render.output.forked import forked

_TICK = 100_000_000
"""Nanoseconds that the clocks of file systems are trusted to tell apart."""
_NO_MARK = (0, 0)
_MANY = 20_000
"""Files above which several processes look at them."""
_MOST_PARTS = 4


class _Evidence(Struct, array_like=True):
    """Top-level folders, the paths in each (equal lists are kept once), and two numbers a file."""

    folders: list[str]
    lists: list[str]
    which: list[int]
    marks: bytes


def evidence(root: str, paths: Iterable[str]) -> bytes:
    """Return how the files at `paths` below `root` look now, as data for `unsure`."""
    by_folder: dict[str, list[str]] = {}
    for path in sorted(paths):
        folder, _, rest = path.partition("/")
        by_folder.setdefault(folder, []).append(rest)
    numbers: dict[str, int] = {}
    which: list[int] = []
    marks = array("Q")
    settled = time.time_ns() - _TICK
    for folder, names in by_folder.items():
        which.append(numbers.setdefault("\0".join(names), len(numbers)))
        found = _marks(os.path.join(root, folder), names)  # noqa: PTH118
        for at in range(1, len(found), 2):
            if found[at] > settled:
                found[at - 1 : at + 1] = _NO_MARK
        marks.extend(found)
    return msgspec.msgpack.encode(_Evidence(list(by_folder), list(numbers), which, marks.tobytes()))


def unsure(root: str, data: bytes) -> Callable[[], list[str]]:
    """Begin to look at the files of `evidence`, and return what waits for the paths, sorted.

    They are those that do not look as they did, or had no mark. Of many files, other processes
    look at a part each: the kernel answers them at the same time.
    """
    known = msgspec.msgpack.decode(data, type=_Evidence)
    count = len(known.folders)
    parts_wanted = min(os.cpu_count() or 1, _MOST_PARTS)
    if len(known.marks) < _MANY * 16 or parts_wanted < 2:
        found = _changed(root, known, 0, count)
        return lambda: found
    ends = [count * part // parts_wanted for part in range(parts_wanted + 1)]
    parts = [forked(partial(_encoded, root, known, start, end)) for start, end in pairwise(ends)]
    return lambda: [path for part in parts for path in msgspec.msgpack.decode(part())]


def _encoded(root: str, known: _Evidence, first: int, last: int) -> bytes:
    return msgspec.msgpack.encode(_changed(root, known, first, last))


def _changed(root: str, known: _Evidence, first: int, last: int) -> list[str]:
    """Return the paths in the folders from `first` to before `last` that look different."""
    lists = [names.split("\0") for names in known.lists]
    marks = memoryview(known.marks).cast("Q")
    changed: list[str] = []
    start = 2 * sum(len(lists[number]) for number in known.which[:first])
    for folder, number in zip(known.folders[first:last], known.which[first:last], strict=True):
        names = lists[number]
        end = start + 2 * len(names)
        found = array("Q", _marks(os.path.join(root, folder), names))  # noqa: PTH118
        expected = marks[start:end]
        if memoryview(found) != expected or 0 in found:
            changed += (
                f"{folder}/{name}"
                for at, name in enumerate(names)
                if not found[2 * at] or found[2 * at : 2 * at + 2] != expected[2 * at : 2 * at + 2]
            )
        start = end
    return changed


def renewed(root: str, data: bytes, paths: Sequence[str]) -> bytes:
    """Return `data` with how the files at `paths` look now."""
    known = msgspec.msgpack.decode(data, type=_Evidence)
    lists = [names.split("\0") for names in known.lists]
    marks = array("Q", known.marks)
    wanted: dict[str, set[str]] = {}
    for path in paths:
        folder, _, rest = path.partition("/")
        wanted.setdefault(folder, set()).add(rest)
    settled = time.time_ns() - _TICK
    start = 0
    for folder, number in zip(known.folders, known.which, strict=True):
        names = lists[number]
        inside = wanted.get(folder, ())
        if inside:
            places = [at for at, name in enumerate(names) if name in inside]
            found = _marks(os.path.join(root, folder), [names[at] for at in places])  # noqa: PTH118
            for index, at in enumerate(places):
                inode, changed = found[2 * index : 2 * index + 2]
                is_settled = changed <= settled
                marks[start + 2 * at] = inode if is_settled else 0
                marks[start + 2 * at + 1] = changed if is_settled else 0
        start += 2 * len(names)
    known.marks = marks.tobytes()
    return msgspec.msgpack.encode(known)


def _marks(folder: str, names: Sequence[str]) -> list[int]:
    """Return inode and change time of each file in turn, zeros for what is no plain file."""
    found: list[int] = []
    add = found.append
    look = os.stat
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return [0] * (2 * len(names))
    try:
        for name in names:
            try:
                status = look(name, dir_fd=descriptor, follow_symlinks=False)
            except OSError:
                found += _NO_MARK
                continue
            if stat.S_ISREG(status.st_mode):
                add(status.st_ino)
                add(status.st_ctime_ns)
            else:
                found += _NO_MARK
    finally:
        os.close(descriptor)
    return found
