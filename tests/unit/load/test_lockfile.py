import pytest

from armada_render.errors import Problem
from armada_render.load import MemorySource, load
from armada_render.load.lockfile import lock_path
from armada_render.model.binding import PreviousBinding, TargetCluster
from armada_render.model.resource import ObjectReference

WEB = ObjectReference("apps/v1", "Deployment", "shop", "web")
PATH = ".armada/bindings/shop/web-deployment.yaml"
TEXT = """apiVersion: work.karmada.io/v1alpha2
kind: ResourceBinding
metadata:
  annotations:
    policy.karmada.io/applied-placement: '{"clusterAffinities":[{"affinityName":"main"}]}'
  name: web-deployment
  namespace: shop
spec:
  clusters:
  - name: m1
    replicas: 2
  - name: m2
    replicas: 1
  resource:
    apiVersion: apps/v1
    kind: Deployment
    name: web
    namespace: shop
    uid: abc
status:
  schedulerObservingAffinityName: main
"""


def _problems(text: str | bytes, path: str = PATH) -> tuple[Problem, ...]:
    return load(MemorySource({path: text})).fleet.problems


def test_a_lock_file_is_the_previous_binding() -> None:
    fleet = load(MemorySource({PATH: TEXT})).fleet
    assert fleet.problems == ()
    state = fleet.previous_bindings[WEB]
    assert isinstance(state, PreviousBinding)
    assert state.clusters == (TargetCluster("m1", 2), TargetCluster("m2", 1))
    assert (state.uid, state.observed_affinity) == ("abc", "main")
    assert str(state.location) == f"{PATH}:1"


def test_names_become_paths_as_karmada_names_bindings() -> None:
    assert lock_path(WEB) == PATH
    role = ObjectReference("rbac.authorization.k8s.io/v1", "ClusterRole", "", "system:View")
    assert lock_path(role) == ".armada/bindings/_cluster/system.view-clusterrole.yaml"


@pytest.mark.parametrize(
    ("before", "after", "field", "message"),
    [
        pytest.param("  clusters:", "  cluster:", "spec.cluster", "unknown field", id="misspelt"),
        pytest.param(
            "    replicas: 2",
            "    count: 2",
            "spec.clusters[0].count",
            "unknown field",
            id="misspelt-share",
        ),
        pytest.param(
            "replicas: 2", 'replicas: "2"', "spec.clusters[0].replicas", "whole number", id="type"
        ),
        pytest.param(
            "replicas: 2", "replicas: -2", "spec.clusters[0].replicas", "at least 0", id="negative"
        ),
        pytest.param("name: m2", "name: m1", "spec.clusters[1].name", "twice", id="repeated"),
        pytest.param("    name: web\n", "    name: api\n", "spec.resource", "belongs", id="other"),
        pytest.param(
            "    namespace: shop\n    uid", "    uid", "spec.resource", "_cluster", id="namespace"
        ),
        pytest.param("name: web-dep", "name: dep", "metadata.name", "web-deployment", id="name"),
        pytest.param(
            "'{",
            "'{{",
            'metadata.annotations["policy.karmada.io/applied-placement"]',
            "JSON",
            id="placement-no-json",
        ),
        pytest.param(
            '\'{"clusterAffinities":[{"affinityName":"main"}]}\'',
            "'[]'",
            'metadata.annotations["policy.karmada.io/applied-placement"]',
            "JSON",
            id="placement-no-object",
        ),
        pytest.param(
            "Name: main\n",
            "Name: ma\n",
            "status.schedulerObservingAffinityName",
            "truncated",
            id="truncated-group",
        ),
        pytest.param("  resource:", "  spec:", "spec.resource", "required", id="no-resource"),
        pytest.param("kind: Res", "kind: Nes", "", "nothing else", id="kind"),
    ],
)
def test_a_slip_of_the_hand_is_an_error(before: str, after: str, field: str, message: str) -> None:
    found = [item for item in _problems(TEXT.replace(before, after)) if item.field == field]
    assert [message in item.message for item in found] == [True]
    assert "armada-render lock" in found[0].hint


@pytest.mark.parametrize("lines", range(1, TEXT.count("\n")))
def test_no_part_of_a_file_passes_for_the_whole(lines: int) -> None:
    assert _problems("".join(TEXT.splitlines(keepends=True)[:lines]))


def test_a_broken_entry_is_not_used() -> None:
    fleet = load(MemorySource({PATH: TEXT.replace("name: m2", "name: m1")})).fleet
    assert fleet.previous_bindings == {}


def test_an_empty_file_is_an_error() -> None:
    assert [item.message for item in _problems("")] == ["the file is empty"]
    assert [item.message for item in _problems("# only a comment\n")] == ["the file is empty"]


def test_a_conflict_marker_is_named_as_such() -> None:
    conflict = "<<<<<<< HEAD\n    replicas: 2\n=======\n    replicas: 3\n>>>>>>> other\n"
    (problem,) = _problems(TEXT.replace("    replicas: 2\n", conflict))
    assert "conflict marker" in problem.message
    assert str(problem.location) == f"{PATH}:11:1"
    assert "git checkout" in problem.hint


def test_a_conflict_marker_elsewhere_is_named_as_well() -> None:
    (problem,) = _problems("a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> x\n", "web/a.yaml")
    assert "conflict marker" in problem.message
    assert problem.hint == "resolve the conflict"


def test_two_bindings_of_one_resource_name_both_files() -> None:
    other = TEXT.replace("name: web-deployment", "name: other")
    (problem,) = load(MemorySource({PATH: TEXT, "export.yaml": other})).fleet.problems
    assert str(problem.location) == "export.yaml:1"
    assert f"{PATH}:1" in problem.message


def test_an_export_elsewhere_may_hold_more_fields() -> None:
    text = TEXT.replace("  clusters:", "  later: 1\n  clusters:")
    fleet = load(MemorySource({"export.yaml": text})).fleet
    assert fleet.problems == ()
    assert list(fleet.previous_bindings) == [WEB]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Immediately", "Directly"),
        ("Graciously", "Gracefully"),
        ("Never", "Never"),
        ("Soon", "Soon"),
    ],
)
def test_old_purge_modes_are_read_as_the_new_ones(old: str, new: str) -> None:
    task = f"  gracefulEvictionTasks:\n  - fromCluster: m3\n    purgeMode: {old}\n  resource:"
    fleet = load(MemorySource({PATH: TEXT.replace("  resource:", task)})).fleet
    assert [task.purge_mode for task in fleet.previous_bindings[WEB].eviction_tasks] == [new]
