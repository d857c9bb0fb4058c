"""Work in child processes, whose answers come back through pipes."""

import contextlib
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NoReturn

from armada_render.errors import ExitCode, Problem, SourceError

_Work = Callable[[], bytes]
_DONE, _REFUSED = b"+", b"-"


def forked(work: _Work) -> _Work:
    """Start `work` in a copy of this process; return what waits for its answer.

    The copy shares memory until one of the two writes into it. The answer raises what the system
    refused to the child (`OSError`), and `SourceError` when it did not end well otherwise. `work`
    must leave no trace but its answer and its files.
    """
    return _Child(work).answer


@contextlib.contextmanager
def children(works: Sequence[_Work]) -> Iterator[list[_Work]]:
    """Start each of `works` in a process of its own; none of them outlives the context."""
    started: list[_Child] = []
    try:
        started.extend(map(_Child, works))
        yield [child.answer for child in started]
    finally:
        for child in started:
            child.stop()


class _Child:
    """A copy of this process that does one thing."""

    def __init__(self, work: _Work) -> None:
        self._reader, writer = os.pipe()
        # An interrupt between the fork and the child's `try` would have it clear up for us.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._process = os.fork()
            if self._process == 0:
                # Or it would wait for itself to read, should its parent be killed.
                os.close(self._reader)
                _run(work, writer, mask)
        except OSError as error:
            os.close(self._reader)
            raise SourceError(
                Problem(
                    message=f"no other process can be started: {error.strerror}",
                    hint="allow more processes, or leave --jobs away",
                    code=ExitCode.SOURCE,
                )
            ) from error
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            os.close(writer)

    def answer(self) -> bytes:
        """Wait for the end, and return what came of it."""
        reader, self._reader = self._reader, -1
        with os.fdopen(reader, "rb") as pipe:
            data = pipe.read()
        _, status = os.waitpid(self._process, 0)
        self._process = 0
        if data[:1] == _REFUSED:
            number = int(data[1:])
            raise OSError(number, os.strerror(number))
        if status or data[:1] != _DONE:
            raise SourceError(f"a process of this run failed (status {status})")
        return data[1:]

    def stop(self) -> None:
        """End it, if nobody has waited for its end: whatever it would write is not wanted."""
        if self._reader >= 0:
            os.close(self._reader)
        if self._process:
            os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)


def _run(work: _Work, writer: int, mask: Iterable[int]) -> NoReturn:
    """End the child without any of the parent's clearing up."""
    code = int(ExitCode.BUG)
    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        with os.fdopen(writer, "wb") as pipe:
            try:
                data = _DONE + work()
            except OSError as error:
                data = _REFUSED + str(error.errno or 0).encode()
            pipe.write(data)
        code = 0
    except (KeyboardInterrupt, BrokenPipeError):
        code = int(ExitCode.INTERRUPTED)
    except BaseException:  # noqa: BLE001 - a bug is told here, or nowhere
        import traceback  # noqa: PLC0415 - only for bugs

        traceback.print_exc()
    finally:
        os._exit(code)
