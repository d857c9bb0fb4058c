"""Where frozen manifests stand, and reading them.

While an eviction task holds an old copy (`Gracefully`, `Never`), its cluster gets what it had when
the task began, whatever has become of the template since. One file holds one copy, as plain
manifests; it counts as long as the lock has the task, and is nothing to propagate.
"""

from collections.abc import Iterator, Sequence

from armada_render.errors import Problem, SourceLocation
from armada_render.load.identity import identity_problem, is_namespace_name
from armada_render.load.lockfile import CLUSTER_FOLDER
from armada_render.model.binding import binding_name
from armada_render.model.frozen import CopyKey, FrozenCopy
from armada_render.model.resource import Manifest, ObjectReference
from armada_render.yamlio import Document

FROZEN = ".armada/frozen"
"""The folder of frozen manifests, below the root."""

_HINT = "restore the file with `git checkout`; see docs/failover.md"


def is_frozen(path: str) -> bool:
    """Tell whether a file, by its path below the root, is one of frozen manifests."""
    return path.startswith(FROZEN + "/")


def copy_key(ref: ObjectReference, cluster: str) -> CopyKey:
    """Return what the copy of a resource on a cluster is called."""
    return CopyKey(cluster, ref.namespace, binding_name(ref.kind, ref.name))


def frozen_path(key: CopyKey) -> str:
    """Return where below the root a copy is kept."""
    return f"{FROZEN}/{key.cluster}/{key.namespace or CLUSTER_FOLDER}/{key.binding}.yaml"


def frozen_copy(
    path: str, documents: Sequence[Document], problems: list[Problem]
) -> FrozenCopy | None:
    """Return the copy that a file holds; None when it cannot be used, which `problems` tell."""
    key = _key(path)
    if key is None:
        problems.append(
            Problem(
                message=f"no place for frozen manifests; they stand in {FROZEN}/CLUSTER/NAMESPACE/"
                f"NAME.yaml, with {CLUSTER_FOLDER} for no namespace",
                location=SourceLocation(path),
                hint="move the file elsewhere: failover owns this folder",
            )
        )
        return None
    found = list(_problems(path, documents))
    problems += found
    if found:
        return None
    manifests: tuple[Manifest, ...] = tuple(document.value for document in documents)
    return FrozenCopy(key=key, manifests=manifests, location=SourceLocation(path))


def _key(path: str) -> CopyKey | None:
    parts = path.removeprefix(FROZEN + "/").split("/")
    if len(parts) != 3 or not parts[2].endswith(".yaml"):
        return None
    cluster, folder, name = parts
    if folder != CLUSTER_FOLDER and not is_namespace_name(folder):
        return None
    namespace = "" if folder == CLUSTER_FOLDER else folder
    return CopyKey(cluster, namespace, name.removesuffix(".yaml"))


def _problems(path: str, documents: Sequence[Document]) -> Iterator[Problem]:
    if not documents:
        yield Problem(message="the file is empty", location=SourceLocation(path, 1), hint=_HINT)
    for document in documents:
        problem = identity_problem(document.value, SourceLocation(path, document.line))
        if problem is not None:
            yield Problem(
                message=problem.message,
                location=problem.location,
                field=problem.field,
                hint=_HINT,
            )
