"""How the bindings of an object got their clusters, from what the scheduler recorded."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from armada_render.explain.evidence import Evidence
from armada_render.explain.result import (
    Candidate,
    Constraint,
    Division,
    Eviction,
    Group,
    Placement,
    Referrer,
    Refusal,
    Region,
    Share,
    Target,
)
from armada_render.model.binding import Decision, ResourceBinding

_BindingKey = tuple[str, str]


def placement(
    binding: ResourceBinding, holders: Mapping[_BindingKey, ResourceBinding], evidence: Evidence
) -> Placement:
    """Return how one binding was placed.

    `holders` are all bindings by namespace and name, to say who requires this one.
    """
    details = _details(binding.decisions)
    cause = details["schedule"][0]["cause"] if details["schedule"] else ""
    kept = details["keep"][0]["reason"] if details["keep"] else ""
    previous = binding.previous
    requirements = binding.requirements
    return Placement(
        binding="/".join(filter(None, (binding.namespace, binding.name))),
        policy=binding.policy.key if binding.policy else "",
        cause=cause,
        kept=kept,
        lock=evidence.locate(previous.location, "") if previous else "",
        replicas=binding.replicas if binding.is_workload else None,
        requests=dict(requirements.resource_request) if requirements else {},
        groups=_groups(details["affinity"]),
        candidates=_candidates(details["score"], evidence),
        constraints=_constraints(binding),
        regions=_regions(details["regions"]),
        selected=tuple(details["select"][0]["clusters"]) if details["select"] else None,
        divisions=tuple(map(_division, details["divide"])),
        targets=_targets(binding, evidence),
        refusals=tuple(
            Refusal(cluster=item.cluster, rule=item.rule, reason=item.reason)
            for item in binding.rejections
            if evidence.is_asked(item.cluster)
        ),
        required_by=tuple(_referrers(binding, holders)),
        evictions=tuple(
            Eviction(
                cluster=task.from_cluster,
                purge_mode=task.purge_mode,
                reason=task.reason,
                producer=task.producer,
            )
            for task in binding.eviction_tasks
        ),
        reason=str(binding.reason),
        message=binding.message,
    )


_STEPS = ("schedule", "keep", "affinity", "score", "regions", "select", "divide")


def _details(decisions: Iterable[Decision]) -> dict[str, list[dict[str, Any]]]:
    details: dict[str, list[dict[str, Any]]] = {step: [] for step in _STEPS}
    for decision in decisions:
        details.setdefault(decision.step, []).append(decision.detail)
    return details


def _groups(details: Sequence[dict[str, Any]]) -> tuple[Group, ...]:
    return tuple(
        Group(name=group["name"], taken=not group["reason"], message=group["message"])
        for detail in details
        for group in detail["groups"]
    )


def _candidates(details: Sequence[dict[str, Any]], evidence: Evidence) -> tuple[Candidate, ...]:
    columns = ("clusters", "score", "allocatable", "estimated", "available", "overflowOrder")
    return tuple(
        Candidate(
            cluster=name,
            score=score,
            room=room if is_estimated else None,
            available=available,
            tier=tier,
        )
        for detail in details
        for name, score, room, is_estimated, available, tier in zip(
            *(detail[column] for column in columns), strict=True
        )
        if evidence.is_asked(name)
    )


def _constraints(binding: ResourceBinding) -> tuple[Constraint, ...]:
    if binding.placement is None:
        return ()
    return tuple(
        Constraint(
            by=str(one.spread_by_field or f"label {one.spread_by_label}"),
            min_groups=one.min_groups,
            max_groups=one.max_groups,
        )
        for one in binding.placement.spread_constraints
    )


def _regions(details: Sequence[dict[str, Any]]) -> tuple[Region, ...]:
    return tuple(
        Region(name=name, score=score, chosen=name in detail["chosen"])
        for detail in details
        for name, score in detail["scores"].items()
    )


def _division(detail: dict[str, Any]) -> Division:
    weights: dict[str, int] = detail["weights"]
    kept: dict[str, int] = detail["kept"]
    result: dict[str, int] = detail["result"]
    return Division(
        strategy=detail["strategy"],
        mode=detail["mode"],
        replicas=detail["replicas"],
        total_weight=sum(weights.values()),
        shares=tuple(
            Share(
                cluster=name,
                weight=weights.get(name),
                kept=kept.get(name, 0),
                replicas=result.get(name, 0),
            )
            for name in dict.fromkeys((*weights, *kept, *result))
        ),
    )


def _targets(binding: ResourceBinding, evidence: Evidence) -> tuple[Target, ...]:
    own = {target.name for target in binding.clusters}
    held = evidence.rendering.suspended.get(binding.ref, ())
    return tuple(
        Target(
            cluster=target.name,
            replicas=target.replicas if binding.is_workload else None,
            held=target.name in held,
            required=target.name not in own,
        )
        for target in binding.targets
        if evidence.is_asked(target.name)
    )


def _referrers(
    binding: ResourceBinding, holders: Mapping[_BindingKey, ResourceBinding]
) -> Iterable[Referrer]:
    for snapshot in binding.required_by:
        holder = holders.get((snapshot.namespace, snapshot.name))
        yield Referrer(
            object=str(holder.ref) if holder else f"{snapshot.namespace}/{snapshot.name}",
            policy=holder.policy.key if holder and holder.policy else "",
            clusters=tuple(target.name for target in snapshot.clusters),
        )
