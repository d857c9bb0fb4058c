"""An Argo CD for tests of the plugin: both doubles, a container's environment, small fleets."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from armada_render.version import __version__
from armada_render.yamlio import load_documents
from tests.support.argocd_plugin.cmp_server import CmpServer
from tests.support.argocd_plugin.repo_server import Application, RepoServer

ROOT = Path(__file__).parents[3]
PLUGIN = ROOT / "argocd-plugin" / "plugin.yaml"
NAME = f"armada-render-{__version__}"
EXAMPLE = ROOT / "examples" / "app-manifests"

REAL = f"""\
#!{sys.executable}
import sys
sys.path.insert(0, {str(ROOT)!r})
from armada_render.__main__ import main
main()
"""


class Client:
    """What asks a sidecar, as Argo CD does for an Application."""

    def __init__(self, sockets: Path) -> None:
        self.repo_server = RepoServer(sockets, chunk=64 * 1024)

    def generate(
        self, repository: Path, path: str, cluster: str = "", **more: Any
    ) -> list[dict[str, Any]]:
        """Return what Argo CD gets for `path` on `cluster`."""
        name = more.pop("name", f"{Path(path).name or 'fleet'}-{cluster}")
        parameters = {"cluster": cluster, **more.pop("parameters", {})}
        settings = {key: more.pop(key) for key in ("env", "namespace") if key in more}
        application = Application(
            name=name,
            path=path,
            plugin=NAME,
            parameters={key: value for key, value in parameters.items() if value},
            **settings,
        )
        return self.repo_server.generate(repository, application, **more)

    def failure(self, repository: Path, path: str, cluster: str = "", **more: Any) -> str:
        """Return the error that users see."""
        with pytest.raises(grpc.RpcError) as caught:
            self.generate(repository, path, cluster, **more)
        error: Any = caught.value
        return str(error.details())


class Argo(Client):
    """A sidecar with `plugin.yaml`, and the repo-server that calls it."""

    def __init__(self, folder: Path, program: str, environment: Mapping[str, str]) -> None:
        super().__init__(folder / "plugins")
        binaries = folder / "bin"
        binaries.mkdir()
        (binaries / "armada-render").write_text(program)
        (binaries / "armada-render").chmod(0o755)
        (folder / "tmp").mkdir()
        container = {
            "PATH": f"{binaries}:/usr/bin:/bin",
            "TMPDIR": str(folder / "tmp"),
            "PYTHONDONTWRITEBYTECODE": "1",
            **environment,
        }
        self.folder = folder
        self.server = CmpServer(
            PLUGIN,
            sockets=folder / "plugins",
            temporary=folder / "tmp",
            environment=container,
            grace=0.3,
        )


@contextmanager
def argo(program: str = REAL, **environment: str) -> Iterator[Argo]:
    # Paths of sockets are short.
    folder = Path(tempfile.mkdtemp(prefix="ar"))
    try:
        found = Argo(folder, program, environment)
        with found.server.serving():
            yield found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def rendered(root: Path, *options: str) -> list[Any]:
    """Return what the command line prints."""
    done = subprocess.run(
        [sys.executable, "-m", "armada_render", "-q", "render", str(root), *options],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        check=True,
    )
    return [document.value for document in load_documents(done.stdout)]


def locked(root: Path) -> None:
    """Renew the lock of a fleet."""
    subprocess.run(
        [sys.executable, "-m", "armada_render", "-q", "lock", str(root)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        check=True,
    )


def by_key(objects: list[Any]) -> dict[str, Any]:
    found = {
        f"{item['apiVersion']} {item['kind']} {item['metadata'].get('namespace')} "
        f"{item['metadata']['name']}": item
        for item in objects
    }
    assert len(found) == len(objects)
    return found


def bundles(root: Path, cluster: str, out: Path) -> dict[str, list[Any]]:
    """Return what `render --cluster` writes for each app."""
    rendered(root, "--cluster", cluster, "--output-dir", str(out))
    return {
        file.parent.name: [document.value for document in load_documents(file.read_bytes())]
        for file in (out / cluster).glob("*/manifests.yaml")
    }


def write(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


CLUSTERS = """\
apiVersion: cluster.karmada.io/v1alpha1
kind: Cluster
metadata: {name: one}
spec: {syncMode: Pull}
---
apiVersion: cluster.karmada.io/v1alpha1
kind: Cluster
metadata: {name: two}
spec: {syncMode: Pull}
"""
POLICY = """\
apiVersion: policy.karmada.io/v1alpha1
kind: ClusterPropagationPolicy
metadata: {name: all}
spec:
  resourceSelectors:
    - {apiVersion: v1, kind: ConfigMap}
  placement:
    clusterAffinity: {clusterNames: [one]}
"""


def config_map(name: str, data: Mapping[str, str], **metadata: Any) -> str:
    manifest = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": "web", **metadata},
        "data": data,
    }
    text = json.dumps(manifest, ensure_ascii=False)
    unprintable = re.compile("[\x7f-\x9f\u2028\u2029\ufeff]")
    return unprintable.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"
