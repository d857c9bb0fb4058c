"""The lock as people meet it: the real command, and a real Git that merges its files."""

import shutil
import subprocess
from pathlib import Path

import pytest

from armada_render.cli import run
from armada_render.errors import ExitCode

EXAMPLES = Path(__file__).parent.parent / "examples"
FLEET = EXAMPLES / "app-manifests"


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    root = tmp_path / "fleet"
    shutil.copytree(FLEET, root, ignore=shutil.ignore_patterns(".armada"))
    return root


def _state(root: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in sorted(root.rglob("*"))
    }


def _scale(root: Path, app: str, replicas: int) -> None:
    file = root / app / "deployment.yaml"
    text = file.read_text()
    (line,) = [line for line in text.splitlines() if line.strip().startswith("replicas:")]
    file.write_text(text.replace(line, f"  replicas: {replicas}"))


def test_a_second_lock_touches_no_file(fleet: Path) -> None:
    assert run(["lock", str(fleet)]) == ExitCode.OK
    before = _state(fleet)
    assert run(["lock", str(fleet)]) == ExitCode.OK
    assert run(["lock", "--check", str(fleet)]) == ExitCode.OK
    assert run(["lock", "--fresh", str(fleet)]) == ExitCode.OK
    assert _state(fleet) == before


def test_render_accepts_a_lock_until_something_changes(fleet: Path) -> None:
    run(["lock", str(fleet)])
    assert run(["render", "--locked", "-o", "table", str(fleet)]) == ExitCode.OK
    _scale(fleet, "nginx", 17)
    assert run(["render", "--locked", "-o", "table", str(fleet)]) == ExitCode.PLACEMENT
    assert run(["lock", "--check", str(fleet)]) == ExitCode.FOUND
    run(["lock", str(fleet)])
    assert run(["render", "--locked", "-o", "table", str(fleet)]) == ExitCode.OK


def test_an_object_that_left_takes_its_binding_with_it(fleet: Path) -> None:
    run(["lock", str(fleet)])
    file = fleet / ".armada/bindings/default/nginx-deployment.yaml"
    assert file.exists()
    (fleet / "nginx/deployment.yaml").unlink()
    assert run(["lock", str(fleet)]) == ExitCode.OK
    assert not file.exists()


def test_deleting_the_lock_derives_it_anew(fleet: Path) -> None:
    run(["lock", str(fleet)])
    before = {path: data for path, (_, data) in _state(fleet).items()}
    shutil.rmtree(fleet / ".armada")
    assert run(["lock", str(fleet)]) == ExitCode.OK
    assert {path: data for path, (_, data) in _state(fleet).items()} == before


def test_an_unschedulable_workload_leaves_the_lock_alone(fleet: Path) -> None:
    run(["lock", str(fleet)])
    (fleet / "nginx/propagationpolicy.yaml").write_text(
        (fleet / "nginx/propagationpolicy.yaml").read_text().replace("pegasus-2", "nowhere")
    )
    _scale(fleet, "redis", 17)
    before = _state(fleet / ".armada")
    assert run(["lock", str(fleet)]) == ExitCode.PLACEMENT
    assert _state(fleet / ".armada") == before


def test_verbose_lists_what_stays(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["lock", str(fleet)])
    policy = fleet / "redis/propagationpolicy.yaml"
    text = policy.read_text()
    policy.write_text(
        text.replace("  placement:\n", "  placement:\n    clusterTolerations: [{key: a}]\n")
    )
    capsys.readouterr()
    assert run(["-v", "lock", str(fleet)]) == ExitCode.OK
    out, err = capsys.readouterr()
    assert out == ""
    assert "Deployment/redis (default): stays where it is under another placement" in err


def test_a_deleted_lock_is_compared_with_the_committed_one(
    fleet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["lock", str(fleet)])
    _git(fleet.parent, "init", "-q", "-b", "main", ".")
    _git(fleet.parent, "add", "-A")
    _git(fleet.parent, "commit", "-qm", "all")
    shutil.rmtree(fleet / ".armada")
    _scale(fleet, "redis", 5)
    capsys.readouterr()
    assert run(["lock", str(fleet)]) == ExitCode.OK
    out, err = capsys.readouterr()
    assert out == "Deployment/redis (default): pegasus 4 -> 5\n"
    assert err.startswith("8 deleted from the lock: compared with the last commit\n")


def test_many_new_bindings_are_counted(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    service = (fleet / "nginx/deployment.yaml").read_text()
    for index in range(25):
        text = service.replace("name: nginx", f"name: nginx-{index}", 1)
        (fleet / f"nginx/{index}.yaml").write_text(text)
    policy = fleet / "nginx/propagationpolicy.yaml"
    policy.write_text(policy.read_text().replace("      name: nginx\n", ""))
    assert run(["lock", str(fleet)]) == ExitCode.OK
    out = capsys.readouterr().out.splitlines()
    assert len(out) == 21
    assert out[-1].endswith(" more that are new")
    shutil.rmtree(fleet / ".armada")
    run(["-v", "lock", str(fleet)])
    assert len(capsys.readouterr().out.splitlines()) > 30


def _git(root: Path, *arguments: str) -> None:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "GIT_CONFIG_NOSYSTEM": "1"}
    environment |= {"HOME": str(root), "GIT_CONFIG_GLOBAL": "/dev/null"}
    subprocess.run(
        ["git", *who, *arguments], cwd=root, env=environment, check=True, capture_output=True
    )


def test_two_branches_that_lock_different_workloads_merge(fleet: Path) -> None:
    run(["lock", str(fleet)])
    _git(fleet, "init", "-q", "-b", "main", ".")
    _git(fleet, "add", "-A")
    _git(fleet, "commit", "-qm", "all")
    for app in ("nginx", "redis"):
        _git(fleet, "checkout", "-q", "-b", app, "main")
        _scale(fleet, app, 17)
        run(["lock", str(fleet)])
        _git(fleet, "commit", "-qam", app)
    _git(fleet, "merge", "-q", "--no-edit", "nginx")
    assert run(["lock", "--check", str(fleet)]) == ExitCode.OK
    assert run(["render", "--locked", "-o", "table", str(fleet)]) == ExitCode.OK
