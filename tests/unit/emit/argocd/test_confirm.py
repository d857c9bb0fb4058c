from typing import Any

import pytest

from armada_render.emit.argocd.applied import as_applied
from armada_render.emit.argocd.confirm import lacks_confirmation
from armada_render.model.argocd import ArgoCD
from tests.support.argocd import thing, work

ANNOTATION = "argocd.argoproj.io/sync-options"


def _confirmed(kind: str, annotations: Any, namespace: str = "shop") -> Any:
    manifest = thing(kind, namespace=namespace, metadata={"annotations": annotations})
    result = as_applied({"eu-1": [work("web", manifest)]}, ArgoCD())
    return result["eu-1"][0].manifest["metadata"]["annotations"]


@pytest.mark.parametrize("kind", ["Namespace", "PersistentVolumeClaim", "CustomResourceDefinition"])
def test_what_takes_data_with_it_asks_first(kind: str) -> None:
    assert _confirmed(kind, {"a": "b"}) == {"a": "b", ANNOTATION: "Prune=confirm,Delete=confirm"}


def test_others_do_not() -> None:
    works = {"eu-1": [work("web", thing("ConfigMap")), work("web", thing("StatefulSet"))]}
    assert as_applied(works, ArgoCD())["eu-1"] is works["eu-1"]


@pytest.mark.parametrize(
    ("written", "result"),
    [
        ("Replace=true", "Replace=true,Prune=confirm,Delete=confirm"),
        ("Prune=false", "Prune=false,Delete=confirm"),
        ("Delete=false, Prune=true", "Delete=false, Prune=true"),
        ("PruneLast=true ,", "PruneLast=true,Prune=confirm,Delete=confirm"),
        ("", "Prune=confirm,Delete=confirm"),
        (None, "Prune=confirm,Delete=confirm"),
    ],
)
def test_what_the_manifest_says_itself_stays(written: str | None, result: str) -> None:
    assert _confirmed("Namespace", {ANNOTATION: written}) == {ANNOTATION: result}


def test_absent_annotations_are_made() -> None:
    assert _confirmed("Namespace", None) == {ANNOTATION: "Prune=confirm,Delete=confirm"}


@pytest.mark.parametrize("annotations", [["a"], "text", {ANNOTATION: ["Prune=false"]}])
def test_what_the_api_server_will_refuse_is_left_alone(annotations: object) -> None:
    assert _confirmed("Namespace", annotations) == annotations


def test_clusters_share_what_they_shared_and_inputs_stay() -> None:
    namespace, other = work("web", thing("Namespace")), work("web", thing("ConfigMap"))
    works = {"eu-1": [namespace, other], "eu-2": [namespace, other]}
    result = as_applied(works, ArgoCD())
    assert result["eu-1"][0] is result["eu-2"][0]
    assert result["eu-1"][1] is other
    assert "annotations" not in namespace.manifest["metadata"]


def test_a_confirmed_object_lacks_nothing() -> None:
    namespace = work("web", thing("Namespace"))
    assert lacks_confirmation(namespace)
    assert not lacks_confirmation(as_applied({"eu-1": [namespace]}, ArgoCD())["eu-1"][0])
    assert not lacks_confirmation(work("web", thing("ConfigMap")))


@pytest.mark.parametrize("settings", [None, ArgoCD(prune_confirmation=False)])
def test_manifests_stay_unless_the_settings_want_it(settings: ArgoCD | None) -> None:
    works = {"eu-1": [work("web", thing("Namespace"))]}
    assert as_applied(works, settings)["eu-1"] is works["eu-1"]
    assert as_applied(works, ArgoCD())["eu-1"][0] is not works["eu-1"][0]
