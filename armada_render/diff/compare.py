"""Compare two renderings: where things go, what is added, removed and changed, and why. Pure.

Knows neither Git nor files: whoever has two `Rendering`s can ask.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import msgspec

from armada_render.diff.cause import Causes
from armada_render.diff.fields import FieldChange, Path, field_changes
from armada_render.diff.image import images
from armada_render.diff.model import (
    Cause,
    Change,
    Difference,
    Movement,
    ObjectChange,
    Side,
    Variant,
)
from armada_render.diff.pairs import Pair, pairs
from armada_render.diff.risk import risks
from armada_render.diff.tear import tears
from armada_render.diff.withheld import is_unknown, withheld
from armada_render.explain.difference import same
from armada_render.explain.fieldpath import ABSENT
from armada_render.model.binding import ResourceBinding
from armada_render.model.placement import SchedulingType
from armada_render.model.resource import ObjectReference
from armada_render.pipeline import Rendering

_Shares = Mapping[str, int]
_Key = tuple[ObjectReference, Change, tuple[str, str] | None, tuple[object, ...]]

# What the division writes; why it changed is said where the movement is.
_DIVIDED: tuple[Path, ...] = (
    ("spec", "replicas"),
    ("spec", "parallelism"),
    ("spec", "completions"),
)


def compare(
    before: Rendering, after: Rendering, *, clusters: Collection[str] | None = None
) -> Difference:
    """Return what differs from `before` to `after`, on `clusters` or on all.

    Only what is dispatched counts. A side with problems that could be about anything is `unknown`,
    and then nothing is compared; resources that fail alone are `withheld`. Fields are laid to
    single overrides when both were rendered with `trace`.
    """
    unknown = tuple(
        side
        for side, rendering in ((Side.BASE, before), (Side.HEAD, after))
        if is_unknown(rendering)
    )
    if unknown:
        return Difference(unknown=unknown)
    held = withheld(before, after)
    found = [
        pair
        for pair in pairs(before, after, sorted({*before.works, *after.works}))
        if not _is_held(pair, held)
    ]
    if held:
        # A Namespace follows the objects in it, also those that are withheld.
        bound = {item.ref for item in (*before.bindings, *after.bindings)}
        found = [pair for pair in found if pair.after or pair.work.template in bound]
    causes = Causes(before, after)
    movements = tuple(_movements(before, after, found, held, causes))
    objects = tuple(_objects(found, movements, causes))
    chosen = frozenset(clusters if clusters is not None else {*before.works, *after.works})
    if clusters is not None:
        objects = tuple(_limited(objects, chosen))
    return Difference(
        objects=objects,
        movements=tuple(item for item in movements if item.touches(chosen)),
        images=images(objects),
        risks=risks(objects, movements, tears(before, after, movements, held), chosen),
        withheld=tuple(held[ref] for ref in sorted(held)),
    )


def _is_held(pair: Pair, held: Mapping[ObjectReference, object]) -> bool:
    return any(work is not None and work.template in held for work in (pair.before, pair.after))


def _movements(
    before: Rendering,
    after: Rendering,
    found: Iterable[Pair],
    held: Mapping[ObjectReference, object],
    causes: Causes,
) -> Iterator[Movement]:
    """Yield what goes elsewhere or with other replicas, in the order of templates."""
    old = {binding.ref: binding for binding in before.bindings}
    new = {binding.ref: binding for binding in after.bindings}
    following = _following(found, {*old, *new})
    for ref in sorted({*old, *new, *following}):
        if ref in held:
            continue
        if ref in following:
            was, now = following[ref]
            yield Movement(ref=ref, is_workload=False, before=was, after=now)
            continue
        one, other = old.get(ref), new.get(ref)
        if before.suspended.get(ref) == after.suspended.get(ref) and _go_alike(one, other):
            continue
        was, now = _shares(before, one), _shares(after, other)
        if was == now:
            continue
        either = [item for item in (one, other) if item is not None]
        movement = Movement(
            ref=ref,
            is_workload=any(item.is_workload for item in either),
            before=was,
            after=now,
            is_each=all(_is_duplicated(item) for item in either),
        )
        yield msgspec.structs.replace(movement, causes=causes.of_movement(movement))


def _go_alike(one: ResourceBinding | None, other: ResourceBinding | None) -> bool:
    """Tell, at little cost, whether two bindings surely name the same targets."""
    return (
        one is not None
        and other is not None
        and one.clusters == other.clusters
        and one.required_by == other.required_by
        and one.is_workload == other.is_workload
    )


def _shares(rendering: Rendering, binding: ResourceBinding | None) -> _Shares:
    if binding is None:
        return {}
    held = rendering.suspended.get(binding.ref, ())
    return {
        target.name: target.replicas if binding.is_workload else 0
        for target in binding.targets
        if target.name not in held
    }


def _is_duplicated(binding: ResourceBinding) -> bool:
    placement = binding.placement
    return placement is not None and placement.scheduling_type is SchedulingType.DUPLICATED


def _following(
    found: Iterable[Pair], bound: Collection[ObjectReference]
) -> dict[ObjectReference, tuple[_Shares, _Shares]]:
    """Return where Namespaces go that no policy takes, where that changes."""
    places: dict[ObjectReference, tuple[dict[str, int], dict[str, int]]] = {}
    for pair in found:
        for side, work in enumerate((pair.before, pair.after)):
            if work is not None and work.template not in bound:
                shares = places.setdefault(work.template, ({}, {}))[side]
                shares.update(dict.fromkeys(pair.clusters, 0))
    return {ref: shares for ref, shares in places.items() if shares[0] != shares[1]}


def _objects(
    found: Sequence[Pair], movements: Iterable[Movement], causes: Causes
) -> Iterator[ObjectChange]:
    """Yield the changes, of each object those alike together."""
    moved = {movement.ref: movement.causes for movement in movements}
    groups: dict[_Key, tuple[list[Variant], tuple[FieldChange, ...]]] = {}
    had = {pair.before.ref for pair in found if pair.before}
    has = {pair.after.ref for pair in found if pair.after}
    for pair in found:
        fields, apps = _content(pair)
        if pair.before and pair.after and not fields and apps is None:
            continue
        variant = Variant(clusters=pair.clusters, before=pair.before, after=pair.after)
        key = (pair.work.ref, _change(pair), apps, tuple(map(_field_key, fields)))
        groups.setdefault(key, ([], fields))[0].append(variant)
    ordered = []
    for (ref, change, apps, _), (variants, fields) in groups.items():
        clusters = tuple(sorted(name for item in variants for name in item.clusters))
        ordered.append(
            ObjectChange(
                ref=ref,
                change=change,
                clusters=clusters,
                variants=tuple(variants),
                fields=fields,
                causes=_causes(variants, fields, moved, causes),
                apps=apps,
                is_total=ref not in (had if change is Change.ADDED else has),
            )
        )
    yield from sorted(ordered, key=lambda item: (item.ref, item.change, item.clusters))


def _content(pair: Pair) -> tuple[tuple[FieldChange, ...], tuple[str, str] | None]:
    one, other = pair.before, pair.after
    if one is None or other is None:
        return (), None
    apps = (one.app, other.app) if one.app != other.app else None
    if same(one.manifest, other.manifest):
        return (), apps
    return field_changes(one.manifest, other.manifest), apps


def _change(pair: Pair) -> Change:
    if pair.before is None:
        return Change.ADDED
    return Change.REMOVED if pair.after is None else Change.CHANGED


def _field_key(field: FieldChange) -> tuple[object, ...]:
    values = tuple(
        b"" if value is ABSENT else msgspec.json.encode(value, order="sorted")
        for value in (field.before, field.after)
    )
    return (field.path, field.kind, field.position, *values)


def _causes(
    variants: Iterable[Variant],
    fields: tuple[FieldChange, ...],
    moved: Mapping[ObjectReference, tuple[Cause, ...]],
    causes: Causes,
) -> tuple[Cause, ...]:
    """Return what made the variants what they are; what moved is caused by its movement."""
    found: dict[Cause, None] = {}
    for variant in variants:
        found.update(dict.fromkeys(causes.of_fields(variant, fields)))
        work = variant.after or variant.before
        came_or_went = variant.before is None or variant.after is None
        divided = any(field.path in _DIVIDED for field in fields)
        if work is not None and (came_or_went or divided):
            found.update(dict.fromkeys(moved.get(work.template, ())))
    return tuple(found)


def _limited(objects: Iterable[ObjectChange], chosen: frozenset[str]) -> Iterator[ObjectChange]:
    for item in objects:
        clusters = tuple(name for name in item.clusters if name in chosen)
        if clusters:
            variants = (
                msgspec.structs.replace(
                    variant, clusters=tuple(name for name in variant.clusters if name in chosen)
                )
                for variant in item.variants
            )
            yield msgspec.structs.replace(
                item,
                clusters=clusters,
                variants=tuple(variant for variant in variants if variant.clusters),
            )
