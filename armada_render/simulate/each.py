"""Every cluster fails, one after the other by itself."""

from msgspec.structs import replace

from armada_render.lock import settle
from armada_render.model.fleet import Fleet
from armada_render.pipeline import RenderOptions
from armada_render.simulate.outcome import Outcome, outcome
from armada_render.simulate.scenario import Scenario


def each_failure(fleet: Fleet, options: RenderOptions) -> tuple[Outcome, ...]:
    """Return what comes of the loss of each cluster of a fleet that renders without problems."""
    settled = replace(fleet, previous_bindings=settle(fleet, options).states)
    return tuple(
        outcome(settled, Scenario(fails=(cluster.name,)), options=options)
        for cluster in fleet.clusters
    )
