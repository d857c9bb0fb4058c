"""Member clusters (`cluster.karmada.io/v1alpha1`), as an inventory in Git describes them."""

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from armada_render.errors import SourceLocation

QuantityText = str | int | float
"""A Kubernetes resource quantity as written; `model.quantity` knows its arithmetic."""


class Taint(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """A core/v1 taint of a cluster; `time_added` is RFC 3339."""

    key: str
    value: str = ""
    effect: str = ""
    time_added: str | None = None


class APIResource(Struct, frozen=True, rename="camel"):
    """One kind that a cluster serves."""

    kind: str
    name: str = ""


class APIEnablement(Struct, frozen=True, rename="camel"):
    """The kinds of one group and version that a cluster serves."""

    group_version: str
    resources: tuple[APIResource, ...] = ()


class ResourceModelRange(Struct, frozen=True, rename="camel"):
    """Limits of one resource within a grade; only `min` is used."""

    name: str
    min: QuantityText = 0
    max: QuantityText = 0


class ResourceModel(Struct, frozen=True, rename="camel"):
    """A node size ("grade") of the customised resource model."""

    grade: Annotated[int, Meta(ge=0)] = 0
    ranges: tuple[ResourceModelRange, ...] = ()


class AllocatableModeling(Struct, frozen=True, rename="camel"):
    """How many nodes of a grade are free."""

    grade: int = 0
    count: int = 0


class ResourceSummary(Struct, frozen=True, rename="camel", kw_only=True):
    """Capacity of a cluster by resource name."""

    allocatable: dict[str, QuantityText] = {}
    allocating: dict[str, QuantityText] = {}
    allocated: dict[str, QuantityText] = {}
    allocatable_modelings: tuple[AllocatableModeling, ...] = ()


class ClusterSpec(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """`spec` of a Cluster; access data is accepted and ignored."""

    id: str = ""
    sync_mode: str = ""
    api_endpoint: str = ""
    secret_ref: dict[str, Any] | None = None
    impersonator_secret_ref: dict[str, Any] | None = None
    insecure_skip_tls_verification: bool = field(default=False, name="insecureSkipTLSVerification")
    proxy_url: str = field(default="", name="proxyURL")
    proxy_header: dict[str, str] = {}
    provider: str = ""
    region: str = ""
    zone: str = ""
    zones: tuple[str, ...] = ()
    taints: tuple[Taint, ...] = ()
    resource_models: tuple[ResourceModel, ...] = ()


class ClusterStatus(Struct, frozen=True, rename="camel", kw_only=True):
    """What placement reads of a Cluster's status; None means that the inventory does not say."""

    kubernetes_version: str = ""
    api_enablements: tuple[APIEnablement, ...] | None = None
    resource_summary: ResourceSummary | None = None


class Cluster(Struct, frozen=True, kw_only=True):
    """A member cluster. `is_terminating` is a set `metadata.deletionTimestamp`."""

    name: str
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    is_terminating: bool = False
    spec: ClusterSpec = ClusterSpec()
    status: ClusterStatus = ClusterStatus()
    location: SourceLocation | None = None

    @property
    def zones(self) -> tuple[str, ...]:
        """`spec.zones`; a lone deprecated `spec.zone` counts as one (pkg/apis/cluster/mutation)."""
        if self.spec.zones or not self.spec.zone:
            return self.spec.zones
        return (self.spec.zone,)
