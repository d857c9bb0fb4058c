"""Looks at the member clusters themselves, all at once, as Karmada's cluster status controller.

(pkg/controllers/status/cluster_status_controller.go, getClusterHealthStatus)
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from msgspec import Struct

from armada_render.controller.kube import Kube, KubeError
from armada_render.controller.members import Member
from armada_render.failover import Ready

_THREADS = 64
_NOT_FOUND = 404
_SERVER_ERROR = 500


class Look(Struct, frozen=True):
    """What one probe of a cluster found, and when it was over. None for `ready`: no information."""

    ready: Ready | None
    reason: str
    message: str
    at: datetime


def probe(member: Member, now: Callable[[], datetime]) -> Look:
    """Ask a cluster whether it is ready.

    What says nothing about the cluster is no information: credentials that are missing or refused,
    a name that does not resolve, a certificate that does not match. A wrong or expired entry of
    ours looks like that.
    """
    if member.kube is None:
        return Look(None, "NoCredentials", member.error, now())
    try:
        _ask(member.kube)
    except KubeError as error:
        return _failed(error, now())
    return Look(
        Ready.TRUE, "ClusterReady", "cluster is healthy and ready to accept workloads", now()
    )


def _ask(kube: Kube) -> None:
    try:
        kube.get("/readyz")
    except KubeError as error:
        if error.status != _NOT_FOUND:
            raise
        kube.get("/healthz")


def _failed(error: KubeError, at: datetime) -> Look:
    if error.is_misled:
        return Look(None, "ProbeMisled", f"this may not be the cluster that is meant: {error}", at)
    if 0 < error.status < _SERVER_ERROR:
        # It is there, and will not say: credentials that expired, a redirect, too many requests.
        return Look(None, "ProbeRefused", f"its API server answers the probe with {error}", at)
    return Look(Ready.FALSE, "ClusterNotReachable", f"cluster is not reachable: {error}", at)


class Prober:
    """Looks at every member once in `interval` seconds, in threads of its own."""

    def __init__(
        self,
        members: Callable[[], Iterable[Member]],
        now: Callable[[], datetime],
        interval: float,
        on_change: Callable[[], None],
        on_error: Callable[[KubeError], None] = lambda _: None,
    ) -> None:
        self._members = members
        self._now = now
        self._interval = interval
        self._on_change = on_change
        self._on_error = on_error
        self._lock = threading.Lock()
        self._looks: dict[tuple[str, str], Look] | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="probes", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End after the probes that are under way."""
        self._stop.set()

    def looks(self) -> Mapping[tuple[str, str], Look] | None:
        """Return the last look at each member, by Argo CD's name and server; None before any."""
        with self._lock:
            return None if self._looks is None else dict(self._looks)

    def look_once(self) -> None:
        """Look at every member now; raise `KubeError` when it is not known which there are."""
        members = tuple(self._members())
        threads = max(1, min(_THREADS, len(members)))
        with ThreadPoolExecutor(threads, "probe") as pool:
            looks = tuple(pool.map(self._one, members))
        with self._lock:
            self._looks = {
                (member.name, member.server): look
                for member, look in zip(members, looks, strict=True)
            }

    def _one(self, member: Member) -> Look:
        return probe(member, self._now)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.look_once()
            except KubeError as error:
                # What was seen before grows old by itself.
                self._on_error(error)
            except Exception as error:  # noqa: BLE001 - a bug must not end all probes
                self._on_error(KubeError(0, f"bug: {type(error).__name__}"))
            else:
                self._on_change()
            self._stop.wait(self._interval)
