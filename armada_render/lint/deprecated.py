"""Rules about APIs and fields that are on their way out, or gone.

APIs: kubernetes.io/docs/reference/using-api/deprecation-guide. Fields: the API documentation of
Kubernetes and of Karmada 1.19.
"""

from collections.abc import Iterator

from armada_render.lint.reach import Node, node, pod_template, text
from armada_render.lint.subject import Subject
from armada_render.lint.words import listed
from armada_render.model.kubernetes import minor
from armada_render.model.resource import ObjectReference, string_map
from armada_render.model.result import Level, Result, Rule

API = Rule(
    id="deprecated-api",
    summary="An apiVersion is deprecated, or no longer served",
    description="Kubernetes announces the removal of an API version years ahead. From the version "
    "that removes it on, a cluster refuses the object: an error where a cluster of it has that "
    "version, a warning where none has, or the version is not known.",
    fix="write the object in the newer apiVersion",
)
FIELD = Rule(
    id="deprecated-field",
    summary="A field or annotation is deprecated",
    description="Karmada or Kubernetes has a successor for it, and reads it for old objects only.",
    fix="use its successor",
)

RULES = (API, FIELD)

_Minor = int
"""The minor version of Kubernetes 1.x."""

# apiVersion and kinds: the version that no longer serves them, and what to write instead.
_REMOVED: dict[tuple[str, str], tuple[_Minor, str]] = {
    **dict.fromkeys(
        [
            (f"{api}", kind)
            for api in ("extensions/v1beta1", "apps/v1beta1", "apps/v1beta2")
            for kind in ("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet")
        ],
        (16, "apps/v1"),
    ),
    ("extensions/v1beta1", "NetworkPolicy"): (16, "networking.k8s.io/v1"),
    ("extensions/v1beta1", "Ingress"): (22, "networking.k8s.io/v1"),
    ("networking.k8s.io/v1beta1", "Ingress"): (22, "networking.k8s.io/v1"),
    ("networking.k8s.io/v1beta1", "IngressClass"): (22, "networking.k8s.io/v1"),
    **{
        (f"{group}/v1beta1", kind): (22, f"{group}/v1")
        for group, kinds in {
            "admissionregistration.k8s.io": (
                "MutatingWebhookConfiguration",
                "ValidatingWebhookConfiguration",
            ),
            "apiextensions.k8s.io": ("CustomResourceDefinition",),
            "apiregistration.k8s.io": ("APIService",),
            "certificates.k8s.io": ("CertificateSigningRequest",),
            "coordination.k8s.io": ("Lease",),
            "rbac.authorization.k8s.io": (
                "ClusterRole",
                "ClusterRoleBinding",
                "Role",
                "RoleBinding",
            ),
            "scheduling.k8s.io": ("PriorityClass",),
            "storage.k8s.io": ("CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"),
        }.items()
        for kind in kinds
    },
    ("batch/v1beta1", "CronJob"): (25, "batch/v1"),
    ("discovery.k8s.io/v1beta1", "EndpointSlice"): (25, "discovery.k8s.io/v1"),
    ("autoscaling/v2beta1", "HorizontalPodAutoscaler"): (25, "autoscaling/v2"),
    ("autoscaling/v2beta2", "HorizontalPodAutoscaler"): (26, "autoscaling/v2"),
    ("policy/v1beta1", "PodDisruptionBudget"): (25, "policy/v1"),
    ("policy/v1beta1", "PodSecurityPolicy"): (25, "Pod Security admission"),
    ("node.k8s.io/v1beta1", "RuntimeClass"): (25, "node.k8s.io/v1"),
    ("storage.k8s.io/v1beta1", "CSIStorageCapacity"): (27, "storage.k8s.io/v1"),
    **{
        (f"flowcontrol.apiserver.k8s.io/{version}", kind): (
            removed,
            "flowcontrol.apiserver.k8s.io/v1",
        )
        for version, removed in (("v1beta1", 26), ("v1beta2", 29), ("v1beta3", 32))
        for kind in ("FlowSchema", "PriorityLevelConfiguration")
    },
}

_ANNOTATIONS = {
    "kubernetes.io/ingress.class": "spec.ingressClassName",
    "scheduler.alpha.kubernetes.io/critical-pod": "spec.priorityClassName",
    "seccomp.security.alpha.kubernetes.io/pod": "securityContext.seccompProfile",
    "service.alpha.kubernetes.io/tolerate-unready-endpoints": "spec.publishNotReadyAddresses",
    "volume.beta.kubernetes.io/storage-class": "spec.storageClassName",
}
_NODE_LABELS = {
    "beta.kubernetes.io/arch": "kubernetes.io/arch",
    "beta.kubernetes.io/instance-type": "node.kubernetes.io/instance-type",
    "beta.kubernetes.io/os": "kubernetes.io/os",
    "failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/zone": "topology.kubernetes.io/zone",
}


def check(subject: Subject) -> Iterator[Result]:
    """Look at each object, policy and cluster."""
    yield from _apis(subject)
    for template in subject.fleet.templates:
        for field, successor in _old_fields(template.ref, template.manifest):
            message = f"is deprecated in favour of {successor}"
            yield subject.about(FIELD, template.ref, message, field=field, hint=f"use {successor}")
    for policy in subject.policies():
        if policy.spec.association:
            message = "is deprecated in favour of propagateDeps"
            yield subject.about(
                FIELD, policy, message, field="spec.association", hint="use spec.propagateDeps"
            )
    for override in subject.rendering.override_policies:
        spec = override.spec
        if not spec.override_rules:
            field = "spec.overriders" if spec.target_cluster is None else "spec.targetCluster"
            message = "is deprecated in favour of overrideRules"
            yield subject.about(
                FIELD, override, message, field=field, hint="write it as an entry of overrideRules"
            )
    for cluster in subject.fleet.clusters:
        if cluster.spec.zone:
            yield Result(
                rule=FIELD.id,
                level=FIELD.level,
                message="is deprecated in favour of zones",
                location=cluster.location,
                resource=f"cluster.karmada.io/v1alpha1/Cluster//{cluster.name}",
                field="spec.zone",
                hint="write it in spec.zones",
            )


def _apis(subject: Subject) -> Iterator[Result]:
    fallback = minor(subject.kubernetes_version)
    versions = {
        name: minor(cluster.status.kubernetes_version) or fallback
        for name, cluster in subject.clusters.items()
    }
    for ref, binding in subject.bindings.items():
        known = _REMOVED.get((ref.api_version, ref.kind))
        if known is None:
            continue
        removed, successor = known
        gone = sorted(
            target.name for target in binding.targets if (versions.get(target.name) or 0) >= removed
        )
        where = f", and {listed(gone)} is that new" if len(gone) == 1 else ""
        where = f", and {listed(gone)} are that new" if len(gone) > 1 else where
        yield subject.about(
            API,
            ref,
            f"Kubernetes 1.{removed} and newer do not serve {ref.api_version} {ref.kind}{where}",
            field="apiVersion",
            hint=f"write it as {successor}",
            level=Level.ERROR if gone else None,
        )


def _old_fields(ref: ObjectReference, manifest: Node) -> Iterator[tuple[str, str]]:
    """Yield fields that have a successor, each with it."""
    path, pods = pod_template(manifest)
    places = {"": manifest, path: pods}
    for prefix, holder in places.items():
        for name in string_map(node(holder, "metadata").get("annotations")):
            if name in _ANNOTATIONS:
                at = f"{prefix}.metadata" if prefix else "metadata"
                yield f'{at}.annotations["{name}"]', _ANNOTATIONS[name]
    spec = node(pods, "spec")
    at = f"{path}.spec" if path else "spec"
    for name in string_map(spec.get("nodeSelector")):
        if name in _NODE_LABELS:
            yield f'{at}.nodeSelector["{name}"]', _NODE_LABELS[name]
    if text(spec, "serviceAccount") and not text(spec, "serviceAccountName"):
        yield f"{at}.serviceAccount", "serviceAccountName"
    if ref.kind == "Service" and text(manifest, "spec", "loadBalancerIP"):
        yield "spec.loadBalancerIP", "annotations of the cloud provider"
