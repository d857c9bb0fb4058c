"""What brought a change about: a template, a policy, an override, the lock, a cluster. Pure.

Where things go is read off the bindings and policies of both sides; what an object looks like,
off the traces of its Works, when the renderings were made with them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from msgspec import Struct, to_builtins
from msgspec.structs import replace

from armada_render.diff.fields import FieldChange, Path, positions, value_at
from armada_render.diff.model import Cause, Movement, Origin, Side, Variant
from armada_render.explain.difference import differences, same
from armada_render.model.binding import ResourceBinding
from armada_render.model.cluster import Cluster
from armada_render.model.decode import format_path
from armada_render.model.override import OverridePolicy, OverrideRule
from armada_render.model.policy import PropagationPolicy
from armada_render.model.resource import ObjectReference
from armada_render.model.work import AppliedRule, Step, Trace, Work
from armada_render.pipeline import Rendering

_MOST_FIELDS = 3
"""So many fields of one policy or cluster are named as causes."""


class _Facts(Struct, frozen=True, eq=False):
    """One side, by what causes are named after."""

    bindings: Mapping[ObjectReference, ResourceBinding]
    policies: Mapping[str, PropagationPolicy]
    overrides: Mapping[str, OverridePolicy]
    unpropagated: frozenset[ObjectReference]

    def rule(self, rule: AppliedRule) -> OverrideRule | None:
        """Return what an override rule says."""
        policy = self.overrides.get(rule.policy)
        return policy.rules[rule.rule] if policy else None


def _facts(rendering: Rendering) -> _Facts:
    return _Facts(
        {binding.ref: binding for binding in rendering.bindings},
        {policy.key: policy for policy in rendering.propagation_policies},
        {policy.key: policy for policy in rendering.override_policies},
        frozenset(rendering.unpropagated),
    )


class Causes:
    """Answers for one pair of renderings."""

    def __init__(self, before: Rendering, after: Rendering) -> None:
        self._before = _facts(before)
        self._after = _facts(after)
        self._clusters = tuple(_cluster_causes(before.clusters, after.clusters))

    def of_movement(self, movement: Movement) -> tuple[Cause, ...]:
        """Say why a template goes elsewhere, or with other replicas."""
        old = self._before.bindings.get(movement.ref)
        new = self._after.bindings.get(movement.ref)
        if new is None:
            return tuple(self._of_lost(old)) if old is not None else ()
        if old is None:
            return tuple(self._of_new(new))
        return tuple(self._of_both(old, new)) or self._of_clusters(movement)

    def _of_new(self, new: ResourceBinding) -> Iterator[Cause]:
        if new.ref not in self._before.unpropagated:
            yield _template(new, change="added")
        elif new.policy is not None:
            known = self._before.policies.get(new.policy.key)
            if known is None:
                yield _policy(new.policy, change="added")
            elif known.spec != new.policy.spec:
                yield from _policy_changes(known, new.policy)
            else:
                yield _template(new, field="metadata.labels")
        else:
            yield from _required(new, change="added")

    def _of_lost(self, old: ResourceBinding) -> Iterator[Cause]:
        if old.ref not in self._after.unpropagated:
            yield _template(old, change="removed", side=Side.BASE)
        elif old.policy is not None:
            known = self._after.policies.get(old.policy.key)
            if known is None:
                yield _policy(old.policy, change="removed", side=Side.BASE)
            elif known.spec != old.policy.spec:
                yield from _policy_changes(old.policy, known)
            else:
                yield _template(old, change="is no longer selected", side=Side.BASE)
        else:
            yield from _required(old, change="removed", side=Side.BASE)

    def _of_both(self, old: ResourceBinding, new: ResourceBinding) -> Iterator[Cause]:
        if old.policy is not None and new.policy is not None and old.policy.key == new.policy.key:
            yield from _policy_changes(old.policy, new.policy)
        elif new.policy is not None:
            yield _policy(new.policy, change="takes it")
        elif old.policy is not None:
            yield _policy(old.policy, change="no longer takes it", side=Side.BASE)
        if old.replicas != new.replicas:
            yield _template(new, field="spec.replicas")
        elif old.requirements != new.requirements:
            yield _template(new, field="spec.template.spec")
        if _past(old) != _past(new):
            previous = new.previous or old.previous
            yield Cause(
                origin=Origin.LOCK,
                name=str(new.ref),
                change="changed" if new.previous else "removed",
                field="spec.clusters" if new.previous else "",
                location=previous.location if previous else None,
                side=Side.HEAD if new.previous else Side.BASE,
            )
        if old.required_by != new.required_by:
            yield from _required(new)

    def _of_clusters(self, movement: Movement) -> tuple[Cause, ...]:
        """Return clusters that changed: those that it moves between, else whichever did."""
        touched = {
            name
            for name in {*movement.before, *movement.after}
            if movement.before.get(name) != movement.after.get(name)
        }
        near = tuple(cause for cause in self._clusters if cause.name in touched)
        return near or self._clusters[:_MOST_FIELDS]

    def of_fields(self, variant: Variant, fields: Sequence[FieldChange]) -> tuple[Cause, ...]:
        """Say what made one Work another: for each field, the template or the rules that set it.

        Without traces that is said of the object as a whole.
        """
        old, new = variant.before, variant.after
        if old is None or new is None:
            return ()
        if old.trace is None or new.trace is None:
            return tuple(self._of_works(old, new))
        found: dict[Cause, None] = {}
        for field in fields:
            was, now = _values(old.trace, field.path), _values(new.trace, field.path)
            if not same(was[0][1], now[0][1]):
                found.setdefault(self._template_of(new, field.path))
            for cause in self._of_rules(_rules(was), _rules(now)):
                found.setdefault(cause)
        return tuple(found)

    def _of_works(self, old: Work, new: Work) -> Iterator[Cause]:
        one, other = self._before.bindings.get(old.template), self._after.bindings.get(new.template)
        if one and other and not same(one.template.manifest, other.template.manifest):
            yield self._template_of(new, ())
        yield from self._of_rules(
            tuple((rule, "") for rule in old.applied), tuple((rule, "") for rule in new.applied)
        )

    def _template_of(self, work: Work, path: Path) -> Cause:
        binding = self._after.bindings.get(work.template)
        exact = positions(path, binding.template.manifest) if binding else ()
        return Cause(
            origin=Origin.TEMPLATE,
            name=str(work.template),
            field=format_path(exact),
            location=binding.template.location if binding else None,
        )

    def _of_rules(
        self, was: Sequence[tuple[AppliedRule, str]], now: Sequence[tuple[AppliedRule, str]]
    ) -> Iterator[Cause]:
        """Yield the rules that act on one side only, or say something else than they did."""
        old = [self._before.rule(rule) for rule, _ in was]
        new = [self._after.rule(rule) for rule, _ in now]
        named = set()
        for (rule, place), content in zip(now, new, strict=True):
            if content not in old:
                named.add(rule.policy)
                yield self._override(self._after, rule, place, "changed", Side.HEAD)
        for (rule, place), content in zip(was, old, strict=True):
            if content not in new and rule.policy not in named:
                yield self._override(self._before, rule, place, "no longer acts", Side.BASE)

    @staticmethod
    def _override(facts: _Facts, rule: AppliedRule, place: str, change: str, side: Side) -> Cause:
        policy = facts.overrides.get(rule.policy)
        return Cause(
            origin=Origin.OVERRIDE,
            name=rule.policy,
            change=change,
            field=f"spec.{place}" if place else "",
            location=policy.location if policy else None,
            side=side,
        )


def _values(trace: Trace, path: Path) -> list[tuple[Step, Any]]:
    """Return the template's value at `path`, then each step that changed it, with what it left."""
    rows: list[tuple[Step, Any]] = []
    for step in trace.steps:
        value = value_at(path, step.manifest)
        if not rows or not same(value, rows[-1][1]):
            rows.append((step, value))
    return rows


def _rules(rows: Sequence[tuple[Step, Any]]) -> tuple[tuple[AppliedRule, str], ...]:
    return tuple((step.rule, step.place) for step, _ in rows[1:] if step.rule is not None)


def _template(
    binding: ResourceBinding, *, change: str = "changed", field: str = "", side: Side = Side.HEAD
) -> Cause:
    return Cause(
        origin=Origin.TEMPLATE,
        name=str(binding.ref),
        change=change,
        field=field,
        location=binding.template.location,
        side=side,
    )


def _policy(
    policy: PropagationPolicy, *, change: str = "changed", field: str = "", side: Side = Side.HEAD
) -> Cause:
    return Cause(
        origin=Origin.POLICY,
        name=policy.key,
        change=change,
        field=field,
        location=policy.location,
        side=side,
    )


def _policy_changes(old: PropagationPolicy, new: PropagationPolicy) -> Iterator[Cause]:
    if old.spec != new.spec:
        found = differences(to_builtins(old.spec), to_builtins(new.spec), ("spec",))
        for path, _, _ in islice(found, _MOST_FIELDS):
            yield _policy(new, field=format_path(path))


def _required(
    binding: ResourceBinding, *, change: str = "changed", side: Side = Side.HEAD
) -> Iterator[Cause]:
    for item in binding.required_by[:_MOST_FIELDS]:
        yield Cause(
            origin=Origin.DEPENDENCY,
            name=f"{item.namespace}/{item.name}",
            change=change,
            side=side,
        )


def _past(binding: ResourceBinding) -> tuple[object, ...] | None:
    """Return what the lock says that placement reads; not where it stands, nor when it was."""
    previous = binding.previous
    if previous is None:
        return None
    return (
        previous.clusters,
        previous.eviction_tasks,
        previous.applied_placement,
        previous.observed_affinity,
        previous.reschedule_triggered_at,
    )


def _cluster_causes(before: Iterable[Cluster], after: Iterable[Cluster]) -> Iterator[Cause]:
    """Yield what differs between two inventories."""
    old = {cluster.name: cluster for cluster in before}
    new = {cluster.name: cluster for cluster in after}
    for name in sorted({*old, *new}):
        one, other = old.get(name), new.get(name)
        if one is None and other is not None:
            yield _cluster(other, change="added")
        elif other is None and one is not None:
            yield _cluster(one, change="removed", side=Side.BASE)
        elif one is not None and other is not None:
            plain = replace(one, location=other.location)
            if plain != other:
                yield _cluster(other, field=_cluster_field(plain, other))


def _cluster_field(old: Cluster, new: Cluster) -> str:
    """Return the first field of the document in which two clusters differ."""
    path, _, _ = next(differences(to_builtins(old), to_builtins(new)))
    if path[0] == "is_terminating":
        return "metadata.deletionTimestamp"
    return format_path(path if path[0] in ("spec", "status") else ("metadata", *path))


def _cluster(
    cluster: Cluster, *, change: str = "changed", field: str = "", side: Side = Side.HEAD
) -> Cause:
    return Cause(
        origin=Origin.CLUSTER,
        name=cluster.name,
        change=change,
        field=field,
        location=cluster.location,
        side=side,
    )
