"""The files of the lock: read them, compare, write all or none. The only part that does I/O.

Ours is every `.yaml` file one folder below `.armada/bindings`; other files are not touched. All new
files are on the disk before the first of them replaces an old one, and what fails then is undone.
"""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from armada_render.errors import InputError, Problem, SourceError
from armada_render.load.lockfile import LOCK

_STAGING = ".armada/.lock.tmp"
_LONGEST_NAME = 255


class LockDifference(Struct, frozen=True):
    """Paths below the root that are to be written (`added`, `changed`) and removed, sorted."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    stale: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether the lock holds what it should."""
        return not (self.added or self.changed or self.stale)


def read(root: str) -> dict[str, bytes]:
    """Return the lock files by path below `root`; nothing when there is no lock."""
    try:
        return {
            f"{LOCK}/{folder.name}/{file.name}": _content(file)
            for folder in _folders(Path(root))
            for file in folder.iterdir()
            if file.suffix == ".yaml"
        }
    except OSError as error:
        raise _refused(root, error) from error


def _folders(root: Path) -> list[Path]:
    for part in (root / ".armada", root / LOCK):
        _refuse_link(part)
    if not (root / LOCK).is_dir():
        return []
    folders = [path for path in (root / LOCK).iterdir() if path.is_dir()]
    for folder in folders:
        _refuse_link(folder)
    return folders


def _refuse_link(folder: Path) -> None:
    # What is written through a link may land outside of the repository.
    if folder.is_symlink():
        raise InputError(
            Problem(
                message=f"{folder} is a symbolic link, and the lock is not written through links",
                hint="put a folder in its place",
            )
        )


def _content(file: Path) -> bytes:
    # A link is replaced by a file, whatever it leads to.
    return b"" if file.is_symlink() else file.read_bytes()


def compare(stored: Mapping[str, bytes], wanted: Mapping[str, bytes]) -> LockDifference:
    """Return what must happen to `stored` so that it is `wanted`."""
    for path in wanted:
        name = path.rpartition("/")[2]
        if len(name.encode()) > _LONGEST_NAME:
            raise InputError(
                Problem(
                    message=f"{name} is longer than a file name may be; Karmada could not name "
                    "this binding either",
                    hint="give the resource a shorter name",
                )
            )
    return LockDifference(
        added=tuple(sorted(wanted.keys() - stored.keys())),
        changed=tuple(
            sorted(path for path in wanted if path in stored and stored[path] != wanted[path])
        ),
        stale=tuple(sorted(stored.keys() - wanted.keys())),
    )


def write(root: str, wanted: Mapping[str, bytes], difference: LockDifference) -> None:
    """Write the files that differ and remove the stale ones; touch nothing when none does.

    Raises `SourceError` when the disk refuses, with the old lock intact.
    """
    if difference.is_empty:
        return
    base = Path(root)
    try:
        with _staging(base) as staging:
            fresh = (*difference.added, *difference.changed)
            for path in fresh:
                target = staging / "new" / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(wanted[path])
            for path in fresh:
                (base / path).parent.mkdir(parents=True, exist_ok=True)
            _swap(base, staging, difference)
        _remove_empty(base, difference.stale)
    except OSError as error:
        raise _refused(root, error) from error


@contextlib.contextmanager
def _staging(base: Path) -> Iterator[Path]:
    """Give an empty folder that no other process uses, and remove it afterwards."""
    staging = base / _STAGING
    staging.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(staging, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SourceError(
                Problem(
                    message=f"another armada-render is writing the lock of {base}",
                    hint="wait for it to end",
                    code=SourceError.exit_code,
                )
            ) from None
        for left in staging.iterdir():
            shutil.rmtree(left)
        try:
            yield staging
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    finally:
        os.close(descriptor)


def _swap(base: Path, staging: Path, difference: LockDifference) -> None:
    """Put new files in the place of old ones; when one step fails, all are taken back."""
    done: list[str] = []
    try:
        for path in (*difference.changed, *difference.stale, *difference.added):
            done.append(path)
            if path not in difference.added:
                _keep(base / path, staging / "old" / path)
            if path in difference.stale:
                (base / path).unlink()
            else:
                (staging / "new" / path).replace(base / path)
    except BaseException:
        for path in reversed(done):
            old = staging / "old" / path
            if os.path.lexists(old):
                old.replace(base / path)
            elif path in difference.added:
                (base / path).unlink(missing_ok=True)
        raise


def _keep(file: Path, copy: Path) -> None:
    """Link a file to where it can be brought back from: until it is replaced, it stays in place."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(file, copy, follow_symlinks=False)
    except (OSError, NotImplementedError):
        # file systems without hard links
        shutil.copy2(file, copy, follow_symlinks=False)


def _remove_empty(base: Path, stale: tuple[str, ...]) -> None:
    for folder in sorted({(base / path).parent for path in stale}):
        with contextlib.suppress(OSError):
            folder.rmdir()


def _refused(root: str, error: OSError) -> SourceError:
    return SourceError(
        Problem(
            message=f"the lock of {root} cannot be read or written: {error.strerror or error}",
            hint="nothing was changed; check free space and permissions",
            code=SourceError.exit_code,
        )
    )
