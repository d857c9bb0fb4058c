"""Sort documents by kind and decode them: what stands in Git becomes a `Fleet`.

Policies, clusters, customizations and previous bindings are decoded strictly; everything else is a
resource template and stays plain data. Every problem is collected, none stops the others.
What decodes a rare kind is imported when there is one.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, TypeVar  # noqa: TID251 - not against cycles, but for a fast start

from msgspec import Struct

from armada_render.errors import Problem, SourceLocation
from armada_render.load.identity import identity_problem, is_mapping
from armada_render.load.lockfile import is_in_lock, lock_problems
from armada_render.load.scope import cluster_scoped, group_kind
from armada_render.model.acknowledgement import Acknowledgement, is_acknowledgement
from armada_render.model.binding import BINDING_API, BINDING_KINDS, PreviousBinding
from armada_render.model.cluster import Cluster, ClusterSpec, ClusterStatus
from armada_render.model.config import CONFIG_NAME, Config
from armada_render.model.decode import FieldProblem, decode, format_path
from armada_render.model.fleet import Customization, Fleet
from armada_render.model.override import OverridePolicy, OverrideSpec
from armada_render.model.policy import PropagationPolicy, PropagationSpec
from armada_render.model.resource import (
    Manifest,
    ObjectReference,
    ResourceTemplate,
    replaced,
    string_map,
    without,
)
from armada_render.model.selector import label_value_error

if TYPE_CHECKING:
    from armada_render.model.taintpolicy import ClusterTaintPolicy

T = TypeVar("T")

POLICY_API = "policy.karmada.io/v1alpha1"
CLUSTER_API = "cluster.karmada.io/v1alpha1"
CUSTOMIZATION_API = "config.karmada.io/v1alpha1"

_WITHOUT_EFFECT = frozenset(
    {
        "CronFederatedHPA",
        "FederatedHPA",
        "FederatedResourceQuota",
        "MultiClusterIngress",
        "MultiClusterService",
        "Remedy",
        "WorkloadRebalancer",
    }
)
"""Kinds that ask a live control plane for something that a Git path cannot give."""

_NAMESPACED_POLICIES = ("PropagationPolicy", "OverridePolicy")


class Found(Struct, frozen=True):
    """One object: its data, the app it belongs to by its path, and where it stands."""

    manifest: Manifest
    app: str = ""
    location: SourceLocation | None = None


class _Collector:
    """What has been decoded so far."""

    def __init__(self, config: Config, is_cluster_scoped: frozenset[str]) -> None:
        self.config = config
        self.is_cluster_scoped = is_cluster_scoped
        self.seen: dict[ObjectReference, SourceLocation | None] = {}
        self.templates: list[ResourceTemplate] = []
        self.propagation_policies: list[PropagationPolicy] = []
        self.override_policies: list[OverridePolicy] = []
        self.clusters: list[Cluster] = []
        self.customizations: list[Customization] = []
        self.taint_policies: list[ClusterTaintPolicy] = []
        self.previous: dict[ObjectReference, PreviousBinding] = {}
        self.acknowledgements: list[Acknowledgement] = []
        self.rejected: dict[str, tuple[Problem, ...]] = {}
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []

    def add(self, found: Found) -> None:
        """Sort one object in."""
        manifest = found.manifest
        if is_acknowledgement(manifest):
            self._add_acknowledgement(found)
            return
        problem = identity_problem(manifest, found.location)
        if problem is not None:
            self.problems.append(problem)
            return
        found = self._with_namespace(found)
        manifest = found.manifest
        metadata = manifest["metadata"]
        ref = ObjectReference(
            manifest["apiVersion"],
            manifest["kind"],
            metadata.get("namespace") or "",
            metadata["name"],
        )
        if self._is_broken_lock_entry(ref, found):
            return
        if ref in self.seen:
            self.problems.append(_duplicate(ref, self.seen[ref], found.location))
            return
        self.seen[ref] = found.location
        handler = _HANDLERS.get((ref.api_version, ref.kind))
        if handler is not None:
            handler(self, ref, found)
        elif ref.api_version.partition("/")[0].endswith(".karmada.io"):
            self._add_other_karmada(ref, found)
        else:
            self._add_template(ref, found)

    def _with_namespace(self, found: Found) -> Found:
        manifest = found.manifest
        kind = group_kind(manifest["apiVersion"], manifest["kind"])
        namespace = manifest["metadata"].get("namespace")
        has_none = kind in self.is_cluster_scoped or (
            kind.partition("/")[0].endswith(".karmada.io")
            and manifest["kind"] not in (*_NAMESPACED_POLICIES, "ResourceBinding", "Work")
            and not namespace
        )
        if has_none:
            manifest = without(manifest, ("metadata", "namespace"))
        elif not namespace:
            manifest = replaced(manifest, ("metadata", "namespace"), self.config.namespace)
        if manifest is found.manifest:
            return found
        return Found(manifest, found.app, found.location)

    def _add_template(self, ref: ObjectReference, found: Found) -> None:
        app = found.app
        label = self.config.apps.label
        if label:
            labels = string_map(found.manifest["metadata"].get("labels"))
            app = labels.get(label) or app
            if label in labels and (error := label_value_error(labels[label])):
                # It names folders of the output, and the API server would refuse the object.
                self.problems.append(
                    Problem(
                        message=f"not a valid label value: {error}",
                        location=found.location,
                        field=format_path(("metadata", "labels", label)),
                        resource=str(ref),
                        hint=f"it names the app, see apps.label in {CONFIG_NAME}",
                    )
                )
                return
        self.templates.append(
            ResourceTemplate(ref=ref, manifest=found.manifest, app=app, location=found.location)
        )

    def _add_other_karmada(self, ref: ObjectReference, found: Found) -> None:
        # The detector never propagates Karmada's own API groups (pkg/util/apigroup.go); groups that
        # are not in its list (search, operator) and dependencies may still travel.
        self._add_template(ref, found)
        if ref.kind in _WITHOUT_EFFECT:
            self.warnings.append(
                Problem(
                    message=f"{ref.kind} has no effect offline and is left out",
                    location=found.location,
                    resource=str(ref),
                    hint="see docs/differences.md, not available offline",
                    rule="no-effect-offline",
                )
            )
        if ref.kind == "ResourceInterpreterWebhookConfiguration":
            self.problems.append(
                Problem(
                    message="interpreter webhooks cannot be called offline",
                    location=found.location,
                    resource=str(ref),
                    hint="write the same rules as a ResourceInterpreterCustomization",
                )
            )

    def add_propagation_policy(self, ref: ObjectReference, found: Found) -> None:
        key = f"{ref.kind}/{ref.namespace}/{ref.name}"
        spec = self._decode_spec(found, PropagationSpec, key)
        if spec is not None:
            self.propagation_policies.append(
                PropagationPolicy(
                    name=ref.name, namespace=ref.namespace, spec=spec, location=found.location
                )
            )

    def add_override_policy(self, ref: ObjectReference, found: Found) -> None:
        key = f"{ref.kind}/{ref.namespace}/{ref.name}"
        spec = self._decode_spec(found, OverrideSpec, key)
        if spec is not None:
            self.override_policies.append(
                OverridePolicy(
                    name=ref.name, namespace=ref.namespace, spec=spec, location=found.location
                )
            )

    def _decode_spec(self, found: Found, type_: type[T], key: str) -> T | None:
        self._check_top_level(found, key, ("spec",))
        decoded = decode(_section(found, "spec"), type_, at="spec")
        problems = [
            _at(found, problem, key, rule="deprecated-field" if problem.is_warning else "")
            for problem in decoded.problems
        ]
        if decoded.value is None:
            self.rejected[key] = tuple(problems)
            return None
        for problem, field_problem in zip(problems, decoded.problems, strict=True):
            target = self.warnings if field_problem.is_warning else self.problems
            target.append(problem)
        return decoded.value

    def _check_top_level(self, found: Found, key: str, allowed: tuple[str, ...]) -> None:
        known = ("apiVersion", "kind", "metadata", "status", *allowed)
        for name in found.manifest:
            if name not in known:
                self.problems.append(
                    Problem(
                        message=f'unknown field "{name}"',
                        location=found.location,
                        field=name,
                        resource=key,
                        hint=f"policies have {', '.join(allowed)} beside metadata",
                    )
                )

    def add_cluster(self, ref: ObjectReference, found: Found) -> None:
        metadata = found.manifest["metadata"]
        spec = decode(_section(found, "spec"), ClusterSpec, at="spec")
        status = decode(_section(found, "status"), ClusterStatus, at="status")
        for problem in (*spec.problems, *status.problems):
            self.problems.append(_at(found, problem, str(ref)))
        if spec.value is None or status.value is None:
            return
        self.clusters.append(
            Cluster(
                name=ref.name,
                labels=dict(string_map(metadata.get("labels"))),
                annotations=dict(string_map(metadata.get("annotations"))),
                is_terminating=bool(metadata.get("deletionTimestamp")),
                spec=spec.value,
                status=status.value,
                location=found.location,
            )
        )

    def add_customization(self, ref: ObjectReference, found: Found) -> None:
        from armada_render.load.customizations import (  # noqa: PLC0415 - rare
            CustomizationSpec,
            customization,
        )

        decoded = decode(_section(found, "spec"), CustomizationSpec, at="spec")
        for problem in decoded.problems:
            self.problems.append(_at(found, problem, f"{ref.kind}//{ref.name}"))
        if decoded.value is not None:
            self.customizations.append(customization(ref.name, decoded.value, found.location))

    def _add_acknowledgement(self, found: Found) -> None:
        from armada_render.load.acknowledgements import acknowledgement  # noqa: PLC0415 - rare

        consent = acknowledgement(found.manifest, found.location, self.problems)
        if consent is not None:
            self.acknowledgements.append(consent)

    def add_taint_policy(self, ref: ObjectReference, found: Found) -> None:
        from armada_render.load.taintpolicies import taint_policy  # noqa: PLC0415 - rare

        self._check_top_level(found, f"{ref.kind}//{ref.name}", ("spec",))
        policy = taint_policy(ref.name, found.manifest, found.location, self.problems)
        if policy is not None:
            self.taint_policies.append(policy)

    def _is_broken_lock_entry(self, ref: ObjectReference, found: Found) -> bool:
        if found.location is None or not is_in_lock(found.location.path):
            return False
        problems = list(lock_problems(found.manifest, found.location))
        self.problems += problems
        if problems and ref.kind in BINDING_KINDS:
            self._decode_binding(ref, found)
        return bool(problems)

    def add_binding(self, ref: ObjectReference, found: Found) -> None:
        previous = self._decode_binding(ref, found)
        if previous is None:
            return
        first = self.previous.setdefault(previous.ref, previous)
        if first is not previous:
            self.problems.append(_two_bindings(previous, first))

    def _decode_binding(self, ref: ObjectReference, found: Found) -> PreviousBinding | None:
        """Return what a binding says, None when it cannot be used; report what is wrong."""
        from armada_render.load import bindings  # noqa: PLC0415 - only for locks

        decoded = decode(found.manifest, bindings.BindingDocument)
        for problem in decoded.problems:
            self.problems.append(_at(found, problem, f"{ref.kind}/{ref.namespace}/{ref.name}"))
        if decoded.value is None:
            return None
        return bindings.previous(decoded.value, found.location)

    def fleet(self) -> Fleet:
        """Return all of it, in an order that does not depend on files."""
        return Fleet(
            templates=tuple(sorted(self.templates, key=lambda template: template.ref)),
            propagation_policies=tuple(
                sorted(self.propagation_policies, key=lambda policy: policy.key)
            ),
            override_policies=tuple(sorted(self.override_policies, key=lambda policy: policy.key)),
            clusters=tuple(sorted(self.clusters, key=lambda cluster: cluster.name)),
            customizations=tuple(sorted(self.customizations, key=lambda item: item.name)),
            taint_policies=tuple(sorted(self.taint_policies, key=lambda policy: policy.name)),
            previous_bindings=dict(sorted(self.previous.items())),
            acknowledgements=tuple(sorted(self.acknowledgements, key=lambda one: one.digest)),
            rejected=dict(sorted(self.rejected.items())),
            problems=tuple(self.problems),
            warnings=tuple(self.warnings),
        )


_HANDLERS: Mapping[tuple[str, str], Callable[[_Collector, ObjectReference, Found], None]] = {
    (POLICY_API, "PropagationPolicy"): _Collector.add_propagation_policy,
    (POLICY_API, "ClusterPropagationPolicy"): _Collector.add_propagation_policy,
    (POLICY_API, "OverridePolicy"): _Collector.add_override_policy,
    (POLICY_API, "ClusterOverridePolicy"): _Collector.add_override_policy,
    (POLICY_API, "ClusterTaintPolicy"): _Collector.add_taint_policy,
    (CLUSTER_API, "Cluster"): _Collector.add_cluster,
    (CUSTOMIZATION_API, "ResourceInterpreterCustomization"): _Collector.add_customization,
    **{(BINDING_API, kind): _Collector.add_binding for kind in BINDING_KINDS},
}


def fleet(found: Iterable[Found], config: Config, problems: Iterable[Problem] = ()) -> Fleet:
    """Decode objects into a `Fleet`; `problems` are those of reading them."""
    objects = list(found)
    manifests = [item.manifest for item in objects if is_mapping(item.manifest)]
    scoped = cluster_scoped(manifests, config.cluster_scoped)
    collector = _Collector(config, scoped)
    collector.problems.extend(problems)
    for item in objects:
        collector.add(item)
    return collector.fleet()


def _section(found: Found, name: str) -> object:
    section = found.manifest.get(name)
    return {} if section is None else section


def _at(found: Found, problem: FieldProblem, key: str, rule: str = "") -> Problem:
    return Problem(
        message=problem.message,
        location=found.location,
        field=format_path(problem.path),
        resource=key,
        hint=problem.hint,
        rule=rule,
    )


def _two_bindings(second: PreviousBinding, first: PreviousBinding) -> Problem:
    return Problem(
        message=f"a second binding of {second.ref}; the first is {first.location}",
        location=second.location,
        field="spec.resource",
        hint="one resource has one binding: remove one of the two",
    )


def _duplicate(
    ref: ObjectReference, first: SourceLocation | None, second: SourceLocation | None
) -> Problem:
    return Problem(
        message=f"defined twice, first at {first}" if first else "defined twice",
        location=second,
        resource=str(ref),
        hint="remove one of the two, or give them different names or namespaces",
    )
