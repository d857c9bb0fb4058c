"""Argo Workflows."""

from collections.abc import Iterator

from armada_render.interpret.thirdparty import scan
from armada_render.interpret.thirdparty.semantics import (
    optional,
    replica_count,
    required,
    requirements,
    with_spec_field,
)
from armada_render.interpret.values import DependentObject, Replicas, Rules
from armada_render.model.resource import Manifest


def _replicas(manifest: Manifest) -> Replicas:
    count = required(manifest, "spec", "parallelism")
    keys = ("affinity", "nodeSelector", "tolerations")
    pod = {key: required(manifest, "spec", key) for key in keys}
    needs = requirements({"spec": pod}, "spec")
    return replica_count(1 if count is None else count, "spec.parallelism"), needs


def _revise(manifest: Manifest, replicas: int) -> Manifest:
    return with_spec_field(manifest, "parallelism", replicas)


def _dependencies(manifest: Manifest) -> list[DependentObject]:
    return scan.found(manifest, _references(manifest))


def _references(manifest: Manifest) -> Iterator[scan.Found]:
    """Yield what a workflow's own fields refer to; the containers of its templates are not read."""
    yield "ServiceAccount", optional(required(manifest, "spec", "executor"), "serviceAccountName")
    claims = required(manifest, "spec", "volumeClaimTemplates")
    for claim in scan.entries(claims, "spec.volumeClaimTemplates"):
        yield "PersistentVolumeClaim", required(claim, "metadata", "name")
    # The script reads `secret.name` where Kubernetes has `secret.secretName`.
    yield from scan.in_volumes(required(manifest, "spec", "volumes"), "name")
    yield from scan.in_pull_secrets(required(manifest, "spec", "imagePullSecrets"))
    account = required(manifest, "spec", "serviceAccountName")
    if account != "default":
        yield "ServiceAccount", account


def _health(manifest: Manifest) -> bool:
    return optional(manifest, "status", "phase") not in (None, "", "Error", "Failed")


RULES = {
    ("argoproj.io/v1alpha1", "Workflow"): Rules(
        replicas=_replicas, revise=_revise, dependencies=_dependencies, health=_health
    ),
}
"""The kinds that have a rule, by `apiVersion` and kind."""
