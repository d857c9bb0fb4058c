"""What `render` says of the lock, and refuses with `--locked`."""

import os

from armada_render import lock
from armada_render.cli.console import Console, printable
from armada_render.errors import PlacementError
from armada_render.load import Loaded
from armada_render.load.lockfile import is_in_lock
from armada_render.pipeline import Rendering


def review_lock(
    console: Console, path: str, loaded: Loaded, rendering: Rendering, *, locked: bool
) -> None:
    """Refuse or mention a lock that does not say what was rendered, and miss one that is needed."""
    if rendering.problems:
        return
    stored = loaded.fleet.previous_bindings
    # With --app it may speak of other apps only.
    has_lock = bool(stored) or any(map(is_in_lock, loaded.digests))
    is_lockable = os.path.isdir(path)  # noqa: PTH112
    place = path if is_lockable else "PATH"
    if not has_lock and not locked:
        if is_lockable:
            console.warnings(lock.missing(rendering.bindings, place))
        return
    found = lock.changes(stored, lock.states(rendering.bindings))
    if found and locked:
        raise PlacementError(lock.outdated(found, place, has_lock=has_lock))
    if found:
        console.note(printable(lock.note(found, place)))
