"""Entries by key in one folder: checked when read, whole or absent, bounded, shared by processes.

The folder must be the user's own, closed to all others (0700): then whoever can write the
repository has no way in. Nothing is unpickled or run. An entry is written beside its place and
renamed, and begins with a SHA-256 over its name and content: what a crash or a full disk leaves is
not an entry, and counts as absent. When the entries outgrow the bound, those go that were used
longest ago. Any trouble makes the cache useless for this run, never wrong, and is not an error.
"""

import contextlib
import fcntl
import os
import stat
import time
from collections.abc import Iterator, Mapping

from armada_render.model.digest import sha256

MAX_BYTES = 512 * 1024 * 1024
"""What the entries of a user may take up on disk, roughly."""
MAX_ENTRY_BYTES = 64 * 1024 * 1024
_KEPT_SHARE = 0.75
_HEADER = b"armada-render cache 1\n"
_DIGEST_BYTES = 32
_DAY = 86400.0
_USED = ".used"
_TEMPORARY = ".tmp-"
_FLAGS = os.O_NOFOLLOW | os.O_CLOEXEC


def folder(environment: Mapping[str, str]) -> str:
    """Return where the cache belongs, "" when the environment does not say (XDG base folders)."""
    base = environment.get("XDG_CACHE_HOME", "")
    if not base.startswith("/"):
        home = environment.get("HOME", "")
        if not home.startswith("/"):
            return ""
        base = home + "/.cache"
    return base + "/armada-render"


class Store:
    """The entries in one folder, which stays open and is never looked up by its path again."""

    def __init__(self, descriptor: int, max_bytes: int) -> None:
        self._folder = descriptor
        self._max_bytes = max_bytes
        self._written = 0
        self._count = 0
        self._is_writable = True

    @classmethod
    def open(cls, path: str, max_bytes: int = MAX_BYTES) -> "Store | None":
        """Return the store at `path`, made if it is not there; None when it cannot be trusted."""
        try:
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)  # noqa: PTH103, PTH120
            with contextlib.suppress(FileExistsError):
                os.mkdir(path, mode=0o700)  # noqa: PTH102
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | _FLAGS)
        except OSError:
            return None
        status = os.fstat(descriptor)
        if status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o077:
            os.close(descriptor)
            return None
        return cls(descriptor, max_bytes)

    def get(self, name: str) -> bytes | None:
        """Return the content of an entry, None when there is none that is whole."""
        try:
            descriptor = os.open(name, os.O_RDONLY | _FLAGS, dir_fd=self._folder)
        except OSError:
            return None
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_ENTRY_BYTES:
                return None
            data = _read(descriptor, status.st_size)
            if time.time() - status.st_mtime > _DAY:
                with contextlib.suppress(OSError):
                    os.utime(descriptor)
        except OSError:
            return None
        finally:
            os.close(descriptor)
        start = len(_HEADER) + _DIGEST_BYTES
        content = data[start:]
        return content if data[:start] == _head(name, content) else None

    def put(self, name: str, content: bytes) -> None:
        """Keep an entry; one that is there already has the same content."""
        data = _head(name, content) + content
        if not self._is_writable or len(data) > MAX_ENTRY_BYTES:
            return
        self._count += 1
        temporary = f"{_TEMPORARY}{os.getpid()}-{self._count}"
        try:
            descriptor = os.open(
                temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS, 0o600, dir_fd=self._folder
            )
            try:
                _write(descriptor, data)
            finally:
                os.close(descriptor)
            os.rename(temporary, name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        except OSError:
            # A full disk or a read-only one: what is there can still be read.
            self._is_writable = False
            with contextlib.suppress(OSError):
                os.unlink(temporary, dir_fd=self._folder)
        else:
            self._written += len(data)

    def close(self) -> None:
        """Write down how much was added, and make room when that is too much."""
        if self._written:
            with contextlib.suppress(OSError):
                self._keep_books()
        os.close(self._folder)

    def _keep_books(self) -> None:
        descriptor = os.open(
            _USED, os.O_RDWR | os.O_CREAT | os.O_APPEND | _FLAGS, 0o600, dir_fd=self._folder
        )
        try:
            lines = os.pread(descriptor, 1 << 16, 0).split()
            os.write(descriptor, b"%d\n" % self._written)
            # A killed run writes nothing down, so that a long list is counted anew, too.
            is_sound = 0 < len(lines) < 1000 and all(map(bytes.isdigit, lines))
            if not is_sound or sum(map(int, lines)) + self._written > self._max_bytes:
                self._make_room(descriptor)
        finally:
            os.close(descriptor)

    def _make_room(self, books: int) -> None:
        try:
            fcntl.flock(books, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # another process is at it
        entries = sorted(self._entries())
        used = sum(size for _, size, _ in entries)
        if used > self._max_bytes:
            for _, size, name in entries:
                if used <= self._max_bytes * _KEPT_SHARE:
                    break
                with contextlib.suppress(OSError):
                    os.unlink(name, dir_fd=self._folder)
                used -= size
        os.ftruncate(books, 0)
        os.write(books, b"%d\n" % used)

    def _entries(self) -> Iterator[tuple[float, int, str]]:
        """Yield when each entry was last used, its size and name; remove what crashes left."""
        now = time.time()
        with os.scandir(self._folder) as found:
            for entry in found:
                with contextlib.suppress(OSError):
                    status = entry.stat(follow_symlinks=False)
                    if entry.name.startswith(_TEMPORARY):
                        if now - status.st_mtime > _DAY:
                            os.unlink(entry.name, dir_fd=self._folder)
                    elif not entry.name.startswith("."):
                        yield status.st_mtime, status.st_size, entry.name


def _head(name: str, content: bytes) -> bytes:
    return _HEADER + sha256(name.encode() + b"\n", content)


def _read(descriptor: int, size: int) -> bytes:
    data = os.read(descriptor, size)
    while len(data) < size and (more := os.read(descriptor, size - len(data))):
        data += more
    return data


def _write(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
