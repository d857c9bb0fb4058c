"""What is shipped for the controller: an API server takes it, and it grants no more than needed."""

from typing import Any

import pytest
import yaml
from kubernetes_validate import validate  # type: ignore[import-untyped]  # it has no types

from tests.support.apiserver import APIServer, RefusedError, eventually
from tests.support.world import APPLICATIONS, CONTROLLER, INSTALL, LEASES, SECRETS, shipped

pytestmark = pytest.mark.long

_PLURALS = {
    "Deployment": ("/apis/apps/v1", "deployments"),
    "NetworkPolicy": ("/apis/networking.k8s.io/v1", "networkpolicies"),
    "Service": ("/api/v1", "services"),
    "ServiceAccount": ("/api/v1", "serviceaccounts"),
    "Role": ("/apis/rbac.authorization.k8s.io/v1", "roles"),
    "RoleBinding": ("/apis/rbac.authorization.k8s.io/v1", "rolebindings"),
    # The API server of the suite is of a version that knows this kind as v1beta1.
    "PodDisruptionBudget": ("/apis/policy/v1beta1", "poddisruptionbudgets"),
    "PrometheusRule": ("/apis/monitoring.coreos.com/v1", "prometheusrules"),
}


def _documents() -> list[dict[str, Any]]:
    listed = yaml.safe_load((INSTALL / "kustomization.yaml").read_text())["resources"]
    files = {file.name for file in INSTALL.glob("*.yaml")} - {"kustomization.yaml"}
    assert files == set(listed)
    return [
        document
        for name in listed
        for document in yaml.safe_load_all((INSTALL / name).read_text())
        if document
    ]


@pytest.fixture(scope="module")
def rules(host: APIServer) -> None:
    """Let the API server know PrometheusRules, whose operator is not here."""
    string = {"type": "string"}
    rule = {
        "type": "object",
        "required": ["alert", "expr"],
        "properties": {
            "alert": string,
            "expr": string,
            "for": {"type": "string", "pattern": "^[0-9]+(s|m|h|d)$"},
            "labels": {"type": "object", "additionalProperties": string},
            "annotations": {"type": "object", "additionalProperties": string},
        },
    }
    group = {
        "type": "object",
        "required": ["name", "rules"],
        "properties": {"name": string, "rules": {"type": "array", "items": rule}},
    }
    spec = {"type": "object", "properties": {"groups": {"type": "array", "items": group}}}
    schema = {"type": "object", "required": ["spec"], "properties": {"spec": spec}}
    host.ask(
        "POST",
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": "prometheusrules.monitoring.coreos.com"},
            "spec": {
                "group": "monitoring.coreos.com",
                "scope": "Namespaced",
                "names": {"kind": "PrometheusRule", "plural": "prometheusrules"},
                "versions": [
                    {
                        "name": "v1",
                        "served": True,
                        "storage": True,
                        "schema": {"openAPIV3Schema": schema},
                    }
                ],
            },
        },
    )

    def served() -> bool:
        try:
            host.ask("GET", "/apis/monitoring.coreos.com/v1/namespaces/argocd/prometheusrules")
        except RefusedError:
            return False
        return True

    eventually("PrometheusRules are served", served)


@pytest.mark.parametrize(
    "document", _documents(), ids=lambda one: f"{one['kind']}/{one['metadata']['name']}"
)
def test_an_api_server_takes_it(host: APIServer, rules: None, document: dict[str, Any]) -> None:
    del rules
    base, plural = _PLURALS[document["kind"]]
    assert document["metadata"]["namespace"] == "argocd"
    body = document
    if document["kind"] == "PodDisruptionBudget":
        body = {**document, "apiVersion": "policy/v1beta1"}
    path = f"{base}/namespaces/argocd/{plural}/{document['metadata']['name']}"
    query = "?fieldManager=test&force=true&dryRun=All"
    answer = host.ask("PATCH", path + query, body, patch="apply")
    assert answer["kind"] == document["kind"]
    # Nothing was dropped on the way: a field that is misspelt would be.
    spec = document.get("spec", {})
    assert spec.keys() <= answer.get("spec", spec).keys()


@pytest.mark.parametrize(
    "document",
    [one for one in _documents() if one["kind"] != "PrometheusRule"],
    ids=lambda one: f"{one['kind']}/{one['metadata']['name']}",
)
def test_it_is_as_a_current_kubernetes_wants_it(document: dict[str, Any]) -> None:
    validate(document, "1.33", strict=True)


def _may(host: APIServer, method: str, path: str, body: Any = None) -> bool:
    try:
        host.ask(method, path, body, token=CONTROLLER)
    except RefusedError as error:
        return error.status != 403
    return True


def test_its_rights_are_what_it_uses_and_nothing_more(host: APIServer) -> None:
    assert _may(host, "GET", APPLICATIONS)
    assert _may(host, "GET", f"{APPLICATIONS}?watch=true&timeoutSeconds=1")
    assert _may(host, "GET", SECRETS)
    assert _may(host, "GET", f"{LEASES}/armada-render-controller")

    assert not _may(host, "GET", f"{APPLICATIONS}/any")
    assert not _may(host, "PATCH", f"{APPLICATIONS}/any", {})
    assert not _may(host, "DELETE", f"{APPLICATIONS}/any")
    assert not _may(host, "GET", f"{SECRETS}/any")
    assert not _may(host, "GET", "/api/v1/namespaces/default/secrets")
    assert not _may(host, "GET", f"{LEASES}/another")
    assert not _may(host, "GET", LEASES)
    assert not _may(host, "DELETE", f"{LEASES}/armada-render-controller")
    assert not _may(host, "GET", "/api/v1/namespaces/argocd/pods")
    verbs = {verb for role in shipped("Role") for rule in role["rules"] for verb in rule["verbs"]}
    assert verbs == {"list", "watch", "create", "get", "update"}


def test_the_pod_can_do_no_harm() -> None:
    (deployment,) = shipped("Deployment")
    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert container["securityContext"] == {
        "readOnlyRootFilesystem": True,
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
    }
    assert "--dry-run" in container["args"]
    assert container["resources"]["limits"]["memory"]
    mounted = {mount["mountPath"] for mount in container["volumeMounts"]}
    for argument in container["args"]:
        _, _, value = argument.partition("=")
        if value.startswith("/"):
            assert any(value.startswith(path) for path in mounted), argument
