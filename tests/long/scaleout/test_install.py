"""A real API server takes the jobs of examples/scale-out."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.apiserver import APIServer, Kubernetes

pytestmark = pytest.mark.long

FOLDER = Path(__file__).parents[3] / "examples" / "scale-out"
_PLACES = {
    "Job": ("/apis/batch/v1", "jobs"),
    "PersistentVolumeClaim": ("/api/v1", "persistentvolumeclaims"),
    "ServiceAccount": ("/api/v1", "serviceaccounts"),
}
# The API server of the suite is 1.20: the first it does not know, the second it does not act on;
# tests/test_scale_out.py has the schema of a current one.
_NEWER = {"completionMode", "ttlSecondsAfterFinished"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[APIServer]:
    with Kubernetes(tmp_path_factory.mktemp("kubernetes")) as kubernetes:
        started = kubernetes.start("scaleout")
        started.wait_ready()
        space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "armada-render"}}
        started.ask("POST", "/api/v1/namespaces", space)
        yield started


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.yaml")), ids=lambda one: one.stem)
def test_an_api_server_takes_it(server: APIServer, file: Path) -> None:
    document: dict[str, Any] = yaml.safe_load(file.read_text())
    document.get("spec", {}).pop("completionMode", None)
    base, plural = _PLACES[document["kind"]]
    path = f"{base}/namespaces/armada-render/{plural}/{document['metadata']['name']}"
    query = "?fieldManager=test&force=true&dryRun=All"
    answer = server.ask("PATCH", path + query, document, patch="apply")
    assert answer["kind"] == document["kind"]
    _no_less(document.get("spec", {}), answer.get("spec", {}), "spec")


def _no_less(asked: Any, given: Any, where: str) -> None:
    """A field that is misspelt would have been dropped on the way."""
    if isinstance(asked, dict):
        missing = asked.keys() - given.keys() - _NEWER
        assert not missing, where
        for key in asked.keys() - _NEWER:
            _no_less(asked[key], given[key], f"{where}.{key}")
    elif isinstance(asked, list):
        assert len(asked) == len(given), where
        for number, (one, other) in enumerate(zip(asked, given, strict=True)):
            _no_less(one, other, f"{where}[{number}]")
