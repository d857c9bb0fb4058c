"""Admission of all policies: defaults first, then validation, as Karmada's webhooks do."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from msgspec import Struct

from armada_render.admit.defaults import override_defaults, propagation_defaults
from armada_render.admit.finding import Finding
from armada_render.admit.overrides import override_findings
from armada_render.admit.propagation import propagation_findings
from armada_render.errors import Problem
from armada_render.model.override import OverridePolicy
from armada_render.model.policy import PropagationPolicy

Policy = TypeVar("Policy", PropagationPolicy, OverridePolicy)


class Admitted(Struct, frozen=True, kw_only=True):
    """Policies that take part, defaults filled in; and per rejected policy (by key) why."""

    propagation: tuple[PropagationPolicy, ...]
    overrides: tuple[OverridePolicy, ...]
    rejected: Mapping[str, tuple[Problem, ...]]


def policies(
    propagation: Sequence[PropagationPolicy], overrides: Sequence[OverridePolicy]
) -> Admitted:
    """Return the policies that Karmada would let in, in the given order, and all that is wrong."""
    rejected: dict[str, tuple[Problem, ...]] = {}
    return Admitted(
        propagation=_sift(propagation, propagation_defaults, propagation_findings, rejected),
        overrides=_sift(overrides, override_defaults, override_findings, rejected),
        rejected=rejected,
    )


def _sift(
    given: Sequence[Policy],
    defaulted: Callable[[Policy], Policy],
    findings: Callable[[Policy], Iterable[Finding]],
    rejected: dict[str, tuple[Problem, ...]],
) -> tuple[Policy, ...]:
    admitted: list[Policy] = []
    for policy in map(defaulted, given):
        problems = tuple(
            Problem(
                message=finding.message,
                location=policy.location,
                field=finding.field,
                resource=policy.key,
                hint=finding.hint,
            )
            for finding in findings(policy)
        )
        if problems:
            rejected[policy.key] = rejected.get(policy.key, ()) + problems
        else:
            admitted.append(policy)
    return tuple(admitted)
