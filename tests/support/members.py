"""Member clusters as a probe sees them: an HTTPS endpoint that is well, sick, slow or gone."""

import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

from tests.support.apiserver import Authority

TOKEN = "token-for-members"


class _Handler(BaseHTTPRequestHandler):
    member: ClassVar["Member"]
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        member = self.member
        if not member.is_open:
            # A connection from before: the machine is gone, so nothing comes back.
            self.close_connection = True
            return
        member.probes += 1
        if member.hangs:
            time.sleep(30)
        status = member.status
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            status = 401
        body = b"ok" if status == 200 else b"not well"
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of connections that break off: the tests break them."""


class Member:
    """One endpoint; `kill` closes its port, `revive` opens the same one again."""

    def __init__(self, name: str, authority: Authority) -> None:
        self.name = name
        self._authority = authority
        self.status, self.hangs, self.probes = 200, False, 0
        self._server: _Server | None = None
        self.port = 0
        self.revive()

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def is_open(self) -> bool:
        return self._server is not None

    @property
    def is_alive(self) -> bool:
        return self._server is not None and self.status == 200 and not self.hangs

    def revive(self) -> None:
        handler = type("Handler", (_Handler,), {"member": self})
        server = _Server(("127.0.0.1", self.port), handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._authority.certificate, self._authority.key)
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        self.port = int(server.server_address[1])
        self._server = server
        threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()

    def kill(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
