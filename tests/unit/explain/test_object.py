from typing import Any

import pytest

from armada_render.errors import SourceLocation
from armada_render.explain import (
    Evidence,
    ObjectExplanation,
    PolicyExplanation,
    explain_object,
    explain_policy,
    object_lines,
    parse_field,
    policy_lines,
)
from armada_render.explain.find import find, parse
from armada_render.load import from_objects
from armada_render.pipeline import Rendering, RenderOptions, render

Manifest = dict[str, Any]
POLICY_API = "policy.karmada.io/v1alpha1"


def obj(kind: str, name: str, *, api_version: str = "v1", **fields: Any) -> Manifest:
    metadata = {"name": name, "namespace": "shop", **fields.pop("metadata", {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields}


def cluster(name: str) -> Manifest:
    return {
        "apiVersion": "cluster.karmada.io/v1alpha1",
        "kind": "Cluster",
        "metadata": {"name": name},
        "spec": {"region": f"{name}-region"},
    }


def policy(
    name: str, *selectors: Manifest, kind: str = "PropagationPolicy", **spec: Any
) -> Manifest:
    spec = {"resourceSelectors": list(selectors), **spec}
    return obj(kind, name, api_version=POLICY_API, spec=spec)


def config_selector(**fields: Any) -> Manifest:
    return {"apiVersion": "v1", "kind": "ConfigMap", **fields}


def rendered(*objects: Manifest) -> tuple[Any, Rendering]:
    fleet = from_objects([*objects, cluster("a"), cluster("b")])
    return fleet, render(fleet, RenderOptions(trace=True))


def located(location: SourceLocation | None, field: str) -> str:
    del location
    return f"file#{field}"


def explained(
    what: str, *objects: Manifest, field: str = "", scope: tuple[str, ...] = ()
) -> ObjectExplanation:
    fleet, rendering = rendered(*objects)
    ref = find(parse(what, None), fleet, rendering)
    template = next(one for one in fleet.templates if one.ref == ref)
    evidence = Evidence(fleet=fleet, rendering=rendering, locate=located, scope=scope)
    path = parse_field(field) if field else ()
    return explain_object(template, evidence, field=path)


def policy_explained(what: str, *objects: Manifest) -> PolicyExplanation:
    fleet, rendering = rendered(*objects)
    evidence = Evidence(fleet=fleet, rendering=rendering, locate=located)
    return explain_policy(find(parse(what, None), fleet, rendering), evidence)


def lines(explanation: ObjectExplanation) -> str:
    return "\n".join(object_lines(explanation))


CONFIG = obj("ConfigMap", "c", data={"k": "v"}, metadata={"labels": {"app": "x"}})


@pytest.mark.parametrize(
    ("selector", "part", "reason"),
    [
        (config_selector(name="d"), "name", "name is c, it asks for d"),
        (
            config_selector(labelSelector={"matchLabels": {"app": "y"}}),
            "labels",
            "label app is x, not y",
        ),
        (
            {"apiVersion": "v2", "kind": "ConfigMap", "name": "c"},
            "apiVersion",
            "apiVersion is v1, it asks for v2",
        ),
        (
            {"apiVersion": "v1", "kind": "Secret", "name": "c"},
            "kind",
            "kind is ConfigMap, it asks for Secret",
        ),
    ],
)
def test_the_part_of_a_selector_that_fails_is_named(
    selector: Manifest, part: str, reason: str
) -> None:
    (verdict,) = explained("cm/c", CONFIG, policy("p", selector)).policies
    assert (verdict.outcome, verdict.failed, verdict.reason) == ("mismatch", (part,), reason)


def test_a_policy_of_another_namespace_is_near_when_nothing_else_fails() -> None:
    other = policy("p", config_selector())
    other["metadata"]["namespace"] = "prod"
    (verdict,) = explained("cm/c", CONFIG, other).policies
    assert verdict.reason == (
        "namespace is shop, a PropagationPolicy takes objects of its own, prod"
    )


def test_a_placed_object_lists_only_mismatches_that_name_it() -> None:
    verdicts = explained(
        "cm/c",
        CONFIG,
        policy("all", config_selector()),
        policy("label", config_selector(labelSelector={"matchLabels": {"app": "y"}})),
        policy("old", {"apiVersion": "v1beta1", "kind": "ConfigMap", "name": "c"}),
    ).policies
    assert [(one.policy, one.outcome) for one in verdicts] == [
        ("PropagationPolicy/shop/all", "won"),
        ("PropagationPolicy/shop/old", "mismatch"),
    ]


def test_equal_policies_are_told_apart_by_name() -> None:
    verdicts = explained(
        "cm/c", CONFIG, policy("a", config_selector()), policy("b", config_selector())
    ).policies
    assert verdicts[1].reason == "PropagationPolicy/shop/a is equal and comes first by name"


def test_the_closer_selector_is_told_by_how_it_selects() -> None:
    verdicts = explained(
        "cm/c", CONFIG, policy("a", config_selector()), policy("b", config_selector(name="c"))
    ).policies
    assert verdicts[1].reason == "PropagationPolicy/shop/b selects it more closely, by name"


def test_a_rejected_policy_that_would_take_the_object_is_listed() -> None:
    bad = policy("p", config_selector(), placement={"spreadConstraints": [{"maxGroups": -1}]})
    explanation = explained("cm/c", CONFIG, bad)
    assert [one.outcome for one in explanation.policies] == ["rejected"]
    assert "maxGroups" in explanation.policies[0].reason


def test_an_object_that_karmada_never_propagates_says_so() -> None:
    lease = obj("Lease", "l", api_version="coordination.k8s.io/v1")
    explanation = explained("lease/l", lease)
    assert "Karmada never propagates coordination.k8s.io/v1 Lease" in lines(explanation)


def test_a_claim_that_does_not_hold_any_more_says_so() -> None:
    claim = {
        "labels": {"propagationpolicy.karmada.io/permanent-id": "x"},
        "annotations": {
            "propagationpolicy.karmada.io/namespace": "shop",
            "propagationpolicy.karmada.io/name": "p",
        },
    }
    config = obj("ConfigMap", "c", metadata=claim)
    explanation = explained("cm/c", config, policy("p", config_selector(name="other")))
    assert "no longer selects it" in explanation.passed_over


def test_a_match_failure_is_an_error() -> None:
    waiting = policy("p", config_selector(), dependentOverrides=["gone"])
    explanation = explained("cm/c", CONFIG, waiting)
    assert explanation.errors[0].stage == "match"
    assert lines(explanation).splitlines()[1] == "on no cluster: it failed"


def test_regions_and_tiers_are_shown() -> None:
    spread = [
        {"spreadByField": "region", "minGroups": 1, "maxGroups": 1},
        {"spreadByField": "cluster", "minGroups": 1, "maxGroups": 1},
    ]
    text = lines(
        explained(
            "cm/c", CONFIG, policy("p", config_selector(), placement={"spreadConstraints": spread})
        )
    )
    assert "regions, the best first" in text
    assert "spread over 1 by region, 1 by cluster: a" in text


def test_static_weights_void_spread_constraints() -> None:
    placement = {
        "spreadConstraints": [{"spreadByField": "cluster", "minGroups": 1, "maxGroups": 1}],
        "replicaScheduling": {
            "replicaSchedulingType": "Divided",
            "replicaDivisionPreference": "Weighted",
            "weightPreference": {
                "staticWeightList": [{"targetCluster": {"clusterNames": ["a"]}, "weight": 1}]
            },
        },
    }
    deployment = obj("Deployment", "d", api_version="apps/v1", spec={"replicas": 2})
    selector = {"apiVersion": "apps/v1", "kind": "Deployment"}
    text = lines(explained("deploy/d", deployment, policy("p", selector, placement=placement)))
    assert "void, because static weights are set" in text
    assert "b  2 x 0/1 = 0.00  -> 0" in text


def override(name: str, *rules: Manifest, **fields: Any) -> Manifest:
    selectors = fields.pop("selectors", [config_selector(name="c")])
    return policy(name, *selectors, kind="OverridePolicy", overrideRules=list(rules))


def plain(path: str, value: Any, operator: str = "add") -> Manifest:
    return {"path": path, "operator": operator, "value": value}


def test_an_override_is_traced_to_the_item_that_set_the_field() -> None:
    items = [plain("/data/x", "1"), plain("/data/y", "2")]
    explanation = explained(
        "cm/c",
        CONFIG,
        policy("p", config_selector()),
        override("o", {"overriders": {"plaintext": items}}),
        field="data.y",
    )
    (chain,) = explanation.fields
    assert chain.clusters == ("a", "b")
    assert [(step.action, step.set, step.value) for step in chain.steps] == [
        ("template", False, None),
        ("override", True, "2"),
    ]
    assert chain.steps[-1].location == "file#spec.overrideRules[0].overriders.plaintext[1]"


def test_a_label_is_traced_to_its_value() -> None:
    rule = {"overriders": {"labelsOverrider": [{"operator": "add", "value": {"a.b/c": "d"}}]}}
    explanation = explained(
        "cm/c",
        CONFIG,
        policy("p", config_selector()),
        override("o", rule),
        field="/metadata/labels",
    )
    steps = explanation.fields[0].steps
    assert [step.value for step in steps] == [{"app": "x"}, {"app": "x", "a.b/c": "d"}]
    explanation = explained(
        "cm/c",
        CONFIG,
        policy("p", config_selector()),
        override("o", rule),
        field='metadata.labels["a.b/c"]',
    )
    assert explanation.fields[0].steps[-1].location == (
        'file#spec.overrideRules[0].overriders.labelsOverrider[0].value["a.b/c"]'
    )


def test_clusters_with_the_same_history_of_a_field_share_a_chain() -> None:
    rule = {
        "targetCluster": {"clusterNames": ["a"]},
        "overriders": {"plaintext": [plain("/data/k", "w", "replace")]},
    }
    objects = (CONFIG, policy("p", config_selector()), override("o", rule))
    assert len(explained("cm/c", *objects, field="metadata.name").fields) == 1
    chains = explained("cm/c", *objects, field="data.k").fields
    assert [(chain.clusters, chain.steps[-1].value) for chain in chains] == [
        (("a",), "w"),
        (("b",), "v"),
    ]


def test_what_members_must_not_get_is_pruned() -> None:
    config = obj("ConfigMap", "c", metadata={"resourceVersion": "1"})
    explanation = explained("cm/c", config, policy("p", config_selector()))
    (step,) = explanation.builds[0].steps
    assert step.action == "prune"
    assert step.changes[0].field == "metadata.resourceVersion"
    assert "removed, since members must not get it" in lines(explanation)


def test_scope_leaves_other_clusters_out() -> None:
    placement = {"clusterAffinity": {"clusterNames": ["a"]}}
    objects = (CONFIG, policy("p", config_selector(), placement=placement))
    explanation = explained("cm/c", *objects, scope=("b",))
    assert explanation.builds == ()
    assert explanation.placements[0].targets == ()
    assert "not on b: ClusterAffinity: not listed in clusterNames" in lines(explanation)


def test_a_field_of_an_object_that_a_cluster_does_not_get_is_that_of_the_template() -> None:
    placement = {"clusterAffinity": {"clusterNames": ["a"]}}
    objects = (CONFIG, policy("p", config_selector(), placement=placement))
    text = lines(explained("cm/c", *objects, scope=("b",), field="data.k"))
    assert 'data.k in the template: "v"' in text
    assert "not built for b" in text


def test_many_clusters_values_and_changes_are_cut_short() -> None:
    data = {f"k{number}": "v" * 200 for number in range(30)}
    rule = {"overriders": {"plaintext": [plain("/data", data)]}}
    explanation = explained(
        "cm/c",
        CONFIG,
        policy("p", config_selector()),
        override("o", rule),
        *(cluster(f"m{number:02}") for number in range(30)),
    )
    text = lines(explanation)
    assert "BUILT for a, b, m00, m01, m02 and 27 more" in text
    assert "    ... and 12 more (-o json)" in text
    assert "    ... and 11 more (-o json)" in text
    assert "… (202 characters)" in text


def test_evictions_are_shown() -> None:
    binding = obj(
        "ResourceBinding",
        "c-configmap",
        api_version="work.karmada.io/v1alpha2",
        spec={
            "resource": {"apiVersion": "v1", "kind": "ConfigMap", "namespace": "shop", "name": "c"},
            "clusters": [{"name": "b"}],
            "gracefulEvictionTasks": [
                {"fromCluster": "a", "purgeMode": "Gracefully", "reason": "TaintUntolerated"}
            ],
        },
    )
    text = lines(explained("cm/c", CONFIG, policy("p", config_selector()), binding))
    assert "being moved away from a (Gracefully, TaintUntolerated)" in text
    assert "a  ClusterEviction: the resource is being evicted from it" in text


def test_a_selector_that_kubernetes_refuses_says_so() -> None:
    selector = config_selector(labelSelector={"matchLabels": {"-": "x"}})
    (verdict,) = explained("cm/c", CONFIG, policy("p", selector)).policies
    assert verdict.reason == "its labelSelector is not valid and matches nothing"


def test_a_renamed_object_is_built_under_its_new_name() -> None:
    rule = {"overriders": {"plaintext": [plain("/metadata/name", "d", "replace")]}}
    explanation = explained("cm/c", CONFIG, policy("p", config_selector()), override("o", rule))
    assert explanation.builds[0].object == "v1/ConfigMap/shop/d"


def test_a_secret_that_becomes_something_else_stays_hidden() -> None:
    secret = obj("Secret", "c", data={"k": "hunter2"})
    rule = {"overriders": {"plaintext": [plain("/kind", "ConfigMap", "replace")]}}
    selector = {"apiVersion": "v1", "kind": "Secret"}
    explanation = explained(
        "secret/c",
        secret,
        policy("p", selector),
        override("o", rule, selectors=[selector]),
        field="data.k",
    )
    assert "hunter2" not in repr(explanation)


def test_a_policy_lists_what_it_takes_and_what_it_loses() -> None:
    explanation = policy_explained(
        "pp/low",
        CONFIG,
        obj("ConfigMap", "d"),
        policy("low", config_selector()),
        policy("high", config_selector(name="c"), priority=1),
    )
    assert [(one.object, one.outcome) for one in explanation.objects] == [
        ("v1/ConfigMap/shop/c", "lost"),
        ("v1/ConfigMap/shop/d", "won"),
    ]
    assert explanation.selectors[0].matches == 2


def test_an_override_policy_lists_what_it_changes_leaves_and_fails_at() -> None:
    failing = {"overriders": {"plaintext": [plain("/spec/x/y", 1)]}}
    elsewhere = {**failing, "targetCluster": {"clusterNames": ["nowhere"]}}
    objects = (CONFIG, policy("p", config_selector()))
    (failed,) = policy_explained("op/o", *objects, override("o", failing)).objects
    assert (failed.outcome, failed.clusters) == ("failed", ("a", "b"))
    (passed,) = policy_explained("op/o", *objects, override("o", elsewhere)).objects
    assert (passed.outcome, passed.clusters) == ("passed", ())


def test_a_policy_that_cannot_be_decoded_is_explained_by_its_problems() -> None:
    bad = policy("p", config_selector(), priority="high")
    explanation = policy_explained("pp/p", bad)
    assert explanation.rejected
    assert explanation.selectors == ()
    assert any("spec.priority" in line for line in policy_lines(explanation))


def test_explaining_mutates_nothing_and_tracing_changes_no_manifest() -> None:
    objects = [CONFIG, policy("p", config_selector())]
    fleet = from_objects([*objects, cluster("a")])
    plainly, traced = render(fleet), render(fleet, RenderOptions(trace=True))
    assert plainly.to_dict() == traced.to_dict()
    assert plainly.works["a"][0].trace is None
    trace = traced.works["a"][0].trace
    assert trace is not None
    assert trace.steps[0].manifest is traced.works["a"][0].manifest
