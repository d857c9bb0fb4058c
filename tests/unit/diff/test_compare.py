"""What is said of two renderings: sentences, causes, groups, and what is withheld."""

from collections.abc import Sequence
from typing import Any

from armada_render.diff import Difference, Document, compare, document, side_row, text_lines
from armada_render.diff.pairs import pairs
from armada_render.load import MemorySource, load
from armada_render.pipeline import Rendering, RenderOptions, render
from armada_render.yamlio import dumps
from tests.support.objects import (
    Object,
    cluster,
    config_map,
    deployment,
    override,
    policy,
    selector,
)

CLUSTERS = [cluster("m1"), cluster("m2"), cluster("m3")]


def rendered(*objects: Object, clusters: Sequence[Object] = CLUSTERS) -> Rendering:
    """Render objects that stand in a file each, called by kind and name."""
    files = {
        f"{item['kind']}-{item['metadata']['name']}.yaml".lower(): dumps(item)
        for item in (*clusters, *objects)
    }
    return render(load(MemorySource(files)).fleet, RenderOptions(trace=True))


def shown(found: Difference, **options: Any) -> Document:
    base, head = side_row("main", "0" * 40), side_row("", "")
    return document(found, base=base, head=head, key=b"key", **options)


def sentences(before: Rendering, after: Rendering) -> list[str]:
    return [row.text for row in shown(compare(before, after)).headlines]


def because(before: Rendering, after: Rendering) -> list[str]:
    found = shown(compare(before, after))
    return [cause.text for row in found.headlines for cause in row.causes]


def placed(name: str, *names: str, kind: str = "Deployment", **scheduling: Any) -> Object:
    """Return a policy that puts one object on clusters."""
    placement = {"clusterAffinity": {"clusterNames": list(names)}, **scheduling}
    return policy(name, selector(kind, name=name), placement=placement)


def divided(**weights: int) -> Object:
    rules = [
        {"targetCluster": {"clusterNames": [name]}, "weight": weight}
        for name, weight in weights.items()
    ]
    return {
        "replicaSchedulingType": "Divided",
        "replicaDivisionPreference": "Weighted",
        "weightPreference": {"staticWeightList": rules},
    }


def test_replicas_are_told_as_a_total_and_by_cluster() -> None:
    def fleet(replicas: int) -> Rendering:
        split = placed("web", "m1", "m2", replicaScheduling=divided(m1=2, m2=1))
        return rendered(deployment("web", replicas), split)

    assert sentences(fleet(4), fleet(6)) == [
        "Deployment/web (default): 4 → 6 replicas; m1 3 → 4, m2 1 → 2"
    ]
    assert because(fleet(4), fleet(6)) == ["spec.replicas changed (deployment-web.yaml:1)"]


def test_other_weights_divide_the_same_replicas_otherwise() -> None:
    def fleet(**weights: int) -> Rendering:
        split = placed("web", "m1", "m2", replicaScheduling=divided(**weights))
        return rendered(deployment("web", 4), split)

    before, after = fleet(m1=1, m2=1), fleet(m1=3, m2=1)
    assert sentences(before, after) == ["Deployment/web (default): 4 replicas; m1 2 → 3, m2 2 → 1"]
    (cause,) = because(before, after)
    assert cause.startswith("PropagationPolicy/default/web spec.placement.replicaScheduling")


def test_what_is_not_divided_is_told_once_for_all_clusters() -> None:
    before = rendered(deployment("web", 4), placed("web", "m1", "m2"))
    after = rendered(deployment("web", 6), placed("web", "m1", "m2"))
    assert sentences(before, after) == [
        "Deployment/web (default): 4 → 6 replicas on each cluster; on m1, m2"
    ]


def test_moves_name_both_ends() -> None:
    before = rendered(deployment("web", 2), placed("web", "m1"))
    after = rendered(deployment("web", 2), placed("web", "m3"))
    assert sentences(before, after) == ["Deployment/web (default) moves m1 → m3; 2 replicas"]
    assert because(before, after) == [
        (
            "PropagationPolicy/default/web spec.placement.clusterAffinity.clusterNames changed "
            "(propagationpolicy-web.yaml:1)"
        )
    ]


def test_a_copy_more_and_a_copy_less() -> None:
    one = rendered(deployment("web", 2), placed("web", "m1"))
    two = rendered(deployment("web", 2), placed("web", "m1", "m2"))
    assert sentences(one, two) == [
        "Deployment/web (default): also on m2; 2 replicas on each cluster"
    ]
    assert sentences(two, one) == [
        "Deployment/web (default): no longer on m2; 2 replicas on each cluster"
    ]


def test_new_and_removed_workloads_tell_their_replicas() -> None:
    split = placed("web", "m1", "m2", replicaScheduling=divided(m1=2, m2=1))
    before, after = rendered(config_map("x")), rendered(deployment("web", 4), split)
    assert sentences(before, after) == ["Deployment/web (default): new, 4 replicas; m1 3, m2 1"]
    assert because(before, after) == ["its manifest was added (deployment-web.yaml:1)"]
    assert sentences(after, before) == [
        "Deployment/web (default): removed, had 4 replicas; m1 3, m2 1"
    ]
    assert because(after, before) == ["its manifest was removed (deployment-web.yaml:1 before)"]


def test_objects_that_go_the_same_way_are_told_together() -> None:
    def fleet(*names: str) -> Rendering:
        every = policy("all", placement={"clusterAffinity": {"clusterNames": list(names)}})
        return rendered(*(config_map(f"c{number}") for number in range(9)), every)

    assert sentences(fleet("m1"), fleet("m2")) == [
        (
            "9 objects move m1 → m2: ConfigMap/c0 (default), ConfigMap/c1 (default), "
            "ConfigMap/c2 (default), ConfigMap/c3 (default), ConfigMap/c4 (default) and 4 more"
        )
    ]
    assert sentences(fleet("m1", "m2"), fleet("m1")) == [
        (
            "9 objects removed from m2: ConfigMap/c0 (default), ConfigMap/c1 (default), "
            "ConfigMap/c2 (default), ConfigMap/c3 (default), ConfigMap/c4 (default) and 4 more"
        )
    ]


def test_many_workloads_that_move_alike_are_told_together() -> None:
    def fleet(name: str) -> Rendering:
        every = policy(
            "all",
            selector("Deployment"),
            placement={"clusterAffinity": {"clusterNames": [name]}},
        )
        return rendered(*(deployment(f"d{number}") for number in range(5)), every)

    (sentence,) = sentences(fleet("m1"), fleet("m2"))
    assert sentence.startswith("5 workloads move m1 → m2: Deployment/d0 (default), ")


def test_a_policy_that_goes_takes_what_it_took_along() -> None:
    before = rendered(config_map("x"), policy("all"))
    after = rendered(config_map("x"), config_map("y"))
    assert because(before, after) == [
        "PropagationPolicy/default/all was removed (propagationpolicy-all.yaml:1 before)"
    ]
    assert because(after, before) == [
        "PropagationPolicy/default/all was added (propagationpolicy-all.yaml:1)"
    ]


def test_a_label_that_no_policy_looks_for_any_more_is_the_cause() -> None:
    takes = policy("all", selector("ConfigMap", labelSelector={"matchLabels": {"a": "b"}}))
    before = rendered(config_map("x", labels={"a": "b"}), takes)
    after = rendered(config_map("x", labels={"a": "c"}), takes)
    assert because(before, after) == [
        "its manifest is no longer selected (configmap-x.yaml:1 before)"
    ]
    assert because(after, before) == ["metadata.labels changed (configmap-x.yaml:1)"]


def _mounting(name: str) -> Object:
    web = deployment("web")
    web["spec"]["template"]["spec"]["volumes"] = [{"name": "c", "configMap": {"name": name}}]
    return web


def _taking_along(name: str = "m1", **spec: Any) -> Object:
    placement = {"clusterAffinity": {"clusterNames": [name]}}
    return policy("web", selector("Deployment", name="web"), placement=placement, **spec)


def test_what_comes_along_is_there_because_it_is_needed() -> None:
    items = [_mounting("conf"), config_map("conf")]
    without = rendered(*items, _taking_along())
    along = rendered(*items, _taking_along(propagateDeps=True))
    assert sentences(without, along) == ["1 object added to m1: ConfigMap/conf (default)"]
    assert because(without, along) == ["needed by default/web-deployment"]
    assert because(along, without) == ["no longer needed by default/web-deployment"]


def test_what_comes_along_moves_with_what_needs_it() -> None:
    def fleet(name: str) -> Rendering:
        along = _taking_along(name, propagateDeps=True)
        return rendered(_mounting("conf"), config_map("conf"), along)

    reasons = because(fleet("m1"), fleet("m2"))
    assert "needed by default/web-deployment" in reasons
    assert any(one.startswith("PropagationPolicy/default/web spec.placement") for one in reasons)


def test_a_policy_that_selects_less_or_more_is_the_cause() -> None:
    items = [config_map("x"), config_map("y")]
    one = rendered(*items, policy("all", selector("ConfigMap", name="x")))
    two = rendered(*items, policy("all"))
    assert because(one, two) == because(two, one)
    (reason,) = because(one, two)
    assert reason.startswith("PropagationPolicy/default/all spec.resourceSelectors")


def test_without_traces_the_object_as_a_whole_is_laid_to_its_causes() -> None:
    def fleet(value: str, label: str) -> Rendering:
        rule = override("env", _label(label))
        item = {**config_map("x"), "data": {"key": value}}
        return render([*CLUSTERS, item, policy("all"), rule])

    def origins(before: Rendering, after: Rendering) -> list[tuple[str, str]]:
        (row,) = shown(compare(before, after)).objects
        return [(cause.origin, cause.change) for cause in row.causes]

    assert origins(fleet("a", "l"), fleet("b", "l")) == [("template", "changed")]
    assert origins(fleet("a", "l"), fleet("a", "m")) == [("override", "changed")]


def test_a_deleted_cluster_says_so() -> None:
    leaving = cluster("m1")
    leaving["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    spread = [{"spreadByField": "cluster", "minGroups": 1, "maxGroups": 1}]
    objects = [deployment("web"), placed("web", "m1", "m2", spreadConstraints=spread)]
    after = rendered(*objects, clusters=[leaving, *CLUSTERS[1:]])
    assert because(rendered(*objects), after) == [
        "cluster m1 metadata.deletionTimestamp changed (cluster-m1.yaml:1)"
    ]


def test_another_policy_that_takes_an_object_is_named() -> None:
    low = policy("low", placement={"clusterAffinity": {"clusterNames": ["m1"]}})
    high = policy("high", placement={"clusterAffinity": {"clusterNames": ["m2"]}}, priority=5)
    before, after = rendered(config_map("x"), low), rendered(config_map("x"), low, high)
    assert because(before, after) == [
        "PropagationPolicy/default/high takes it (propagationpolicy-high.yaml:1)"
    ]


def test_a_cluster_that_is_tainted_is_the_cause() -> None:
    tainted = cluster("m1", taints=[{"key": "a", "value": "b", "effect": "NoSchedule"}])
    spread = [{"spreadByField": "cluster", "minGroups": 1, "maxGroups": 1}]
    objects = [deployment("web"), placed("web", "m1", "m2", spreadConstraints=spread)]
    before = rendered(*objects)
    after = rendered(*objects, clusters=[tainted, *CLUSTERS[1:]])
    assert sentences(before, after) == ["Deployment/web (default) moves m1 → m2; 2 replicas"]
    assert because(before, after) == ["cluster m1 spec.taints changed (cluster-m1.yaml:1)"]


def test_a_cluster_that_joins_is_the_cause() -> None:
    objects = [config_map("x"), policy("all")]
    before = rendered(*objects, clusters=CLUSTERS[:2])
    assert because(before, rendered(*objects)) == ["cluster m3 was added (cluster-m3.yaml:1)"]


def test_an_override_is_the_cause_of_what_it_sets() -> None:
    def fleet(value: str) -> Rendering:
        labels = [{"operator": "add", "value": {"env": value}}]
        rule = override("env", {"labelsOverrider": labels}, clusters=["m2"])
        return rendered(config_map("x"), policy("all"), rule)

    found = shown(compare(fleet("a"), fleet("b")))
    (row,) = found.objects
    assert row.clusters == ("m2",)
    assert [(field.field, field.before, field.after) for field in row.fields] == [
        ("metadata.labels.env", "a", "b")
    ]
    assert [(cause.origin, cause.name, cause.field) for cause in row.causes] == [
        (
            "override",
            "OverridePolicy/default/env",
            "spec.overrideRules[0].overriders.labelsOverrider[0]",
        )
    ]


def test_a_template_under_an_override_is_the_cause_of_its_own_change() -> None:
    def fleet(image: str) -> Rendering:
        web = deployment("web")
        web["spec"]["template"]["spec"]["containers"][0]["image"] = image
        images = [{"component": "Registry", "operator": "add", "value": "mirror.example"}]
        rule = override("mirror", {"imageOverrider": images})
        return rendered(web, placed("web", "m1"), rule)

    found = shown(compare(fleet("nginx:1"), fleet("nginx:2")))
    assert [(cause.origin, cause.field) for cause in found.objects[0].causes] == [
        ("template", "spec.template.spec.containers[0].image")
    ]
    (image,) = found.images
    assert (image.container, image.before, image.after) == (
        "main",
        "mirror.example/nginx:1",
        "mirror.example/nginx:2",
    )


def test_an_override_that_goes_is_named_where_it_stood() -> None:
    labels = [{"operator": "add", "value": {"env": "a"}}]
    rule = override("env", {"labelsOverrider": labels})
    before = rendered(config_map("x"), policy("all"), rule)
    (row,) = shown(compare(before, rendered(config_map("x"), policy("all")))).objects
    assert [(cause.text, cause.side) for cause in row.causes] == [
        (
            (
                "OverridePolicy/default/env spec.overrideRules[0].overriders.labelsOverrider[0] "
                "no longer acts (overridepolicy-env.yaml:1 before)"
            ),
            "base",
        )
    ]


def test_a_change_on_many_clusters_is_one_row() -> None:
    many = [cluster(f"m{number:03}") for number in range(100)]
    changed = {**config_map("x"), "data": {"key": "other"}}
    before = rendered(config_map("x"), config_map("y"), policy("all"), clusters=many)
    after = rendered(changed, config_map("y"), policy("all"), clusters=many)
    assert len(pairs(before, after, sorted(before.works))) == 2
    (row,) = shown(compare(before, after)).objects
    assert len(row.clusters) == 100
    assert list(text_lines(shown(compare(before, after))))[-1] == (
        "1 object changes on 100 clusters (m000, m001, m002 and 97 more): 1 changed"
    )


def test_variants_that_change_alike_are_one_row_with_all_their_manifests() -> None:
    def fleet(value: str) -> Rendering:
        web = {**config_map("x"), "data": {"key": value}}
        rules = [override(name, _label(name), clusters=[name]) for name in ("m1", "m2", "m3")]
        return rendered(web, policy("all"), *rules)

    (row,) = shown(compare(fleet("a"), fleet("b")), full=True).objects
    assert row.clusters == ("m1", "m2", "m3")
    assert isinstance(row.manifests, tuple)
    assert [one.clusters for one in row.manifests] == [("m1",), ("m2",), ("m3",)]


def _label(value: str) -> Object:
    return {"labelsOverrider": [{"operator": "add", "value": {"where": value}}]}


def test_a_choice_of_clusters_limits_what_is_told() -> None:
    before = rendered(deployment("a"), placed("a", "m1"), deployment("b"), placed("b", "m2"))
    after = rendered(deployment("a"), placed("a", "m3"), deployment("b"), placed("b", "m1"))
    found = compare(before, after, clusters=["m3"])
    assert [row.text for row in shown(found).headlines] == [
        "Deployment/a (default) moves m1 → m3; 2 replicas"
    ]
    assert [(row.title, row.clusters) for row in shown(found).objects] == [
        ("Deployment/a (default)", ("m3",))
    ]


def test_what_is_held_back_counts_as_gone() -> None:
    before = rendered(config_map("x"), policy("all"))
    held = policy("all", suspension={"dispatchingOnClusters": {"clusterNames": ["m2"]}})
    after = rendered(config_map("x"), held)
    assert sentences(before, after) == ["1 object removed from m2: ConfigMap/x (default)"]
    assert because(before, after) == [
        "PropagationPolicy/default/all spec.suspension changed (propagationpolicy-all.yaml:1)"
    ]


def test_what_cannot_be_placed_is_withheld_with_what_it_brings_along() -> None:
    web = deployment("web")
    web["spec"]["template"]["spec"]["volumes"] = [{"name": "c", "configMap": {"name": "conf"}}]
    objects = [web, config_map("conf"), config_map("other"), policy("others", _named("other"))]

    def fleet(name: str) -> Rendering:
        placement = {"clusterAffinity": {"clusterNames": [name]}}
        takes = policy(
            "web", selector("Deployment", name="web"), placement=placement, propagateDeps=True
        )
        return rendered(*objects, takes)

    found = compare(fleet("m1"), fleet("nowhere"))
    assert not found
    assert [(str(item.side), item.ref.name) for item in found.withheld] == [
        ("head", "web"),
        ("head", "conf"),
    ]
    lines = "\n".join(text_lines(shown(found)))
    assert "Deployment/web (default): not compared, the head cannot place or build it" in lines
    assert "comes along with Deployment/web, which is withheld" in lines


def _named(name: str) -> Object:
    return selector("ConfigMap", name=name)


def test_a_side_with_a_broken_file_is_not_compared_at_all() -> None:
    before = rendered(config_map("x"), policy("all"))
    broken = load(MemorySource({"a.yaml": "a: [\n", "c.yaml": dumps(cluster("m1"))}))
    found = compare(before, render(broken.fleet))
    assert not found
    assert shown(found).head.withheld
    assert not shown(found).is_complete
    assert shown(found).summary.text == "withheld: not compared"


def test_namespaces_that_follow_their_objects_are_told() -> None:
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
    item = {**config_map("x"), "metadata": {"name": "x", "namespace": "shop"}}

    def fleet(name: str) -> Rendering:
        takes = policy(
            "all", namespace="shop", placement={"clusterAffinity": {"clusterNames": [name]}}
        )
        return rendered(namespace, item, takes)

    text = sentences(fleet("m1"), fleet("m2"))
    assert text == ["2 objects move m1 → m2: ConfigMap/x (shop), Namespace/shop"]
