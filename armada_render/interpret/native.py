"""What Kubernetes' own kinds mean: replicas, revision, dependencies.

Rules: pkg/resourceinterpreter/default/native/{replica,revisereplica,dependencies}.go. When such a
kind is healthy is said in `native_health`, which rendering never needs.
"""

from collections.abc import Sequence

from armada_render.interpret.podtemplate import dependencies_of, requirements_of
from armada_render.interpret.typed import (
    CronJob,
    Ingress,
    Job,
    Metadata,
    Object,
    PodTemplate,
    Replicated,
    ReplicatedSpec,
    StatefulSet,
    Workload,
    decode,
    int32,
)
from armada_render.interpret.values import (
    DependentObject,
    InterpretError,
    Replicas,
    Rules,
)
from armada_render.model.resource import Manifest, replaced
from armada_render.model.selector import LabelSelector


def _namespace(metadata: Metadata | None) -> str:
    return (metadata.namespace if metadata else None) or ""


def _replicas_of(spec: ReplicatedSpec | None) -> Replicas:
    if spec is None:
        return None, None
    return int32(spec.replicas, "spec.replicas"), requirements_of(spec.template)


def _replicated_replicas(manifest: Manifest) -> Replicas:
    return _replicas_of(decode(manifest, Replicated).spec)


def _stateful_set_replicas(manifest: Manifest) -> Replicas:
    return _replicas_of(decode(manifest, StatefulSet).spec)


def _job_replicas(manifest: Manifest) -> Replicas:
    spec = decode(manifest, Job).spec
    if spec is None:
        return None, None
    parallelism = int32(spec.parallelism, "spec.parallelism")
    completions = int32(spec.completions, "spec.completions")
    # No more pods run at a time than are wanted in all.
    if completions is not None and completions < (1 if parallelism is None else parallelism):
        parallelism = completions
    return parallelism, requirements_of(spec.template)


def _pod_replicas(manifest: Manifest) -> Replicas:
    return 1, requirements_of(decode(manifest, PodTemplate))


def _revised(manifest: Manifest, field: str, replicas: int) -> Manifest:
    """Return `manifest` with `spec.<field>` set if there (helper/unstructured.go, ApplyReplica)."""
    spec = manifest.get("spec")
    if spec is None:
        return manifest
    if not isinstance(spec, dict):
        raise InterpretError("spec: expected an object")
    if field not in spec:
        return manifest
    if type(spec[field]) is not int:
        raise InterpretError(
            f"spec.{field}: expected an integer to be replaced by {replicas}, got {spec[field]!r}"
        )
    return manifest if spec[field] == replicas else replaced(manifest, ("spec", field), replicas)


def _revise_replicas(manifest: Manifest, replicas: int) -> Manifest:
    return _revised(manifest, "replicas", replicas)


def _revise_parallelism(manifest: Manifest, replicas: int) -> Manifest:
    return _revised(manifest, "parallelism", replicas)


def _template_dependencies(
    workload: Workload | Job,
) -> tuple[DependentObject, ...]:
    template = workload.spec.template if workload.spec else None
    return dependencies_of(template, _namespace(workload.metadata))


def _workload_dependencies(manifest: Manifest) -> Sequence[DependentObject]:
    return _template_dependencies(decode(manifest, Workload))


def _job_dependencies(manifest: Manifest) -> Sequence[DependentObject]:
    return _template_dependencies(decode(manifest, Job))


def _cron_job_dependencies(manifest: Manifest) -> Sequence[DependentObject]:
    cron_job = decode(manifest, CronJob)
    job = cron_job.spec.job_template if cron_job.spec else None
    template = job.spec.template if job and job.spec else None
    return dependencies_of(template, _namespace(cron_job.metadata))


def _pod_dependencies(manifest: Manifest) -> Sequence[DependentObject]:
    pod = decode(manifest, PodTemplate)
    return dependencies_of(pod, _namespace(pod.metadata))


def _stateful_set_dependencies(manifest: Manifest) -> Sequence[DependentObject]:
    """Return the pods' dependencies without the claims that every StatefulSet makes itself."""
    stateful_set = decode(manifest, StatefulSet)
    spec = stateful_set.spec
    if spec is None:
        return ()
    own = {
        claim.metadata.name
        for claim in spec.volume_claim_templates or ()
        if claim and claim.metadata
    }
    return tuple(
        dependency
        for dependency in dependencies_of(spec.template, _namespace(stateful_set.metadata))
        if dependency.kind != "PersistentVolumeClaim" or dependency.name not in own
    )


def _ingress_dependencies(manifest: Manifest) -> Sequence[DependentObject]:
    ingress = decode(manifest, Ingress)
    namespace = _namespace(ingress.metadata)
    return [
        DependentObject(
            api_version="v1",
            kind="Secret",
            namespace=namespace,
            name=(entry.secret_name if entry else None) or "",
        )
        for entry in (ingress.spec.tls if ingress.spec else None) or ()
    ]


def _service_import_dependencies(manifest: Manifest) -> Sequence[DependentObject]:
    metadata = decode(manifest, Object).metadata
    namespace = _namespace(metadata)
    service = f"derived-{(metadata.name if metadata else None) or ''}"
    return [
        DependentObject(api_version="v1", kind="Service", namespace=namespace, name=service),
        DependentObject(
            api_version="discovery.k8s.io/v1",
            kind="EndpointSlice",
            namespace=namespace,
            label_selector=LabelSelector(match_labels={"kubernetes.io/service-name": service}),
        ),
    ]


_REPLICATED = Rules(
    replicas=_replicated_replicas,
    revise=_revise_replicas,
    dependencies=_workload_dependencies,
)

RULES = {
    ("apps/v1", "Deployment"): _REPLICATED,
    ("apps/v1", "ReplicaSet"): _REPLICATED,
    ("apps/v1", "StatefulSet"): Rules(
        replicas=_stateful_set_replicas,
        revise=_revise_replicas,
        dependencies=_stateful_set_dependencies,
    ),
    ("apps/v1", "DaemonSet"): Rules(dependencies=_workload_dependencies),
    ("batch/v1", "Job"): Rules(
        replicas=_job_replicas,
        revise=_revise_parallelism,
        dependencies=_job_dependencies,
    ),
    ("batch/v1", "CronJob"): Rules(dependencies=_cron_job_dependencies),
    ("v1", "Pod"): Rules(replicas=_pod_replicas, dependencies=_pod_dependencies),
    ("networking.k8s.io/v1", "Ingress"): Rules(dependencies=_ingress_dependencies),
    ("multicluster.x-k8s.io/v1alpha1", "ServiceImport"): Rules(
        dependencies=_service_import_dependencies
    ),
}
"""The kinds that have a rule, by `apiVersion` and kind."""
