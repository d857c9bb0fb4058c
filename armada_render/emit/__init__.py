"""Stage 7: Works become output: files of a tree, a YAML stream, JSON lines. Pure.

Works are shared between clusters, so each distinct one is written out once.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from armada_render.emit.paths import ARGOCD_FOLDER, bundle_path, file_paths
from armada_render.emit.retired import Pair, placeholders, retired_pairs
from armada_render.emit.safejson import json_line
from armada_render.emit.texts import Texts
from armada_render.model.config import Layout
from armada_render.model.digest import sha256
from armada_render.model.work import Work

__all__ = [
    "ARGOCD_FOLDER",
    "INDEX_NAME",
    "OutputFile",
    "combined_digest",
    "index",
    "json_document",
    "json_line",
    "jsonl",
    "retired_pairs",
    "stream",
    "tree",
]

INDEX_NAME = "index.json"
_SEPARATOR = b"---\n"
_AT_ONCE = 1000
"""How many objects of a stream are joined: few calls, and yet little memory."""

ClusterWorks = Mapping[str, Sequence[Work]]
"""What each cluster gets, sorted by resource."""


class OutputFile(msgspec.Struct, frozen=True):
    """One file of a tree: path relative to its root, with `/`; equal files share their `data`."""

    path: str
    data: bytes


def tree(works: ClusterWorks, layout: Layout, retired: Iterable[Pair] = ()) -> Iterator[OutputFile]:
    """Yield the files of a tree, app by app, so that only one app's text is held at a time.

    Folders of `retired` are kept by a file that is no manifest.
    """
    for app, by_cluster in _by_app(works).items():
        texts = Texts(by_cluster.values())
        bundles: dict[tuple[int, ...], bytes] = {}
        for cluster, group in by_cluster.items():
            if layout is Layout.BUNDLE:
                key = tuple(map(id, group))
                data = bundles.get(key)
                if data is None:
                    data = _SEPARATOR.join(map(texts.__getitem__, group))
                    bundles[key] = data
                yield OutputFile(bundle_path(cluster, app), data)
            else:
                for path, work in file_paths(cluster, app, group):
                    yield OutputFile(path, texts[work])
    for path, data in placeholders(retired):
        yield OutputFile(path, data)


def stream(works: ClusterWorks) -> Iterator[bytes]:
    """Yield a YAML stream; with several clusters a comment says where each begins."""
    texts = Texts(works.values())
    for cluster, group in works.items():
        mark = f"---\n# Cluster: {cluster}\n".encode() if len(works) > 1 else _SEPARATOR
        for start in range(0, len(group), _AT_ONCE):
            yield mark
            yield _SEPARATOR.join(map(texts.__getitem__, group[start : start + _AT_ONCE]))
            mark = _SEPARATOR


def jsonl(works: ClusterWorks) -> Iterator[bytes]:
    """Yield one JSON object a line."""
    lines: dict[int, bytes] = {}
    for group in works.values():
        for work in group:
            line = lines.get(id(work))
            if line is None:
                line = json_line(work.manifest)
                lines[id(work)] = line
            yield line


def index(  # noqa: PLR0913 - one for each thing that it tells
    files: Mapping[str, str],
    *,
    inputs: str,
    version: str,
    karmada: str,
    layout: Layout,
    acknowledged: Sequence[str] = (),
    shard: msgspec.Struct | None = None,
) -> bytes:
    """Return `index.json`: SHA-256 by path, the digest of the inputs and what rendered them.

    `acknowledged` are digests of acknowledgements in the inputs: none holds for a second change.
    `shard` says which part of a tree this is.
    """
    document = {
        **({"acknowledged": sorted(acknowledged)} if acknowledged else {}),
        "apiVersion": "armada-render/v1",
        "kind": "Index",
        "files": dict(sorted(files.items())),
        "inputs": f"sha256:{inputs}",
        "layout": str(layout),
        "renderer": {"karmada": karmada, "version": version},
        **({} if shard is None else {"shard": shard}),
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


def combined_digest(digests: Mapping[str, str]) -> str:
    """Return one SHA-256 over the paths and digests of all input files, whatever their order."""
    lines = (f"{path}\0{digest}\n".encode() for path, digest in sorted(digests.items()))
    return sha256(*lines).hex()


def json_document(document: Mapping[str, Any]) -> bytes:
    """Return a document as indented JSON with sorted keys."""
    encoded = msgspec.json.encode(document, order="sorted")
    return msgspec.json.format(encoded, indent=2) + b"\n"


def _by_app(works: ClusterWorks) -> dict[str, dict[str, list[Work]]]:
    apps: dict[str, dict[str, list[Work]]] = {}
    for cluster in sorted(works):
        groups: dict[str, list[Work]] = {}
        for work in works[cluster]:
            group = groups.get(work.app)
            if group is None:
                groups[work.app] = [work]
            else:
                group.append(work)
        for app, group in groups.items():
            apps.setdefault(app, {})[cluster] = group
    return dict(sorted(apps.items()))
