"""Kubeflow: notebooks and training jobs."""

from functools import partial

from armada_render.interpret.thirdparty.conditions import conditions, has_failed
from armada_render.interpret.thirdparty.semantics import (
    optional,
    pod_dependencies,
    required,
    requirements,
    same,
    unless_false,
)
from armada_render.interpret.values import DependentObject, Replicas, Rules
from armada_render.model.resource import Manifest


def _notebook_replicas(manifest: Manifest) -> Replicas:
    return 1, requirements(required(manifest, "spec", "template"), "spec.template")


def _notebook_health(manifest: Manifest) -> bool:
    state = optional(manifest, "status", "containerState")
    if state is None:
        return False
    if required(state, "running") is not None:
        return True
    waiting = required(state, "waiting")
    if waiting is not None:
        return bool(required(waiting, "reason") == "ContainerCreating")
    terminated = required(state, "terminated")
    if terminated is None:
        return False
    if required(terminated, "reason") in ("Error", "OOMKilled", "ContainerCannotRun"):
        return False
    return same(unless_false(required(terminated, "exitCode"), 0), 0)


def _replica_dependencies(
    manifest: Manifest, field: str, types: tuple[str, ...]
) -> list[DependentObject]:
    """Return what the pods of every replica type refer to."""
    dependencies: list[DependentObject] = []
    for replica_type in types:
        path = ("spec", field, replica_type, "template")
        template = optional(manifest, *path)
        if template is not None:
            dependencies += pod_dependencies(manifest, template, ".".join(path))
    return dependencies


def _job_health(manifest: Manifest) -> bool:
    return conditions(manifest) is not None and not has_failed(manifest)


def _mpi_job_health(manifest: Manifest) -> bool:
    return bool(conditions(manifest)) and not has_failed(manifest)


RULES = {
    ("kubeflow.org/v1", "Notebook"): Rules(replicas=_notebook_replicas, health=_notebook_health),
    ("kubeflow.org/v1", "PyTorchJob"): Rules(
        dependencies=partial(
            _replica_dependencies, field="pytorchReplicaSpecs", types=("Master", "Worker")
        ),
        health=_job_health,
    ),
    ("kubeflow.org/v1", "TFJob"): Rules(
        dependencies=partial(
            _replica_dependencies,
            field="tfReplicaSpecs",
            types=("PS", "Worker", "Chief", "Master", "Evaluator"),
        ),
        health=_job_health,
    ),
    ("kubeflow.org/v2beta1", "MPIJob"): Rules(health=_mpi_job_health),
}
"""The kinds that have a rule, by `apiVersion` and kind."""
