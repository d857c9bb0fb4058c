r"""Lua source as it reaches the compiler: checked, and its escapes put into Lua 5.2's terms.

Scripts are written for gopher-lua, which has Lua 5.1's strings and 5.2's `goto`. Lua 5.2 refuses
escapes that 5.1 takes for the plain character (`"\d"`), and knows `\x` and `\z`, which 5.1 does
not.
"""

import re

MAX_SOURCE = 100_000
"""Bytes of one script. The compiler runs outside the budget and takes quadratic time on some."""

_TOKEN = re.compile(rb"--|\[(=*)\[|[\"']")
_LONG = re.compile(rb"\[(=*)\[")
_PLAIN = re.compile(rb"[^\"'\\\n]+")
_ESCAPE = re.compile(rb"\\(?:([abfnrtv\\\"'\n\r0-9])|(.))", re.DOTALL)


def problem(source: bytes) -> str:
    """Say why `source` must not reach the compiler; "" when it may."""
    if source.startswith(b"\x1b"):
        # Lua does not check precompiled code; a crafted chunk would own the process.
        return "precompiled Lua is not accepted: give the source"
    if len(source) > MAX_SOURCE:
        return f"the script has {len(source)} bytes, more than the {MAX_SOURCE} allowed"
    return ""


def portable(source: bytes) -> bytes:
    """Return `source` with the string escapes of Lua 5.1 written so that 5.2 reads them alike.

    Lines stay where they are. From a comment or string that is not closed on, nothing changes:
    the compiler reports it.
    """
    if b"\\" not in source:
        return source
    parts: list[bytes] = []
    done = at = 0
    while token := _TOKEN.search(source, at):
        start = token.start()
        if token[0] in (b'"', b"'"):
            at = _string_end(source, token.end(), token[0])
            if at > 0:
                parts += (source[done:start], _ESCAPE.sub(_escape, source[start:at]))
                done = at
        else:
            at = _skipped(source, start)
        if at < 0:
            break
    parts.append(source[done:])
    return b"".join(parts)


def _escape(escape: re.Match[bytes]) -> bytes:
    """Return an escape that both versions know as it is, of any other the character alone."""
    return escape[0] if escape[1] else escape[2]


def _skipped(source: bytes, start: int) -> int:
    """Return where the comment or long string at `start` ends, -1 if it does not."""
    is_comment = source.startswith(b"--", start)
    bracket = _LONG.match(source, start + 2 if is_comment else start)
    if bracket is None:
        return source.find(b"\n", start)
    end = source.find(b"]" + bracket[1] + b"]", bracket.end())
    return end if end < 0 else end + len(bracket[1]) + 2


def _string_end(source: bytes, at: int, quote: bytes) -> int:
    """Return where the string whose text starts at `at` ends, -1 if its line ends first."""
    while at < len(source):
        if plain := _PLAIN.match(source, at):
            at = plain.end()
            continue
        c = source[at : at + 1]
        if c == quote:
            return at + 1
        if c == b"\n":
            return -1
        at += 2 if c == b"\\" else 1
    return -1
