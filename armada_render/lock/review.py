"""What rendering has to say of the lock it was given: out of date, or missing. Pure."""

from collections.abc import Iterable, Sequence

from armada_render.errors import ExitCode, Problem
from armada_render.lock.change import Change
from armada_render.model.binding import ResourceBinding
from armada_render.model.placement import Strategy

_MOST_SHOWN = 5


def outdated(changes: Sequence[Change], path: str, *, has_lock: bool) -> Problem:
    """Return the problem of `--locked`: the lock does not say what was rendered."""
    if not has_lock:
        return Problem(
            message="--locked, but there is no lock",
            hint=f"write one with `armada-render lock {path}` and commit it",
            code=ExitCode.PLACEMENT,
        )
    return Problem(
        message="the lock is out of date:\n" + "\n".join(f"  {line}" for line in _some(changes)),
        hint=f"run `armada-render lock {path}` and commit what it writes",
        code=ExitCode.PLACEMENT,
    )


def note(changes: Sequence[Change], path: str) -> str:
    """Return a line for those who render without `--locked`."""
    first = changes[0]
    more = f" and {len(changes) - 1} more" if len(changes) > 1 else ""
    return (
        f"the lock is out of date ({first}{more}); `armada-render lock {path}` renews it, "
        "--locked refuses it"
    )


def missing(bindings: Iterable[ResourceBinding], path: str) -> tuple[Problem, ...]:
    """Return a warning when there is no lock, but placements that depend on the one before."""
    dependent = [str(binding.ref) for binding in bindings if _remembers(binding)]
    if not dependent:
        return ()
    shown = ", ".join(dependent[:3])
    more = f" and {len(dependent) - 3} more" if len(dependent) > 3 else ""
    return (
        Problem(
            message=f"where {shown}{more} should run depends on where it ran before, and there is "
            "no lock: a later change may move it without need",
            hint=f"keep the placement in Git with `armada-render lock {path}`; see docs/lock.md",
        ),
    )


def _remembers(binding: ResourceBinding) -> bool:
    """Tell whether the previous result takes part in the next (scheduling.md, worked examples)."""
    placement = binding.placement
    if placement is None:
        return False
    if len(placement.cluster_affinities) > 1:
        return True
    return binding.is_workload and placement.strategy in (
        Strategy.AGGREGATED,
        Strategy.DYNAMIC_WEIGHT,
    )


def _some(changes: Sequence[Change]) -> list[str]:
    lines = [str(change) for change in changes[:_MOST_SHOWN]]
    if len(changes) > _MOST_SHOWN:
        lines.append(f"and {len(changes) - _MOST_SHOWN} more")
    return lines
