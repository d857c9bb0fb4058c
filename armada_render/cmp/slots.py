"""How many renderings run at once, across processes: files that are locked while one runs.

A commit to a large repository makes Argo CD ask for all its Applications at once, and nothing in
the sidecar holds them back. The kernel frees a lock when its process dies, however it dies.
"""

import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager

from armada_render.errors import Problem, SourceError

_WAIT = 0.02
"""Seconds between two looks at the slots."""


@contextmanager
def slot(scratch: str, count: int) -> Iterator[None]:
    """Wait for one of `count` slots and hold it; the caller's time limit bounds the wait."""
    descriptor = _taken(_folder(scratch), count)
    try:
        yield
    finally:
        os.close(descriptor)


def _taken(folder: str, count: int) -> int:
    # Everybody begins elsewhere, so that they do not all try the same slot first.
    number = os.getpid()
    while True:
        for _ in range(count):
            number += 1
            descriptor = _open(os.path.join(folder, f"slot-{number % count}"))  # noqa: PTH118
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
            else:
                return descriptor
        time.sleep(_WAIT)


def _folder(scratch: str) -> str:
    """Return a folder that belongs to us alone: `scratch` may be open to all."""
    folder = os.path.join(scratch, f"armada-render-cmp-{os.getuid()}")  # noqa: PTH118
    try:
        try:
            os.mkdir(folder, 0o700)  # noqa: PTH102
        except FileExistsError:
            status = os.lstat(folder)
            if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
                raise _unusable("something else has its name") from None
    except OSError as error:
        raise _unusable(str(error.strerror)) from error
    return folder


def _open(path: str) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _unusable(str(error.strerror)) from error


def _unusable(reason: str) -> SourceError:
    return SourceError(
        Problem(
            message=f"the folder for lock files cannot be used: {reason}",
            hint="give the sidecar a writable volume of its own at /tmp, or set TMPDIR",
            code=SourceError.exit_code,
        )
    )
