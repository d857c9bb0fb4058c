"""Tables after Karmada's own: pkg/controllers/gracefuleviction/evictiontask_test.go."""

from collections.abc import Mapping
from typing import Any

import pytest

from armada_render.failover import Health, Limits
from armada_render.failover.assessment import Assessed, assess
from armada_render.failover.clock import stamp
from armada_render.failover.sight import Sight
from armada_render.model.binding import GracefulEvictionTask, PreviousBinding, TargetCluster
from tests.support.failover import at, ref, seen

WEB = ref("Deployment", "web")
UP, DOWN = Health.HEALTHY, Health.UNHEALTHY


def _task(name: str = "old", created: float | None = 0, **fields: Any) -> GracefulEvictionTask:
    return GracefulEvictionTask(
        from_cluster=name,
        purge_mode=fields.pop("purge_mode", "Gracefully"),
        creation_timestamp=None if created is None else stamp(at(created)),
        **fields,
    )


def _state(*tasks: GracefulEvictionTask, on: str = "new", **fields: Any) -> PreviousBinding:
    return PreviousBinding(
        ref=WEB,
        clusters=tuple(TargetCluster(name, 2) for name in on.split()),
        eviction_tasks=tasks,
        **fields,
    )


def _assessed(
    state: PreviousBinding,
    seconds: float,
    *,
    confirmed: bool = True,
    removed: tuple[str, ...] = (),
    health: Mapping[str, Health] | None = None,
) -> Assessed:
    now = at(seconds)
    evidence = seen(
        {},
        {(WEB, name): found for name, found in (health or {}).items()},
        now,
        [(WEB, name) for name in removed],
    )
    sight = Sight(evidence=evidence, now=now, limits=Limits())
    return assess(state, sight, is_confirmed=confirmed)


@pytest.mark.parametrize(
    ("task", "seconds", "stays", "wake"),
    [
        pytest.param({}, 60, True, 600, id="waits"),
        pytest.param({}, 600, True, 600, id="ten-minutes-by-default"),
        pytest.param({}, 601, False, None, id="timed-out"),
        pytest.param({"grace_period_seconds": 30}, 30, True, 30, id="own-time"),
        pytest.param({"grace_period_seconds": 30}, 31, False, None, id="own-time-is-over"),
        pytest.param({"suppress_deletion": True}, 9999, True, None, id="held"),
        pytest.param({"suppress_deletion": False}, 1, False, None, id="released"),
        pytest.param({"purge_mode": "Directly"}, 601, False, None, id="directly-times-out-too"),
    ],
)
def test_when_a_task_without_a_replacement_ends(
    task: dict[str, Any], seconds: float, *, stays: bool, wake: float | None
) -> None:
    found = _assessed(_state(_task(**task)), seconds)
    assert bool(found.state.eviction_tasks) is stays
    assert bool(found.reasons) is not stays
    assert (found.wake is None) == (wake is None)
    assert wake is None or 0 < (found.wake - at(wake)).total_seconds() < 1  # type: ignore[operator]


@pytest.mark.parametrize(
    ("on", "health", "confirmed", "stays"),
    [
        pytest.param("new", {"new": UP}, True, False, id="replaced"),
        pytest.param("new", {"new": UP}, False, True, id="not-confirmed"),
        pytest.param("new", {"new": DOWN}, True, True, id="unhealthy"),
        pytest.param("new", {"new": Health.UNKNOWN}, True, True, id="unknown"),
        pytest.param("new", {}, True, True, id="no-news"),
        pytest.param("new other", {"new": UP}, True, True, id="all-targets-count"),
        pytest.param("new other", {"new": UP, "other": UP}, True, False, id="all-healthy"),
        pytest.param("", {}, True, True, id="nothing-replaces-nothing"),
    ],
)
def test_a_task_ends_when_the_workload_is_healthy_elsewhere(
    on: str, health: dict[str, Health], *, confirmed: bool, stays: bool
) -> None:
    found = _assessed(_state(_task(), on=on), 60, confirmed=confirmed, health=health)
    assert bool(found.state.eviction_tasks) is stays


def test_a_look_from_before_the_task_proves_nothing() -> None:
    state = _state(_task(created=60))
    sight = Sight(evidence=seen({}, {(WEB, "new"): UP}, at(60)), now=at(61), limits=Limits())
    assert assess(state, sight, is_confirmed=True).state == state


def test_a_task_without_a_time_gets_one() -> None:
    found = _assessed(_state(_task(created=None)), 30, health={"new": UP})
    [task] = found.state.eviction_tasks
    assert task.creation_timestamp == stamp(at(30))
    assert found.wake == at(630)
    assert "counts from now on" in str(found.reasons[0])


def test_time_alone_does_not_take_the_last_healthy_copy() -> None:
    state = _state(_task())
    found = _assessed(state, 700, health={"old": UP, "new": DOWN})
    assert found.state == state
    assert [str(reason) for reason in found.held] == [
        (
            "Deployment/web (default): its time on old is over, but it is healthy there and "
            "nowhere else"
        )
    ]
    assert not _assessed(_state(_task(), on="new more"), 700, health={"old": UP, "more": UP}).held
    assert not _assessed(
        _state(_task()), 700, health={"old": DOWN, "new": DOWN}
    ).state.eviction_tasks


def _direct(**fields: Any) -> PreviousBinding:
    return _state(
        _task(purge_mode="Directly"),
        on="",
        is_scheduling_suspended=True,
        last_failover=fields.get("last_failover", stamp(at(0))),
    )


def test_directly_goes_on_when_the_old_copy_is_gone() -> None:
    waits = _assessed(_direct(), 60)
    assert waits.state == _direct()
    gone = _assessed(_direct(), 60, removed=("old",))
    assert not gone.state.is_scheduling_suspended
    assert gone.state.eviction_tasks == _direct().eviction_tasks
    assert "the replacement may start" in str(gone.reasons[0])


def test_directly_goes_on_when_the_time_is_over() -> None:
    found = _assessed(_direct(), 601)
    assert not found.state.is_scheduling_suspended
    assert not found.state.eviction_tasks


def test_scheduling_that_people_suspended_stays_suspended() -> None:
    state = _direct(last_failover="")
    found = _assessed(state, 60, removed=("old",))
    assert found.state.is_scheduling_suspended
    assert _assessed(state, 601).state.is_scheduling_suspended
