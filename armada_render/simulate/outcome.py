"""What came of a scenario, in data. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct, structs

from armada_render.build.frozen import holds_copy
from armada_render.failover import Limits, Place
from armada_render.interpret import Interpreter
from armada_render.lint.relations import Relation, relations
from armada_render.lint.together import Tear, Torn, torn
from armada_render.lock import Change, changes
from armada_render.model.binding import ResourceBinding
from armada_render.model.fleet import Fleet
from armada_render.model.resource import ObjectReference
from armada_render.pipeline import Rendering, RenderOptions, render
from armada_render.simulate.play import Course, Event, play
from armada_render.simulate.pods import pod_runners
from armada_render.simulate.room import Room, rooms
from armada_render.simulate.scenario import Scenario
from armada_render.simulate.why import why_not_moved


class Loss(Struct, frozen=True, kw_only=True):
    """What a resource has lost: `left` of `wanted` replicas, 0 of 0 for what has none.

    `is_gone`: nothing of it is left on a cluster that can be counted on. `clusters` are those that
    it was on and that cannot. `runs_pods`: it stops, and is not only out of reach.
    """

    ref: ObjectReference
    clusters: tuple[str, ...]
    left: int
    wanted: int
    is_gone: bool
    runs_pods: bool
    why: str


class Outcome(Struct, frozen=True, kw_only=True, eq=False):
    """What came of a scenario.

    `touched` is the number of objects that were on the victims, `moves` what is placed elsewhere
    at the end, `losses` what has less than before, `tears` what belongs together and is not any
    more, `mends` the changes of policies that are known to bring it together, `returns` what moves
    when the clusters are back and `revived` which old copies run again beside their replacement,
    `rooms` what is left on clusters that took something over.
    """

    scenario: Scenario
    touched: int
    events: tuple[Event, ...]
    moves: tuple[Change, ...]
    losses: tuple[Loss, ...]
    tears: tuple[Torn, ...] = ()
    mends: tuple[str, ...] = ()
    returns: tuple[Change, ...] | None = None
    revived: tuple[Place, ...] = ()
    returned_at: float = 0
    rooms: tuple[Room, ...] = ()

    @property
    def gone(self) -> tuple[Loss, ...]:
        """Workloads of which nothing runs any more."""
        return tuple(loss for loss in self.losses if loss.is_gone and loss.runs_pods)

    @property
    def reduced(self) -> tuple[Loss, ...]:
        """Workloads that run with fewer replicas."""
        return tuple(loss for loss in self.losses if not loss.is_gone and loss.runs_pods)

    @property
    def out_of_reach(self) -> tuple[Loss, ...]:
        """Objects that run nothing and are on no cluster that can be counted on."""
        return tuple(loss for loss in self.losses if loss.is_gone and not loss.runs_pods)

    @property
    def is_harmless(self) -> bool:
        """Whether nothing is lost and nothing is torn apart."""
        return not (self.losses or self.tears)

    @property
    def severity(self) -> tuple[int, int, int, int]:
        """What makes one outcome worse than another: workloads down, torn, reduced, the rest."""
        return len(self.gone), len(self.tears), len(self.reduced), len(self.out_of_reach)


def outcome(
    fleet: Fleet,
    scenario: Scenario,
    limits: Limits | None = None,
    options: RenderOptions | None = None,
) -> Outcome:
    """Play `scenario` on `fleet`, which has everything in its lock, and say what came of it."""
    options = options or RenderOptions()
    course = play(fleet, scenario, limits, options)
    before, during = render(course.before, options), render(course.during, options)
    related = relations(fleet.templates, Interpreter(fleet.customizations))
    tears = _tears(related, course, before, during)
    return Outcome(
        scenario=scenario,
        touched=sum(1 for _ in _hit(before.bindings, scenario)),
        events=course.events,
        moves=changes_of(course.before, course.during),
        losses=tuple(_losses(course, before, during)),
        tears=tears,
        mends=_mends(fleet, scenario, limits, options, tears, during),
        returns=None if course.after is None else changes_of(course.during, course.after),
        revived=() if course.after is None else tuple(_revived(course.after, scenario)),
        returned_at=course.returned_at,
        rooms=rooms(course.during.clusters, before.bindings, during.bindings, scenario.victims),
    )


def changes_of(before: Fleet, after: Fleet) -> tuple[Change, ...]:
    """Return what runs elsewhere afterwards."""
    found = changes(before.previous_bindings, after.previous_bindings)
    return tuple(change for change in found if change.is_move)


def _revived(fleet: Fleet, scenario: Scenario) -> Iterator[Place]:
    """Yield the old copies that are still kept on clusters which are back."""
    for ref, state in fleet.previous_bindings.items():
        for task in state.eviction_tasks:
            if holds_copy(task) and task.from_cluster in scenario.victims:
                yield ref, task.from_cluster


def _hit(bindings: Iterable[ResourceBinding], scenario: Scenario) -> Iterator[ResourceBinding]:
    """Yield the bindings with a copy on a victim."""
    for binding in bindings:
        if any(target.name in scenario.victims for target in binding.targets):
            yield binding


def _losses(course: Course, before: Rendering, during: Rendering) -> Iterator[Loss]:
    victims = course.scenario.victims
    later = {binding.ref: binding for binding in during.bindings}
    pods = pod_runners(course.before)
    for binding in _hit(before.bindings, course.scenario):
        now = later.get(binding.ref, binding)
        alive = [target for target in now.targets if target.name not in victims]
        wanted = sum(target.replicas for target in binding.targets)
        left = sum(target.replicas for target in alive)
        is_divided = binding.is_workload and wanted == binding.replicas
        if alive and not (is_divided and left < wanted):
            continue
        yield Loss(
            ref=binding.ref,
            clusters=tuple(sorted(one.name for one in binding.targets if one.name in victims)),
            left=left,
            wanted=wanted,
            is_gone=not alive,
            runs_pods=binding.ref in pods,
            why=why_not_moved(course, now),
        )


def _tears(
    related: Sequence[Relation], course: Course, before: Rendering, during: Rendering
) -> tuple[Torn, ...]:
    """Return what is torn apart on clusters that work, and was not before."""
    victims = course.scenario.victims
    known = {
        (one.tear, one.ref, one.missing, cluster)
        for one in torn(related, before.bindings, course.before.clusters)
        for cluster in one.clusters
    }
    alive = [_without(binding, victims) for binding in during.bindings]
    found = []
    for one in torn(related, alive, course.during.clusters):
        if one.tear is Tear.IDLE:
            continue
        new = tuple(
            cluster
            for cluster in one.clusters
            if (one.tear, one.ref, one.missing, cluster) not in known
        )
        if new:
            found.append(structs.replace(one, clusters=new))
    return tuple(found)


def _without(binding: ResourceBinding, victims: frozenset[str]) -> ResourceBinding:
    """Return the binding with the targets that can be counted on."""
    return structs.replace(
        binding,
        clusters=tuple(one for one in binding.clusters if one.name not in victims),
        required_by=tuple(
            structs.replace(
                owner, clusters=tuple(one for one in owner.clusters if one.name not in victims)
            )
            for owner in binding.required_by
        ),
    )


def _mends(  # noqa: PLR0913, PLR0917 - a scenario and what came of it
    fleet: Fleet,
    scenario: Scenario,
    limits: Limits | None,
    options: RenderOptions,
    tears: Sequence[Torn],
    during: Rendering,
) -> tuple[str, ...]:
    """Return the policies that keep things apart and how to change them, if that is all it takes.

    The change is made in memory and the scenario is played again: what is said here was tried.
    """
    if not tears:
        return ()
    keepers = _keepers(tears, {binding.ref: binding for binding in during.bindings})
    if not keepers:
        return ()
    changed = structs.replace(
        fleet,
        propagation_policies=tuple(
            structs.replace(
                policy,
                spec=structs.replace(
                    policy.spec,
                    placement=structs.replace(policy.spec.placement, spread_constraints=()),
                ),
            )
            if policy.key in keepers
            else policy
            for policy in fleet.propagation_policies
        ),
    )
    course = play(changed, scenario, limits, options)
    related = relations(fleet.templates, Interpreter(fleet.customizations))
    if _tears(related, course, render(course.before, options), render(course.during, options)):
        return ()
    return tuple(f"take spreadConstraints out of {key}" for key in sorted(keepers))


def _keepers(
    tears: Iterable[Torn], bindings: Mapping[ObjectReference, ResourceBinding]
) -> frozenset[str]:
    """Return the policies that could have what is missing on every cluster, and limit it."""
    found = set()
    for one in tears:
        for ref in (one.missing, *one.behind):
            binding = bindings.get(ref)
            if binding is None or binding.policy is None:
                continue
            if binding.policy.spec.placement.spread_constraints and not binding.is_workload:
                found.add(binding.policy.key)
    return frozenset(found)
