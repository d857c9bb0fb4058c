"""Sends what a scheduled resource refers to wherever the resource itself goes.

Rules: pkg/dependenciesdistributor. Everything here is about ResourceBindings; what their objects
refer to is the interpreter's business, and where they go the scheduler's.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from armada_render.interpret import DependentObject, Interpreter, InterpretError
from armada_render.model.binding import (
    BindingSnapshot,
    ResourceBinding,
    StageError,
    binding_name,
)
from armada_render.model.claim import claimed
from armada_render.model.policy import ConflictResolution
from armada_render.model.resource import ObjectReference, ResourceTemplate
from armada_render.model.selector import LabelSelector


class Attached(Struct, frozen=True, kw_only=True, eq=False):
    """All bindings, those of dependencies without a policy last, and what could not be attached.

    `missing` holds, per resource, a named dependency that is not among the templates; Karmada
    leaves it out without a word.
    """

    bindings: tuple[ResourceBinding, ...]
    errors: tuple[StageError, ...] = ()
    missing: tuple[tuple[ObjectReference, DependentObject], ...] = ()


def dependencies(
    bindings: Sequence[ResourceBinding],
    templates: Iterable[ResourceTemplate],
    interpreter: Interpreter,
) -> Attached:
    """Return `bindings` with the resources added that scheduled ones with `propagateDeps` need."""
    referrers = [binding for binding in bindings if _distributes(binding)]
    if not referrers:
        return Attached(bindings=tuple(bindings))
    distribution = _Distribution(bindings, templates)
    for referrer in referrers:
        distribution.add(referrer, interpreter)
    return distribution.result()


def _distributes(binding: ResourceBinding) -> bool:
    """Tell whether a binding takes its dependencies along.

    Only namespaced resources do: upstream has no distributor for ClusterResourceBindings. What was
    not scheduled has nowhere to take them; what was evicted from a cluster takes them elsewhere.
    """
    return binding.propagate_deps and binding.namespace != "" and bool(binding.clusters)


_Key = tuple[str, str]
"""Namespace and name of a ResourceBinding."""


class _Distribution:
    """The bindings as they fill up, one referrer after the other."""

    def __init__(
        self, bindings: Sequence[ResourceBinding], templates: Iterable[ResourceTemplate]
    ) -> None:
        self._bindings = bindings
        self._templates = _Templates(templates)
        # A cluster-scoped resource with a policy has a ClusterResourceBinding, which is not here.
        self._targets = {(one.namespace, one.name): one.ref for one in bindings if one.namespace}
        self._added: dict[_Key, ResourceTemplate] = {}
        self._referrers: dict[_Key, list[ResourceBinding]] = {}
        self._errors: list[StageError] = []
        self._missing: list[tuple[ObjectReference, DependentObject]] = []

    def add(self, referrer: ResourceBinding, interpreter: Interpreter) -> None:
        """Attach what `referrer` needs."""
        try:
            # What is distributed has been claimed by then, and scripts may look at its labels.
            manifest = claimed(referrer.template.manifest, referrer.policy)
            wanted = interpreter.dependencies(manifest)
        except InterpretError as error:
            self._fail(
                referrer,
                f"cannot tell what it refers to: {error}",
                "set propagateDeps: false in its policy if nothing has to go along with it",
            )
            return
        for dependency in wanted or ():
            found = tuple(self._templates.of(dependency))
            if not found and dependency.name:
                self._missing.append((referrer.ref, dependency))
            for template in found:
                self._attach(referrer, template)

    def _attach(self, referrer: ResourceBinding, template: ResourceTemplate) -> None:
        ref = template.ref
        # In the referrer's namespace, wherever the dependency is (buildAttachedBinding).
        key = (referrer.namespace, binding_name(ref.kind, ref.name))
        holder = self._targets.setdefault(key, ref)
        if holder != ref:
            self._fail(
                referrer,
                f"its dependency {ref} cannot have the binding {key[0]}/{key[1]}, "
                f"which belongs to {holder}",
                "rename one of the two: names of bindings consist of kind and name only",
            )
            return
        referrers = self._referrers.get(key)
        if referrers is None:
            referrers = self._referrers[key] = []
            self._added[key] = template
        # It names the same object twice, perhaps by name and by selector.
        if not referrers or referrers[-1] is not referrer:
            referrers.append(referrer)

    def _fail(self, referrer: ResourceBinding, message: str, hint: str) -> None:
        policy = referrer.policy.key if referrer.policy else ""
        self._errors.append(
            StageError(
                stage="dependencies",
                ref=referrer.ref,
                message=message,
                policy=policy,
                hint=hint,
            )
        )

    def result(self) -> Attached:
        """Return the bindings as they are now."""
        shared = tuple(self._shared(binding) for binding in self._bindings)
        added = tuple(
            _attached(key, template, self._referrers[key])
            for key, template in sorted(self._added.items(), key=lambda item: item[0])
        )
        return Attached(
            bindings=(*shared, *added),
            errors=tuple(self._errors),
            missing=tuple(self._missing),
        )

    def _shared(self, binding: ResourceBinding) -> ResourceBinding:
        """Return a policy's binding with its referrers; all else stays the policy's."""
        key = (binding.namespace, binding.name)
        if not binding.namespace or key not in self._added:
            return binding
        del self._added[key]
        return replace(binding, required_by=_snapshots(self._referrers[key]))


def _attached(
    key: _Key, template: ResourceTemplate, referrers: Sequence[ResourceBinding]
) -> ResourceBinding:
    """Return the binding of a dependency that no policy takes.

    It is never scheduled. Suspension, failover and the scheduler's name are not inherited.
    """
    overwrites = any(one.conflict_resolution is ConflictResolution.OVERWRITE for one in referrers)
    return ResourceBinding(
        template=template,
        namespace=key[0],
        name=key[1],
        conflict_resolution=(
            ConflictResolution.OVERWRITE if overwrites else ConflictResolution.ABORT
        ),
        preserve_resources_on_deletion=any(one.preserve_resources_on_deletion for one in referrers),
        required_by=_snapshots(referrers),
    )


def _snapshots(referrers: Iterable[ResourceBinding]) -> tuple[BindingSnapshot, ...]:
    ordered = sorted(referrers, key=lambda one: (one.namespace, one.name))
    return tuple(
        BindingSnapshot(namespace=one.namespace, name=one.name, clusters=one.clusters)
        for one in ordered
    )


class _Templates:
    """The templates by name and, once a label selector asks, by kind."""

    def __init__(self, templates: Iterable[ResourceTemplate]) -> None:
        self._by_ref = {template.ref: template for template in templates}
        self._by_kind: Mapping[tuple[str, str], list[ResourceTemplate]] | None = None

    def of(self, dependency: DependentObject) -> Iterable[ResourceTemplate]:
        """Return the template that is named, or else those that are selected."""
        if dependency.name or dependency.label_selector is None:
            ref = ObjectReference(
                dependency.api_version, dependency.kind, dependency.namespace, dependency.name
            )
            named = self._by_ref.get(ref)
            return () if named is None else (named,)
        return self._selected(dependency, dependency.label_selector)

    def _selected(
        self, dependency: DependentObject, selector: LabelSelector
    ) -> Iterator[ResourceTemplate]:
        if self._by_kind is None:
            self._by_kind = _by_kind(self._by_ref.values())
        for template in self._by_kind.get((dependency.api_version, dependency.kind), ()):
            # No namespace selects in all of them (FetchResourceTemplatesByLabelSelector).
            is_near = dependency.namespace in ("", template.ref.namespace)
            if is_near and selector.matches(template.labels):
                yield template


def _by_kind(
    templates: Iterable[ResourceTemplate],
) -> Mapping[tuple[str, str], list[ResourceTemplate]]:
    index: dict[tuple[str, str], list[ResourceTemplate]] = {}
    for template in templates:
        index.setdefault((template.ref.api_version, template.ref.kind), []).append(template)
    return index
