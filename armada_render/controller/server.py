"""`/metrics`, `/healthz` and `/readyz`, in a thread. Answers questions, takes no orders."""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

Answer = tuple[int, str, bytes]
"""Status, content type, body."""


class _Handler(BaseHTTPRequestHandler):
    pages: ClassVar[dict[str, Callable[[], Answer]]] = {}
    timeout = 5
    protocol_version = "HTTP/1.1"
    server_version = "armada-render"
    sys_version = ""

    def do_GET(self) -> None:
        page = self.pages.get(self.path.partition("?")[0])
        status, kind, body = page() if page else (404, "text/plain", b"not found\n")
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing: probes come every few seconds."""


class Server:
    """Serves `pages` by path until it is stopped."""

    def __init__(self, address: str, port: int, pages: dict[str, Callable[[], Answer]]) -> None:
        handler = type("_Pages", (_Handler,), {"pages": pages})
        self._server = ThreadingHTTPServer((address, port), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True
        )

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def health(is_well: Callable[[], str]) -> Callable[[], Answer]:
    """Return a page that is `ok`, or 503 with what `is_well` complains about."""

    def page() -> Answer:
        complaint = is_well()
        if complaint:
            return 503, "text/plain", f"{complaint}\n".encode()
        return 200, "text/plain", b"ok\n"

    return page
