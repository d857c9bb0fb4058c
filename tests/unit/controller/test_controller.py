"""The whole controller in this process, with API servers in memory; tests/long has real ones."""

import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import urllib3
import yaml

from armada_render.cli import run as command_line
from armada_render.controller.access import Access
from armada_render.controller.gitcommand import GitConflictError, GitError
from armada_render.controller.lease import LeaseTimes
from armada_render.controller.repository import Clone, Remote
from armada_render.controller.run import Controller, utc_now
from armada_render.controller.settings import Mode, Settings
from armada_render.failover import Limits
from armada_render.failover.decide import decide
from tests.support.fleetrepo import BareRepository
from tests.support.kubedouble import KubeDouble, application, kubeconfig, resource
from tests.support.waiting import until
from tests.support.world import example_fleet

CLUSTERS = ("pegasus", "pegasus-2", "pegasus-3")
LIMITS = Limits(failure_threshold=timedelta(seconds=0.3), success_threshold=timedelta(seconds=0.3))


class Small:
    """A fleet, its clusters and a controller, all in this process."""

    def __init__(self, stack: ExitStack, folder: Path, toleration: int = 1) -> None:
        self.folder = folder
        self._stack = stack
        self.host = stack.enter_context(KubeDouble())
        self.members = {name: stack.enter_context(KubeDouble()) for name in CLUSTERS}
        self.repository = BareRepository(folder, example_fleet(toleration))
        assert command_line(["lock", str(self.repository.clone), "-q"]) == 0
        lock = self.repository.clone / ".armada"
        files = {
            str(file.relative_to(self.repository.clone)): file.read_bytes()
            for file in lock.rglob("*.yaml")
        }
        self.repository.commit("The lock", files)
        self.kubeconfig = folder / "host"
        self.kubeconfig.write_text(yaml.safe_dump(kubeconfig(self.host.url, "t")))
        self.member_kubeconfig = folder / "members"
        self.member_kubeconfig.write_text(yaml.safe_dump(self._contexts()))
        self.log = io.StringIO()

    def _contexts(self) -> dict[str, Any]:
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "pegasus",
            "contexts": [
                {"name": name, "context": {"cluster": name, "user": "u"}} for name in CLUSTERS
            ],
            "clusters": [
                {"name": name, "cluster": {"server": double.url}}
                for name, double in self.members.items()
            ],
            "users": [{"name": "u", "user": {"token": "t"}}],
        }

    def controller(self, now: Callable[[], datetime] = utc_now, **settings: Any) -> Controller:
        given: dict[str, Any] = {
            "remote": Remote(url=str(self.repository.path), branch="main"),
            "dry_run": False,
            "limits": LIMITS,
            "access": Access(
                kubeconfig=str(self.kubeconfig), member_kubeconfig=str(self.member_kubeconfig)
            ),
            "lease_times": LeaseTimes(duration=4, renew_within=3.0, retry=0.1),
            "identity": "one",
            "interval": 0.2,
            "least_interval": 0.05,
            "git_interval": 0.2,
            "probe_interval": 0.1,
            "address": "127.0.0.1",
            "port": 0,
            **settings,
        }
        controller = Controller(Settings(**given), {"PATH": "/usr/bin:/bin"}, self.log, now)
        thread = threading.Thread(target=controller.run)
        thread.start()
        self._stack.callback(thread.join)
        self._stack.callback(controller.stop)
        return controller

    def kill(self, name: str) -> None:
        self.members[name].faults.append(lambda request: request.hang_up())

    @property
    def lines(self) -> list[dict[str, Any]]:
        text = self.log.getvalue()
        return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]

    def events(self, name: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == name]

    @property
    def redis(self) -> list[str]:
        text = self.repository.read(".armada/bindings/default/redis-deployment.yaml")
        return [item["name"] for item in yaml.safe_load(text)["spec"].get("clusters", ())]


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Small]:
    with ExitStack() as stack:
        yield Small(stack, tmp_path)


@pytest.fixture
def patient(tmp_path: Path) -> Iterator[Small]:
    """A fleet whose workloads tolerate everything for ten minutes."""
    with ExitStack() as stack:
        yield Small(stack, tmp_path, toleration=600)


def test_a_cluster_that_dies_is_left_and_the_pages_tell(small: Small) -> None:
    controller = small.controller()
    url = f"http://127.0.0.1:{controller.server.port}"
    until(lambda: urllib3.request("GET", f"{url}/readyz", retries=False).status == 200)
    until(lambda: small.events("leader"))
    small.kill("pegasus")
    until(lambda: small.redis == ["pegasus-2"])
    until(lambda: len(small.events("pushed")) >= 2)
    assert small.repository.log[0].startswith("Failover: ")
    assert "Armada-Leader: one" in small.repository.message()
    page = urllib3.request("GET", f"{url}/metrics", retries=False).data.decode()
    assert 'armada_controller_cluster_ready{cluster="pegasus",status="False"} 1.0' in page
    assert urllib3.request("GET", f"{url}/healthz", retries=False).data == b"ok\n"


def test_dry_run_says_once_what_it_would_write(small: Small) -> None:
    small.controller(dry_run=True)
    small.kill("pegasus")
    until(lambda: small.events("would-write"))
    (line,) = small.events("would-write")
    assert line["because"] == "dry-run"
    assert "cluster.karmada.io/not-ready" in line["difference"]
    assert small.repository.log == ["The lock", "The fleet"]
    assert small.host.leases == {}


def test_a_branch_for_review(small: Small) -> None:
    small.controller(mode=Mode.BRANCH, leader_election=False)
    small.kill("pegasus")
    until(lambda: small.events("proposed"))
    branch = small.events("proposed")[0]["branch"]
    assert "NoExecute" in small.repository.read("clusters/pegasus.yaml", branch)
    assert small.repository.log == ["The lock", "The fleet"]


def test_git_that_is_away_is_waited_for(small: Small) -> None:
    hidden = small.repository.path.with_name("hidden.git")
    small.repository.path.rename(hidden)
    small.controller()
    until(lambda: len(small.events("git")) > 1)
    hidden.rename(small.repository.path)
    small.kill("pegasus")
    until(lambda: small.redis == ["pegasus-2"])


def test_an_api_server_that_is_not_heard_is_waited_for(small: Small) -> None:
    small.host.faults.append(lambda request: request.refuse(503, "starting"))
    small.controller(leader_election=False)
    small.kill("pegasus")
    until(lambda: len(small.events("waiting")) > 0)
    assert "Applications are not known yet" in small.events("waiting")[-1]["reason"]
    assert small.repository.log == ["The lock", "The fleet"]
    small.host.faults.clear()
    until(lambda: small.redis == ["pegasus-2"])


def test_silence_after_a_while_stops_decisions(small: Small) -> None:
    small.controller(leader_election=False, api_silence=-1.0)
    until(lambda: small.events("waiting"))
    until(lambda: "nothing heard of Applications" in small.events("waiting")[-1]["reason"])


def test_a_bug_is_logged_by_its_place_and_does_not_end_the_process(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("hunter2")

    monkeypatch.setattr("armada_render.controller.round.decide", broken)
    small.controller(leader_election=False)
    until(lambda: small.events("bug"))
    line = small.events("bug")[0]
    assert line["type"] == "ValueError"
    assert "hunter2" not in small.log.getvalue()
    monkeypatch.setattr("armada_render.controller.round.decide", decide)
    small.kill("pegasus")
    until(lambda: small.redis == ["pegasus-2"])


@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_that_is_set_moves_nothing_early(patient: Small, hours: int) -> None:
    small = patient
    offset = [timedelta()]
    small.controller(now=lambda: utc_now() + offset[0])
    small.kill("pegasus")
    until(lambda: "NoExecute" in small.repository.read("clusters/pegasus.yaml"))
    offset[0] = timedelta(hours=hours)
    head = small.repository.head
    until(lambda: small.events("clock-jumped"))
    assert small.events("clock-jumped")[0]["seconds"] == hours * 3600
    if hours > 0:  # every toleration is over by that clock
        until(lambda: small.events("would-write"))
        assert small.events("would-write")[0]["because"] == "the clock was set"
    assert small.repository.head == head
    assert small.redis == ["pegasus"]


def test_conflict_after_conflict_ends_in_an_error_and_another_try(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Clone.push
    calls: list[str] = []

    def lost(self: Clone, commit: str, expected: str, branch: str = "") -> None:
        calls.append(commit)
        if len(calls) < 8:
            raise GitConflictError("stale info")
        real(self, commit, expected, branch)

    monkeypatch.setattr(Clone, "push", lost)
    monkeypatch.setattr("armada_render.controller.round.time.sleep", lambda _: None)
    small.controller()
    small.kill("pegasus")
    until(lambda: small.redis == ["pegasus-2"])
    assert len(small.events("conflict")) == 7
    assert small.events("git")


def test_a_push_that_is_refused_is_counted_and_tried_again(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Clone.push
    calls: list[str] = []

    def refused(self: Clone, commit: str, expected: str, branch: str = "") -> None:
        calls.append(commit)
        if len(calls) == 1:
            raise GitError("protected branch hook declined")
        real(self, commit, expected, branch)

    monkeypatch.setattr(Clone, "push", refused)
    controller = small.controller()
    small.kill("pegasus")
    until(lambda: small.redis == ["pegasus-2"])
    assert small.events("git")[0]["message"] == "protected branch hook declined"
    url = f"http://127.0.0.1:{controller.server.port}/metrics"
    page = urllib3.request("GET", url, retries=False).data.decode()
    assert 'armada_controller_writes_total{result="failed"} 1.0' in page


def _status(small: Small, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    folder = small.repository.clone
    access = ("--kubeconfig", str(small.kubeconfig))
    members = ("--member-kubeconfig", str(small.member_kubeconfig))
    assert command_line(["status", str(folder), *access, *members, *more]) == 0
    return capsys.readouterr().out


def test_status_of_a_fleet_that_is_well(small: Small, capsys: pytest.CaptureFixture[str]) -> None:
    out = _status(small, capsys)
    assert "pegasus-3  True   0             -" in out
    assert "nothing is done" in out
    assert "Leader: not known" in out


def test_status_says_what_would_follow(small: Small, capsys: pytest.CaptureFixture[str]) -> None:
    small.kill("pegasus")
    ill = resource("Deployment", "nginx", group="apps", health="Degraded")
    one = application("nginx-pegasus-2", "pegasus-2", ill)
    one["status"]["reconciledAt"] = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    small.host.put(one)
    small.host.put(application("gone-pegasus-2", "pegasus-2"))
    small.host.leases["armada-render-controller"] = {"spec": {"holderIdentity": "pod-a"}}
    out = _status(small, capsys, "--failure-threshold", "5")
    assert "pegasus    False" in out
    assert "Deployment/nginx (default)  pegasus-2  Degraded" in out
    assert "gone-pegasus-2" in out
    assert "in 5 s: pegasus: tainted cluster.karmada.io/not-ready:NoSchedule" in out
    assert "Deployment/redis (default): pegasus 4 -> 0, pegasus-2 0 -> 4" in out
    assert "Leader: pod-a" in out

    found = msgspec.json.decode(_status(small, capsys, "-o", "json"))
    assert found["apiVersion"] == "armada-render/v1"
    assert [one["ready"] for one in found["clusters"]] == ["False", "True", "True"]
    assert found["forecast"][0]["afterSeconds"] == 30
    assert found["leftOver"] == ["gone-pegasus-2"]


def test_status_without_an_api_server(small: Small, capsys: pytest.CaptureFixture[str]) -> None:
    small.host.faults.append(lambda request: request.refuse(403, "you may not"))
    arguments = ["status", str(small.repository.clone), "--kubeconfig", str(small.kubeconfig)]
    assert command_line(arguments) == 6
    assert "the API server of Argo CD: 403 you may not" in capsys.readouterr().err


def test_status_offline_shows_what_git_says(
    small: Small, capsys: pytest.CaptureFixture[str]
) -> None:
    path = small.repository.clone / ".armada/bindings/default/redis-deployment.yaml"
    task = (
        '  gracefulEvictionTasks:\n  - creationTimestamp: "2026-01-01T12:00:00Z"\n'
        "    fromCluster: pegasus-2\n    gracePeriodSeconds: 60\n    producer: TaintManager\n"
        "    purgeMode: Gracefully\n    reason: TaintUntolerated\n"
    )
    path.write_text(path.read_text().replace("  resource:\n", task + "  resource:\n"))
    assert command_line(["status", str(small.repository.clone), "--offline"]) == 0
    out = capsys.readouterr().out
    assert "Deployment/redis (default)  pegasus-2 -> pegasus  Gracefully  TaintUntolerated" in out
    assert "until 2026-01-01T12:01:00Z" in out
    assert "No cluster was asked." in out
