"""`armada.yaml`, the settings of one Git path."""

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta, Struct

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


class Config(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """The settings; every field is optional.

    `requires` are the versions of armada-render that may render this path, `ignore` holds globs
    as in `.gitignore`, `namespace` is where namespaced objects without one live,
    `cluster_scoped` names custom kinds that have no namespace (`group/Kind`),
    `strict_inventory` gives Karmada's view of clusters without status, `guard` limits what one
    change may remove, `retire` says where nothing is meant to be, `argocd` says that Argo CD
    applies the output, and how. `kubernetes_version` is that of clusters whose status does not
    say, for `lint` and `validate`.
    """

    api_version: Literal["armada-render/v1"] = "armada-render/v1"
    kind: Literal["Config"] = "Config"
    requires: str = ""
    ignore: tuple[str, ...] = ()
    namespace: str = "default"
    cluster_scoped: tuple[str, ...] = ()
    apps: AppGrouping = AppGrouping()
    output: OutputDefaults = OutputDefaults()
    strict_inventory: bool = False
    guard: GuardLimits = GuardLimits()
    retire: tuple[Retirement, ...] = ()
    argocd: ArgoCD | None = None
    kubernetes_version: Annotated[str, Meta(pattern=r"^(v?1\.[0-9]+(\..*)?)?$")] = ""
    lint: LintSettings = LintSettings()
