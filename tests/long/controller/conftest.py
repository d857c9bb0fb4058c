"""One etcd and one API server for Argo CD's objects; a world of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.apiserver import APIServer, Kubernetes
from tests.support.world import ACCOUNT, CONTROLLER, World, install_rights


@pytest.fixture(scope="session")
def kubernetes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubernetes]:
    with Kubernetes(tmp_path_factory.mktemp("kubernetes")) as running:
        yield running


@pytest.fixture(scope="session")
def host(kubernetes: Kubernetes) -> APIServer:
    """Argo CD's API server, where the controller has the rights that are shipped."""
    groups = ("system:serviceaccounts", "system:serviceaccounts:argocd", "system:authenticated")
    server = kubernetes.start("host", {CONTROLLER: (ACCOUNT, groups)})
    server.wait_ready()
    server.install_applications()
    install_rights(server)
    return server


@pytest.fixture
def world(kubernetes: Kubernetes, host: APIServer, tmp_path: Path) -> Iterator[World]:
    if not host.is_running:
        host.start()
    host.wait_ready()
    with World(kubernetes, host, tmp_path) as running:
        yield running
