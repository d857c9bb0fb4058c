from typing import Any

import pytest

from armada_render.emit.argocd.autoscaling import autoscaled, ignored_replicas
from tests.support.argocd import thing, work

IGNORED = {
    "group": "apps",
    "jsonPointers": ["/spec/replicas"],
    "kind": "Deployment",
    "name": "web",
    "namespace": "shop",
}


def _ignored(autoscaler: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    bundle = [work("web", thing("Deployment")), work("web", thing("StatefulSet"))]
    return ignored_replicas(bundle, autoscaled([*bundle, work("scaling", autoscaler)]))


def _scaler(kind: str, namespace: str = "shop", /, **target: Any) -> dict[str, Any]:
    return thing(kind, "any", namespace, spec={"scaleTargetRef": target})


@pytest.mark.parametrize(
    "autoscaler",
    [
        _scaler("HorizontalPodAutoscaler", apiVersion="apps/v1", kind="Deployment", name="web"),
        _scaler("HorizontalPodAutoscaler", kind="Deployment", name="web"),
        _scaler("ScaledObject", name="web"),
        _scaler("ScaledObject", apiVersion="apps/v1", kind="Deployment", name="web"),
    ],
)
def test_the_replicas_belong_to_the_autoscaler(autoscaler: dict[str, Any]) -> None:
    assert _ignored(autoscaler) == (IGNORED,)


@pytest.mark.parametrize(
    "autoscaler",
    [
        thing("ConfigMap"),
        _scaler("HorizontalPodAutoscaler", "other", kind="Deployment", name="web"),
        _scaler("HorizontalPodAutoscaler", kind="Deployment", name="api"),
        _scaler("HorizontalPodAutoscaler", apiVersion="x.io/v1", kind="Deployment", name="web"),
        _scaler("HorizontalPodAutoscaler", name="web"),
        _scaler("ScaledObject", kind="Rollout", name="web"),
        thing("HorizontalPodAutoscaler", spec=None),
        thing("HorizontalPodAutoscaler", spec={"scaleTargetRef": "web"}),
        thing("HorizontalPodAutoscaler", spec={"scaleTargetRef": {"kind": 1, "name": "web"}}),
        {**thing("HorizontalPodAutoscaler"), "apiVersion": "v1"},
    ],
)
def test_they_do_not(autoscaler: dict[str, Any]) -> None:
    assert _ignored(autoscaler) == ()
