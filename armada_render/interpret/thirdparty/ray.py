"""Ray: clusters, jobs and services."""

from collections.abc import Iterator
from math import floor
from typing import Any

import msgspec

from armada_render.interpret.thirdparty import scan
from armada_render.interpret.thirdparty.conditions import true_conditions
from armada_render.interpret.thirdparty.semantics import (
    elements,
    number,
    optional,
    replica_count,
    required,
    requirements,
    revised,
    unless_false,
)
from armada_render.interpret.values import DependentObject, InterpretError, Replicas, Rules
from armada_render.model import quantity
from armada_render.model.resource import Manifest, replaced

_CONFIG = ("spec", "rayClusterConfig")
_GROUPS = (*_CONFIG, "workerGroupSpecs")


def _service_replicas(manifest: Manifest) -> Replicas:
    """Return one head and all workers; each needs the most cpu and memory that any needs."""
    template = optional(manifest, *_CONFIG, "headGroupSpec", "template")
    if template is None:
        return 0, None
    head = requirements(template, "spec.rayClusterConfig.headGroupSpec.template")
    total: float = 1
    most = dict(head.resource_request) if head else {}
    for index, group in enumerate(_worker_groups(manifest)):
        where = f"{'.'.join(_GROUPS)}[{index}]"
        total += number(unless_false(required(group, "replicas"), 0), f"{where}.replicas")
        template = required(group, "template")
        needs = None if template is None else requirements(template, f"{where}.template")
        for name in ("cpu", "memory"):
            wanted = needs.resource_request.get(name) if needs else None
            if wanted and quantity.parse(wanted) > quantity.parse(most.get(name, "0")):
                most[name] = wanted
    # A head that asks for nothing hides what the workers need.
    needs = None if head is None else msgspec.structs.replace(head, resource_request=most)
    return replica_count(total, "spec.rayClusterConfig.workerGroupSpecs"), needs


def _worker_groups(manifest: Manifest) -> list[Any]:
    groups = optional(manifest, *_GROUPS)
    return [] if groups is None else list(elements(groups, ".".join(_GROUPS)))


def _revise_service(manifest: Manifest, replicas: int) -> Manifest:
    """Return `manifest` with the workers, which are all but one, shared out as they were before."""
    groups = _worker_groups(manifest)
    if not groups:
        return revised(manifest, manifest)
    if not all(isinstance(group, dict) for group in groups):
        raise InterpretError(f"{'.'.join(_GROUPS)}: expected objects")
    before = [number(unless_false(group.get("replicas"), 0), "replicas") for group in groups]
    shares = _shares(max(0, replicas - 1), before)
    changed = [group | {"replicas": share} for group, share in zip(groups, shares, strict=True)]
    return revised(manifest, replaced(manifest, _GROUPS, changed))


def _shares(workers: int, before: list[float]) -> list[int]:
    """Return each group's workers; the last group takes what rounding leaves, be it negative."""
    groups, total = len(before), sum(before)
    if workers == 0:
        return [0] * groups
    shares: list[int] = []
    for index, old in enumerate(before[:-1]):
        if total == 0:
            shares.append(workers // groups + (index < workers % groups))
        else:
            shares.append(floor(workers * (old / total) + 0.5))
    return [*shares, workers - sum(shares)]


def _cluster_pods(config: object) -> Iterator[scan.Found]:
    yield from scan.in_pod(optional(config, "headGroupSpec", "template", "spec"))
    for group in scan.entries(optional(config, "workerGroupSpecs"), "workerGroupSpecs"):
        yield from scan.in_pod(optional(group, "template", "spec"))


def _service_dependencies(manifest: Manifest) -> list[DependentObject]:
    return scan.found(manifest, _cluster_pods(optional(manifest, *_CONFIG)))


def _job_dependencies(manifest: Manifest) -> list[DependentObject]:
    submitter = optional(manifest, "spec", "submitterPodTemplate", "spec")
    return [
        *scan.found(manifest, _cluster_pods(optional(manifest, "spec", "rayClusterSpec"))),
        *scan.found(manifest, scan.in_pod(submitter)),
    ]


def _cluster_health(manifest: Manifest) -> bool:
    true = {kind for kind, _ in true_conditions(manifest) if isinstance(kind, str)}
    return {"HeadPodReady", "RayClusterProvisioned"} <= true and (
        "RayClusterReplicaFailure" not in true
    )


def _job_health(manifest: Manifest) -> bool:
    deployment = optional(manifest, "status", "jobDeploymentStatus")
    if deployment == "Complete":
        return bool(required(manifest, "status", "jobStatus") == "SUCCEEDED")
    return bool(deployment == "Running")


def _service_health(manifest: Manifest) -> bool:
    return any(kind == "Ready" for kind, _ in true_conditions(manifest))


RULES = {
    ("ray.io/v1", "RayCluster"): Rules(health=_cluster_health),
    ("ray.io/v1", "RayJob"): Rules(dependencies=_job_dependencies, health=_job_health),
    ("ray.io/v1", "RayService"): Rules(
        replicas=_service_replicas,
        revise=_revise_service,
        dependencies=_service_dependencies,
        health=_service_health,
    ),
}
"""The kinds that have a rule, by `apiVersion` and kind."""
