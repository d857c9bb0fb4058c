"""What would happen if: failures and changes, played through with the engine that decides. Pure.

`play` lets `failover.decide` run on a clock of its own, with evidence that a scenario makes up;
`outcome` says in data what came of it. Nothing is written, and the clock of the machine is not
looked at.
"""

from armada_render.simulate.change import added, scaled
from armada_render.simulate.each import each_failure
from armada_render.simulate.outcome import Loss, Outcome, outcome
from armada_render.simulate.play import Course, Event, play
from armada_render.simulate.scenario import Scenario

__all__ = [
    "Course",
    "Event",
    "Loss",
    "Outcome",
    "Scenario",
    "added",
    "each_failure",
    "outcome",
    "play",
    "scaled",
]
