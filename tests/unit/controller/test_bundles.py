"""A tree that is committed changes along with the placement, and only then."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from armada_render.cli import run
from armada_render.controller import bundles
from armada_render.errors import ArmadaError, InputError
from armada_render.load import DirectorySource, Loaded, load
from armada_render.pipeline import render

EXAMPLE = Path(__file__).parents[3] / "examples" / "app-manifests"
CONFIG = """\
apiVersion: armada-render/v1
kind: Config
ignore: [out/]
output: {directory: out}
argocd: {repoURL: https://git.example.com/fleet, revision: main}
"""


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    for file in EXAMPLE.rglob("*.yaml"):
        target = tmp_path / file.relative_to(EXAMPLE)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())
    (tmp_path / "armada.yaml").write_text(CONFIG)
    return tmp_path


def _load(fleet: Path) -> Loaded:
    return load(DirectorySource(str(fleet)), digest=lambda data: hashlib.sha256(data).hexdigest())


def _changed(fleet: Path) -> dict[str, bytes | None]:
    loaded = _load(fleet)
    out = fleet / "out"

    def read(path: str) -> bytes | None:
        return (out / path).read_bytes() if (out / path).exists() else None

    return dict(bundles.files(loaded, render(loaded.fleet), read))


def _tree(fleet: Path, output: str) -> None:
    assert run(["render", str(fleet), "-o", output, "--output-dir", str(fleet / "out"), "-q"]) == 0


@pytest.mark.parametrize("outputs", [("tree",), ("applicationset",), ("tree", "applicationset")])
def test_what_the_command_line_wrote_is_as_it_would_be_written_here(
    fleet: Path, outputs: tuple[str, ...]
) -> None:
    for output in outputs:
        _tree(fleet, output)
    assert _changed(fleet) == {}


def test_what_moves_changes_bundles_sets_and_the_index_as_the_command_line_does(
    fleet: Path,
) -> None:
    _tree(fleet, "tree")
    _tree(fleet, "applicationset")
    policy = fleet / "redis" / "propagationpolicy.yaml"
    policy.write_text(policy.read_text().replace("        - pegasus\n", ""))
    found = _changed(fleet)
    assert sorted(found) == [
        "argocd/applicationset-redis.yaml",
        "index.json",
        "pegasus-2/redis/manifests.yaml",
        "pegasus/redis/manifests.yaml",
    ]
    assert found["pegasus/redis/manifests.yaml"] is None
    _tree(fleet, "tree")
    _tree(fleet, "applicationset")
    assert _changed(fleet) == {}
    for path, data in found.items():
        file = fleet / "out" / path
        assert (file.read_bytes() if file.exists() else None) == data


def test_a_tree_that_was_never_rendered_stays_away(fleet: Path) -> None:
    assert _changed(fleet) == {}


def test_an_index_that_cannot_be_read(fleet: Path) -> None:
    (fleet / "out").mkdir()
    (fleet / "out" / "index.json").write_text(json.dumps([]))
    with pytest.raises(ArmadaError, match=r"index\.json"):
        _changed(fleet)


def test_where_the_tree_is(fleet: Path) -> None:
    loaded = _load(fleet)
    assert bundles.folder(loaded, "") == "out"
    assert bundles.folder(loaded, "fleets/a") == "fleets/a/out"
    (fleet / "armada.yaml").write_text(CONFIG.replace("directory: out", "directory: ../../out"))
    assert bundles.folder(_load(fleet), "fleets/a") == "out"
    with pytest.raises(InputError, match="not in the repository"):
        bundles.folder(_load(fleet), "fleets")
    (fleet / "armada.yaml").write_text(CONFIG.replace("output: {directory: out}\n", ""))
    assert bundles.folder(_load(fleet), "") == ""


def test_what_is_retired_and_acknowledged_stays_as_the_command_line_wrote_it(fleet: Path) -> None:
    _tree(fleet, "tree")
    (fleet / "nginx" / "propagationpolicy.yaml").unlink()
    shutil.rmtree(fleet / "redis")
    retire = "retire: [{cluster: pegasus, app: redis}]\n"
    (fleet / "armada.yaml").write_text(CONFIG + retire)
    words = ["-o", "tree", "--output-dir", str(fleet / "out"), "-q", "--acknowledge", "why"]
    assert run(["render", str(fleet), *words]) == 0
    _tree(fleet, "applicationset")
    index = json.loads((fleet / "out" / "index.json").read_text())
    assert len(index["acknowledged"]) == 1
    assert "pegasus/redis/retired.txt" in index["files"]
    assert _changed(fleet) == {}
