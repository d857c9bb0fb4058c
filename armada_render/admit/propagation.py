"""What a propagation policy may not say (pkg/util/validation/validation.go).

Updates and permanent ids, which upstream checks too, have no meaning in Git.
"""

from collections.abc import Iterator

from armada_render.admit.finding import Finding, selector_namespaces
from armada_render.admit.placement import placement_findings
from armada_render.model.policy import (
    ApplicationFailover,
    Failover,
    Preemption,
    PropagationPolicy,
    PropagationSpec,
    PurgeMode,
    StatePreservation,
    Suspension,
)
from armada_render.model.selector import qualified_name_error

_APPLICATION = "spec.failover.application"


def propagation_findings(policy: PropagationPolicy) -> Iterator[Finding]:
    """Yield every violation of a policy that has its defaults, in Karmada's order."""
    spec = policy.spec
    yield from placement_findings(spec.placement)
    if spec.failover is not None:
        yield from _failover(spec.failover, propagate_deps=spec.propagate_deps)
    yield from selector_namespaces(spec.resource_selectors, policy.namespace)
    yield from _preemption(spec)
    if spec.suspension is not None:
        yield from _suspension(spec.suspension)


def _failover(failover: Failover, *, propagate_deps: bool) -> Iterator[Finding]:
    if failover.application is not None:
        if not propagate_deps:
            yield Finding(
                "spec.propagateDeps",
                "an application that fails over must take its dependencies along",
                "set propagateDeps: true, or remove failover.application",
            )
        yield from _application(failover.application)
    if failover.cluster is not None:
        yield from _preserved(failover.cluster.state_preservation, "spec.failover.cluster")


def _application(application: ApplicationFailover) -> Iterator[Finding]:
    seconds = application.grace_period_seconds
    if application.decision_conditions.toleration_seconds < 0:
        yield Finding(
            f"{_APPLICATION}.decisionConditions.tolerationSeconds",
            "tolerationSeconds cannot be negative",
            "write 0 to give up at once",
        )
    if seconds is not None and application.purge_mode is not PurgeMode.GRACEFULLY:
        yield Finding(
            f"{_APPLICATION}.gracePeriodSeconds",
            f"there is no grace period when purgeMode is {application.purge_mode}",
            "remove gracePeriodSeconds, or set purgeMode: Gracefully",
        )
    if seconds is not None and seconds <= 0:
        yield Finding(
            f"{_APPLICATION}.gracePeriodSeconds",
            "gracePeriodSeconds must be greater than 0",
            "leave it out for 600 seconds, or set purgeMode: Directly for none",
        )
    yield from _preserved(application.state_preservation, _APPLICATION)


def _preserved(preservation: StatePreservation | None, at: str) -> Iterator[Finding]:
    if preservation is None:
        return
    for i, rule in enumerate(preservation.rules):
        if error := qualified_name_error(rule.alias_label_name):
            path = f"{at}.statePreservation.rules[{i}].aliasLabelName"
            yield Finding(path, error, "the state is kept in a label of this name")


def _preemption(spec: PropagationSpec) -> Iterator[Finding]:
    if spec.preemption is not Preemption.ALWAYS:
        return
    for i, selector in enumerate(spec.resource_selectors):
        if not selector.name:
            yield Finding(
                f"spec.resourceSelectors[{i}].name",
                "a policy with preemption: Always must name what it takes from other policies",
                "add the name, or set preemption: Never and a higher priority",
            )


def _suspension(suspension: Suspension) -> Iterator[Finding]:
    listed = suspension.dispatching_on_clusters
    if suspension.dispatching and listed is not None and listed.cluster_names:
        yield Finding(
            "spec.suspension",
            "dispatching: true suspends every cluster, so dispatchingOnClusters cannot be set too",
            "keep dispatchingOnClusters to suspend only the clusters it names",
        )
