"""A world for the controller: Argo CD's API server, member clusters, a Git repository, controllers.

Everything is real but Argo CD (`argocd_double`) and, where a test breaks them at will, the members
(`members`). A controller is a process of its own, started from the command line, with the rights
that `argocd-plugin/install/controller` ships.
"""

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
import urllib3
import yaml

from tests.support.apiserver import PATIENCE, APIServer, Kubernetes, free_port
from tests.support.argocd_double import ArgoCD
from tests.support.fleetrepo import BareRepository, git
from tests.support.members import TOKEN, Member

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "app-manifests"
INSTALL = ROOT / "argocd-plugin" / "install" / "controller"
ACCOUNT = "system:serviceaccount:argocd:armada-render-controller"
CONTROLLER = "controller-token"
APPLICATIONS = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications"
SECRETS = "/api/v1/namespaces/argocd/secrets"
LEASES = "/apis/coordination.k8s.io/v1/namespaces/argocd/leases"

QUICK = {
    "interval": "1",
    "git-interval": "1",
    "probe-interval": "0.5",
    "probe-timeout": "2",
    "failure-threshold": "2",
    "success-threshold": "2",
    "lease-duration": "6",
}
"""Waiting times that fit a test; Karmada's own are ten times as long."""

TAINT_POLICY = """\
apiVersion: policy.karmada.io/v1alpha1
kind: ClusterTaintPolicy
metadata:
  name: leave-what-is-not-ready
spec:
  addOnConditions:
  - conditionType: Ready
    operator: NotIn
    statusValues: ["True"]
  removeOnConditions:
  - conditionType: Ready
    operator: In
    statusValues: ["True"]
  taints:
  - key: cluster.karmada.io/not-ready
    effect: NoExecute
"""


CONFIG = """\
apiVersion: armada-render/v1
kind: Config
argocd: {repoURL: https://git.example.com/fleet, revision: main}
"""


def example_fleet(toleration: int = 4) -> dict[str, bytes]:
    """Return the example fleet, whose workloads leave a cluster that is not ready so soon."""
    files = {
        str(file.relative_to(EXAMPLE)): file.read_bytes()
        for file in sorted(EXAMPLE.rglob("*.yaml"))
    }
    for path in [path for path in files if path.endswith("propagationpolicy.yaml")]:
        text = files[path].decode()
        patience = (
            "  placement:\n    clusterTolerations:\n"
            "      - key: cluster.karmada.io/not-ready\n        operator: Exists\n"
            f"        effect: NoExecute\n        tolerationSeconds: {toleration}\n"
        )
        files[path] = text.replace("  placement:\n", patience).encode()
    files["taint-policy.yaml"] = TAINT_POLICY.encode()
    files["armada.yaml"] = CONFIG.encode()
    return files


class Process:
    """A running `armada-render controller run`; its log is read line by line."""

    def __init__(self, command: list[str], log: Path, port: int) -> None:
        self.log = log
        self.port = port
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=out, start_new_session=True, cwd=ROOT
            )

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What it has logged, only whole lines."""
        text = self.log.read_text()
        return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]

    def events(self, name: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == name]

    @property
    def code(self) -> int | None:
        return self._process.poll()

    def page(self, path: str) -> tuple[int, str]:
        answer = urllib3.request("GET", f"http://127.0.0.1:{self.port}{path}", retries=False)
        return answer.status, answer.data.decode()

    def metric(self, name: str) -> float:
        """Return the value of a series, written as Prometheus prints it; 0 when it is not there."""
        with suppress(urllib3.exceptions.HTTPError):
            for line in self.page("/metrics")[1].splitlines():
                if line.startswith(f"{name} "):
                    return float(line.rsplit(" ", 1)[1])
        return 0.0

    def signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self._process.wait()

    def terminate(self) -> float:
        """Ask it to end; return how long that took."""
        began = time.monotonic()
        self._process.terminate()
        self._process.wait(60)
        return time.monotonic() - began


class World:
    """A fleet, what it runs on, and what happens to it."""

    def __init__(self, kubernetes: Kubernetes, host: APIServer, folder: Path) -> None:
        self.kubernetes, self.host, self.folder = kubernetes, host, folder
        self._stack = ExitStack()
        self.members: dict[str, Any] = {}
        self.repository: BareRepository
        self.argocd: ArgoCD

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()
        if not self.host.is_running:
            self.host.start()
        self.host.wait_ready()
        for path in (APPLICATIONS, SECRETS, LEASES):
            self.host.ask("DELETE", path)

    def enter(self, more: AbstractContextManager[object]) -> None:
        """Let something end with this world."""
        self._stack.enter_context(more)

    def fleet(self, files: Mapping[str, bytes], *, lock: bool = True) -> None:
        """Put a fleet into a new repository, with its lock."""
        self.repository = BareRepository(self.folder, files)
        if lock:
            self.run("lock", str(self.repository.clone))
            self.repository_commit("The lock")

    def repository_commit(self, message: str) -> str:
        clone = self.repository.clone
        git(clone, "add", "--all")
        git(clone, "commit", "--quiet", "-m", message)
        git(clone, "push", "--quiet", "origin", "main")
        return self.repository.head

    def endpoints(self, *names: str) -> None:
        """Make members that a test can break, and the Secrets by which Argo CD knows them."""
        for name in names:
            member = Member(name, self.kubernetes.authority)
            self._stack.callback(member.kill)
            self.members[name] = member
            self.secret(name, member.url, TOKEN)

    def secret(self, name: str, url: str, token: str) -> None:
        """Make Argo CD know a cluster."""
        config = {
            "bearerToken": token,
            "tlsClientConfig": {
                "caData": base64.b64encode(self.kubernetes.authority.ca.read_bytes()).decode()
            },
        }
        values = {"name": name, "server": url, "config": json.dumps(config)}
        self.host.ask(
            "POST",
            SECRETS,
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {
                    "name": f"cluster-{name}",
                    "labels": {"argocd.argoproj.io/secret-type": "cluster"},
                },
                "stringData": values,
            },
        )

    def start_argocd(self, apply: Any = None, interval: float = 0.5) -> None:
        """Start what plays Argo CD; its first pass is done when this returns."""
        alive = {
            name: lambda member=member: member.is_alive for name, member in self.members.items()
        }
        more = () if apply is None else (apply,)
        self.argocd = ArgoCD(self.host, self.repository.path, alive, *more)
        self.argocd.sync()
        self.argocd.start(interval)
        self._stack.callback(self.argocd.stop)

    def controller(self, name: str = "one", **options: str) -> Process:
        """Start a controller that writes; options as on the command line, `_` for `-`."""
        port = free_port()
        kubeconfig = self.host.kubeconfig(self.folder / f"{name}.kubeconfig", CONTROLLER)
        given: dict[str, str] = {
            **QUICK,
            "repo": str(self.repository.path),
            "kubeconfig": str(kubeconfig),
            "identity": name,
            "listen": f"127.0.0.1:{port}",
            "state-dir": str(self.folder / f"{name}-state"),
            **{key.replace("_", "-"): value for key, value in options.items()},
        }
        flags = [] if given.pop("dry-run", "") else ["--no-dry-run"]
        for key, value in given.items():
            flags += [f"--{key}", value]
        command = [sys.executable, "-m", "armada_render", "controller", "run", *flags]
        number = len(list(self.folder.glob(f"{name}-*.log")))
        process = Process(command, self.folder / f"{name}-{number}.log", port)
        self._stack.callback(process.kill)
        return process

    def run(self, *arguments: str) -> str:
        """Run a command of armada-render; return what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "armada_render", *arguments],
            capture_output=True, text=True, check=False, cwd=ROOT,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def clusters_of(self, kind: str, name: str, revision: str = "main") -> list[str]:
        """Return where the lock in Git says that something runs."""
        path = f".armada/bindings/default/{name}-{kind.lower()}.yaml"
        document = yaml.safe_load(self.repository.read(path, revision))
        return [item["name"] for item in document["spec"].get("clusters", ())]

    def tasks_of(self, kind: str, name: str) -> list[dict[str, Any]]:
        path = f".armada/bindings/default/{name}-{kind.lower()}.yaml"
        found = yaml.safe_load(self.repository.read(path))
        return list(found["spec"].get("gracefulEvictionTasks", ()))

    def rendered(self, cluster: str) -> list[str]:
        """Return what `render` gives a cluster at the head: kinds and names."""
        folder = self.folder / f"render-{time.monotonic_ns()}"
        self.repository.checkout(folder)
        found = json.loads(self.run("render", str(folder), "-o", "json", "--quiet"))
        objects = found["works"].get(cluster, [])
        return [f"{one['kind']}/{one['metadata']['name']}" for one in objects]


def shipped(kind: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of a kind among the manifests that are shipped for the controller."""
    for file in sorted(INSTALL.glob("*.yaml")):
        for document in yaml.safe_load_all(file.read_text()):
            if document and document["kind"] == kind:
                yield document


def install_rights(host: APIServer) -> None:
    """Give the controller's user what we ship, and nothing else."""
    host.ask("POST", "/api/v1/namespaces", {"metadata": {"name": "argocd"}})
    base = "/apis/rbac.authorization.k8s.io/v1/namespaces/argocd"
    for role in shipped("Role"):
        host.ask("POST", f"{base}/roles", role)
    for binding in shipped("RoleBinding"):
        host.ask("POST", f"{base}/rolebindings", binding)


def eventually(what: str, look: Callable[[], object], process: Process | None = None) -> None:
    """Wait for something to be true; fail with the end of a controller's log otherwise."""
    deadline = time.monotonic() + PATIENCE
    while not look():
        if time.monotonic() > deadline or (process is not None and process.code is not None):
            log = "" if process is None else process.log.read_text()[-6000:]
            pytest.fail(f"not in time: {what}\n{log}")
        time.sleep(0.1)


def leads(process: Process) -> bool:
    """Tell whether a controller leads, and has made a round."""
    return (
        process.metric("armada_controller_leader") == 1
        and process.metric("armada_controller_last_round_timestamp_seconds") > 0
    )


def rounds(process: Process) -> float:
    """Return how many rounds of a controller ended well."""
    return process.metric('armada_controller_rounds_total{outcome="ok"}')


def some_rounds(process: Process, more: int = 6) -> None:
    """Wait until a controller has looked so many times again."""
    wanted = rounds(process) + more
    eventually("it goes on", lambda: rounds(process) >= wanted, process)
