"""`python -m armada_render`, and the `armada-render` program."""

import gc
import os
import sys
from typing import NoReturn

from armada_render import lean

_FEW_SWEEPS = 200_000
"""Objects between two searches for garbage in cycles: a run makes next to none, and a large fleet
spends an eighth of its time on looking."""


def main() -> NoReturn:
    """Run the command line, or Argo CD's plugin, and exit with its code."""
    gc.set_threshold(_FEW_SWEEPS)
    lean.find_own_modules()
    arguments = sys.argv[1:]
    if arguments[:1] == ["cmp"]:
        # Started for every Application and commit: the command tree is not loaded.
        lean.import_msgspec()
        from armada_render import cmp  # noqa: PLC0415

        _leave(cmp.main(arguments[1:]))
    lean.import_click()
    if any(not argument.startswith("-") for argument in arguments):
        lean.import_msgspec()
    from armada_render.cli import run  # noqa: PLC0415 - keeps `import armada_render.__main__` free

    _leave(run(arguments))


def _leave(code: int) -> NoReturn:
    """Exit at once where nobody waits for the end: the kernel is faster at freeing what we hold."""
    if _nothing_is_left_to_do():
        try:
            for stream in (sys.stdout, sys.stderr):
                if stream is not None:
                    stream.flush()
        except (OSError, ValueError):  # it is full, gone or closed
            sys.exit(code)  # it fails once more, and Python says so
        os._exit(code)
    sys.exit(code)


def _nothing_is_left_to_do() -> bool:
    if "atexit" in sys.modules:  # loaded by whoever registers something
        return False
    threading = sys.modules.get("threading")
    return threading is None or threading.active_count() == 1


if __name__ == "__main__":
    main()
