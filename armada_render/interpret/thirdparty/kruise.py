"""OpenKruise."""

from collections.abc import Iterator
from typing import Any

from armada_render.interpret.thirdparty.semantics import (
    elements,
    less,
    optional,
    pod_dependencies,
    references,
    replica_count,
    required,
    requirements,
    same,
    some,
    unless_false,
    with_spec_field,
)
from armada_render.interpret.values import DependentObject, InterpretError, Replicas, Rules
from armada_render.model.resource import Manifest


def _replicas(manifest: Manifest) -> Replicas:
    count = required(manifest, "spec", "replicas")
    template = required(manifest, "spec", "template")
    needs = requirements(template, "spec.template")
    return replica_count(count, "spec.replicas"), needs


def _revise_replicas(manifest: Manifest, replicas: int) -> Manifest:
    return with_spec_field(manifest, "replicas", replicas)


def _broadcast_replicas(manifest: Manifest) -> Replicas:
    count = required(manifest, "spec", "parallelism")
    needs = requirements(required(manifest, "spec", "template"), "spec.template")
    return replica_count(1 if count is None else count, "spec.parallelism"), needs


def _revise_parallelism(manifest: Manifest, replicas: int) -> Manifest:
    return with_spec_field(manifest, "parallelism", replicas)


def _template_dependencies(manifest: Manifest) -> tuple[DependentObject, ...]:
    template = required(manifest, "spec", "template")
    return some(pod_dependencies(manifest, template, "spec.template"))


def _daemon_set_dependencies(manifest: Manifest) -> tuple[DependentObject, ...]:
    template = required(manifest, "spec", "template")
    return pod_dependencies(manifest, template, "spec.template")


def _cron_job_dependencies(manifest: Manifest) -> tuple[DependentObject, ...]:
    template: object = {}
    for key in ("jobTemplate", "broadcastJobTemplate"):
        if required(manifest, "spec", "template", key) is not None:
            template = required(manifest, "spec", "template", key, "spec", "template")
    return some(pod_dependencies(manifest, template, "spec.template"))


def _sidecar_set_replicas(manifest: Manifest) -> Replicas:
    """Return 0: a SidecarSet injects containers into pods that others run."""
    del manifest
    return 0, None


def _sidecar_set_dependencies(manifest: Manifest) -> list[DependentObject]:
    return [
        reference
        for kind, name in _sidecar_references(manifest)
        for reference in references(manifest, kind, (name,))
    ]


def _sidecar_references(manifest: Manifest) -> Iterator[tuple[str, Any]]:
    """Yield kind and name of what is referred to; a missing name is kept, and fails."""
    for container in _listed(optional(manifest, "spec", "containers")):
        for variable in _listed(required(container, "env")):
            yield from _named(required(variable, "valueFrom"), "configMapKeyRef", "secretKeyRef")
        for source in _listed(required(container, "envFrom")):
            yield from _named(source, "configMapRef", "secretRef")
    for volume in _listed(optional(manifest, "spec", "volumes")):
        yield from _named(volume, "configMap", "")
        if secret := required(volume, "secret"):
            yield "Secret", required(secret, "secretName")
        for source in _listed(optional(volume, "projected", "sources")):
            yield from _named(source, "configMap", "secret")


def _listed(value: object) -> Iterator[Any]:
    return elements(value, "spec") if value else iter(())


def _named(source: object, config_map: str, secret: str) -> Iterator[tuple[str, Any]]:
    for kind, key in (("ConfigMap", config_map), ("Secret", secret)):
        if (reference := optional(source, key)) is not None:
            yield kind, required(reference, "name")


def _is_current(manifest: Manifest) -> bool:
    observed = required(manifest, "status", "observedGeneration")
    return same(observed, required(manifest, "metadata", "generation"))


def _is_rolled_out(manifest: Manifest) -> bool:
    if not _is_current(manifest):
        return False
    status = manifest["status"]
    updated = required(status, "updatedReplicas")
    wanted = required(manifest, "spec", "replicas")
    if wanted is not None and less(updated, wanted, "updatedReplicas and replicas"):
        return False
    available = required(status, "availableReplicas")
    return not less(available, updated, "availableReplicas and updatedReplicas")


def _united_deployment_health(manifest: Manifest) -> bool:
    parts = (manifest.get("status"), manifest.get("metadata"), manifest.get("spec"))
    return all(part is not None for part in parts) and _is_rolled_out(manifest)


def _daemon_set_health(manifest: Manifest) -> bool:
    if not _is_current(manifest):
        return False
    status = manifest["status"]
    updated = required(status, "updatedNumberScheduled")
    desired = required(status, "desiredNumberScheduled")
    if less(updated, desired, "updatedNumberScheduled and desiredNumberScheduled"):
        return False
    available = required(status, "numberAvailable")
    return not less(available, updated, "numberAvailable and updatedNumberScheduled")


def _broadcast_health(manifest: Manifest) -> bool:
    status = manifest.get("status")
    if status is None:
        raise InterpretError("status is missing")
    if same(required(status, "desired"), 0) or not same(required(status, "failed"), 0):
        return False
    idle = same(required(status, "succeeded"), 0) and same(required(status, "active"), 0)
    return not idle


def _sidecar_set_health(manifest: Manifest) -> bool:
    status = manifest.get("status")
    if status is None:
        return False
    matched = unless_false(required(status, "matchedPods"), 0)
    return same(matched, 0) or same(unless_false(required(status, "updatedPods"), 0), matched)


_CLONE_SET = Rules(
    replicas=_replicas,
    revise=_revise_replicas,
    dependencies=_template_dependencies,
    health=_is_rolled_out,
)

RULES = {
    ("apps.kruise.io/v1alpha1", "AdvancedCronJob"): Rules(dependencies=_cron_job_dependencies),
    ("apps.kruise.io/v1alpha1", "BroadcastJob"): Rules(
        replicas=_broadcast_replicas,
        revise=_revise_parallelism,
        dependencies=_template_dependencies,
        health=_broadcast_health,
    ),
    ("apps.kruise.io/v1alpha1", "CloneSet"): _CLONE_SET,
    ("apps.kruise.io/v1alpha1", "DaemonSet"): Rules(
        dependencies=_daemon_set_dependencies, health=_daemon_set_health
    ),
    ("apps.kruise.io/v1alpha1", "SidecarSet"): Rules(
        replicas=_sidecar_set_replicas,
        dependencies=_sidecar_set_dependencies,
        health=_sidecar_set_health,
    ),
    ("apps.kruise.io/v1alpha1", "UnitedDeployment"): Rules(
        replicas=_replicas,
        revise=_revise_replicas,
        dependencies=_template_dependencies,
        health=_united_deployment_health,
    ),
    ("apps.kruise.io/v1beta1", "StatefulSet"): _CLONE_SET,
}
"""The kinds that have a rule, by `apiVersion` and kind."""
