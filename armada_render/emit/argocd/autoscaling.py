"""Whose replicas an autoscaler owns: Argo CD must not set them back (argocd.md 3.11)."""

from collections.abc import Container, Iterable
from typing import Any

from msgspec import Struct

from armada_render.emit.argocd.names import group_of
from armada_render.model.work import Work


class ScaleTarget(Struct, frozen=True):
    """A workload that an autoscaler names; `group` is None when it does not say."""

    group: str | None
    kind: str
    namespace: str
    name: str


def ignored_replicas(
    bundle: Iterable[Work], scaled: Container[ScaleTarget]
) -> tuple[dict[str, Any], ...]:
    """Return the `ignoreDifferences` of an app: its workloads among those that are `scaled`."""
    return tuple(
        {
            "group": group_of(work.ref.api_version),
            "jsonPointers": ["/spec/replicas"],
            "kind": work.ref.kind,
            "name": work.ref.name,
            "namespace": work.ref.namespace,
        }
        for work in bundle
        if any(
            ScaleTarget(group, work.ref.kind, work.ref.namespace, work.ref.name) in scaled
            for group in (group_of(work.ref.api_version), None)
        )
    )


def autoscaled(works: Iterable[Work]) -> frozenset[ScaleTarget]:
    """Return what the autoscalers of a cluster scale; they may belong to other apps."""
    return frozenset(_targets(works))


def _targets(works: Iterable[Work]) -> Iterable[ScaleTarget]:
    for work in works:
        group, kind = group_of(work.ref.api_version), work.ref.kind
        if (group, kind) == ("autoscaling", "HorizontalPodAutoscaler"):
            default_kind, default_version = None, None
        elif (group, kind) == ("keda.sh", "ScaledObject"):
            default_kind, default_version = "Deployment", "apps/v1"
        else:
            continue
        spec = work.manifest.get("spec")
        target = spec.get("scaleTargetRef") if isinstance(spec, dict) else None
        if not isinstance(target, dict):
            continue
        version = target.get("apiVersion") or default_version
        target_kind, name = target.get("kind") or default_kind, target.get("name")
        if isinstance(target_kind, str) and isinstance(name, str):
            target_group = group_of(version) if isinstance(version, str) else None
            yield ScaleTarget(target_group, target_kind, work.ref.namespace, name)
