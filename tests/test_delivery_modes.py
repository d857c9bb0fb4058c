"""Both modes of `-o applicationset` deliver the same: the bundle, and what the plugin answers."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from armada_render.cli import run
from armada_render.yamlio import load_documents
from tests.support.argocd import produced
from tests.support.failover import fail_over

ROOT = Path(__file__).parent.parent
SOURCE = ("--repo-url", "https://git.example.com/fleet.git", "--revision", "main")


def _applications(output: Path) -> list[dict[str, Any]]:
    """Return the Applications of all sets in a tree, by their names."""
    sets = [
        load_documents(path.read_bytes())[0].value
        for path in sorted((output / "argocd").glob("applicationset-*.yaml"))
    ]
    return [application for one in sets for application in produced(one)]


def _answer(repository: Path, application: dict[str, Any], scratch: Path) -> list[Any]:
    """Call the plugin as Argo CD does, and return the objects."""
    source = application["spec"]["source"]
    done = subprocess.run(
        [sys.executable, "-m", "armada_render", "cmp", "generate"],
        cwd=repository / source["path"],
        env={
            **os.environ,
            "ARGOCD_APP_NAME": application["metadata"]["name"],
            "ARGOCD_APP_PARAMETERS": json.dumps(source["plugin"]["parameters"]),
            "ARGOCD_APP_SOURCE_PATH": source["path"],
            "PYTHONPATH": str(ROOT),
            "TMPDIR": str(scratch),
        },
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr.decode()
    return [document.value for document in load_documents(done.stdout)]


@pytest.mark.parametrize("has_moved", [False, True], ids=["as placed", "after a failover"])
def test_the_plugin_answers_what_the_tree_holds(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], *, has_moved: bool
) -> None:
    fleet = tmp_path / "fleet"
    (tmp_path / ".git").mkdir()
    shutil.copytree(ROOT / "examples" / "app-manifests", fleet)
    (fleet / "redis").rename(fleet / "Redis_{{.x}}")
    if has_moved:
        sick = ("Deployment", "redis", "pegasus"), ("Rollout", "demo-ms-canary", "pegasus-2")
        fail_over(fleet, *sick)
        assert len(list((fleet / ".armada" / "frozen").rglob("*.yaml"))) == 2
    for mode, path in (("directory", "tree"), ("plugin", "fleet")):
        options = ("-o", "applicationset", "--mode", mode, "--repo-path", path, *SOURCE)
        assert run(["render", str(fleet), *options, "--output-dir", str(tmp_path / mode)]) == 0
    assert run(["render", str(fleet), "--output-dir", str(tmp_path / "tree")]) == 0
    capfd.readouterr()

    bundles = _applications(tmp_path / "directory")
    asked = _applications(tmp_path / "plugin")

    names = [one["metadata"]["name"] for one in asked]
    assert names == [one["metadata"]["name"] for one in bundles]
    assert "redis-x-pegasus-7474cced" in names
    assert any("redis-x-pegasus-2" in name for name in names) is has_moved
    for bundle, application in zip(bundles, asked, strict=True):
        file = tmp_path / bundle["spec"]["source"]["path"] / "manifests.yaml"
        written = [document.value for document in load_documents(file.read_bytes())]
        answered = _answer(tmp_path, application, tmp_path)
        assert sorted(map(str, answered)) == sorted(map(str, written))


@pytest.mark.parametrize("is_gone", [False, True], ids=["elsewhere", "left Git"])
def test_a_retired_app_is_empty_for_both(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], *, is_gone: bool
) -> None:
    fleet = tmp_path / "fleet"
    (tmp_path / ".git").mkdir()
    shutil.copytree(ROOT / "examples" / "app-manifests", fleet)
    if is_gone:
        shutil.rmtree(fleet / "redis")
    else:
        policy = fleet / "redis" / "propagationpolicy.yaml"
        policy.write_text(policy.read_text().replace("- pegasus\n", "- pegasus-3\n"))
    retire = "retire: [{cluster: pegasus, app: redis}]\n"
    (fleet / "armada.yaml").write_text(f"apiVersion: armada-render/v1\n{retire}")
    assert run(["render", str(fleet), "--output-dir", str(tmp_path / "tree")]) == 0
    for mode, path in (("directory", "tree"), ("plugin", "fleet")):
        options = ("-o", "applicationset", "--mode", mode, "--repo-path", path, *SOURCE)
        assert run(["render", str(fleet), *options, "--output-dir", str(tmp_path / mode)]) == 0
    capfd.readouterr()

    for mode in ("directory", "plugin"):
        (retired,) = [
            one
            for one in _applications(tmp_path / mode)
            if one["metadata"]["name"] == "redis-pegasus"
        ]
        assert retired["spec"]["syncPolicy"]["automated"]["allowEmpty"] is True
        if mode == "plugin":
            assert _answer(tmp_path, retired, tmp_path) == []
        else:
            folder = tmp_path / retired["spec"]["source"]["path"]
            assert [path.name for path in folder.iterdir()] == ["retired.txt"]
