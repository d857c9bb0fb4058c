"""A double of the sidecar: serves one `plugin.yaml` over a unix socket as `argocd-cmp-server` does.

What it does, and what it leaves undone, follows Argo CD v3.5.1: a private copy of the files for
each call, commands without a shell that lead their own process group, status 0 as the only
success, a deadline 100 ms before the caller's, and TERM then KILL for the group, whatever happened.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import uuid
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import grpc

from armada_render.yamlio import loads
from tests.support.argocd_plugin import wire
from tests.support.argocd_plugin.archive import unpack
from tests.support.argocd_plugin.manifests import split

MARGIN = 0.1


class CommandError(Exception):
    """A command of the plugin failed; the text is what users get to see."""


class CmpServer:
    """One plugin. Its socket stands in `sockets`, private copies of files in `temporary`.

    `environment` is the container's, `grace` the seconds between TERM and KILL.
    """

    def __init__(
        self,
        plugin: Path,
        *,
        sockets: Path,
        temporary: Path,
        environment: Mapping[str, str],
        grace: float = 5,
    ) -> None:
        config = loads(plugin.read_bytes())
        assert config["kind"] == "ConfigManagementPlugin"
        self.spec: dict[str, Any] = config["spec"]
        version = self.spec.get("version", "")
        assert isinstance(version, str), "an unquoted version stops the server"
        name = config["metadata"]["name"] + (f"-{version}" if version else "")
        self.socket = sockets / f"{name}.sock"
        self.work = temporary / "_cmp_server"
        self.groups: list[int] = []
        self._environment = dict(environment)
        self._grace = grace

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Serve while the block runs."""
        self.socket.parent.mkdir(parents=True, exist_ok=True)
        self.socket.unlink(missing_ok=True)
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir(parents=True)
        server = grpc.server(ThreadPoolExecutor(40), options=wire.OPTIONS)
        handlers: dict[str, Any] = {
            "CheckPluginConfiguration": grpc.unary_unary_rpc_method_handler(self._check),
            "MatchRepository": grpc.stream_unary_rpc_method_handler(self._match),
            "GenerateManifest": grpc.stream_unary_rpc_method_handler(self._generate),
        }
        server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(wire.SERVICE, handlers),)
        )
        server.add_insecure_port(f"unix:{self.socket}")
        server.start()
        try:
            yield
        finally:
            server.stop(None).wait()

    def _check(self, _request: bytes, _context: grpc.ServicerContext) -> bytes:
        return wire.encode_flags(
            bool(self.spec.get("discover")), bool(self.spec.get("provideGitCreds"))
        )

    def _match(self, requests: Iterable[bytes], _context: grpc.ServicerContext) -> bytes:
        for _ in requests:
            pass
        return wire.encode_flags(first=False, second=bool(self.spec.get("discover")))

    def _generate(self, requests: Iterable[bytes], context: grpc.ServicerContext) -> bytes:
        folder = self.work / str(uuid.uuid4())
        folder.mkdir(mode=0o700)
        try:
            metadata = self._receive(iter(requests), folder)
            limit = context.time_remaining() - MARGIN
            output = self._run_all(folder / metadata.app_rel_path, metadata.env, limit)
            return wire.encode_manifests(split(output))
        except Exception as error:  # noqa: BLE001 - everything becomes a status
            text = f"error generating manifests in cmp: {error}"
            context.abort(grpc.StatusCode.UNKNOWN, text)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _receive(self, requests: Iterator[bytes], folder: Path) -> wire.Metadata:
        metadata = wire.decode_request(next(requests))
        assert isinstance(metadata, wire.Metadata)
        chunks = [chunk for chunk in map(wire.decode_request, requests) if isinstance(chunk, bytes)]
        data = b"".join(chunks)
        if hashlib.sha256(data).hexdigest() != metadata.checksum or len(data) != metadata.size:
            raise ValueError("file checksum mismatch")
        unpack(data, folder)
        return metadata

    def _run_all(self, folder: Path, env: Mapping[str, str], limit: float) -> bytes:
        environment = {**self._environment, **env}
        if "init" in self.spec:
            self._run(self.spec["init"], folder, environment, limit)
        return self._run(self.spec["generate"], folder, environment, limit)

    def _run(
        self,
        command: Mapping[str, list[str]],
        folder: Path,
        environment: Mapping[str, str],
        limit: float,
    ) -> bytes:
        words = [*command["command"], *command.get("args", [])]
        program = shutil.which(words[0], path=environment["PATH"])
        if program is None:
            raise CommandError(f"`{' '.join(words)}` failed: executable file not found in $PATH")
        process = subprocess.Popen(
            [program, *words[1:]],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            process_group=0,
        )
        self.groups.append(process.pid)
        try:
            out, err = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            process.kill()
            # A child that keeps the pipe open delays the answer until it dies.
            self._end(process.pid)
            out, err = process.communicate()
        finally:
            self._end(process.pid)
        if process.returncode == 0:
            return out
        code = process.returncode
        status = f"exit status {code}" if code > 0 else f"signal: {_signal(-code)}"
        raise CommandError(f"`{' '.join(words)}` failed {status}: {err.decode().strip()}")

    def _end(self, group: int) -> None:
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGTERM)
            timer = threading.Timer(self._grace, _kill, (group,))
            timer.daemon = True
            timer.start()


def _kill(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _signal(number: int) -> str:
    return {9: "killed", 11: "segmentation fault", 14: "alarm clock", 15: "terminated"}[number]


def main() -> None:
    """Serve the plugin of the container this runs in, as its entrypoint, until TERM."""
    home = Path("/home/argocd/cmp-server")
    server = CmpServer(
        home / "config" / "plugin.yaml",
        sockets=home / "plugins",
        temporary=Path(tempfile.gettempdir()),
        environment=os.environ,
    )
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    with server.serving():
        ended.wait()
