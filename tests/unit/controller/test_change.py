"""A decision becomes files: lock, taints in the files of people, frozen manifests."""

from datetime import UTC, datetime

import pytest
from msgspec import structs

from armada_render import lock
from armada_render.controller import change
from armada_render.controller.message import Writer, commit_message
from armada_render.errors import InputError
from armada_render.failover import Cause, Decision, Memory, Ready, Reason
from armada_render.failover.memory import ClusterMemory, Condition
from armada_render.load import MemorySource, load
from armada_render.model.binding import GracefulEvictionTask, TargetCluster
from armada_render.model.cluster import Taint
from armada_render.model.fleet import Fleet
from armada_render.pipeline import render

SINCE = datetime(2026, 1, 1, 12, tzinfo=UTC)
TAINT = Taint(
    key="cluster.karmada.io/not-ready", effect="NoExecute", time_added="2026-01-01T12:00:00Z"
)
CLUSTERS = b"""\
# Ours, by hand.
apiVersion: cluster.karmada.io/v1alpha1
kind: Cluster
metadata:
  name: one  # the first
spec:
  region: eu
---
apiVersion: cluster.karmada.io/v1alpha1
kind: Cluster
metadata: {name: two}
spec:
  taints:
  - {key: mine, effect: NoSchedule}
"""
APP = b"""\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
---
apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata: {name: settings}
spec:
  resourceSelectors: [{apiVersion: v1, kind: ConfigMap}]
  placement: {clusterAffinity: {clusterNames: [one]}}
"""


def _fleet(files: dict[str, bytes]) -> Fleet:
    first = load(MemorySource(files)).fleet
    states = lock.states(render(first).bindings)
    return structs.replace(first, previous_bindings=states)


def _unchanged(fleet: Fleet) -> Decision:
    return Decision(states=dict(fleet.previous_bindings), memory=Memory())


def _moved(fleet: Fleet) -> Decision:
    ((ref, state),) = fleet.previous_bindings.items()
    task = GracefulEvictionTask(
        from_cluster="one", purge_mode="Gracefully", reason="TaintUntolerated",
        producer="TaintManager", creation_timestamp="2026-01-01T12:00:00Z",
    )  # fmt: skip
    after = structs.replace(state, clusters=(TargetCluster("two"),), eviction_tasks=(task,))
    reason = Reason(
        cause=Cause.TAINT_UNTOLERATED, ref=ref, cluster="one", message="leaves one", since=SINCE
    )
    condition = Condition(
        status=Ready.FALSE, reason="ClusterNotReachable", message="no answer\nin time", since=SINCE
    )
    memory = Memory(
        clusters={
            "one": ClusterMemory(
                observed=Ready.FALSE, observed_since=SINCE, seen=SINCE, condition=condition
            )
        }
    )
    return Decision(states={ref: after}, reasons=(reason,), memory=memory)


FILES = {"clusters.yaml": CLUSTERS, "shop/app.yaml": APP}


def test_nothing_changes_nothing() -> None:
    fleet = _fleet(FILES)
    assert change.files(fleet, _unchanged(fleet), FILES.__getitem__) == {}


def test_what_moves_is_written_to_its_lock_file() -> None:
    fleet = _fleet(FILES)
    found = change.files(fleet, _moved(fleet), FILES.__getitem__)
    ((path, data),) = found.items()
    assert path == ".armada/bindings/default/settings-configmap.yaml"
    assert data is not None
    assert b"- name: two\n" in data
    assert b"fromCluster: one\n" in data


def test_an_entry_that_is_decided_away_is_removed() -> None:
    fleet = _fleet(FILES)
    decision = Decision(states={}, memory=Memory())
    assert change.files(fleet, decision, FILES.__getitem__) == {
        ".armada/bindings/default/settings-configmap.yaml": None
    }


def test_taints_go_into_the_files_of_people_and_leave_the_rest_alone() -> None:
    fleet = _fleet(FILES)
    decision = structs.replace(_unchanged(fleet), taints={"one": (TAINT,), "two": ()})
    found = change.files(fleet, decision, FILES.__getitem__)
    after = load(MemorySource({**FILES, "clusters.yaml": found["clusters.yaml"] or b""})).fleet
    assert [cluster.spec.taints for cluster in after.clusters] == [(TAINT,), ()]
    assert (found["clusters.yaml"] or b"").startswith(b"# Ours, by hand.\n")
    assert b"name: one  # the first\n" in (found["clusters.yaml"] or b"")


def test_a_cluster_that_cannot_be_edited_is_said_with_its_file() -> None:
    aliased = CLUSTERS.replace(b"spec:\n  region: eu\n", b"spec: &s\n  region: eu\n").replace(
        b"spec:\n  taints:\n  - {key: mine, effect: NoSchedule}\n", b"spec: {region: eu}\n"
    )
    files = {
        "clusters.yaml": aliased.replace(b"spec: &s", b"x-spec: &s\n  region: eu\nspec: *s\ny:"),
        "shop/app.yaml": APP,
    }
    fleet = _fleet(files)
    decision = structs.replace(_unchanged(fleet), taints={"one": (TAINT,)})
    with pytest.raises(InputError, match=r"clusters\.yaml.*taints cannot be written"):
        change.files(fleet, decision, files.__getitem__)


def test_frozen_manifests_are_taken_as_they_are() -> None:
    fleet = _fleet(FILES)
    frozen: dict[str, bytes | None] = {
        ".armada/frozen/one/a.yaml": b"a: 1\n",
        ".armada/frozen/b": None,
    }
    decision = structs.replace(_unchanged(fleet), frozen=frozen)
    assert change.files(fleet, decision, FILES.__getitem__) == frozen


def test_the_message_says_why_on_what_evidence_and_the_same_for_machines() -> None:
    fleet = _fleet(FILES)
    writer = Writer(identity="pod-a", generation=7, base="c0ffee")
    assert (
        commit_message(fleet, _moved(fleet), writer)
        == """\
Failover: ConfigMap/settings (default) moves

Why:
- ConfigMap/settings (default): leaves one (since 2026-01-01T12:00:00Z)

Evidence:
- one: Ready is False since 2026-01-01T12:00:00Z: ClusterNotReachable: no answer\\nin time

Placement:
- ConfigMap/settings (default): one removed, two added

Armada-Cause: TaintUntolerated
Armada-Moved: v1/ConfigMap/default/settings one -> two
Armada-Base: c0ffee
Armada-Leader: pod-a
Armada-Lease-Generation: 7
"""
    )


def test_the_message_of_a_taint_alone() -> None:
    fleet = _fleet(FILES)
    reason = Reason(cause=Cause.CLUSTER_TAINTED, cluster="one", message="tainted")
    decision = structs.replace(_unchanged(fleet), taints={"one": (TAINT,)}, reasons=(reason,))
    message = commit_message(fleet, decision, Writer(identity="a", generation=1, base="b"))
    assert message.startswith("Failover: taints of one\n")
    assert "Armada-Cluster: one\n" in message


def test_a_long_subject_is_cut_and_a_long_list_too() -> None:
    fleet = _fleet(FILES)
    many = tuple(
        Reason(cause=Cause.CLUSTER_TAINTED, cluster=f"cluster-{number:03}", message="tainted")
        for number in range(300)
    )
    decision = structs.replace(_unchanged(fleet), reasons=many)
    message = commit_message(fleet, decision, Writer(identity="a", generation=1, base="b"))
    assert len(message.splitlines()[0]) == 72
    assert "- and 100 more\n" in message
