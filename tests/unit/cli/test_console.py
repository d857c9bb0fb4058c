"""Messages to people: their order, what quiet keeps back, and what terminals must not get."""

import errno
import os
import sys

import pytest

from armada_render.cli.console import Console, is_terminal, printable, taken_by_stdout
from armada_render.errors import Problem, SourceError, SourceLocation

FIRST = Problem(message="first", location=SourceLocation("a.yaml", 2), hint="do\x1b[31m it")
SECOND = Problem(message="second", location=SourceLocation("a.yaml", 10))
NOWHERE = Problem(message="nowhere")


def test_problems_stand_in_the_order_of_files_and_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Console().problems([SECOND, FIRST, NOWHERE])
    assert capsys.readouterr() == (
        "",
        (
            "error: nowhere\n"
            "error: a.yaml:2: first\n  hint: do\\x1b[31m it\n"
            "error: a.yaml:10: second\n"
        ),
    )


def test_quiet_keeps_errors_and_the_product(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(quiet=True)
    console.problems([FIRST])
    console.warnings([SECOND])
    console.note("a note")
    console.detail("a detail")
    console.product("the product")
    out, err = capsys.readouterr()
    assert out == "the product\n"
    assert err == "error: a.yaml:2: first\n  hint: do\\x1b[31m it\n"


def test_details_are_for_verbose(capsys: pytest.CaptureFixture[str]) -> None:
    Console().detail("kept back")
    Console(verbose=True).detail("said")
    Console().note("a note")
    Console().warnings([NOWHERE])
    assert capsys.readouterr().err == "said\na note\nwarning: nowhere\n"


def test_line_breaks_stay_other_control_characters_show() -> None:
    assert printable("a\n  b\x07\r\u202e") == "a\n  b\\x07\\r\\u202e"


def test_a_closed_stream_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_terminal("stdout")
    monkeypatch.setattr(sys, "stderr", None)
    assert not is_terminal("stderr")


def test_standard_output_that_refuses_is_an_error_of_the_outside() -> None:
    def write(number: int) -> None:
        with taken_by_stdout():
            raise OSError(number, os.strerror(number))

    with pytest.raises(SourceError, match="standard output cannot be written: No space left"):
        write(errno.ENOSPC)
    with pytest.raises(BrokenPipeError):
        write(errno.EPIPE)


def test_options_behind_a_command_adjust_what_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console()
    console.adjust("verbose")
    console.details(["one\x07", "two"])
    console.adjust("no_color")
    console.adjust("quiet")
    console.note("kept back")
    assert capsys.readouterr().err == "one\\x07\ntwo\n"
    Console().details(["kept back"])
    assert capsys.readouterr().err == ""
