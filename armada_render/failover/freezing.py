"""Manifests of copies that stay behind, as files. Pure."""

from collections.abc import Iterable, Iterator

from armada_render.build.frozen import holds_copy
from armada_render.failover.ground import Ground
from armada_render.load.frozen import copy_key, frozen_path
from armada_render.lock import States
from armada_render.model.fleet import Fleet
from armada_render.model.frozen import CopyKey
from armada_render.model.resource import Manifest, ObjectReference
from armada_render.yamlio import dumps


def files(fleet: Fleet, found: Ground, states: States) -> dict[str, bytes | None]:
    """Return the files to write for new tasks of `states`, and those without a task to remove.

    A file that is there stays as it is: that is what it is for.
    """
    changed: dict[str, bytes | None] = {
        frozen_path(key): None for key in orphans(fleet.frozen, states)
    }
    for key, (ref, cluster) in _held(states).items():
        if key not in fleet.frozen and ref in found.bindings:
            manifests = [*_copy(found, ref, cluster)]
            if manifests:
                changed[frozen_path(key)] = _text(manifests)
    return dict(sorted(changed.items()))


def orphans(copies: Iterable[CopyKey], states: States) -> list[CopyKey]:
    """Return the copies that no task holds any more."""
    held = _held(states)
    return [key for key in copies if key not in held]


def _held(states: States) -> dict[CopyKey, tuple[ObjectReference, str]]:
    return {
        copy_key(ref, task.from_cluster): (ref, task.from_cluster)
        for ref, state in states.items()
        for task in state.eviction_tasks
        if holds_copy(task)
    }


def _copy(found: Ground, ref: ObjectReference, cluster: str) -> Iterator[Manifest]:
    """Yield what a cluster has of a resource: itself first, then what goes along with it."""
    owner = found.bindings[ref]
    companions = {
        binding.ref
        for binding in found.rendering.bindings
        if any(
            (one.namespace, one.name) == (owner.namespace, owner.name)
            for one in binding.required_by
        )
    }
    works = found.rendering.dispatched(cluster)
    if not any(work.template == ref for work in works):
        return
    yield from (work.manifest for work in works if work.template == ref)
    yield from (work.manifest for work in works if work.template in companions)


def _text(manifests: list[Manifest]) -> bytes:
    return "---\n".join(dumps(manifest) for manifest in manifests).encode()
