"""Change single lines of `index.json`, which may have a hundred thousand, without parsing it. Pure.

The index is written by `emit.index`: one file a line, sorted by path.
"""

from collections.abc import Iterable, Mapping

import msgspec

_DIGEST = 64
_INPUTS = b'\n "inputs": "sha256:'


def digests(index: bytes, paths: Iterable[str]) -> dict[str, str] | None:
    """Return the digests of `paths`, which must be sorted; None when one has no line."""
    found: dict[str, str] = {}
    at, end = 0, index.rfind(_INPUTS)
    for path in paths:
        start = _find(index, path, at, end)
        if start < 0:
            return None
        found[path] = index[start : start + _DIGEST].decode()
        at = start
    return found


def changed(index: bytes, files: Mapping[str, str], inputs: str) -> bytes | None:
    """Return the index with other digests of `files` and of all inputs; None if it has no line."""
    parts: list[bytes] = []
    at, end = 0, index.rfind(_INPUTS)
    if end < 0:
        return None
    for path, digest in sorted(files.items()):
        start = _find(index, path, at, end)
        if start < 0:
            return None
        parts += (index[at:start], digest.encode())
        at = start + _DIGEST
    start = end + len(_INPUTS)
    return b"".join((*parts, index[at:start], inputs.encode(), index[start + _DIGEST :]))


def count(index: bytes) -> int:
    """Return how many files the index lists."""
    return index.count(b"\n  ", 0, index.rfind(_INPUTS))


def _find(index: bytes, path: str, at: int, end: int) -> int:
    """Return where the digest of `path` begins, -1 when it has no line between `at` and `end`."""
    line = b"\n  " + msgspec.json.encode(path) + b': "'
    start = index.find(line, at, end)
    return start if start < 0 else start + len(line)
