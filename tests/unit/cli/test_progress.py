"""A progress line on terminals, after a second, that leaves nothing behind."""

import io
import sys
import time
from pathlib import Path

import pytest

from armada_render.cli.progress import Progress
from tests.support.terminal import run_on_terminal


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class _Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> _Clock:
    clock = _Clock()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


def _terminal(monkeypatch: pytest.MonkeyPatch) -> _Terminal:
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    return terminal


def test_nothing_is_drawn_within_a_second(clock: _Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = _terminal(monkeypatch)
    with Progress(enabled=True) as progress:
        clock.now = 0.9
        progress.step("files read")
    assert terminal.getvalue() == ""


def test_the_line_is_drawn_ten_times_a_second_and_cleared(
    clock: _Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = _terminal(monkeypatch)
    with Progress(enabled=True) as progress:
        for clock.now in (0.5, 1.0, 1.05, 1.2):
            progress.step("files read")
    assert terminal.getvalue() == "\r\x1b[2K2 files read\r\x1b[2K4 files read\r\x1b[2K"


def test_the_next_stage_counts_from_the_start(
    clock: _Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = _terminal(monkeypatch)
    progress = Progress(enabled=True)
    clock.now = 2
    progress.step("files read")
    progress.clear()
    progress.clear()
    clock.now = 3
    progress.step("files written")
    assert terminal.getvalue() == "\r\x1b[2K1 files read\r\x1b[2K\r\x1b[2K1 files written"


def test_quiet_runs_and_pipes_draw_nothing(clock: _Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = _terminal(monkeypatch)
    quiet = Progress(enabled=False)
    pipe = io.StringIO()
    monkeypatch.setattr(sys, "stderr", pipe)
    piped = Progress(enabled=True)
    clock.now = 2
    quiet.step("files read")
    piped.step("files read")
    assert (terminal.getvalue(), pipe.getvalue()) == ("", "")


def test_a_slow_run_shows_what_it_did_and_takes_it_away(fleet: Path) -> None:
    said = run_on_terminal(["render", "-"], fleet.parent, stdin=b"a: [", seconds_before_stdin=4)
    assert said.code == 3
    assert said.stderr.startswith("\r\x1b[2K1 files read\r\x1b[2K\x1b[31m\x1b[1merror:")
