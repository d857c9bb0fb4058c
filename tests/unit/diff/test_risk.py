"""Risks: each rule with what it finds and what it leaves alone."""

from typing import Any

import pytest

from armada_render.diff import compare
from armada_render.diff.fields import field_changes, path_text
from armada_render.diff.immutable import refused
from armada_render.diff.risk import RULES
from armada_render.model.resource import ObjectReference
from armada_render.pipeline import Rendering
from tests.support.objects import Object, config_map, deployment, policy, selector
from tests.unit.diff.test_compare import placed, rendered

_CRD = "apiextensions.k8s.io/v1"


def _risks(before: Rendering, after: Rendering) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(item.rule, item.ref.name, item.clusters) for item in compare(before, after).risks]


def _object(kind: str, name: str, api: str = "v1", **fields: Any) -> Object:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name}, **fields}


def _everything(*objects: Object, clusters: tuple[str, ...] = ("m1", "m2")) -> Rendering:
    every = policy(
        "all",
        *(
            {"apiVersion": item["apiVersion"], "kind": item["kind"], "name": name}
            for item in objects
            if (name := item["metadata"]["name"])
        ),
        namespace="",
        placement={"clusterAffinity": {"clusterNames": list(clusters)}},
    )
    return rendered(*objects, every) if objects else rendered(config_map("none"))


def test_the_last_copy_of_a_workload() -> None:
    web, other = deployment("web"), config_map("x")
    both, one = _everything(web, other), _everything(web, other, clusters=("m1",))
    assert _risks(both, _everything(other)) == [("last-copy-removed", "web", ("m1", "m2"))]
    assert _risks(both, one) == []
    assert _risks(one, both) == []


def test_a_workload_without_replicas_is_still_there() -> None:
    before, after = _everything(deployment("web", 2)), _everything(deployment("web", 0))
    assert _risks(before, after) == [("scaled-to-zero", "web", ("m1", "m2"))]
    assert _risks(after, before) == []


@pytest.mark.parametrize(
    ("item", "rule"),
    [
        (_object("Namespace", "shop"), "namespace-removed"),
        (_object("CustomResourceDefinition", "a.b.c", _CRD, spec={}), "crd-removed"),
        (_object("PersistentVolumeClaim", "data", spec={}), "volume-claim-removed"),
    ],
)
def test_removals_that_take_more_along(item: Object, rule: str) -> None:
    before = _everything(item, config_map("x"))
    after = _everything(config_map("x"))
    assert _risks(before, after) == [(rule, item["metadata"]["name"], ("m1", "m2"))]
    assert _risks(after, before) == []


def test_a_service_that_leads_elsewhere() -> None:
    def fleet(app: str) -> Rendering:
        return _everything(_object("Service", "web", spec={"selector": {"app": app}}))

    assert _risks(fleet("a"), fleet("b")) == [("selector-changed", "web", ("m1", "m2"))]


def _labelled(name: str) -> Object:
    web = deployment(name)
    web["spec"]["template"]["metadata"] = {"labels": {"app": name}}
    return web


def test_a_workload_that_leaves_its_service_behind() -> None:
    service = _object("Service", "web", spec={"selector": {"app": "web"}})

    def fleet(*names: str, with_service: tuple[str, ...]) -> Rendering:
        return rendered(
            _labelled("web"),
            placed("web", *names),
            service,
            policy(
                "service",
                selector("Service", name="web"),
                placement={"clusterAffinity": {"clusterNames": list(with_service)}},
            ),
        )

    together = fleet("m1", with_service=("m1",))
    assert _risks(together, fleet("m2", with_service=("m1",))) == [
        ("torn-apart", "web", ("m2",)),
        ("torn-apart", "web", ("m1",)),
    ]
    assert _risks(together, fleet("m2", with_service=("m2",))) == []
    # What was torn apart already is no news.
    torn = fleet("m2", with_service=("m1",))
    assert _risks(torn, fleet("m2", with_service=("m1", "m3"))) == [("torn-apart", "web", ("m3",))]


def test_another_name_is_a_removal_and_a_creation() -> None:
    before, after = _everything(deployment("web")), _everything(deployment("shop"))
    assert _risks(before, after) == [
        ("last-copy-removed", "web", ("m1", "m2")),
        ("object-replaced", "web", ("m1", "m2")),
    ]


def test_objects_without_content_are_not_taken_for_each_other() -> None:
    before = _everything(_object("ServiceAccount", "a"), config_map("x"))
    after = _everything(_object("ServiceAccount", "b"), config_map("x"))
    assert _risks(before, after) == []


def test_rules_have_what_reports_need() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert [rule.id for rule in RULES if not (rule.summary and rule.fix)] == []


_SELECTOR = {"matchLabels": {"app": "a"}}


@pytest.mark.parametrize(
    ("api", "kind", "before", "after", "expected"),
    [
        ("apps/v1", "Deployment", {"spec": {"selector": _SELECTOR}}, {"spec": {}}, True),
        (
            "apps/v1",
            "Deployment",
            {"spec": {"replicas": 1, "selector": _SELECTOR}},
            {"spec": {"replicas": 2, "selector": _SELECTOR}},
            False,
        ),
        ("apps/v1", "StatefulSet", {"spec": {"serviceName": "a"}}, {"spec": {}}, True),
        (
            "apps/v1",
            "StatefulSet",
            {"spec": {"volumeClaimTemplates": [{"metadata": {"name": "a"}}]}},
            {"spec": {"volumeClaimTemplates": []}},
            True,
        ),
        (
            "apps/v1",
            "StatefulSet",
            {"spec": {"template": {"a": 1}, "replicas": 1, "updateStrategy": {"type": "a"}}},
            {"spec": {"template": {"a": 2}, "replicas": 2, "updateStrategy": {"type": "b"}}},
            False,
        ),
        ("v1", "Service", {"spec": {"clusterIP": "10.0.0.1"}}, {"spec": {"clusterIP": ""}}, True),
        ("v1", "Service", {"spec": {}}, {"spec": {"clusterIP": "None"}}, True),
        ("v1", "Service", {"spec": {"clusterIP": "10.0.0.1"}}, {"spec": {}}, False),
        ("serving.example/v1", "Service", {"spec": {}}, {"spec": {"clusterIP": "None"}}, False),
        ("batch/v1", "Job", {"spec": {"template": {"a": 1}}}, {"spec": {"template": {}}}, True),
        ("batch/v1", "Job", {"spec": {"completions": 1}}, {"spec": {"completions": 2}}, True),
        (
            "batch/v1",
            "Job",
            {"spec": {"completions": 1, "completionMode": "Indexed"}},
            {"spec": {"completions": 2, "completionMode": "Indexed"}},
            False,
        ),
        ("batch/v1", "Job", {"spec": {"parallelism": 1}}, {"spec": {"parallelism": 2}}, False),
        (
            "v1",
            "PersistentVolumeClaim",
            {"spec": {"storageClassName": "a"}},
            {"spec": {"storageClassName": "b"}},
            True,
        ),
        (
            "v1",
            "PersistentVolumeClaim",
            {"spec": {"resources": {"requests": {"storage": "1Gi"}}}},
            {"spec": {"resources": {"requests": {"storage": "2Gi"}}}},
            False,
        ),
        ("v1", "ConfigMap", {"immutable": True, "data": {}}, {"immutable": True}, True),
        ("v1", "ConfigMap", {"data": {"a": "1"}}, {"data": {"a": "2"}, "immutable": True}, False),
        ("v1", "Secret", {"immutable": True}, {"immutable": False}, True),
        ("v1", "Secret", {"type": "Opaque"}, {"type": "other"}, True),
        (
            "storage.k8s.io/v1",
            "StorageClass",
            {"provisioner": "a", "allowVolumeExpansion": True},
            {"provisioner": "b", "allowVolumeExpansion": True},
            True,
        ),
        (
            "storage.k8s.io/v1",
            "StorageClass",
            {"allowVolumeExpansion": True},
            {"allowVolumeExpansion": False},
            False,
        ),
        (
            "rbac.authorization.k8s.io/v1",
            "RoleBinding",
            {"roleRef": {"name": "a"}, "subjects": []},
            {"roleRef": {"name": "b"}, "subjects": []},
            True,
        ),
        (
            "v1",
            "Pod",
            {"spec": {"containers": [{"name": "a", "image": "x"}]}},
            {"spec": {"containers": [{"name": "a", "image": "y"}]}},
            False,
        ),
        (
            "v1",
            "Pod",
            {"spec": {"containers": [{"name": "a", "args": ["x"]}]}},
            {"spec": {"containers": [{"name": "a", "args": ["y"]}]}},
            True,
        ),
        ("v1", "Pod", {"spec": {}}, {"spec": {"nodeName": "a"}}, True),
    ],
)
def test_fields_that_cannot_be_changed(
    api: str, kind: str, before: Any, after: Any, *, expected: bool
) -> None:
    ref = ObjectReference(api, kind, "default", "x")
    found = list(refused(ref, before, field_changes(before, after)))
    assert bool(found) is expected, [path_text(item.path) for item in found]


def test_a_refused_change_is_a_risk_with_its_field() -> None:
    def fleet(app: str) -> Rendering:
        web = deployment("web")
        web["spec"]["selector"] = {"matchLabels": {"app": app}}
        return _everything(web)

    (risk,) = compare(fleet("a"), fleet("b")).risks
    assert (risk.rule, risk.field) == ("immutable-field", "spec.selector.matchLabels.app")
    assert [str(cause.location) for cause in risk.causes] == ["deployment-web.yaml:1"]
