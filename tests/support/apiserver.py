"""Real API servers for the long stage: etcd and kube-apiserver, on loopback, in a temporary folder.

The programs come from `tests/support/tools/20-apiserver.sh`. Several servers share one etcd, each
with a prefix of its own. Whoever starts one ends it: `Kubernetes` is a context manager.
"""

import gzip
import json
import os
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import pytest
import urllib3
import yaml

TOOLS = Path(__file__).parent / "tools"
CRDS = Path(__file__).parents[1] / "crds"
_T = TypeVar("_T")
ADMIN = "admin-token"
PATIENCE = 120.0
"""Seconds that something may take on a machine that is busy with the rest of the suite."""


# Asked before any test: the suite gives each of them an empty cache.
_WHERE = subprocess.run(
    [TOOLS / "20-apiserver.sh", "--where"], capture_output=True, text=True, check=False
).stdout.strip()


def programs() -> Path:
    """Return the folder with etcd and kube-apiserver; skip without, but fail in CI."""
    if not _WHERE:
        message = "no kube-apiserver: run tests/support/tools/20-apiserver.sh"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return Path(_WHERE)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(what: str, look: Callable[[], _T], seconds: float = PATIENCE) -> _T:
    """Return what `look` returns as soon as that is true; fail with what it said last."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            pytest.fail(f"not within {seconds:.0f} s: {what}; last: {found!r}")
        time.sleep(0.05)


class Authority:
    """A certificate authority, and one certificate for everything on loopback."""

    def __init__(self, folder: Path) -> None:
        self.ca, self.certificate, self.key = (
            folder / name for name in ("ca.crt", "server.crt", "server.key")
        )
        self.service_accounts = folder / "accounts.key"
        new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
        names = folder / "names"
        names.write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
        for arguments in (
            ("req", "-x509", *new_key, "-subj", "/CN=test authority", "-days", "30",
             "-keyout", folder / "ca.key", "-out", self.ca),
            ("req", "-new", *new_key, "-subj", "/CN=localhost",
             "-keyout", self.key, "-out", folder / "server.csr"),
            ("x509", "-req", "-in", folder / "server.csr", "-CA", self.ca,
             "-CAkey", folder / "ca.key", "-CAcreateserial", "-days", "30",
             "-extfile", names, "-out", self.certificate),
            ("genrsa", "-out", self.service_accounts, "2048"),
        ):  # fmt: skip
            subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Process:
    """A program in a process group of its own."""

    def __init__(self, command: list[str], log: Path) -> None:
        self._command, self._log = command, log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def kill(self) -> None:
        if self._process is not None:
            self.signal(signal.SIGKILL)
            self._process.wait()
            self._process = None


class RefusedError(Exception):
    def __init__(self, status: int, body: bytes) -> None:
        self.status = status
        super().__init__(f"{status}: {body.decode(errors='replace')[:2000]}")


class APIServer(Process):
    """One kube-apiserver with RBAC; `tokens` maps tokens to (user, groups)."""

    def __init__(
        self,
        folder: Path,
        name: str,
        etcd: str,
        authority: Authority,
        tokens: Mapping[str, tuple[str, tuple[str, ...]]],
    ) -> None:
        self.name, self.authority, self.folder = name, authority, folder
        self.port = free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self._etcd, self._prefix = etcd, name
        rows = {ADMIN: ("admin", ("system:masters",)), **tokens}
        token_file = folder / f"{name}-tokens.csv"
        token_file.write_text(
            "".join(
                f'{token},{user},{user},"{",".join(groups)}"\n'
                for token, (user, groups) in rows.items()
            )
        )
        super().__init__(
            [
                str(programs() / "kube-apiserver"),
                f"--etcd-servers={etcd}",
                f"--etcd-prefix=/{name}",
                "--bind-address=127.0.0.1",
                f"--secure-port={self.port}",
                f"--cert-dir={folder / name}",
                f"--tls-cert-file={authority.certificate}",
                f"--tls-private-key-file={authority.key}",
                f"--token-auth-file={token_file}",
                "--authorization-mode=RBAC",
                "--disable-admission-plugins=ServiceAccount",
                "--service-account-issuer=https://localhost",
                f"--service-account-key-file={authority.service_accounts}",
                f"--service-account-signing-key-file={authority.service_accounts}",
                "--service-cluster-ip-range=10.0.0.0/24",
                "--event-ttl=10m",
            ],
            folder / f"{name}.log",
        )
        self._pool = urllib3.PoolManager(
            ssl_context=ssl.create_default_context(cafile=str(authority.ca)), retries=False
        )

    def ask(
        self, method: str, path: str, body: Any = None, *, token: str = ADMIN, patch: str = "merge"
    ) -> Any:
        """Return the answer as data; raise `RefusedError` with what the server says otherwise."""
        kind = f"application/{patch}-patch+json" if method == "PATCH" else "application/json"
        if method == "PATCH" and patch == "apply":
            kind = "application/apply-patch+yaml"
        answer = self._pool.request(
            method,
            self.url + path,
            body=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": kind},
            timeout=30.0,
        )
        if answer.status >= 300:
            raise RefusedError(answer.status, answer.data)
        with suppress(ValueError):
            return json.loads(answer.data)
        return answer.data

    @property
    def is_ready(self) -> bool:
        try:
            self.ask("GET", "/readyz")
        except (RefusedError, urllib3.exceptions.HTTPError, OSError):
            return False
        return True

    def wait_ready(self) -> None:
        def look() -> bool:
            if not self.is_running:
                log = (self.folder / f"{self.name}.log").read_text()[-3000:]
                pytest.fail(f"{self.name} ended: {log}")
            return self.is_ready

        eventually(f"{self.name} is ready", look)

    def kubeconfig(self, path: Path, token: str, context: str = "") -> Path:
        """Write a kubeconfig for one user."""
        name = context or self.name
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": name,
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "clusters": [
                {
                    "name": name,
                    "cluster": {
                        "server": self.url,
                        "certificate-authority": str(self.authority.ca),
                    },
                }
            ],
            "users": [{"name": name, "user": {"token": token}}],
        }
        path.write_text(yaml.safe_dump(document))
        return path

    def install_applications(self) -> None:
        """Install the CustomResourceDefinition of Argo CD's Application, and wait for it."""
        crd = json.loads(gzip.decompress((CRDS / "application-crd.json.gz").read_bytes()))
        self.ask("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", crd)

        def served() -> bool:
            with suppress(RefusedError):
                self.ask("GET", "/apis/argoproj.io/v1alpha1/applications?limit=1")
                return True
            return False

        eventually("Applications are served", served)


class Kubernetes:
    """An etcd and the API servers on it; all end with the context."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self.authority = Authority(folder)
        self._etcd = ""

    def __enter__(self) -> Self:
        client, peer = free_port(), free_port()
        self._etcd = f"http://127.0.0.1:{client}"
        etcd = Process(
            [
                str(programs() / "etcd"),
                f"--data-dir={self._folder / 'etcd'}",
                f"--listen-client-urls={self._etcd}",
                f"--advertise-client-urls={self._etcd}",
                f"--listen-peer-urls=http://127.0.0.1:{peer}",
            ],
            self._folder / "etcd.log",
        )
        etcd.start()
        self._stack.callback(etcd.kill)

        def healthy() -> bool:
            with suppress(urllib3.exceptions.HTTPError, OSError):
                return urllib3.request("GET", f"{self._etcd}/health", retries=False).status == 200
            return False

        eventually("etcd is healthy", healthy)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def start(
        self, name: str, tokens: Mapping[str, tuple[str, tuple[str, ...]]] | None = None
    ) -> APIServer:
        """Start an API server; `wait_ready` waits for it, so that several can start at once."""
        server = APIServer(self._folder, name, self._etcd, self.authority, tokens or {})
        server.start()
        self._stack.callback(server.kill)
        return server
