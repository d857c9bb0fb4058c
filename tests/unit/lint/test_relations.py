"""Which objects are seen to belong together: by name, by selector, by kind."""

from typing import Any

import pytest

from armada_render.interpret import Interpreter
from armada_render.lint.relations import Relation, relations
from armada_render.load import from_objects

Object = dict[str, Any]


def _object(kind: str, name: str = "x", api: str = "v1", **fields: Any) -> Object:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name}, **fields}


def _workload(
    name: str = "web", api: str = "apps/v1", kind: str = "Deployment", **pod: Any
) -> Object:
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [], **pod}}
    return _object(kind, name, api, spec={"template": template})


def _found(*objects: Object) -> set[tuple[str, str, str]]:
    """Return source, target and what they are to each other."""
    return {
        (f"{one.source.kind}/{one.source.name}", f"{target.kind}/{target.name}", _bond(one))
        for one in relations(from_objects(objects).templates, Interpreter())
        for target in one.targets
    }


def _bond(one: Relation) -> str:
    words = {"needs": one.needs, "serves": one.serves, "follows": one.follows}
    return " ".join(word for word, holds in words.items() if holds)


SERVICE = _object("Service", "web", spec={"selector": {"app": "web"}})
BACKEND = {"service": {"name": "web", "port": {"number": 80}}}
ISTIO = "networking.istio.io/v1"
RBAC = "rbac.authorization.k8s.io/v1"
GATEWAY = "gateway.networking.k8s.io/v1"
SCALED = {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}}
SELECTS_WEB = {"matchLabels": {"app": "web"}}

CASES: dict[str, tuple[Object, Object, str]] = {
    "a Service and what it selects": (SERVICE, _workload(), "serves"),
    "a Service and the pods of a kind nobody knows": (
        SERVICE,
        _workload(api="example.io/v1", kind="Farm"),
        "serves",
    ),
    "an HPA": (
        _object("HorizontalPodAutoscaler", api="autoscaling/v2", spec=SCALED),
        _workload(),
        "serves",
    ),
    "KEDA, whose kind has a default": (
        _object("ScaledObject", api="keda.sh/v1alpha1", spec={"scaleTargetRef": {"name": "web"}}),
        _workload(),
        "serves",
    ),
    "a disruption budget": (
        _object("PodDisruptionBudget", api="policy/v1", spec={"selector": SELECTS_WEB}),
        _workload(),
        "serves",
    ),
    "a network policy": (
        _object("NetworkPolicy", api="networking.k8s.io/v1", spec={"podSelector": SELECTS_WEB}),
        _workload(),
        "serves",
    ),
    "a network policy by expression": (
        _object(
            "NetworkPolicy",
            api="networking.k8s.io/v1",
            spec={"podSelector": {"matchExpressions": [{"key": "app", "operator": "Exists"}]}},
        ),
        _workload(),
        "serves",
    ),
    "an Ingress": (
        _object(
            "Ingress",
            api="networking.k8s.io/v1",
            spec={"rules": [{"http": {"paths": [{"backend": BACKEND}]}}]},
        ),
        SERVICE,
        "needs serves",
    ),
    "an Ingress and its certificate": (
        _object("Ingress", api="networking.k8s.io/v1", spec={"tls": [{"secretName": "tls"}]}),
        _object("Secret", "tls"),
        "needs follows",
    ),
    "an HTTPRoute and its Gateway": (
        _object("HTTPRoute", api=GATEWAY, spec={"parentRefs": [{"name": "edge"}]}),
        _object("Gateway", "edge", GATEWAY),
        "needs",
    ),
    "an HTTPRoute and its Service": (
        _object("HTTPRoute", api=GATEWAY, spec={"rules": [{"backendRefs": [{"name": "web"}]}]}),
        SERVICE,
        "needs serves",
    ),
    "a VirtualService by its full host": (
        _object(
            "VirtualService",
            api=ISTIO,
            spec={
                "http": [{"route": [{"destination": {"host": "web.default.svc.cluster.local"}}]}]
            },
        ),
        SERVICE,
        "needs serves",
    ),
    "a VirtualService of an older version by a short host": (
        _object(
            "VirtualService",
            api="networking.istio.io/v1beta1",
            spec={"tcp": [{"route": [{"destination": {"host": "web"}}]}]},
        ),
        SERVICE,
        "needs serves",
    ),
    "a VirtualService and its Gateway": (
        _object("VirtualService", api=ISTIO, spec={"gateways": ["mesh", "default/edge"]}),
        _object("Gateway", "edge", ISTIO),
        "needs",
    ),
    "a DestinationRule": (
        _object("DestinationRule", api=ISTIO, spec={"host": "web.default"}),
        SERVICE,
        "serves",
    ),
    "a StatefulSet and its governing Service": (
        _object("StatefulSet", "db", "apps/v1", spec={"serviceName": "web"}),
        SERVICE,
        "needs",
    ),
    "a Rollout and its Service": (
        _object(
            "Rollout",
            api="argoproj.io/v1alpha1",
            spec={"strategy": {"blueGreen": {"activeService": "web"}}},
        ),
        SERVICE,
        "needs",
    ),
    "a Rollout and the Deployment that describes its pods": (
        _object(
            "Rollout",
            api="argoproj.io/v1alpha1",
            spec={"workloadRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}},
        ),
        _workload(),
        "needs",
    ),
    "a Rollout and its route": (
        _object(
            "Rollout",
            api="argoproj.io/v1alpha1",
            spec={
                "strategy": {
                    "canary": {"trafficRouting": {"istio": {"virtualServices": [{"name": "web"}]}}}
                }
            },
        ),
        _object("VirtualService", "web", ISTIO),
        "needs",
    ),
    "a Deployment and its ConfigMap": (
        _workload(volumes=[{"name": "v", "configMap": {"name": "settings"}}]),
        _object("ConfigMap", "settings"),
        "needs follows",
    ),
    "pods of a kind nobody knows and their Secret": (
        _workload(api="example.io/v1", kind="Farm", imagePullSecrets=[{"name": "pull"}]),
        _object("Secret", "pull"),
        "needs",
    ),
    "a Deployment and what makes its Secret": (
        _workload(imagePullSecrets=[{"name": "pull"}]),
        _object("ExternalSecret", "p", "external-secrets.io/v1", spec={"target": {"name": "pull"}}),
        "needs follows",
    ),
    "a priority class": (
        _workload(priorityClassName="high"),
        _object("PriorityClass", "high", "scheduling.k8s.io/v1"),
        "needs",
    ),
    "a RoleBinding and its Role": (
        _object("RoleBinding", api=RBAC, roleRef={"kind": "Role", "name": "reader"}),
        _object("Role", "reader", RBAC),
        "needs",
    ),
    "a RoleBinding and its ServiceAccount": (
        _object("RoleBinding", api=RBAC, subjects=[{"kind": "ServiceAccount", "name": "web"}]),
        _object("ServiceAccount", "web"),
        "serves",
    ),
    "a claim and its class": (
        _object("PersistentVolumeClaim", spec={"storageClassName": "fast"}),
        _object("StorageClass", "fast", "storage.k8s.io/v1"),
        "needs",
    ),
    "an object and its definition": (
        _object("Farm", api="example.io/v1"),
        _object(
            "CustomResourceDefinition",
            "farms.example.io",
            "apiextensions.k8s.io/v1",
            spec={"group": "example.io", "names": {"kind": "Farm"}},
        ),
        "needs",
    ),
    "a ServiceMonitor": (
        _object("ServiceMonitor", api="monitoring.coreos.com/v1", spec={"selector": SELECTS_WEB}),
        _object("Service", "web", metadata={"name": "web", "labels": {"app": "web"}}),
        "serves",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_related(case: str) -> None:
    source, target, bond = CASES[case]
    names = [f"{one['kind']}/{one['metadata']['name']}" for one in (source, target)]
    assert (*names, bond) in _found(source, target)


def test_what_is_not_in_git_is_no_relation() -> None:
    assert _found(_workload(imagePullSecrets=[{"name": "pull"}]), SERVICE | {"spec": {}}) == set()


@pytest.mark.parametrize(
    ("pod", "count"),
    [
        ({"volumes": [{"name": "v", "configMap": {"name": "x", "optional": True}}]}, 0),
        ({"volumes": [{"name": "v", "configMap": {"name": "x", "optional": False}}]}, 1),
        (
            {
                "volumes": [{"name": "v", "configMap": {"name": "x", "optional": True}}],
                "containers": [{"envFrom": [{"configMapRef": {"name": "x"}}]}],
            },
            1,
        ),
        ({"containers": [{"envFrom": [{"configMapRef": {"name": "x", "optional": True}}]}]}, 0),
        (
            {
                "containers": [
                    {"env": [{"valueFrom": {"configMapKeyRef": {"name": "x", "optional": True}}}]}
                ]
            },
            0,
        ),
        (
            {
                "volumes": [
                    {"projected": {"sources": [{"configMap": {"name": "x", "optional": True}}]}}
                ]
            },
            0,
        ),
    ],
)
@pytest.mark.parametrize(("api", "kind"), [("apps/v1", "Deployment"), ("example.io/v1", "Farm")])
def test_what_pods_can_do_without_is_no_need(pod: Object, count: int, api: str, kind: str) -> None:
    assert len(_found(_workload(api=api, kind=kind, **pod), _object("ConfigMap"))) == count


def test_another_namespace_is_another_thing() -> None:
    far = _workload()
    far["metadata"]["namespace"] = "far"
    assert _found(SERVICE, far) == set()


def test_an_empty_selector_is_about_a_namespace() -> None:
    policy = _object("NetworkPolicy", api="networking.k8s.io/v1", spec={"podSelector": {}})
    assert _found(policy, _workload()) == set()


@pytest.mark.parametrize("odd", [None, 7, "text", [], [None], {}, {"rules": 7}, {"rules": [7]}])
@pytest.mark.parametrize(
    ("api", "kind"),
    [
        ("v1", "Service"),
        ("apps/v1", "StatefulSet"),
        ("argoproj.io/v1alpha1", "Rollout"),
        ("autoscaling/v2", "HorizontalPodAutoscaler"),
        ("gateway.networking.k8s.io/v1", "Gateway"),
        ("gateway.networking.k8s.io/v1", "HTTPRoute"),
        ("monitoring.coreos.com/v1", "ServiceMonitor"),
        ("networking.istio.io/v1", "VirtualService"),
        ("networking.k8s.io/v1", "Ingress"),
        ("policy/v1", "PodDisruptionBudget"),
        ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    ],
)
def test_odd_objects_have_no_relations(api: str, kind: str, odd: Any) -> None:
    assert _found(_object(kind, api=api, spec=odd, subjects=odd, roleRef=odd)) == set()
