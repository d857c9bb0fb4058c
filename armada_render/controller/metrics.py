"""Numbers for Prometheus. Every name here is in docs/controller.md, and alerts may use no other."""

import time
from collections.abc import Iterable, Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

from armada_render.failover import Decision, Reason
from armada_render.version import __version__

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_STATUSES = ("True", "False", "Unknown")


class Metrics:
    """The numbers of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        build = self._gauge("build_info", "1, with the version", "version")
        build.labels(__version__).set(1)
        self.leader = self._gauge("leader", "1 while this replica leads")
        self.dry_run = self._gauge("dry_run", "1 if nothing is ever written")
        self.rounds = self._counter("rounds", "Rounds by outcome", "outcome")
        self.round_seconds = Histogram(
            "armada_controller_round_seconds",
            "How long rounds take",
            registry=self.registry,
            buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
        )
        self.last_round = self._gauge(
            "last_round_timestamp_seconds", "When a round last ended well"
        )
        self.applications = self._gauge("applications", "Applications that are watched")
        self.watch_events = self._counter("watch_events", "Events of the watch", "type")
        self.watch_age = self._gauge(
            "watch_heard_timestamp_seconds", "When the API server was last heard about Applications"
        )
        self.probe_errors = self._counter(
            "probe_errors", "Failures to find out which members exist"
        )
        self.cluster_ready = self._gauge(
            "cluster_ready", "1 for the Ready status that counts", "cluster", "status"
        )
        self.tasks = self._gauge("eviction_tasks", "Eviction tasks in the lock", "purge_mode")
        self.held = self._gauge("held", "What restraint keeps from happening now", "cause")
        self.reasons = self._counter("reasons", "What was decided and written", "cause")
        self.frozen = self._gauge("frozen", "1 while restraint or a freeze file stops everything")
        self.writes = self._counter("writes", "Attempts to write by result", "result")
        self.git_errors = self._counter("git_errors", "Requests that the Git server did not grant")
        self.git_fetched = self._gauge("git_fetch_timestamp_seconds", "When Git was last read")
        self.repository_problems = self._gauge(
            "repository_problems", "What is wrong with the fleet in Git"
        )
        for result in ("pushed", "conflict", "failed", "proposed", "dry-run"):
            self.writes.labels(result)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"armada_controller_{name}", text, labels, registry=self.registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"armada_controller_{name}", text, labels, registry=self.registry)

    def page(self) -> bytes:
        """Return all numbers as text."""
        return generate_latest(self.registry)

    def decided(self, decision: Decision, names: Iterable[str], everything: Iterable[str]) -> None:
        """Take the numbers of a decision; `names` are the clusters, `everything` what stops all."""
        for cluster in names:
            known = decision.memory.clusters.get(cluster)
            status = str(known.condition.status) if known and known.condition else "Unknown"
            for one in _STATUSES:
                self.cluster_ready.labels(cluster, one).set(one == status)
        tasks: dict[str, int] = {"Directly": 0, "Gracefully": 0, "Never": 0}
        for state in decision.states.values():
            for task in state.eviction_tasks:
                mode = task.purge_mode or "Gracefully"
                tasks[mode] = tasks.get(mode, 0) + 1
        for mode, count in tasks.items():
            self.tasks.labels(mode).set(count)
        self.held.clear()
        for cause, count in counted(decision.held).items():
            self.held.labels(cause).set(count)
        causes = {str(reason.cause) for reason in decision.held}
        self.frozen.set(bool(causes & set(everything)))

    def fetched(self) -> None:
        """Remember that Git was read now."""
        self.git_fetched.set(time.time())


def counted(reasons: Iterable[Reason]) -> Mapping[str, int]:
    """Return how many reasons there are of each cause."""
    found: dict[str, int] = {}
    for reason in reasons:
        found[str(reason.cause)] = found.get(str(reason.cause), 0) + 1
    return dict(sorted(found.items()))
