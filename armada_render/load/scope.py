"""Which kinds have no namespace.

An API server knows it; a Git path does not. Kubernetes' own kinds and those of widespread projects
are listed, CustomResourceDefinitions in the path say it of theirs, `armada.yaml` of the rest.
"""

from collections.abc import Iterable, Mapping
from typing import Any

CLUSTER_SCOPED = frozenset(
    {
        "/ComponentStatus",
        "/Namespace",
        "/Node",
        "/PersistentVolume",
        "admissionregistration.k8s.io/MutatingAdmissionPolicy",
        "admissionregistration.k8s.io/MutatingAdmissionPolicyBinding",
        "admissionregistration.k8s.io/MutatingWebhookConfiguration",
        "admissionregistration.k8s.io/ValidatingAdmissionPolicy",
        "admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding",
        "admissionregistration.k8s.io/ValidatingWebhookConfiguration",
        "apiextensions.k8s.io/CustomResourceDefinition",
        "apiregistration.k8s.io/APIService",
        "apps.kruise.io/SidecarSet",
        "argoproj.io/ClusterAnalysisTemplate",
        "argoproj.io/ClusterWorkflowTemplate",
        "cert-manager.io/ClusterIssuer",
        "certificates.k8s.io/CertificateSigningRequest",
        "certificates.k8s.io/ClusterTrustBundle",
        "cilium.io/CiliumClusterwideNetworkPolicy",
        "external-secrets.io/ClusterExternalSecret",
        "external-secrets.io/ClusterSecretStore",
        "flowcontrol.apiserver.k8s.io/FlowSchema",
        "flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration",
        "gateway.networking.k8s.io/GatewayClass",
        "karpenter.k8s.aws/EC2NodeClass",
        "karpenter.sh/NodePool",
        "kueue.x-k8s.io/ClusterQueue",
        "kueue.x-k8s.io/ResourceFlavor",
        "kueue.x-k8s.io/WorkloadPriorityClass",
        "kyverno.io/ClusterPolicy",
        "networking.k8s.io/IPAddress",
        "networking.k8s.io/IngressClass",
        "networking.k8s.io/ServiceCIDR",
        "node.k8s.io/RuntimeClass",
        "policy/PodSecurityPolicy",
        "rbac.authorization.k8s.io/ClusterRole",
        "rbac.authorization.k8s.io/ClusterRoleBinding",
        "resource.k8s.io/DeviceClass",
        "resource.k8s.io/ResourceSlice",
        "scheduling.k8s.io/PriorityClass",
        "snapshot.storage.k8s.io/VolumeSnapshotClass",
        "snapshot.storage.k8s.io/VolumeSnapshotContent",
        "storage.k8s.io/CSIDriver",
        "storage.k8s.io/CSINode",
        "storage.k8s.io/StorageClass",
        "storage.k8s.io/VolumeAttachment",
        "storage.k8s.io/VolumeAttributesClass",
    }
)


def group_kind(api_version: str, kind: str) -> str:
    """Return `group/Kind`, with an empty group for the core API."""
    group, slash, _ = api_version.rpartition("/")
    return f"{group if slash else ''}/{kind}"


def cluster_scoped(
    manifests: Iterable[Mapping[str, Any]], configured: Iterable[str]
) -> frozenset[str]:
    """Return the `group/Kind` of all kinds without a namespace, CRDs among `manifests` included."""
    named = set(configured)
    for manifest in manifests:
        if manifest.get("kind") != "CustomResourceDefinition":
            continue
        spec = manifest.get("spec")
        names = spec.get("names") if isinstance(spec, dict) else None
        if isinstance(spec, dict) and isinstance(names, dict) and spec.get("scope") == "Cluster":
            named.add(f"{spec.get('group')}/{names.get('kind')}")
    return CLUSTER_SCOPED | named
