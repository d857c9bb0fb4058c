"""Compare a tree on disk with the files it should hold."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

import msgspec
from msgspec import Struct

from armada_render.emit import INDEX_NAME, OutputFile
from armada_render.errors import InputError, Problem, SourceError
from armada_render.model.digest import sha256


class TreeDifference(Struct, frozen=True, kw_only=True):
    """Paths that are to be written (`added`, `changed`) and removed (`stale`), sorted.

    `index` is what `index.json` should hold, and stands among the paths when it does not. `total`
    counts the files that were compared, `sizes` those that each top-level folder is to hold.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    stale: tuple[str, ...]
    index: bytes
    total: int
    sizes: Mapping[str, int]

    @property
    def is_empty(self) -> bool:
        """Whether the tree holds what it should."""
        return not (self.added or self.changed or self.stale)


class _Index(Struct, frozen=True):
    files: dict[str, str] = {}
    acknowledged: tuple[str, ...] = ()


class _Look(Struct, frozen=True):
    """What a look at some files finds: those to be written, those in the way, and all digests."""

    added: list[str]
    changed: list[str]
    foreign: list[str]
    digests: dict[str, str]


def compare(  # noqa: PLR0913 - the files, and what is done with them
    root: str,
    files: Iterable[OutputFile],
    index: Callable[[dict[str, str]], bytes],
    on_fresh: Callable[[OutputFile], None] = lambda _: None,
    scope: Callable[[str], bool] = lambda _: True,
    *,
    more: Sequence[Iterable[OutputFile]] = (),
) -> TreeDifference:
    """Compare the tree at `root`, which may be absent, with `files`; reads, writes nothing.

    `index` makes `index.json` from the SHA-256 of each file by path; `on_fresh` gets each file that
    is to be written as it comes by. Paths out of `scope` stay as the old index has them. Of `more`
    files, each group is made, compared and given to `on_fresh` in a process of its own.
    Raises `InputError` when a file that armada-render did not write stands where one must go.
    """
    ours = written_files(root)
    kept = {path: digest for path, digest in ours.items() if not scope(path)}
    looks = _looks(root, files, ours, on_fresh, more)
    added = [path for look in looks for path in look.added]
    changed = [path for look in looks for path in look.changed]
    foreign = {path for look in looks for path in look.foreign}
    digests = looks[0].digests
    for look in looks[1:]:
        digests.update(look.digests)
    folders = {path.partition("/")[0] for path in (*digests, *ours)}
    foreign.update(name for name in folders if os.path.islink(os.path.join(root, name)))  # noqa: PTH114, PTH118
    if foreign:
        raise InputError(_in_the_way(root, path) for path in sorted(foreign))
    stale = sorted(
        path for path in ours if path not in digests and path not in kept and _exists(root, path)
    )
    data = index({**kept, **digests})
    present = _holds(os.path.join(root, INDEX_NAME), data)  # noqa: PTH118
    if not present:
        (added if present is None else changed).append(INDEX_NAME)
    return TreeDifference(
        added=tuple(sorted(added)),
        changed=tuple(sorted(changed)),
        stale=tuple(stale),
        index=data,
        total=len(digests),
        sizes=Counter(path.partition("/")[0] for path in (*kept, *digests)),
    )


def _looks(
    root: str,
    files: Iterable[OutputFile],
    ours: Mapping[str, str],
    on_fresh: Callable[[OutputFile], None],
    more: Sequence[Iterable[OutputFile]],
) -> list[_Look]:
    """Return what is found of `files`, then of each group of `more`."""
    if not more:
        return [_look(root, files, ours, on_fresh)]
    from armada_render.output.forked import children  # noqa: PLC0415 - for large fleets

    works = [partial(_encoded_look, root, group, ours, on_fresh) for group in more]
    with children(works) as answers:
        first = _look(root, files, ours, on_fresh)
        return [first, *(msgspec.msgpack.decode(one(), type=_Look) for one in answers)]


def _look(
    root: str,
    files: Iterable[OutputFile],
    ours: Mapping[str, str],
    on_fresh: Callable[[OutputFile], None],
) -> _Look:
    look = _Look([], [], [], {})
    last, digest = b"", ""
    for file in files:
        if file.data is not last:
            last, digest = file.data, sha256(file.data).hex()
        look.digests[file.path] = digest
        try:
            present = _holds(os.path.join(root, file.path), file.data)  # noqa: PTH118
        except NotADirectoryError:
            look.foreign.append(os.path.dirname(file.path))  # noqa: PTH120
            continue
        if present:
            continue
        if present is not None and file.path not in ours:
            look.foreign.append(file.path)
            continue
        (look.added if present is None else look.changed).append(file.path)
        on_fresh(file)
    return look


def _encoded_look(
    root: str,
    files: Iterable[OutputFile],
    ours: Mapping[str, str],
    on_fresh: Callable[[OutputFile], None],
) -> bytes:
    return msgspec.msgpack.encode(_look(root, files, ours, on_fresh))


def _in_the_way(root: str, path: str) -> Problem:
    return Problem(
        message=f"{path} stands in {root} but was not written by armada-render, and would be "
        "overwritten",
        hint="move it away, or choose another --output-dir",
    )


def written_files(root: str) -> dict[str, str]:
    """Return the files that `index.json` says armada-render wrote, by path, with their SHA-256."""
    # The index is data of the repository: a path in it must not lead anywhere else.
    return {path: digest for path, digest in _index(root).files.items() if _is_below(path)}


def acknowledged(root: str) -> tuple[str, ...]:
    """Return the digests of the acknowledgements that the tree at `root` was written with."""
    return _index(root).acknowledged


def _index(root: str) -> _Index:
    try:
        with open(os.path.join(root, INDEX_NAME), "rb") as handle:  # noqa: PTH118, PTH123
            return msgspec.json.decode(handle.read(), type=_Index)
    except FileNotFoundError:
        return _Index()
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InputError(
            Problem(
                message=f"{root}/{INDEX_NAME} is not an index that armada-render wrote",
                hint="restore it from Git, or remove the output directory and render again",
            )
        ) from error
    except OSError as error:
        raise SourceError(f"{root}/{INDEX_NAME} cannot be read: {error.strerror}") from error


def _is_below(path: str) -> bool:
    return "\0" not in path and not {"", ".", ".."} & set(path.split("/"))


def _exists(root: str, path: str) -> bool:
    return os.path.lexists(os.path.join(root, path))  # noqa: PTH118


def _holds(path: str, data: bytes) -> bool | None:
    """Tell whether the file holds `data`, None when there is none; sizes go before contents."""
    try:
        # O_NONBLOCK: opening a named pipe must not hang; regular files ignore it.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        raise
    except OSError:
        # a link, or what may not be read
        return False
    try:
        if os.fstat(descriptor).st_size != len(data):
            return False
        with os.fdopen(os.dup(descriptor), "rb") as handle:
            return handle.read(len(data) + 1) == data
    except OSError:
        return False
    finally:
        os.close(descriptor)
