"""What third-party kinds mean, as Karmada's own shipped Lua scripts say, told in Python.

Rules: pkg/resourceinterpreter/default/thirdparty/resourcecustomizations. A module holds one
project's kinds and is imported when the first object of that project is interpreted.
"""

from collections.abc import Mapping
from importlib import import_module

from armada_render.interpret.values import Rules

_MODULES = {
    "apps.kruise.io": "kruise",
    "argoproj.io": "argo",
    "batch.volcano.sh": "volcano",
    "flink.apache.org": "flink",
    "helm.toolkit.fluxcd.io": "flux",
    "kubeflow.org": "kubeflow",
    "kustomize.toolkit.fluxcd.io": "flux",
    "kyverno.io": "kyverno",
    "ray.io": "ray",
    "source.toolkit.fluxcd.io": "flux",
    "sparkoperator.k8s.io": "spark",
}


def rules(api_version: str, kind: str) -> Rules | None:
    """Return what Karmada knows of a kind, by exact group, version and kind; None when nothing."""
    module = _MODULES.get(api_version.partition("/")[0])
    if module is None:
        return None
    known: Mapping[tuple[str, str], Rules] = import_module(f"{__name__}.{module}").RULES
    return known.get((api_version, kind))
