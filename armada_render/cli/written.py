"""What the clusters have now, as far as the tree says that an earlier run wrote.

Only files that a run would change or remove are read: the others hold what is rendered now.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from armada_render.cli.guarding import Plan
from armada_render.emit import ARGOCD_FOLDER, INDEX_NAME
from armada_render.emit.paths import RETIRED_NAME, bundle_path, file_paths
from armada_render.guard import Copy, Snapshot, of_manifests
from armada_render.model.acknowledgement import ObjectKey, object_key
from armada_render.model.config import Layout
from armada_render.model.work import Work
from armada_render.yamlio import YamlError, load_documents

_Copies = dict[ObjectKey, Copy]
_UNREADABLE = "unreadable file"


def snapshot_of_tree(
    root: str,
    plan: Plan,
    works: Mapping[str, Sequence[Work]],
    layout: Layout,
    after: Snapshot,
) -> Snapshot | None:
    """Return what the tree at `root` gives to clusters; None if nothing of it leaves any.

    `works` and `after` are what is rendered now, `plan` says which files a run would change.
    """
    old = _old_copies(root, plan, after)
    if all(copies.keys() <= after.get(cluster, {}).keys() for cluster, copies in old.items()):
        return None
    fresh = {*plan.added, *plan.changed}
    touched = {_pair(path) for path in (*fresh, *plan.stale)}
    before: dict[str, _Copies] = {}
    for cluster, group in works.items():
        copies = before[cluster] = {}
        for work in _unchanged(cluster, group, touched, fresh, layout):
            key = object_key(work.ref)
            copies[key] = after[cluster][key]
        copies.update(old.pop(cluster, {}))
    return {**before, **old}


def _unchanged(
    cluster: str,
    group: Sequence[Work],
    touched: set[tuple[str, str]],
    fresh: set[str],
    layout: Layout,
) -> Iterable[Work]:
    """Yield the Works whose files stay as they are."""
    rest: dict[str, list[Work]] = {}
    for work in group:
        if (cluster, work.app) in touched:
            rest.setdefault(work.app, []).append(work)
        else:
            yield work
    for app, some in rest.items():
        if layout is Layout.BUNDLE:
            if bundle_path(cluster, app) not in fresh:
                yield from some
        else:
            yield from (work for path, work in file_paths(cluster, app, some) if path not in fresh)


def _pair(path: str) -> tuple[str, str]:
    cluster, _, rest = path.partition("/")
    return cluster, rest.partition("/")[0]


def _old_copies(root: str, plan: Plan, after: Snapshot) -> dict[str, _Copies]:
    """Return what the files hold that change or go, by cluster."""
    known: dict[bytes, list[Any]] = {}
    found: dict[str, _Copies] = {}
    for path in (*plan.changed, *plan.stale):
        cluster, app = _pair(path)
        if path in (INDEX_NAME, f"{cluster}/{app}/{RETIRED_NAME}"):
            continue
        if cluster == ARGOCD_FOLDER and cluster not in after:
            continue
        data = _content(root, path)
        if data not in known:
            known[data] = _objects(data)
        copies = of_manifests(known[data], app)
        if not copies:
            # Not what was written once, so nobody can say what is lost with it.
            key = ObjectKey("", _UNREADABLE, "", path)
            copies = {key: Copy(app, {"apiVersion": "", "kind": _UNREADABLE})}
        found.setdefault(cluster, {}).update(copies)
    return found


def _content(root: str, path: str) -> bytes:
    try:
        descriptor = os.open(os.path.join(root, path), os.O_RDONLY | os.O_NOFOLLOW)  # noqa: PTH118
        with os.fdopen(descriptor, "rb") as handle:
            return handle.read()
    except OSError:
        return b""


def _objects(data: bytes) -> list[Any]:
    try:
        return [document.value for document in load_documents(data)]
    except YamlError:
        return []
