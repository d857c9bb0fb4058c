"""The process: starts what looks, makes rounds, and stops within seconds when it is told to."""

import os
import signal
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from armada_render.controller.access import connect, members
from armada_render.controller.events import Log
from armada_render.controller.gitcommand import GitError
from armada_render.controller.kube import KubeError
from armada_render.controller.lease import Leadership
from armada_render.controller.metrics import CONTENT_TYPE, Metrics
from armada_render.controller.probe import Prober
from armada_render.controller.repository import Clone
from armada_render.controller.round import Leader, Rounds, SilenceError, Sources
from armada_render.controller.server import Answer, Server, health
from armada_render.controller.settings import Settings
from armada_render.controller.watch import ApplicationWatch, backoff
from armada_render.errors import ArmadaError

_LAST_RESORT = 4.0
"""Seconds after SIGTERM when the process ends whatever it does: every moment is a safe one."""
_STUCK = 300.0


def utc_now() -> datetime:
    """Return the time of day."""
    return datetime.now(UTC)  # noqa: TID251 - this is an edge


class Controller:
    """Everything that runs, from `start` to `stop`."""

    def __init__(
        self,
        settings: Settings,
        environment: Mapping[str, str],
        out: TextIO,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._settings = settings
        self._now = now
        self._log = Log(out, now)
        self._metrics = Metrics()
        self._stop = threading.Event()
        self._changed = threading.Event()
        self._stack = ExitStack()
        self._beat = time.monotonic()
        access = settings.access
        kube = connect(access)
        self._watch = ApplicationWatch(
            kube,
            access.argocd_namespace,
            self._changed.set,
            selector=access.selector,
            on_event=self._heard,
        )
        self._prober = Prober(
            members(access, kube), now, settings.probe_interval, self._changed.set,
            self._not_probed,
        )  # fmt: skip
        self._leadership = Leadership(
            kube,
            namespace=access.lease_namespace,
            name=access.lease_name,
            identity=settings.identity,
            now=now,
            times=settings.lease_times,
            on_change=self._led,
        )
        clone = Clone(self._folder(), settings.remote, environment, self._stop.is_set)
        sources = Sources(self._watch.snapshot, self._prober.looks, self._leader, now)
        self._rounds = Rounds(settings, clone, sources, self._log, self._metrics)
        self.server = Server(settings.address, settings.port, self._pages())

    def _folder(self) -> Path:
        if self._settings.state_folder != Path():
            return self._settings.state_folder
        return Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="armada-")))

    def run(self) -> None:
        """Make rounds until `stop` is called."""
        with self._stack:
            self._start()
            failures = 0
            while not self._stop.is_set():
                self._changed.clear()
                began = time.monotonic()
                wake, outcome = self._round()
                failures = 0 if outcome in {"ok", "waiting"} else failures + 1
                self._metrics.rounds.labels(outcome).inc()
                self._beat = time.monotonic()
                self._wait(wake, failures, began)
            self._log.info("stopping")

    def stop(self) -> None:
        """End after the round that is under way; git is not waited for."""
        self._stop.set()
        self._changed.set()

    def _start(self) -> None:
        settings = self._settings
        self._metrics.dry_run.set(settings.dry_run)
        self._log.info(
            "starting",
            identity=settings.identity,
            mode=str(settings.mode),
            dryRun=settings.dry_run,
            branch=settings.remote.branch,
            path=settings.root,
        )
        self.server.start()
        self._stack.callback(self.server.stop)
        self._watch.start()
        self._stack.callback(self._watch.stop)
        self._prober.start()
        self._stack.callback(self._prober.stop)
        if settings.leader_election and not settings.dry_run:
            self._leadership.start()
            self._stack.callback(self._leadership.stop)

    def _round(self) -> tuple[datetime | None, str]:
        with self._metrics.round_seconds.time():
            try:
                wake = self._rounds.once()
            except SilenceError as silence:
                self._log.info("waiting", reason=str(silence))
                return None, "waiting"
            except GitError as error:
                self._metrics.git_errors.inc()
                self._log.warning("git", message=str(error))
                return None, "git-error"
            except (KubeError, ArmadaError) as error:
                self._log.warning("error", message=str(error))
                return None, "error"
            except Exception as error:  # noqa: BLE001 - a bug must not end what guards the fleet
                # Its text could hold anything; its place says enough.
                number = error.errno if isinstance(error, OSError) else None
                self._log.error(
                    "bug", type=type(error).__name__, errno=number, trace=_places(error)
                )
                return None, "bug"
        self._metrics.last_round.set(time.time())
        return wake, "ok"

    def _wait(self, wake: datetime | None, failures: int, began: float) -> None:
        settings = self._settings
        if failures:
            self._stop.wait(backoff(failures, settings.least_interval, 60.0))
            return
        seconds = settings.interval
        if wake is not None:
            seconds = min(seconds, max(0.0, (wake - self._now()).total_seconds()))
        self._changed.wait(seconds)
        rest = began + settings.least_interval - time.monotonic()
        if rest > 0:
            self._stop.wait(rest)

    def _leader(self) -> Leader:
        if not self._settings.leader_election:
            return Leader(leads=True, generation=0)
        return Leader(self._leadership.is_leader, self._leadership.generation)

    def _led(self, leads: bool, generation: int) -> None:  # noqa: FBT001 - a callback
        self._metrics.leader.set(leads)
        self._log.info("leader" if leads else "follower", generation=generation,
                       holder=self._leadership.holder)  # fmt: skip
        self._changed.set()

    def _heard(self, kind: str) -> None:
        self._metrics.watch_events.labels(kind).inc()
        if kind != "error":
            self._metrics.watch_age.set(time.time())
        else:
            self._log.warning("watch", message=self._watch.snapshot().error)

    def _not_probed(self, error: KubeError) -> None:
        self._metrics.probe_errors.inc()
        self._log.warning("members", message=str(error))

    def _pages(self) -> dict[str, Callable[[], Answer]]:
        return {
            "/metrics": lambda: (200, CONTENT_TYPE, self._metrics.page()),
            "/healthz": health(self._stuck),
            "/readyz": health(self._unready),
        }

    def _stuck(self) -> str:
        silent = time.monotonic() - self._beat
        return f"no round ended for {silent:.0f} s" if silent > _STUCK else ""

    def _unready(self) -> str:
        snapshot = self._watch.snapshot()
        if snapshot.heard_at is None:
            return f"Applications are not known: {snapshot.error}"
        return "" if self._rounds.head.is_known else "the Git repository was not read yet"


def run(settings: Settings, environment: Mapping[str, str], out: TextIO) -> None:
    """Run until SIGTERM or SIGINT."""
    controller = Controller(settings, environment, out)

    def on_signal(number: int, frame: object) -> None:
        del number, frame
        # Not from in here: the thread that was interrupted may hold what `stop` needs.
        threading.Thread(target=controller.stop, daemon=True).start()
        last_resort = threading.Timer(_LAST_RESORT, os._exit, (0,))
        last_resort.daemon = True
        last_resort.start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    controller.run()


def _places(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
