"""The manifests between template and result, which `explain` tells from."""

from typing import Any

import msgspec

from armada_render.build import works
from armada_render.interpret import Interpreter
from armada_render.model.binding import ReplicaRequirements, ResourceBinding, TargetCluster
from armada_render.model.cluster import Cluster
from armada_render.model.override import OverridePolicy, OverrideSpec
from armada_render.model.policy import PropagationPolicy, PropagationSpec
from armada_render.model.resource import ObjectReference, ResourceTemplate
from armada_render.model.work import Action, AppliedRule, Work

POLICY = PropagationPolicy(
    name="p",
    namespace="ns",
    spec=msgspec.convert(
        {
            "resourceSelectors": [{"apiVersion": "batch/v1", "kind": "Job"}],
            "placement": {"replicaScheduling": {"replicaSchedulingType": "Divided"}},
        },
        PropagationSpec,
    ),
)
MANIFEST: dict[str, Any] = {
    "apiVersion": "batch/v1",
    "kind": "Job",
    "metadata": {"name": "j", "namespace": "ns", "uid": "u"},
    "spec": {"parallelism": 4, "completions": 8, "template": {}},
}


def label(value: str, *clusters: str) -> dict[str, Any]:
    rule = {"overriders": {"labelsOverrider": [{"operator": "add", "value": {"l": value}}]}}
    return {**rule, "targetCluster": {"clusterNames": list(clusters)}} if clusters else rule


def built(*rules: dict[str, Any], trace: bool = True) -> dict[str, Work]:
    template = ResourceTemplate(
        ref=ObjectReference("batch/v1", "Job", "ns", "j"), manifest=MANIFEST, app="app"
    )
    binding = ResourceBinding(
        template=template,
        namespace="ns",
        name="j-job",
        policy=POLICY,
        placement=POLICY.spec.placement,
        replicas=4,
        requirements=ReplicaRequirements(),
        clusters=(TargetCluster("m1", 3), TargetCluster("m2", 1)),
    )
    spec = msgspec.convert({"overrideRules": rules}, OverrideSpec)
    overrides = [OverridePolicy(name="o", namespace="ns", spec=spec)] if rules else []
    clusters = [Cluster(name="m1"), Cluster(name="m2")]
    result = works([binding], overrides, clusters, Interpreter(), trace=trace)
    return {name: work for name, (work,) in result.works.items()}


def test_nothing_is_recorded_unless_asked() -> None:
    assert built(label("x"), trace=False)["m1"].trace is None


def test_steps_come_in_the_order_in_which_they_were_done() -> None:
    trace = built(label("x"), label("y", "m2"))["m2"].trace
    assert trace is not None
    assert [step.action for step in trace.steps] == [
        Action.TEMPLATE,
        Action.CLAIM,
        Action.REPLICAS,
        Action.COMPLETIONS,
        Action.OVERRIDE,
        Action.OVERRIDE,
        Action.PRUNE,
        Action.RELEASE,
    ]
    assert [step.manifest["spec"]["parallelism"] for step in trace.steps] == [4, 4, *[1] * 6]
    assert trace.steps[5].rule == AppliedRule("OverridePolicy/ns/o", 1)
    assert trace.steps[5].place == "overrideRules[1].overriders.labelsOverrider[0]"


def test_the_last_step_is_the_result_and_the_first_the_template() -> None:
    work = built(label("x"))["m1"]
    assert work.trace is not None
    assert work.trace.steps[0].manifest is MANIFEST
    assert work.trace.steps[-1].manifest is work.manifest


def test_an_override_without_effect_is_recorded_too() -> None:
    rule = {"overriders": {"labelsOverrider": [{"operator": "remove", "value": {"l": ""}}]}}
    trace = built(rule)["m1"].trace
    assert trace is not None
    assert Action.OVERRIDE in [step.action for step in trace.steps]


def test_rules_for_other_clusters_are_recorded_as_passed() -> None:
    works_by_cluster = built(label("x", "m1"), label("y", "m2"), label("z"))
    passed = {name: work.trace and work.trace.passed for name, work in works_by_cluster.items()}
    assert passed == {
        "m1": (AppliedRule("OverridePolicy/ns/o", 1),),
        "m2": (AppliedRule("OverridePolicy/ns/o", 0),),
    }
