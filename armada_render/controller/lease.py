"""One leader among replicas, by a Lease (client-go/tools/leaderelection).

A replica leads for as long as its own clock says that its last renewal is younger than
`renew_within`; others take over only when they have watched the Lease unchanged for `duration`, by
their own clocks. Clocks of different machines are never compared. `renew_within` is shorter, so a
leader that was paused finds that it leads no more before anybody else does; what it had begun is
stopped by the push, which needs the head that the decision was made on.
"""

import contextlib
import threading
import time
from collections.abc import Callable
from datetime import datetime

import msgspec
from msgspec import Struct

from armada_render.controller.kube import Kube, KubeError

PATH = "/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases"
_NOT_FOUND = 404


class LeaseTimes(Struct, frozen=True, kw_only=True):
    """Seconds, as the flags of Kubernetes' own controllers."""

    duration: int = 15
    renew_within: float = 10.0
    retry: float = 2.0


class _Metadata(Struct, frozen=True, rename="camel"):
    name: str = ""
    namespace: str = ""
    resource_version: str = ""


class _Spec(Struct, frozen=True, rename="camel", omit_defaults=True):
    holder_identity: str | None = None
    lease_duration_seconds: int | None = None
    acquire_time: str | None = None
    renew_time: str | None = None
    lease_transitions: int | None = None


class _Lease(Struct, frozen=True, rename="camel"):
    metadata: _Metadata = _Metadata()
    spec: _Spec = _Spec()


class Leadership:
    """Tries to lead in a thread; `is_leader` is true only while nobody else can be."""

    def __init__(  # noqa: PLR0913 - what a Lease has
        self,
        kube: Kube,
        *,
        namespace: str,
        name: str,
        identity: str,
        now: Callable[[], datetime],
        times: LeaseTimes | None = None,
        on_change: Callable[[bool, int], None] = lambda _leads, _generation: None,
    ) -> None:
        self._kube = kube
        self._path = PATH.format(namespace=namespace)
        self._namespace, self._name, self.identity = namespace, name, identity
        self._now = now
        self._times = times or LeaseTimes()
        self._on_change = on_change
        self._valid_until = float("-inf")
        self._generation = 0
        self._was_leader = False
        self._holder = ""
        self._seen = _Lease()
        self._seen_at = float("-inf")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lease", daemon=True)

    @property
    def is_leader(self) -> bool:
        """Whether this replica may act now."""
        return _clock() < self._valid_until

    @property
    def generation(self) -> int:
        """How often the Lease has changed hands: it grows with every new leader."""
        return self._generation

    @property
    def holder(self) -> str:
        """Who leads, as far as is known."""
        return self._holder

    def start(self) -> None:
        """Begin to try."""
        self._thread.start()

    def stop(self) -> None:
        """End, and let another lead at once if this one did."""
        self._stop.set()
        self._thread.join(2 * self._times.retry)
        if self.is_leader:
            self._valid_until = float("-inf")
            self._release()

    def _run(self) -> None:
        while not self._stop.is_set():
            # Whatever it is: the lease runs out by itself when it is not renewed.
            with contextlib.suppress(Exception):
                self._attempt()
            leads = self.is_leader
            if leads != self._was_leader:
                self._was_leader = leads
                self._on_change(leads, self._generation)
            self._stop.wait(self._times.retry)

    def _attempt(self) -> None:
        asked_at = _clock()
        lease = self._read()
        if lease is None:
            lease = _Lease(metadata=_Metadata(name=self._name, namespace=self._namespace))
            self._take(lease, asked_at, method="POST", path=self._path)
            return
        if lease != self._seen:
            self._seen, self._seen_at = lease, asked_at
        self._holder = lease.spec.holder_identity or ""
        if self._holder not in {"", self.identity}:
            seconds = lease.spec.lease_duration_seconds or self._times.duration
            if asked_at < self._seen_at + seconds:
                return
        self._take(lease, asked_at, method="PUT", path=f"{self._path}/{self._name}")

    def _read(self) -> _Lease | None:
        try:
            data = self._kube.get(
                f"{self._path}/{self._name}", timeout=self._times.renew_within / 2
            )
        except KubeError as error:
            if error.status == _NOT_FOUND:
                return None
            raise
        return msgspec.json.decode(data, type=_Lease)

    def _take(self, lease: _Lease, asked_at: float, *, method: str, path: str) -> None:
        """Write ourselves into the Lease; of two that try, the server lets one."""
        held = lease.spec.holder_identity == self.identity
        generation = (lease.spec.lease_transitions or 0) + (0 if held else 1)
        now = _micro(self._now())
        spec = _Spec(
            holder_identity=self.identity,
            lease_duration_seconds=self._times.duration,
            acquire_time=lease.spec.acquire_time if held else now,
            renew_time=now,
            lease_transitions=generation,
        )
        written = self._write(_Lease(metadata=lease.metadata, spec=spec), method, path)
        self._seen, self._seen_at = written, asked_at
        self._holder = self.identity
        self._generation = generation
        # Counted from before the request: its answer may have been long on the way.
        self._valid_until = asked_at + self._times.renew_within

    def _write(self, lease: _Lease, method: str, path: str) -> _Lease:
        body = {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            **msgspec.to_builtins(lease),
        }
        body["metadata"] = {key: value for key, value in body["metadata"].items() if value}
        return msgspec.json.decode(self._kube.send(method, path, body), type=_Lease)

    def _release(self) -> None:
        spec = msgspec.structs.replace(
            self._seen.spec, holder_identity="", lease_duration_seconds=1
        )
        lease = _Lease(metadata=self._seen.metadata, spec=spec)
        try:
            self._write(lease, "PUT", f"{self._path}/{self._name}")
        except (KubeError, msgspec.DecodeError):
            return


def _clock() -> float:
    """Return a clock that goes on while the machine sleeps, which `monotonic` need not do."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _micro(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
