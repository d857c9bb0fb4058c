"""The file of a new cluster, in the order and indentation of our documentation."""

from collections.abc import Mapping
from typing import Any

from armada_render.yamlio.handwriting import Style, block

API_VERSION = "cluster.karmada.io/v1alpha1"


def cluster_file(
    name: str,
    *,
    labels: Mapping[str, str],
    spec: Mapping[str, Any],
    annotations: Mapping[str, str] | None = None,
    status: Mapping[str, Any] | None = None,
) -> bytes:
    """Return the file of one Cluster; what is empty in `spec` is left out."""
    metadata: dict[str, Any] = {"name": name, "labels": dict(sorted(labels.items()))}
    if annotations:
        metadata["annotations"] = dict(sorted(annotations.items()))
    document: dict[str, Any] = {
        "apiVersion": API_VERSION,
        "kind": "Cluster",
        "metadata": metadata,
        "spec": {"syncMode": "Pull", **{key: value for key, value in spec.items() if value}},
    }
    if status:
        document["status"] = dict(status)
    return ("\n".join(block(document, 0, Style(is_compact=bool(status)))) + "\n").encode()
