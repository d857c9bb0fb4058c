"""What other deliveries left on objects does not travel on."""

from typing import Any

import pytest

from armada_render.emit.argocd.applied import as_applied
from tests.support.argocd import thing, work

TRACKING = "argocd.argoproj.io/tracking-id"
INSTANCE = "app.kubernetes.io/instance"


def _applied(**metadata: Any) -> Any:
    manifest = thing("Deployment", metadata=metadata)
    (found,) = as_applied({"eu-1": [work("web", manifest)]}, None)["eu-1"]
    return found.manifest["metadata"]


@pytest.mark.parametrize(
    "key",
    [
        TRACKING,
        "argocd.argoproj.io/installation-id",
        "kubectl.kubernetes.io/last-applied-configuration",
        "policy.karmada.io/applied-overrides",
        "policy.karmada.io/applied-cluster-overrides",
    ],
)
def test_annotations_of_other_deliveries_are_left_out(key: str) -> None:
    assert _applied(annotations={key: "x", "mine": "y"})["annotations"] == {"mine": "y"}
    assert "annotations" not in _applied(annotations={key: "x"})


def test_options_for_argo_cd_stay() -> None:
    annotations = {
        "argocd.argoproj.io/sync-wave": "1",
        "argocd.argoproj.io/sync-options": "Prune=false",
        "argocd.argoproj.io/hook": "PreSync",
    }
    assert _applied(annotations=annotations)["annotations"] == annotations


@pytest.mark.parametrize(
    ("instance", "tracking", "stays"),
    [
        ("web-one", "web-one:apps/Deployment:shop/web", False),
        ("web", "web-one:apps/Deployment:shop/web", True),
        ("web-one", None, True),
        ("web-one", 5, True),
    ],
)
def test_an_instance_label_that_repeats_the_tracking_goes(
    instance: str, tracking: object, *, stays: bool
) -> None:
    labels = {INSTANCE: instance, "app": "web"}
    found = _applied(labels=labels, annotations={TRACKING: tracking} if tracking else {"a": "b"})
    assert (INSTANCE in found["labels"]) is stays
    assert found["labels"]["app"] == "web"


def test_argo_cds_own_label_goes() -> None:
    assert "labels" not in _applied(labels={"argocd.argoproj.io/instance": "web-one"})


@pytest.mark.parametrize("odd", [["a"], "text", None, {}])
def test_what_the_api_server_will_refuse_is_left_alone(odd: object) -> None:
    assert _applied(annotations=odd, labels=odd) == {
        "name": "web",
        "namespace": "shop",
        "annotations": odd,
        "labels": odd,
    }


def test_what_has_no_traces_is_the_same_object() -> None:
    works = {"eu-1": (work("web", thing("Deployment")), work("web", thing("Namespace")))}
    assert as_applied(works, None)["eu-1"] is works["eu-1"]
