"""Waiting for what other threads and processes do."""

import time
from collections.abc import Callable

import pytest

PATIENCE = 60.0


def until(look: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Return as soon as `look` says something true; fail if it never does."""
    deadline = time.monotonic() + seconds
    while not look():
        if time.monotonic() > deadline:
            pytest.fail("what was waited for did not happen")
        time.sleep(0.01)
