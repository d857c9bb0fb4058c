"""How to reach the member clusters: Argo CD's cluster Secrets, or the contexts of a kubeconfig.

A member is known here by what Argo CD calls it, its name and its server. Credentials stay in here:
nothing that is printed, logged or raised holds a part of them.
"""

import base64
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from armada_render.controller.kube import Kube, KubeError, from_kubeconfig, from_mapping

SECRETS = "/api/v1/namespaces/{namespace}/secrets"
_SELECTOR = {"labelSelector": "argocd.argoproj.io/secret-type=cluster"}


class Member(Struct, frozen=True, eq=False):
    """A cluster and the way to it; `error` is why there is none. `version` changes when it does."""

    name: str
    server: str
    version: str
    kube: Kube | None
    error: str = ""


class _Meta(Struct, frozen=True, rename="camel"):
    name: str = ""
    uid: str = ""
    resource_version: str = ""


class _Secret(Struct, frozen=True):
    metadata: _Meta = _Meta()
    data: dict[str, str] = {}


class _Secrets(Struct, frozen=True):
    items: list[_Secret] = []


class _TLS(Struct, frozen=True, rename="camel"):
    insecure: bool = False
    server_name: str = ""
    ca_data: str = ""
    cert_data: str = ""
    key_data: str = ""


class _Config(Struct, frozen=True, rename="camel"):
    """`config` of a cluster Secret (argocd.md 3.2)."""

    bearer_token: str = ""
    username: str = ""
    password: str = ""
    tls_client_config: _TLS = _TLS()
    aws_auth_config: dict[str, Any] | None = None
    exec_provider_config: dict[str, Any] | None = None
    proxy_url: str = ""


class Members:
    """The members of Argo CD; a Secret that has not changed keeps its connections."""

    def __init__(self, kube: Kube, namespace: str, timeout: float) -> None:
        self._kube = kube
        self._path = SECRETS.format(namespace=namespace)
        self._timeout = timeout
        self._known: dict[str, Member] = {}

    def read(self) -> tuple[Member, ...]:
        """Return all members; raise `KubeError` when the Secrets cannot be read."""
        data = self._kube.get(self._path, _SELECTOR)
        try:
            secrets = msgspec.json.decode(data, type=_Secrets).items
        except msgspec.DecodeError as error:
            # Its text could quote a Secret.
            raise KubeError(0, "the list of cluster Secrets cannot be read") from error
        found = {}
        for secret in secrets:
            version = f"{secret.metadata.uid}/{secret.metadata.resource_version}"
            known = self._known.get(secret.metadata.name)
            if known is None or known.version != version:
                known = _member(secret, version, self._timeout)
            found[secret.metadata.name] = known
        self._known = found
        return tuple(found.values())


def from_contexts(path: str, names: Iterable[str], timeout: float) -> tuple[Member, ...]:
    """Return the contexts `names` of a kubeconfig as members of these names."""
    found = []
    for name in names:
        try:
            kube = from_kubeconfig(path, name, timeout)
        except KubeError as error:
            found.append(Member(name, "", "", None, str(error)))
        else:
            found.append(Member(name, kube.host, "", kube))
    return tuple(found)


def _member(secret: _Secret, version: str, timeout: float) -> Member:
    try:
        name, server, config = (_text(secret.data, key) for key in ("name", "server", "config"))
    except ValueError:
        return Member("", "", version, None, f"Secret {secret.metadata.name} is not base64")
    name = name or secret.metadata.name
    try:
        kubeconfig = _kubeconfig(server, msgspec.json.decode(config or "{}", type=_Config))
        return Member(name, server, version, from_mapping(kubeconfig, timeout))
    except msgspec.DecodeError:
        return Member(name, server, version, None, "config of its Secret is not as Argo CD has it")
    except (KubeError, ValueError) as error:
        return Member(name, server, version, None, str(error))


def _text(data: Mapping[str, str], key: str) -> str:
    return base64.b64decode(data.get(key, ""), validate=True).decode()


def _kubeconfig(server: str, config: _Config) -> dict[str, Any]:
    """Return the kubeconfig that says the same as a cluster Secret."""
    if config.exec_provider_config or config.aws_auth_config:
        # Running what a Secret names would make it code; and the image holds no such programs.
        raise ValueError("its Secret wants a program to be run for a token: give a kubeconfig")
    if not server.startswith("https://"):
        raise ValueError("its server is no https:// URL")
    tls = config.tls_client_config
    cluster = {
        "server": server,
        "insecure-skip-tls-verify": tls.insecure,
        "certificate-authority-data": tls.ca_data,
        "tls-server-name": tls.server_name,
        "proxy-url": config.proxy_url,
    }
    user = {
        "token": config.bearer_token,
        "username": config.username,
        "password": config.password,
        "client-certificate-data": tls.cert_data,
        "client-key-data": tls.key_data,
    }
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "member",
        "contexts": [{"name": "member", "context": {"cluster": "member", "user": "member"}}],
        "clusters": [{"name": "member", "cluster": _filled(cluster)}],
        "users": [{"name": "member", "user": _filled(user)}],
    }


def _filled(mapping: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if value}
