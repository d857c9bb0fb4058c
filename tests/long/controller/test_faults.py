"""Everything that can go wrong around the controller. What must hold in the end, each time:

what should move has moved, once; what people wrote is still there; and nothing was guessed.
"""

import re
import signal
from collections.abc import Callable

import pytest
import yaml

from armada_render.model.work import Work
from tests.support.apiserver import APIServer
from tests.support.fleetrepo import git
from tests.support.githttp import (
    GitHttp,
    cut,
    first,
    hang,
    is_fetch,
    is_push,
    is_push_itself,
    status,
)
from tests.support.world import (
    CONFIG,
    LEASES,
    Process,
    World,
    eventually,
    example_fleet,
    leads,
    rounds,
    some_rounds,
)

pytestmark = pytest.mark.long

CLUSTERS = ("pegasus", "pegasus-2", "pegasus-3")
MOVED = "Failover: Deployment/rabbitmq (default) and 1 more move"
REDIS = ("Deployment", "redis")


@pytest.fixture
def running(world: World) -> World:
    """The example fleet on three clusters that are well, with its Applications."""
    world.fleet(example_fleet())
    world.endpoints(*CLUSTERS)
    world.start_argocd()
    return world


def _started(world: World, name: str = "one", **options: str) -> Process:
    process = world.controller(name, **options)
    eventually("it leads", lambda: leads(process), process)
    return process


def _moved(world: World) -> bool:
    return world.clusters_of(*REDIS) == ["pegasus-2"]


def _over(world: World) -> bool:
    """Tell whether redis has moved and its old copy is gone from the lock."""
    return _moved(world) and not world.tasks_of(*REDIS)


def _moves(world: World) -> int:
    """Return how many commits moved something, whoever made them."""
    return world.repository.log.count(MOVED)


def test_a_cluster_dies_and_comes_back_and_nothing_flaps(running: World) -> None:
    process = _started(running)
    running.members["pegasus"].kill()
    eventually("redis has moved", lambda: _over(running), process)
    assert _moves(running) == 1
    assert "redis" not in " ".join(running.rendered("pegasus"))
    assert "Deployment/redis" in running.rendered("pegasus-2")

    running.members["pegasus"].revive()

    def untainted() -> bool:
        return "taints" not in running.repository.read("clusters/pegasus.yaml")

    eventually("its taints are gone", untainted, process)
    quiet = running.repository.head
    some_rounds(process)
    assert running.repository.head == quiet
    assert _moved(running)
    restored = running.repository.read("clusters/pegasus.yaml")
    assert restored.strip() == example_fleet()["clusters/pegasus.yaml"].decode().strip()


def test_what_people_wrote_into_a_cluster_file_stays(running: World) -> None:
    text = running.repository.read("clusters/pegasus.yaml") + "\n# ours, do not remove\n"
    running.repository.commit("A comment", {"clusters/pegasus.yaml": text.encode()})
    process = _started(running)
    running.members["pegasus"].kill()
    eventually(
        "it is tainted",
        lambda: "NoExecute" in running.repository.read("clusters/pegasus.yaml"),
        process,
    )
    assert "# ours, do not remove" in running.repository.read("clusters/pegasus.yaml")


def test_the_api_server_is_killed_and_comes_back(running: World, host: APIServer) -> None:
    process = _started(running)
    running.argocd.stop()  # it would not survive this as the real one does
    head = running.repository.head
    host.kill()
    eventually("it leads no more", lambda: not process.metric("armada_controller_leader"), process)
    running.members["pegasus"].kill()
    eventually(
        "it went on looking",
        lambda: (
            len(process.events("watch")) >= 2 and process.metric("armada_controller_leader") == 0
        ),
        process,
    )
    assert running.repository.head == head  # blind, it did nothing

    host.start()
    host.wait_ready()
    running.argocd.sync()
    eventually("redis has moved", lambda: _moved(running), process)
    assert _moves(running) == 1
    expired = process.metric('armada_controller_watch_events_total{type="expired"}')
    lists = process.metric('armada_controller_watch_events_total{type="list"}')
    assert (expired, lists) in {(0.0, 1.0), (1.0, 2.0)}  # resumed, or began anew; never lost


def test_a_watch_that_expired_begins_anew(running: World, host: APIServer) -> None:
    process = _started(running)
    process.signal(signal.SIGSTOP)
    running.argocd.stop()
    host.kill()  # what it forgets is the versions from before
    host.start()
    host.wait_ready()
    for _ in range(3):
        running.argocd.sync()
    path = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/nginx-pegasus-2"
    host.ask("DELETE", path)
    process.signal(signal.SIGCONT)
    name = 'armada_controller_watch_events_total{type="expired"}'
    eventually("it heard 410", lambda: process.metric(name) >= 1, process)
    eventually(
        "it has listed again",
        lambda: process.metric("armada_controller_applications") == 5,
        process,
    )


def test_two_replicas_and_the_leader_is_killed(running: World, host: APIServer) -> None:
    one, two = running.controller("one"), running.controller("two")
    eventually("one of them leads", lambda: leads(one) or leads(two))
    leader, other = (one, two) if leads(one) else (two, one)
    assert not leads(other)
    running.members["pegasus"].kill()
    eventually(
        "it is tainted", lambda: "NoExecute" in running.repository.read("clusters/pegasus.yaml")
    )
    leader.kill()
    eventually("the other one leads", lambda: leads(other), other)
    eventually("redis has moved", lambda: _over(running), other)
    assert _moves(running) == 1
    lease = host.ask("GET", f"{LEASES}/armada-render-controller")
    assert lease["spec"]["leaseTransitions"] == 2
    assert "Armada-Lease-Generation: 2" in running.repository.message()


def test_a_leader_that_was_paused_for_longer_than_its_lease_writes_nothing(
    running: World,
) -> None:
    one = _started(running, "one")
    two = running.controller("two")
    eventually("the other one looks too", lambda: rounds(two) > 2, two)
    running.members["pegasus"].kill()
    one.signal(signal.SIGSTOP)
    eventually("the other one leads", lambda: leads(two), two)
    eventually("redis has moved", lambda: _over(running), two)
    commits = running.repository.log
    one.signal(signal.SIGCONT)
    eventually("it knows it", lambda: one.metric("armada_controller_leader") == 0, one)
    some_rounds(one)
    assert running.repository.log == commits
    assert one.events("pushed") == []
    assert _moves(running) == 1


def test_half_of_the_fleet_dies_at_once(running: World) -> None:
    process = _started(running)
    running.members["pegasus"].kill()
    running.members["pegasus-2"].kill()
    head = running.repository.head
    eventually("it is frozen", lambda: process.metric("armada_controller_frozen") == 1, process)
    some_rounds(process)
    assert running.repository.head == head
    held = process.events("held")[-1]
    assert "2 of 3 clusters are not known to be ready" in held["reasons"][0]

    running.members["pegasus-2"].revive()
    eventually("redis has moved", lambda: _moved(running), process)
    assert process.metric("armada_controller_frozen") == 0


def test_a_freeze_file_in_git_stops_everything(running: World) -> None:
    process = _started(running)
    running.repository.commit("Hands off", {".armada/freeze": b"maintenance until Monday\n"})
    head = running.repository.head
    running.members["pegasus"].kill()
    eventually("it is frozen", lambda: process.metric("armada_controller_frozen") == 1, process)
    some_rounds(process)
    assert running.repository.head == head
    assert "maintenance until Monday" in process.events("held")[-1]["reasons"][0]
    running.repository.commit("Go on", {".armada/freeze": None})
    eventually("redis has moved", lambda: _moved(running), process)


def _patient_for(seconds: int) -> dict[str, bytes]:
    """Return the fleet whose redis is given up after so many seconds of ill health."""
    files = example_fleet()
    path = "redis/propagationpolicy.yaml"
    text = files[path].decode().replace("tolerationSeconds: 120", f"tolerationSeconds: {seconds}")
    return {**files, path: text.encode()}


def test_an_application_that_flaps_stays_and_one_that_is_ill_moves(world: World) -> None:
    world.fleet(_patient_for(4))
    world.endpoints(*CLUSTERS)
    world.start_argocd(interval=0.2)
    process = _started(world)
    head = world.repository.head
    ill = [False]

    def health(cluster: str, work: Work) -> str:
        is_redis = work.ref.name == "redis" and cluster == "pegasus"
        return "Degraded" if ill[0] and is_redis else "Healthy"

    world.argocd.health = health
    for _ in range(6):
        ill[0] = not ill[0]
        some_rounds(process, 2)
    ill[0] = False
    some_rounds(process, 2)
    assert world.repository.head == head

    ill[0] = True
    eventually("redis has moved", lambda: _moved(world), process)
    (task,) = world.tasks_of(*REDIS)
    assert (task["purgeMode"], task["fromCluster"]) == ("Never", "pegasus")
    assert task["suppressDeletion"] is True
    # The old copy stays as it was, until a person ends it.
    assert "Deployment/redis" in world.rendered("pegasus")
    assert "Deployment/redis" in world.rendered("pegasus-2")
    some_rounds(process)
    assert world.tasks_of(*REDIS) == [task]


def test_purge_mode_directly_waits_until_the_old_copy_is_gone(world: World) -> None:
    files = _patient_for(1)
    path = "redis/propagationpolicy.yaml"
    text = files[path].decode().replace("purgeMode: Never", "purgeMode: Directly")
    world.fleet({**files, path: text.encode()})
    world.endpoints(*CLUSTERS)
    world.start_argocd()
    process = _started(world)
    world.argocd.health = lambda cluster, work: (
        "Degraded" if (cluster, work.ref.name) == ("pegasus", "redis") else "Healthy"
    )
    eventually("redis has moved", lambda: _over(world), process)
    commits = git(world.repository.path, "log", "--reverse", "--format=%H", "main").splitlines()
    places = [world.clusters_of(*REDIS, commit) for commit in commits[1:]]
    changes = [place for number, place in enumerate(places) if place != places[number - 1]]
    assert places[0] == ["pegasus"]
    assert ["pegasus", "pegasus-2"] not in places
    assert changes[-1] == ["pegasus-2"]
    assert [] in changes  # between the two nobody had it


def test_argocd_that_keeps_health_to_itself_moves_nothing(world: World) -> None:
    world.fleet(_patient_for(1))
    world.endpoints(*CLUSTERS)
    world.start_argocd()
    world.argocd.persists_health = False
    world.argocd.health = lambda cluster, _: "Degraded" if cluster == "pegasus" else "Healthy"
    process = _started(world)
    head = world.repository.head
    some_rounds(process, 8)
    assert world.repository.head == head


@pytest.fixture
def served(running: World) -> "Served":
    return Served(running)


class Served:
    """The same over HTTP, with a password in a file."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.server = GitHttp(world.repository.path.parent, user="robot", password="first-token")
        self.password = world.folder / "password"
        self.password.write_text("first-token")
        world.enter(self.server)

    def start(self, **options: str) -> Process:
        return _started(
            self.world,
            **{
                "repo": self.server.url("fleet"),
                "git_username": "robot",
                "git_password_file": str(self.password),
                "git_timeout": "3",
                **options,
            },
        )

    def failing(self, process: Process, more: int = 3) -> None:
        wanted = process.metric("armada_controller_git_errors_total") + more
        eventually(
            "git fails",
            lambda: process.metric("armada_controller_git_errors_total") >= wanted,
            process,
        )


def test_a_password_that_was_changed(served: Served) -> None:
    process = served.start()
    served.server.password = "second-token"
    served.world.members["pegasus"].kill()
    served.failing(process)
    assert _moves(served.world) == 0
    served.password.write_text("second-token")
    eventually("redis has moved", lambda: _over(served.world), process)
    assert _moves(served.world) == 1
    log = process.log.read_text()
    assert "first-token" not in log
    assert "second-token" not in log


@pytest.mark.parametrize(
    ("fault", "when"),
    [
        pytest.param(status(503), is_fetch, id="503-fetch"),
        pytest.param(status(503), is_push_itself, id="503-push"),
        pytest.param(hang(), is_push, id="hang-push"),
        pytest.param(cut(20), is_fetch, id="cut-fetch"),
    ],
)
def test_a_git_server_that_fails_is_waited_for(
    served: Served, fault: object, when: Callable[..., bool]
) -> None:
    process = served.start()
    served.server.fail(fault, when=when, times=0)  # type: ignore[arg-type]  # a Fault
    served.world.members["pegasus"].kill()
    served.failing(process, 2)
    assert _moves(served.world) == 0
    served.server.heal()
    eventually("redis has moved", lambda: _over(served.world), process)
    assert _moves(served.world) == 1


def test_a_push_whose_answer_was_lost_is_not_made_twice(served: Served) -> None:
    process = served.start()
    served.server.fail(cut(20), when=is_push_itself, times=1)  # the fence
    served.server.fail(cut(20), when=is_push_itself, times=1)  # the taint
    served.world.members["pegasus"].kill()
    eventually("redis has moved", lambda: _over(served.world), process)
    subjects = served.world.repository.log
    assert subjects.count(MOVED) == 1
    assert subjects.count("Failover: taints of pegasus") == 1


def test_a_person_who_pushes_to_the_same_workload_first(served: Served) -> None:
    world = served.world
    process = served.start()
    replicas = world.repository.read("redis/deployment.yaml")

    def meanwhile() -> None:
        text = replicas.replace("replicas: 4", "replicas: 6")
        assert text != replicas
        world.repository.commit("More redis", {"redis/deployment.yaml": text.encode()})

    served.server.fail(first(lambda: None), when=is_push_itself, times=2)  # fence and taint
    served.server.fail(first(meanwhile), when=is_push_itself, times=1)
    world.members["pegasus"].kill()
    eventually("redis has moved", lambda: _over(world), process)
    assert "replicas: 6" in world.repository.read("redis/deployment.yaml")
    assert _moves(world) == 1
    assert "More redis" in world.repository.log
    document = yaml.safe_load(
        world.repository.read(".armada/bindings/default/redis-deployment.yaml")
    )
    assert document["spec"]["clusters"] == [{"name": "pegasus-2", "replicas": 6}]
    assert process.metric('armada_controller_writes_total{result="conflict"}') >= 1


def test_a_person_who_moves_the_workload_first(served: Served) -> None:
    """The lock is what both write: the person's is there first, and nothing is left to do."""
    world = served.world
    process = served.start()

    def meanwhile() -> None:
        path = ".armada/bindings/default/redis-deployment.yaml"
        text = world.repository.read(path).replace("name: pegasus\n", "name: pegasus-2\n")
        world.repository.commit("Redis to pegasus-2, by hand", {path: text.encode()})

    served.server.fail(first(lambda: None), when=is_push_itself, times=2)
    served.server.fail(first(meanwhile), when=is_push_itself, times=1)
    world.members["pegasus"].kill()
    eventually(
        "rabbitmq has moved",
        lambda: world.clusters_of("Deployment", "rabbitmq") == ["pegasus-2"],
        process,
    )
    some_rounds(process)
    assert world.clusters_of(*REDIS) == ["pegasus-2"]
    assert "Redis to pegasus-2, by hand" in world.repository.log
    moved = [line for subject in world.repository.log for line in [subject] if "move" in subject]
    assert moved == ["Failover: Deployment/rabbitmq (default) moves"]


def test_a_branch_that_is_forced_back_to_before_the_failover(running: World) -> None:
    process = _started(running)
    before = running.repository.head
    running.members["pegasus"].kill()
    eventually("redis has moved", lambda: _over(running), process)
    git(running.repository.path, "update-ref", "refs/heads/main", before)
    assert not _moved(running)
    eventually("redis has moved again", lambda: _over(running), process)
    assert running.repository.log[-2:] == ["The lock", "The fleet"]


def test_a_commit_that_breaks_the_fleet_stops_failover_until_it_is_mended(running: World) -> None:
    process = _started(running)
    running.repository.commit("Oops", {"redis/deployment.yaml": b"kind: [\n"})
    name = "armada_controller_repository_problems"
    eventually("it is seen", lambda: process.metric(name) > 0, process)
    running.members["pegasus"].kill()
    head = running.repository.head
    eventually("it is held", lambda: process.metric("armada_controller_frozen") == 1, process)
    assert running.repository.head == head
    running.repository.commit(
        "Mended", {"redis/deployment.yaml": example_fleet()["redis/deployment.yaml"]}
    )
    eventually("redis has moved", lambda: _moved(running), process)


def test_it_stops_within_seconds_even_while_git_hangs(served: Served) -> None:
    process = served.start(git_timeout="300")
    served.server.fail(hang(), times=0)
    eventually("it asks", lambda: len(served.server.requests) > 0, process)
    before = len(served.server.requests)
    eventually("it hangs", lambda: len(served.server.requests) > before, process)
    assert process.terminate() < 5
    assert process.code == 0
    assert process.events("stopping")


def test_dry_run_writes_nothing_and_shows_what_it_would(running: World) -> None:
    secret = (
        b"apiVersion: v1\nkind: Secret\nmetadata: {name: redis-key}\nstringData: {key: hunter2}\n"
    )
    running.repository.commit("A secret", {"redis/secret.yaml": secret})
    process = running.controller("one", **{"dry-run": "yes"})
    running.members["pegasus"].kill()
    eventually("it would write", lambda: process.events("would-write"), process)
    line = process.events("would-write")[0]
    assert re.search(r"^\+ *- key: cluster.karmada.io/not-ready$", line["difference"], re.MULTILINE)
    assert line["files"] == ["clusters/pegasus.yaml"]
    some_rounds(process)
    assert len(process.events("would-write")) == 1
    assert running.repository.log[0] == "A secret"
    refs = git(running.repository.path, "for-each-ref", "--format=%(refname)")
    assert refs == "refs/heads/main"
    assert "hunter2" not in process.log.read_text()


def test_mode_branch_pushes_one_branch_for_review(running: World) -> None:
    process = _started(running, mode="branch")
    head = running.repository.head
    running.members["pegasus"].kill()
    eventually("it is proposed", lambda: process.events("proposed"), process)
    branch = process.events("proposed")[0]["branch"]
    some_rounds(process)
    assert running.repository.head == head
    refs = git(running.repository.path, "for-each-ref", "--format=%(refname)", "refs/heads")
    assert refs.splitlines() == [f"refs/heads/{branch}", "refs/heads/main"]
    assert "NoExecute" in running.repository.read("clusters/pegasus.yaml", branch)

    # Merged, the next step is proposed.
    git(running.repository.path, "update-ref", "refs/heads/main", branch)
    eventually("more is proposed", lambda: len(process.events("proposed")) > 1, process)


def test_a_tree_that_is_committed_changes_in_the_same_commit(world: World) -> None:
    config = f"{CONFIG}ignore: [out/]\noutput: {{directory: out}}\n"
    world.fleet({**example_fleet(), "armada.yaml": config.encode()})
    clone = world.repository.clone
    for output in ("tree", "applicationset"):
        world.run("render", str(clone), "-o", output, "--output-dir", str(clone / "out"), "-q")
    world.repository_commit("The tree")
    world.endpoints(*CLUSTERS)
    world.start_argocd()
    process = _started(world)
    world.members["pegasus"].kill()
    eventually("redis has moved", lambda: _moved(world), process)
    commit = git(world.repository.path, "log", "--format=%H", f"--grep={MOVED}", "--fixed-strings")
    changed = git(world.repository.path, "show", "--format=", "--name-only", commit).splitlines()
    assert ".armada/bindings/default/redis-deployment.yaml" in changed
    assert "out/pegasus-2/redis/manifests.yaml" in changed
    assert "out/argocd/applicationset-redis.yaml" in changed
    assert "out/index.json" in changed
    eventually("its old copies are gone", lambda: _over(world), process)
    assert yaml.safe_load(world.repository.read("armada.yaml"))["retire"] == [
        {"cluster": "pegasus", "app": "rabbitmq"},
        {"cluster": "pegasus", "app": "redis"},
    ]
    assert "out/pegasus/redis/retired.txt" in world.repository.paths()
    folder = world.repository.checkout(world.folder / "checked")
    for output in ("tree", "applicationset"):
        world.run(
            "render", str(folder), "-o", output, "--output-dir", str(folder / "out"), "--check"
        )
