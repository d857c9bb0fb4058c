"""The rules behind what every rendering warns of. `findings` and the stages find it, not we."""

from collections.abc import Iterator

from armada_render.errors import Problem
from armada_render.lint.subject import Subject
from armada_render.model.result import Level, Result, Rule

RULES = (
    Rule(
        id="policy-selects-nothing",
        summary="A policy selects nothing",
        description="No object in Git has the apiVersion, kind, namespace, name or labels that the "
        "resourceSelectors of a propagation or override policy ask for.",
        fix="check apiVersion, kind, name and namespace of its selectors",
    ),
    Rule(
        id="unknown-cluster",
        summary="A policy names a cluster that the inventory does not have",
        fix="correct the name, or add the cluster to the inventory",
    ),
    Rule(
        id="dependency-not-in-git",
        summary="A dependency is not in Git",
        description="An object of a policy with propagateDeps names an object that is not in Git. "
        "It must be on the cluster already, or come from elsewhere.",
        fix="add it, or make sure that something else brings it",
        level=Level.NOTE,
    ),
    Rule(
        id="replicas-missing",
        summary="A divided workload leaves spec.replicas out",
        fix="write spec.replicas, or use the Duplicated type if an autoscaler owns the number",
    ),
    Rule(
        id="capacity-unknown",
        summary="Replicas are divided by a capacity that the inventory does not state",
        fix="write status.resourceSummary, or set strictInventory",
    ),
    Rule(
        id="apis-unknown",
        summary="Some clusters list their APIs, and objects go to others that do not",
        fix="write status.apiEnablements, or set strictInventory",
    ),
    Rule(
        id="cluster-doubtful",
        summary="A Cluster is described in a way that Karmada would refuse",
        fix="see docs/inventory.md",
    ),
    Rule(
        id="no-effect-offline",
        summary="A kind asks a live control plane for something",
        fix="see docs/differences.md, not available offline",
    ),
    Rule(
        id="suspended",
        summary="A suspension holds an object back",
        description="What is held back is left out of the output.",
        fix="take spec.suspension out when it is over",
        level=Level.NOTE,
    ),
)

_BY_ID = {rule.id: rule for rule in RULES}


def check(subject: Subject) -> Iterator[Result]:
    """Turn the warnings of the rendering into results."""
    places = {str(ref): template.location for ref, template in subject.templates.items()}
    for warning in subject.rendering.warnings:
        rule = _BY_ID.get(warning.rule)
        yield Result(
            rule=warning.rule,
            level=rule.level if rule else Level.WARNING,
            message=warning.message,
            location=warning.location or places.get(warning.resource),
            resource=warning.resource,
            field=warning.field,
            hint=warning.hint or (rule.fix if rule else ""),
            key=_key(warning),
        )


def _key(warning: Problem) -> str:
    # One object may miss several dependencies, which only the message tells apart.
    return warning.message if warning.rule == "dependency-not-in-git" else ""
