"""Which policies were considered for an object, and what became of each."""

from collections.abc import Iterable, Iterator, Mapping

from armada_render.errors import Problem
from armada_render.explain.evidence import Evidence, Locate
from armada_render.explain.result import Verdict
from armada_render.model.binding import ResourceBinding
from armada_render.model.policy import PropagationPolicy
from armada_render.model.resource import ObjectReference, ResourceTemplate
from armada_render.model.selector import ResourceSelector, meets, why_unmet

_PROPAGATION = ("PropagationPolicy/", "ClusterPropagationPolicy/")


def verdicts(
    template: ResourceTemplate, bindings: Iterable[ResourceBinding], evidence: Evidence
) -> tuple[Verdict, ...]:
    """Return the policies that select the object, the winner first, then those that do not.

    Of those, an object that is placed has only the ones that name it and fail in something else.
    """
    bindings = tuple(bindings)
    locate = evidence.locate
    policies = {policy.key: policy for policy in evidence.rendering.propagation_policies}
    rows = [row for binding in bindings for row in compared(binding, policies, locate)]
    rows += _rejected(template, evidence)
    done = {row.policy for row in rows}
    rest = (policy for key, policy in policies.items() if key not in done)
    rows += _mismatches(template, rest, locate, only_near=bool(bindings))
    return tuple(rows)


def compared(
    binding: ResourceBinding, policies: Mapping[str, PropagationPolicy], locate: Locate
) -> list[Verdict]:
    """Return the policies that the engine compared for a binding, the winner first."""
    rows = []
    for verdict in binding.verdicts:
        policy = policies.get(verdict.policy)
        rows.append(
            Verdict(
                policy=verdict.policy,
                location=locate(policy.location, "") if policy else "",
                outcome="won" if verdict.won else "lost",
                reason=verdict.reason,
                priority=verdict.priority,
                implicit_priority=verdict.implicit_priority,
            )
        )
    return rows


def _rejected(template: ResourceTemplate, evidence: Evidence) -> Iterator[Verdict]:
    """Yield the rejected policies that might take the object if they were mended."""
    decoded = {policy.key: policy for policy in evidence.fleet.propagation_policies}
    for key, problems in evidence.rendering.rejected.items():
        if not key.startswith(_PROPAGATION):
            continue
        namespace = key.split("/", 2)[1]
        if namespace not in ("", template.ref.namespace):
            continue
        policy = decoded.get(key)
        if policy is not None and not any(
            selector.priority(template.ref, template.labels)
            for selector in policy.spec.resource_selectors
        ):
            continue
        yield Verdict(
            policy=key,
            location=_problem_location(problems, evidence.locate),
            outcome="rejected",
            reason="; ".join(_sentence(problem) for problem in problems),
        )


def _problem_location(problems: Iterable[Problem], locate: Locate) -> str:
    for problem in problems:
        return locate(problem.location, problem.field)
    return ""


def _sentence(problem: Problem) -> str:
    return f"{problem.field}: {problem.message}" if problem.field else problem.message


def _mismatches(
    template: ResourceTemplate,
    policies: Iterable[PropagationPolicy],
    locate: Locate,
    *,
    only_near: bool,
) -> list[Verdict]:
    """Return policies that do not select the object, the closest first."""
    found: list[tuple[tuple[int, int, str], Verdict]] = []
    for policy in policies:
        index, parts = _closest(policy, template)
        is_elsewhere = bool(policy.namespace) and policy.namespace != template.ref.namespace
        names_it = policy.spec.resource_selectors[index].name == template.ref.name
        if is_elsewhere and len(parts) > 1:
            continue
        if only_near and not (names_it and len(parts) == 1 and parts[0][0] != "kind"):
            continue
        verdict = Verdict(
            policy=policy.key,
            location=locate(policy.location, f"spec.resourceSelectors[{index}]"),
            outcome="mismatch",
            reason="; ".join(text for _, text in parts),
            priority=policy.spec.priority,
            failed=tuple(dict.fromkeys(part for part, _ in parts)),
        )
        found.append((_distance(parts, policy.key), verdict))
    found.sort(key=lambda pair: pair[0])
    return [verdict for _, verdict in found]


_Part = tuple[str, str]
"""The part of a selector that fails, and why."""


def _distance(parts: tuple[_Part, ...], key: str) -> tuple[int, int, str]:
    failed = {part for part, _ in parts}
    return 2 * ("kind" in failed) + ("apiVersion" in failed), len(parts), key


def _closest(
    policy: PropagationPolicy, template: ResourceTemplate
) -> tuple[int, tuple[_Part, ...]]:
    """Return the selector of a policy that fails in the least, and in what."""
    best: tuple[tuple[int, int, str], int, tuple[_Part, ...]] | None = None
    for index, selector in enumerate(policy.spec.resource_selectors):
        parts = tuple(failed_parts(selector, template.ref, template.labels, policy.namespace))
        entry = (_distance(parts, ""), index, parts)
        best = entry if best is None or entry < best else best
    return best[1:] if best else (0, ())


def failed_parts(
    selector: ResourceSelector, ref: ObjectReference, labels: Mapping[str, str], namespace: str
) -> Iterator[_Part]:
    """Yield each part of a selector that does not match an object; none when it selects it.

    `namespace` is the policy's own, "" for a ClusterPropagationPolicy.
    """
    if selector.kind != ref.kind:
        yield "kind", f"kind is {ref.kind}, it asks for {selector.kind}"
    if selector.api_version != ref.api_version:
        yield "apiVersion", f"apiVersion is {ref.api_version}, it asks for {selector.api_version}"
    wanted = selector.namespace or namespace
    if wanted and wanted != ref.namespace:
        has = f"namespace is {ref.namespace}" if ref.namespace else "it has no namespace"
        scope = "a PropagationPolicy takes objects of its own" if namespace else "it asks for"
        yield "namespace", f"{has}, {scope}{f', {wanted}' if namespace else f' {wanted}'}"
    if selector.name:
        # Karmada ignores labelSelector when name is set.
        if selector.name != ref.name:
            yield "name", f"name is {ref.name}, it asks for {selector.name}"
    elif selector.label_selector is not None and not selector.label_selector.matches(labels):
        requirements = selector.label_selector.requirements()
        if requirements is None:
            yield "labels", "its labelSelector is not valid and matches nothing"
        for requirement in requirements or ():
            if not meets((requirement,), labels):
                yield "labels", why_unmet(requirement, labels)
