"""What the program is, so that an entry of another version is never met."""

import os
import sys
from collections.abc import Iterator

import msgspec

from armada_render.model.digest import sha256
from armada_render.version import KARMADA_VERSION, __version__


def fingerprint() -> bytes:
    """Return a digest of the versions, and of the size and time of every file of the package.

    The version alone would do for whoever installs releases, not for whoever works on the program.
    """
    lines = [
        f"{part}\n" for part in (__version__, KARMADA_VERSION, sys.version, msgspec.__version__)
    ]
    # The compiled YAML parser is the one part of others that decides what a text means.
    compiled = getattr(sys.modules.get("yaml._yaml"), "__file__", None)
    folder = os.path.dirname(os.path.dirname(__file__))  # noqa: PTH120
    lines += sorted((*_files(folder), *([_line(compiled, compiled)] if compiled else ())))
    return sha256("".join(lines).encode())


def _files(folder: str, prefix: str = "") -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith((".py", ".lua")):
                yield _line(entry.path, prefix + entry.name)
            elif entry.name != "__pycache__" and entry.is_dir():
                yield from _files(entry.path, f"{prefix}{entry.name}/")


def _line(path: str, name: str) -> str:
    status = os.stat(path)  # noqa: PTH116
    return f"{name} {status.st_size} {status.st_mtime_ns}\n"
