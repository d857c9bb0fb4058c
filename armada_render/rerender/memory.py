"""Keep what the next rendering of the same tree can start from."""

import os
from collections.abc import Mapping, Sequence

import msgspec

from armada_render import emit, lock, output
from armada_render.load import Loaded
from armada_render.load.enough import computes, moves_objects
from armada_render.model.digest import sha256
from armada_render.model.fleet import Fleet
from armada_render.model.work import Work
from armada_render.pipeline import Rendering
from armada_render.rerender.record import Record, files, shapes
from armada_render.rerender.run import Run

_SMALL = 64 * 1024
"""The size of an index, in bytes, below which rendering everything is as fast."""
_CLAIM = "propagationpolicy.karmada.io/namespace"


def remember(
    run: Run, loaded: Loaded, rendering: Rendering, works: Mapping[str, Sequence[Work]]
) -> None:
    """Keep what `again` needs of a tree that was just written in full.

    Nothing is kept of a rendering that had anything to say, or of a fleet in which one object
    may reach another in a way that `plan` does not know.
    """
    if not _is_quiet(loaded, rendering) or _is_entangled(loaded.fleet):
        return
    index = read_index(run.root)
    if len(index) < _SMALL:
        return
    record = Record(
        files(loaded, loaded.fleet),
        shapes(works),
        any(one.spec.propagate_deps for one in loaded.fleet.propagation_policies),
        output.evidence(run.root, msgspec.json.decode(index)["files"]),
    )
    keep(run, index, record)


def keep(run: Run, index: bytes, record: Record) -> None:
    """Keep a record under the index that belongs to it."""
    run.cache.put(_key(run, index), msgspec.msgpack.encode(record))


def kept(run: Run, index: bytes) -> Record | None:
    """Return what is kept of the tree with this index."""
    content = run.cache.get(_key(run, index)) if len(index) >= _SMALL else None
    return None if content is None else msgspec.msgpack.decode(content, type=Record)


def read_index(root: str) -> bytes:
    """Return `index.json` of the tree at `root`. Raises `OSError` when there is none."""
    with open(os.path.join(root, emit.INDEX_NAME), "rb") as handle:  # noqa: PTH118, PTH123
        return handle.read()


def _key(run: Run, index: bytes) -> bytes:
    settings = f"tree {run.layout} {run.strict} ".encode()
    return settings + sha256(index)


def _is_quiet(loaded: Loaded, rendering: Rendering) -> bool:
    """Tell whether there was nothing to say: an edit elsewhere must not hide it."""
    return not (
        rendering.problems
        or rendering.warnings
        or rendering.errors
        or rendering.suspended
        or loaded.fleet.problems
        or loaded.fleet.warnings
        or loaded.fleet.acknowledgements
        or loaded.fleet.frozen
        or loaded.config.retire
        or not is_lock_quiet(loaded.fleet, rendering)
    )


def is_lock_quiet(fleet: Fleet, rendering: Rendering) -> bool:
    """Tell whether a lock is not needed, or says what was rendered."""
    stored = fleet.previous_bindings
    if not stored:
        return not lock.missing(rendering.bindings, "")
    return not lock.changes(stored, lock.states(rendering.bindings))


def _is_entangled(fleet: Fleet) -> bool:
    """Tell whether an object may depend on others in a way that their names do not show."""
    return (
        computes(fleet, "dependencyInterpretation")
        or moves_objects(fleet)
        or any(
            template.annotations.get(_CLAIM, template.ref.namespace) != template.ref.namespace
            for template in fleet.templates
        )
    )
