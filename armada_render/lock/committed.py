"""The lock of the last commit, for those who deleted it: what runs is what was committed."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from armada_render.load import MemorySource, load
from armada_render.load.lockfile import LOCK
from armada_render.lock.state import States

_SECONDS = 30


def committed(root: str, environment: Mapping[str, str]) -> States:
    """Return what the lock of HEAD says; nothing outside of Git, or when it holds no lock.

    `environment` is that of the process; what a Git hook adds to it is left out, for it would name
    another folder than `root`.
    """
    plain = {name: value for name, value in environment.items() if not name.startswith("GIT_")}
    try:
        names = _git(root, plain, "ls-tree", "-r", "-z", "--name-only", "HEAD", "--", LOCK)
        paths = [path for path in names.decode().split("\0") if path and "\n" not in path]
        asked = "".join(f"HEAD:./{path}\n" for path in paths).encode()
        answer = _git(root, plain, "cat-file", "--batch", given=asked) if paths else b""
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return {}
    return load(
        MemorySource(dict(zip(paths, _blobs(answer), strict=False)))
    ).fleet.previous_bindings


def _git(root: str, environment: Mapping[str, str], *arguments: str, given: bytes = b"") -> bytes:
    command = ["git", "-C", str(Path(root).resolve()), *arguments]
    done = subprocess.run(  # noqa: S603 - no shell, and nothing in it comes from the repository
        command, input=given, env=environment, capture_output=True, check=True, timeout=_SECONDS
    )
    return done.stdout


def _blobs(answer: bytes) -> list[bytes]:
    """Split what `cat-file --batch` prints: `<id> blob <size>`, the content, and a newline."""
    found = []
    while answer:
        head, _, answer = answer.partition(b"\n")
        size = int(head.rsplit(b" ", 1)[1])
        found.append(answer[:size])
        answer = answer[size + 1 :]
    return found
