"""Structured logs: one JSON object a line, and nothing secret in it by construction.

Fields are names, ids and our own words; texts of others come in through `one_line` or JSON's own
escapes, so that no line can be forged.
"""

import json
import threading
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import TextIO


class Level(StrEnum):
    """How much a line matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Log:
    """Writes lines; safe to share between threads."""

    def __init__(self, out: TextIO, now: Callable[[], datetime]) -> None:
        self._out = out
        self._now = now
        self._lock = threading.Lock()

    def info(self, event: str, **fields: object) -> None:
        """Say what happened."""
        self._write(Level.INFO, event, fields)

    def warning(self, event: str, **fields: object) -> None:
        """Say what may need a person."""
        self._write(Level.WARNING, event, fields)

    def error(self, event: str, **fields: object) -> None:
        """Say what failed."""
        self._write(Level.ERROR, event, fields)

    def _write(self, level: Level, event: str, fields: dict[str, object]) -> None:
        line = {
            "time": self._now().strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "level": str(level),
            "event": event,
            **{name: value for name, value in fields.items() if value not in (None, "", ())},
        }
        text = json.dumps(line, ensure_ascii=False, default=str) + "\n"
        with self._lock:
            try:
                self._out.write(text)
                self._out.flush()
            except (OSError, ValueError):
                # A full disk or a closed pipe must not stop a failover.
                return
