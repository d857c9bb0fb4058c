"""Work in a child process, whose answer comes back through a pipe."""

import os
from collections.abc import Callable

from armada_render.errors import SourceError


def forked(work: Callable[[], bytes]) -> Callable[[], bytes]:
    """Start `work` in a copy of this process; return what waits for its answer.

    The copy shares memory until one of the two writes into it. The answer raises `SourceError`
    when the child did not end well; `work` must leave no trace but its answer and its files.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _run(work, writer)
    os.close(writer)

    def answer() -> bytes:
        with os.fdopen(reader, "rb") as pipe:
            data = pipe.read()
        _, status = os.waitpid(child, 0)
        if status:
            raise SourceError(f"a process of this run failed (status {status})")
        return data

    return answer


def _run(work: Callable[[], bytes], writer: int) -> None:
    """End the child without any of the parent's clearing up."""
    code = 1
    try:
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(work())
        code = 0
    except BaseException:  # noqa: BLE001 - a bug is told here, or nowhere
        import traceback  # noqa: PLC0415 - only for bugs

        traceback.print_exc()
    finally:
        os._exit(code)
