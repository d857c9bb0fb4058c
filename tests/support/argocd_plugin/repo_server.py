"""A double of the repo-server: packs a repository, asks a plugin, and unfolds its answer."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import grpc
from msgspec import Struct

from armada_render.yamlio import loads
from tests.support.argocd_plugin import wire
from tests.support.argocd_plugin.archive import check_links, pack
from tests.support.argocd_plugin.manifests import last_wins, unfolded

SERVER_TIMEOUT = 60.0


class Application(Struct, frozen=True, kw_only=True):
    """What an Application says of itself and of its source."""

    name: str
    path: str
    plugin: str
    parameters: Mapping[str, str] = {}
    env: Mapping[str, str] = {}
    namespace: str = ""


class RepoServer:
    """Speaks to the plugins whose sockets stand in a folder."""

    def __init__(self, sockets: Path, chunk: int = 1024) -> None:
        self._sockets = sockets
        self._chunk = chunk

    def generate(
        self,
        repository: Path,
        application: Application,
        *,
        root: str = "",
        exclusions: Sequence[str] = (),
        timeout: float = SERVER_TIMEOUT,
    ) -> list[dict[str, Any]]:
        """Return the objects of an Application, as the controller sees them.

        `root` is the folder that is sent, as `manifest-generate-paths` narrows it.
        """
        check_links(repository)
        folder = repository / application.path
        plugin = _merged(_plugin(application), folder, application.name)
        with grpc.insecure_channel(
            f"unix:{self._sockets / plugin['name']}.sock",
            options=(*wire.OPTIONS, ("grpc.default_authority", "localhost")),
        ) as channel:
            # Once to choose the plugin, once for `provideGitCreds`.
            check: Any = channel.unary_unary(_method("CheckPluginConfiguration"))
            for _ in range(2):
                is_discovering, _ = wire.decode_flags(check(b"", timeout=timeout))
                assert not is_discovering, "discovery has the repository sent once more"
            top = repository / root
            data, checksum = pack(top, exclusions)
            metadata = wire.Metadata(
                app_name=folder.name,
                app_rel_path=str(folder.relative_to(top)),
                checksum=checksum,
                size=len(data),
                env=_environment(application, plugin),
            )
            generate: Any = channel.stream_unary(_method("GenerateManifest"))
            answer = generate(self._messages(metadata, data), timeout=timeout)
        return last_wins(unfolded(wire.decode_manifests(answer)))

    def _messages(self, metadata: wire.Metadata, data: bytes) -> Iterator[bytes]:
        yield wire.encode_metadata(metadata)
        for start in range(0, len(data), self._chunk):
            yield wire.encode_chunk(data[start : start + self._chunk])


def _method(name: str) -> str:
    return f"/{wire.SERVICE}/{name}"


def _plugin(application: Application) -> dict[str, Any]:
    return {
        "name": application.plugin,
        "env": [{"name": name, "value": value} for name, value in application.env.items()],
        "parameters": [
            {"name": name, "string": value} for name, value in application.parameters.items()
        ],
    }


def _merged(plugin: dict[str, Any], folder: Path, name: str) -> dict[str, Any]:
    """Return the plugin section after the override files, which are JSON merge patches."""
    for file in (folder / ".argocd-source.yaml", folder / f".argocd-source-{name}.yaml"):
        if file.exists():
            patch = loads(file.read_bytes()) or {}
            for key, value in patch.items():
                if key.lower() == "plugin":
                    plugin = {**plugin, **value}
    return plugin


def _environment(application: Application, plugin: Mapping[str, Any]) -> dict[str, str]:
    revision = "109ca7c2a1f6c9b1a55e0fe4d1d8d3f1a2b3c4d5"
    prefix = f"{application.namespace}_" if application.namespace else ""
    environment = {
        "ARGOCD_APP_NAME": prefix + application.name,
        "ARGOCD_APP_NAMESPACE": "default",
        "ARGOCD_APP_PROJECT_NAME": "fleet",
        "ARGOCD_APP_REVISION": revision,
        "ARGOCD_APP_REVISION_SHORT": revision[:7],
        "ARGOCD_APP_REVISION_SHORT_8": revision[:8],
        "ARGOCD_APP_SOURCE_REPO_URL": "https://git.example.com/fleet.git",
        "ARGOCD_APP_SOURCE_PATH": application.path,
        "ARGOCD_APP_SOURCE_TARGET_REVISION": "main",
        "KUBE_VERSION": "1.34.2",
        "KUBE_API_VERSIONS": "v1,v1/Pod,apps/v1,apps/v1/Deployment",
    }
    known = dict(environment)
    for entry in plugin["env"]:
        environment[f"ARGOCD_ENV_{entry['name']}"] = _expanded(entry["value"], known)
    for parameter in plugin["parameters"]:
        name = re.sub("[^A-Z0-9_]", "_", parameter["name"].upper())
        environment[f"PARAM_{name}"] = parameter["string"]
    environment["ARGOCD_APP_PARAMETERS"] = json.dumps(plugin["parameters"])
    return environment


def _expanded(text: str, known: Mapping[str, str]) -> str:
    """Return the text with `$NAME` filled in; `$$` is a dollar, unknown names are empty."""
    return re.sub(
        r"\$(\$|\{(\w+)\}|(\w+))",
        lambda found: "$" if found[1] == "$" else known.get(found[2] or found[3], ""),
        text,
    )
