"""The shell parts of the GitHub Action and of the GitLab include, as their runners run them."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.forgehttp import ForgeHttp
from tests.support.githttp import ENVIRONMENT

ROOT = Path(__file__).parent.parent.parent
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
GITLAB = ROOT / "ci" / "gitlab" / "review.yml"
REDIS = "redis/deployment.yaml"
POLICY = "redis/propagationpolicy.yaml"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a clone whose branch scales redis, which `origin/main` has four replicas of."""
    folder = tmp_path / "clone"
    shutil.copytree(ROOT / "examples" / "app-manifests", folder / "fleet dir")
    for arguments in (
        ["init", "-qb", "feature"],
        ["add", "."],
        ["commit", "-qm", "one"],
        ["update-ref", "refs/remotes/origin/main", "HEAD"],
    ):
        git(folder, *arguments)
    change(folder, REDIS, "replicas: 4", "replicas: 6")
    return folder


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=ENVIRONMENT, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def change(folder: Path, path: str, old: str, new: str) -> None:
    file = folder / "fleet dir" / path
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    git(folder, "commit", "-qam", f"change {path}")


@pytest.fixture
def forge() -> Iterator[ForgeHttp]:
    with ForgeHttp() as forge:
        yield forge


def program(bin_: Path) -> None:
    """Put this very program where the job has installed it."""
    bin_.mkdir(parents=True)
    script = bin_ / "armada-render"
    script.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m armada_render "$@"\n')
    script.chmod(0o755)


def shell(
    script: str, folder: Path, variables: Mapping[str, str]
) -> "subprocess.CompletedProcess[str]":
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder.parent),
        "GIT_CONFIG_NOSYSTEM": "1",
        "XDG_CACHE_HOME": str(folder.parent / "cache"),
        **variables,
    }
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


class Runner:
    """As much of GitHub's runner as the action's last step needs."""

    def __init__(self, folder: Path, forge: ForgeHttp) -> None:
        self._folder = folder
        self.temp = folder.parent / "runner temp"
        program(self.temp / "armada-render" / "bin")
        self.output, self.summary = self.temp / "output", self.temp / "summary"
        self._variables = {
            **forge.github(),
            "GITHUB_BASE_REF": "main",
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
        }

    def review(self, **inputs: str) -> "subprocess.CompletedProcess[str]":
        step = ACTION["runs"]["steps"][-1]
        given = {name: str(one["default"]) for name, one in ACTION["inputs"].items()} | inputs
        given = {f"inputs.{name}": text for name, text in given.items()}
        given["github.action_path"] = str(ROOT)
        for name, text in step["env"].items():
            if name != "GITHUB_TOKEN":
                self._variables[name] = given[text.removeprefix("${{ ").removesuffix(" }}")]
        for file in (self.output, self.summary):
            file.write_text("")
        return shell(step["run"], self._folder, self._variables)


def test_the_action_says_what_a_pull_request_does(clone: Path, forge: ForgeHttp) -> None:
    runner = Runner(clone, forge)
    done = runner.review(path="fleet dir", checks="render lint diff")
    assert done.returncode == 0, done.stdout + done.stderr
    (body,) = forge.bodies
    assert body.startswith("<!-- armada-render diff: part 1 of 1: fleet-dir -->\n### armada-render")
    assert "Deployment/redis" in body
    assert "4 → 6 replicas" in body
    outputs = dict(line.split("=", 1) for line in runner.output.read_text().splitlines())
    assert Path(outputs["markdown"]).read_text() == runner.summary.read_text()
    assert '"version": "2.1.0"' in Path(outputs["sarif"]).read_text()
    change(clone, REDIS, "replicas: 6", "replicas: 7")
    assert runner.review(path="fleet dir", checks="diff").returncode == 0
    assert len(forge.bodies) == 1
    assert "4 → 7 replicas" in forge.bodies[0]
    other = runner.review(path="fleet dir", checks="diff", key="second job")
    assert other.returncode == 0
    assert "part 1 of 1: second-job -->" in forge.bodies[1]
    assert runner.review(path="fleet dir", checks="diff", comment="false", key="x").returncode == 0
    assert len(forge.bodies) == 2


def test_the_action_fails_when_a_check_does_and_runs_the_others(
    clone: Path, forge: ForgeHttp
) -> None:
    change(clone, POLICY, "clusterNames", "clusterName")
    done = Runner(clone, forge).review(path="fleet dir", checks="render lock diff")
    assert done.returncode == 1
    errors = [line for line in done.stdout.splitlines() if line.startswith("::error")]
    assert [line.split("::")[1] for line in errors] == [
        "error title=armada-render render",
        "error title=armada-render lock",
        "error title=armada-render diff",
    ]
    # That nothing can be said is said on the pull request as well.
    assert "withheld: not compared" in forge.bodies[0]


def test_lines_of_the_repository_are_no_commands_of_the_runner(
    clone: Path, forge: ForgeHttp
) -> None:
    folder = clone / "fleet dir" / "evil"
    folder.mkdir()
    (folder / "a.yaml").write_text("a: 1\n::add-mask::x: 2\n")
    git(clone, "add", "-A")
    git(clone, "commit", "-qm", "evil")
    done = Runner(clone, forge).review(path="fleet dir", checks="render")
    assert done.returncode == 1
    fence = re.search(r"^::stop-commands::(armada-render-[0-9a-f]{32})$", done.stdout, re.MULTILINE)
    assert fence is not None
    assert f"\n::{fence[1]}::\n::endgroup::\n" in done.stdout


def test_inputs_are_never_run(clone: Path, forge: ForgeHttp) -> None:
    runner = Runner(clone, forge)
    evil = "$(touch ran); `touch ran`; touch ran #"
    for inputs in (
        {"path": evil},
        {"clusters": evil},
        {"base": evil},
        {"base": "--output=/tmp/x"},
        {"key": evil},
        {"checks": "diff; touch ran"},
        {"checks": "*"},
    ):
        runner.review(**{"path": "fleet dir", "checks": "diff", **inputs})
        assert not (clone / "ran").exists()


def test_a_token_that_may_not_write_leaves_the_summary(clone: Path, forge: ForgeHttp) -> None:
    runner = Runner(clone, forge)
    forge.faults += [(403, {})] * 2
    done = runner.review(path="fleet dir", checks="diff")
    assert done.returncode == 0
    assert "::warning::the comment could not be written" in done.stdout
    assert "4 → 6 replicas" in runner.summary.read_text()


def test_actions_are_pinned_and_inputs_are_passed_by_environment() -> None:
    for step in ACTION["runs"]["steps"]:
        if "uses" in step:
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"])
        assert "${{" not in step.get("run", "")


class Job:
    """As much of a GitLab runner as the include's job needs."""

    def __init__(self, folder: Path, forge: ForgeHttp) -> None:
        self._folder = folder
        program(folder / ".armada-render" / "bin")
        self._variables = {
            **forge.gitlab(),
            "CI_PROJECT_DIR": str(folder),
            "CI_MERGE_REQUEST_DIFF_BASE_SHA": git(folder, "rev-parse", "origin/main"),
        }

    def run(
        self, inputs: Mapping[str, str], *, token: bool = True
    ) -> "subprocess.CompletedProcess[str]":
        job = gitlab_job(inputs)
        variables = {**self._variables, **job["variables"]}
        if not token:
            del variables["ARMADA_RENDER_GITLAB_TOKEN"]
        return shell("\n".join(job["script"]), self._folder, variables)


def gitlab_job(inputs: Mapping[str, str]) -> Any:
    """Return the job with its inputs filled in, as GitLab does before it reads the YAML."""
    header, text = GITLAB.read_text().split("\n---\n")
    for name, one in yaml.safe_load(header)["spec"]["inputs"].items():
        value = inputs.get(name, one.get("default", ""))
        text = text.replace(
            f"$[[ inputs.{name} ]]", value.replace("\\", "\\\\").replace('"', '\\"')
        )
    assert "$[[" not in text
    (job,) = yaml.safe_load(text).values()
    return job


def test_the_gitlab_job_says_what_a_merge_request_does(clone: Path, forge: ForgeHttp) -> None:
    job = Job(clone, forge)
    done = job.run({"path": "fleet dir"})
    assert done.returncode == 0, done.stdout + done.stderr
    (body,) = forge.bodies
    assert body.startswith("<!-- armada-render diff: part 1 of 1: fleet-dir -->")
    assert "4 → 6 replicas" in body
    assert "<testsuite" in (clone / "armada-render-review" / "lint.xml").read_text()
    done = job.run({"path": "fleet dir", "checks": "diff"}, token=False)
    assert done.returncode == 0
    assert "4 → 6 replicas" in done.stdout
    forge.faults += [(403, {})]
    done = job.run({"path": "fleet dir", "checks": "diff"})
    assert done.returncode == 0
    assert "the note could not be written" in done.stdout


def test_the_gitlab_job_fails_when_a_check_does(clone: Path, forge: ForgeHttp) -> None:
    change(clone, POLICY, "clusterNames", "clusterName")
    done = Job(clone, forge).run({"path": "fleet dir", "checks": "render lint diff"})
    assert done.returncode == 1
    for check in ("render", "lint", "diff"):
        assert f"armada-render {check}: exit code 3" in done.stdout


def test_inputs_of_the_gitlab_job_are_never_run(clone: Path, forge: ForgeHttp) -> None:
    job = Job(clone, forge)
    evil = "$(touch ran); `touch ran`; touch ran #"
    for name in ("path", "clusters", "key", "checks"):
        job.run({"path": "fleet dir", "checks": "diff", name: evil})
        assert not (clone / "ran").exists()
    script = "\n".join(gitlab_job({})["script"] + gitlab_job({})["before_script"])
    assert "$[[" not in script
