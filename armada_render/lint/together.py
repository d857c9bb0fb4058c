"""Applications torn apart: what belongs together, and is not together on some cluster.

`torn` is a function of a rendering alone, so that a simulated failover is judged as a real one.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from armada_render.lint.relations import Relation
from armada_render.lint.words import called, listed
from armada_render.match.eligible import why_ineligible
from armada_render.model.affinity import AffinityIndex
from armada_render.model.binding import ResourceBinding
from armada_render.model.cluster import Cluster
from armada_render.model.resource import ObjectReference, ResourceTemplate


class Tear(StrEnum):
    """How two objects are torn apart."""

    REFERENCE = "reference"
    """An object is on a cluster without what it names: it is broken there."""
    COMPANION = "companion"
    """An object is on a cluster without what routes to it, scales it, protects it."""
    IDLE = "idle"
    """What routes to objects, scales or protects them is on a cluster without any of them."""


class Torn(Struct, frozen=True, kw_only=True):
    """On `clusters` there is `ref`, and `missing` is not; `field` of `relation` says why it should.

    `behind` is what `missing` works with and what is not there either: the route to a Service, the
    gateway of a route. `remedy` says which change of a policy brings them together, "" when none
    is known.
    """

    tear: Tear
    ref: ObjectReference
    missing: ObjectReference
    clusters: tuple[str, ...]
    relation: Relation
    behind: tuple[ObjectReference, ...] = ()
    remedy: str = ""

    @property
    def sentence(self) -> str:
        """What is wrong, in a sentence that names both objects and the clusters."""
        here = f"is on {listed(self.clusters)} without {called(self.missing)}"
        verb = "stays" if len(self.behind) == 1 else "stay"
        names = listed([called(ref) for ref in self.behind])
        behind = f"; {names} {verb} behind too" if names else ""
        match self.tear:
            case Tear.REFERENCE:
                return f"{called(self.ref)} {here}, which it needs{behind}"
            case Tear.COMPANION:
                return f"{called(self.ref)} {here}, which is for it{behind}"
            case Tear.IDLE:
                more = len(self.relation.targets) - 1
                others = f" or any of {more} more" if more else ""
                return f"{called(self.ref)} {here}{others}, which it is for"


def torn(
    relations: Sequence[Relation],
    bindings: Sequence[ResourceBinding],
    clusters: Sequence[Cluster],
) -> tuple[Torn, ...]:
    """Return what is torn apart where `bindings` have put it, sorted by what suffers.

    `relations` come from `relations.relations`, once for a fleet however often it is placed.
    """
    places = {binding.ref: frozenset(one.name for one in binding.targets) for binding in bindings}
    found: list[Torn] = []
    for relation in relations:
        if any(target in places for target in (relation.source, *relation.targets)):
            found += _tears(relation, places)
    if not found:
        return ()
    found.sort(key=lambda one: (one.ref, one.missing, _ORDER.index(one.tear), one.clusters))
    remedies, behind = _Remedies(bindings, clusters), _Behind(relations, places)
    whole = [replace(one, behind=behind.of(one)) for one in _once(found)]
    return tuple(replace(one, remedy=remedies.of(one)) for one in whole)


_Places = Mapping[ObjectReference, frozenset[str]]
_NOWHERE: frozenset[str] = frozenset()
_ORDER = tuple(Tear)


def _tears(relation: Relation, places: _Places) -> Iterator[Torn]:
    source = places.get(relation.source, _NOWHERE)
    targets = [places.get(target, _NOWHERE) for target in relation.targets]
    if alone := source.difference(*targets):
        yield Torn(
            tear=Tear.REFERENCE if relation.needs else Tear.IDLE,
            ref=relation.source,
            missing=relation.targets[0],
            clusters=tuple(sorted(alone)),
            relation=relation,
        )
    if not relation.serves:
        return
    for target, place in zip(relation.targets, targets, strict=True):
        if unserved := place - source:
            yield Torn(
                tear=Tear.COMPANION,
                ref=target,
                missing=relation.source,
                clusters=tuple(sorted(unserved)),
                relation=relation,
            )


def _once(found: Sequence[Torn]) -> Iterator[Torn]:
    """Yield each two objects once, by the worst that is told of them, however many fields do."""
    seen = set()
    for one in found:
        key = (one.ref, one.missing, one.clusters)
        if key not in seen:
            seen.add(key)
            yield one


class _Behind:
    """Finds what works with an object: what serves it, and what that needs, and so on."""

    def __init__(self, relations: Sequence[Relation], places: _Places) -> None:
        self._places = places
        self._next: dict[ObjectReference, list[ObjectReference]] = {}
        for relation in relations:
            for target in relation.targets:
                if relation.needs:
                    self._next.setdefault(relation.source, []).append(target)
                if relation.serves:
                    self._next.setdefault(target, []).append(relation.source)

    def of(self, one: Torn) -> tuple[ObjectReference, ...]:
        """Return what is not on the clusters of `one` either, sorted."""
        if one.tear is Tear.IDLE:
            return ()
        seen = {one.ref, one.missing}
        waiting = [one.missing]
        found = set()
        while waiting:
            for ref in self._next.get(waiting.pop(), ()):
                if ref not in seen:
                    seen.add(ref)
                    if self._places.get(ref, _NOWHERE).isdisjoint(one.clusters):
                        found.add(ref)
                        waiting.append(ref)
        return tuple(sorted(found))


class _Remedies:
    """Says which policy keeps two objects apart, and what to change in it."""

    def __init__(self, bindings: Sequence[ResourceBinding], clusters: Sequence[Cluster]) -> None:
        self._bindings = {binding.ref: binding for binding in bindings}
        self._affinities = AffinityIndex(clusters)

    def of(self, one: Torn) -> str:
        """Return what brings the two together, and what works with them; "" when nobody knows."""
        if one.tear is Tear.IDLE:
            return ""
        steps = [self._first(one), *(self._rest(ref, one) for ref in one.behind)]
        return "; ".join(dict.fromkeys(step for step in steps if step))

    def _rest(self, ref: ObjectReference, one: Torn) -> str:
        binding = self._bindings.get(ref)
        if binding is None or binding.policy is None:
            return ""
        return self._widened(binding, one.clusters)

    def _first(self, one: Torn) -> str:
        if why := why_ineligible(ResourceTemplate(ref=one.missing, manifest={"metadata": {}})):
            return f"bring {called(one.missing)} there by other means: {why}"
        own, other = self._bindings.get(one.ref), self._bindings.get(one.missing)
        policy = own.policy if own else None
        follows = one.tear is Tear.REFERENCE and one.relation.follows
        if follows and policy is not None and not policy.spec.propagate_deps:
            return f"set propagateDeps: true in {policy.key}"
        if other is None or other.policy is None:
            return (
                f"select {called(one.missing)} in {policy.key} too"
                if policy is not None
                else f"give {called(one.missing)} a policy"
            )
        return self._widened(other, one.clusters)

    def _widened(self, binding: ResourceBinding, clusters: Sequence[str]) -> str:
        """Say how the policy of `binding` would put it on `clusters` too."""
        policy = binding.policy
        placement = binding.placement
        if policy is None or placement is None:
            return ""
        outside = sorted(set(clusters) - self._affinities.reach(placement))
        if outside:
            return f"let the clusterAffinity of {policy.key} select {listed(outside)} too"
        if binding.reason:
            return f"mend {policy.key} first: {binding.ref.kind} {binding.ref.name} has no cluster"
        if placement.spread_constraints:
            return (
                f"take spreadConstraints out of {policy.key}: what it selects then waits on "
                "every cluster of its clusterAffinity"
            )
        if placement.cluster_affinities:
            return f"give {policy.key} one clusterAffinity in place of groups of clusters"
        return f"see why with `armada-render explain PATH {binding.ref.kind}/{binding.ref.name}`"
