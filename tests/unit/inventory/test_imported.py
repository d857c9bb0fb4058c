import base64
from typing import Any

import pytest

from armada_render.errors import InputError
from armada_render.inventory.imported import Survey, from_argocd, from_karmada, from_survey

KARMADA = {
    "apiVersion": "cluster.karmada.io/v1alpha1",
    "kind": "Cluster",
    "metadata": {
        "name": "one",
        "uid": "x",
        "labels": {"env": "stage"},
        "annotations": {"other": "x", "armada-render/argocd-destination-name": "first"},
    },
    "spec": {
        "id": "x",
        "syncMode": "Push",
        "apiEndpoint": "https://one",
        "proxyURL": "http://ada:s3cret@proxy",
        "proxyHeader": {"Authorization": "s3cret"},
        "secretRef": {"name": "s3cret"},
        "impersonatorSecretRef": {"name": "s3cret"},
        "region": "eu",
        "zones": [],
        "taints": [{"key": "a", "effect": "NoExecute"}],
    },
    "status": {
        "kubernetesVersion": "v1.34.1",
        "conditions": [{"type": "Ready"}],
        "nodeSummary": {"totalNum": 3},
        "apiEnablements": [{"groupVersion": "v1", "resources": []}],
        "resourceSummary": {"allocatable": {"cpu": "4"}},
    },
}


def test_clusters_of_karmada_leave_how_they_are_reached_behind() -> None:
    (one,) = from_karmada([{"kind": "ConfigMap"}, KARMADA])
    assert one.name == "one"
    assert one.labels == {"env": "stage"}
    assert one.annotations == {"armada-render/argocd-destination-name": "first"}
    assert one.spec == {
        "syncMode": "Push",
        "region": "eu",
        "taints": [{"key": "a", "effect": "NoExecute"}],
    }
    assert set(one.status) == {"kubernetesVersion", "apiEnablements", "resourceSummary"}
    assert "s3cret" not in repr(one)


def secret(name: str, **fields: Any) -> dict[str, Any]:
    data = {"name": name, "server": "https://one", "config": '{"bearerToken": "s3cret"}'}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": "cluster-one",
            "labels": {"argocd.argoproj.io/secret-type": "cluster", "env": "stage"},
            "annotations": {"argocd.argoproj.io/kubernetes-version": "1.34"},
        },
        "data": {key: base64.b64encode(text.encode()).decode() for key, text in data.items()},
        **fields,
    }


def test_secrets_of_argo_cd_give_names_and_labels() -> None:
    (one,) = from_argocd([secret("one"), {"kind": "Secret", "metadata": {"name": "other"}}])
    assert (one.name, one.labels, one.annotations) == ("one", {"env": "stage"}, {})
    assert one.status == {"kubernetesVersion": "v1.34"}
    assert "s3cret" not in repr(one)


def test_names_that_clusters_cannot_have_stay_known() -> None:
    (one,) = from_argocd([secret("https://One.example.com:6443/")])
    assert one.name == "one-example-com-6443"
    assert one.annotations == {
        "armada-render/argocd-destination-name": "https://One.example.com:6443/"
    }
    (plain,) = from_argocd([secret("x", stringData={"name": "Two"}, data={})])
    assert plain.name == "two"
    (unnamed,) = from_argocd([secret("x", data={})])
    assert unnamed.name == "cluster-one"
    with pytest.raises(InputError, match='"", as Argo CD has it, cannot be the name of a cluster'):
        from_argocd([secret("///")])
    with pytest.raises(InputError, match="name of the Secret cluster-one is not base64 of text"):
        from_argocd([secret("x", data={"name": "s3cret!"})])


def node(name: str, zone: str, *, provider: str = "aws:///x/i-1", **labels: str) -> dict[str, Any]:
    return {
        "metadata": {
            "name": name,
            "labels": {"topology.kubernetes.io/zone": zone, **labels},
        },
        "spec": {"providerID": provider},
        "status": {"allocatable": {"cpu": "3920m", "memory": "7Gi", "pods": "110"}},
    }


def pod(phase: str, node_name: str = "a", cpu: str = "500m") -> dict[str, Any]:
    container = {"name": "main", "resources": {"requests": {"cpu": cpu, "memory": "128Mi"}}}
    return {
        "spec": {"containers": [container], **({"nodeName": node_name} if node_name else {})},
        "status": {"phase": phase},
    }


def test_nodes_and_pods_give_capacity_as_karmada_counts_it() -> None:
    region = {"topology.kubernetes.io/region": "eu"}
    one = from_survey(
        "one",
        Survey(
            version="v1.34.1",
            nodes=[node("a", "eu-b", **region), node("b", "eu-a", **region)],
            pods=[pod("Running"), pod("Running"), pod("Succeeded"), pod("Pending", "")],
        ),
    )
    assert one.spec == {"provider": "aws", "region": "eu", "zones": ["eu-a", "eu-b"]}
    assert one.status["resourceSummary"] == {
        "allocatable": {"cpu": "7840m", "memory": "14Gi", "pods": "220"},
        "allocating": {"cpu": "500m", "memory": "128Mi", "pods": "1"},
        "allocated": {"cpu": "1", "memory": "256Mi", "pods": "2"},
    }
    assert one.status["kubernetesVersion"] == "v1.34.1"
    assert "apiEnablements" not in one.status


def test_nodes_that_disagree_leave_it_open() -> None:
    old = {"failure-domain.beta.kubernetes.io/region": "us"}
    new = {"topology.kubernetes.io/region": "eu"}
    nodes = [node("a", "", **old), node("b", "", provider="kind://x", **new)]
    one = from_survey("one", Survey(nodes=nodes))
    assert one.spec == {}
    assert one.notes == (
        "one: the nodes name more than one provider, which is left out",
        "one: the nodes name more than one region, which is left out",
    )


def test_what_is_not_known_is_not_there() -> None:
    one = from_survey("arn:aws:eks:eu-1:123:cluster/One", Survey(notes=("seen",)))
    assert (one.spec, one.status, one.notes) == ({}, {}, ("seen",))
    assert one.name == "arn-aws-eks-eu-1-123-cluster-one"


def test_subresources_are_no_kinds() -> None:
    lists: list[dict[str, Any]] = [
        {
            "groupVersion": "v1",
            "resources": [
                {"name": "pods/log", "kind": "Pod"},
                {"name": "services", "kind": "Service"},
                {"name": "pods", "kind": "Pod"},
            ],
        },
        {"groupVersion": "apps/v1", "resources": [{"name": "deployments", "kind": "Deployment"}]},
        {"groupVersion": "empty/v1", "resources": []},
    ]
    one = from_survey("one", Survey(apis=lists))
    assert one.status["apiEnablements"] == [
        {"groupVersion": "apps/v1", "resources": [{"kind": "Deployment", "name": "deployments"}]},
        {
            "groupVersion": "v1",
            "resources": [{"kind": "Pod", "name": "pods"}, {"kind": "Service", "name": "services"}],
        },
    ]


def test_quantities_that_are_none_are_refused() -> None:
    broken = {"status": {"allocatable": {"cpu": "lots"}}}
    with pytest.raises(InputError, match="cpu of a node is no resource quantity"):
        from_survey("one", Survey(nodes=[broken]))
