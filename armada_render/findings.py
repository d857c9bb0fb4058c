"""Say in a user's words what a rendering found: problems to mend, and warnings. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from armada_render.attach import Attached
from armada_render.errors import ExitCode, Problem, SourceLocation
from armada_render.load.lockfile import is_in_lock
from armada_render.model.binding import ConditionReason, ResourceBinding, StageError
from armada_render.model.fleet import Fleet
from armada_render.model.frozen import CopyKey
from armada_render.model.override import OverridePolicy
from armada_render.model.placement import SchedulingType, Strategy
from armada_render.model.policy import PropagationPolicy, PurgeMode
from armada_render.model.resource import ObjectReference, ResourceTemplate
from armada_render.model.selector import ResourceSelector

_EXIT_CODES = {
    "match": ExitCode.PLACEMENT,
    "schedule": ExitCode.PLACEMENT,
    "dependencies": ExitCode.PLACEMENT,
    "work": ExitCode.OVERRIDE,
}


def placement_problem(binding: ResourceBinding) -> Problem:
    """Say why a binding has no clusters, with the reason of every cluster."""
    headline = {
        ConditionReason.NO_CLUSTER_FIT: "no cluster fits",
        ConditionReason.UNSCHEDULABLE: "not enough capacity",
    }.get(ConditionReason(binding.reason), "cannot be scheduled")
    lines = [f"{headline} ({binding.policy.key if binding.policy else ''}): {binding.message}"]
    for decision in binding.decisions:
        if decision.step == "affinity":
            groups = decision.detail["groups"]
            lines += [f"  affinity group {item['name']}: {item['message']}" for item in groups]
    room = _room(binding)
    for item in binding.rejections:
        reason = item.reason
        if reason == binding.message and item.cluster in room:
            # A constraint on the number of clusters or regions has nothing to do with room.
            reason = (
                "fits, but too few clusters or regions do"
                if "MinGroups" in reason
                else f"room for {room[item.cluster]} of {binding.replicas} replicas"
            )
        lines.append(f"  {item.cluster}: {reason} [{item.rule}]")
    return Problem(
        message="\n".join(lines),
        location=binding.template.location,
        resource=str(binding.ref),
        hint=_placement_hint(binding),
        code=ExitCode.PLACEMENT,
    )


def _room(binding: ResourceBinding) -> dict[str, int]:
    """Return how many replicas each feasible cluster can take, as far as that was computed."""
    for decision in binding.decisions:
        if decision.step == "score":
            return dict(zip(decision.detail["clusters"], decision.detail["available"], strict=True))
    return {}


def _placement_hint(binding: ResourceBinding) -> str:
    if binding.reason == ConditionReason.NO_CLUSTER_FIT:
        return "widen the policy's placement, or change the clusters of the inventory"
    if binding.reason == ConditionReason.UNSCHEDULABLE:
        return "lower the replicas or requests, add clusters, or correct status.resourceSummary"
    return "see docs/placement.md for what spread constraints and strategies need"


def stage_problem(error: StageError, template: ResourceTemplate | None) -> Problem:
    """Say which resource failed, on which cluster, and by which rule of which policy."""
    where = [error.policy + (f" {error.rule}" if error.rule else "")] if error.policy else []
    if error.cluster:
        where.append(f"cluster {error.cluster}")
    prefix = f"{', '.join(where)}: " if where else ""
    return Problem(
        message=prefix + error.message,
        location=template.location if template else None,
        resource=str(error.ref),
        hint=error.hint,
        code=_EXIT_CODES[error.stage],
    )


def warnings(  # noqa: PLR0913 - one line a source of warnings
    fleet: Fleet,
    policies: Sequence[PropagationPolicy],
    overrides: Sequence[OverridePolicy],
    attached: Attached,
    suspended: Mapping[ObjectReference, tuple[str, ...]],
    *,
    strict_inventory: bool,
) -> tuple[Problem, ...]:
    """Collect what users should know though nothing failed."""
    return (
        *_idle_policies(fleet, policies, overrides),
        *_unknown_clusters(fleet, policies, overrides),
        *_missing_dependencies(fleet, attached),
        *(_unknown_facts(fleet, attached.bindings) if not strict_inventory else ()),
        *_absent_replicas(attached.bindings),
        *_held_back(attached.bindings, suspended),
        *_old_copies(fleet, attached.bindings),
    )


def _idle_policies(
    fleet: Fleet,
    policies: Sequence[PropagationPolicy],
    overrides: Sequence[OverridePolicy],
) -> Iterable[Problem]:
    index = _TemplateIndex(fleet.templates)
    every: tuple[PropagationPolicy | OverridePolicy, ...] = (*policies, *overrides)
    for policy in every:
        selectors = policy.spec.resource_selectors
        if selectors and not any(index.has(item, policy.namespace) for item in selectors):
            yield Problem(
                message="selects nothing: no object has such an apiVersion, kind, name or label",
                location=policy.location,
                field="spec.resourceSelectors",
                resource=policy.key,
                hint="check apiVersion, kind, name and namespace of its selectors",
                rule="policy-selects-nothing",
            )


class _TemplateIndex:
    """Templates by what selectors and their policies name, so that none scans them all.

    A name or namespace of "" stands for any.
    """

    def __init__(self, templates: Iterable[ResourceTemplate]) -> None:
        self._by_key: dict[tuple[str, str, str, str], list[ResourceTemplate]] = {}
        for template in templates:
            ref = template.ref
            for namespace in {ref.namespace, ""}:
                for name in (ref.name, ""):
                    key = (ref.api_version, ref.kind, namespace, name)
                    self._by_key.setdefault(key, []).append(template)

    def has(self, selector: ResourceSelector, namespace: str) -> bool:
        """Tell whether `selector` takes any template of `namespace` ("": of any)."""
        scope = namespace or selector.namespace
        key = (selector.api_version, selector.kind, scope, selector.name)
        return any(
            selector.priority(template.ref, template.labels)
            for template in self._by_key.get(key, ())
        )


def _unknown_clusters(
    fleet: Fleet,
    policies: Sequence[PropagationPolicy],
    overrides: Sequence[OverridePolicy],
) -> Iterable[Problem]:
    known = {cluster.name for cluster in fleet.clusters}
    every: tuple[PropagationPolicy | OverridePolicy, ...] = (*policies, *overrides)
    for policy in every:
        named = {
            name for item in policy.affinities() for name in (*item.cluster_names, *item.exclude)
        }
        if not named <= known:
            yield Problem(
                message=f"names {', '.join(sorted(named - known))}, of which the inventory knows "
                "nothing",
                location=policy.location,
                resource=policy.key,
                hint="correct the name, or add the cluster with `armada-render clusters init`",
                rule="unknown-cluster",
            )


def _missing_dependencies(fleet: Fleet, attached: Attached) -> Iterable[Problem]:
    if not attached.missing:
        return
    places = {template.ref: template.location for template in fleet.templates}
    for referrer, dependency in attached.missing:
        yield Problem(
            message=f"refers to {dependency.kind} {dependency.name}, which is not in Git: it must "
            "be on the cluster already",
            location=places.get(referrer),
            resource=str(referrer),
            rule="dependency-not-in-git",
        )


def _unknown_facts(fleet: Fleet, bindings: Sequence[ResourceBinding]) -> Iterable[Problem]:
    yield from _unknown_capacity(fleet, bindings)
    yield from _unknown_apis(fleet, bindings)


def _unknown_apis(fleet: Fleet, bindings: Iterable[ResourceBinding]) -> Iterable[Problem]:
    """Warn where some clusters say which APIs they serve, and placement took others on trust."""
    silent = {item.name for item in fleet.clusters if item.status.api_enablements is None}
    if len(silent) == len(fleet.clusters):
        return
    trusted = sorted(
        {target.name for item in bindings for target in item.clusters if target.name in silent}
    )
    if trusted:
        yield Problem(
            message=f"{_some(trusted)} without status.apiEnablements, which other clusters have: "
            "every API counts as served there",
            location=_place_of(trusted[0], fleet),
            hint="see docs/differences.md; --strict-inventory counts it as none, as Karmada does",
            rule="apis-unknown",
        )


def _unknown_capacity(fleet: Fleet, bindings: Iterable[ResourceBinding]) -> Iterable[Problem]:
    unknown = [
        cluster.name for cluster in fleet.clusters if cluster.status.resource_summary is None
    ]
    asking = [
        str(binding.ref)
        for binding in bindings
        if binding.placement is not None
        and binding.placement.strategy in (Strategy.AGGREGATED, Strategy.DYNAMIC_WEIGHT)
    ]
    if unknown and asking:
        yield Problem(
            message=f"{_some(asking)} divided by capacity, but {_some(unknown)} without "
            "status.resourceSummary: counted as unlimited there",
            location=_place_of(unknown[0], fleet),
            hint="see docs/differences.md; --strict-inventory counts it as none, as Karmada does",
            rule="capacity-unknown",
        )


def _absent_replicas(bindings: Iterable[ResourceBinding]) -> Iterable[Problem]:
    absent = [
        binding
        for binding in bindings
        if binding.placement is not None
        and binding.placement.scheduling_type is SchedulingType.DIVIDED
        and binding.is_workload
        and binding.ref.api_version == "apps/v1"
        and "replicas" not in (binding.template.manifest.get("spec") or {"replicas": 1})
    ]
    if absent:
        yield Problem(
            message=f"{_some([str(one.ref) for one in absent])} divided without spec.replicas: "
            "counted as 1, on one cluster",
            location=absent[0].template.location,
            hint="write spec.replicas, or use the Duplicated type if an HPA owns the number; see "
            "docs/differences.md",
            rule="replicas-missing",
        )


def _held_back(
    bindings: Iterable[ResourceBinding], suspended: Mapping[ObjectReference, tuple[str, ...]]
) -> Iterable[Problem]:
    for binding in bindings:
        clusters = suspended.get(binding.ref)
        if clusters:
            yield Problem(
                message=f"held back on {', '.join(clusters)} (suspension): left out of the output",
                location=binding.policy.location if binding.policy else None,
                field="spec.suspension",
                resource=str(binding.ref),
                hint="where it runs already, Argo CD must not prune it: see docs/differences.md",
                rule="suspended",
            )


def _place_of(name: str, fleet: Fleet) -> SourceLocation | None:
    return next((one.location for one in fleet.clusters if one.name == name), None)


def _old_copies(fleet: Fleet, bindings: Iterable[ResourceBinding]) -> Iterable[Problem]:
    """Warn of eviction tasks whose old copy is not there to keep, and of copies without a task."""
    left = dict(fleet.frozen)
    for binding in bindings:
        for task in binding.eviction_tasks:
            if task.purge_mode == PurgeMode.DIRECTLY:
                continue
            key = CopyKey(task.from_cluster, binding.namespace, binding.name)
            if left.pop(key, None) is None:
                at = binding.previous.location if binding.previous else None
                yield Problem(
                    message=f"the old copy on {task.from_cluster} is not kept, though an eviction "
                    "task says so: there are no frozen manifests of it",
                    # What is being imported stands in no file of the source.
                    location=at if at is not None and is_in_lock(at.path) else None,
                    resource=str(binding.ref),
                    hint="restore them with `git checkout`, or take the task out of the lock; see "
                    "docs/failover.md",
                )
    for copy in left.values():
        yield Problem(
            message="frozen manifests that no eviction task asks for are not applied",
            location=copy.location,
            hint="delete the file; see docs/failover.md",
        )


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:3])
    verb = "is" if len(names) == 1 else "are"
    return f"{shown} {verb}" if len(names) <= 3 else f"{shown} and {len(names) - 3} more {verb}"
