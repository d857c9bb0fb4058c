"""Put together all that is known of one object."""

from collections.abc import Iterable

from armada_render.errors import Problem
from armada_render.explain.building import Sources, builds, built, chains
from armada_render.explain.evidence import Evidence
from armada_render.explain.placement import placement
from armada_render.explain.policies import verdicts
from armada_render.explain.result import Failure, ObjectExplanation
from armada_render.model.binding import ResourceBinding, StageError
from armada_render.model.decode import FieldPath
from armada_render.model.resource import ObjectReference, ResourceTemplate


def explain_object(
    template: ResourceTemplate, evidence: Evidence, *, field: FieldPath = ()
) -> ObjectExplanation:
    """Return why `template` is where it is, with `field` also how that came to its value."""
    ref = template.ref
    rendering, locate = evidence.rendering, evidence.locate
    bindings = [binding for binding in rendering.bindings if binding.ref == ref]
    holders = {(one.namespace, one.name): one for one in rendering.bindings}
    works = built(template, evidence)
    sources = Sources(template, evidence)
    errors = [error for error in rendering.errors if error.ref == ref]
    return ObjectExplanation(
        object=str(ref),
        location=locate(template.location, ""),
        app=template.app,
        scope=evidence.scope,
        passed_over=rendering.passed_over.get(ref, ""),
        policies=verdicts(template, bindings, evidence),
        placements=tuple(placement(binding, holders, evidence) for binding in bindings),
        brings=tuple(map(str, _brought(bindings, rendering.bindings))),
        builds=builds(works, sources),
        fields=chains(template, works, field, sources) if field else (),
        errors=tuple(
            _failure(error, evidence)
            for error in errors
            if not error.cluster or evidence.is_asked(error.cluster)
        ),
        warnings=tuple(_warnings(ref, rendering.warnings)),
    )


def _brought(
    bindings: Iterable[ResourceBinding], others: Iterable[ResourceBinding]
) -> list[ObjectReference]:
    keys = {(binding.namespace, binding.name) for binding in bindings if binding.propagate_deps}
    return [
        other.ref
        for other in others
        if any((one.namespace, one.name) in keys for one in other.required_by)
    ]


def _failure(error: StageError, evidence: Evidence) -> Failure:
    location = ""
    for policy in evidence.rendering.override_policies:
        if policy.key == error.policy and error.rule:
            location = evidence.locate(policy.location, f"spec.{error.rule}")
    return Failure(
        stage=error.stage,
        location=location,
        cluster=error.cluster,
        policy=error.policy,
        field=error.rule,
        message=error.message,
        hint=error.hint,
    )


def _warnings(ref: ObjectReference, warnings: Iterable[Problem]) -> Iterable[Failure]:
    for problem in warnings:
        # Some are about several objects, which their message names.
        if problem.resource == str(ref) or f"{ref} " in problem.message:
            yield told(problem)


def told(problem: Problem, location: str = "") -> Failure:
    """Return a problem as part of an explanation."""
    return Failure(
        stage="",
        location=location,
        cluster="",
        policy="",
        field=problem.field,
        message=problem.message,
        hint=problem.hint,
    )
