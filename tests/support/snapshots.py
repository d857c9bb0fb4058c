"""What clusters hold, written down briefly: `{"member1": {"web": [deployment("web")]}}`."""

from collections.abc import Mapping, Sequence

from armada_render.guard import Copy, of_manifests
from armada_render.guard.removal import Circumstances
from armada_render.interpret import Interpreter
from armada_render.model.acknowledgement import ObjectKey, Removal
from tests.support.objects import Object

Apps = Mapping[str, Sequence[Object]]


def snapshot(**clusters: Apps) -> dict[str, dict[ObjectKey, Copy]]:
    """Return the snapshot of clusters, each with the objects of its apps."""
    return {
        cluster: {
            key: copy
            for app, manifests in apps.items()
            for key, copy in of_manifests(manifests, app).items()
        }
        for cluster, apps in clusters.items()
    }


def staying(*clusters: str, elastic: Sequence[ObjectKey] = ()) -> Circumstances:
    """Return the circumstances in which `clusters` are not being evacuated."""
    return Circumstances(
        elastic=frozenset(elastic), staying=frozenset(clusters), interpreter=Interpreter()
    )


def removal(cluster: str, app: str, kind: str, name: str, namespace: str = "") -> Removal:
    groups = {"Deployment": "apps", "StatefulSet": "apps", "Job": "batch"}
    return Removal(cluster, app, ObjectKey(groups.get(kind, ""), kind, namespace, name))


def described(removals: Sequence[Removal]) -> list[str]:
    return [f"{one.cluster} {one.app} {one.key.title}" for one in removals]
