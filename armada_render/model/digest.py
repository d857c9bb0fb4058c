"""SHA-256 without OpenSSL for as long as little is hashed.

Loading OpenSSL takes a small run longer than all it hashes; beyond half a megabyte, that it hashes
four times faster than Python's own code has made up for it.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Protocol

_LITTLE = 512 * 1024


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...

    def digest(self) -> bytes: ...


class _Hasher:
    def __init__(self) -> None:
        self._left = _LITTLE
        self._new: Callable[[], _Hash] | None = None

    def new(self, size: int) -> _Hash:
        """Return what hashes `size` bytes."""
        had = self._left
        self._left -= size
        if self._new is None or (had >= 0 > self._left):
            self._new = _openssl() if self._left < 0 or "_hashlib" in sys.modules else _own()
        return self._new()


_hasher = _Hasher()


def sha256(*parts: bytes) -> bytes:
    """Return the digest over all parts, one after the other."""
    found = _hasher.new(sum(map(len, parts)))
    for part in parts:
        found.update(part)
    return found.digest()


def _own() -> Callable[[], _Hash]:
    # Its name since Python 3.12, and before. Who builds Python may leave it out.
    for name in ("_sha2", "_sha256"):
        try:
            found: Callable[[], _Hash] = import_module(name).sha256
        except ImportError:
            continue
        return found
    return _openssl()


def _openssl() -> Callable[[], _Hash]:
    import hashlib  # noqa: PLC0415 - see above

    return hashlib.sha256
