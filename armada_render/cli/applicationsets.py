"""What `render -o applicationset` does."""

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence

from armada_render.emit import ARGOCD_FOLDER, applicationset
from armada_render.emit.argocd.confirm import lacks_confirmation
from armada_render.emit.retired import retired_pairs
from armada_render.errors import GuardError, Problem
from armada_render.guard.applications import rows_of, vanished
from armada_render.load import Loaded
from armada_render.model.argocd import ArgoCD
from armada_render.model.config import CONFIG_NAME, Layout
from armada_render.model.resource import Manifest
from armada_render.model.work import Work
from armada_render.version import __version__
from armada_render.yamlio import YamlError, load_documents

PLUGIN_NAME = f"armada-render-{__version__}"
"""Under which Argo CD finds the plugin: metadata.name and spec.version of plugin.yaml."""

_Works = Mapping[str, Sequence[Work]]


def generate(
    works: _Works, loaded: Loaded, settings: ArgoCD, layout: Layout
) -> applicationset.Generated:
    """Return the AppProject and the ApplicationSets."""
    fleet = loaded.fleet
    return applicationset.generate(
        works,
        fleet.clusters,
        fleet.templates,
        settings,
        layout=layout,
        plugin=PLUGIN_NAME,
        retired=retired_pairs(loaded.config.retire, works),
    )


def review_vanished(
    directory: str, generated: applicationset.Generated, loaded: Loaded, settings: ArgoCD
) -> list[Problem]:
    """Return warnings on Applications that are in `directory`, and are generated no more.

    Raises `GuardError` where the controller would delete them.
    """
    deletes = settings.applications_sync.deletes
    before = rows_of(_written(os.path.join(directory, ARGOCD_FOLDER)))  # noqa: PTH118
    after = rows_of(generated.sets)
    problems = list(vanished(before, after, loaded.config.retire, deletes=deletes))
    if problems and deletes:
        raise GuardError(problems)
    return problems


def _written(folder: str) -> Iterator[Manifest]:
    """Yield the ApplicationSets that an earlier run wrote."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        for name in sorted(os.listdir(folder)):  # noqa: PTH208
            path = os.path.join(folder, name)  # noqa: PTH118
            if not name.startswith("applicationset-") or not os.path.isfile(path):  # noqa: PTH113
                continue
            with open(path, "rb") as handle, contextlib.suppress(YamlError):  # noqa: PTH123
                for document in load_documents(handle.read()):
                    if isinstance(document.value, dict):
                        yield document.value


def unconfirmed(works: _Works) -> list[Problem]:
    """Warn of what Argo CD would remove without asking, for want of an `argocd` section."""
    refs = {work.ref for group in works.values() for work in group if lacks_confirmation(work)}
    return [
        Problem(
            message="Argo CD would prune it without asking",
            resource=str(ref),
            hint=f"write `argocd: {{}}` into {CONFIG_NAME}, then the manifests ask for it",
        )
        for ref in sorted(refs)
    ]
