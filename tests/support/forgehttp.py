"""The comments APIs of GitHub and GitLab, in memory, behind a real HTTP server.

with ForgeHttp() as forge:
    forge.say("<!-- ... -->", by="somebody")          # a comment that is there
    forge.faults.append((503, {"Retry-After": "0"}))  # the next answer
    forge.github("pull"), forge.gitlab()              # what a job's environment says
    ...
    forge.bodies, forge.requests
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

TOKEN = "s3cret"
ME = "armada"
_GITHUB = "/repos/team/fleet/issues"
_GITLAB = "/api/v4/projects/7/merge_requests/3/notes"


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PATCH = do_PUT = do_DELETE = do_GET  # noqa: N815 - the library's names

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - its name
        del format, arguments

    def _serve(self) -> None:
        forge = self.server.forge
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"null")
        forge.requests.append((self.command, self.path))
        if forge.faults:
            status, headers = forge.faults.pop(0)
            if not status:
                self.close_connection = True
                return
            self._answer(status, {"message": "no"}, headers)
        elif TOKEN not in (self.headers.get("PRIVATE-TOKEN") or self.headers["Authorization"]):
            self._answer(401, {"message": "Bad credentials"}, {})
        else:
            answer = forge.answer(self.command, self.path, body)
            if forge.loses_posts and self.command == "POST":
                self.close_connection = True
                return
            self._answer(*answer)

    def _answer(self, status: int, value: Any, headers: dict[str, str]) -> None:
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        if value is None:
            data = b""
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, forge: "ForgeHttp") -> None:
        self.forge = forge
        super().__init__(("127.0.0.1", 0), _Handler)


class ForgeHttp:
    """One pull request or merge request and its comments."""

    def __init__(self, *, page: int = 100) -> None:
        self.comments: dict[int, tuple[str, str]] = {}
        self.requests: list[tuple[str, str]] = []
        self.faults: list[tuple[int, dict[str, str]]] = []
        self.knows_itself = True
        self.loses_posts = False
        self._page = page
        self._next = 1
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def bodies(self) -> list[str]:
        return [body for _, body in self.comments.values()]

    @property
    def writes(self) -> list[str]:
        return [method for method, _ in self.requests if method != "GET"]

    def say(self, body: str, by: str = ME) -> int:
        number = self._next
        self._next += 1
        self.comments[number] = (by, body)
        return number

    def github(self) -> dict[str, str]:
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": f"http://127.0.0.1:{self._server.server_port}",
            "GITHUB_REPOSITORY": "team/fleet",
            "GITHUB_REF": "refs/pull/3/merge",
            "GITHUB_TOKEN": TOKEN,
        }

    def gitlab(self) -> dict[str, str]:
        return {
            "GITLAB_CI": "true",
            "CI_API_V4_URL": f"http://127.0.0.1:{self._server.server_port}/api/v4",
            "CI_PROJECT_ID": "7",
            "CI_MERGE_REQUEST_IID": "3",
            "ARMADA_RENDER_GITLAB_TOKEN": TOKEN,
        }

    def answer(  # noqa: PLR0911 - an API
        self, method: str, path: str, body: Any
    ) -> tuple[int, Any, dict[str, str]]:
        url = urlsplit(path)
        if url.path.endswith("/user"):
            is_github = not url.path.startswith("/api/v4")
            if is_github and not self.knows_itself:
                return 403, {"message": "Resource not accessible by integration"}, {}
            return 200, {"login": ME, "id": ME}, {}
        if url.path in {f"{_GITHUB}/3/comments", _GITLAB}:
            if method == "POST":
                return 201, {"id": self.say(body["body"])}, {}
            return self._listed(parse_qs(url.query), is_gitlab=url.path == _GITLAB)
        number = int(url.path.rpartition("/")[2])
        if number not in self.comments:
            return 404, {"message": "Not Found"}, {}
        if method == "DELETE":
            del self.comments[number]
            return 204, None, {}
        assert method == ("PUT" if url.path.startswith(_GITLAB) else "PATCH")
        self.comments[number] = (self.comments[number][0], body["body"])
        return 200, {"id": number}, {}

    def _listed(
        self, query: dict[str, list[str]], *, is_gitlab: bool
    ) -> tuple[int, Any, dict[str, str]]:
        page = int(query["page"][0])
        size = min(int(query["per_page"][0]), self._page)
        rows = [
            {
                "id": number,
                "body": body,
                "system": False,
                "author": {"id": by},
                "user": {"login": by, "type": "Bot" if by == ME else "User"},
            }
            for number, (by, body) in self.comments.items()
        ]
        shown = rows[(page - 1) * size : page * size]
        more = page * size < len(rows)
        return 200, shown, {"X-Next-Page": str(page + 1) if more else ""} if is_gitlab else {}
