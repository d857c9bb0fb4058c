"""What a Cluster of an inventory may not say (pkg/apis/cluster/validation/validation.go).

Only what leaves no answer keeps a cluster out; what Karmada would refuse besides is a warning,
since an inventory in Git need not have passed Karmada's API server. How Karmada would reach the
cluster (sync mode, endpoint, proxy, secrets) is not looked at. Resource models are judged sorted by
grade, as upstream stores them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from msgspec import Struct

from armada_render.admit.finding import Finding
from armada_render.errors import Problem
from armada_render.model.cluster import Cluster, ClusterSpec, QuantityText, ResourceModel, Taint
from armada_render.model.pattern import DIGITS, LOWER, word
from armada_render.model.quantity import parse
from armada_render.model.selector import label_value_error, qualified_name_error

_LONGEST_NAME = 48
_is_name = word(LOWER + DIGITS, "-")
_EFFECTS = ("NoSchedule", "NoExecute")


class AdmittedClusters(Struct, frozen=True, kw_only=True):
    """Clusters that take part; why others do not; and what Karmada would refuse all the same."""

    clusters: tuple[Cluster, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def clusters(inventory: Sequence[Cluster]) -> AdmittedClusters:
    """Return the clusters that can be worked with, in the given order, and all that is wrong."""
    admitted: list[Cluster] = []
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for cluster in inventory:
        refusals = _located(cluster, _refusals(cluster))
        problems += refusals
        warnings += _located(cluster, _doubts(cluster), rule="cluster-doubtful")
        if not refusals:
            admitted.append(cluster)
    return AdmittedClusters(
        clusters=tuple(admitted), problems=tuple(problems), warnings=tuple(warnings)
    )


def _located(cluster: Cluster, findings: Iterable[Finding], rule: str = "") -> list[Problem]:
    return [
        Problem(
            message=finding.message,
            location=cluster.location,
            field=finding.field,
            resource=f"cluster.karmada.io/v1alpha1/Cluster//{cluster.name}",
            hint=finding.hint,
            rule=rule,
        )
        for finding in findings
    ]


def _refusals(cluster: Cluster) -> Iterator[Finding]:
    spec = cluster.spec
    if not cluster.name or label_value_error(cluster.name):
        # A wider rule than Karmada's, but the name becomes part of paths.
        yield Finding(
            "metadata.name",
            "this cannot be the name of a cluster",
            "use lower-case letters, digits and '-', with a letter or digit at both ends",
        )
    if spec.zone and spec.zones:
        yield Finding(
            "spec.zone",
            "zone and zones cannot both be set",
            "keep zones; zone is its deprecated form for a single one",
        )
    for i, model in enumerate(spec.resource_models):
        for j, part in enumerate(model.ranges):
            amounts = {"min": part.min, "max": part.max}
            yield from _quantities(amounts, f"spec.resourceModels[{i}].ranges[{j}]")
    summary = cluster.status.resource_summary
    if summary is not None:
        yield from _quantities(summary.allocatable, "status.resourceSummary.allocatable")
        yield from _quantities(summary.allocating, "status.resourceSummary.allocating")
        yield from _quantities(summary.allocated, "status.resourceSummary.allocated")


def _quantities(amounts: Mapping[str, QuantityText], at: str) -> Iterator[Finding]:
    for name, amount in amounts.items():
        if _amount(amount) is None:
            yield Finding(
                at,
                f"{name} is no resource quantity",
                "write a number such as 2, 500m or 4Gi",
            )


def _amount(text: QuantityText) -> int | None:
    try:
        return parse(text)
    except ValueError:
        return None


def _doubts(cluster: Cluster) -> Iterator[Finding]:
    spec = cluster.spec
    if len(cluster.name) > _LONGEST_NAME or not _is_name(cluster.name):
        yield Finding(
            "metadata.name",
            f"Karmada wants a DNS label of no more than {_LONGEST_NAME} characters here",
            "use lower-case letters, digits and '-', with a letter or digit at both ends",
        )
    yield from _topology(spec)
    yield from _taints(spec.taints)
    yield from _models(spec.resource_models)


def _topology(spec: ClusterSpec) -> Iterator[Finding]:
    named = [("spec.provider", spec.provider), ("spec.region", spec.region)]
    named.append(("spec.zone", spec.zone))
    named += [(f"spec.zones[{i}]", zone) for i, zone in enumerate(spec.zones)]
    for path, value in named:
        if error := label_value_error(value):
            yield Finding(path, error, "Karmada wants a label value here")


def _taints(taints: tuple[Taint, ...]) -> Iterator[Finding]:
    first_use: dict[tuple[str, str], int] = {}
    for i, taint in enumerate(taints):
        at = f"spec.taints[{i}]"
        if error := qualified_name_error(taint.key):
            yield Finding(f"{at}.key", error)
        if error := label_value_error(taint.value):
            yield Finding(f"{at}.value", error)
        if taint.effect not in _EFFECTS:
            yield Finding(
                f"{at}.effect",
                f'"{taint.effect}" is no effect of a cluster taint',
                f"use {' or '.join(_EFFECTS)}",
            )
        used = first_use.setdefault((taint.key, taint.effect), i)
        if used != i:
            yield Finding(
                at,
                f"spec.taints[{used}] has the same key and effect",
                "keep one of the two; their values may not differ",
            )


def _models(models: tuple[ResourceModel, ...]) -> Iterator[Finding]:
    # Grades tell node sizes apart, so they follow one another without gaps or overlaps.
    order = sorted(range(len(models)), key=lambda i: models[i].grade)
    for before, i in pairwise(order):
        lower, model, at = models[before], models[i], f"spec.resourceModels[{i}]"
        if lower.grade == model.grade:
            yield Finding(f"{at}.grade", f"there are two models of grade {model.grade}")
        elif [part.name for part in lower.ranges] != [part.name for part in model.ranges]:
            yield Finding(
                f"{at}.ranges",
                f"the resources differ from those of grade {lower.grade}",
                "list the same resources in the same order in every model",
            )
        else:
            yield from _steps(lower, model, f"{at}.ranges")


def _steps(lower: ResourceModel, model: ResourceModel, at: str) -> Iterator[Finding]:
    for j, (below, part) in enumerate(zip(lower.ranges, model.ranges, strict=True)):
        most, least = _amount(below.max), _amount(part.min)
        # Upstream wants max too, but nothing ever reads it: an inventory may leave it out.
        if most and least is not None and most != least:
            yield Finding(
                f"{at}[{j}].min",
                f"min does not continue where max of grade {lower.grade} ends",
                "make the two equal",
            )
