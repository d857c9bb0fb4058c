"""An Argo CD, and repositories for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import fleet as large
from tests.support.argocd_plugin.harness import CLUSTERS, POLICY, Argo, argo, config_map, write


@pytest.fixture(scope="module")
def plugin() -> Iterator[Argo]:
    with argo(ARMADA_RENDER_CMP_SLOTS="2", ARMADA_RENDER_CMP_TIMEOUT="55") as found:
        yield found


@pytest.fixture(scope="module")
def monorepo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 apps for 5 clusters, below `fleet/` of a repository that holds more."""
    root = tmp_path_factory.mktemp("monorepo")
    large.write_fleet(root / "fleet", 200, 5)
    (root / "fleet" / "armada.yaml").write_text("apiVersion: armada-render/v1\n")
    (root / ".git").mkdir()
    (root / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (root / "docs").mkdir()
    (root / "docs" / "broken.yaml").write_text("{{ not: yaml }}: [\n")
    return root


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return write(
        tmp_path,
        {
            "armada.yaml": "apiVersion: armada-render/v1\n",
            "clusters.yaml": CLUSTERS,
            "policy.yaml": POLICY,
            "web/config.json": config_map("web", {"key": "value"}),
        },
    )
