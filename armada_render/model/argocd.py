"""How Argo CD delivers what is rendered: the `argocd` section of `armada.yaml`."""

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta, Struct, field


class DeliveryMode(StrEnum):
    """What the Applications point at: a committed tree, or the fleet itself through the plugin."""

    DIRECTORY = "directory"
    PLUGIN = "plugin"


class ApplicationsSync(StrEnum):
    """What the ApplicationSet controller may do to Applications (argocd.md 3.6)."""

    CREATE_ONLY = "create-only"
    CREATE_UPDATE = "create-update"
    CREATE_DELETE = "create-delete"
    SYNC = "sync"

    @property
    def deletes(self) -> bool:
        """Whether an Application goes when its row does."""
        return self in (ApplicationsSync.CREATE_DELETE, ApplicationsSync.SYNC)


class SyncProfile(StrEnum):
    """`cautious` asks a person before anything is pruned."""

    STANDARD = "standard"
    CAUTIOUS = "cautious"


class Destination(Struct, frozen=True, order=True, rename="camel", forbid_unknown_fields=True):
    """A cluster as Argo CD knows it: by `name` or by the URL of its API `server`, never both."""

    name: str = ""
    server: str = ""


class MatchExpression(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A condition on a label of an Application; Argo CD knows these two operators here."""

    key: str
    operator: Literal["In", "NotIn"]
    values: Annotated[tuple[str, ...], Meta(min_length=1)]


class RollingStep(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Applications that sync together; `max_update` is a number or a percentage of them."""

    match_expressions: tuple[MatchExpression, ...] = ()
    max_update: int | str | None = None


class RollingSync(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Steps of a progressive sync."""

    steps: Annotated[tuple[RollingStep, ...], Meta(min_length=1)]


class AllowedResources(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What the AppProject allows beyond what the bundles hold: `group/Kind`, and namespaces."""

    kinds: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()


class ArgoCD(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """The settings; every field is optional here, the command line wins.

    `path` is where the bundles (or, for the plugin, the rendered root) stand in the repository,
    None the default of the mode. `destinations` maps clusters of the inventory to Argo CD's.
    `prune_confirmation`: Namespaces, CRDs and PVCs in trees and streams ask before they go.
    """

    mode: DeliveryMode = DeliveryMode.DIRECTORY
    repo_url: str = field(default="", name="repoURL")
    revision: str = ""
    path: str | None = None
    project: str = "armada-render"
    namespace: str = "argocd"
    destinations: dict[str, Destination] = {}
    allow: AllowedResources = AllowedResources()
    applications_sync: ApplicationsSync = ApplicationsSync.CREATE_UPDATE
    preserve_resources_on_deletion: bool = True
    rolling_sync: RollingSync | None = None
    sync_profile: SyncProfile = SyncProfile.STANDARD
    prune_confirmation: bool = True
