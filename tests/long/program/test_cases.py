"""The golden cases once more, each by a program of its own.

A start leaves out modules that stay loaded in a process that runs tests (docs/decisions, start).
"""

import subprocess
import sys
from collections.abc import Sequence
from io import BytesIO, TextIOWrapper

import pytest

from tests import test_cases
from tests.test_cases import CASES, test_case

pytestmark = pytest.mark.long

__all__ = ["test_case"]


@pytest.fixture(autouse=True)
def _by_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_cases, "run", _run)
    monkeypatch.setenv("PYTHONPATH", str(CASES.parents[1]))


def _run(command: Sequence[str]) -> int:
    stdin = sys.stdin.buffer if isinstance(sys.stdin, TextIOWrapper) else BytesIO()
    given = stdin.read() if isinstance(stdin, BytesIO) else b""
    done = subprocess.run(
        [sys.executable, "-m", "armada_render", *command],
        input=given,
        capture_output=True,
        check=False,
    )
    sys.stdout.buffer.write(done.stdout)
    sys.stderr.buffer.write(done.stderr)
    sys.stderr.flush()
    return done.returncode
