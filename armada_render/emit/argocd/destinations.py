"""Which cluster of Argo CD a member cluster of the inventory is (argocd.md 3.1, 3.2)."""

import re
from collections.abc import Iterable, Mapping, Sequence

from armada_render.errors import Problem, one_line
from armada_render.model.argocd import ArgoCD, Destination
from armada_render.model.cluster import Cluster
from armada_render.model.config import CONFIG_NAME

NAME_ANNOTATION = "armada-render/argocd-destination-name"
SERVER_ANNOTATION = "armada-render/argocd-destination-server"

# AppProjects take names, servers and repositories as globs, and a `!` in front as a refusal.
GLOB = re.compile(r"[*?\[\]{}\\!\s]|[^\x20-\x7e]")
_SERVER = re.compile(r"https?://[^/@]+(/.*)?")


def destinations(
    clusters: Sequence[Cluster], settings: ArgoCD, problems: list[Problem]
) -> Mapping[str, Destination]:
    """Return the destination of each cluster; what is wrong is added to `problems`.

    `argocd.destinations` goes before the annotations of the Cluster, its own name comes last.
    """
    known = {cluster.name for cluster in clusters}
    problems.extend(
        Problem(
            message="no cluster of the inventory has this name",
            field=f"argocd.destinations.{one_line(name)}",
            hint=f"correct it in {CONFIG_NAME}",
        )
        for name in settings.destinations
        if name not in known
    )
    found = {
        cluster.name: _destination(cluster, settings.destinations, problems) for cluster in clusters
    }
    problems.extend(_shared(found))
    return found


def _destination(
    cluster: Cluster, mapped: Mapping[str, Destination], problems: list[Problem]
) -> Destination:
    location = None
    if cluster.name in mapped:
        destination = mapped[cluster.name]
        field, words = f"argocd.destinations.{cluster.name}", ("name", "server")
    elif NAME_ANNOTATION in cluster.annotations or SERVER_ANNOTATION in cluster.annotations:
        destination = Destination(
            cluster.annotations.get(NAME_ANNOTATION, ""),
            cluster.annotations.get(SERVER_ANNOTATION, ""),
        )
        field, words = "metadata.annotations", (NAME_ANNOTATION, SERVER_ANNOTATION)
        location = cluster.location
    else:
        return Destination(name=cluster.name)
    if message := _error(destination, *words):
        problems.append(
            Problem(
                message=message, location=location, field=field, resource=f"Cluster/{cluster.name}"
            )
        )
    return destination


def _error(destination: Destination, name: str, server: str) -> str:
    if bool(destination.name) is bool(destination.server):
        return f"give either {name} or {server}"
    if GLOB.search(destination.name or destination.server):
        return "must be plain printable text: AppProjects read * ? [ ] { } \\ and ! as patterns"
    if destination.server and not _SERVER.fullmatch(destination.server):
        return f"{server} must be the URL of an API server, without credentials"
    return ""


def _shared(found: Mapping[str, Destination]) -> Iterable[Problem]:
    first: dict[Destination, str] = {}
    for cluster, destination in sorted(found.items()):
        other = first.setdefault(destination, cluster)
        if other != cluster:
            yield Problem(
                message=f"{other} and {cluster} are the same cluster of Argo CD, "
                f"{destination.name or destination.server}: their bundles would replace each other",
                resource=f"Cluster/{cluster}",
                hint="give each cluster a destination of its own",
            )
