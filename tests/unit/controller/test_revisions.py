"""What Argo CD says counts for the placement of the commit that it compared."""

from datetime import UTC, datetime, timedelta

from armada_render.controller.revisions import Revisions
from armada_render.model.binding import GracefulEvictionTask, PreviousBinding, TargetCluster
from armada_render.model.resource import ObjectReference

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
WEB = ObjectReference("apps/v1", "Deployment", "shop", "web")
API = ObjectReference("apps/v1", "Deployment", "shop", "api")


def _state(ref: ObjectReference, cluster: str, *tasks: GracefulEvictionTask) -> PreviousBinding:
    return PreviousBinding(ref=ref, clusters=(TargetCluster(cluster, 1),), eviction_tasks=tasks)


def test_only_commits_since_the_last_change_of_a_workload_count() -> None:
    known = Revisions()
    known.take("a", {WEB: _state(WEB, "one"), API: _state(API, "one")}, NOW)
    known.take("b", {WEB: _state(WEB, "two"), API: _state(API, "one")}, NOW)
    known.take("b", {}, NOW)  # the same head says nothing new
    assert known.covers(WEB, "b", NOW)
    assert not known.covers(WEB, "a", NOW)
    assert known.covers(API, "a", NOW)


def test_for_a_commit_that_was_never_seen_time_must_do() -> None:
    known = Revisions()
    known.take("a", {WEB: _state(WEB, "one")}, NOW)
    assert known.covers(WEB, "older", NOW - timedelta(hours=1))
    known.take("b", {WEB: _state(WEB, "two")}, NOW)
    assert not known.covers(WEB, "older", NOW + timedelta(minutes=4))
    assert known.covers(WEB, "of-another-repository", NOW + timedelta(minutes=6))


def test_after_a_restart_the_tasks_say_when_a_workload_moved() -> None:
    task = GracefulEvictionTask(
        from_cluster="one", creation_timestamp=NOW.strftime("%Y-%m-%dT%H:%M:%SZ")
    )
    known = Revisions()
    known.take("a", {WEB: _state(WEB, "two", task)}, NOW)
    assert known.covers(WEB, "a", NOW)
    assert not known.covers(WEB, "older", NOW)


def test_what_has_no_lock_entry_never_moved() -> None:
    assert Revisions().covers(WEB, "a", NOW)


def test_only_so_many_heads_are_remembered() -> None:
    known = Revisions()
    for number in range(1200):
        known.take(f"head-{number}", {}, NOW)
    assert len(known._heads) == 1000
