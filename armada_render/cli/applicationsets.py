"""What `render -o applicationset` does."""

from collections.abc import Mapping, Sequence

from armada_render.emit import applicationset
from armada_render.emit.argocd.confirm import lacks_confirmation
from armada_render.errors import Problem
from armada_render.load import Loaded
from armada_render.model.argocd import ArgoCD
from armada_render.model.config import CONFIG_NAME, Layout
from armada_render.model.work import Work
from armada_render.version import __version__

PLUGIN_NAME = f"armada-render-{__version__}"
"""Under which Argo CD finds the plugin: metadata.name and spec.version of plugin.yaml."""

_Works = Mapping[str, Sequence[Work]]


def generate(
    works: _Works, loaded: Loaded, settings: ArgoCD, layout: Layout
) -> applicationset.Generated:
    """Return the AppProject and the ApplicationSets."""
    fleet = loaded.fleet
    return applicationset.generate(
        works, fleet.clusters, fleet.templates, settings, layout=layout, plugin=PLUGIN_NAME
    )


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
