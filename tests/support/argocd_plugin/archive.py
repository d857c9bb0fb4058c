"""Repositories as they travel: packed by the repo-server, unpacked by the sidecar."""

import gzip
import hashlib
import io
import os
import tarfile
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath


class OutOfBoundsError(Exception):
    """A symbolic link leads out of the repository."""


def check_links(root: Path) -> None:
    """Refuse absolute links, and links any step of which leaves the root."""
    for folder, names, files in os.walk(root):
        for name in (*names, *files):
            path = Path(folder, name)
            if path.is_symlink():
                relative = path.relative_to(root)
                _check_link(PurePosixPath(relative), path.readlink().as_posix())


def _check_link(path: PurePosixPath, target: str) -> None:
    depth = len(path.parent.parts)
    for step in PurePosixPath(target).parts:
        depth += {"..": -1, ".": 0}.get(step, 1)
        if target.startswith("/") or depth < 0:
            raise OutOfBoundsError(f"repository contains out-of-bounds symlinks. file: {path}")


def pack(root: Path, exclusions: Sequence[str] = ()) -> tuple[bytes, str]:
    """Return the gzip stream of all files, folders and links, and its SHA-256 in hex."""
    buffer = io.BytesIO()
    count = 0
    with (
        gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=1, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as tar,
    ):
        for path in _entries(root, root, exclusions):
            tar.add(path, arcname=str(path.relative_to(root)), recursive=False)
            count += 1
    if not count:
        raise ValueError("no files to send")
    data = buffer.getvalue()
    return data, hashlib.sha256(data).hexdigest()


def _entries(root: Path, folder: Path, exclusions: Sequence[str]) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        relative = str(path.relative_to(root))
        if any(fnmatchcase(relative, pattern) for pattern in exclusions):
            continue
        if path.is_symlink() or path.is_file():
            yield path
        elif path.is_dir():
            yield path
            yield from _entries(root, path, exclusions)


def unpack(data: bytes, folder: Path) -> None:
    """Write what `pack` packed: modes reset, times new, links relative and within the folder."""
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(data))) as tar:
        for member in tar:
            target = folder / member.name
            if not target.resolve().is_relative_to(folder.resolve()):
                raise OutOfBoundsError(f"illegal filepath in archive: {member.name}")
            if member.isdir():
                target.mkdir(mode=0o755)
            elif member.issym():
                _check_link(PurePosixPath(member.name), member.linkname)
                target.symlink_to(member.linkname)
            elif member.isfile():
                content = tar.extractfile(member)
                assert content is not None
                target.write_bytes(content.read())
                target.chmod(0o644)
