"""What Argo CD says now: a list of Applications, kept up to date by a watch, in a thread.

Lists come in pages; the watch goes on from where it broke off; a version that the server has
forgotten (410) means a new list, and so does `resync` seconds of one. While the server says
nothing, what was known stays, with the time when the server last spoke: who reads it judges.
"""

import random
import threading
import time
from collections.abc import Callable, Mapping

import msgspec
from msgspec import Struct

from armada_render.controller.applications import Application, Decoder
from armada_render.controller.kube import Kube, KubeError

PATH = "/apis/argoproj.io/v1alpha1/namespaces/{namespace}/applications"
_PAGE = 100
_WATCH_SECONDS = 240
_SILENCE = 90.0
"""Bookmarks come about once a minute; a connection without them is dead (a firewall's, perhaps)."""
_MOST_WAIT = 30.0
_GONE = 410


class Snapshot(Struct, frozen=True, eq=False):
    """Applications by `namespace/name`; `heard_at` is the monotonic time of the last sign of life.

    None while there has been no complete list.
    """

    applications: Mapping[str, Application] = {}
    heard_at: float | None = None
    error: str = ""


class _Event(Struct, frozen=True):
    type: str
    object: msgspec.Raw


class _Status(Struct, frozen=True, rename="camel"):
    code: int = 0
    message: str = ""


class ApplicationWatch:
    """Keeps a snapshot; `on_change` is called from its thread when there is something new."""

    def __init__(  # noqa: PLR0913 - what a watch has
        self,
        kube: Kube,
        namespace: str,
        on_change: Callable[[], None],
        *,
        selector: str = "",
        resync: float = 3600.0,
        on_event: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._kube = kube
        self._path = PATH.format(namespace=namespace)
        self._selector = {"labelSelector": selector} if selector else {}
        self._on_change = on_change
        self._on_event = on_event
        self._resync = resync
        self._lock = threading.Lock()
        self._found: dict[str, Application] = {}
        self._heard_at: float | None = None
        self._error = "not listed yet"
        self._version = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="applications", daemon=True)

    def start(self) -> None:
        """Begin to list and watch."""
        self._thread.start()

    def stop(self) -> None:
        """End; a watch that is open may outlive this by a moment, and changes nothing more."""
        self._stop.set()

    def snapshot(self) -> Snapshot:
        """Return what is known now."""
        with self._lock:
            return Snapshot(dict(self._found), self._heard_at, self._error)

    def list_once(self) -> Snapshot:
        """List without a thread, and return that; raise `KubeError` when it fails."""
        self._list(Decoder())
        return self.snapshot()

    def _run(self) -> None:
        failures = 0
        while not self._stop.is_set():
            try:
                self._list_and_watch()
                failures = 0
            except Exception as error:  # noqa: BLE001 - a bug must not end the watch either
                failures += 1
                with self._lock:
                    self._error = _worded(error)
                self._on_event("error")
                self._stop.wait(backoff(failures))

    def _list_and_watch(self) -> None:
        decoder = Decoder()
        if not self._version:
            self._list(decoder)
        until_resync = time.monotonic() + self._resync
        while not self._stop.is_set():
            if time.monotonic() > until_resync:
                self._version = ""
                return
            try:
                self._watch(decoder)
            except KubeError as error:
                if error.status != _GONE:
                    raise
                self._version = ""
                self._on_event("expired")
                return

    def _list(self, decoder: Decoder) -> None:
        """Replace everything by a complete list; a list that breaks off changes nothing."""
        found: dict[str, Application] = {}
        query = {"limit": str(_PAGE), **self._selector}
        while True:
            page, metadata = decoder.page(self._kube.get(self._path, query, timeout=_SILENCE))
            found.update((application.key, application) for application, _ in page)
            if not metadata.continue_:
                break
            query["continue"] = metadata.continue_
        self._version = metadata.resource_version
        with self._lock:
            self._found = found
            self._heard_at = time.monotonic()
            self._error = ""
        self._on_event("list")
        self._on_change()

    def _watch(self, decoder: Decoder) -> None:
        query = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": self._version,
            "timeoutSeconds": str(_WATCH_SECONDS + random.randrange(60)),  # noqa: S311 - spread
            **self._selector,
        }
        until = time.monotonic() + 2 * _WATCH_SECONDS
        for line in self._kube.lines(self._path, query, silence=_SILENCE, until=until):
            if self._stop.is_set():
                return
            self._take(decoder, line)
        with self._lock:
            # The server ended it in order: everything up to now has been sent.
            self._heard_at = time.monotonic()
            self._error = ""

    def _take(self, decoder: Decoder, line: bytes) -> None:
        event = msgspec.json.decode(line, type=_Event)
        if event.type == "ERROR":
            status = msgspec.json.decode(event.object, type=_Status)
            raise KubeError(status.code, status.message)
        application, version = decoder.one(event.object)
        self._version = version or self._version
        self._on_event(event.type.lower())
        with self._lock:
            self._heard_at = time.monotonic()
            self._error = ""
            if event.type == "BOOKMARK":
                return
            if event.type == "DELETED":
                self._found.pop(application.key, None)
            else:
                self._found[application.key] = application
        self._on_change()


def backoff(failures: int, least: float = 0.5, most: float = _MOST_WAIT) -> float:
    """Return how long to wait after so many failures in a row: doubling, capped, jittered."""
    ceiling = min(most, least * 2 ** min(failures - 1, 16))
    return float(ceiling * random.uniform(0.5, 1.0))  # noqa: S311 - no secret


def _worded(error: Exception) -> str:
    match error:
        case KubeError():
            return str(error)
        case msgspec.DecodeError():
            return "an answer that is no Application"
        case _:
            return f"bug: {type(error).__name__}"
