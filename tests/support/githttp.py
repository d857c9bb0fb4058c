"""A real `git http-backend` behind a small CGI server, with faults that tests ask for.

For everything that talks to a Git host over HTTP: clones, fetches, pushes.

    with GitHttp(tmp_path / "served", user="ada", password="s3cret") as server:
        server.create("fleet", {"a.yaml": "a: 1\\n"})         # a bare repository with one commit
        url = server.url("fleet")                             # http://127.0.0.1:PORT/fleet.git
        server.fail(status(503), times=2)                     # the next two requests
        server.fail(hang(), when=is_push)                     # every push (times=0: for ever)
        server.fail(status(401), when=is_fetch, times=1)      # a password that was just changed
        server.fail(redirect("https://elsewhere/"))           # once
        server.fail(cut(100), when=is_push, times=1)          # answers 100 bytes, then hangs up
        server.fail(first(lambda: server.commit("fleet", {"b": "1"})), when=is_push, times=1)
        # ^ somebody else pushes first: the client's push is then no fast-forward, for real
        ...
        assert [request.service for request in server.requests] == ["git-upload-pack", ...]
        server.files("fleet"), server.log("fleet")            # what main holds now

`user` and `password` ask for basic authentication; `server.requests` keeps what came, with the
user name that was given and no password. A hang ends when the server is closed, or by
`server.release()`. Nothing waits by the clock.
"""

import base64
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import parse_qs, urlsplit

# Neither the machine's settings nor the user's reach the served repositories.
ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/nonexistent",
    "LC_ALL": "C",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
}


class Request(NamedTuple):
    """One request as it came."""

    method: str
    path: str
    service: str
    """`git-upload-pack` for fetches, `git-receive-pack` for pushes."""
    user: str


class Answer(NamedTuple):
    """What a fault makes of a request."""

    status: int = 0
    headers: Mapping[str, str] = {}
    body: bytes = b""
    hangs: bool = False
    cut_after: int | None = None


Fault = Callable[[Request], Answer | None]
"""Gets a request and answers it; None: let it through to git."""


def status(code: int, **headers: str) -> Fault:
    """Answer with a status; `retry_after="1"` becomes the header Retry-After."""
    written = {name.replace("_", "-").title(): text for name, text in headers.items()}
    return lambda _: Answer(code, written, b"no\n")


def hang() -> Fault:
    """Take the request and never answer."""
    return lambda _: Answer(hangs=True)


def redirect(url: str) -> Fault:
    """Send the client elsewhere: `url` and what it asked for."""
    return lambda request: Answer(302, {"Location": url + request.path})


def cut(after: int) -> Fault:
    """Let git answer, and hang up after so many bytes of its answer."""
    return lambda _: Answer(cut_after=after)


def first(action: Callable[[], object]) -> Fault:
    """Do something, then let the request through."""

    def fault(_: Request) -> None:
        action()

    return fault


def is_fetch(request: Request) -> bool:
    return request.service == "git-upload-pack"


def is_push(request: Request) -> bool:
    return request.service == "git-receive-pack"


def is_push_itself(request: Request) -> bool:
    """Tell the request that carries the objects from the one that asks for refs."""
    return is_push(request) and request.method == "POST"


class _Planned:
    def __init__(self, fault: Fault, when: Callable[[Request], bool], times: int) -> None:
        self.fault, self.when, self.left = fault, when, times or -1


class GitHttp:
    """Serves bare repositories below `root`; use it as a context manager."""

    def __init__(self, root: Path, *, user: str = "", password: str = "") -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self.user = user
        self.password = password
        self.requests: list[Request] = []
        self._planned: list[_Planned] = []
        self._lock = threading.Lock()
        self.released = threading.Event()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    def url(self, name: str, *, userinfo: str = "") -> str:
        at = f"{userinfo}@" if userinfo else ""
        return f"http://{at}127.0.0.1:{self.port}/{name}.git"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def fail(
        self, fault: Fault, *, when: Callable[[Request], bool] = lambda _: True, times: int = 1
    ) -> None:
        """Plan a fault for the next `times` requests that `when` chooses, 0 for all of them."""
        with self._lock:
            self._planned.append(_Planned(fault, when, times))

    def heal(self) -> None:
        """Forget what was planned, and let go what hangs."""
        with self._lock:
            self._planned.clear()
        self.release()

    def release(self) -> None:
        """End the requests that hang."""
        self.released.set()
        self.released = threading.Event()

    def met(self, request: Request) -> Answer | None:
        """Note a request and return what a planned fault makes of it."""
        with self._lock:
            self.requests.append(request)
            for planned in self._planned:
                if planned.left and planned.when(request):
                    planned.left -= 1
                    fault = planned.fault
                    break
            else:
                return None
        return fault(request)

    def create(self, name: str, files: Mapping[str, str | bytes] | None = None) -> Path:
        """Make a bare repository that may be pushed to; files become a commit on `main`."""
        path = self.path(name)
        self._git(self.root, "init", "--quiet", "--bare", "--initial-branch=main", str(path))
        self._git(path, "config", "http.receivepack", "true")
        if files is not None:
            self.commit(name, files)
        return path

    def path(self, name: str) -> Path:
        return self.root / f"{name}.git"

    def commit(
        self,
        name: str,
        files: Mapping[str, str | bytes | None],
        *,
        branch: str = "main",
        message: str = "change",
    ) -> str:
        """Commit files (None removes) on top of a branch, as somebody else's push would.

        A branch that is not there begins on `main`, or without a parent. Returns the commit.
        """
        repository = self.path(name)
        parent = self._parent(repository, branch)
        stream = [f"commit refs/heads/{branch}\ncommitter Ada <ada@example.com> 1767225600 +0000\n"]
        stream.append(f"data {len(message.encode())}\n{message}\n")
        if parent:
            stream.append(f"from {parent}\n")
        data = "".join(stream).encode()
        for path, content in files.items():
            if content is None:
                data += f"D {path}\n".encode()
                continue
            body = content.encode() if isinstance(content, str) else content
            data += f"M 100644 inline {path}\ndata {len(body)}\n".encode() + body + b"\n"
        self._git(repository, "fast-import", "--quiet", stdin=data)
        return self.head(name, branch)

    def head(self, name: str, revision: str = "main") -> str:
        return self._git(self.path(name), "rev-parse", "--verify", revision).strip()

    def files(self, name: str, revision: str = "main") -> dict[str, str]:
        """Return what a revision holds, by path."""
        repository = self.path(name)
        names = self._git(repository, "ls-tree", "-r", "-z", "--name-only", revision).split("\0")
        return {
            path: self._git(repository, "cat-file", "blob", f"{revision}:{path}")
            for path in names
            if path
        }

    def log(self, name: str, revision: str = "main") -> list[str]:
        """Return the subjects of the commits, newest first."""
        return self._git(self.path(name), "log", "--format=%s", revision).splitlines()

    def _parent(self, repository: Path, branch: str) -> str:
        for revision in (f"refs/heads/{branch}", "refs/heads/main"):
            done = subprocess.run(
                ["git", "rev-parse", "--verify", "--quiet", revision],
                cwd=repository,
                env=ENVIRONMENT,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode == 0:
                return done.stdout.strip()
        return ""

    @staticmethod
    def _git(cwd: Path, *arguments: str, stdin: bytes = b"") -> str:
        done = subprocess.run(
            ["git", *arguments],
            cwd=cwd,
            env=ENVIRONMENT,
            input=stdin,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, host: GitHttp) -> None:
        self.host = host
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - its name
        del format, arguments

    def _serve(self) -> None:
        self.close_connection = True
        body = self._body()
        user, password = self._credentials()
        url = urlsplit(self.path)
        service = parse_qs(url.query).get("service", [url.path.rpartition("/")[2]])[0]
        request = Request(self.command, self.path, service, user)
        host = self.server.host
        answer = host.met(request)
        if answer is not None and answer.hangs:
            host.released.wait()
            return
        if answer is not None and answer.status:
            self._answer(answer.status, answer.headers.items(), answer.body)
            return
        if host.user and (user, password) != (host.user, host.password):
            challenge = [("WWW-Authenticate", 'Basic realm="git"')]
            self._answer(401, challenge, b"who are you?\n")
            return
        self._run_git(body, user, None if answer is None else answer.cut_after)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return b"".join(_chunks(self.rfile))
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _credentials(self) -> tuple[str, str]:
        kind, _, encoded = self.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "basic":
            return "", ""
        user, _, password = base64.b64decode(encoded).decode().partition(":")
        return user, password

    def _run_git(self, body: bytes, user: str, cut_after: int | None) -> None:
        url = urlsplit(self.path)
        environment = {
            **ENVIRONMENT,
            "GIT_PROJECT_ROOT": str(self.server.host.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": url.path,
            "QUERY_STRING": url.query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REMOTE_USER": user or "somebody",
            "REMOTE_ADDR": "127.0.0.1",
        }
        done = subprocess.run(
            ["git", "http-backend"],
            env=environment,
            input=body,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = [
            (name, text.strip())
            for name, _, text in (line.partition(":") for line in head.decode().splitlines())
        ]
        code = next((int(text.split()[0]) for name, text in headers if name == "Status"), 200)
        self._answer(code, [pair for pair in headers if pair[0] != "Status"], content, cut_after)

    def _answer(
        self,
        code: int,
        headers: Iterable[tuple[str, str]],
        body: bytes,
        cut_after: int | None = None,
    ) -> None:
        try:
            self.send_response(code)
            for name, text in headers:
                self.send_header(name, text)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body[:cut_after])
        except OSError:
            pass  # the client has gone, as some tests want it to


def _chunks(stream: BufferedIOBase) -> Iterator[bytes]:
    while True:
        size = int(stream.readline().split(b";")[0], 16)
        yield stream.read(size)
        stream.readline()
        if size == 0:
            return
