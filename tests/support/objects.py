"""Kubernetes and Karmada objects as plain data, as small as they can be."""

from collections.abc import Mapping, Sequence
from typing import Any

Object = dict[str, Any]


def cluster(name: str, *, labels: Mapping[str, str] | None = None, **spec: Any) -> Object:
    return {
        "apiVersion": "cluster.karmada.io/v1alpha1",
        "kind": "Cluster",
        "metadata": {"name": name, "labels": dict(labels or {})},
        "spec": {"syncMode": "Pull", **spec},
    }


def config_map(name: str, **metadata: Any) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, **metadata},
        "data": {"key": "value"},
    }


def deployment(name: str, replicas: int | None = 2, **metadata: Any) -> Object:
    spec: Object = {"template": {"spec": {"containers": [{"name": "main", "image": "nginx"}]}}}
    if replicas is not None:
        spec["replicas"] = replicas
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, **metadata},
        "spec": spec,
    }


def selector(kind: str, **fields: Any) -> Object:
    api_version = {"Deployment": "apps/v1", "ClusterRole": "rbac.authorization.k8s.io/v1"}
    return {"apiVersion": api_version.get(kind, "v1"), "kind": kind, **fields}


def policy(name: str, *selectors: Object, namespace: str = "default", **spec: Any) -> Object:
    """Return a PropagationPolicy, or a ClusterPropagationPolicy without a namespace."""
    return {
        "apiVersion": "policy.karmada.io/v1alpha1",
        "kind": "PropagationPolicy" if namespace else "ClusterPropagationPolicy",
        "metadata": {"name": name, **({"namespace": namespace} if namespace else {})},
        "spec": {"resourceSelectors": list(selectors or [selector("ConfigMap")]), **spec},
    }


def override(
    name: str, overriders: Object, *, namespace: str = "default", clusters: Sequence[str] = ()
) -> Object:
    """Return an override policy with one rule for everything, on some clusters or all."""
    rule: Object = {"overriders": overriders}
    if clusters:
        rule["targetCluster"] = {"clusterNames": list(clusters)}
    return {
        "apiVersion": "policy.karmada.io/v1alpha1",
        "kind": "OverridePolicy" if namespace else "ClusterOverridePolicy",
        "metadata": {"name": name, **({"namespace": namespace} if namespace else {})},
        "spec": {"overrideRules": [rule]},
    }
