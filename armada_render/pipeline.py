"""The whole program on one screen: a `Fleet` becomes a `Rendering`."""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from armada_render import admit, attach, build, match, schedule
from armada_render.errors import ExitCode, Problem
from armada_render.findings import placement_problem, stage_problem, warnings
from armada_render.interpret import Interpreter
from armada_render.load import from_objects
from armada_render.model.binding import (
    ConditionReason,
    GracefulEvictionTask,
    ResourceBinding,
    StageError,
)
from armada_render.model.cluster import Cluster
from armada_render.model.fleet import Fleet
from armada_render.model.override import OverridePolicy
from armada_render.model.policy import PropagationPolicy
from armada_render.model.resource import ObjectReference
from armada_render.model.work import Work

API_VERSION = "armada-render/v1"


class RenderOptions(Struct, frozen=True, kw_only=True):
    """How to render. `strict_inventory`: unknown capacity is none, unknown APIs are absent.

    `trace`: each Work remembers the manifests between template and result, for `explain`.
    `clusters`: everything is placed, but Works are built for these only, and what would fail on
    others is not found.
    """

    strict_inventory: bool = False
    trace: bool = False
    clusters: frozenset[str] | None = None


class Rendering(Struct, frozen=True, kw_only=True, eq=False):
    """What every cluster gets, and how it came to that.

    `works` maps every cluster that gets something to its Works, sorted by resource; clusters share
    equal Works. `suspended` names the clusters where a resource is held back: its Work is among
    `works`, but must not be applied. `errors` are resources that failed, `problems` everything that
    must be mended (those errors, unplaced resources, rejected policies, bad documents).
    `passed_over` says of templates among `unpropagated` why no policy was asked at all. The
    policies and clusters are those that were admitted, with their defaults.
    """

    bindings: tuple[ResourceBinding, ...]
    works: Mapping[str, tuple[Work, ...]]
    suspended: Mapping[ObjectReference, tuple[str, ...]]
    unpropagated: tuple[ObjectReference, ...]
    rejected: Mapping[str, tuple[Problem, ...]]
    errors: tuple[StageError, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    passed_over: Mapping[ObjectReference, str] = {}
    propagation_policies: tuple[PropagationPolicy, ...] = ()
    override_policies: tuple[OverridePolicy, ...] = ()
    clusters: tuple[Cluster, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """The most severe of all problems, `OK` when there is none."""
        return max((problem.code for problem in self.problems), default=ExitCode.OK)

    def dispatched(self, cluster: str) -> tuple[Work, ...]:
        """Return what is to be applied to `cluster`: its Works without those held back."""
        works = self.works.get(cluster, ())
        if not self.suspended:
            return works
        return tuple(work for work in works if cluster not in self.suspended.get(work.template, ()))

    def to_dict(self) -> dict[str, Any]:
        """Return the rendering as plain data, the public form that `render -o json` prints.

        Its fields are described in docs/json-output.md and only ever added to.
        """
        return {
            "apiVersion": API_VERSION,
            "kind": "Rendering",
            "bindings": {
                str(item.ref): _binding_dict(item, self.suspended) for item in self.bindings
            },
            "works": {
                cluster: [work.manifest for work in works] for cluster, works in self.works.items()
            },
            "unpropagated": [str(ref) for ref in self.unpropagated],
            "rejected": {
                key: "; ".join(_sentence(problem) for problem in problems)
                for key, problems in self.rejected.items()
            },
            "errors": [_error_dict(error) for error in self.errors],
            "problems": [_problem_dict(problem) for problem in self.problems],
            "warnings": [_problem_dict(problem) for problem in self.warnings],
        }


def render(
    objects: Fleet | Iterable[Mapping[str, Any]], options: RenderOptions | None = None
) -> Rendering:
    """Turn what Git holds into what each cluster gets.

    Never raises for bad input: what is wrong is part of the result, and the rest goes on.
    """
    options = options or RenderOptions()
    fleet = objects if isinstance(objects, Fleet) else from_objects(objects)
    interpreter = Interpreter(fleet.customizations)

    policies = admit.policies(fleet.propagation_policies, fleet.override_policies)
    clusters = admit.clusters(fleet.clusters)
    matched = match.bind(
        fleet.templates,
        policies.propagation,
        policies.overrides,
        interpreter,
        fleet.previous_bindings,
    )
    placed = schedule.place(
        matched.bindings, clusters.clusters, strict_inventory=options.strict_inventory
    )
    attached = attach.dependencies(placed, fleet.templates, interpreter)
    built = build.works(
        attached.bindings,
        policies.overrides,
        clusters.clusters,
        interpreter,
        trace=options.trace,
        only=options.clusters,
    )
    built = build.with_frozen(built, attached.bindings, fleet.frozen, fleet.templates)
    built = build.namespaces(
        fleet.templates,
        attached.bindings,
        built,
        policies.overrides,
        clusters.clusters,
        trace=options.trace,
    )

    works = built.works
    if options.clusters is not None:
        works = {name: group for name, group in works.items() if name in options.clusters}
    rejected = {**fleet.rejected, **policies.rejected}
    errors = (
        *matched.errors,
        *(_schedule_error(item) for item in placed if _is_error(item)),
        *attached.errors,
        *built.errors,
    )
    return Rendering(
        bindings=attached.bindings,
        works=works,
        suspended=built.suspended,
        unpropagated=_unpropagated(fleet, attached.bindings, matched.errors),
        rejected=dict(sorted(rejected.items())),
        errors=errors,
        problems=(
            *fleet.problems,
            *clusters.problems,
            *admit.customization_problems(fleet.customizations),
            *_problems(fleet, rejected, attached.bindings, errors),
        ),
        warnings=(
            *fleet.warnings,
            *clusters.warnings,
            *warnings(
                fleet,
                policies.propagation,
                policies.overrides,
                attached,
                built.suspended,
                strict_inventory=options.strict_inventory,
            ),
        ),
        passed_over=matched.passed_over,
        propagation_policies=policies.propagation,
        override_policies=policies.overrides,
        clusters=tuple(clusters.clusters),
    )


def _unpropagated(
    fleet: Fleet, bindings: Iterable[ResourceBinding], errors: Iterable[StageError]
) -> tuple[ObjectReference, ...]:
    taken = {binding.ref for binding in bindings} | {error.ref for error in errors}
    return tuple(template.ref for template in fleet.templates if template.ref not in taken)


def _is_error(binding: ResourceBinding) -> bool:
    # "No cluster fits" is an answer, and clears the targets; the others are failures.
    return bool(binding.reason) and binding.reason != ConditionReason.NO_CLUSTER_FIT


def _schedule_error(binding: ResourceBinding) -> StageError:
    return StageError(
        stage="schedule",
        ref=binding.ref,
        message=binding.message,
        policy=binding.policy.key if binding.policy else "",
    )


def _problems(
    fleet: Fleet,
    rejected: Mapping[str, tuple[Problem, ...]],
    bindings: Iterable[ResourceBinding],
    errors: Iterable[StageError],
) -> tuple[Problem, ...]:
    templates = {template.ref: template for template in fleet.templates}
    return (
        *(problem for problems in rejected.values() for problem in problems),
        *(placement_problem(binding) for binding in bindings if binding.reason),
        *(
            stage_problem(error, templates.get(error.ref))
            for error in errors
            if error.stage != "schedule"
        ),
    )


def _binding_dict(
    binding: ResourceBinding, suspended: Mapping[ObjectReference, tuple[str, ...]]
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "policy": binding.policy.key if binding.policy else None,
        "replicas": binding.replicas,
        "clusters": [
            {"name": target.name, "replicas": target.replicas} for target in binding.clusters
        ],
        "requiredBy": sorted(f"{item.namespace}/{item.name}" for item in binding.required_by),
        "schedulerObservingAffinityName": binding.observed_affinity or None,
        "suspendedClusters": list(suspended.get(binding.ref, ())),
        "reason": str(binding.reason) or None,
        "message": binding.message or None,
        "rejections": [
            {"cluster": item.cluster, "rule": item.rule, "reason": item.reason}
            for item in binding.rejections
        ],
    }
    if binding.eviction_tasks:
        found["evictionTasks"] = [_task_dict(task) for task in binding.eviction_tasks]
    return found


def _task_dict(task: GracefulEvictionTask) -> dict[str, Any]:
    return {
        "fromCluster": task.from_cluster,
        "purgeMode": task.purge_mode or None,
        "replicas": task.replicas,
        "reason": task.reason,
        "creationTimestamp": task.creation_timestamp,
    }


def _error_dict(error: StageError) -> dict[str, Any]:
    fields = {"cluster": error.cluster, "policy": error.policy, "rule": error.rule}
    return {
        "stage": error.stage,
        "resource": str(error.ref),
        "message": error.message,
        **{key: value for key, value in fields.items() if value},
    }


def _problem_dict(problem: Problem) -> dict[str, Any]:
    fields = {
        "location": str(problem.location or ""),
        "resource": problem.resource,
        "field": problem.field,
        "hint": problem.hint,
        "rule": problem.rule,
    }
    return {
        "message": problem.message,
        "exitCode": int(problem.code),
        **{key: value for key, value in fields.items() if value},
    }


def _sentence(problem: Problem) -> str:
    return f"{problem.field}: {problem.message}" if problem.field else problem.message
