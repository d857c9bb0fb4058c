"""What leaves clusters, and which of it is lost: the rest moved, was renamed, or stays anyway.

A copy that leaves a cluster is not lost when

1. the object says that Argo CD must not prune it;
2. the object runs elsewhere, and on no fewer clusters than before; or its clusters are computed (a
   workload whose replicas are divided, a dependency that follows its owners); or its cluster left
   the inventory, is being deleted or evicts what does not tolerate its taints;
3. it went along: all workloads of its app on that cluster moved, and it is still somewhere; or it
   is a Namespace that is still somewhere, and all that lived in it moved;
4. something new of the same app on that cluster took its place: the same kind with the same name or
   namespace (a generated name, say), for workloads with the same images, or the same name with
   another kind. What holds data or other objects cannot be replaced.
"""

from collections.abc import Callable, Collection, Container, Mapping, Sequence

from msgspec import Struct

from armada_render.guard.kinds import holds_more, images, is_kept, is_workload
from armada_render.guard.snapshot import AnyCopy, Snapshot
from armada_render.interpret import Interpreter
from armada_render.model.acknowledgement import ObjectKey, Removal, object_key
from armada_render.model.binding import ResourceBinding
from armada_render.model.cluster import Cluster
from armada_render.model.fleet import Fleet
from armada_render.model.placement import SchedulingType
from armada_render.pipeline import Rendering

_NOTHING: Mapping[ObjectKey, AnyCopy] = {}


class Circumstances(Struct, frozen=True, kw_only=True, eq=False):
    """Why something may leave a cluster without being lost.

    `elastic` are objects whose clusters are computed anew, `staying` the clusters of the inventory
    but for those that are being evacuated.
    """

    elastic: Container[ObjectKey] = frozenset()
    staying: Container[str] = frozenset()
    interpreter: Interpreter = Interpreter()


class Change(Struct, frozen=True, eq=False):
    """What leaves clusters, sorted, and of that what is lost; `last` are those lost everywhere."""

    removed: tuple[Removal, ...] = ()
    lost: tuple[Removal, ...] = ()
    last: frozenset[ObjectKey] = frozenset()


def circumstances(fleet: Fleet, rendering: Rendering) -> Circumstances:
    """Return what a rendering of `fleet` says of why objects may leave clusters."""
    return circumstances_of(fleet, elastic(rendering))


def circumstances_of(fleet: Fleet, elastic_keys: Container[ObjectKey]) -> Circumstances:
    """Return what `fleet` says of why objects may leave clusters, when it is known what moves."""
    return Circumstances(
        elastic=elastic_keys,
        staying=frozenset(one.name for one in fleet.clusters if not _is_evacuated(one)),
        interpreter=Interpreter(fleet.customizations),
    )


def elastic(
    rendering: Rendering, of_app: Callable[[str], bool] = lambda _: True
) -> frozenset[ObjectKey]:
    """Return the objects, of apps that `of_app` takes, whose clusters are computed anew."""
    refs = {binding.ref for binding in rendering.bindings if _is_elastic(binding)}
    works = {
        id(work): work
        for group in rendering.works.values()
        for work in group
        if work.template in refs and of_app(work.app)
    }
    return frozenset(
        object_key(ref) for work in works.values() for ref in (work.ref, work.template)
    )


def _is_elastic(binding: ResourceBinding) -> bool:
    if binding.placement is None:
        return True
    is_divided = binding.placement.scheduling_type is SchedulingType.DIVIDED
    return is_divided and binding.is_workload


def _is_evacuated(cluster: Cluster) -> bool:
    return cluster.is_terminating or any(one.effect == "NoExecute" for one in cluster.spec.taints)


def compare(before: Snapshot, after: Snapshot, why: Circumstances) -> Change:
    """Return what leaves clusters from `before` to `after`, and what of it is lost."""
    removed = [
        Removal(cluster, copy.app, key)
        for cluster, copies in before.items()
        for key, copy in copies.items()
        if key not in after.get(cluster, _NOTHING)
    ]
    if not removed:
        return Change()
    return _Comparison(before, after, why, removed).change()


class _Comparison:
    """Sorts removals into those that are lost and those that are not."""

    def __init__(
        self, before: Snapshot, after: Snapshot, why: Circumstances, removed: Sequence[Removal]
    ) -> None:
        self._before, self._after, self._why = before, after, why
        self._removed = sorted(removed)
        keys = {one.key for one in removed}
        self._homes_before = _homes(before, keys)
        self._homes_after = _homes(after, keys)

    def change(self) -> Change:
        """Return the change, each of the four reasons tried in turn."""
        open_ = [one for one in self._removed if not is_kept(self._copy(one).manifest)]
        open_ = [one for one in open_ if not self._moved(one)]
        open_ = self._without_company(open_)
        open_ = self._without_replaced(open_)
        open_ = self._without_namespaces(open_)
        return Change(
            tuple(self._removed),
            tuple(open_),
            frozenset(one.key for one in open_ if not self._homes_after[one.key]),
        )

    def _copy(self, removal: Removal) -> AnyCopy:
        return self._before[removal.cluster][removal.key]

    def _moved(self, removal: Removal) -> bool:
        homes = self._homes_after[removal.key]
        return bool(homes) and (
            removal.cluster not in self._why.staying
            or removal.key in self._why.elastic
            or len(homes) >= len(self._homes_before[removal.key])
        )

    def _is_workload(self, removal: Removal) -> bool:
        return self._is_workload_now(removal.key, self._copy(removal))

    def _is_workload_now(self, key: ObjectKey, copy: AnyCopy) -> bool:
        return is_workload(key, copy.manifest, self._why.interpreter)

    def _without_company(self, open_: Sequence[Removal]) -> list[Removal]:
        """Leave out what went along with workloads that moved."""
        lost = set(open_)
        moved = {
            (one.cluster, one.app)
            for one in self._removed
            if one not in lost and self._is_workload(one)
        }
        # Where one workload stays or is lost, what it may need should not go.
        moved -= {(one.cluster, one.app) for one in open_ if self._is_workload(one)}
        moved -= {pair for pair in moved if self._runs(*pair)}
        return [
            one
            for one in open_
            if (one.cluster, one.app) not in moved or not self._homes_after[one.key]
        ]

    def _runs(self, cluster: str, app: str) -> bool:
        return any(
            copy.app == app and self._is_workload_now(key, copy)
            for key, copy in self._after.get(cluster, _NOTHING).items()
        )

    def _without_replaced(self, open_: Sequence[Removal]) -> list[Removal]:
        """Leave out what something new of the same app took the place of, one for one."""
        pairs: dict[tuple[str, str], list[Removal]] = {}
        for one in open_:
            pairs.setdefault((one.cluster, one.app), []).append(one)
        lost: list[Removal] = []
        for (cluster, app), group in sorted(pairs.items()):
            known = self._before.get(cluster, _NOTHING)
            fresh = {
                key: copy
                for key, copy in self._after.get(cluster, _NOTHING).items()
                if copy.app == app and key not in known
            }
            for one in group:
                heir = None if holds_more(one.key) else self._heir(one, fresh)
                if heir is None:
                    lost.append(one)
                else:
                    del fresh[heir]
        return lost

    def _heir(self, removal: Removal, fresh: Mapping[ObjectKey, AnyCopy]) -> ObjectKey | None:
        """Return what took the place of a removed object."""
        old = self._copy(removal).manifest
        runs = self._is_workload(removal)
        for key, copy in fresh.items():
            has_name = key.name == removal.key.name
            has_kind = key.kind == removal.key.kind
            if has_name and key.namespace == removal.key.namespace:
                takes = has_kind or (runs and self._is_workload_now(key, copy))
            elif key.namespace == removal.key.namespace:
                takes = has_kind and (not runs or bool(images(old) & images(copy.manifest)))
            else:
                takes = has_kind and has_name
            if takes:
                return key
        return None

    def _without_namespaces(self, open_: Sequence[Removal]) -> list[Removal]:
        """Leave out Namespaces that go with all that lived in them, and are still somewhere."""
        lost_in = {(one.cluster, one.key.namespace) for one in open_}
        return [
            one
            for one in open_
            if (one.key.group, one.key.kind) != ("", "Namespace")
            or not self._homes_after[one.key]
            or (one.cluster, one.key.name) in lost_in
            or not _has_inhabitants(self._before, one)
            or _has_inhabitants(self._after, one)
        ]


def _has_inhabitants(snapshot: Snapshot, namespace: Removal) -> bool:
    copies = snapshot.get(namespace.cluster, _NOTHING)
    return any(key.namespace == namespace.key.name for key in copies)


def _homes(snapshot: Snapshot, keys: Collection[ObjectKey]) -> dict[ObjectKey, list[str]]:
    """Return the clusters of each of `keys`."""
    homes: dict[ObjectKey, list[str]] = {key: [] for key in keys}
    for cluster, copies in snapshot.items():
        for key in keys if len(keys) < len(copies) else copies:
            if key in copies and key in homes:
                homes[key].append(cluster)
    return homes
