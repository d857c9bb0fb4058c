"""A small fleet on disk, for commands."""

from pathlib import Path

import pytest

from armada_render.yamlio import dumps
from tests.support.objects import cluster, config_map, deployment, policy, selector


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return `fleet` with two clusters and one app, below the working directory."""
    root = tmp_path / "fleet"
    (root / "clusters").mkdir(parents=True)
    (root / "shop").mkdir()
    for name in ("one", "two"):
        (root / "clusters" / f"{name}.yaml").write_text(dumps(cluster(name)))
    objects = [
        deployment("web", 2),
        config_map("web"),
        policy("web", selector("Deployment"), selector("ConfigMap")),
    ]
    (root / "shop" / "web.yaml").write_text("---\n".join(map(dumps, objects)))
    monkeypatch.chdir(tmp_path)
    return root
