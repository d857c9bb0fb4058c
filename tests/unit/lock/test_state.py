from msgspec import structs

from armada_render.load import MemorySource, load
from armada_render.load.lockfile import lock_path
from armada_render.lock.state import states, stored, text
from armada_render.model.binding import GracefulEvictionTask, PreviousBinding, TargetCluster
from armada_render.model.resource import ObjectReference
from tests.support.scheduling import AGGREGATED, REF, binding, clusters, placed, previous

ROLE = ObjectReference("rbac.authorization.k8s.io/v1", "ClusterRole", "", "viewer")
FULL = PreviousBinding(
    ref=REF,
    uid="abc",
    clusters=(TargetCluster("m2", 3), TargetCluster("m1", 0)),
    eviction_tasks=(
        GracefulEvictionTask(
            from_cluster="m3",
            purge_mode="Gracefully",
            replicas=0,
            reason="TaintUntolerated",
            producer="TaintManager",
            suppress_deletion=False,
            preserved_label_state={"a": "b"},
            creation_timestamp="2025-03-01T10:05:00Z",
            clusters_before_failover=("m3", "m2"),
        ),
    ),
    applied_placement='{"clusterAffinities":[{"affinityName":"main"}]}',
    observed_affinity="main",
    is_scheduling_suspended=True,
)


def test_a_file_is_a_resource_binding_with_a_field_a_line() -> None:
    assert text(FULL) == (
        """apiVersion: work.karmada.io/v1alpha2
kind: ResourceBinding
metadata:
  annotations:
    policy.karmada.io/applied-placement: '{"clusterAffinities":[{"affinityName":"main"}]}'
  name: web-deployment
  namespace: shop
spec:
  clusters:
  - name: m2
    replicas: 3
  - name: m1
  gracefulEvictionTasks:
  - clustersBeforeFailover:
    - m3
    - m2
    creationTimestamp: "2025-03-01T10:05:00Z"
    fromCluster: m3
    preservedLabelState:
      a: b
    producer: TaintManager
    purgeMode: Gracefully
    reason: TaintUntolerated
    replicas: 0
    suppressDeletion: false
  resource:
    apiVersion: apps/v1
    kind: Deployment
    name: web
    namespace: shop
    uid: abc
  suspension:
    scheduling: true
status:
  schedulerObservingAffinityName: main
"""
    )


def test_what_is_written_is_read_again() -> None:
    for state in (FULL, PreviousBinding(ref=ROLE, clusters=(TargetCluster("m1"),))):
        fleet = load(MemorySource({lock_path(state.ref): text(state)})).fleet
        assert fleet.problems == ()
        assert stored(fleet.previous_bindings[state.ref]) == state


def test_times_and_owners_are_not_kept() -> None:
    live = structs.replace(
        FULL, last_scheduled_time="2025-01-01T00:00:00Z", reschedule_triggered_at="x"
    )
    assert stored(live) == FULL


def test_a_scheduled_binding_is_kept_with_its_placement() -> None:
    scheduled = placed(binding({"replicaScheduling": AGGREGATED}, 2, uid="u"), clusters(a=9))
    assert states([scheduled]) == {
        REF: PreviousBinding(
            ref=REF,
            uid="u",
            clusters=(TargetCluster("a", 2),),
            applied_placement='{"replicaScheduling":{"replicaSchedulingType":"Divided",'
            '"replicaDivisionPreference":"Aggregated"}}',
        )
    }


def test_a_remembered_uid_stays() -> None:
    before = structs.replace(previous({}, a=2), uid="known")
    scheduled = placed(binding({}, 2, before=before), clusters(a=9))
    assert states([scheduled])[REF].uid == "known"


def test_a_kept_result_keeps_the_placement_it_came_from() -> None:
    groups = [{"affinityName": name, "clusterNames": [name]} for name in ("a", "b")]
    before = structs.replace(
        previous({"clusterAffinities": groups[:1], "replicaScheduling": AGGREGATED}, a=2),
        observed_affinity="a",
    )
    spec = {"clusterAffinities": groups, "replicaScheduling": AGGREGATED}
    scheduled = placed(binding(spec, 2, before=before), clusters(a=9, b=9))
    assert states([scheduled])[REF].applied_placement == before.applied_placement


def test_suspended_scheduling_stays_suspended() -> None:
    before = structs.replace(previous({}, a=2), is_scheduling_suspended=True)
    scheduled = placed(binding({"clusterAffinity": {}}, 5, before=before), clusters(b=9))
    state = states([scheduled])[REF]
    assert state.is_scheduling_suspended
    assert state.clusters == (TargetCluster("a", 2),)
    assert state.applied_placement == "{}"


def test_dependencies_are_not_kept() -> None:
    assert states([structs.replace(binding({}), placement=None)]) == {}
