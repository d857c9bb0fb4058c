"""Say in words where things go, with names that no terminal can take for commands. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from armada_render.diff.model import Cause, Movement, Origin, Side
from armada_render.errors import one_line
from armada_render.lock import title
from armada_render.model.resource import ObjectReference

ARROW = "→"
NOWHERE = "-"
"""Where a table or a sentence has no replicas to tell, since there is no copy."""

_MOST_CLUSTERS = 6
_MOST_OBJECTS = 6
_ALONE = 3
"""Workloads that all go the same way are said one by one up to this number, together above it."""


class Headline(Struct, frozen=True, kw_only=True):
    """A sentence about one or several movements, and what brought them about."""

    text: str
    movements: tuple[Movement, ...]
    causes: tuple[Cause, ...]


def counted(number: int, noun: str) -> str:
    """Return `3 objects`, `1 object`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def listed(names: Sequence[str], most: int = _MOST_CLUSTERS, noun: str = "") -> str:
    """Return names with commas, of many the first and how many more."""
    if len(names) <= most:
        return ", ".join(names)
    rest = len(names) - most + 1
    return f"{', '.join(names[: most - 1])} and {rest:,} more{f' {noun}' if noun else ''}"


def on_clusters(names: Sequence[str]) -> str:
    """Return `on pegasus, pegasus-2`, or `on 12 clusters (a, b and 10 more)`."""
    if len(names) <= _MOST_CLUSTERS:
        return f"on {', '.join(names)}"
    return f"on {len(names):,} clusters ({listed(names, 4)})"


def name_of(ref: ObjectReference) -> str:
    """Return how an object is called: `Deployment/web (shop)`."""
    return one_line(title(ref))


def headlines(movements: Iterable[Movement]) -> Iterator[Headline]:
    """Yield a sentence for each workload, and one for all other objects that go the same way."""
    groups: dict[tuple[object, ...], list[Movement]] = {}
    for item in movements:
        groups.setdefault(_way(item), []).append(item)
    for group in groups.values():
        if group[0].is_workload and len(group) <= _ALONE:
            yield from (_headline(_alone(item), [item]) for item in group)
        else:
            yield _headline(_together(group), group)


def movement_text(item: Movement) -> str:
    """Return the sentence for one movement."""
    return _alone(item) if item.is_workload else _together([item])


def _headline(text: str, group: Sequence[Movement]) -> Headline:
    causes = dict.fromkeys(cause for item in group for cause in item.causes)
    return Headline(text=text, movements=tuple(group), causes=tuple(causes))


def _way(item: Movement) -> tuple[object, ...]:
    """Return what movements share that are said in one sentence."""
    kept = {name for name in item.before if name in item.after}
    if any(item.before[name] != item.after[name] for name in kept):
        return (item.ref,)
    return (item.is_workload, item.gone, item.come, bool(item.before), bool(item.after))


def _together(group: Sequence[Movement]) -> str:
    """Say of several objects, or of one that has no replicas, where they come and go."""
    first = group[0]
    noun = "workload" if first.is_workload else "object"
    names = listed([name_of(item.ref) for item in group], _MOST_OBJECTS)
    come, gone = listed(first.come), listed(first.gone)
    head = counted(len(group), noun)
    if come and gone:
        text = f"{head} {'moves' if len(group) == 1 else 'move'} {gone} {ARROW} {come}"
    elif come:
        text = f"{head} added to {come}"
    else:
        text = f"{head} removed from {gone}"
    return f"{text}: {names}"


def _alone(item: Movement) -> str:
    """Say of a workload where it goes, and how its replicas change."""
    name = name_of(item.ref)
    if not item.before:
        return f"{name}: new, {_amount(item.after, item)}; {_shares(item.after, item)}"
    if not item.after:
        return f"{name}: removed, had {_amount(item.before, item)}; {_shares(item.before, item)}"
    old, new = _amount(item.before, item), _amount(item.after, item)
    total = old if old == new else _from_to(item)
    kept_as_was = all(item.before[name] == item.after.get(name) for name in _kept(item))
    if item.come and item.gone and kept_as_was:
        return f"{name} moves {listed(item.gone)} {ARROW} {listed(item.come)}; {total}"
    if item.is_each and (item.come or item.gone) and old == new:
        parts = [f"also on {listed(item.come)}"] if item.come else []
        parts += [f"no longer on {listed(item.gone)}"] if item.gone else []
        return f"{name}: {', '.join(parts)}; {total}"
    return f"{name}: {total}; {_changes(item)}"


def _kept(item: Movement) -> list[str]:
    return [name for name in item.before if name in item.after]


def _is_each(item: Movement, shares: Mapping[str, int]) -> bool:
    return item.is_each and len(set(shares.values())) == 1


def _amount(shares: Mapping[str, int], item: Movement) -> str:
    """Return `4 replicas`, or `4 replicas on each cluster` for what is not divided."""
    if _is_each(item, shares) and max(len(item.before), len(item.after)) > 1:
        return f"{counted(next(iter(shares.values())), 'replica')} on each cluster"
    return counted(sum(shares.values()), "replica")


def _from_to(item: Movement) -> str:
    old, new = _amount(item.before, item), _amount(item.after, item)
    return f"{old.partition(' ')[0]} {ARROW} {new}"


def _shares(shares: Mapping[str, int], item: Movement) -> str:
    if _is_each(item, shares):
        return on_clusters(sorted(shares))
    return listed([f"{name} {count}" for name, count in sorted(shares.items())], noun="clusters")


def _changes(item: Movement) -> str:
    """Return `pegasus 3 → 4, pegasus-2 - → 2`, or the clusters alone when all change alike."""
    if _is_each(item, item.before) and _is_each(item, item.after) and not (item.come or item.gone):
        return on_clusters(sorted(item.after))
    parts = [
        f"{name} {item.before.get(name, NOWHERE)} {ARROW} {item.after.get(name, NOWHERE)}"
        for name in sorted({*item.before, *item.after})
        if item.before.get(name) != item.after.get(name)
    ]
    return listed(parts, noun="clusters")


_HAPPENED = {"added": "was added", "removed": "was removed"}
_LABELS = {Origin.CLUSTER: "cluster ", Origin.LOCK: "the lock of "}


def cause_text(cause: Cause, about: Iterable[ObjectReference] = ()) -> str:
    """Return what happened to a cause; a template is not named where it is the object itself."""
    if cause.origin is Origin.DEPENDENCY:
        verb = "no longer needed by" if cause.change == "removed" else "needed by"
        return one_line(f"{verb} {cause.name}")
    name = f"{_LABELS.get(cause.origin, '')}{cause.name}"
    if cause.name in map(str, about):
        if cause.origin is Origin.TEMPLATE:
            name = "" if cause.field else "its manifest"
        elif cause.origin is Origin.LOCK:
            name = "its lock"
    happened = _HAPPENED.get(cause.change, cause.change)
    text = one_line(" ".join(part for part in (name, cause.field, happened) if part))
    place = str(cause.location) if cause.location else ""
    if place and cause.side is Side.BASE:
        place += " before"
    return f"{text} ({place})" if place else text
