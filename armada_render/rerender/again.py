"""Render a tree again that was rendered before, if only a few apps can have changed."""

import os
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from armada_render import emit, output
from armada_render.errors import Problem
from armada_render.load import INVENTORY, Loaded, load
from armada_render.load.source import SourceFile
from armada_render.model.config import CONFIG_NAME
from armada_render.model.digest import sha256
from armada_render.model.work import Work
from armada_render.output import TreeChange
from armada_render.pipeline import Rendering, RenderOptions, render
from armada_render.rerender import indextext
from armada_render.rerender.memory import is_lock_quiet, keep, kept, read_index
from armada_render.rerender.plan import Plan, planned
from armada_render.rerender.record import File, Record, files, shapes
from armada_render.rerender.run import Run


class _Held:
    """Files that were read already: of the source or of the inventory, by path below it."""

    def __init__(self, contents: Mapping[str, bytes], config: SourceFile | None) -> None:
        self._contents = contents
        self._config = config

    def config(self) -> SourceFile | None:
        return self._config

    def files(self, ignore: Sequence[str], problems: list[Problem]) -> Iterator[SourceFile]:
        del ignore, problems
        for path, data in self._contents.items():
            yield SourceFile(path, data)

    def read(self, path: str) -> bytes:
        return self._contents[path]


def again(run: Run) -> TreeChange | None:
    """Bring a tree up to date, None when that takes a full rendering: nothing was changed then.

    Raises `SourceError` when the disk refuses.
    """
    try:
        index = read_index(run.root)
    except OSError:
        return None
    record = kept(run, index)
    if record is None:
        return None
    unsure = output.unsure(run.root, record.tree)
    found = _found(run, record)
    fresh = None if found is None else _fresh(run, record, found)
    # All that can be done is done while other processes look at the tree.
    ready = None if found is None or fresh is None else _ready(index, found, fresh)
    if not _is_untouched(run.root, index, unsure()) or ready is None:
        return None
    return _written(run, index, record, ready)


class _Found(Struct, frozen=True):
    """The input files by path, their digests, and what is to be done about them."""

    contents: Mapping[str, bytes]
    digests: Mapping[str, str]
    todo: Plan


class _Fresh(Struct, frozen=True):
    """The files of the apps, and what the changed input files hold now."""

    files: Sequence[emit.OutputFile]
    inputs: Mapping[str, File]


class _Ready(Struct, frozen=True):
    """The files that are to be replaced, the new index, and the changed input files.

    `total` is how many files the tree has.
    """

    files: Sequence[emit.OutputFile]
    index: bytes
    inputs: Mapping[str, File]
    total: int


def _found(run: Run, record: Record) -> _Found | None:
    """Return the input files and a plan; None when all must be rendered."""
    contents = _contents(run)
    if contents is None:
        return None
    digests = {path: sha256(data).hex() for path, data in contents.items()}
    todo = planned(record, digests)
    return None if todo is None else _Found(contents, digests, todo)


def _fresh(run: Run, record: Record, found: _Found) -> _Fresh | None:
    """Render the apps that changed; None when more than what objects say has changed."""
    todo = found.todo
    if not todo.changed:
        return _Fresh((), {})
    loaded = _load(run, found)
    rendering = render(loaded.fleet, RenderOptions(strict_inventory=run.strict))
    works = _works(rendering, todo, loaded)
    if not _is_local(record, todo, loaded, rendering, works):
        return None
    digests = {path: found.digests[path] for path in todo.changed}
    inputs = files(replace(loaded, digests=digests), loaded.fleet)
    return _Fresh(tuple(emit.tree(works, run.layout)), inputs)


def _contents(run: Run) -> dict[str, bytes] | None:
    """Return all input files by path, None when there is anything wrong with one."""
    problems: list[Problem] = []
    contents = {file.path: file.data for file in run.source.files(run.config.ignore, problems)}
    if run.inventory is not None:
        beside = run.inventory.files((), problems)
        contents |= {INVENTORY + file.path: file.data for file in beside}
    if run.settings is not None:
        contents[run.settings.path] = run.settings.data
    return None if problems else contents


def _is_untouched(root: str, index: bytes, unsure: Sequence[str]) -> bool:
    """Tell whether every file of the tree holds what the index says.

    Whatever looks to the file system as it did does; the others are read.
    """
    expected = indextext.digests(index, unsure)
    if expected is None:
        return False
    return all(_digest(os.path.join(root, path)) == expected[path] for path in unsure)  # noqa: PTH118


def _digest(path: str) -> str:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as handle:
            return sha256(handle.read()).hex()
    except OSError:
        return ""


def _load(run: Run, found: _Found) -> Loaded:
    """Load the files that rendering the apps takes."""
    own: dict[str, bytes] = {}
    beside: dict[str, bytes] = {}
    for path, data in found.contents.items():
        if path not in found.todo.needed or path == CONFIG_NAME:
            continue
        if path.startswith(INVENTORY):
            beside[path.removeprefix(INVENTORY)] = data
        else:
            own[path] = data
    inventory = _Held(beside, None) if beside else None
    return load(_Held(own, run.settings), inventory, read=run.cache.known_documents)


def _works(rendering: Rendering, todo: Plan, loaded: Loaded) -> Mapping[str, Sequence[Work]]:
    """Return the Works of the apps as they are written."""
    works: Mapping[str, Sequence[Work]] = {
        cluster: tuple(work for work in group if work.app in todo.apps)
        for cluster, group in rendering.works.items()
    }
    if loaded.config.argocd is None:
        return works
    from armada_render.emit.argocd.applied import as_applied  # noqa: PLC0415 - Argo CD's alone

    return as_applied(works, loaded.config.argocd)


def _is_local(
    record: Record,
    todo: Plan,
    loaded: Loaded,
    rendering: Rendering,
    works: Mapping[str, Sequence[Work]],
) -> bool:
    """Tell whether the edit changed what objects say, and nothing else."""
    now = files(replace(loaded, digests=dict.fromkeys(todo.changed, "")), loaded.fleet)
    before = {path: replace(record.files[path], digest="") for path in todo.changed}
    after = shapes({cluster: group for cluster, group in works.items() if group})
    return (
        now == before
        and after == {app: record.shapes[app] for app in todo.apps if app in record.shapes}
        and not (rendering.problems or rendering.errors or rendering.suspended)
        and not (loaded.fleet.problems or loaded.fleet.warnings)
        and not any(_new_warnings(rendering, todo))
        and is_lock_quiet(loaded.fleet, rendering)
    )


def _new_warnings(rendering: Rendering, todo: Plan) -> Iterator[Problem]:
    """Yield the warnings but those about policies that select objects which were not loaded."""
    for warning in rendering.warnings:
        path = warning.location.path if warning.location else ""
        if warning.field != "spec.resourceSelectors" or path in todo.changed:
            yield warning


def _ready(index: bytes, found: _Found, fresh: _Fresh) -> _Ready | None:
    """Return what is to be written; None when the index does not know the files."""
    hashes = {file.path: sha256(file.data).hex() for file in fresh.files}
    before = indextext.digests(index, sorted(hashes))
    after = indextext.changed(index, hashes, emit.combined_digest(found.digests))
    if before is None or after is None:
        return None
    changed = [file for file in fresh.files if hashes[file.path] != before[file.path]]
    return _Ready(changed, after, fresh.inputs, indextext.count(index))


def _written(run: Run, index: bytes, record: Record, ready: _Ready) -> TreeChange | None:
    """Replace the files that changed and their lines of the index, and keep that for next time."""
    if ready.index != index:
        if not output.patch(run.root, ready.files, index, ready.index):
            return None
        tree = output.renewed(run.root, record.tree, [file.path for file in ready.files])
        inputs = {**record.files, **ready.inputs}
        keep(run, ready.index, replace(record, files=inputs, tree=tree))
    return TreeChange(len(ready.files), 0, ready.total - len(ready.files))
