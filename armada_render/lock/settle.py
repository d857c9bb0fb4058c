"""Render until the result is its own previous state. Pure.

One pass of the scheduler may change its result once more when it finds that as the previous one:
clusters in use score higher, and regions are scored anew with them. A live Karmada comes to rest by
itself, since every result it writes makes it look again; the lock has to rest at once.
"""

from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct, structs

from armada_render import admit, schedule
from armada_render.lock.state import States, states
from armada_render.model.binding import PreviousBinding, ResourceBinding
from armada_render.model.fleet import Fleet
from armada_render.model.resource import ObjectReference
from armada_render.pipeline import Rendering, RenderOptions, render

MOST_PASSES = 10

# Rescheduling is asked for by a time after that of the last success; which times does not matter,
# and none is kept.
_SCHEDULED = "1970-01-01T00:00:00Z"
_TRIGGERED = "1970-01-01T00:00:01Z"


class Settled(Struct, frozen=True, eq=False, kw_only=True):
    """The last rendering, what the lock is to hold of it, and what did not come to rest."""

    rendering: Rendering
    states: States
    restless: tuple[ObjectReference, ...] = ()


def settle(
    fleet: Fleet, options: RenderOptions, rescheduled: Collection[ObjectReference] = ()
) -> Settled:
    """Return a rendering that repeats itself, or the last of `MOST_PASSES`.

    The bindings of `rescheduled` are placed without regard to the division so far, as a
    WorkloadRebalancer asks for. A rendering with problems is returned as it is.
    """
    rendering = render(_triggered(fleet, rescheduled), options)
    found = states(rendering.bindings)
    restless: tuple[ObjectReference, ...] = ()
    for _ in range(MOST_PASSES):
        if rendering.problems:
            break
        restless = _restless(rendering.bindings, found, fleet, options)
        if not restless:
            break
        rendering = render(structs.replace(fleet, previous_bindings=found), options)
        found = states(rendering.bindings)
    return Settled(rendering=rendering, states=found, restless=restless)


def _triggered(fleet: Fleet, rescheduled: Collection[ObjectReference]) -> Fleet:
    previous: Mapping[ObjectReference, PreviousBinding] = {
        ref: structs.replace(
            state, last_scheduled_time=_SCHEDULED, reschedule_triggered_at=_TRIGGERED
        )
        if ref in rescheduled
        else state
        for ref, state in fleet.previous_bindings.items()
    }
    return structs.replace(fleet, previous_bindings=previous)


def _restless(
    bindings: Iterable[ResourceBinding], found: States, fleet: Fleet, options: RenderOptions
) -> tuple[ObjectReference, ...]:
    """Return the resources that another pass would place differently."""
    again = schedule.place(
        [
            structs.replace(binding, previous=found[binding.ref])
            for binding in bindings
            if binding.placement is not None
        ],
        admit.clusters(fleet.clusters).clusters,
        strict_inventory=options.strict_inventory,
    )
    later = states(again)
    failed = {binding.ref for binding in again if binding.reason}
    return tuple(ref for ref, state in found.items() if later[ref] != state or ref in failed)
