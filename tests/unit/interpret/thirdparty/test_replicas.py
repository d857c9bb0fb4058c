"""Replicas and revision of third-party kinds, after the testdata of Karmada's scripts."""

from typing import Any

import pytest

from armada_render.interpret import Interpreter, InterpretError
from armada_render.model.binding import NodeClaim, ReplicaRequirements

INTERPRETER = Interpreter()


def manifest(api_version: str, kind: str, spec: object) -> dict[str, Any]:
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": "app", "namespace": "team-a"},
        "spec": spec,
    }


def template(**requests: str) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": "main", "resources": {"requests": requests}}]}}


CPU = ReplicaRequirements(resource_request={"cpu": "1"})
REPLICATED = [
    ("apps.kruise.io/v1alpha1", "CloneSet"),
    ("apps.kruise.io/v1alpha1", "UnitedDeployment"),
    ("apps.kruise.io/v1beta1", "StatefulSet"),
]


@pytest.mark.parametrize(("api_version", "kind"), REPLICATED)
def test_kruise_workloads_have_the_replicas_they_ask_for(api_version: str, kind: str) -> None:
    document = manifest(api_version, kind, {"replicas": 3, "template": template(cpu="1")})
    assert INTERPRETER.replicas(document) == (3, CPU)
    assert INTERPRETER.revise(document, 5)["spec"]["replicas"] == 5


@pytest.mark.parametrize(("api_version", "kind"), REPLICATED)
@pytest.mark.parametrize("spec", [{"template": {}}, {"replicas": 3}, None, {"replicas": "3"}])
def test_kruise_workloads_must_say_replicas_and_template(
    api_version: str, kind: str, spec: object
) -> None:
    with pytest.raises(InterpretError):
        INTERPRETER.replicas(manifest(api_version, kind, spec))


def test_an_empty_node_selector_gets_lost_on_the_way_through_lua() -> None:
    spec = {"replicas": 0, "template": {"spec": {"nodeSelector": {}}}}
    assert INTERPRETER.replicas(manifest("apps.kruise.io/v1alpha1", "CloneSet", spec)) == (0, None)
    assert INTERPRETER.replicas(
        manifest("apps.kruise.io/v1alpha1", "CloneSet", {"replicas": 1, "template": []})
    ) == (1, None)


@pytest.mark.parametrize("kind", ["CloneSet", "BroadcastJob"])
def test_a_template_must_be_an_object(kind: str) -> None:
    document = manifest("apps.kruise.io/v1alpha1", kind, {"replicas": 1, "template": [1]})
    with pytest.raises(InterpretError, match="expected a pod template, got an array"):
        INTERPRETER.replicas(document)


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [("apps.kruise.io/v1alpha1", "BroadcastJob"), ("argoproj.io/v1alpha1", "Workflow")],
)
def test_jobs_run_their_parallelism_one_by_default(api_version: str, kind: str) -> None:
    spec: dict[str, Any] = {"template": {}}
    assert INTERPRETER.replicas(manifest(api_version, kind, spec)) == (1, None)
    document = manifest(api_version, kind, spec | {"parallelism": 4})
    assert INTERPRETER.replicas(document) == (4, None)
    assert INTERPRETER.revise(document, 2)["spec"]["parallelism"] == 2
    with pytest.raises(InterpretError, match=r"spec.parallelism"):
        INTERPRETER.replicas(manifest(api_version, kind, spec | {"parallelism": "50%"}))


def test_a_workflow_claims_nodes_by_its_own_fields() -> None:
    spec = {"nodeSelector": {"disk": "ssd"}, "templates": []}
    assert INTERPRETER.replicas(manifest("argoproj.io/v1alpha1", "Workflow", spec)) == (
        1,
        ReplicaRequirements(node_claim=NodeClaim(node_selector={"disk": "ssd"})),
    )


def test_kinds_without_replicas_of_their_own() -> None:
    sidecars = manifest("apps.kruise.io/v1alpha1", "SidecarSet", {})
    assert INTERPRETER.replicas(sidecars) == (0, None)
    notebook = manifest("kubeflow.org/v1", "Notebook", {"template": template(cpu="1")})
    assert INTERPRETER.replicas(notebook) == (1, CPU)
    for document in (sidecars, notebook):
        assert not INTERPRETER.can_revise(document)


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [
        ("apps.kruise.io/v1alpha1", "DaemonSet"),
        ("apps.kruise.io/v1beta1", "CloneSet"),
        ("batch.volcano.sh/v1alpha1", "Job"),
        ("kubeflow.org/v1", "PyTorchJob"),
        ("ray.io/v1", "RayCluster"),
    ],
)
def test_other_kinds_and_versions_have_no_replicas(api_version: str, kind: str) -> None:
    assert INTERPRETER.replicas(manifest(api_version, kind, {"replicas": 2})) is None


def flink(**spec: Any) -> dict[str, Any]:
    return manifest("flink.apache.org/v1beta1", "FlinkDeployment", spec)


def needs(document: dict[str, Any]) -> ReplicaRequirements:
    answer = INTERPRETER.replicas(document)
    assert answer is not None
    assert answer[1] is not None
    return answer[1]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, 2),
        ({"jobManager": {"replicas": "2"}, "taskManager": {"replicas": 3}}, 5),
        (
            {
                "job": {"parallelism": 5},
                "flinkConfiguration": {"taskmanager.numberOfTaskSlots": "2"},
            },
            4,
        ),
        (
            {
                "job": {"parallelism": 5},
                "flinkConfiguration": {"taskmanager.numberOfTaskSlots": "0"},
            },
            2,
        ),
        ({"job": {"parallelism": 5}}, 2),
    ],
)
def test_flink_runs_job_and_task_managers(spec: dict[str, Any], expected: int) -> None:
    answer = INTERPRETER.replicas(flink(**spec))
    assert answer == (expected, ReplicaRequirements(namespace="team-a"))


def test_flink_needs_the_larger_of_both_managers() -> None:
    document = flink(
        jobManager={"resource": {"cpu": 0.5, "memory": "2Gi"}},
        taskManager={"resource": {"cpu": "2", "memory": "2048m"}},
        podTemplate={
            "spec": {
                "nodeSelector": {"a": "b"},
                "tolerations": [{"operator": "Exists"}],
                "priorityClassName": "high",
            }
        },
    )
    assert needs(document) == ReplicaRequirements(
        node_claim=NodeClaim(node_selector={"a": "b"}, tolerations=({"operator": "Exists"},)),
        resource_request={"cpu": "2", "memory": "2Gi"},
        namespace="team-a",
        priority_class_name="high",
    )
    one = flink(jobManager={"resource": {"cpu": "500m", "memory": "2048m"}})
    assert needs(one).resource_request == {"cpu": "500m", "memory": "2048m"}


@pytest.mark.parametrize(
    "resources",
    [
        ({"cpu": "500m"}, {"cpu": 1}),
        ({"memory": "lots"}, {"memory": "1Gi"}),
        ({"memory": 1}, {"memory": "1Gi"}),
        ({"cpu": True}, {}),
        ({"memory": "lots"}, {}),
    ],
)
def test_flink_resources_must_be_comparable(resources: tuple[Any, Any]) -> None:
    job_manager, task_manager = resources
    with pytest.raises(InterpretError):
        INTERPRETER.replicas(
            flink(jobManager={"resource": job_manager}, taskManager={"resource": task_manager})
        )


def test_flink_names_must_be_text() -> None:
    with pytest.raises(InterpretError, match="priorityClassName: expected a string"):
        INTERPRETER.replicas(flink(podTemplate={"spec": {"priorityClassName": 1}}))


def ray(head: Any, *groups: Any) -> dict[str, Any]:
    config = {"headGroupSpec": head, "workerGroupSpecs": list(groups)}
    return manifest("ray.io/v1", "RayService", {"rayClusterConfig": config})


def shares(document: dict[str, Any], replicas: int) -> list[Any]:
    config = INTERPRETER.revise(document, replicas)["spec"]["rayClusterConfig"]
    return [group["replicas"] for group in config["workerGroupSpecs"]]


def test_a_ray_service_is_a_head_and_its_workers() -> None:
    head = {"template": template(cpu="1", memory="4Gi")}
    workers = {"replicas": 3, "template": template(cpu="2", memory="1Gi")}
    assert INTERPRETER.replicas(ray(head, workers, {"replicas": "2"}, {})) == (
        6,
        ReplicaRequirements(resource_request={"cpu": "2", "memory": "4Gi"}),
    )


def test_a_ray_head_without_needs_hides_those_of_the_workers() -> None:
    workers = {"replicas": 3, "template": template(cpu="2")}
    assert INTERPRETER.replicas(ray({"template": {}}, workers)) == (4, None)


def test_a_ray_service_without_a_head_has_no_replicas() -> None:
    assert INTERPRETER.replicas(ray({})) == (0, None)
    assert INTERPRETER.replicas(manifest("ray.io/v1", "RayService", {})) == (0, None)
    assert INTERPRETER.replicas(ray({"template": template(cpu="1")})) == (1, CPU)


@pytest.mark.parametrize(
    ("before", "replicas", "after"),
    [
        ([2], 5, [4]),
        ([2], 0, [0]),
        ([2, 2], 1, [0, 0]),
        ([0, 0, None], 6, [2, 2, 1]),
        ([1, 3], 9, [2, 6]),
        ([1, 1, 1], 3, [1, 1, 0]),
        ([1, 1, 0], 2, [1, 1, -1]),
    ],
)
def test_ray_workers_are_shared_out_as_before(
    before: list[int | None], replicas: int, after: list[int]
) -> None:
    document = ray({"template": {}}, *({"replicas": count} for count in before))
    assert shares(document, replicas) == after


def test_a_ray_service_without_workers_is_not_revised() -> None:
    document = manifest("ray.io/v1", "RayService", {"rayClusterConfig": {"a": 1}})
    assert INTERPRETER.revise(document, 5) == document
    with pytest.raises(InterpretError, match="expected objects"):
        INTERPRETER.revise(ray({}, 1), 5)
