from typing import Any

import msgspec
import pytest

from armada_render.build.order import RuleIndex, by_rules
from armada_render.model.cluster import Cluster
from armada_render.model.override import OverridePolicy, OverrideSpec
from armada_render.model.resource import ObjectReference

CLUSTERS = tuple(
    Cluster(name=name, labels={"tier": tier})
    for name, tier in (("m1", "edge"), ("m2", "core"), ("m3", "edge"))
)
REF = ObjectReference("apps/v1", "Deployment", "ns", "web")
DEPLOYMENT = {"apiVersion": "apps/v1", "kind": "Deployment"}


def policy(
    name: str, *selectors: dict[str, Any], namespace: str = "", **spec: Any
) -> OverridePolicy:
    document = {"resourceSelectors": selectors, "overrideRules": [{"overriders": {}}], **spec}
    return OverridePolicy(
        name=name, namespace=namespace, spec=msgspec.convert(document, OverrideSpec)
    )


def matching(
    *policies: OverridePolicy, namespace: str = "", labels: dict[str, str] | None = None
) -> list[str]:
    rules = RuleIndex(policies, CLUSTERS).rules(namespace, REF, labels or {})
    return [rule.key.policy.rpartition("/")[2] for rule in rules]


def label(**pairs: str) -> dict[str, Any]:
    return {**DEPLOYMENT, "labelSelector": {"matchLabels": pairs}}


def test_closer_match_comes_last_then_names_in_byte_order() -> None:
    policies = (
        policy("a", {**DEPLOYMENT, "name": "web"}),
        policy("c", label(l="1")),
        policy("z-all"),
        policy("b-all", DEPLOYMENT),
        policy("a10"),
        policy("a2"),
    )
    want = ["a10", "a2", "b-all", "z-all", "c", "a"]
    assert matching(*policies, labels={"l": "1"}) == want
    assert matching(*reversed(policies), labels={"l": "1"}) == want


@pytest.mark.parametrize(
    ("selector", "matches"),
    [
        (DEPLOYMENT, True),
        ({**DEPLOYMENT, "namespace": "ns"}, True),
        ({**DEPLOYMENT, "namespace": "other"}, False),
        ({**DEPLOYMENT, "apiVersion": "apps/v1beta1"}, False),
        ({**DEPLOYMENT, "kind": "deployment"}, False),
        ({**DEPLOYMENT, "name": "api"}, False),
        ({**label(l="2"), "name": "web"}, True),
        (label(l="1"), True),
        (label(l="1", m="2"), False),
        (label(l="2"), False),
        (label(a="0", l="1"), False),
        ({**DEPLOYMENT, "labelSelector": {}}, True),
        (
            {
                **DEPLOYMENT,
                "labelSelector": {"matchExpressions": [{"key": "m", "operator": "DoesNotExist"}]},
            },
            True,
        ),
        (
            {
                **DEPLOYMENT,
                "labelSelector": {"matchExpressions": [{"key": "l", "operator": "In"}]},
            },
            False,
        ),
    ],
)
def test_selector_matches(selector: dict[str, Any], *, matches: bool) -> None:
    assert matching(policy("p", selector), labels={"l": "1"}) == (["p"] if matches else [])


def test_highest_priority_of_several_selectors_counts() -> None:
    both = policy("a", DEPLOYMENT, {**DEPLOYMENT, "name": "web"})
    assert matching(both, policy("b", DEPLOYMENT)) == ["b", "a"]


def test_policies_of_other_namespaces_do_not_act() -> None:
    policies = (policy("p", namespace="ns"), policy("q", namespace="other"), policy("c"))
    assert matching(*policies, namespace="ns") == ["p"]
    assert matching(*policies, namespace="third") == []


def test_each_rule_of_a_policy_keeps_its_place() -> None:
    two = policy("p", overrideRules=[{"overriders": {}}, {"overriders": {}}])
    rules = RuleIndex([two], CLUSTERS).rules("", REF, {})
    assert [(rule.key.rule, rule.place) for rule in rules] == [
        (0, "overrideRules[0]."),
        (1, "overrideRules[1]."),
    ]


def test_deprecated_fields_are_one_rule() -> None:
    old = policy("p", overrideRules=[], targetCluster={"clusterNames": ["m2"]})
    (rule,) = RuleIndex([old], CLUSTERS).rules("", REF, {})
    assert rule.place == ""
    assert rule.clusters == frozenset(("m2",))


def test_clusters_are_grouped_by_the_rules_that_act_on_them() -> None:
    spec = [
        {"overriders": {}},
        {"overriders": {}, "targetCluster": {"labelSelector": {"matchLabels": {"tier": "edge"}}}},
        {"overriders": {}, "targetCluster": {"clusterNames": ["m3"]}},
    ]
    rules = RuleIndex([policy("p", overrideRules=spec)], CLUSTERS).rules("", REF, {})
    groups = by_rules(rules, ("m3", "m2", "m1"))
    assert {tuple(rule.key.rule for rule in acting): names for acting, names in groups.items()} == {
        (0, 1, 2): ("m3",),
        (0,): ("m2",),
        (0, 1): ("m1",),
    }


def test_clusters_stay_together_when_no_rule_tells_them_apart() -> None:
    rules = RuleIndex([policy("p")], CLUSTERS).rules("", REF, {})
    assert by_rules(rules, ("m2", "m1")) == {rules: ("m2", "m1")}
