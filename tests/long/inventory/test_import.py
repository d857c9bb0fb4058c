"""`clusters import` from a real API server: discovery, nodes, pods, and who may see them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from armada_render.cli import run
from armada_render.load import DirectorySource, load
from tests.support.apiserver import ADMIN, APIServer, Kubernetes

pytestmark = pytest.mark.long

NODE: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {
        "name": "a",
        "labels": {
            "topology.kubernetes.io/region": "eu",
            "topology.kubernetes.io/zone": "eu-a",
        },
    },
    "spec": {"providerID": "kind://docker/a"},
}
POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web", "namespace": "default"},
    "spec": {
        "nodeName": "a",
        "containers": [{"name": "web", "image": "web", "resources": {"requests": {"cpu": "250m"}}}],
    },
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[APIServer]:
    with Kubernetes(tmp_path_factory.mktemp("kubernetes")) as kubernetes:
        server = kubernetes.start("member", {"viewer-token": ("viewer", ())})
        server.wait_ready()
        server.ask("POST", "/api/v1/nodes", NODE)
        allocatable = {"cpu": "3920m", "memory": "7Gi", "pods": "110"}
        server.ask("PATCH", "/api/v1/nodes/a/status", {"status": {"allocatable": allocatable}})
        server.ask("POST", "/api/v1/namespaces/default/pods", POD)
        yield server


def import_(server: APIServer, folder: Path, token: str) -> int:
    (folder / "fleet").mkdir(exist_ok=True)
    config = server.kubeconfig(folder / "kubeconfig", token)
    fleet = str(folder / "fleet")
    return run(["clusters", "import", fleet, str(config), "--from", "kubeconfig", "--overwrite"])


def test_a_real_server_describes_itself(server: APIServer, tmp_path: Path) -> None:
    assert import_(server, tmp_path, ADMIN) == 0
    file = tmp_path / "fleet" / "clusters" / "member.yaml"
    fleet = load(DirectorySource(str(tmp_path / "fleet"))).fleet
    assert fleet.problems == ()
    (member,) = fleet.clusters
    assert (member.spec.provider, member.spec.region, member.zones) == ("kind", "eu", ("eu-a",))
    assert member.status.kubernetes_version == server.ask("GET", "/version")["gitVersion"]
    summary = member.status.resource_summary
    assert summary is not None
    assert summary.allocatable == {"cpu": "3920m", "memory": "7Gi", "pods": "110"}
    assert summary.allocated == {"cpu": "250m", "pods": "1"}
    served = {
        (item.group_version, one.kind)
        for item in member.status.api_enablements or ()
        for one in item.resources
    }
    assert {("apps/v1", "Deployment"), ("v1", "Service"), ("batch/v1", "Job")} <= served
    assert ADMIN not in file.read_text()
    written = file.read_bytes()
    assert import_(server, tmp_path, ADMIN) == 0
    assert file.read_bytes() == written


def test_who_may_see_little_gets_what_there_is(
    server: APIServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert import_(server, tmp_path, "viewer-token") == 0
    (member,) = load(DirectorySource(str(tmp_path / "fleet"))).fleet.clusters
    assert member.status.resource_summary is None
    assert member.status.api_enablements
    assert "nodes: capacity, region and zones cannot be seen (403)" in capsys.readouterr().err


def test_a_wrong_token_is_refused(
    server: APIServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert import_(server, tmp_path, "wr0ng") == 6
    said = capsys.readouterr().err
    assert "does not tell: 401" in said
    assert "wr0ng" not in said
