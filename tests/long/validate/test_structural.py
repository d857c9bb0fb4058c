"""A real API server judges the same structural schemas and values as our translation of them."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from tests.support.apiserver import APIServer, Kubernetes, RefusedError, eventually
from tests.support.structural_schemas import CASES

pytestmark = pytest.mark.long

_GROUP = "example.io"


def _definition(number: int, spec: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"farm{number}s.{_GROUP}"},
        "spec": {
            "group": _GROUP,
            "scope": "Namespaced",
            "names": {
                "kind": f"Farm{number}",
                "plural": f"farm{number}s",
                "singular": f"farm{number}",
            },
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}},
                }
            ],
        },
    }


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[APIServer]:
    with Kubernetes(tmp_path_factory.mktemp("kubernetes")) as kubernetes:
        server = kubernetes.start("structural")
        server.wait_ready()
        for number, (spec, _, _) in enumerate(CASES):
            path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
            server.ask("POST", path, _definition(number, spec))
        last = f"/apis/{_GROUP}/v1/farm{len(CASES) - 1}s?limit=1"

        def served() -> bool:
            with suppress(RefusedError):
                server.ask("GET", last)
                return True
            return False

        eventually("the last kind is served", served)
        yield server


def _takes(server: APIServer, number: int, value: Any) -> bool:
    """Tell whether the server takes a value as it is, neither refused nor pruned."""
    document = {
        "apiVersion": f"{_GROUP}/v1",
        "kind": f"Farm{number}",
        "metadata": {"name": "x", "namespace": "default"},
        "spec": value,
    }
    path = f"/apis/{_GROUP}/v1/namespaces/default/farm{number}s?dryRun=All"

    def answer() -> Any:
        try:
            return {"took": server.ask("POST", path, document).get("spec")}
        except RefusedError as error:
            # A kind is served a moment after its definition is there.
            return None if error.status == 404 else {"refused": str(error)}

    answered = eventually("the kind is served", answer)
    return "took" in answered and _without_defaults(answered["took"], value)


def _without_defaults(took: Any, value: Any) -> bool:
    """Tell whether what was taken holds all of `value`; the server may have added to it."""
    if isinstance(value, dict):
        return isinstance(took, dict) and all(
            key in took and _without_defaults(took[key], item) for key, item in value.items()
        )
    return bool(took == value)


@pytest.mark.parametrize("number", range(len(CASES)))
def test_an_api_server_agrees(number: int, server: APIServer) -> None:
    _, good, bad = CASES[number]
    assert _takes(server, number, good)
    assert not _takes(server, number, bad)
