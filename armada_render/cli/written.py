"""What the clusters have now, as far as the tree says that an earlier run wrote.

Only files that a run would change or remove are read: the others hold what is rendered now.
"""

import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from armada_render.cli.plan import Plan
from armada_render.emit import ARGOCD_FOLDER, INDEX_NAME
from armada_render.emit.paths import RETIRED_NAME, bundle_path, file_paths
from armada_render.guard import AnyCopy, Copy, Snapshot, of_manifests
from armada_render.model.acknowledgement import ObjectKey, object_key
from armada_render.model.config import Layout
from armada_render.model.resource import ObjectReference
from armada_render.model.work import Work
from armada_render.output import written_files
from armada_render.yamlio import YamlError, load_documents

_Copies = dict[ObjectKey, AnyCopy]
_UNREADABLE = "unreadable file"
_IDENTITY = re.compile(
    r"^apiVersion: (?P<version>[a-z][-a-z0-9./]*)\n(?:.*\n)*?kind: (?P<kind>[A-Za-z][A-Za-z0-9]*)$",
    re.MULTILINE,
)
_METADATA = re.compile(r"^metadata:\n(?: .*\n|\n)*", re.MULTILINE)
_NAMES = re.compile(r"^  (name|namespace):(.*)$", re.MULTILINE)
_PLAIN = re.compile(r" [a-z][-a-z0-9.]*", re.ASCII)


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
    touched = {_pair(path) for path in (*plan.added, *plan.changed, *plan.stale)}

    def stays(fresh: Collection[str]) -> Iterable[tuple[str, ObjectKey]]:
        for cluster, group in works.items():
            for work in _unchanged(cluster, group, touched, fresh, layout):
                yield cluster, object_key(work.ref)

    return snapshot_of_files(root, plan, after, stays)


def snapshot_of_files(
    root: str,
    plan: Plan,
    after: Snapshot,
    stays: Callable[[Collection[str]], Iterable[tuple[str, ObjectKey]]],
) -> Snapshot | None:
    """Return what the tree at `root` gives to clusters; None if nothing of it leaves any.

    `stays` gets the paths that are written, and yields cluster and object for all that is in files
    which are not; `after` has all of these.
    """
    paths = [path for path in (*plan.changed, *plan.stale) if _is_bundle(path, after)]
    contents = {path: _content(root, path) for path in paths}
    if all(map(_Stays(after), contents.items())):
        return None
    old = _old_copies(contents)
    if all(copies.keys() <= after.get(cluster, {}).keys() for cluster, copies in old.items()):
        return None
    before: dict[str, _Copies] = {}
    for cluster, key in stays({*plan.added, *plan.changed}):
        before.setdefault(cluster, {})[key] = after[cluster][key]
    for cluster, copies in old.items():
        before.setdefault(cluster, {}).update(copies)
    return before


def others_in_tree(root: str, apps: Collection[str], after: Snapshot) -> Snapshot:
    """Return what the tree at `root` gives to clusters of all apps but `apps`.

    It stays as it is, so of most objects no more is told than what they are.
    """
    known: dict[bytes, frozenset[ObjectKey] | None] = {}
    found: dict[str, _Copies] = {}
    for path in written_files(root):
        cluster, app = _pair(path)
        if app in apps or not _is_bundle(path, after):
            continue
        data = _content(root, path)
        if data not in known:
            known[data] = scanned(data)
        keys = known[data]
        copies = found.setdefault(cluster, {})
        if keys is None:
            copies.update(of_manifests(_objects(data), app))
        else:
            copies.update((key, Copy(app, {"apiVersion": "", "kind": key.kind})) for key in keys)
    return found


def _unchanged(
    cluster: str,
    group: Sequence[Work],
    touched: set[tuple[str, str]],
    fresh: Collection[str],
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


def _is_bundle(path: str, after: Snapshot) -> bool:
    cluster, app = _pair(path)
    if path in (INDEX_NAME, f"{cluster}/{app}/{RETIRED_NAME}"):
        return False
    return cluster != ARGOCD_FOLDER or cluster in after


def _old_copies(contents: Mapping[str, bytes]) -> dict[str, _Copies]:
    """Return what files that change or go hold, by cluster."""
    known: dict[bytes, list[Any]] = {}
    found: dict[str, _Copies] = {}
    for path, data in contents.items():
        cluster, app = _pair(path)
        if data not in known:
            known[data] = _objects(data)
        copies = of_manifests(known[data], app)
        if not copies:
            # Not what was written once, so nobody can say what is lost with it.
            key = ObjectKey("", _UNREADABLE, "", path)
            copies = {key: Copy(app, {"apiVersion": "", "kind": _UNREADABLE})}
        found.setdefault(cluster, {}).update(copies)
    return found


class _Stays:
    """Tells of files that change whether all they hold stays on their cluster, without parsing.

    Our own YAML has keys of objects at the start of lines and those of their metadata behind two
    blanks. Where a name does not stand there in plain letters the answer is no.
    """

    def __init__(self, after: Snapshot) -> None:
        self._after = after
        self._known: dict[bytes, frozenset[ObjectKey] | None] = {}

    def __call__(self, item: tuple[str, bytes]) -> bool:
        path, data = item
        if data not in self._known:
            self._known[data] = scanned(data)
        keys = self._known[data]
        return keys is not None and keys <= self._after.get(_pair(path)[0], {}).keys()


def scanned(data: bytes) -> frozenset[ObjectKey] | None:
    """Return the objects of a bundle, None where that takes parsing."""
    keys = set()
    for text in data.decode(errors="replace").split("\n---\n"):
        words = _IDENTITY.search(text)
        metadata = _METADATA.search(text + "\n")
        if words is None or metadata is None:
            return None
        inner = dict(_NAMES.findall(metadata[0]))
        if "name" not in inner or not all(map(_PLAIN.fullmatch, inner.values())):
            return None
        version, kind = words["version"], words["kind"]
        ref = ObjectReference(version, kind, inner.get("namespace", "")[1:], inner["name"][1:])
        keys.add(object_key(ref))
    return frozenset(keys)


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
