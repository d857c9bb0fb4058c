"""What would be done, and when, if everything stayed as it is seen now. Pure.

The controller remembers how long a state has lasted; here it begins now, so nothing is forecast
sooner than it would really come.
"""

from datetime import datetime, timedelta

from msgspec import Struct, structs

from armada_render.controller import change
from armada_render.controller.message import changes
from armada_render.errors import Problem
from armada_render.failover import Decision, Evidence, Limits, Memory, Reason
from armada_render.failover.decide import decide
from armada_render.load import MemorySource, Source, load
from armada_render.lock import Change
from armada_render.model.config import CONFIG_NAME
from armada_render.pipeline import RenderOptions

_MOST_STEPS = 50
_A_MOMENT = timedelta(seconds=1)


class Step(Struct, frozen=True, kw_only=True, eq=False):
    """What is decided at a moment: why, and how the lock changes."""

    at: datetime
    reasons: tuple[Reason, ...]
    changes: tuple[Change, ...]


class Forecast(Struct, frozen=True, kw_only=True, eq=False):
    """The steps within a horizon, and what restraint holds back at the end of it."""

    steps: tuple[Step, ...]
    held: tuple[Reason, ...]
    last: Decision


def forecast(  # noqa: PLR0913 - what a decision depends on, and how far to look
    source: Source,
    evidence: Evidence,
    *,
    now: datetime,
    horizon: timedelta,
    limits: Limits,
    options: RenderOptions,
) -> Forecast:
    """Decide again and again, each time on what the decision before would have written."""
    files = _contents(source)
    fleet, memory, at = load(MemorySource(files)).fleet, Memory(), now
    steps: list[Step] = []
    while True:
        decision = decide(fleet, _seen_at(evidence, at), at, memory, limits, options)
        memory = decision.memory
        written = change.files(fleet, decision, files.__getitem__)
        if written:
            steps.append(Step(at=at, reasons=decision.reasons, changes=changes(fleet, decision)))
            files = _with(files, written)
            fleet = load(MemorySource(files)).fleet
            at += _A_MOMENT
        elif decision.wake is not None:
            at = max(decision.wake, at + _A_MOMENT)
        else:
            break
        if at > now + horizon or len(steps) >= _MOST_STEPS:
            break
    return Forecast(steps=tuple(steps), held=decision.held, last=decision)


def _contents(source: Source) -> dict[str, bytes]:
    settings = source.config()
    loaded = load(source)
    problems: list[Problem] = []
    found = {file.path: file.data for file in source.files(loaded.config.ignore, problems)}
    return found if settings is None else {**found, CONFIG_NAME: settings.data}


def _with(files: dict[str, bytes], written: change.Files) -> dict[str, bytes]:
    after = {path: data for path, data in files.items() if path not in written}
    return after | {path: data for path, data in written.items() if data is not None}


def _seen_at(evidence: Evidence, at: datetime) -> Evidence:
    """Return the same evidence, as fresh at another moment as it was at the first."""
    return structs.replace(
        evidence,
        clusters={name: structs.replace(one, at=at) for name, one in evidence.clusters.items()},
        workloads={place: structs.replace(one, at=at) for place, one in evidence.workloads.items()},
    )
