"""What other processes do for this one, and what is left of them."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from armada_render.errors import SourceError
from armada_render.output.forked import children, forked
from tests.support.waiting import until

_PARENT = """
import os, time
from armada_render.output.forked import forked

def work():
    print(os.getpid(), flush=True)
    return b"x" * 1_000_000  # more than a pipe holds

forked(work)
time.sleep(60)
"""


def test_answers_come_in_the_order_of_the_works() -> None:
    with children([lambda: b"x" * 1_000_000, lambda: b"two"]) as answers:
        assert [answer() for answer in answers] == [b"x" * 1_000_000, b"two"]


def test_what_the_system_refuses_to_a_child_it_refuses_to_us() -> None:
    def full() -> bytes:
        raise OSError(errno.ENOSPC, "whatever")

    with children([full]) as answers, pytest.raises(OSError, match="No space left") as caught:
        answers[0]()
    assert caught.value.errno == errno.ENOSPC


def _killed() -> bytes:
    os.kill(os.getpid(), signal.SIGKILL)
    return b""


def _interrupted() -> bytes:
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(60)
    return b""


@pytest.mark.parametrize("work", [_killed, _interrupted])
def test_a_child_that_dies_is_an_error(work: object, capfd: pytest.CaptureFixture[str]) -> None:
    assert callable(work)
    with pytest.raises(SourceError, match="a process of this run failed"):
        forked(work)()
    assert capfd.readouterr().err == ""


def test_no_child_outlives_the_context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []
    real = os.fork

    def noting() -> int:
        started.append(real())
        return started[-1]

    monkeypatch.setattr(os, "fork", noting)

    def never() -> bytes:
        time.sleep(60)
        (tmp_path / "late").touch()
        return b""

    before = set(Path("/proc/self/fd").iterdir())
    with pytest.raises(KeyboardInterrupt), children([never, never]):
        raise KeyboardInterrupt
    assert set(Path("/proc/self/fd").iterdir()) == before
    assert len(started) == 2
    for child in started:
        with pytest.raises(ChildProcessError):
            os.waitpid(child, os.WNOHANG)
    assert not (tmp_path / "late").exists()


def test_where_no_process_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    before = set(Path("/proc/self/fd").iterdir())
    monkeypatch.setattr(os, "fork", refuse)
    with pytest.raises(SourceError, match="no other process can be started"):
        forked(lambda: b"")
    assert set(Path("/proc/self/fd").iterdir()) == before


def _has_ended(process: int) -> bool:
    """Tell whether a process is gone, or a zombie that nobody has waited for."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up there")
def test_a_child_ends_when_its_parent_was_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert not _has_ended(child)
        parent.kill()
    until(lambda: _has_ended(child))
