"""examples/scale-out: what Kubernetes says of it, and its scripts on real repositories."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes_validate import validate  # type: ignore[import-untyped]  # it has no types

from armada_render.cli import run
from armada_render.yamlio import dumps
from tests.support.objects import cluster, config_map, policy, selector
from tests.support.repository import pinned

FOLDER = Path(__file__).parent.parent / "examples" / "scale-out"
APPS = [f"app-{number}" for number in range(9)]


def _documents() -> list[dict[str, Any]]:
    return [yaml.safe_load(path.read_text()) for path in sorted(FOLDER.glob("*.yaml"))]


def _job(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text())["spec"]
    return found


@pytest.mark.parametrize("document", _documents(), ids=lambda one: one["metadata"]["name"])
def test_it_is_as_a_current_kubernetes_wants_it(document: dict[str, Any]) -> None:
    validate(document, "1.33", strict=True)
    assert document["metadata"]["namespace"] == "armada-render"


@pytest.mark.parametrize("name", ["shards", "merge"])
def test_pods_may_do_no_more_than_they_must(name: str) -> None:
    pod = _job(name)["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in (*pod["initContainers"], *pod["containers"]):
        rights = container["securityContext"]
        assert rights["readOnlyRootFilesystem"] is True
        assert rights["allowPrivilegeEscalation"] is False
        assert rights["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]


def test_the_number_of_shards_is_that_of_completions() -> None:
    job = _job("shards")
    (container,) = job["template"]["spec"]["containers"]
    shards = {one["name"]: one.get("value") for one in container["env"]}["SHARDS"]
    assert (job["completionMode"], job["completions"]) == ("Indexed", int(shards))


def test_nothing_but_the_clone_sees_the_password_beside_the_push() -> None:
    (render,) = _job("shards")["template"]["spec"]["containers"]
    assert "git-secret" not in {one["name"] for one in render["volumeMounts"]}


class Cluster:
    """Runs the containers of a pod one after another, as `sh` has them, in folders of ours."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._count = 0
        self.settings: dict[str, str] = {"PARTS": str(root / "parts")}

    def run(self, name: str, index: int | None = None) -> subprocess.CompletedProcess[str]:
        pod = _job(name)["template"]["spec"]
        self._count += 1
        work = self._root / f"pod-{self._count}"
        work.mkdir()
        done = None
        for container in (*pod["initContainers"], *pod["containers"]):
            declared = {one["name"]: one["value"] for one in container["env"]}
            given = {key: value for key, value in self.settings.items() if key in declared}
            paths = {key: str(work / key.lower()) for key in ("FLEET", "TREE")}
            environment = {
                **os.environ,
                **declared,
                **{key: value for key, value in paths.items() if key in declared},
                **given,
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            }
            if index is not None:
                environment["JOB_COMPLETION_INDEX"] = str(index)
            done = subprocess.run(
                container["command"], env=environment, capture_output=True, text=True, check=False
            )
            if done.returncode:
                break
        assert done is not None
        return done


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def _commit(repository: Path) -> str:
    _git(repository, "add", "--all")
    _git(repository, "commit", "--quiet", "--message", "change")
    return _git(repository, "rev-parse", "HEAD")


@pytest.fixture
def pods(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    """A fleet in a repository, and a bare one for the tree."""
    pinned(monkeypatch)
    fleet = tmp_path / "fleet"
    (fleet / "clusters").mkdir(parents=True)
    (fleet / "clusters" / "all.yaml").write_text(
        "---\n".join(dumps(cluster(name)) for name in ("one", "two"))
    )
    for app in APPS:
        (fleet / app).mkdir()
        objects = [config_map(app), policy(app, selector("ConfigMap", name=app))]
        (fleet / app / "app.yaml").write_text("---\n".join(map(dumps, objects)))
    _git(tmp_path, "init", "--quiet", "--initial-branch", "main", str(fleet))
    seed, tree = tmp_path / "seed", tmp_path / "tree.git"
    _git(tmp_path, "init", "--quiet", "--initial-branch", "main", str(seed))
    (seed / "README.md").write_text("what runs where\n")
    _commit(seed)
    _git(tmp_path, "clone", "--quiet", "--bare", str(seed), str(tree))
    found = Cluster(tmp_path)
    found.settings |= {
        "FLEET_REPO": f"file://{fleet}",
        "FLEET_REVISION": _commit(fleet),
        "TREE_REPO": f"file://{tree}",
        "SHARDS": "3",
    }
    return found


def _shards(pods: Cluster) -> None:
    for index in range(3):
        done = pods.run("shards", index)
        assert done.returncode == 0, done.stderr


def test_the_jobs_commit_what_one_process_renders(pods: Cluster, tmp_path: Path) -> None:
    tree = tmp_path / "tree.git"
    _shards(pods)
    done = pods.run("merge")
    assert done.returncode == 0, done.stderr
    assert _git(tree, "log", "-1", "--format=%s", "main") == (
        f"Render {pods.settings['FLEET_REVISION']}"
    )
    _git(tmp_path, "clone", "--quiet", str(tree), str(tmp_path / "look"))
    assert run(["render", str(tmp_path / "fleet"), "--output-dir", str(tmp_path / "one")]) == 0
    for path in (tmp_path / "one").rglob("*"):
        if path.is_file():
            other = tmp_path / "look" / "rendered" / path.relative_to(tmp_path / "one")
            assert other.read_bytes() == path.read_bytes()
    assert list((tmp_path / "parts").iterdir()) == []


def test_the_same_fleet_again_is_no_commit(pods: Cluster, tmp_path: Path) -> None:
    for _ in range(2):
        _shards(pods)
        assert pods.run("merge").returncode == 0
    assert _git(tmp_path / "tree.git", "rev-list", "--count", "main") == "2"


def test_a_missing_part_or_a_guard_stops_the_commit(pods: Cluster, tmp_path: Path) -> None:
    tree, fleet = tmp_path / "tree.git", tmp_path / "fleet"
    _shards(pods)
    assert pods.run("merge").returncode == 0
    before = _git(tree, "rev-parse", "main")
    for app in APPS[:5]:
        (fleet / app / "app.yaml").unlink()
    pods.settings["FLEET_REVISION"] = _commit(fleet)
    assert pods.run("shards", 0).returncode == 0
    done = pods.run("merge")
    assert done.returncode == 3
    assert "these are missing: 2, 3" in done.stderr
    _shards(pods)
    done = pods.run("merge")
    assert done.returncode == 7, done.stderr
    assert _git(tree, "rev-parse", "main") == before


def test_an_error_in_the_fleet_ends_the_shard(pods: Cluster, tmp_path: Path) -> None:
    (tmp_path / "fleet" / "app-1" / "app.yaml").write_text("a: [\n")
    pods.settings["FLEET_REVISION"] = _commit(tmp_path / "fleet")
    assert pods.run("shards", 0).returncode == 3
    assert not (tmp_path / "parts").exists()
