"""What is committed beside the fleet: bundles and ApplicationSets of a tree. Pure.

A repository that holds its rendered tree (`output.directory` in `armada.yaml`) is applied from
there, so a failover reaches clusters only when the tree changes in the same commit.
"""

import hashlib
import posixpath
from collections.abc import Callable, Iterator, Mapping

import msgspec
from msgspec import Struct

from armada_render import emit
from armada_render.controller.change import Files
from armada_render.emit import applicationset
from armada_render.emit.argocd.applied import as_applied
from armada_render.errors import ArmadaError, InputError, Problem
from armada_render.load import Loaded
from armada_render.model.config import CONFIG_NAME, OutputFormat
from armada_render.pipeline import Rendering
from armada_render.version import KARMADA_VERSION, __version__

_PLUGIN = f"armada-render-{__version__}"


class _Index(Struct, frozen=True):
    files: dict[str, str] = {}
    acknowledged: tuple[str, ...] = ()


def folder(loaded: Loaded, root: str) -> str:
    """Return where the tree stands in the repository, "" when none is committed.

    `root` is where the fleet stands. Raises `InputError` for a folder outside of the repository.
    """
    directory = loaded.config.output.directory
    if not directory:
        return ""
    found = posixpath.normpath(posixpath.join(root, directory))
    if found.startswith(("/", "../")) or found in {".", ".."}:
        raise InputError(
            Problem(
                message="is not in the repository",
                field="output.directory",
                hint=f"correct it in {CONFIG_NAME}",
            )
        )
    return found


def files(loaded: Loaded, rendering: Rendering, read: Callable[[str], bytes | None]) -> Files:
    """Return what changes of a tree, by path in it; `read` returns its files as they are.

    A tree that was never rendered (it has no index) stays away.
    """
    index = read(emit.INDEX_NAME)
    if index is None:
        return {}
    try:
        before = msgspec.json.decode(index, type=_Index)
    except msgspec.DecodeError as error:
        raise ArmadaError(f"{emit.INDEX_NAME} of the tree cannot be read") from error
    old = before.files
    written: dict[str, bytes | None] = {}
    digests: dict[str, str] = {}
    for file in _all(loaded, rendering, old):
        digest = hashlib.sha256(file.data).hexdigest()
        digests[file.path] = digest
        if old.get(file.path) != digest:
            written[file.path] = file.data
    written |= dict.fromkeys(old.keys() - digests.keys())
    fresh = emit.index(
        digests,
        inputs=emit.combined_digest(loaded.digests),
        version=__version__,
        karmada=KARMADA_VERSION,
        layout=loaded.config.output.layout,
        # What people acknowledged waits for a render of theirs; what is spent stays so.
        acknowledged=[
            one.digest for one in loaded.fleet.acknowledgements if one.digest in before.acknowledged
        ],
    )
    return {**written, emit.INDEX_NAME: fresh} if fresh != index else written


def _all(loaded: Loaded, rendering: Rendering, old: Mapping[str, str]) -> Iterator[emit.OutputFile]:
    fleet, config = loaded.fleet, loaded.config
    works = {cluster.name: rendering.dispatched(cluster.name) for cluster in fleet.clusters}
    retired = emit.retired_pairs(config.retire, works)
    has_sets = any(path.startswith(emit.ARGOCD_FOLDER + "/") for path in old)
    has_bundles = any(not path.startswith(emit.ARGOCD_FOLDER + "/") for path in old)
    if has_bundles and config.output.format in {None, OutputFormat.TREE}:
        applied = works if config.argocd is None else as_applied(works, config.argocd)
        yield from emit.tree(applied, config.output.layout, retired)
    if has_sets and config.argocd is not None:
        generated = applicationset.generate(
            works,
            fleet.clusters,
            fleet.templates,
            config.argocd,
            layout=config.output.layout,
            plugin=_PLUGIN,
            retired=retired,
        )
        yield from applicationset.files(generated)
