"""The hooks, through the real pre-commit, against a clone of this repository and real commits."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.githttp import ENVIRONMENT

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[3]
PRE_COMMIT = Path(sys.executable).parent / "pre-commit"
CONFIG = """\
repos:
- repo: {repository}
  rev: {revision}
  hooks:
  - id: armada-render-lint
    args: [fleet]
  - id: armada-render-lock
    args: [fleet]
  - id: armada-render-check
    args: [fleet, --output-dir, rendered]
  - id: armada-render-diff
    args: [fleet]
"""


class Clone:
    """A repository of a user's, with the hooks installed."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self._environment = environment

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def armada_render(self, *arguments: str) -> None:
        done = self.run(sys.executable, "-m", "armada_render", *arguments)
        assert done.returncode == 0, done.stdout

    def commit(self) -> tuple[int, dict[str, str], str]:
        """Commit everything; return the code of git, what became of each hook, and the output."""
        self.run("git", "add", "-A")
        done = self.run("git", "commit", "-qm", "change")
        words = dict(
            re.findall(r"^(.+?)\.{3,}.*?(Passed|Failed|Skipped)$", done.stdout, re.MULTILINE)
        )
        return done.returncode, words, done.stdout

    def replace(self, path: str, old: str, new: str) -> None:
        file = self.folder / path
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new, 1))


LINT = "policies and manifests mean what they say"
LOCK = "the lock is up to date"
CHECK = "rendered manifests are up to date"
DIFF = "what the commit does to every cluster"


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    base = tmp_path_factory.mktemp("precommit")
    # What pre-commit runs is what a user would get: this commit, not the files around it.
    revision = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.strip()
    published = base / "published"
    subprocess.run(["git", "clone", "-q", "--bare", str(ROOT), str(published)], check=True)
    folder = base / "clone"
    shutil.copytree(ROOT / "examples" / "app-manifests", folder / "fleet")
    environment = {
        **os.environ,
        **{name: text for name, text in ENVIRONMENT.items() if name not in ("PATH", "HOME")},
        "PATH": f"{PRE_COMMIT.parent}:{os.environ['PATH']}",
        "PRE_COMMIT_HOME": str(base / "home"),
        "XDG_CACHE_HOME": str(base / "cache"),
        "PRE_COMMIT_COLOR": "never",
        "PYTHONPATH": "",
    }
    user = Clone(folder, environment)
    user.run("git", "init", "-qb", "main")
    (folder / ".pre-commit-config.yaml").write_text(
        CONFIG.format(repository=published.as_uri(), revision=revision)
    )
    environment["PYTHONPATH"] = str(ROOT)
    user.armada_render("lock", "fleet")
    user.armada_render("render", "fleet", "--output-dir", "rendered")
    environment["PYTHONPATH"] = ""
    user.run("git", "add", "-A")
    assert user.run("git", "commit", "-qm", "one").returncode == 0
    installed = user.run(str(PRE_COMMIT), "install", "--install-hooks")
    assert installed.returncode == 0, installed.stdout
    return user


def test_hooks_are_valid() -> None:
    done = subprocess.run(
        [PRE_COMMIT, "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")], check=False
    )
    assert done.returncode == 0


def test_a_commit_without_manifests_waits_for_nothing(clone: Clone) -> None:
    (clone.folder / "notes.md").write_text("# Notes\n")
    code, hooks, _ = clone.commit()
    assert code == 0
    assert set(hooks.values()) == {"Skipped"}


def test_a_change_that_is_not_rendered_is_stopped_and_shown(clone: Clone) -> None:
    clone.replace("fleet/redis/deployment.yaml", "replicas: 4", "replicas: 6")
    code, hooks, said = clone.commit()
    assert code == 1
    assert hooks == {LINT: "Passed", LOCK: "Failed", CHECK: "Failed", DIFF: "Passed"}
    assert "out of date: pegasus/redis/manifests.yaml" in said
    assert "4 → 6 replicas" in said
    environment = clone._environment
    environment["PYTHONPATH"] = str(ROOT)
    clone.armada_render("lock", "fleet")
    clone.armada_render("render", "fleet", "--output-dir", "rendered")
    environment["PYTHONPATH"] = ""
    code, hooks, said = clone.commit()
    assert code == 0, said
    assert set(hooks.values()) == {"Passed"}
    assert "4 → 6 replicas" in said


def test_what_is_not_staged_is_put_aside(clone: Clone) -> None:
    clone.replace("fleet/redis/deployment.yaml", "replicas: 6", "replicas: 7")
    file = clone.folder / "beside.yaml"
    file.write_text("a: 1\n")
    clone.run("git", "add", str(file))
    done = clone.run("git", "commit", "-qm", "staged only")
    assert done.returncode == 0, done.stdout
    assert "6 → 7" not in done.stdout
    assert "replicas: 7" in (clone.folder / "fleet" / "redis" / "deployment.yaml").read_text()
    clone.run("git", "checkout", "-q", ".")


def test_what_does_not_mean_what_it_says_is_stopped(clone: Clone) -> None:
    policy = "fleet/redis/propagationpolicy.yaml"
    clone.replace(policy, "clusterNames", "clusterName")
    code, hooks, said = clone.commit()
    assert code == 1
    assert hooks == dict.fromkeys((LINT, LOCK, CHECK, DIFF), "Failed")
    assert "did you mean" in said
    _revert(clone, [policy])


def _revert(clone: Clone, paths: Sequence[str]) -> None:
    clone.run("git", "reset", "-q")
    clone.run("git", "checkout", "-q", *paths)
