"""Versions of Kubernetes, of which only the minor one matters here."""

import re

_MINOR = re.compile(r"v?1\.(\d{1,4})(?:\..*)?", re.ASCII | re.DOTALL)


def minor(version: str) -> int | None:
    """Return the minor version of a text such as v1.33.4 or 1.33, None when it is none."""
    match = _MINOR.fullmatch(version)
    return int(match[1]) if match else None
