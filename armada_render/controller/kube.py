"""An API server over HTTPS: requests, pages and watches as bytes. The only importer of kubernetes.

That package knows the ways to authenticate (kubeconfig, service account, exec plugins), and is used
for them alone: its models would hold every Application in full, while callers decode the few fields
they need.
"""

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import kubernetes.client
import kubernetes.config
import urllib3

from armada_render.errors import one_line

_config: Any = kubernetes.config  # it has no types

MOST_BYTES = 64 << 20
"""More than this is read of no answer: etcd holds objects of 1.5 MiB, and pages are small."""
_LINE_BYTES = 8 << 20
_CHUNK = 1 << 16
_SAID_BYTES = 4096


class KubeError(Exception):
    """A request that an API server refused (`status`), or that it never answered (status 0).

    `is_misled` tells that whatever is there may not be the server that was meant: its name or its
    certificate is not right.
    """

    def __init__(self, status: int, message: str, *, is_misled: bool = False) -> None:
        self.status = status
        self.is_misled = is_misled
        super().__init__(f"{status} {message}" if status else message)


class Kube:
    """One API server and the credentials for it; safe to share between threads."""

    def __init__(self, configuration: Any, timeout: float = 10.0) -> None:  # noqa: ANN401 - untyped
        # A retry of the library's own would hide from the caller how old an answer is.
        configuration.retries = False
        self._configuration = configuration
        self._pool: urllib3.PoolManager = kubernetes.client.ApiClient(
            configuration
        ).rest_client.pool_manager
        self._timeout = timeout

    @property
    def host(self) -> str:
        """The URL of the server."""
        return str(self._configuration.host)

    def get(
        self, path: str, query: Mapping[str, str] | None = None, *, timeout: float | None = None
    ) -> bytes:
        """Return the body of a successful answer; raise `KubeError` for any other."""
        return self._send("GET", path, query, timeout=timeout)

    def send(self, method: str, path: str, body: Mapping[str, Any]) -> bytes:
        """Send an object, and return the one that the server answers with."""
        return self._send(method, path, None, json.dumps(body).encode())

    def lines(
        self, path: str, query: Mapping[str, str], *, silence: float, until: float
    ) -> Iterator[bytes]:
        """Yield the lines of a watch as they come, until the server ends it.

        Raises `KubeError` when it refuses, breaks off, says nothing for `silence` seconds, or goes
        on beyond the monotonic time `until`.
        """
        try:
            response = self._open("GET", path, query, None, silence)
            try:
                _check(response)
                yield from _lines(response, until)
            finally:
                # What is unread must not go to the next user of the connection.
                response.close()
                response.release_conn()
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise _silent(error) from error

    def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        body: bytes | None = None,
        *,
        timeout: float | None = None,
    ) -> bytes:
        seconds = timeout or self._timeout
        deadline = time.monotonic() + 3 * seconds
        try:
            response = self._open(method, path, query, body, seconds)
            try:
                _check(response)
                data = _read(response, deadline)
            except BaseException:
                response.close()
                raise
            finally:
                response.release_conn()
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise _silent(error) from error
        return data

    def _open(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        body: bytes | None,
        seconds: float,
    ) -> urllib3.BaseHTTPResponse:
        url = self.host.rstrip("/") + path + (f"?{urlencode(query)}" if query else "")
        headers = {"Accept": "application/json", "User-Agent": "armada-render", **self._auth()}
        if body is not None:
            headers["Content-Type"] = "application/json"
        return self._pool.request(
            method,
            url,
            body=body,
            headers=headers,
            timeout=urllib3.Timeout(connect=min(seconds, self._timeout), read=seconds),
            preload_content=False,
            retries=False,
            redirect=False,
        )

    def _auth(self) -> dict[str, str]:
        # Asked for every request: tokens of service accounts are renewed in their file.
        try:
            settings = self._configuration.auth_settings()
        except Exception as error:
            # Whatever a plugin or a file that is gone throws; its text may hold a credential.
            text = f"its credentials cannot be renewed ({type(error).__name__})"
            raise KubeError(0, text, is_misled=True) from error
        token = (settings.get("BearerToken") or {}).get("value")
        if token:
            return {"Authorization": str(token)}
        if self._configuration.username:
            return {"Authorization": str(self._configuration.get_basic_auth_token())}
        return {}


def in_cluster(timeout: float = 10.0) -> Kube:
    """Return the API server of the cluster that this process runs in, as its service account."""
    configuration = kubernetes.client.Configuration()
    try:
        _config.load_incluster_config(client_configuration=configuration)
    except _config.ConfigException as error:
        raise KubeError(0, f"not in a cluster: {one_line(str(error))}") from error
    return Kube(configuration, timeout)


def from_kubeconfig(path: str | None, context: str | None = None, timeout: float = 10.0) -> Kube:
    """Return the API server of a context of a kubeconfig, by default the current one."""
    configuration = kubernetes.client.Configuration()
    try:
        _config.load_kube_config(
            config_file=path, context=context, client_configuration=configuration
        )
    except (_config.ConfigException, OSError, ValueError, TypeError) as error:
        raise KubeError(0, f"kubeconfig: {one_line(str(error))}") from error
    return Kube(configuration, timeout)


def contexts(path: str) -> tuple[str, ...]:
    """Return the names of the contexts of a kubeconfig."""
    try:
        found, _ = _config.list_kube_config_contexts(config_file=path)
    except (_config.ConfigException, OSError, ValueError, TypeError) as error:
        raise KubeError(0, f"kubeconfig: {one_line(str(error))}") from error
    return tuple(str(item["name"]) for item in found)


def from_mapping(config: Mapping[str, Any], timeout: float = 10.0) -> Kube:
    """Return the API server of a kubeconfig given as data."""
    configuration = kubernetes.client.Configuration()
    try:
        _config.load_kube_config_from_dict(
            config_dict=dict(config), client_configuration=configuration
        )
    except (_config.ConfigException, OSError, ValueError, TypeError) as error:
        # The text may quote what it could not decode, which is a credential.
        raise KubeError(0, f"its credentials cannot be used ({type(error).__name__})") from error
    return Kube(configuration, timeout)


def _read(response: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
    """Return a body; a server that sends it by the drop is one that does not answer."""
    chunks: list[bytes] = []
    size = 0
    # What has come, not a whole chunk: that one may take for ever.
    while chunk := response.read1(_CHUNK):
        chunks.append(chunk)
        size += len(chunk)
        if size > MOST_BYTES:
            raise KubeError(response.status, f"the answer is larger than {MOST_BYTES >> 20} MiB")
        if time.monotonic() > deadline:
            raise KubeError(0, "the answer did not end in time")
    return b"".join(chunks)


def _lines(response: urllib3.BaseHTTPResponse, until: float) -> Iterator[bytes]:
    rest = bytearray()
    for chunk in response.stream(_CHUNK):
        rest += chunk
        *lines, last = rest.split(b"\n")
        yield from (bytes(line) for line in lines if line)
        rest = last
        if len(rest) > _LINE_BYTES:
            raise KubeError(0, "an event of the watch is too large")
        if time.monotonic() > until:
            raise KubeError(0, "the watch did not end in time")


def _check(response: urllib3.BaseHTTPResponse) -> None:
    """Raise `KubeError` with what the server says, unless it grants the request."""
    if 200 <= response.status < 300:
        return
    text = response.read(_SAID_BYTES).decode(errors="replace")
    try:
        text = json.loads(text)["message"]
    except (ValueError, KeyError, TypeError):
        text = response.reason or ""
    raise KubeError(response.status, one_line(str(text))[:_SAID_BYTES])


def _silent(error: Exception) -> KubeError:
    """Return why nothing came back, without URL and credentials."""
    cause: BaseException = error
    while isinstance(cause, urllib3.exceptions.MaxRetryError | urllib3.exceptions.ProxyError):
        inner = getattr(cause, "reason", None) or getattr(cause, "original_error", None)
        if inner is None:
            break
        cause = inner
    match cause:
        case urllib3.exceptions.SSLError():
            return KubeError(0, one_line(f"TLS: {cause}"), is_misled=True)
        case urllib3.exceptions.NameResolutionError():
            return KubeError(0, "its name cannot be resolved", is_misled=True)
        case urllib3.exceptions.NewConnectionError():
            text = "connection refused or no route"
        case urllib3.exceptions.TimeoutError():
            text = "no answer in time"
        case _:
            text = f"connection broken ({type(cause).__name__})"
    return KubeError(0, one_line(text))
