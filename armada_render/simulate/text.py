"""An outcome for people, as lines. Pure."""

from collections.abc import Iterator, Sequence

from armada_render.failover.words import listed
from armada_render.lock import Change, title
from armada_render.model import quantity
from armada_render.simulate.outcome import Loss, Outcome
from armada_render.simulate.play import Event
from armada_render.simulate.room import Room

_MOST = 20


def lines(outcome: Outcome) -> Iterator[str]:
    """Yield what happens, second by second, and what is the matter then."""
    yield f"{outcome.scenario.title}: {_things(outcome.touched, 'object')} there"
    during = [event for event in outcome.events if not event.is_after]
    yield from _section("", _timed(during))
    yield from _section("moved:", _moves(outcome.moves))
    yield from _section("nothing of it runs any more:", _losses(outcome.gone))
    yield from _section("fewer replicas:", _losses(outcome.reduced))
    yield from _section("on no other cluster:", _losses(outcome.out_of_reach))
    yield from _section("torn apart:", _torn(outcome))
    yield from _section("room that is left:", _rooms(outcome.rooms))
    if outcome.is_harmless:
        yield ""
        yield "nothing is lost" if outcome.touched else "nothing was there to lose"
    if outcome.returns is not None:
        after = [event for event in outcome.events if event.is_after]
        yield ""
        yield f"back after {_time(outcome.returned_at)}:"
        yield from _section("", _timed(after), gap=False)
        yield from _section("moved back:", _moves(outcome.returns))
        if not outcome.returns:
            yield "  nothing comes back by itself"
        for ref, cluster in outcome.revived:
            yield f"  {title(ref)}: its old copy on {cluster} runs again, until its task is ended"


COLUMNS = ("objects", "move", "down", "reduced", "unreached", "torn")
"""What `numbers` are of."""


def numbers(outcome: Outcome) -> tuple[int, ...]:
    """Return what an outcome comes to, in the order of `COLUMNS`."""
    lost = (outcome.gone, outcome.reduced, outcome.out_of_reach, outcome.tears)
    return (outcome.touched, len(outcome.moves), *map(len, lost))


def table(outcomes: Sequence[Outcome]) -> list[str]:
    """Return a line for each outcome, with what it comes to in numbers."""
    rows = [["", *(name.upper() for name in COLUMNS)]]
    rows += [
        [one.scenario.title, *(str(count or "-") for count in numbers(one))] for one in outcomes
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _section(head: str, body: Iterator[str], *, gap: bool = True) -> Iterator[str]:
    found = list(body)
    if not found:
        return
    if gap:
        yield ""
    if head:
        yield head
    yield from (f"  {line}" for line in found)


def _timed(events: Sequence[Event]) -> Iterator[str]:
    shown = events if len(events) <= 2 * _MOST else events[: 2 * _MOST]
    width = max((len(_time(event.seconds)) for event in shown), default=0)
    for event in shown:
        yield f"{_time(event.seconds).rjust(width)}  {_said(event)}"
    if len(shown) < len(events):
        yield f"... and {len(events) - len(shown)} more"


def _said(event: Event) -> str:
    text = str(event.reason)
    if event.is_held or not event.to or not event.reason.message.startswith("leaves "):
        return text
    return f"{text}; placed on {listed(event.to)}"


def _time(seconds: float) -> str:
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def _moves(moves: Sequence[Change]) -> Iterator[str]:
    yield from _some([f"{title(one.ref)}: {one.detail}" for one in moves])


def _losses(losses: Sequence[Loss]) -> Iterator[str]:
    """Yield what is lost, and below it why, once for those with the same reason."""
    groups: dict[str, list[Loss]] = {}
    for one in losses:
        groups.setdefault(one.why, []).append(one)
    for why, group in groups.items():
        yield from _some([_lost(one) for one in group])
        yield f"  {why}"


def _lost(loss: Loss) -> str:
    if loss.left:
        return f"{title(loss.ref)}: {loss.left} of {loss.wanted} replicas are left"
    return f"{title(loss.ref)}: was on {' and '.join(loss.clusters)} only"


def _torn(outcome: Outcome) -> Iterator[str]:
    yield from _some([one.sentence for one in outcome.tears])
    for number, mend in enumerate(outcome.mends):
        yield f"{'to mend it, ' if not number else 'and '}{mend}"
    if outcome.mends:
        yield "(tried: nothing is torn apart then)"
    elif outcome.tears:
        remedies = dict.fromkeys(one.remedy for one in outcome.tears if one.remedy)
        yield from (f"hint: {remedy}" for remedy in remedies)


def _rooms(rooms: Sequence[Room]) -> Iterator[str]:
    clusters: dict[str, list[Room]] = {}
    for one in rooms:
        clusters.setdefault(one.cluster, []).append(one)
    for cluster, group in clusters.items():
        yield f"{cluster}: {', '.join(map(_room, group))}"


def _room(room: Room) -> str:
    taken = _amount(room.taken, room.resource)
    if room.free is None or room.total is None:
        return f"{room.resource} not known, takes {taken} more"
    free, total = _amount(room.free, room.resource), _amount(room.total, room.resource)
    return f"{room.resource} {free} of {total}"


def _amount(nano: int, resource: str) -> str:
    if resource == "cpu" and nano % quantity.NANO:
        return f"{quantity.milli_value(nano)}m"
    whole = quantity.value(nano)
    for suffix, bits in (("Gi", 30), ("Mi", 20)):
        if resource != "pods" and abs(whole) >= 1 << bits:
            return f"{whole / (1 << bits):.1f}".removesuffix(".0") + suffix
    return str(whole)


def _some(found: list[str]) -> Iterator[str]:
    yield from found[:_MOST]
    if len(found) > _MOST:
        yield f"... and {len(found) - _MOST} more"


def _things(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun if count == 1 else noun + 's'}"
