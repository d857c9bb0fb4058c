"""What `make demo` and `make test` say on machines that lack something."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """Return the root of a copy that knows only the tools in its own `bin`."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "bin").mkdir()
    shutil.copy(ROOT / "scripts" / "setup.sh", tmp_path / "scripts")
    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    for tool in ("sh", "dirname", "find", "rm", "touch"):
        path = shutil.which(tool)
        assert path is not None
        (tmp_path / "bin" / tool).symlink_to(path)
    return tmp_path


def _python(machine: Path, *, version: str, has_venv: bool) -> None:
    """Put a `python3` there that answers what the script asks of it."""
    is_new = "0" if version >= "3.11" else "1"
    script = f"""#!/bin/sh
case "$2" in
  *platform*) echo {version} ;;
  *ensurepip*) exit {0 if has_venv else 1} ;;
  *version_info*) exit {is_new} ;;
esac
"""
    path = machine / "bin" / "python3"
    path.write_text(script)
    path.chmod(0o755)


def _setup(machine: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [shutil.which("sh") or "/bin/sh", str(machine / "scripts" / "setup.sh"), "demo"],
        env={"PATH": str(machine / "bin"), "HOME": os.devnull},
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_old_python_gets_a_sentence(machine: Path) -> None:
    _python(machine, version="3.10.4", has_venv=True)

    done = _setup(machine)

    assert done.returncode == 1
    assert "Python 3.11 or newer is needed, found: 3.10.4" in done.stderr


def test_no_python_at_all_gets_a_sentence(machine: Path) -> None:
    done = _setup(machine)

    assert done.returncode == 1
    assert "Python 3.11 or newer is needed, found: none" in done.stderr


def test_a_missing_venv_module_gets_a_sentence(machine: Path) -> None:
    _python(machine, version="3.11.2", has_venv=False)

    done = _setup(machine)

    assert done.returncode == 1
    assert "apt-get install python3-venv" in done.stderr
    assert not (machine / ".venv").exists()


def test_what_is_installed_already_is_not_installed_again(machine: Path) -> None:
    (machine / ".venv").mkdir()
    (machine / ".venv" / ".installed-dev").touch()

    done = _setup(machine)

    assert (done.returncode, done.stderr) == (0, "")
