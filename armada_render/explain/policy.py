"""Whether a policy takes part, what it selects, and what came of it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from armada_render.explain.evidence import Evidence
from armada_render.explain.object import told
from armada_render.explain.policies import failed_parts
from armada_render.explain.result import PolicyExplanation, SelectedObject, SelectorReport
from armada_render.model.override import OverridePolicy
from armada_render.model.policy import PropagationPolicy
from armada_render.model.resource import ObjectReference, ResourceTemplate
from armada_render.model.selector import ResourceSelector
from armada_render.pipeline import Rendering

Policy = PropagationPolicy | OverridePolicy


def explain_policy(ref: ObjectReference, evidence: Evidence) -> PolicyExplanation:
    """Return whether the policy `ref` takes part, and what it does."""
    rendering, locate = evidence.rendering, evidence.locate
    key = f"{ref.kind}/{ref.namespace}/{ref.name}"
    problems = rendering.rejected.get(key, ())
    policy = _known(key, evidence)
    location = policy.location if policy else next((one.location for one in problems), None)
    takes = isinstance(policy, PropagationPolicy)
    objects = () if problems else (_taken(key, rendering) if takes else _changed(key, rendering))
    return PolicyExplanation(
        policy=key,
        location=locate(location, ""),
        rejected=bool(problems),
        problems=tuple(
            told(problem, locate(problem.location, problem.field)) for problem in problems
        ),
        priority=policy.spec.priority if isinstance(policy, PropagationPolicy) else None,
        selectors=tuple(_selectors(policy, evidence)) if policy else (),
        objects=tuple(_narrowed(objects, evidence.scope)),
    )


def _known(key: str, evidence: Evidence) -> Policy | None:
    """Return the policy with its defaults, or as it was decoded when admission refused it."""
    every: Iterable[Policy] = (
        *evidence.rendering.propagation_policies,
        *evidence.rendering.override_policies,
        *evidence.fleet.propagation_policies,
        *evidence.fleet.override_policies,
    )
    return next((policy for policy in every if policy.key == key), None)


def _selectors(policy: Policy, evidence: Evidence) -> Iterator[SelectorReport]:
    templates = evidence.fleet.templates
    for index, selector in enumerate(policy.spec.resource_selectors):
        field = f"spec.resourceSelectors[{index}]"
        yield SelectorReport(
            field=field,
            location=evidence.locate(policy.location, field),
            selector=_written(selector),
            matches=sum(_selects(selector, template, policy.namespace) for template in templates),
        )


def _selects(selector: ResourceSelector, template: ResourceTemplate, namespace: str) -> bool:
    return not any(failed_parts(selector, template.ref, template.labels, namespace))


def _written(selector: ResourceSelector) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(selector)
    labels = fields.get("labelSelector")
    if labels:
        fields["labelSelector"] = {key: value for key, value in labels.items() if value}
    return {key: value for key, value in fields.items() if value}


def _taken(key: str, rendering: Rendering) -> Iterator[SelectedObject]:
    """Yield the objects that a propagation policy was compared for."""
    for binding in rendering.bindings:
        for verdict in binding.verdicts:
            if verdict.policy == key:
                targets = tuple(target.name for target in binding.clusters)
                yield SelectedObject(
                    object=str(binding.ref),
                    outcome="won" if verdict.won else "lost",
                    reason=binding.message if verdict.won else verdict.reason,
                    clusters=targets if verdict.won else (),
                )
    for error in rendering.errors:
        if error.policy == key and error.stage == "match":
            yield SelectedObject(
                object=str(error.ref), outcome="failed", reason=error.message, clusters=()
            )


def _changed(key: str, rendering: Rendering) -> Iterator[SelectedObject]:
    """Yield the objects that an override policy acted on, with the clusters it did so for."""
    applied: dict[ObjectReference, list[str]] = {}
    passed: dict[ObjectReference, None] = {}
    for cluster, works in rendering.works.items():
        for work in works:
            if any(rule.policy == key for rule in work.applied):
                applied.setdefault(work.template, []).append(cluster)
            elif work.trace and any(rule.policy == key for rule in work.trace.passed):
                passed[work.template] = None
    for ref, clusters in sorted(applied.items()):
        yield SelectedObject(str(ref), "applied", "", tuple(clusters))
    yield from _failed(key, rendering)
    for ref in passed:
        if ref not in applied:
            reason = "no targetCluster of its rules selects a cluster that gets it"
            yield SelectedObject(str(ref), "passed", reason, ())


def _failed(key: str, rendering: Rendering) -> Iterator[SelectedObject]:
    failed: dict[tuple[ObjectReference, str], list[str]] = {}
    for error in rendering.errors:
        if error.policy == key and error.stage == "work":
            failed.setdefault((error.ref, error.message), []).append(error.cluster)
    for (ref, message), clusters in failed.items():
        yield SelectedObject(str(ref), "failed", message, tuple(clusters))


def _narrowed(objects: Iterable[SelectedObject], scope: Sequence[str]) -> Iterator[SelectedObject]:
    for item in objects:
        if not scope or not item.clusters or set(scope) & set(item.clusters):
            yield item
