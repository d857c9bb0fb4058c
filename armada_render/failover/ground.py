"""What is placed where before anything is decided, and where a binding would go instead. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, structs

from armada_render import admit, schedule
from armada_render.lock import States, states
from armada_render.lock.settle import MOST_PASSES
from armada_render.model.binding import PreviousBinding, ResourceBinding
from armada_render.model.cluster import Cluster, Taint
from armada_render.model.fleet import Fleet
from armada_render.model.resource import ObjectReference
from armada_render.pipeline import Rendering, RenderOptions, render


class Ground(Struct, frozen=True, kw_only=True, eq=False):
    """A fleet as it is delivered now: the rendering, and of what is scheduled the state."""

    rendering: Rendering
    bindings: Mapping[ObjectReference, ResourceBinding]
    states: States
    options: RenderOptions

    def is_confirmed(self, ref: ObjectReference) -> bool:
        """Tell whether the scheduler stands by what the lock says of a resource."""
        binding = self.bindings[ref]
        before = binding.previous
        return (
            not binding.reason
            and before is not None
            and set(before.clusters) == set(binding.clusters)
        )


def ground(fleet: Fleet, options: RenderOptions) -> Ground:
    """Render `fleet` and return what failover starts from."""
    rendering = render(fleet, options)
    bindings = {one.ref: one for one in rendering.bindings if one.placement is not None}
    return Ground(
        rendering=rendering,
        bindings=bindings,
        states=states(bindings.values()),
        options=options,
    )


def state_of(binding: ResourceBinding) -> PreviousBinding:
    """Return what the lock keeps of a scheduled binding."""
    return states((binding,))[binding.ref]


def tainted(
    clusters: Iterable[Cluster], taints: Mapping[str, tuple[Taint, ...]]
) -> tuple[Cluster, ...]:
    """Return clusters with the taints that they are to have."""
    return tuple(
        structs.replace(one, spec=structs.replace(one.spec, taints=taints[one.name]))
        if one.name in taints
        else one
        for one in clusters
    )


class Places:
    """The scheduler over one set of clusters."""

    def __init__(self, found: Ground, clusters: Sequence[Cluster]) -> None:
        self._ground = found
        self._clusters = admit.clusters(clusters).clusters

    def settled(self, wanted: States) -> dict[ObjectReference, ResourceBinding]:
        """Return where bindings go when their states are those of `wanted`.

        As in a live Karmada, a result is looked at once more until it repeats itself.
        """
        done: dict[ObjectReference, ResourceBinding] = {}
        left: Mapping[ObjectReference, PreviousBinding] = wanted
        for _ in range(MOST_PASSES):
            placed = schedule.place(
                [
                    structs.replace(self._ground.bindings[ref], previous=state)
                    for ref, state in left.items()
                ],
                self._clusters,
                strict_inventory=self._ground.options.strict_inventory,
            )
            done.update((binding.ref, binding) for binding in placed)
            found = states(binding for binding in placed if not binding.reason)
            left = {ref: state for ref, state in found.items() if state != left[ref]}
            if not left:
                break
        return done
