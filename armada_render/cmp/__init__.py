"""The Argo CD plugin: environment in, objects on standard output, or nothing and the reason why.

An edge of its own beside the command line, which it does not load: a sidecar starts it for every
Application and every commit.
"""

import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Self

from armada_render.cmp import report
from armada_render.cmp.application import answer
from armada_render.cmp.place import find, refuse_tampering
from armada_render.cmp.request import Request, Settings, read
from armada_render.cmp.slots import slot
from armada_render.errors import ArmadaError, ExitCode, worst

_USAGE = """\
Usage: armada-render cmp generate

Print what one Argo CD Application gets. Runs in the folder of the Application; the cluster comes
from the parameter `cluster` in ARGOCD_APP_PARAMETERS. See docs/argocd-plugin.md.
"""


def main(arguments: Sequence[str]) -> int:
    """Run the plugin and return its exit code."""
    if list(arguments) != ["generate"]:
        is_help = list(arguments) in (["-h"], ["--help"], ["generate", "--help"])
        (sys.stdout if is_help else sys.stderr).write(_USAGE)
        return ExitCode.OK if is_help else ExitCode.USAGE
    out = _private_stdout()
    # Not getcwd in messages, only to take paths of this machine out of them.
    folder = os.getcwd()  # noqa: PTH109
    try:
        request, settings = read(os.environ)  # noqa: TID251 - this is an edge
        with _Limit(settings.timeout) as limit:
            _write(out, _generate(folder, request, settings, limit))
    except ArmadaError as error:
        _complain(report.text(error.problems, folder))
        return worst(problem.code for problem in error.problems)
    except OSError as error:
        _complain(f"armada-render: input or output failed: {error.strerror}\n".encode())
        return ExitCode.SOURCE
    except Exception as error:  # noqa: BLE001 - bugs surface here
        _complain(report.bug(error))
        return ExitCode.BUG
    return ExitCode.OK


def _generate(folder: str, request: Request, settings: Settings, limit: "_Limit") -> bytes:
    refuse_tampering(folder)
    with slot(settings.scratch, settings.slots):
        limit.is_waiting = False
        place = find(folder, request)
        return answer(request, settings, place)


class _Limit:
    """Ends the process when its time is up: Argo CD's own limit says nothing to anybody.

    What is done in time is not ended: a process that goes has no handler for the alarm any more.
    """

    def __init__(self, seconds: float) -> None:
        self.is_waiting = True
        self._seconds = seconds
        signal.signal(signal.SIGALRM, self._end)
        signal.setitimer(signal.ITIMER_REAL, seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        doing = "waiting for a free slot" if self.is_waiting else "rendering"
        _complain(
            f"armada-render: {doing} took longer than {self._seconds:g} s\n"
            "  hint: give the sidecar more CPU and slots, or raise "
            "ARMADA_RENDER_CMP_TIMEOUT\n".encode()
        )
        # Nothing is unwound: whatever took so long may not let go.
        os._exit(ExitCode.GUARD)


def _private_stdout() -> int:
    """Return a descriptor of standard output that only we know; all else goes to standard error."""
    out = os.dup(1)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return out


def _write(out: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(out, rest) :]
    os.close(out)


def _complain(text: bytes) -> None:
    os.write(2, text)
