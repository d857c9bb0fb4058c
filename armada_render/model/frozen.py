"""Manifests of a copy that stays on a cluster while its workload moves away from it."""

from msgspec import Struct

from armada_render.errors import SourceLocation
from armada_render.model.resource import Manifest


class CopyKey(Struct, frozen=True, order=True):
    """Which copy: the cluster, and the binding by namespace ("" for none) and name."""

    cluster: str
    namespace: str
    binding: str


class FrozenCopy(Struct, frozen=True, kw_only=True, eq=False):
    """What a cluster held of a workload when it was evicted: the object, then what it needs."""

    key: CopyKey
    manifests: tuple[Manifest, ...]
    location: SourceLocation | None = None
