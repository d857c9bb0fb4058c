"""One of several replicas leads; one that was away finds that out before another begins."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from armada_render.controller import lease
from armada_render.controller.lease import Leadership, LeaseTimes
from tests.support.kubedouble import KubeDouble
from tests.support.waiting import until

QUICK = LeaseTimes(duration=1, renew_within=0.7, retry=0.05)
Start = Callable[..., Leadership]


@pytest.fixture
def start(double: KubeDouble) -> Iterator[Start]:
    running: list[Leadership] = []

    def begin(identity: str, times: LeaseTimes = QUICK) -> Leadership:
        one = Leadership(
            double.client(timeout=2),
            namespace="argocd",
            name="controller",
            identity=identity,
            now=lambda: datetime.now(UTC),
            times=times,
        )
        one.start()
        running.append(one)
        return one

    yield begin
    for one in running:
        one.stop()


def test_the_first_leads_and_the_second_waits(double: KubeDouble, start: Start) -> None:
    first = start("first")
    until(lambda: first.is_leader)
    second = start("second")
    until(lambda: second.holder == "first")
    assert (first.generation, second.is_leader) == (1, False)
    spec = double.leases["controller"]["spec"]
    assert spec["holderIdentity"] == "first"
    assert spec["leaseTransitions"] == 1

    first.stop()
    until(lambda: second.is_leader)
    assert second.generation == 2
    assert not first.is_leader


def test_a_leader_that_falls_silent_is_replaced_and_knows_it_first(
    start: Start,
) -> None:
    first = start("first")
    until(lambda: first.is_leader)
    first._stop.set()  # it is paused: no renewal, and no release either
    first._thread.join()
    assert first.is_leader
    second = start("second")
    order: list[str] = []

    def watch() -> bool:
        if not first.is_leader and "first ended" not in order:
            order.append("first ended")
        if second.is_leader:
            order.append("second began")
        return "second began" in order

    until(watch)
    assert order == ["first ended", "second began"]
    assert second.generation == 2


def test_a_server_that_is_away_ends_leadership_in_time(double: KubeDouble, start: Start) -> None:
    only = start("only")
    until(lambda: only.is_leader)
    double.faults.append(lambda request: request.refuse(503, "away"))
    until(lambda: not only.is_leader)
    double.faults.clear()
    until(lambda: only.is_leader)
    assert only.generation == 1


def test_many_at_once_make_one_leader(start: Start) -> None:
    replicas = [start(f"replica-{number}") for number in range(6)]
    until(lambda: any(one.is_leader for one in replicas))
    for _ in range(20):
        assert sum(one.is_leader for one in replicas) <= 1


def test_the_machine_slept_so_the_lease_is_over(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    only = start("only", LeaseTimes(duration=60, renew_within=40, retry=30))
    until(lambda: only.is_leader)
    real = lease._clock
    monkeypatch.setattr(lease, "_clock", lambda: real() + 41)
    assert not only.is_leader
