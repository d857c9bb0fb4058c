"""The whole function: objects in, what each cluster gets out, with everything that was found."""

from typing import Any

import msgspec
import pytest

import armada_render
from armada_render import ExitCode, Rendering, RenderOptions, render
from armada_render.errors import Problem
from armada_render.load import from_objects
from tests.support.objects import (
    Object,
    cluster,
    config_map,
    deployment,
    override,
    policy,
    selector,
)

DIVIDED = {"replicaScheduling": {"replicaSchedulingType": "Divided"}}
AGGREGATED = {
    "replicaScheduling": {
        "replicaSchedulingType": "Divided",
        "replicaDivisionPreference": "Aggregated",
    }
}
ONLY_ONE = {"clusterAffinity": {"clusterNames": ["one"]}}


def _said(problems: tuple[Problem, ...]) -> list[str]:
    return [problem.message for problem in problems]


def _render(*objects: Object, **options: Any) -> Rendering:
    return render([cluster("one"), cluster("two"), *objects], RenderOptions(**options))


def test_every_cluster_gets_its_works() -> None:
    rendering = _render(config_map("a"), policy("p", placement=ONLY_ONE), config_map("b"))
    assert {name: [str(work.ref) for work in works] for name, works in rendering.works.items()} == {
        "one": ["v1/ConfigMap/default/a", "v1/ConfigMap/default/b"]
    }
    assert rendering.exit_code is ExitCode.OK
    assert rendering.problems == ()


def test_a_fleet_and_its_objects_render_alike() -> None:
    objects = [cluster("one"), config_map("a"), policy("p")]
    assert render(from_objects(objects)).to_dict() == render(objects).to_dict()


def test_the_public_form_holds_everything() -> None:
    rendering = _render(
        deployment("web", 3),
        config_map("left"),
        policy("p", selector("Deployment"), placement=ONLY_ONE),
        policy("bad", placement=3),
    )
    result = rendering.to_dict()
    assert result["apiVersion"] == "armada-render/v1"
    assert result["kind"] == "Rendering"
    assert result["unpropagated"] == ["v1/ConfigMap/default/left"]
    assert result["rejected"] == {
        "PropagationPolicy/default/bad": "spec.placement: expected an object, got a whole number"
    }
    assert result["errors"] == []
    assert result["problems"] == [
        {
            "message": "expected an object, got a whole number",
            "exitCode": 3,
            "resource": "PropagationPolicy/default/bad",
            "field": "spec.placement",
        }
    ]
    assert list(result["works"]) == ["one"]
    binding = result["bindings"]["apps/v1/Deployment/default/web"]
    assert binding == {
        "policy": "PropagationPolicy/default/p",
        "replicas": 3,
        "clusters": [{"name": "one", "replicas": 3}],
        "requiredBy": [],
        "schedulerObservingAffinityName": None,
        "suspendedClusters": [],
        "reason": None,
        "message": None,
        "rejections": binding["rejections"],
    }
    assert [item["cluster"] for item in binding["rejections"]] == ["two"]
    assert msgspec.json.decode(msgspec.json.encode(result)) == result


def test_a_failing_override_is_an_error_of_one_resource_on_one_cluster() -> None:
    remove = {"plaintext": [{"path": "/data/none", "operator": "remove"}]}
    rendering = _render(config_map("a"), policy("p"), override("o", remove, clusters=["two"]))
    assert list(rendering.works) == ["one"]
    assert rendering.exit_code is ExitCode.OVERRIDE
    (error,) = rendering.to_dict()["errors"]
    assert (error["stage"], error["resource"], error["cluster"], error["policy"]) == (
        "work",
        "v1/ConfigMap/default/a",
        "two",
        "OverridePolicy/default/o",
    )
    (problem,) = rendering.problems
    assert problem.message.startswith(
        f"OverridePolicy/default/o {error['rule']}, cluster two: {error['message']}"
    )


def test_no_cluster_fits_is_a_problem_with_every_reason_but_no_error() -> None:
    nowhere = {"clusterAffinity": {"clusterNames": ["three"]}}
    rendering = _render(config_map("a"), policy("p", placement=nowhere))
    assert rendering.errors == ()
    assert rendering.exit_code is ExitCode.PLACEMENT
    (problem,) = rendering.problems
    assert problem.message.splitlines()[0].startswith(
        "no cluster fits (PropagationPolicy/default/p): "
    )
    assert [line.split(":")[0] for line in problem.message.splitlines()[1:]] == ["  one", "  two"]
    assert problem.hint == "widen the policy's placement, or change the clusters of the inventory"


def _full(name: str) -> Object:
    summary = {"allocatable": {"cpu": "4", "pods": "2"}, "allocated": {"pods": "1"}}
    return {**cluster(name), "status": {"resourceSummary": summary}}


def test_not_enough_capacity_is_an_error_that_says_where_there_is_room() -> None:
    rendering = render(
        [
            _full("one"),
            _full("two"),
            deployment("web", 9),
            policy("p", selector("Deployment"), placement=AGGREGATED),
        ]
    )
    assert rendering.exit_code is ExitCode.PLACEMENT
    assert [error["stage"] for error in rendering.to_dict()["errors"]] == ["schedule"]
    (problem,) = rendering.problems
    assert problem.message.startswith("not enough capacity (PropagationPolicy/default/p)")
    assert "room for 1 of 9 replicas" in problem.message
    assert problem.hint == (
        "lower the replicas or requests, add clusters, or correct status.resourceSummary"
    )


def test_every_affinity_group_says_why_it_did_not_do() -> None:
    groups = [
        {"affinityName": "main", "clusterNames": ["three"]},
        {"affinityName": "backup", "clusterNames": ["four"]},
    ]
    (problem,) = _render(
        config_map("a"), policy("p", placement={"clusterAffinities": groups})
    ).problems
    said = [line.strip() for line in problem.message.splitlines()]
    assert [line.partition(":")[0] for line in said if line.startswith("affinity")] == [
        "affinity group main",
        "affinity group backup",
    ]


def test_too_few_groups_have_nothing_to_do_with_room() -> None:
    spread = {"spreadConstraints": [{"spreadByField": "cluster", "minGroups": 3}], **AGGREGATED}
    (problem,) = _render(
        deployment("web"), policy("p", selector("Deployment"), placement=spread)
    ).problems
    assert problem.message.startswith("cannot be scheduled (PropagationPolicy/default/p): ")
    assert "room for" not in problem.message
    assert problem.hint == "see docs/placement.md for what spread constraints and strategies need"
    assert problem.code is ExitCode.PLACEMENT


def test_a_waiting_policy_is_a_problem_with_its_place() -> None:
    rendering = _render(config_map("a"), policy("p", dependentOverrides=["missing"]))
    (problem,) = rendering.problems
    assert problem.message.startswith(
        "PropagationPolicy/default/p: waits for OverridePolicy missing"
    )
    assert rendering.unpropagated == ()


def test_what_is_held_back_is_not_dispatched() -> None:
    held = {"dispatchingOnClusters": {"clusterNames": ["two"]}}
    rendering = _render(config_map("a"), policy("p", suspension=held))
    assert [work.ref.name for work in rendering.dispatched("one")] == ["a"]
    assert rendering.dispatched("two") == ()
    assert rendering.dispatched("three") == ()
    assert len(rendering.works["two"]) == 1
    assert rendering.to_dict()["bindings"]["v1/ConfigMap/default/a"]["suspendedClusters"] == ["two"]
    assert _said(rendering.warnings) == ["held back on two (suspension): left out of the output"]


def test_without_suspension_everything_is_dispatched() -> None:
    rendering = _render(config_map("a"), policy("p"))
    assert rendering.dispatched("one") is rendering.works["one"]


@pytest.mark.parametrize(
    "idle",
    [
        policy("idle", selector("Secret")),
        policy("idle", selector("ConfigMap", name="b")),
        policy("idle", namespace="shop"),
        policy("idle", selector("ConfigMap", labelSelector={"matchLabels": {"a": "b"}})),
        policy("idle", selector("ConfigMap", namespace="shop"), namespace=""),
    ],
)
def test_a_policy_that_selects_nothing_is_a_warning(idle: Object) -> None:
    rendering = _render(config_map("a"), policy("p"), idle)
    assert [(item.resource.rpartition("/")[2], item.field) for item in rendering.warnings] == [
        ("idle", "spec.resourceSelectors")
    ]
    assert rendering.exit_code is ExitCode.OK


@pytest.mark.parametrize(
    "busy",
    [
        policy("busy", selector("Secret"), selector("ConfigMap", name="a")),
        policy("busy", selector("ConfigMap", namespace="default"), namespace=""),
        policy("busy", namespace=""),
        override("busy", {}),
    ],
)
def test_one_selector_that_finds_something_is_enough(busy: Object) -> None:
    assert _render(config_map("a"), policy("p"), busy).warnings == ()


def test_an_override_policy_that_selects_nothing_is_a_warning() -> None:
    idle = override("idle", {})
    idle["spec"]["resourceSelectors"] = [selector("Secret")]
    (warning,) = _render(config_map("a"), policy("p"), idle).warnings
    assert warning.resource == "OverridePolicy/default/idle"


def test_a_dependency_that_is_not_in_git_is_a_warning() -> None:
    web = deployment("web")
    web["spec"]["template"]["spec"]["volumes"] = [{"name": "v", "configMap": {"name": "gone"}}]
    rendering = _render(web, policy("p", selector("Deployment"), propagateDeps=True))
    assert _said(rendering.warnings) == [
        "refers to ConfigMap gone, which is not in Git: it must be on the cluster already"
    ]


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["a"], "apps/v1/Deployment/default/a is"),
        (["a", "b"], "apps/v1/Deployment/default/a, apps/v1/Deployment/default/b are"),
        (["a", "b", "c", "d", "e"], "apps/v1/Deployment/default/c and 2 more are"),
    ],
)
def test_unknown_capacity_is_a_warning_unless_it_counts_as_none(
    names: list[str], shown: str
) -> None:
    objects = [
        *(deployment(name) for name in names),
        policy("p", selector("Deployment"), placement=AGGREGATED),
    ]
    (warning,) = _render(*objects).warnings
    assert f"{shown} divided by capacity, but one, two are without" in warning.message
    assert _render(*objects, strict_inventory=True).warnings == ()


def test_absent_replicas_that_are_divided_are_a_warning() -> None:
    rendering = _render(
        deployment("web", None), policy("p", selector("Deployment"), placement=DIVIDED)
    )
    assert _said(rendering.warnings) == [
        (
            "apps/v1/Deployment/default/web is divided without spec.replicas: counted as 1, "
            "on one cluster"
        )
    ]


def test_all_problems_of_a_run_come_together_and_the_most_severe_wins() -> None:
    remove = {"plaintext": [{"path": "/data/none", "operator": "remove"}]}
    nowhere = {"clusterAffinity": {"clusterNames": ["three"]}}
    rendering = _render(
        {"kind": "ConfigMap"},
        config_map("a"),
        deployment("web"),
        policy("p"),
        policy("d", selector("Deployment"), placement=nowhere),
        policy("bad", placement=3),
        override("o", remove, clusters=["two"]),
    )
    assert sorted(int(problem.code) for problem in rendering.problems) == [3, 3, 4, 5]
    assert rendering.exit_code == 5


def test_a_broken_cluster_is_a_problem_and_the_others_are_used() -> None:
    broken = {**cluster("two"), "spec": 3}
    rendering = render([cluster("one"), broken, config_map("a"), policy("p")])
    assert list(rendering.works) == ["one"]
    assert rendering.exit_code is ExitCode.INPUT


def test_what_a_live_cluster_reports_has_a_health() -> None:
    live: Object = {**deployment("web", 2), "status": {"replicas": 2, "readyReplicas": 1}}
    assert armada_render.health(live) == "Unhealthy"
    assert armada_render.health(config_map("a")) == "Healthy"
    custom = {
        "apiVersion": "config.karmada.io/v1alpha1",
        "kind": "ResourceInterpreterCustomization",
        "metadata": {"name": "c"},
        "spec": {
            "target": {"apiVersion": "v1", "kind": "ConfigMap"},
            "customizations": {
                "healthInterpretation": {
                    "luaScript": "function InterpretHealth(o) return o.data.key == 'other' end"
                }
            },
        },
    }
    assert armada_render.health(config_map("a"), customizations=[custom]) == "Unhealthy"


def test_clusters_that_do_not_say_what_they_serve_are_named_where_others_do() -> None:
    speaking = {
        **cluster("one"),
        "status": {
            "apiEnablements": [{"groupVersion": "apps/v1", "resources": [{"kind": "Deployment"}]}]
        },
    }
    objects = [speaking, cluster("two"), deployment("web"), policy("web", selector("Deployment"))]

    (warning,) = _said(render(objects).warnings)
    assert warning == (
        "two is without status.apiEnablements, which other clusters have: every API counts as "
        "served there"
    )
    strict = render(objects, RenderOptions(strict_inventory=True))
    assert (list(strict.works), strict.warnings) == (["one"], ())


def test_what_is_built_for_some_clusters_is_their_part() -> None:
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "a"},
        "spec": {"completions": 9, "parallelism": 5, "template": {"spec": {"containers": []}}},
    }
    where = {**DIVIDED, "clusterAffinity": {"clusterNames": ["one", "two"]}}
    objects = [
        job,
        config_map("a"),
        policy("job", {"apiVersion": "batch/v1", "kind": "Job"}, placement=where),
        policy("map", selector("ConfigMap"), placement=ONLY_ONE),
        override("broken", {"plaintext": [{"path": "/x/y", "operator": "add"}]}, clusters=["one"]),
    ]
    whole = _render(*objects)
    assert whole.errors
    part = _render(*objects, clusters=frozenset({"two"}))
    assert not part.problems
    assert part.works.keys() == {"two"}
    assert [work.manifest for work in part.works["two"]] == [
        work.manifest for work in whole.works["two"]
    ]
    assert _render(*objects, clusters=frozenset({"one"})).errors == whole.errors
