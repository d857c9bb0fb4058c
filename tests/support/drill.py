"""The disaster drill: a fleet on three real API servers, of which two die in turn.

`scripts/disaster-drill` runs it for people, `tests/long/controller/test_drill.py` for CI; both see
the same timeline, and every line of it is checked where it is written.
"""

import time
from collections.abc import Callable
from pathlib import Path

from armada_render.model.work import Work
from tests.support.apiserver import Kubernetes
from tests.support.clusters import RealMember
from tests.support.world import (
    ACCOUNT,
    CONTROLLER,
    Process,
    World,
    eventually,
    example_fleet,
    install_rights,
    leads,
    some_rounds,
)

CLUSTERS = ("pegasus", "pegasus-2", "pegasus-3")
REDIS, CANARY = ("Deployment", "redis"), ("Rollout", "demo-ms-canary")


class Drill:
    """Runs the steps, and tells `say` about each with the seconds since the last disaster."""

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        self._folder = folder
        self._say = say
        self._zero = time.monotonic()
        self.ill: set[tuple[str, str]] = set()
        self.seconds: dict[str, float] = {}

    def run(self) -> None:
        """Make the world, break it twice, let an application fall ill, and show what happens."""
        with Kubernetes(self._folder) as kubernetes:
            host = kubernetes.start("argocd", {CONTROLLER: (ACCOUNT, ("system:authenticated",))})
            members = {name: RealMember(kubernetes, name) for name in CLUSTERS}
            host.wait_ready()
            host.install_applications()
            install_rights(host)
            for member in members.values():
                member.prepare()
            with World(kubernetes, host, self._folder) as world:
                world.fleet(self._fleet())
                world.members = dict(members)
                for name, member in members.items():
                    world.secret(name, member.url, "token-for-members")
                world.start_argocd(lambda cluster, app, works: members[cluster].apply(app, works))
                world.argocd.health = self._health
                process = world.controller(workload_cooldown="0")
                eventually("it leads", lambda: leads(process), process)
                self._steps(world, members, process)

    def _steps(self, world: World, members: dict[str, RealMember], process: Process) -> None:
        self._show(members, "before")
        self._first_disaster(world, members, process)
        self._comes_back(world, members, process, "pegasus")
        self._second_disaster(world, members, process)
        self._comes_back(world, members, process, "pegasus-2")
        self._illness(world, members, process)
        moves = [subject for subject in world.repository.log if "move" in subject]
        self._say(f"Commits that moved something: {len(moves)}")
        assert len(moves) == 3, moves

    def _first_disaster(
        self, world: World, members: dict[str, RealMember], process: Process
    ) -> None:
        self._disaster("pegasus is killed: it runs redis and three of rabbitmq's four replicas")
        members["pegasus"].kill()
        self._until(
            world,
            process,
            "taint",
            "pegasus is tainted in Git",
            lambda: self._tainted(world, "pegasus"),
        )
        self._until(
            world, process, "redis", "redis is on pegasus-2 in Git",
            lambda: world.clusters_of(*REDIS) == ["pegasus-2"],
        )  # fmt: skip
        assert "Deployment/redis" in world.rendered("pegasus-2")
        self._until(
            world, process, "applied", "redis runs on pegasus-2 with 4 replicas",
            lambda: members["pegasus-2"].running().get("Deployment/redis") == 4,
        )  # fmt: skip
        self._until(
            world, process, "purged", "the old copy is given up: pegasus gets redis no more",
            lambda: "Deployment/redis" not in world.rendered("pegasus"),
        )  # fmt: skip
        self._show(members, "after")

    def _second_disaster(
        self, world: World, members: dict[str, RealMember], process: Process
    ) -> None:
        self._disaster("pegasus-2 is killed: it runs the canary, nginx, redis and rabbitmq")
        members["pegasus-2"].kill()
        self._until(
            world, process, "canary", "the canary is on pegasus-3, its disaster recovery, in Git",
            lambda: world.clusters_of(*CANARY) == ["pegasus-3"],
        )  # fmt: skip
        assert world.clusters_of(*REDIS) == ["pegasus"]
        for kind in (
            "Rollout/demo-ms-canary",
            "Service/demo-ms-stable",
            "Gateway/demo-ms-canary-gateway",
        ):
            assert kind in world.rendered("pegasus-3"), kind
        self._until(
            world, process, "canary applied", "the canary runs on pegasus-3, redis on pegasus",
            lambda: "Rollout/demo-ms-canary" in members["pegasus-3"].running()
            and members["pegasus"].running().get("Deployment/redis") == 4,
        )  # fmt: skip
        # nginx may run on pegasus-2 only: it is not taken off it to nowhere.
        assert world.clusters_of("Deployment", "nginx") == ["pegasus-2"]
        held = process.events("held")[-1]
        assert "NowhereToGo" in held["now"], held
        self._say("          nginx stays, for it may run nowhere else: NowhereToGo")
        self._show(members, "after")

    def _comes_back(
        self, world: World, members: dict[str, RealMember], process: Process, name: str
    ) -> None:
        self._disaster(f"{name} comes back")
        members[name].revive()
        self._until(
            world,
            process,
            f"{name} back",
            "its taints are gone from Git",
            lambda: not self._tainted(world, name),
        )
        self._until(
            world, process, f"{name} pruned", "what moved away is pruned from it",
            lambda: "Deployment/redis" not in members[name].running(),
        )  # fmt: skip
        head = world.repository.head
        some_rounds(process)
        assert world.repository.head == head, world.repository.log
        self._say("          nothing moves back by itself, and nothing flaps")
        self._show(members, "then")

    def _illness(self, world: World, members: dict[str, RealMember], process: Process) -> None:
        self._disaster("redis falls ill on pegasus; its policy says purgeMode Never")
        self.ill.add(("pegasus", "redis"))
        self._until(
            world, process, "ill", "redis is on pegasus-2, and still on pegasus",
            lambda: world.clusters_of(*REDIS) == ["pegasus-2"]
            and members["pegasus-2"].running().get("Deployment/redis") == 4,
        )  # fmt: skip
        (task,) = world.tasks_of(*REDIS)
        assert task["purgeMode"] == "Never"
        assert members["pegasus"].running().get("Deployment/redis") == 4
        self._show(members, "after")

    def _fleet(self) -> dict[str, bytes]:
        files = example_fleet(toleration=5)
        path = "redis/propagationpolicy.yaml"
        text = files[path].decode().replace("tolerationSeconds: 120", "tolerationSeconds: 3")
        return {**files, path: text.encode()}

    def _health(self, cluster: str, work: Work) -> str:
        return "Degraded" if (cluster, work.ref.name) in self.ill else "Healthy"

    def _tainted(self, world: World, cluster: str) -> bool:
        return "taints:" in world.repository.read(f"clusters/{cluster}.yaml")

    def _disaster(self, text: str) -> None:
        self._say("")
        self._say(text)
        self._zero = time.monotonic()

    def _until(
        self, world: World, process: Process, name: str, text: str, look: Callable[[], bool]
    ) -> None:
        eventually(text, look, process)
        self.seconds[name] = time.monotonic() - self._zero
        commit = world.repository.head[:8]
        self._say(f"  +{self.seconds[name]:5.1f} s  {text} ({commit})")

    def _show(self, members: dict[str, RealMember], when: str) -> None:
        for name, member in members.items():
            if member.is_alive:
                found = ", ".join(
                    f"{what.partition('/')[2]} {count}" for what, count in member.running().items()
                )
                self._say(f"  {when:>6}  {name:<10} {found or '-'}")
            else:
                self._say(f"  {when:>6}  {name:<10} gone")
