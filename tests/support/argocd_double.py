"""What Argo CD would do with the fleet: Applications of the head, applied to clusters that live.

It keeps `Application` objects in a real API server as Argo CD's controllers do: one for each app on
each cluster, by the names and labels of our ApplicationSets, never deleted (`create-update`), with
sync status, health and revision; and a cluster that does not answer shows as argo-cd#8860 has it:
sync `Unknown`, a `ComparisonError`, and the health that it had before.
"""

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from armada_render.emit.argocd.names import application_name, group_of, label_text
from armada_render.load import load
from armada_render.load.git import GitSource, Repository
from armada_render.model.work import Work
from armada_render.pipeline import render
from tests.support.apiserver import APIServer, RefusedError

PATH = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications"

Health = Callable[[str, Work], str]
"""What Argo CD finds of a Work on a cluster: its words for health."""


def healthy(cluster: str, work: Work) -> str:
    del cluster, work
    return "Healthy"


class ArgoCD:
    """Compares and applies whenever `sync` is called, or in a thread."""

    def __init__(
        self,
        host: APIServer,
        repository: Path,
        is_alive: Mapping[str, Callable[[], bool]],
        apply: Callable[[str, str, tuple[Work, ...]], None] = lambda _cluster, _app, _works: None,
    ) -> None:
        self._host = host
        self._repository = repository
        self._is_alive = is_alive
        self._apply = apply
        self.health: Health = healthy
        self.persists_health = True
        self._commit = ""
        self._retired: set[tuple[str, str]] = set()
        self._works: dict[tuple[str, str], tuple[Work, ...]] = {}
        self._known: dict[str, dict[str, Any]] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, interval: float = 0.5) -> None:
        def run() -> None:
            while not self._stop.is_set():
                self.sync()
                self._stop.wait(interval)

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def sync(self) -> None:
        """Read the head, apply it to the clusters that live, and write all Applications."""
        self._read()
        for (app, cluster), works in self._works.items():
            name = application_name(app, cluster)
            if not works and (cluster, app) not in self._retired:
                # There is no folder to compare with, so nothing is removed either.
                status = self._blind(name, "app path does not exist")
            elif self._is_alive[cluster]():
                self._apply(cluster, app, works)
                status = self._compared(cluster, works)
            else:
                status = self._blind(name, "Failed to load live state: cluster does not answer")
            self._write(app, cluster, status)

    def _read(self) -> None:
        source = GitSource(Repository(str(self._repository)), "refs/heads/main")
        if source.commit == self._commit:
            return
        loaded = load(source)
        rendering = render(loaded.fleet)
        self._retired = {(one.cluster, one.app) for one in loaded.config.retire}
        found: dict[tuple[str, str], list[Work]] = {key: [] for key in self._works}
        for cluster in self._is_alive:
            for work in rendering.dispatched(cluster):
                found.setdefault((work.app, cluster), []).append(work)
        self._works = {key: tuple(works) for key, works in found.items()}
        self._commit = source.commit

    def _compared(self, cluster: str, works: tuple[Work, ...]) -> dict[str, Any]:
        now = stamp()
        resources = [self._resource(cluster, work) for work in works]
        order = ("Healthy", "Suspended", "Progressing", "Missing", "Degraded", "Unknown")
        found = [self.health(cluster, work) for work in works]
        worst = max(found, key=order.index, default="Healthy")
        return {
            "sync": {"status": "Synced", "revision": self._commit},
            "health": {"status": worst},
            "resources": resources,
            "reconciledAt": now,
            "conditions": [],
            **({} if self.persists_health else {"resourceHealthSource": "appTree"}),
        }

    def _resource(self, cluster: str, work: Work) -> dict[str, Any]:
        ref = work.ref
        found = {
            "group": group_of(ref.api_version),
            "version": ref.api_version.rpartition("/")[2],
            "kind": ref.kind,
            "namespace": ref.namespace,
            "name": ref.name,
            "status": "Synced",
            "health": {"status": self.health(cluster, work)} if self.persists_health else None,
        }
        return {key: value for key, value in found.items() if value}

    def _blind(self, name: str, message: str) -> dict[str, Any]:
        before = self._known.get(name, {}).get("status", {})
        return {
            **before,
            "sync": {"status": "Unknown", "revision": self._commit},
            "reconciledAt": stamp(),
            "conditions": [
                {
                    "type": "ComparisonError",
                    "message": message,
                    "lastTransitionTime": stamp(),
                }
            ],
        }

    def _write(self, app: str, cluster: str, status: dict[str, Any]) -> None:
        name = application_name(app, cluster)
        body = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {
                "name": name,
                "labels": {
                    "armada-render/app": label_text(app),
                    "armada-render/cluster": cluster,
                },
            },
            "spec": {
                "project": "armada-render",
                "destination": {"name": cluster, "namespace": "default"},
                "source": {"repoURL": "https://git.example.com/fleet", "path": app},
            },
            "status": status,
        }
        if name not in self._known:
            self._known[name] = self._host.ask("POST", PATH, body)
            return
        try:
            self._known[name] = self._host.ask("PATCH", f"{PATH}/{name}", {"status": status})
        except RefusedError as error:
            if error.status != 404:
                raise
            self._known[name] = self._host.ask("POST", PATH, body)


def stamp() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
