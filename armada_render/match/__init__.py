"""Stage 2: which policy takes which template; makes the bindings, without clusters yet. Pure."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from armada_render.interpret import Interpreter, InterpretError
from armada_render.match.eligible import why_ineligible
from armada_render.match.policies import PolicyIndex
from armada_render.model.binding import (
    PolicyVerdict,
    PreviousBinding,
    ResourceBinding,
    StageError,
    binding_name,
)
from armada_render.model.claim import claimed
from armada_render.model.override import OverridePolicy
from armada_render.model.placement import SchedulingType
from armada_render.model.policy import PropagationPolicy
from armada_render.model.resource import ObjectReference, ResourceTemplate

__all__ = ["Matched", "bind"]


class Matched(Struct, frozen=True, eq=False):
    """Bindings sorted by resource, and the templates that could not be bound, with the reason.

    `passed_over` says why other templates met no policy at all.
    """

    bindings: tuple[ResourceBinding, ...]
    errors: tuple[StageError, ...]
    passed_over: Mapping[ObjectReference, str] = {}


def bind(
    templates: Sequence[ResourceTemplate],
    policies: Sequence[PropagationPolicy],
    override_policies: Sequence[OverridePolicy],
    interpreter: Interpreter,
    previous: Mapping[ObjectReference, PreviousBinding],
) -> Matched:
    """Give each eligible template to the policy that wins it (pkg/detector)."""
    index = PolicyIndex(policies)
    overrides = frozenset((policy.namespace, policy.name) for policy in override_policies)
    bound: list[ResourceBinding] = []
    errors: list[StageError] = []
    passed_over: dict[ObjectReference, str] = {}
    for template in templates:
        if why := why_ineligible(template):
            passed_over[template.ref] = why
            continue
        policy, verdicts = index.winner(template)
        if policy is None:
            for verdict in verdicts:
                passed_over[template.ref] = f"{verdict.policy}: {verdict.reason}"
            continue
        missing = [
            name
            for name in policy.spec.dependent_overrides
            if (policy.namespace, name) not in overrides
        ]
        if missing:
            errors.append(_waits_for_overrides(template, policy, missing))
            continue
        try:
            bound.append(
                _binding(template, policy, verdicts, interpreter, previous.get(template.ref))
            )
        except InterpretError as error:
            errors.append(
                StageError(stage="match", ref=template.ref, message=str(error), policy=policy.key)
            )
    kept, collisions = _without_collisions(bound)
    return Matched(kept, (*errors, *collisions), passed_over)


def _binding(
    template: ResourceTemplate,
    policy: PropagationPolicy,
    verdicts: tuple[PolicyVerdict, ...],
    interpreter: Interpreter,
    previous: PreviousBinding | None,
) -> ResourceBinding:
    spec = policy.spec
    # An absent number counts as 1 only where it is divided: docs/differences.md, absent replicas.
    divided = spec.placement.scheduling_type is SchedulingType.DIVIDED
    # The detector claims a template before it asks for its replicas (detector.go, ApplyPolicy):
    # scripts always find labels and annotations there.
    manifest = claimed(template.manifest, policy)
    replicas, requirements = interpreter.replicas(manifest, divided=divided) or (0, None)
    return ResourceBinding(
        template=template,
        namespace=template.ref.namespace,
        name=binding_name(template.ref.kind, template.ref.name),
        policy=policy,
        placement=spec.placement,
        replicas=replicas,
        requirements=requirements,
        propagate_deps=spec.propagate_deps,
        conflict_resolution=spec.conflict_resolution,
        preserve_resources_on_deletion=spec.preserve_resources_on_deletion,
        scheduler_name=spec.scheduler_name,
        suspension=spec.suspension,
        failover=spec.failover,
        previous=previous,
        verdicts=verdicts,
    )


def _waits_for_overrides(
    template: ResourceTemplate, policy: PropagationPolicy, missing: Sequence[str]
) -> StageError:
    kind = "OverridePolicy" if policy.namespace else "ClusterOverridePolicy"
    return StageError(
        stage="match",
        ref=template.ref,
        message=f"waits for {kind} {', '.join(missing)} (dependentOverrides), which does not exist",
        policy=policy.key,
        hint=f"add the {kind}, or remove its name from spec.dependentOverrides",
    )


def _without_collisions(
    bound: Sequence[ResourceBinding],
) -> tuple[tuple[ResourceBinding, ...], tuple[StageError, ...]]:
    """Keep one binding a name: names hold no API group, so two kinds called alike collide.

    Upstream the first writer wins and the second fails until it is gone; here the first by
    reference, so that the result does not depend on the order of files.
    """
    first: dict[tuple[str, str], ResourceBinding] = {}
    errors: list[StageError] = []
    for binding in bound:
        owner = first.setdefault((binding.namespace, binding.name), binding)
        if owner is not binding:
            errors.append(
                StageError(
                    stage="match",
                    ref=binding.ref,
                    message=f"its binding {binding.name} is already that of {owner.ref}: Karmada "
                    "names bindings by kind and name, without the API group",
                    policy=binding.policy.key if binding.policy else "",
                    hint="give one of the two another name",
                )
            )
    return tuple(first.values()), tuple(errors)
