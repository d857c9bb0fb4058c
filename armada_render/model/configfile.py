"""`armada.yaml` as it may be written: loaded where there is one, since it takes long to declare."""

from typing import Annotated, Literal

from msgspec import Meta

from armada_render.model import config
from armada_render.model.argocd import ArgoCD
from armada_render.model.config import AppGrouping, GuardLimits, OutputDefaults, Retirement
from armada_render.model.lint import LintSettings


class Config(config.Config, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
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
