"""Tell whether what was read for some applications is enough, and leave the rest out. Pure."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from msgspec.structs import replace

from armada_render.model.binding import binding_name
from armada_render.model.fleet import Fleet
from armada_render.model.frozen import FrozenCopy
from armada_render.model.override import OverridePolicy, Overriders
from armada_render.model.resource import ObjectReference, ResourceTemplate

_CLAIM = "propagationpolicy.karmada.io/namespace"
_HARMLESS = (["metadata", "labels"], ["metadata", "annotations"])


class Near(Protocol):
    """What was read for some applications; see `armada_render.load.near.NearSource`."""

    namespaces: frozenset[str]
    identities: set[tuple[str, str, str]]
    reads_neighbours: bool
    has_dependencies: bool

    def is_own(self, path: str) -> bool: ...

    def is_copied_elsewhere(self, refs: Iterable[ObjectReference]) -> bool: ...


def restricted(fleet: Fleet, source: Near) -> Fleet | None:
    """Return `fleet` with the objects that matter to the applications of `source`.

    None when what was read is not enough.
    """
    own = [one for one in fleet.templates if one.location and source.is_own(one.location.path)]
    bindings = {_binding(one) for one in own}
    kept = tuple(
        one
        for one in fleet.templates
        if _binding(one) in bindings
        or (source.reads_neighbours and one.ref.namespace in source.namespaces)
    )
    taken = [ref for copy in fleet.frozen.values() for ref in _taken_along(copy)]
    is_enough = (
        all((one.ref.kind, one.ref.name, one.ref.namespace) in source.identities for one in own)
        and all(one.annotations.get(_CLAIM, "") in ("", *source.namespaces) for one in kept)
        and all(ref.namespace in source.namespaces for ref in taken)
        and not source.is_copied_elsewhere([*(one.ref for one in own), *taken])
        and (source.reads_neighbours or not _takes_along(fleet))
        and not (source.has_dependencies and computes(fleet, "dependencyInterpretation"))
        and not _may_leave(own, fleet)
        and not (_heeds_moves(own, fleet) and moves_objects(fleet))
    )
    return replace(fleet, templates=kept) if is_enough else None


def _taken_along(copy: FrozenCopy) -> Iterator[ObjectReference]:
    """Yield what an old copy holds beside the object itself; it may be of other apps."""
    for one in copy.manifests[1:]:
        metadata = one["metadata"]
        yield ObjectReference(
            one["apiVersion"], one["kind"], metadata.get("namespace") or "", metadata["name"]
        )


def _takes_along(fleet: Fleet) -> bool:
    """Tell whether a policy takes dependencies along; its text may have hidden that."""
    return any(policy.spec.propagate_deps for policy in fleet.propagation_policies)


def _heeds_moves(own: Iterable[ResourceTemplate], fleet: Fleet) -> bool:
    """Tell whether it matters where objects of others end.

    A Namespace follows them, and what arrives takes the place of an old copy.
    """
    return bool(fleet.frozen) or any(one.ref.kind == "Namespace" for one in own)


def _may_leave(own: Iterable[ResourceTemplate], fleet: Fleet) -> bool:
    """Tell whether an own object may come to a namespace whose overrides were not looked for.

    Only cluster-wide ones and scripts can move it there: after those of its namespace, none act.
    """
    revised = {
        (one.api_version, one.kind)
        for one in fleet.customizations
        if "replicaRevision" in one.scripts
    }
    return any((one.ref.api_version, one.ref.kind) in revised for one in own) or any(
        _moves(policy) for policy in fleet.override_policies if not policy.namespace
    )


def _binding(template: ResourceTemplate) -> tuple[str, str]:
    ref = template.ref
    return ref.namespace, binding_name(ref.kind, ref.name)


def computes(fleet: Fleet, operation: str) -> bool:
    """Tell whether a customization of the fleet has a script for `operation`."""
    return any(operation in one.scripts for one in fleet.customizations)


def moves_objects(fleet: Fleet) -> bool:
    """Tell whether an object may end in another namespace than it has in Git."""
    return computes(fleet, "replicaRevision") or any(map(_moves, fleet.override_policies))


def _moves(policy: OverridePolicy) -> bool:
    return any(
        _may_set_namespace(path) for rule in policy.rules for path in _paths(rule.overriders)
    )


def _paths(overriders: Overriders) -> Iterator[str]:
    yield from (one.path for one in overriders.plaintext)
    yield from (one.field_path for one in overriders.field_overrider)
    yield from (one.predicate.path for one in overriders.image_overrider if one.predicate)


def _may_set_namespace(path: str) -> bool:
    # What stands before the first slash is ignored, as by upstream's JSON Patch library.
    parts = path.split("/")[1:]
    return parts[:1] in ([], [""], ["metadata"]) and parts[:2] not in _HARMLESS
