"""Read the trees that shards wrote, and trust nothing in them but what can be checked.

A part is an ordinary tree whose index says which one it is. Its files are opened folder by folder
and never through a link, and none counts that its index does not list with its SHA-256.
"""

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Self

import msgspec
from msgspec import Struct

from armada_render.emit import INDEX_NAME, OutputFile
from armada_render.errors import InputError, Problem, SourceError, one_line
from armada_render.model.config import Layout
from armada_render.model.shard import Shard

MOST_TOLD = 20
"""Damaged files that are named; one broken disk needs no longer list."""
_DIGEST = re.compile(r"[0-9a-f]{64}")
_AGAIN = "render that shard again, with an --output-dir of its own"
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class ShardRecord(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What the index of a part says beside what all indexes say.

    `elastic` are the objects of its apps whose clusters are computed anew each time, as texts.
    """

    number: int
    of: int
    strict_inventory: bool = False
    elastic: tuple[str, ...] = ()


class _Index(Struct, frozen=True, kw_only=True):
    files: dict[str, str]
    inputs: str
    layout: Layout
    renderer: dict[str, str]
    shard: ShardRecord | None = None


class Part(Struct, frozen=True, kw_only=True, eq=False):
    """A tree that a shard wrote, as its index describes it; `files` maps paths to SHA-256."""

    root: str
    shard: Shard
    files: Mapping[str, str]
    inputs: str
    layout: Layout
    renderer: Mapping[str, str]
    strict_inventory: bool
    elastic: Sequence[str]

    def read(self) -> Iterator[OutputFile]:
        """Yield the files, sorted. Raises `InputError` for one that is not there as it should."""
        with _Opened(self.root) as opened:
            for path in sorted(self.files):
                yield OutputFile(path, opened.content(path))

    def content(self, path: str) -> bytes:
        """Return one file, which may have changed since its digest was compared."""
        with _Opened(self.root) as opened:
            return opened.content(path)


def shard_of_tree(root: str) -> Shard | None:
    """Return which part the tree at `root` is, None when it is none, or not there."""
    try:
        record = msgspec.json.decode(_index_data(root), type=_Index).shard
    except (FileNotFoundError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return None if record is None else Shard(record.number, record.of)


def read_part(root: str) -> Part:
    """Return the part at `root`. Raises `InputError` when there is none, or it is damaged."""
    try:
        index = msgspec.json.decode(_index_data(root), type=_Index)
    except FileNotFoundError:
        raise _damaged(root, f"there is no {INDEX_NAME}: the shard did not end well") from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _damaged(root, f"{INDEX_NAME} is not an index that armada-render wrote") from error
    record = index.shard
    if record is None:
        raise _damaged(root, "holds no part: it was rendered without --shard")
    if not 1 <= record.number <= record.of:
        raise _damaged(root, f"is part {record.number} of {record.of}, which cannot be")
    shard = Shard(record.number, record.of)
    for path, digest in index.files.items():
        parts = path.split("/")
        if len(parts) < 3 or "\0" in path or {"", ".", ".."} & set(parts):
            raise _damaged(root, f"{one_line(path)} is no path of a tree")
        if not _DIGEST.fullmatch(digest):
            raise _damaged(root, f"{one_line(path)} has no SHA-256")
        if not shard.holds(parts[1]):
            raise _damaged(root, f"{one_line(path)} does not belong to part {shard}")
    return Part(
        root=root,
        shard=shard,
        files=index.files,
        inputs=index.inputs,
        layout=index.layout,
        renderer=index.renderer,
        strict_inventory=record.strict_inventory,
        elastic=record.elastic,
    )


def complete(parts: Iterable[Part]) -> list[Part]:
    """Return the parts in their order, if they are all parts of one rendering, each of them once.

    Raises `InputError` with all that is wrong.
    """
    ordered = sorted(parts, key=lambda part: (part.shard, part.root))
    first = ordered[0]
    problems = [
        *(problem for part in ordered[1:] for problem in _differences(first, part)),
        *_numbers(ordered),
    ]
    if problems:
        raise InputError(problems)
    return ordered


def _differences(first: Part, part: Part) -> Iterator[Problem]:
    for word, one, other in (
        ("number of shards", first.shard.of, part.shard.of),
        ("inputs", first.inputs, part.inputs),
        ("layout", str(first.layout), str(part.layout)),
        ("version", dict(first.renderer), dict(part.renderer)),
        ("--strict-inventory", first.strict_inventory, part.strict_inventory),
    ):
        if one != other:
            yield Problem(
                message=f"{part.root} and {first.root} are not parts of one tree: they differ in "
                f"{word}",
                hint="render all shards from one revision, with one version and the same options",
            )


def _numbers(ordered: Sequence[Part]) -> Iterator[Problem]:
    """Say which parts are missing, and which are there twice."""
    of = ordered[0].shard.of
    homes: dict[int, list[str]] = {}
    for part in ordered:
        homes.setdefault(part.shard.number, []).append(part.root)
    for number, roots in homes.items():
        if len(roots) > 1:
            yield Problem(message=f"part {number}/{of} is there twice: {', '.join(roots)}")
    missing = [str(number) for number in range(1, of + 1) if number not in homes]
    if missing:
        more = f" and {len(missing) - MOST_TOLD} more" if len(missing) > MOST_TOLD else ""
        yield Problem(
            message=f"of {of} parts these are missing: {', '.join(missing[:MOST_TOLD])}{more}",
            hint="a shard that found an error wrote nothing: look at what it said",
        )


def changed_files(parts: Iterable[Part], digests: Mapping[str, str]) -> list[Problem]:
    """Say which files do not have the SHA-256 that their index lists; `digests` is what they have.

    No more than `MOST_TOLD` are told.
    """
    return [
        Problem(message=f"{part.root}: {one_line(path)} is not what the shard wrote", hint=_AGAIN)
        for part in parts
        for path, digest in part.files.items()
        if digests.get(path) != digest
    ][:MOST_TOLD]


def _index_data(root: str) -> bytes:
    try:
        descriptor = os.open(os.path.join(root, INDEX_NAME), _FLAGS)  # noqa: PTH118
        with os.fdopen(descriptor, "rb") as handle:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise _damaged(root, f"{INDEX_NAME} is no regular file")
            return handle.read()
    except (FileNotFoundError, NotADirectoryError):
        raise FileNotFoundError from None
    except OSError as error:
        raise SourceError(f"{root}/{INDEX_NAME} cannot be read: {error.strerror}") from error


class _Opened:
    """The folder of a part; the cluster's folder that was used last stays open."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._folder = -1
        self._top = -1
        self._name = ""

    def __enter__(self) -> Self:
        try:
            self._folder = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise SourceError(f"{self._root} cannot be read: {error.strerror}") from error
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in (self._folder, self._top):
            if descriptor >= 0:
                os.close(descriptor)

    def content(self, path: str) -> bytes:
        """Return what the file at `path` holds."""
        top, *folders, name = path.split("/")
        try:
            if top != self._name:
                fresh = os.open(top, _FLAGS | os.O_DIRECTORY, dir_fd=self._folder)
                if self._top >= 0:
                    os.close(self._top)
                self._top, self._name = fresh, top
            return _read(self._top, folders, name)
        except OSError as error:
            raise _damaged(
                self._root, f"{one_line(path)} cannot be read: {error.strerror}"
            ) from error


def _read(top: int, folders: Sequence[str], name: str) -> bytes:
    """Return the file `name` below the open folder `top`, and leave that open."""
    folder = os.dup(top)
    try:
        for step in folders:
            below = os.open(step, _FLAGS | os.O_DIRECTORY, dir_fd=folder)
            os.close(folder)
            folder = below
        with os.fdopen(os.open(name, _FLAGS, dir_fd=folder), "rb") as handle:
            return handle.read()
    finally:
        os.close(folder)


def _damaged(root: str, what: str) -> InputError:
    return InputError(Problem(message=f"{root}: {what}", hint=_AGAIN))
