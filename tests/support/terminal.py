"""Run the program with real terminals on its standard streams."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent.parent


class Said(NamedTuple):
    """What came out of the program."""

    code: int
    stdout: str
    stderr: str


def run_on_terminal(
    arguments: Sequence[str],
    cwd: Path,
    *,
    columns: int = 80,
    is_stdout_terminal: bool = True,
    environment: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    seconds_before_stdin: float = 0,
) -> Said:
    """Run the program with a terminal as standard error, and as standard output if asked for."""
    drop = ("NO_COLOR", "COLUMNS", "FORCE_COLOR")
    inherited = {key: value for key, value in os.environ.items() if key not in drop}
    out = _terminal(columns) if is_stdout_terminal else os.pipe()
    err = _terminal(columns)
    process = subprocess.Popen(
        [sys.executable, "-m", "armada_render", *arguments],
        cwd=cwd,
        stdin=subprocess.PIPE,
        stdout=out[1],
        stderr=err[1],
        env={**inherited, "PYTHONPATH": str(ROOT), "TERM": "xterm", **(environment or {})},
    )
    os.close(out[1])
    os.close(err[1])
    time.sleep(seconds_before_stdin)
    assert process.stdin is not None
    process.stdin.write(stdin)
    process.stdin.close()
    texts = _read((out[0], err[0]))
    return Said(process.wait(timeout=30), *texts)


def _terminal(columns: int) -> tuple[int, int]:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    return ours, theirs


def _read(descriptors: tuple[int, int]) -> list[str]:
    found = dict.fromkeys(descriptors, b"")
    left = set(descriptors)
    while left:
        for descriptor in select.select(left, (), ())[0]:
            try:
                data = os.read(descriptor, 65536)
            except OSError:
                data = b""  # the other end of a terminal is gone
            found[descriptor] += data
            if not data:
                os.close(descriptor)
                left.remove(descriptor)
    return [found[item].decode().replace("\r\n", "\n") for item in descriptors]
