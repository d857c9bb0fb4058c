"""The image as the sidecar that argocd-plugin/install adds to the repo-server.

The container is made as the pod says, with the double of `argocd-cmp-server` in the volume where
Argo CD puts the real one: it runs inside, as user 999, and finds what the image holds.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from armada_render.yamlio import load_documents
from tests.long.image.containers import ROOT, Container, Containers, copied, library
from tests.support.argocd_plugin.harness import (
    CLUSTERS,
    EXAMPLE,
    POLICY,
    Client,
    bundles,
    by_key,
    config_map,
    rendered,
    write,
)

pytestmark = pytest.mark.long
PATCH = ROOT / "argocd-plugin" / "install" / "repo-server.yaml"
DOUBLES = Path("tests", "support", "argocd_plugin")
ENTRYPOINT = """\
#!/opt/armada-render/bin/python
import sys
sys.path.insert(0, "/var/run/argocd/lib")
from tests.support.argocd_plugin.cmp_server import main
main()
"""


class Sidecar(Client):
    """A running sidecar, and its volumes below one folder."""

    def __init__(self, container: Container, folder: Path) -> None:
        super().__init__(folder / "plugins")
        self.container = container
        self.temporary = folder / "armada-render-tmp"


def _specification() -> dict[str, Any]:
    (patch,) = load_documents(PATCH.read_bytes())
    (container,) = patch.value["spec"]["template"]["spec"]["containers"]
    assert isinstance(container, dict)
    return container


def _options(container: dict[str, Any], folder: Path) -> list[str]:
    """Return for podman what the pod says, beyond what confines every container here."""
    context = container["securityContext"]
    assert context["readOnlyRootFilesystem"]
    assert not context["allowPrivilegeEscalation"]
    assert context["capabilities"]["drop"] == ["ALL"]
    options = ["--user", f"{context['runAsUser']}:{context['runAsGroup']}"]
    options += ["--memory", container["resources"]["limits"]["memory"].removesuffix("i")]
    for variable in container["env"]:
        options += ["--env", f"{variable['name']}={variable['value']}"]
    for mount in container["volumeMounts"]:
        mode = "ro" if mount.get("readOnly") else "rw"
        options += ["--volume", f"{folder / mount['name']}:{mount['mountPath']}:{mode}"]
    return options


def _fill_volumes(container: dict[str, Any], folder: Path, grpc: Path) -> None:
    for mount in container["volumeMounts"]:
        (folder / mount["name"]).mkdir()
        shutil.chown(folder / mount["name"], 999, 999)
    files = folder / "var-files"
    copied(grpc, files / "lib")
    copied(ROOT / DOUBLES, files / "lib" / DOUBLES)
    (files / "argocd-cmp-server").write_text(ENTRYPOINT)
    (files / "argocd-cmp-server").chmod(0o755)


@contextmanager
def _sidecar(containers: Containers, image: str, grpc: Path) -> Iterator[Sidecar]:
    # Paths of sockets are short.
    folder = Path(tempfile.mkdtemp(prefix="ar"))
    specification = _specification()
    try:
        _fill_volumes(specification, folder, grpc)
        options = _options(specification, folder)
        with containers.running(image, specification["command"], options) as container:
            _wait(container, specification["readinessProbe"]["exec"]["command"])
            yield Sidecar(container, folder)
    finally:
        shutil.rmtree(folder)


def _wait(container: Container, probe: list[str]) -> None:
    for _ in range(50):
        if container.tried(*probe).returncode == 0:
            return
        time.sleep(0.2)
    pytest.fail(f"the sidecar does not get ready: {container.logs()}")


@pytest.fixture(scope="module")
def sidecar(containers: Containers, image: str, box: Container, cache: Path) -> Iterator[Sidecar]:
    version = box.printed("python3", "-c", "import sys; print(*sys.version_info[:2], sep='.')")
    with _sidecar(containers, image, library(cache, version.strip())) as found:
        yield found


@pytest.mark.parametrize("cluster", ["pegasus", "pegasus-2"])
def test_each_app_gets_what_render_writes(sidecar: Sidecar, cluster: str, tmp_path: Path) -> None:
    expected = bundles(EXAMPLE, cluster, tmp_path)
    assert len(expected) >= 2
    for app, objects in expected.items():
        found = sidecar.generate(ROOT / "examples", f"app-manifests/{app}", cluster)
        assert by_key(found) == by_key(objects), app


def test_calls_at_once_all_get_what_render_prints(sidecar: Sidecar) -> None:
    expected = by_key(rendered(EXAMPLE, "--cluster", "pegasus"))
    with ThreadPoolExecutor(12) as pool:
        calls = [
            pool.submit(sidecar.generate, EXAMPLE, ".", "pegasus", name="fleet-pegasus")
            for _ in range(12)
        ]
        assert all(by_key(call.result()) == expected for call in calls)
    assert list((sidecar.temporary / "_cmp_server").iterdir()) == []


def test_texts_and_paths_do_not_depend_on_a_locale(sidecar: Sidecar, tmp_path: Path) -> None:
    data = {"emoji": "\U0001f600", "umlaut": "\xfc", "control": "\x85", "yes": "no"}
    files = {
        "armada.yaml": "apiVersion: armada-render/v1\n",
        "clusters.yaml": CLUSTERS,
        "policy.yaml": POLICY,
        "w\xf6rk/config.json": config_map("web", data),
    }
    (found,) = sidecar.generate(write(tmp_path, files), "w\xf6rk", "one", name="web-one")
    assert found["data"] == data


def test_a_refusal_says_what_to_mend(sidecar: Sidecar) -> None:
    text = sidecar.failure(ROOT / "examples", "app-manifests/redis", "pegasus-3")
    assert "exit status 7: armada-render: " in text
    assert "pegasus-3" in text


def test_the_probe_fails_where_no_server_is(sidecar: Sidecar, box: Container) -> None:
    probe = _specification()["livenessProbe"]["exec"]["command"]
    assert sidecar.container.tried(*probe).returncode == 0
    assert "FileNotFoundError" in box.tried(*probe).stderr
