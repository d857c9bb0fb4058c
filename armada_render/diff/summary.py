"""Count what differs. Pure."""

from collections.abc import Iterable

from armada_render.diff.model import Change, Difference, ObjectChange
from armada_render.diff.rows import ClusterRow, Summary
from armada_render.diff.words import counted, on_clusters
from armada_render.model.resource import ObjectReference


def summary(difference: Difference, *, is_known: bool) -> Summary:
    """Return the numbers, and the sentence that says them."""
    added, removed, moved, changed = _by_object(difference.objects)
    clusters = _by_cluster(difference.objects)
    total = len(added) + len(removed) + len(moved) + len(changed)
    if not is_known:
        text = "withheld: not compared"
    elif not total:
        text = "no changes"
    else:
        counts = (
            (len(added), "added"),
            (len(removed), "removed"),
            (len(moved), "moved"),
            (len(changed), "changed"),
        )
        words = ", ".join(f"{number:,} {word}" for number, word in counts if number)
        verb = "changes" if total == 1 else "change"
        where = on_clusters([row.name for row in clusters])
        text = f"{counted(total, 'object')} {verb} {where}: {words}"
    if difference.risks:
        text += f"; {counted(len(difference.risks), 'risk')}"
    if difference.withheld:
        text += f"; {counted(len(difference.withheld), 'object')} withheld"
    return Summary(
        text=text,
        added=len(added),
        removed=len(removed),
        moved=len(moved),
        changed=len(changed),
        risks=len(difference.risks),
        clusters=clusters,
    )


_Refs = set[ObjectReference]


def _by_object(objects: Iterable[ObjectChange]) -> tuple[_Refs, _Refs, _Refs, _Refs]:
    """Return the objects that are new, gone, elsewhere than before, and changed in place."""
    changes: dict[ObjectReference, list[ObjectChange]] = {}
    for item in objects:
        changes.setdefault(item.ref, []).append(item)
    groups: tuple[_Refs, _Refs, _Refs, _Refs] = (set(), set(), set(), set())
    for ref, items in changes.items():
        if all(item.change is Change.CHANGED for item in items):
            groups[3].add(ref)
        elif not all(item.is_total for item in items):
            groups[2].add(ref)
        else:
            groups[items[0].change is Change.REMOVED].add(ref)
    return groups


def _by_cluster(objects: Iterable[ObjectChange]) -> tuple[ClusterRow, ...]:
    counts: dict[str, dict[Change, int]] = {}
    for item in objects:
        for name in item.clusters:
            row = counts.setdefault(name, dict.fromkeys(Change, 0))
            row[item.change] += 1
    return tuple(
        ClusterRow(
            name=name,
            added=row[Change.ADDED],
            removed=row[Change.REMOVED],
            changed=row[Change.CHANGED],
        )
        for name, row in sorted(counts.items())
    )
