"""What Argo CD shows when nothing was printed: short, without absolute paths, always the same."""

import os
from collections.abc import Iterable
from types import TracebackType

from armada_render.errors import Problem, one_line

MOST_BYTES = 4096
_WHO = "armada-render: "
_ROOM = 80
"""Bytes kept for the line that says how many errors were left out."""


def text(problems: Iterable[Problem], folder: str) -> bytes:
    """Return what is wrong in files and lines, as much of it as Argo CD should store.

    `folder` is the working directory, which no message may show.
    """
    ordered = list(problems)
    out = b""
    for position, problem in enumerate(ordered):
        piece = _plain(("" if position else _WHO) + str(problem) + "\n", folder).encode()
        if len(out) + len(piece) > MOST_BYTES - _ROOM:
            out += b"" if out else _cut(piece)
            left = len(ordered) - max(position, 1)
            return out + (f"and {left} more: run armada-render render\n".encode() if left else b"")
        out += piece
    return out


def bug(error: BaseException) -> bytes:
    """Return a line on an error of ours; its text may hold what nobody should see."""
    place = _innermost(error.__traceback__)
    return (
        f"{_WHO}internal error {type(error).__name__}{place}; please report this as a bug\n"
    ).encode()


def _innermost(trace: TracebackType | None) -> str:
    place = ""
    while trace is not None:
        _, package, module = trace.tb_frame.f_code.co_filename.rpartition("armada_render/")
        if package:
            place = f" at {module}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def _plain(text: str, folder: str) -> str:
    """Return `text` without control characters and without paths of this machine."""
    parent = os.path.dirname(folder)  # noqa: PTH120
    while len(folder) > 1 and len(parent) > 1:
        text = text.replace(folder + "/", "").replace(folder, ".")
        folder, parent = parent, os.path.dirname(parent)  # noqa: PTH120
    return "\n".join(one_line(line) for line in text.split("\n"))


def _cut(piece: bytes) -> bytes:
    kept = piece[: MOST_BYTES - _ROOM - 8].decode(errors="ignore")
    return f"{kept} ...\n".encode()
