"""A fleet as it is once a decision is in Git. Pure: for those who look ahead."""

from msgspec import structs

from armada_render.errors import Problem
from armada_render.failover.decision import Decision
from armada_render.failover.ground import tainted
from armada_render.load.frozen import frozen_copy, frozen_path
from armada_render.model.fleet import Fleet
from armada_render.yamlio import load_documents


def applied(fleet: Fleet, decision: Decision) -> Fleet:
    """Return `fleet` with the lock, the taints and the old copies of `decision`."""
    frozen = {
        key: copy for key, copy in fleet.frozen.items() if frozen_path(key) not in decision.frozen
    }
    problems: list[Problem] = []
    for path, data in decision.frozen.items():
        if data is not None and (copy := frozen_copy(path, load_documents(data), problems)):
            frozen[copy.key] = copy
    return structs.replace(
        fleet,
        clusters=tainted(fleet.clusters, decision.taints),
        previous_bindings=decision.states,
        frozen=frozen,
        problems=(*fleet.problems, *problems),
    )
