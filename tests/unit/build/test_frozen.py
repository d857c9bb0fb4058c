from typing import Any

from msgspec import structs

from armada_render.load import MemorySource, load
from armada_render.model.fleet import Fleet
from armada_render.pipeline import render
from armada_render.yamlio import dumps
from tests.support import objects

TASK = {"fromCluster": "b", "purgeMode": "Never", "reason": "r", "producer": "p"}
COPY = ".armada/frozen/b/default/web-deployment.yaml"


def _fleet(copy: str | None, *tasks: dict[str, Any], **files: str) -> Fleet:
    binding = {
        "apiVersion": "work.karmada.io/v1alpha2",
        "kind": "ResourceBinding",
        "metadata": {"name": "web-deployment", "namespace": "default"},
        "spec": {
            "clusters": [{"name": "a", "replicas": 2}],
            "gracefulEvictionTasks": list(tasks),
            "resource": {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "namespace": "default",
                "name": "web",
            },
        },
    }
    given = [
        objects.cluster("a"),
        objects.cluster("b"),
        objects.deployment("web"),
        objects.config_map("settings"),
        objects.policy(
            "web",
            objects.selector("Deployment", name="web"),
            placement={"spreadConstraints": [{"spreadByField": "cluster", "maxGroups": 1}]},
        ),
    ]
    contents = {f"web/{number}.yaml": dumps(one) for number, one in enumerate(given)}
    contents[".armada/bindings/default/web-deployment.yaml"] = dumps(binding)
    if copy is not None:
        contents[COPY] = copy
    return load(MemorySource({**contents, **files})).fleet


def _copy(*given: objects.Object) -> str:
    return "---\n".join(
        dumps({**one, "metadata": {**one["metadata"], "namespace": "default"}}) for one in given
    )


OLD = _copy(objects.deployment("web", replicas=9), objects.config_map("settings"))


def test_a_task_keeps_the_old_copy_with_what_it_needs() -> None:
    rendering = render(_fleet(OLD, TASK))
    assert not rendering.problems
    works = rendering.works["b"]
    assert [(work.ref.kind, work.app, work.is_frozen) for work in works] == [
        ("Deployment", "web", True),
        ("ConfigMap", "web", True),
    ]
    assert works[0].manifest["spec"]["replicas"] == 9
    assert [work.is_frozen for work in rendering.works["a"]] == [False]
    assert not rendering.warnings


def test_what_runs_there_anyway_is_not_doubled() -> None:
    fleet = _fleet(OLD, TASK)
    everywhere = objects.policy("settings", objects.selector("ConfigMap"))
    more = load(MemorySource({"p.yaml": dumps(everywhere)})).fleet.propagation_policies
    fleet = structs.replace(fleet, propagation_policies=(*fleet.propagation_policies, *more))
    works = render(fleet).works["b"]
    assert [(work.ref.kind, work.is_frozen) for work in works] == [
        ("Deployment", True),
        ("ConfigMap", False),
    ]


def test_directly_keeps_nothing() -> None:
    rendering = render(_fleet(None, {**TASK, "purgeMode": "Directly"}))
    assert list(rendering.works) == ["a"]
    assert not rendering.warnings


def test_a_copy_that_is_not_there_is_missed() -> None:
    [warning] = render(_fleet(None, TASK)).warnings
    assert "the old copy on b is not kept" in warning.message
    assert warning.location is not None
    assert warning.location.path == ".armada/bindings/default/web-deployment.yaml"


def test_a_copy_without_a_task_is_not_applied() -> None:
    rendering = render(_fleet(OLD))
    assert list(rendering.works) == ["a"]
    [warning] = rendering.warnings
    assert "no eviction task asks for" in warning.message
    assert str(warning.location) == COPY


def test_a_namespace_follows_an_old_copy() -> None:
    text = OLD.replace("namespace: default", "namespace: shop")
    shop = dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    rendering = render(_fleet(text, TASK, **{"web/ns.yaml": shop}))
    assert "Namespace" in [work.ref.kind for work in rendering.works["b"]]
