"""The shell parts of CI are clean for shellcheck, and install what they say."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.integration.test_ci_scripts import gitlab_job

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[3]


def shellcheck(arguments: list[str], script: str) -> list[dict[str, object]]:
    program = shutil.which("shellcheck")
    if program is None:
        message = "no shellcheck: run tests/support/tools/60-shellcheck.sh"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    done = subprocess.run(
        [program, "--format=json", *arguments, "-"],
        input=script,
        capture_output=True,
        text=True,
        check=False,
    )
    found: list[dict[str, object]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "ci/github").iterdir()))
def test_scripts_of_the_action_are_clean(name: str) -> None:
    assert shellcheck([], (ROOT / "ci" / "github" / name).read_text()) == []


def test_the_script_of_the_gitlab_job_is_clean() -> None:
    job = gitlab_job({})
    script = "\n".join([*job["before_script"], *job["script"]])
    # Variables of the job and of GitLab are set outside.
    assert shellcheck(["--shell=bash", "--exclude=SC2154"], script) == []


def test_a_fault_is_found() -> None:
    assert shellcheck(["--shell=bash"], "rm $undefined/*\n")


def test_the_action_installs_the_program(tmp_path: Path) -> None:
    clone = tmp_path / "action"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    runner = tmp_path / "runner temp"
    runner.mkdir()
    environment = {
        **os.environ,
        "REVIEW_ACTION": str(clone),
        "REVIEW_EXTRAS": "",
        "RUNNER_TEMP": str(runner),
    }
    install = ["bash", str(clone / "ci" / "github" / "install.sh")]
    done = subprocess.run(install, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("armada-render ")
    environment["REVIEW_EXTRAS"] = "validate]; touch x"
    done = subprocess.run(install, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "extras are words and commas" in done.stdout
