"""What holds of every rendering, whatever the fleet."""

import copy
import random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from armada_render import emit
from armada_render.errors import ArmadaError, Problem
from armada_render.load import MemorySource, load
from armada_render.model.config import Layout
from armada_render.pipeline import Rendering, render
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

FEW = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
NAMES = ("a", "b", "c")
CLUSTERS = ("one", "two", "three")

_names = st.sampled_from(NAMES)
_some_clusters = st.lists(st.sampled_from(CLUSTERS), unique=True, min_size=1)
_labels = st.dictionaries(st.sampled_from(["env", "tier"]), st.sampled_from(["x", "y"]))
_clusters = st.lists(
    st.builds(
        cluster,
        name=st.sampled_from(CLUSTERS),
        labels=_labels,
        region=st.sampled_from(["", "eu", "us"]),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda item: item["metadata"]["name"],
)
_templates = st.lists(
    st.builds(config_map, name=_names, labels=_labels)
    | st.builds(deployment, name=_names, replicas=st.integers(0, 7), labels=_labels),
    max_size=5,
    unique_by=lambda item: (item["kind"], item["metadata"]["name"]),
)
_selectors = st.builds(
    selector, kind=st.sampled_from(["ConfigMap", "Deployment"]), name=_names | st.just("")
)
_weights = st.lists(
    st.builds(
        lambda names, weight: {"targetCluster": {"clusterNames": names}, "weight": weight},
        _some_clusters,
        st.integers(1, 4),
    ),
    min_size=1,
    max_size=3,
)
_divisions: st.SearchStrategy[Object] = st.one_of(
    st.just({"replicaSchedulingType": "Duplicated"}),
    st.just({"replicaSchedulingType": "Divided", "replicaDivisionPreference": "Aggregated"}),
    st.builds(
        lambda weights: {
            "replicaSchedulingType": "Divided",
            "replicaDivisionPreference": "Weighted",
            "weightPreference": {"staticWeightList": weights},
        },
        _weights,
    ),
)
_placements = st.fixed_dictionaries(
    {"replicaScheduling": _divisions},
    optional={
        "clusterAffinity": st.builds(lambda names: {"clusterNames": names}, _some_clusters)
        | st.builds(lambda labels: {"labelSelector": {"matchLabels": labels}}, _labels)
    },
)
_policies = st.lists(
    st.builds(
        lambda name, selectors, namespace, placement, priority: policy(
            name, *selectors, namespace=namespace, placement=placement, priority=priority
        ),
        _names,
        st.lists(_selectors, min_size=1, max_size=2),
        st.sampled_from(["default", ""]),
        _placements,
        st.integers(0, 2),
    ),
    max_size=3,
    unique_by=lambda item: (item["kind"], item["metadata"]["name"]),
)
_overrides = st.lists(
    st.builds(
        lambda name, value, clusters: override(
            name,
            {"labelsOverrider": [{"operator": "add", "value": {"added": value}}]},
            clusters=clusters,
        ),
        _names,
        st.sampled_from(["x", "y"]),
        st.lists(st.sampled_from(CLUSTERS), unique=True),
    ),
    max_size=2,
    unique_by=lambda item: item["metadata"]["name"],
)
_fleets: st.SearchStrategy[list[Object]] = st.builds(
    lambda *parts: [item for part in parts for item in part],
    _clusters,
    _templates,
    _policies,
    _overrides,
)


def _tree(rendering: Rendering) -> list[emit.OutputFile]:
    return list(emit.tree(rendering.works, Layout.BUNDLE))


def _shuffled(value: Any, chance: random.Random) -> Any:
    """Return the value with the keys of all its objects in another order."""
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: _shuffled(value[key], chance) for key in keys}
    if isinstance(value, list):
        return [_shuffled(item, chance) for item in value]
    return value


@FEW
@given(_fleets, st.randoms(use_true_random=False))
def test_the_order_of_objects_and_keys_changes_nothing(
    objects: list[Object], chance: random.Random
) -> None:
    expected = render(objects)
    other = [_shuffled(item, chance) for item in objects]
    chance.shuffle(other)
    result = render(other)
    assert _tree(result) == _tree(expected)
    assert result.to_dict() == expected.to_dict()


@FEW
@given(_fleets, st.randoms(use_true_random=False))
def test_how_objects_are_cut_into_files_changes_nothing(
    objects: list[Object], chance: random.Random
) -> None:
    chance.shuffle(objects)
    files: dict[str, list[str]] = {}
    for item in objects:
        files.setdefault(f"app/{chance.randrange(3)}.yaml", []).append(dumps(item))
    split = MemorySource({path: "---\n".join(texts) for path, texts in files.items()})
    chance.shuffle(objects)
    whole = MemorySource({"app/all.yaml": "---\n".join(map(dumps, objects))})
    assert _tree(render(load(split).fleet)) == _tree(render(load(whole).fleet))


@FEW
@given(_fleets)
def test_inputs_are_left_as_they_were_and_a_second_rendering_is_the_same(
    objects: list[Object],
) -> None:
    before = copy.deepcopy(objects)
    first = render(objects)
    assert objects == before
    again = render(objects)
    assert _tree(again) == _tree(first)
    assert b"".join(emit.jsonl(again.works)) == b"".join(emit.jsonl(first.works))
    assert again.to_dict() == first.to_dict()


@FEW
@given(_fleets)
def test_each_cluster_is_a_target_or_has_a_reason(objects: list[Object]) -> None:
    names = {item["metadata"]["name"] for item in objects if item["kind"] == "Cluster"}
    for binding in render(objects).bindings:
        targets = {target.name for target in binding.clusters}
        refused = {item.cluster: item.reason for item in binding.rejections}
        assert targets | refused.keys() == names
        assert not targets & refused.keys()
        assert all(refused.values())


@FEW
@given(_fleets)
def test_divided_replicas_sum_to_the_total_and_duplicated_ones_repeat_it(
    objects: list[Object],
) -> None:
    for binding in render(objects).bindings:
        if not binding.clusters or not binding.is_workload or binding.placement is None:
            continue
        replicas = [target.replicas for target in binding.clusters]
        if binding.placement.scheduling_type == "Divided":
            assert sum(replicas) == binding.replicas
        else:
            assert replicas == [binding.replicas] * len(replicas)


_plain: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "spec", "kind", "items", "placement", "template", "replicas"])
            | st.text(max_size=6),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
_kinds = st.sampled_from(
    [
        ("v1", "List"),
        ("v1", "Pod"),
        ("v1", "ConfigMap"),
        ("apps/v1", "Deployment"),
        ("batch/v1", "Job"),
        ("policy.karmada.io/v1alpha1", "PropagationPolicy"),
        ("policy.karmada.io/v1alpha1", "ClusterOverridePolicy"),
        ("cluster.karmada.io/v1alpha1", "Cluster"),
        ("config.karmada.io/v1alpha1", "ResourceInterpreterCustomization"),
        ("work.karmada.io/v1alpha2", "ResourceBinding"),
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
    ]
)
_documents = _plain | st.builds(
    lambda kind, metadata, parts: {
        "apiVersion": kind[0],
        "kind": kind[1],
        "metadata": metadata,
        **parts,
    },
    _kinds,
    st.fixed_dictionaries({"name": st.sampled_from(["a", "b"]) | _plain})
    | st.fixed_dictionaries(
        {"name": st.just("a"), "labels": _plain, "annotations": _plain, "uid": _plain}
    )
    | _plain,
    st.dictionaries(st.sampled_from(["spec", "status", "items", "data"]), _plain),
)
_everything = [
    cluster("one"),
    *(
        policy(f"all-{kind.lower()}", {"apiVersion": version, "kind": kind}, namespace="")
        for version, kind in [
            ("v1", "Pod"),
            ("v1", "ConfigMap"),
            ("apps/v1", "Deployment"),
            ("batch/v1", "Job"),
        ]
    ),
]


def _is_said(rendering: Rendering) -> None:
    """Make every text that a user may see."""
    for found in (*rendering.problems, *rendering.warnings):
        assert isinstance(found, Problem)
        assert str(found)
    assert emit.json_document(rendering.to_dict())


@settings(FEW, max_examples=150)
@given(st.lists(_documents, max_size=4))
def test_any_data_renders_with_problems_but_never_crashes(documents: list[Any]) -> None:
    try:
        text = "---\n".join(map(dumps, documents))
    except ValueError:
        return  # infinity, and what else YAML of Kubernetes cannot say
    source = MemorySource({"app/a.yaml": text, "b.yaml": "---\n".join(map(dumps, _everything))})
    try:
        rendering = render(load(source).fleet)
    except ArmadaError:
        return
    _is_said(rendering)
    _is_said(render([item for item in documents if isinstance(item, dict)] + _everything))


@settings(FEW, max_examples=100)
@given(
    st.text(alphabet=st.sampled_from("ab:-[]{}'\"|>&*!#%@,? \n\t\x00\ufeff\u2028é"), max_size=40)
)
def test_any_text_loads_with_problems_but_never_crashes(text: str) -> None:
    fleet = load(MemorySource({"a.yaml": text, "armada.yaml": text})).fleet
    assert all(str(problem) for problem in fleet.problems)
