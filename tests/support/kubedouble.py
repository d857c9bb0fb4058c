"""As much of an API server as the controller speaks to, in memory, for tests that take no seconds.

The long stage runs the same against a real one. Versions, pages, bookmarks, 410 and conflicts are
as there; `fault` may answer a request otherwise.
"""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar, Self
from urllib.parse import parse_qs, urlsplit

from armada_render.controller.kube import Kube, from_mapping

APPLICATIONS = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications"
LEASES = "/apis/coordination.k8s.io/v1/namespaces/argocd/leases"
SECRETS = "/api/v1/namespaces/argocd/secrets"

Fault = Callable[["Request"], bool]


class Request(BaseHTTPRequestHandler):
    double: ClassVar["KubeDouble"]
    protocol_version = "HTTP/1.1"
    timeout = 30

    def answer(self, status: int, body: Any) -> bool:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        return True

    def refuse(self, status: int, message: str = "") -> bool:
        return self.answer(status, {"kind": "Status", "code": status, "message": message})

    def hang_up(self) -> bool:
        self.close_connection = True
        return True

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        double = self.double
        double.requests.append((self.command, self.path))
        double.tokens.append(self.headers.get("Authorization", ""))
        if any(fault(self) for fault in double.faults):
            return
        if parts.path in {"/readyz", "/healthz"}:
            self.answer(200, b"ok")
        elif parts.path == APPLICATIONS and "watch" in query:
            self._watch(int(query["resourceVersion"]))
        elif parts.path in {APPLICATIONS, SECRETS}:
            self.answer(200, double.page(parts.path, query))
        elif parts.path.startswith(LEASES):
            self._lease(parts.path.removeprefix(LEASES).strip("/"), body)
        else:
            self.refuse(404, "not found")

    def _watch(self, version: int) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for event in self.double.events(version):
            data = json.dumps(event).encode() + b"\n"
            self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
        self.wfile.write(b"0\r\n\r\n")

    def _lease(self, name: str, body: Any) -> None:
        leases, lock = self.double.leases, self.double.changed
        with lock:
            if self.command == "GET":
                self.answer(200, leases[name]) if name in leases else self.refuse(404)
                return
            name = body["metadata"]["name"]
            known = leases.get(name)
            if self.command == "POST" and known is not None:
                self.refuse(409, "it exists")
                return
            stale = (
                known
                and body["metadata"].get("resourceVersion") != known["metadata"]["resourceVersion"]
            )
            if stale:
                self.refuse(409, "it was modified")
                return
            body["metadata"]["resourceVersion"] = self.double.next_version()
            leases[name] = body
            self.answer(200, body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of connections that break off."""


class KubeDouble:
    """The server and what it holds."""

    def __init__(self) -> None:
        self.applications: dict[str, dict[str, Any]] = {}
        self.secrets: list[dict[str, Any]] = []
        self.leases: dict[str, dict[str, Any]] = {}
        self.faults: list[Fault] = []
        self.requests: list[tuple[str, str]] = []
        self.tokens: list[str] = []
        self.changed = threading.Condition(threading.RLock())
        self._version = 100
        self._events: list[tuple[int, dict[str, Any]]] = []
        self._oldest = 0
        self._watching = True
        self._rounds = 0
        handler = type("Handler", (Request,), {"double": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def client(self, token: str = "", timeout: float = 5.0) -> Kube:
        return from_mapping(kubeconfig(self.url, token), timeout)

    def next_version(self) -> str:
        with self.changed:
            self._version += 1
            return str(self._version)

    def put(self, application: dict[str, Any]) -> None:
        """Create or replace an Application."""
        with self.changed:
            name = application["metadata"]["name"]
            kind = "MODIFIED" if name in self.applications else "ADDED"
            application["metadata"] |= {
                "namespace": "argocd",
                "resourceVersion": self.next_version(),
            }
            self.applications[name] = application
            self._send(kind, application)

    def delete(self, name: str) -> None:
        with self.changed:
            gone = self.applications.pop(name)
            gone["metadata"]["resourceVersion"] = self.next_version()
            self._send("DELETED", gone)

    def bookmark(self) -> None:
        with self.changed:
            metadata = {"resourceVersion": self.next_version()}
            self._send("BOOKMARK", {"metadata": metadata})

    def error(self, code: int) -> None:
        """Send an error through the watches that are open."""
        with self.changed:
            self.next_version()
            self._send("ERROR", {"kind": "Status", "code": code, "message": "too old"})

    def forget(self) -> None:
        """Let no watch begin before now, as after a compaction."""
        with self.changed:
            self._oldest = self._version

    def end_watches(self) -> None:
        with self.changed:
            self._rounds += 1
            self.changed.notify_all()

    def _send(self, kind: str, body: dict[str, Any]) -> None:
        self._events.append((self._version, {"type": kind, "object": json.loads(json.dumps(body))}))
        self.changed.notify_all()

    def page(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        with self.changed:
            if path == SECRETS:
                return {"metadata": {"resourceVersion": str(self._version)}, "items": self.secrets}
            names = sorted(self.applications)
            begin, limit = int(query.get("continue", 0)), int(query.get("limit", 500))
            end = begin + limit
            more = {"continue": str(end)} if end < len(names) else {}
            items = [self.applications[name] for name in names[begin:end]]
            return {"metadata": {"resourceVersion": str(self._version), **more}, "items": items}

    def events(self, version: int) -> Iterator[dict[str, Any]]:
        with self.changed:
            if version < self._oldest:
                yield {"type": "ERROR", "object": {"code": 410, "message": "too old version"}}
                return
            began, sent = self._rounds, 0
            # What came before the watch began and after the list counts as well.
            while self._watching and self._rounds == began:
                for number, event in self._events[sent:]:
                    if number > version:
                        yield event
                    if event["type"] == "ERROR":
                        self._events.remove((number, event))  # for those who watched
                        return
                sent = len(self._events)
                self.changed.wait(0.2)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._watching = False
        self.end_watches()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def kubeconfig(url: str, token: str = "") -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "one",
        "contexts": [{"name": "one", "context": {"cluster": "one", "user": "one"}}],
        "clusters": [{"name": "one", "cluster": {"server": url}}],
        "users": [{"name": "one", "user": {"token": token} if token else {}}],
    }


def application(
    name: str = "redis-one", cluster: str = "one", *resources: dict[str, Any], **status: Any
) -> dict[str, Any]:
    """Return an Application as Argo CD writes it, with much that nobody reads."""
    given = resources or (resource("Deployment", "redis", group="apps"),)
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": name,
            "namespace": "argocd",
            "uid": "0b5e",
            "labels": {
                "armada-render/app": name.rpartition("-")[0],
                "armada-render/cluster": cluster,
            },
            "managedFields": [{"manager": "argocd"}],
        },
        "spec": {"project": "x", "destination": {"name": cluster, "namespace": "default"}},
        "status": {
            "sync": {"status": "Synced", "revision": "c0ffee", "comparedTo": {"source": {}}},
            "health": {"status": "Healthy"},
            "resources": list(given),
            "reconciledAt": "2026-01-01T12:00:00Z",
            "history": [{"id": 1}],
            **status,
        },
    }


def resource(
    kind: str, name: str, *, group: str = "", health: str | None = "Healthy", status: str = "Synced"
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "version": "v1", "kind": kind, "namespace": "default", "name": name, "status": status,
    }  # fmt: skip
    if group:
        found["group"] = group
    if health is not None:
        found["health"] = {"status": health}
    return found
