"""The Applications: one for each app on each cluster, bound to the pair by its name."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from armada_render.emit.argocd.autoscaling import autoscaled, ignored_replicas
from armada_render.emit.argocd.names import application_name, label_text
from armada_render.emit.argocd.template import (
    APP_LABEL,
    CLUSTER_LABEL,
    PLACEMENT_LABEL,
    REGION_LABEL,
)
from armada_render.emit.retired import Pair
from armada_render.model.argocd import ArgoCD, Destination
from armada_render.model.cluster import Cluster
from armada_render.model.digest import sha256
from armada_render.model.work import Work

_HASH_LETTERS = 12


class Application(Struct, frozen=True, kw_only=True, eq=False):
    """An app on a cluster.

    `row` is what the template is filled with, but for the columns that only some sets have.
    `namespace` is the one that Argo CD creates, `uncreated` those that are in no bundle and that
    it does not create either. `ignored` are its `ignoreDifferences`. One without `works` was taken
    off its cluster: Argo CD removes what it left there.
    """

    app: str
    cluster: str
    works: tuple[Work, ...]
    destination: Destination
    namespace: str
    uncreated: tuple[str, ...]
    ignored: tuple[dict[str, Any], ...]
    row: Mapping[str, str]

    @property
    def name(self) -> str:
        """The name of the Application."""
        return self.row["name"]

    @property
    def labels(self) -> dict[str, str]:
        """The labels of the Application, as the template makes them of the row."""
        keys = {
            APP_LABEL: "app",
            CLUSTER_LABEL: "cluster",
            PLACEMENT_LABEL: "placementHash",
            REGION_LABEL: "region",
        }
        return {label: self.row[key] for label, key in keys.items()}


def applications(  # noqa: PLR0913, PLR0917 - one for each thing that decides
    works: Mapping[str, Sequence[Work]],
    clusters: Iterable[Cluster],
    destinations: Mapping[str, Destination],
    settings: ArgoCD,
    path: Callable[[str, str], str],
    retired: Mapping[Pair, str],
) -> tuple[Application, ...]:
    """Return the Applications of all clusters; `path` is that of an app and a cluster.

    Pairs of `retired` have one as well, with the namespace that stands there.
    """
    hashes = _placement_hashes(works)
    rows: list[Application] = []
    for cluster in clusters:
        group = works.get(cluster.name, ())
        bundles: dict[str, list[Work]] = {}
        for work in group:
            bundles.setdefault(work.app, []).append(work)
        for name, app in retired:
            if name == cluster.name:
                bundles.setdefault(app, [])
        scaled = autoscaled(group)
        present = {work.ref.name for work in group if work.ref.kind == "Namespace"}
        for app, bundle in sorted(bundles.items()):
            namespace, uncreated = _namespaces(bundle, present)
            if not bundle:
                namespace = retired[cluster.name, app]
            rows.append(
                Application(
                    app=app,
                    cluster=cluster.name,
                    works=tuple(bundle),
                    destination=destinations[cluster.name],
                    namespace=namespace,
                    uncreated=uncreated,
                    ignored=ignored_replicas(bundle, scaled),
                    row={
                        "app": label_text(app),
                        "cluster": cluster.name,
                        "name": application_name(app, cluster.name),
                        "namespace": namespace,
                        "path": path(app, cluster.name),
                        "placementHash": hashes.get(app) or _hash(()),
                        "region": label_text(cluster.spec.region),
                        "revision": settings.revision,
                    },
                )
            )
    return tuple(rows)


def _namespaces(bundle: Sequence[Work], present: Container[str]) -> tuple[str, tuple[str, ...]]:
    """Return the namespace that `CreateNamespace=true` is for, and others that it would be for."""
    names = sorted({work.ref.namespace for work in bundle} - {""})
    missing = [
        name
        for name in names
        if name not in present and name != "default" and not name.startswith("kube-")
    ]
    first = (missing or names or ["default"])[0]
    return first, tuple(missing[1:])


def _placement_hashes(works: Mapping[str, Sequence[Work]]) -> dict[str, str]:
    """Return for each app a hash of where everything of it runs, with how many replicas."""
    lines: dict[str, list[str]] = {}
    for cluster in sorted(works):
        for work in works[cluster]:
            line = f"{cluster}\0{work.ref}\0{work.replicas}\n"
            lines.setdefault(work.app, []).append(line)
    return {app: _hash(text) for app, text in lines.items()}


def _hash(lines: Iterable[str]) -> str:
    text = "".join(lines).encode(errors="backslashreplace")
    return sha256(text).hex()[:_HASH_LETTERS]
