"""A progress line for work that takes longer than a second, on terminals only."""

import sys
import time
from typing import Self

from armada_render.cli.console import is_terminal

_PATIENCE_SECONDS = 1.0
_INTERVAL_SECONDS = 0.1


class Progress:
    """Counts what was done; draws over one line of standard error, and clears it at the end."""

    def __init__(self, *, enabled: bool) -> None:
        self._enabled = enabled and is_terminal("stderr")
        self._next = time.monotonic() + _PATIENCE_SECONDS
        self._count = 0
        self._drawn = False

    def step(self, what: str) -> None:
        """Count one more of `what` (`files read`, `files written`)."""
        self._count += 1
        if self._enabled and time.monotonic() >= self._next:
            self._next = time.monotonic() + _INTERVAL_SECONDS
            self._drawn = True
            sys.stderr.write(f"\r\x1b[2K{self._count} {what}")
            sys.stderr.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def clear(self) -> None:
        """Take the line away, and count from the start: what is said next has a line of its own."""
        self._count = 0
        if self._drawn:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()
            self._drawn = False
