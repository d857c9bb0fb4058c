"""Where an object stands in a tree. Pure."""

import re
from collections.abc import Iterator, Sequence

from armada_render.model.digest import sha256
from armada_render.model.pattern import pattern
from armada_render.model.resource import ObjectReference
from armada_render.model.work import Work

BUNDLE_NAME = "manifests.yaml"
RETIRED_NAME = "retired.txt"
ARGOCD_FOLDER = "argocd"
"""The folder of ApplicationSets: beside it Argo CD would take `index.json` for a manifest."""
CLUSTER_FOLDER = "_cluster"
"""The folder of objects without a namespace; no namespace can have this name."""

_LONGEST = 200
"""Letters of a file name: most file systems take 255 bytes, and a hash and suffixes follow."""
_SAFE = pattern(rf"[A-Za-z0-9_][-A-Za-z0-9_.]{{,{_LONGEST - 1}}}", re.ASCII)
_UNSAFE = pattern(r"^\.|[^-A-Za-z0-9_.]", re.ASCII)


def bundle_path(cluster: str, app: str) -> str:
    """Return the path of the one file that holds an app on a cluster."""
    return f"{cluster}/{app}/{BUNDLE_NAME}"


def file_paths(cluster: str, app: str, works: Sequence[Work]) -> Iterator[tuple[str, Work]]:
    """Yield the path of each object of an app on a cluster.

    Kinds of two API groups may share kind and name, case or `:` may be lost on some file systems,
    and names may be longer than those of files: then a hash of the reference makes the difference.
    """
    taken: set[str] = set()
    for work in works:
        stem = _stem(work.ref)
        path = f"{cluster}/{app}/{stem}.yaml"
        if path.lower() in taken:
            path = f"{cluster}/{app}/{stem}-{_hash(work.ref)}.yaml"
        taken.add(path.lower())
        yield path, work


def _stem(ref: ObjectReference) -> str:
    folder = ref.namespace or CLUSTER_FOLDER
    name = f"{ref.kind.lower()}-{ref.name.replace(':', '.')}"
    # Overrides write what they like into names: none leads out of the app's folder.
    if not _SAFE.fullmatch(folder) or not _SAFE.fullmatch(name):
        folder = _UNSAFE.sub("_", folder)[:_LONGEST]
        name = f"{_UNSAFE.sub('_', name)[:_LONGEST]}-{_hash(ref)}"
    return f"{folder}/{name}"


def _hash(ref: ObjectReference) -> str:
    return sha256(str(ref).encode(errors="backslashreplace")).hex()[:8]
