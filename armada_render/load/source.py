"""Where files come from: a directory, one file, standard input, or memory. Reads, decides nothing.

Repository content is hostile input: no link leads out of the root, no file is larger than
`MAX_FILE_BYTES`, special files are not opened.
"""

import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import BinaryIO, Protocol

from msgspec import Struct

from armada_render.errors import InputError, Problem, SourceError, SourceLocation, one_line
from armada_render.model.config import CONFIG_NAME

MAX_FILE_BYTES = 32 * 1024 * 1024
LOCK_FOLDER = ".armada"
FREEZE = f"{LOCK_FOLDER}/freeze"
"""The file that stops failover as long as it is there; what it holds says why."""
_SUFFIXES = (".yaml", ".yml", ".json")


class SourceFile(Struct, frozen=True):
    """One file: its path relative to the root, with `/`, and what it holds."""

    path: str
    data: bytes


class Source(Protocol):
    """Something that holds manifest files."""

    def config(self) -> SourceFile | None:
        """Return `armada.yaml` of the root, None when there is none."""

    def files(self, ignore: Sequence[str], problems: list[Problem]) -> Iterator[SourceFile]:
        """Yield the files to load in path order; what cannot be read goes to `problems`."""

    def read(self, path: str) -> bytes:
        """Return one file again, by the path that `files` gave it; `SourceError` if it is gone."""


class MemorySource:
    """Files held in memory, by path."""

    def __init__(self, contents: Mapping[str, str | bytes]) -> None:
        self._contents = {
            path: text.encode() if isinstance(text, str) else text
            for path, text in contents.items()
        }

    def config(self) -> SourceFile | None:
        data = self._contents.get(CONFIG_NAME)
        return None if data is None else SourceFile(CONFIG_NAME, data)

    def files(self, ignore: Sequence[str], problems: list[Problem]) -> Iterator[SourceFile]:
        is_ignored = compile_globs(ignore)
        for path in sorted(self._contents):
            if path != CONFIG_NAME and is_wanted(path) and not is_ignored(path):
                data = self._contents[path]
                if len(data) > MAX_FILE_BYTES:
                    problems.append(too_large(path, len(data)))
                else:
                    yield SourceFile(path, data)

    def read(self, path: str) -> bytes:
        return self._contents[path]


class StreamSource:
    """Standard input, read once and kept for error messages."""

    def __init__(self, stream: BinaryIO, name: str = "<stdin>") -> None:
        self._stream = stream
        self._name = name
        self._data: bytes | None = None

    def config(self) -> SourceFile | None:
        return None

    def files(self, ignore: Sequence[str], problems: list[Problem]) -> Iterator[SourceFile]:
        del ignore
        data = self.read(self._name)
        if len(data) > MAX_FILE_BYTES:
            problems.append(too_large(self._name, len(data)))
        else:
            yield SourceFile(self._name, data)

    def read(self, path: str) -> bytes:
        del path
        if self._data is None:
            self._data = self._stream.read(MAX_FILE_BYTES + 1)
        return self._data


class DirectorySource:
    """A directory, read recursively, or a single file."""

    def __init__(self, root: str) -> None:
        if not os.path.exists(root):  # noqa: PTH110 - pathlib costs 11 ms of start-up
            raise InputError(
                Problem(
                    message=f"{root} does not exist",
                    hint="give a directory of manifests, a file, or - for standard input",
                )
            )
        self._is_file = not os.path.isdir(root)  # noqa: PTH112
        self._root = os.path.dirname(root) or "." if self._is_file else root  # noqa: PTH120
        self._only = os.path.basename(root) if self._is_file else ""  # noqa: PTH119
        self._real_root = os.path.realpath(self._root)

    def config(self) -> SourceFile | None:
        if self._is_file:
            return None
        path = os.path.join(self._root, CONFIG_NAME)  # noqa: PTH118
        if not os.path.isfile(path):  # noqa: PTH113
            return None
        problems: list[Problem] = []
        if self._is_inside(CONFIG_NAME, problems):
            file = self.file(CONFIG_NAME, problems)
            if file is not None:
                return file
        raise InputError(problems)

    def files(self, ignore: Sequence[str], problems: list[Problem]) -> Iterator[SourceFile]:
        for path in self.paths(ignore, problems):
            file = self.file(path, problems)
            if file is not None:
                yield file

    def paths(self, ignore: Sequence[str], problems: list[Problem]) -> list[str]:
        """Return the paths of the files to load, sorted."""
        if self._is_file:
            return [self._only]
        return sorted(self._walk("", compile_globs(ignore), problems))

    def read(self, path: str) -> bytes:
        try:
            with open(os.path.join(self._root, path), "rb") as handle:  # noqa: PTH118, PTH123
                return handle.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            raise SourceError(f"{path}: {error.strerror}") from error

    def _walk(
        self, folder: str, is_ignored: Callable[[str], bool], problems: list[Problem]
    ) -> Iterator[str]:
        try:
            with os.scandir(os.path.join(self._root, folder)) as entries:  # noqa: PTH118
                found = list(entries)
        except OSError as error:
            problems.append(_unreadable(folder or ".", error))
            return
        for entry in found:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if _is_hidden(path) or path == CONFIG_NAME or is_ignored(path):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from self._walk(path, is_ignored, problems)
            elif entry.is_symlink() and not self._is_inside(path, problems):
                continue
            # A link is looked at through its path: a loop of links is no directory, and no error.
            elif is_wanted(path) and not os.path.isdir(entry.path):  # noqa: PTH112
                if is_text(path):
                    yield path
                else:
                    problems.append(unnameable(path))

    def _is_inside(self, path: str, problems: list[Problem]) -> bool:
        target = os.path.realpath(os.path.join(self._root, path))  # noqa: PTH118
        if target == self._real_root or target.startswith(self._real_root + os.sep):
            return True
        problems.append(leads_out(path))
        return False

    def file(self, path: str, problems: list[Problem]) -> SourceFile | None:
        """Return one of `paths`; None when it cannot be read, which goes to `problems`."""
        full = os.path.join(self._root, path)  # noqa: PTH118
        try:
            # O_NONBLOCK: opening a named pipe must not hang; regular files ignore it.
            descriptor = os.open(full, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
            try:
                status = os.fstat(descriptor)
                if not stat.S_ISREG(status.st_mode):
                    problems.append(
                        Problem(message="not a regular file", location=SourceLocation(path))
                    )
                    return None
                if status.st_size > MAX_FILE_BYTES:
                    problems.append(too_large(path, status.st_size))
                    return None
                return SourceFile(path, _contents(descriptor, status.st_size))
            finally:
                os.close(descriptor)
        except OSError as error:
            problems.append(_unreadable(path, error))
            return None


def _contents(descriptor: int, size: int) -> bytes:
    """Return what a file holds, in one read for all but the largest."""
    data = os.read(descriptor, size)
    while len(data) < size and (more := os.read(descriptor, size - len(data))):
        data += more
    return data


def too_large(path: str, size: int) -> Problem:
    """Return the problem of a file above `MAX_FILE_BYTES`."""
    return Problem(
        message=f"{size / 2**20:.0f} MiB is more than the {MAX_FILE_BYTES // 2**20} MiB that one "
        "file may have",
        location=SourceLocation(path),
        hint=f"split it, or list it under ignore in {CONFIG_NAME}",
    )


def compile_globs(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Return a test for paths that match any pattern, or stand below a folder that does.

    `*` and `?` stay within one path component, `**` spans any number, and a pattern without `/`
    but at its end matches at every depth, as in `.gitignore`.
    """
    if not patterns:
        return lambda _: False
    joined = re.compile("|".join(f"(?:{_translate(item)})" for item in patterns), re.DOTALL)
    return lambda path: joined.fullmatch(path) is not None


def _translate(pattern: str) -> str:
    anchored = pattern.strip("/")
    prefix = "" if "/" in pattern.rstrip("/") else "(?:.*/)?"
    out = []
    for part in re.split(r"(\*\*/|/\*\*|\*\*|\*|\?)", anchored):
        match part:
            case "**/":
                out.append("(?:.*/)?")
            case "/**":
                out.append("(?:/.*)?")
            case "**":
                out.append(".*")
            case "*":
                out.append("[^/]*")
            case "?":
                out.append("[^/]")
            case _:
                out.append(re.escape(part))
    return f"{prefix}{''.join(out)}(?:/.*)?"


def is_wanted(path: str) -> bool:
    """Tell whether a path is one of a manifest, by its name."""
    return path == FREEZE or (path.endswith(_SUFFIXES) and not _is_hidden(path))


def _is_hidden(path: str) -> bool:
    """Tell whether a part of the path starts with a dot: settings of other tools, but our lock."""
    parts = path.split("/")
    return any(part.startswith(".") for part in parts[parts[0] == LOCK_FOLDER :])


def is_text(path: str) -> bool:
    """Tell whether a path can be written to any output."""
    # Bytes that are no UTF-8 come as lone surrogates, which no output can carry.
    return path.isprintable() or path.isascii() or path.encode(errors="replace").decode() == path


def leads_out(path: str) -> Problem:
    """Return the problem of a link to somewhere outside of the root."""
    return Problem(
        message="symbolic link leads out of the root and is not followed",
        location=SourceLocation(path),
        hint=f"copy the file into the repository, or list the path under ignore in {CONFIG_NAME}",
    )


def unnameable(path: str) -> Problem:
    """Return the problem of a path that is not UTF-8."""
    return Problem(
        message="the name of the file or of its folder is not UTF-8",
        location=SourceLocation(one_line(path)),
        hint=f"rename it, or list its folder under ignore in {CONFIG_NAME}",
    )


def _unreadable(path: str, error: OSError) -> Problem:
    return Problem(
        message=f"cannot be read: {error.strerror}",
        location=SourceLocation(path),
        code=SourceError.exit_code,
    )
