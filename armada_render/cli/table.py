"""The placement table: objects by clusters, with replicas."""

from collections.abc import Iterator, Mapping, Sequence

from armada_render.build.frozen import holds_copy
from armada_render.model.binding import ResourceBinding
from armada_render.model.resource import ObjectReference
from armada_render.pipeline import Rendering

MANY_ROWS = 60
_EVERYWHERE = "yes"
_NOWHERE = "-"
_OLD = "old copy"


def placement_table(
    rendering: Rendering, clusters: Sequence[str], width: int, *, most: int | None = None
) -> list[str]:
    """Return the table's lines, no wider than `width` where clusters can be columns.

    A cell holds the replicas of a workload, `yes` for other objects, `-` for none, `(held)` where
    suspension keeps an object back, and `old copy` where an eviction task keeps one. Many clusters
    become one column of `name:replicas`.
    """
    bindings = sorted(rendering.bindings, key=_display_order)
    shown = bindings[:most]
    namespaces = _namespaces(rendering, clusters)
    head = ["NAMESPACE", "OBJECT", *clusters]
    rows = [_row(item, clusters, rendering.suspended) for item in shown] + namespaces
    lines = _columns([head, *rows])
    if max(map(len, lines)) > width:
        head = ["NAMESPACE", "OBJECT", "CLUSTERS"]
        rows = [[*row[:2], _listed(row[2:], clusters)] for row in rows]
        lines = _columns([head, *rows])
    hidden = len(bindings) - len(shown)
    if hidden:
        lines.append(f"... and {hidden} more (all of them with -o table)")
    return lines


def decided(rendering: Rendering) -> Iterator[str]:
    """Yield a line for each binding: what took the object, and where it goes."""
    for binding in sorted(rendering.bindings, key=_display_order):
        by = binding.policy.key if binding.policy else "a dependency"
        targets = ", ".join(
            f"{target.name}:{target.replicas}" if binding.is_workload else target.name
            for target in binding.targets
        )
        yield f"{binding.ref}: {by}: {targets or 'no cluster'}"


def summary(rendering: Rendering, clusters: Sequence[str]) -> str:
    """Return one line that counts what was placed."""
    used = {cluster: works for cluster in clusters if (works := rendering.dispatched(cluster))}
    objects = {work.template for works in used.values() for work in works}
    text = f"{_count(len(objects), 'object')} on {len(used)} of {_count(len(clusters), 'cluster')}"
    # A Namespace that follows its objects needs no policy.
    travelling = {work.template for works in rendering.works.values() for work in works}
    left = [ref for ref in rendering.unpropagated if ref not in travelling]
    if left:
        text += f"; {_count(len(left), 'object')} taken by no policy"
    return text


def _display_order(binding: ResourceBinding) -> tuple[str, str, str, str]:
    ref = binding.ref
    return ref.namespace, ref.kind, ref.name, ref.api_version


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _row(
    binding: ResourceBinding,
    clusters: Sequence[str],
    suspended: Mapping[ObjectReference, tuple[str, ...]],
) -> list[str]:
    targets = {target.name: target.replicas for target in binding.targets}
    held = suspended.get(binding.ref, ())
    left = {task.from_cluster for task in binding.eviction_tasks if holds_copy(task)}
    cells = []
    for cluster in clusters:
        if cluster not in targets:
            cells.append(_OLD if cluster in left else _NOWHERE)
            continue
        replicas = targets[cluster]
        cell = str(replicas) if binding.is_workload else _EVERYWHERE
        cells.append(f"{cell} (held)" if cluster in held else cell)
    return [_namespace(binding.ref), f"{binding.ref.kind}/{binding.ref.name}", *cells]


def _namespaces(rendering: Rendering, clusters: Sequence[str]) -> list[list[str]]:
    """Return rows for Namespaces that follow the objects in them and have no binding."""
    bound = {binding.ref for binding in rendering.bindings}
    where: dict[ObjectReference, set[str]] = {}
    for cluster in clusters:
        for work in rendering.works.get(cluster, ()):
            if work.template.kind == "Namespace" and work.template not in bound:
                where.setdefault(work.template, set()).add(cluster)
    return [
        [
            _namespace(ref),
            f"{ref.kind}/{ref.name}",
            *(_EVERYWHERE if cluster in found else _NOWHERE for cluster in clusters),
        ]
        for ref, found in sorted(where.items())
    ]


def _namespace(ref: ObjectReference) -> str:
    return ref.namespace or _NOWHERE


def _listed(cells: Sequence[str], clusters: Sequence[str]) -> str:
    used = [
        cluster if cell == _EVERYWHERE else f"{cluster}:{cell}"
        for cluster, cell in zip(clusters, cells, strict=True)
        if cell != _NOWHERE
    ]
    if len(used) > 8:
        return f"{len(used)} clusters: {', '.join(used[:5])}, ..."
    return ", ".join(used) or _NOWHERE


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
