"""Argo CD's Applications, cut down to what failover reads of them. Pure.

An Application of 10,000 may hold a megabyte of status. Decoding skips what is not named here, and
equal keys of resources are one object, so that what is kept of each is a few kilobytes.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from sys import intern

import msgspec
from msgspec import Struct

COMPARISON_ERROR, UNKNOWN_ERROR = "ComparisonError", "UnknownError"
_SPEC_ERROR = "InvalidSpecError"
_BLINDING = frozenset((COMPARISON_ERROR, UNKNOWN_ERROR, _SPEC_ERROR))
EMPTY = "lists no resources"
SKIP_RECONCILE = "argocd.argoproj.io/skip-reconcile"
_MESSAGE = 300


class _Metadata(Struct, frozen=True, rename="camel", gc=False):
    name: str = ""
    namespace: str = ""
    resource_version: str = ""
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}


class _Destination(Struct, frozen=True, rename="camel", gc=False):
    name: str = ""
    server: str = ""


class _Spec(Struct, frozen=True, rename="camel", gc=False):
    destination: _Destination = _Destination()


class _Health(Struct, frozen=True, rename="camel", gc=False):
    status: str = ""
    message: str = ""
    last_transition_time: str | None = None


class _Resource(Struct, frozen=True, rename="camel", gc=False):
    group: str = ""
    kind: str = ""
    namespace: str = ""
    name: str = ""
    status: str = ""
    health: _Health | None = None
    hook: bool = False


class _Sync(Struct, frozen=True, rename="camel", gc=False):
    status: str = ""
    revision: str = ""


class _Condition(Struct, frozen=True, rename="camel", gc=False):
    type: str = ""
    message: str = ""


class _Operation(Struct, frozen=True, rename="camel", gc=False):
    phase: str = ""
    finished_at: str | None = None


class _Status(Struct, frozen=True, rename="camel", gc=False):
    sync: _Sync = _Sync()
    health: _Health = _Health()
    resource_health_source: str = ""
    conditions: list[_Condition] | None = None
    resources: list[_Resource] | None = None
    operation_state: _Operation | None = None
    reconciled_at: str | None = None


class _Object(Struct, frozen=True, rename="camel", gc=False):
    metadata: _Metadata = _Metadata()
    spec: _Spec = _Spec()
    status: _Status = _Status()


class ListMetadata(Struct, frozen=True, rename="camel", gc=False):
    """`metadata` of a list: where to watch from, and how to go on."""

    resource_version: str = ""
    continue_: str = msgspec.field(default="", name="continue")


class _Page(Struct, frozen=True, rename="camel", gc=False):
    metadata: ListMetadata = ListMetadata()
    items: list[_Object] = []


class ResourceKey(Struct, frozen=True, order=True):
    """Which object Argo CD speaks of; its version is the cluster's, not that of Git."""

    group: str
    kind: str
    namespace: str
    name: str


class ResourceFact(Struct, frozen=True, gc=False):
    """What Argo CD says of one object: sync `status`, and health ("" when it says nothing)."""

    key: ResourceKey
    status: str
    health: str = ""
    message: str = ""


class Application(Struct, frozen=True, kw_only=True, gc=False):
    """What is kept of an Application. Times are None when Argo CD has not said.

    `has_resource_health` tells whether the absence of an object's health means anything: by
    default Argo CD keeps it out of Applications (controller.resource.health.persist).
    `blind` is why what it says about the cluster counts for nothing, "" when it counts.
    """

    name: str
    namespace: str
    labels: Mapping[str, str]
    destination_name: str
    destination_server: str
    sync: str
    revision: str
    health: str
    has_resource_health: bool
    blind: str
    resources: tuple[ResourceFact, ...]
    reconciled_at: datetime | None
    health_changed_at: datetime | None
    synced_at: datetime | None

    @property
    def key(self) -> str:
        """Namespace and name."""
        return f"{self.namespace}/{self.name}"


class Decoder:
    """Decodes pages and events. Of equal resource keys it hands out one; not for two threads."""

    def __init__(self) -> None:
        self._page = msgspec.json.Decoder(_Page)
        self._object = msgspec.json.Decoder(_Object)
        self._keys: dict[ResourceKey, ResourceKey] = {}

    def page(self, data: bytes) -> tuple[list[tuple[Application, str]], ListMetadata]:
        """Return the Applications of a page with their versions; `DecodeError` if it is none."""
        page = self._page.decode(data)
        found = [(self._kept(item), item.metadata.resource_version) for item in page.items]
        return found, page.metadata

    def one(self, data: bytes | msgspec.Raw) -> tuple[Application, str]:
        """Return an Application and its version."""
        item = self._object.decode(data)
        return self._kept(item), item.metadata.resource_version

    def forget_keys(self) -> None:
        """Let go of keys that no Application may hold any more."""
        self._keys = {}

    def _kept(self, item: _Object) -> Application:
        metadata, status, destination = item.metadata, item.status, item.spec.destination
        operation = status.operation_state
        succeeded = operation is not None and operation.phase == "Succeeded"
        return Application(
            name=metadata.name,
            namespace=intern(metadata.namespace),
            labels={
                intern(key): intern(value)
                for key, value in metadata.labels.items()
                if key.startswith("armada-render/")
            },
            destination_name=intern(destination.name),
            destination_server=intern(destination.server),
            sync=intern(status.sync.status),
            revision=intern(status.sync.revision),
            health=intern(status.health.status),
            has_resource_health=status.resource_health_source != "appTree",
            blind=_blind(item),
            resources=tuple(self._fact(one) for one in status.resources or () if not one.hook),
            reconciled_at=time_of(status.reconciled_at),
            health_changed_at=time_of(status.health.last_transition_time),
            synced_at=time_of(operation.finished_at) if operation and succeeded else None,
        )

    def _fact(self, one: _Resource) -> ResourceFact:
        key = ResourceKey(
            intern(one.group), intern(one.kind), intern(one.namespace), intern(one.name)
        )
        key = self._keys.setdefault(key, key)
        health = one.health
        if health is None:
            return ResourceFact(key, intern(one.status))
        return ResourceFact(
            key, intern(one.status), intern(health.status), health.message[:_MESSAGE]
        )


def _blind(item: _Object) -> str:
    """Return why this Application says nothing about its cluster (argocd.md 3.15)."""
    for condition in item.status.conditions or ():
        if condition.type in _BLINDING:
            return f"{condition.type}: {condition.message[:_MESSAGE]}"
    if item.metadata.annotations.get(SKIP_RECONCILE) == "true":
        return f"annotated {SKIP_RECONCILE}"
    if item.status.sync.status not in {"Synced", "OutOfSync"}:
        return f"sync status {item.status.sync.status or 'not set'}"
    if not item.status.resources:
        return EMPTY
    return ""


def time_of(text: str | None) -> datetime | None:
    """Return an RFC 3339 time in UTC, None for what is none."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
