import pytest

from armada_render.errors import InputError
from armada_render.explain.find import find, parse
from armada_render.load import from_objects
from armada_render.model.resource import ObjectReference
from armada_render.pipeline import render


def manifest(api_version: str, kind: str, namespace: str, name: str) -> dict[str, object]:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata}


FLEET = from_objects(
    [
        manifest("apps/v1", "Deployment", "shop", "web"),
        manifest("v1", "Service", "shop", "web"),
        manifest("v1", "Service", "prod", "web"),
        manifest("v1", "Namespace", "", "shop"),
        manifest("networking.k8s.io/v1", "NetworkPolicy", "shop", "deny"),
        manifest("networking.k8s.io/v1", "Ingress", "shop", "web"),
        manifest("networking.istio.io/v1", "Gateway", "shop", "edge"),
        manifest("gateway.networking.k8s.io/v1", "Gateway", "shop", "edge"),
        manifest("policy.karmada.io/v1alpha1", "PropagationPolicy", "shop", "web"),
    ]
)
RENDERING = render(FLEET)


def found(text: str, namespace: str | None = None) -> ObjectReference:
    return find(parse(text, namespace), FLEET, RENDERING)


@pytest.mark.parametrize(
    "text",
    [
        "deployment/web",
        "Deployments/web",
        "deploy/web",
        "deployment.apps/web",
        "Deployment/shop/web",
        "apps/v1/Deployment/shop/web",
    ],
)
def test_a_kind_has_all_the_names_that_kubectl_knows(text: str) -> None:
    assert str(found(text)) == "apps/v1/Deployment/shop/web"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("netpol/deny", "NetworkPolicy"),
        ("networkpolicies/deny", "NetworkPolicy"),
        ("ingresses/web", "Ingress"),
        ("ns/shop", "Namespace"),
        ("v1/Namespace//shop", "Namespace"),
        ("pp/web", "PropagationPolicy"),
    ],
)
def test_plurals_and_short_names_are_known(text: str, kind: str) -> None:
    assert found(text).kind == kind


def test_several_namespaces_are_listed() -> None:
    with pytest.raises(InputError) as caught:
        found("svc/web")
    (problem,) = caught.value.problems
    assert problem.message == "svc/web may be any of v1/Service/prod/web and v1/Service/shop/web"
    assert problem.hint == "say which with -n NAMESPACE"
    assert found("svc/web", "prod").namespace == "prod"


def test_several_api_groups_are_listed() -> None:
    with pytest.raises(InputError) as caught:
        found("gateway/edge")
    assert "gateway.gateway.networking.k8s.io/edge" in caught.value.problems[0].hint
    assert found("gateways.networking.istio.io/edge").api_version == "networking.istio.io/v1"


@pytest.mark.parametrize(
    ("text", "namespace", "hint"),
    [
        ("deploy/wbe", None, "did you mean apps/v1/Deployment/shop/web?"),
        ("deploy/web", "prod", "there is apps/v1/Deployment/shop/web"),
        ("cluster/web", None, "`armada-render clusters list` shows clusters"),
        ("zebra/quux", None, "`armada-render render -o table` lists them"),
    ],
)
def test_an_unknown_name_has_a_hint(text: str, namespace: str | None, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        found(text, namespace)
    assert hint in caught.value.problems[0].hint


@pytest.mark.parametrize("text", ["web", "deploy/", "/web", "a/b/c/d/e/f"])
def test_what_names_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"KIND/NAME|begin with a kind"):
        parse(text, None)


def test_two_different_namespaces_are_refused() -> None:
    with pytest.raises(ValueError, match="names the namespace shop"):
        parse("Deployment/shop/web", "prod")
