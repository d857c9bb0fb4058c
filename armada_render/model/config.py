"""The settings of one Git path, with what holds without `armada.yaml`; `configfile` decodes it."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated  # noqa: TID251 - not against cycles: a fast start

from msgspec import Meta, Struct

if TYPE_CHECKING:
    from armada_render.model.argocd import ArgoCD
    from armada_render.model.lint import LintSettings

CONFIG_NAME = "armada.yaml"


class OutputFormat(StrEnum):
    """What `render -o` prints or writes."""

    TREE = "tree"
    STREAM = "stream"
    JSONL = "jsonl"
    JSON = "json"
    TABLE = "table"
    MERMAID = "mermaid"
    DOT = "dot"
    APPLICATIONSET = "applicationset"


class Layout(StrEnum):
    """How a tree is cut into files."""

    BUNDLE = "bundle"
    FILES = "files"


class AppGrouping(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """How objects are grouped into apps: by `label`, else by their first directory level."""

    label: str = ""


class OutputDefaults(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Defaults of `render`; the command line wins."""

    format: OutputFormat | None = None
    directory: str = ""
    layout: Layout = Layout.BUNDLE


class Retirement(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """Where nothing is meant to be any more: `app` on `cluster`; "" is every app, every cluster."""

    cluster: str = ""
    app: str = ""

    def covers(self, cluster: str, app: str) -> bool:
        """Tell whether `app` is taken off `cluster`."""
        return self.cluster in ("", cluster) and self.app in ("", app)


class GuardLimits(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """What one change may remove without an acknowledgement.

    `max_removed_percent` is the share of the objects of an app on a cluster, of a cluster, and of
    all clusters; one object may always go. `max_emptied_clusters` may lose everything at once,
    if all of it runs elsewhere.
    """

    max_removed_percent: Annotated[int, Meta(ge=0, le=100)] = 20
    max_emptied_clusters: Annotated[int, Meta(ge=0)] = 1


class Config(Struct, frozen=True, kw_only=True):
    """The settings, which `configfile.Config` describes; `lint` None is without any."""

    api_version: str = "armada-render/v1"
    kind: str = "Config"
    requires: str = ""
    ignore: tuple[str, ...] = ()
    namespace: str = "default"
    cluster_scoped: tuple[str, ...] = ()
    apps: AppGrouping = AppGrouping()
    output: OutputDefaults = OutputDefaults()
    strict_inventory: bool = False
    guard: GuardLimits = GuardLimits()
    retire: tuple[Retirement, ...] = ()
    argocd: "ArgoCD | None" = None
    kubernetes_version: str = ""
    lint: "LintSettings | None" = None
