"""One round: evidence in, the new lock, taints and frozen manifests out, with reasons. Pure.

The order is that of failover.md, one controller round: conditions, taints, evictions by taints and
by health, tasks, placement. The present stands still in a round, and the same input gives the same
decision, so a round can be done again on a newer head of the repository.
"""

from collections.abc import Mapping
from datetime import datetime

from msgspec import structs

from armada_render.errors import ExitCode
from armada_render.failover import freezing
from armada_render.failover.application import timers
from armada_render.failover.conditions import Look, looks
from armada_render.failover.decision import Cause, Decision, Reason
from armada_render.failover.due import Scene
from armada_render.failover.evidence import Evidence
from armada_render.failover.ground import Ground, ground, tainted
from armada_render.failover.limits import Limits
from armada_render.failover.memory import Memory
from armada_render.failover.notes import Notes
from armada_render.failover.restraint import Budget, mass_failure
from armada_render.failover.rounds import Round
from armada_render.failover.sight import Sight
from armada_render.failover.taints import NO_EXECUTE, after, in_order, managed, stamped
from armada_render.failover.words import taint_reasons
from armada_render.lock.state import States, stored
from armada_render.model.cluster import Taint
from armada_render.model.fleet import Fleet
from armada_render.pipeline import RenderOptions

Taints = Mapping[str, tuple[Taint, ...]]


def decide(  # noqa: PLR0913, PLR0917 - the seam: everything that a decision depends on
    fleet: Fleet,
    evidence: Evidence,
    now: datetime,
    memory: Memory,
    limits: Limits | None = None,
    options: RenderOptions | None = None,
) -> Decision:
    """Return what follows from `evidence` at `now`, which has a time zone.

    Never raises for what it is given: what is in doubt is left as it is, which `held` says.
    """
    sight = Sight(evidence=evidence, now=now, limits=limits or Limits())
    seen = looks(fleet.clusters, sight, memory.clusters)
    notes = Notes(look.wake for look in seen.values())
    memory = structs.replace(
        memory,
        clusters={name: look.memory for name, look in seen.items() if look.memory is not None},
        unhealthy=timers(fleet.propagation_policies, memory.unhealthy, sight),
    )
    refusal = _refusal(fleet, seen, sight.limits)
    if refusal is not None:
        notes.hold(refusal)
        return _unmoved(fleet, {}, notes, memory, now)
    taints = _taints(fleet, seen, now, notes)
    if not taints and _is_quiet(fleet, memory):
        return _unmoved(fleet, taints, notes, memory, now)
    found = ground(fleet, options or RenderOptions())
    refusal = _unreadable(found)
    if refusal is not None:
        notes = Notes()
        notes.hold(refusal)
        return _unmoved(fleet, {}, notes, memory, now)
    return _moved(fleet, found, taints, notes, _scene(fleet, taints, seen, sight, memory), memory)


def _refusal(fleet: Fleet, seen: Mapping[str, Look], limits: Limits) -> Reason | None:
    """Return why nothing may be done, whatever is found."""
    if fleet.freeze is None:
        return mass_failure(fleet.clusters, seen, limits)
    why = f" ({fleet.freeze})" if fleet.freeze else ""
    return Reason(
        cause=Cause.FREEZE_FILE, message=f"nothing is done while .armada/freeze is there{why}"
    )


def _unreadable(found: Ground) -> Reason | None:
    """Return why the fleet cannot be decided on: nobody could render the result either."""
    broken = [one for one in found.rendering.problems if one.code is ExitCode.INPUT]
    if not broken:
        return None
    more = f" and {len(broken) - 1} more" if len(broken) > 1 else ""
    first = structs.replace(broken[0], hint="")
    return Reason(cause=Cause.NOT_RENDERED, message=f"does not render: {first}{more}")


def _taints(fleet: Fleet, seen: Mapping[str, Look], now: datetime, notes: Notes) -> Taints:
    """Return the clusters whose conditions ask for other taints than they have."""
    policies = in_order(fleet.taint_policies)
    changed = {}
    for cluster in fleet.clusters:
        look, taints = seen[cluster.name], cluster.spec.taints
        if look.is_fresh and look.condition is not None:
            taints = after(cluster, look.condition, policies, now)
        taints = stamped(taints, now)
        if taints != cluster.spec.taints:
            changed[cluster.name] = taints
            notes.say(*taint_reasons(cluster, look, taints, now))
    return changed


def _is_quiet(fleet: Fleet, memory: Memory) -> bool:
    """Tell whether nothing can move, so that the fleet need not be rendered."""
    previous = fleet.previous_bindings
    return not (
        memory.unhealthy
        or freezing.orphans(fleet.frozen, previous)
        or any(
            task.suppress_deletion is not True
            for state in previous.values()
            for task in state.eviction_tasks
        )
        or any(taint.effect == NO_EXECUTE for one in fleet.clusters for taint in one.spec.taints)
    )


def _scene(
    fleet: Fleet, taints: Taints, seen: Mapping[str, Look], sight: Sight, memory: Memory
) -> Scene:
    clusters = tainted(fleet.clusters, taints)
    return Scene(
        clusters={cluster.name: cluster for cluster in clusters},
        looks=seen,
        managed={cluster.name: managed(cluster, fleet.taint_policies) for cluster in clusters},
        sight=sight,
        since={(timer.ref, timer.cluster): timer.since for timer in memory.unhealthy},
    )


def _unmoved(fleet: Fleet, taints: Taints, notes: Notes, memory: Memory, now: datetime) -> Decision:
    """Return the decision to leave everything where it is."""
    return Decision(
        states=_lock(fleet),
        taints=taints,
        reasons=tuple(notes.reasons),
        held=tuple(notes.held),
        memory=memory,
        wake=notes.wakes_after(now),
    )


def _moved(  # noqa: PLR0913, PLR0917 - the parts of one round
    fleet: Fleet, found: Ground, taints: Taints, notes: Notes, scene: Scene, memory: Memory
) -> Decision:
    """Return the decision for a fleet that renders, of which something may move."""
    sight = scene.sight
    budget = Budget(found.states, memory.moves, sight.now, sight.limits)
    round_ = Round(scene, found, budget, notes)
    round_.evict()
    round_.assess()
    round_.place(everything=bool(taints))
    frozen = freezing.files(fleet, found, round_.states)
    # What is not in the lock would be placed anew by the next rendering, on the new taints: with
    # the first change all of it is written down.
    is_changed = taints or frozen or round_.has_moved
    return Decision(
        states=dict(sorted(round_.states.items())) if is_changed else _lock(fleet),
        taints=taints,
        frozen=frozen,
        reasons=tuple(notes.reasons),
        held=tuple(notes.held),
        memory=structs.replace(memory, unhealthy=round_.timers, moves=budget.moves),
        wake=notes.wakes_after(sight.now),
    )


def _lock(fleet: Fleet) -> States:
    """Return the lock as it is, in the form in which it would be written."""
    return {ref: stored(state) for ref, state in fleet.previous_bindings.items()}
