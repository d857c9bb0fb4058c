"""A virtual environment with what users have: the runtime dependencies, and nothing for tests.

Imports differ with what is installed: msgspec loads `typing_extensions` where it finds it.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def python() -> str:
    """Return the interpreter of the environment, which is made once and kept outside the tree."""
    wanted = hashlib.sha256(sys.version.encode())
    for name in ("pyproject.toml", "constraints.txt"):
        wanted.update((ROOT / name).read_bytes())
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = base / "armada-render-tests" / f"plain-{wanted.hexdigest()[:16]}"
    interpreter = folder / "bin" / "python"
    if not (folder / ".made").exists():
        _run(sys.executable, "-m", "venv", "--clear", str(folder))
        pip = (str(interpreter), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        _run(*pip, "--constraint", str(ROOT / "constraints.txt"), str(ROOT))
        _run(*pip[:2], "pip", "uninstall", "--quiet", "--yes", "armada-render")
        (folder / ".made").touch()
    return str(interpreter)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, timeout=600)
