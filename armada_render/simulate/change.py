"""Changes that somebody thinks about, made to a fleet in memory. Pure."""

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from msgspec import structs

from armada_render.interpret import Interpreter
from armada_render.model.fleet import Fleet
from armada_render.model.resource import ObjectReference, replaced

T = TypeVar("T")


def added(fleet: Fleet, more: Fleet) -> Fleet:
    """Return `fleet` with the objects of `more`, in place of its own of the same name."""
    return structs.replace(
        fleet,
        templates=_merged(fleet.templates, more.templates, lambda one: one.ref),
        propagation_policies=_merged(
            fleet.propagation_policies, more.propagation_policies, lambda one: one.key
        ),
        override_policies=_merged(
            fleet.override_policies, more.override_policies, lambda one: one.key
        ),
        clusters=_merged(fleet.clusters, more.clusters, lambda one: one.name),
        customizations=_merged(fleet.customizations, more.customizations, lambda one: one.name),
        taint_policies=_merged(fleet.taint_policies, more.taint_policies, lambda one: one.name),
        problems=(*fleet.problems, *more.problems),
        rejected={**fleet.rejected, **more.rejected},
    )


def _merged(own: Iterable[T], more: Iterable[T], key: Callable[[T], Hashable]) -> tuple[T, ...]:
    found = {key(one): one for one in own}
    found.update((key(one), one) for one in more)
    # Keys are references or names, which sort.
    return tuple(found[name] for name in sorted(found))  # type: ignore[type-var]


def scaled(fleet: Fleet, ref: ObjectReference, replicas: int) -> Fleet:
    """Return `fleet` with another number of replicas in the template of `ref`."""
    interpreter = Interpreter(fleet.customizations)
    templates = []
    for template in fleet.templates:
        if template.ref == ref:
            manifest = template.manifest
            if interpreter.can_revise(manifest):
                manifest = interpreter.revise(manifest, replicas)
            else:
                manifest = replaced(manifest, ("spec", "replicas"), replicas)
            templates.append(structs.replace(template, manifest=manifest))
        else:
            templates.append(template)
    return structs.replace(fleet, templates=tuple(templates))
