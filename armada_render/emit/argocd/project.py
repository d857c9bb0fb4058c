"""The AppProject: where Applications may go, from where, and which kinds they may hold."""

from collections.abc import Iterable, Sequence
from typing import Any

from armada_render.emit.argocd.confirm import CONFIRMED
from armada_render.emit.argocd.names import group_of
from armada_render.emit.argocd.rows import Application
from armada_render.model.argocd import ArgoCD, Destination
from armada_render.model.resource import ResourceTemplate


def app_project(
    settings: ArgoCD,
    applications: Sequence[Application],
    templates: Sequence[ResourceTemplate] = (),
) -> dict[str, Any]:
    """Return the AppProject that allows what is delivered, `argocd.allow`, and nothing else.

    What an app that was taken off a cluster left there is of the kinds of its `templates`.
    """
    kinds: set[tuple[str, str]] = set()
    # CreateNamespace=true is refused without the permission (gitops-engine, autoCreateNamespace).
    cluster_kinds = {("", "Namespace")}
    places: set[tuple[Destination, str]] = set()
    for one in applications:
        namespaces = {one.namespace, *settings.allow.namespaces}
        refs = {work.ref for work in one.works}
        if not one.works:
            refs = {template.ref for template in templates if template.app == one.app}
        for ref in refs:
            kind = (group_of(ref.api_version), ref.kind)
            (kinds if ref.namespace else cluster_kinds).add(kind)
            namespaces.add(ref.namespace)
        places |= {(one.destination, name) for name in namespaces if name}
    # Which of the two lists counts depends on the cluster; in the other one a kind does nothing.
    allowed = {(group_of(kind), kind.rpartition("/")[2]) for kind in settings.allow.kinds}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {
            "name": settings.project,
            "namespace": settings.namespace,
            "labels": {"app.kubernetes.io/managed-by": "armada-render"},
            "annotations": CONFIRMED,
        },
        "spec": {
            "description": "Written by armada-render; allows what its bundles hold.",
            "sourceRepos": [settings.repo_url],
            "destinations": [
                {**_fields(destination), "namespace": namespace}
                for destination, namespace in sorted(places)
            ],
            "clusterResourceWhitelist": _listed(cluster_kinds | allowed),
            "namespaceResourceWhitelist": _listed(kinds | allowed),
        },
    }


def _fields(destination: Destination) -> dict[str, str]:
    if destination.server:
        return {"server": destination.server}
    return {"name": destination.name}


def _listed(kinds: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"group": group, "kind": kind} for group, kind in sorted(kinds)]
