"""Manifests of copies that stay behind, as files. Pure."""

from collections.abc import Iterable

from armada_render.build.frozen import holds_copy
from armada_render.failover.evidence import Place
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
    new = {key: place for key, place in _held(states).items() if key not in fleet.frozen}
    if new:
        copies = _Copies(found)
        for key, (ref, cluster) in new.items():
            if manifests := copies.of(ref, cluster):
                changed[frozen_path(key)] = _text(manifests)
    return dict(sorted(changed.items()))


def orphans(copies: Iterable[CopyKey], states: States) -> list[CopyKey]:
    """Return the copies that no task holds any more."""
    held = _held(states)
    return [key for key in copies if key not in held]


def _held(states: States) -> dict[CopyKey, Place]:
    return {
        copy_key(ref, task.from_cluster): (ref, task.from_cluster)
        for ref, state in states.items()
        for task in state.eviction_tasks
        if holds_copy(task)
    }


class _Copies:
    """What clusters have of resources now."""

    def __init__(self, found: Ground) -> None:
        self._found = found
        self._works: dict[str, dict[ObjectReference, list[Manifest]]] = {}
        self._companions: dict[tuple[str, str], list[ObjectReference]] = {}
        for binding in found.rendering.bindings:
            for owner in binding.required_by:
                key = owner.namespace, owner.name
                self._companions.setdefault(key, []).append(binding.ref)

    def of(self, ref: ObjectReference, cluster: str) -> list[Manifest]:
        """Return what a cluster has of a resource: itself first, then what goes along with it."""
        works = self._on(cluster)
        if ref not in works:
            return []
        owner = self._found.bindings[ref]
        needed = self._companions.get((owner.namespace, owner.name), ())
        return [*works[ref], *(one for other in sorted(needed) for one in works.get(other, ()))]

    def _on(self, cluster: str) -> dict[ObjectReference, list[Manifest]]:
        known = self._works.get(cluster)
        if known is None:
            known = self._works[cluster] = {}
            for work in self._found.rendering.dispatched(cluster):
                known.setdefault(work.template, []).append(work.manifest)
        return known


def _text(manifests: Iterable[Manifest]) -> bytes:
    return "---\n".join(dumps(manifest) for manifest in manifests).encode()
