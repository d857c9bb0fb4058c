r"""Escapes of Lua 5.1 in a compiler for 5.2."""

import time

import pytest

from armada_render.interpret.lua.source import MAX_SOURCE, portable, problem


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (rb'x = "\d\x41\z\." -- "\d"', rb'x = "dx41z." -- "\d"'),
        (rb"x = '\a\n\\d\'\"\065'", rb"x = '\a\n\\d\'\"\065'"),
        (rb"x = [[\d]] .. [==[ ]] \d ]==] .. '\d'", rb"x = [[\d]] .. [==[ ]] \d ]==] .. 'd'"),
        (b'--[[ "\\d\n]] x = "\\d"', b'--[[ "\\d\n]] x = "d"'),
        (b'--[ "\\d\nx = "\\d"', b'--[ "\\d\nx = "d"'),
        (b'x = "a\\\nb\\d"', b'x = "a\\\nbd"'),
        (b'x = "open\\d\ny = "\\d"', b'x = "open\\d\ny = "\\d"'),
        (b'x = [[ \\d\ny = "\\d"', b'x = [[ \\d\ny = "\\d"'),
        (b"a[b[1]] = c[d[2]]", b"a[b[1]] = c[d[2]]"),
    ],
)
def test_unknown_escapes_lose_their_backslash(script: bytes, expected: bytes) -> None:
    assert portable(script) == expected


@pytest.mark.parametrize("piece", [b"[[", b'"\\', b"[=", b"--[[", b"'\\d'", b'\\"'])
def test_hostile_text_takes_linear_time(piece: bytes) -> None:
    started = time.process_time()
    portable(b"\\" + piece * (MAX_SOURCE // len(piece)))
    assert time.process_time() - started < 1


def test_bytecode_and_huge_scripts_do_not_reach_the_compiler() -> None:
    assert "precompiled" in problem(b"\x1bLua")
    assert "more than" in problem(b" " * (MAX_SOURCE + 1))
    assert problem(b" " * MAX_SOURCE) == ""
