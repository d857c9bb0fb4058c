"""Copies that stay where they were: what eviction tasks hold is delivered as it was.

Upstream leaves the Work of an evicted cluster as it was last written until the task ends
(pkg/controllers/binding, pkg/util/helper/binding.go, ObtainBindingSpecExistingClusters). Here the
manifests were put beside the lock when the task began.
"""

from collections.abc import Iterator, Mapping, Sequence

from armada_render.build.assemble import reference
from armada_render.model.binding import GracefulEvictionTask, ResourceBinding
from armada_render.model.frozen import CopyKey, FrozenCopy
from armada_render.model.policy import PurgeMode
from armada_render.model.resource import ObjectReference, ResourceTemplate
from armada_render.model.work import Built, Work


def with_frozen(
    done: Built,
    bindings: Sequence[ResourceBinding],
    copies: Mapping[CopyKey, FrozenCopy],
    templates: Sequence[ResourceTemplate],
) -> Built:
    """Return `done` with the Works of old copies; what a cluster gets anyway is not doubled."""
    held = [(one, task) for one in bindings for task in one.eviction_tasks if holds_copy(task)]
    if not held:
        return done
    homes = {template.ref: template for template in templates}
    works = {cluster: {work.ref: work for work in built} for cluster, built in done.works.items()}
    for binding, task in held:
        copy = copies.get(CopyKey(task.from_cluster, binding.namespace, binding.name))
        if copy is not None:
            mine = works.setdefault(task.from_cluster, {})
            for work in _works(binding, copy, homes):
                mine.setdefault(work.ref, work)
    return Built(
        works={
            cluster: tuple(found[ref] for ref in sorted(found))
            for cluster, found in sorted(works.items())
        },
        suspended=done.suspended,
        errors=done.errors,
    )


def holds_copy(task: GracefulEvictionTask) -> bool:
    """Tell whether the old cluster keeps its copy while the task lasts."""
    return task.purge_mode != PurgeMode.DIRECTLY


def _works(
    binding: ResourceBinding,
    copy: FrozenCopy,
    homes: Mapping[ObjectReference, ResourceTemplate],
) -> Iterator[Work]:
    for number, manifest in enumerate(copy.manifests):
        ref = reference(manifest)
        # What the object needs belongs to its own app, as long as its template tells which.
        template = homes.get(ref, binding.template) if number else binding.template
        yield Work(
            ref=ref,
            manifest=manifest,
            template=template.ref,
            app=template.app,
            is_frozen=True,
        )
