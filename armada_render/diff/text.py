"""A difference for a terminal: what moves first, then what to look at twice, then the fields."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from armada_render.diff.lines import field_lines, full_lines, value_text
from armada_render.diff.rows import CauseRow, Document, ObjectRow, RiskRow
from armada_render.diff.words import ARROW, counted, on_clusters
from armada_render.errors import one_line

_MOST_CAUSES = 3
_MOST_FIELDS = 20


def text_lines(found: Document) -> Iterator[str]:
    """Yield the lines of a document."""
    yield f"{found.base.name} {ARROW} {found.head.name}"
    for note in found.notes:
        yield f"note: {note}"
    for side, word in ((found.base, "base"), (found.head, "head")):
        if side.withheld:
            yield ""
            yield f"The {word} cannot be rendered: nothing is compared, and nothing is removed."
    told: set[str] = set()
    for headline in found.headlines:
        yield ""
        yield one_line(headline.text)
        yield from (f"  {text}" for text in cause_texts(headline.causes))
        told.update(cause.text for cause in headline.causes)
    yield from _section("RISKS", map(risk_lines, found.risks))
    yield from _section("IMAGES", ([image] for image in image_texts(found)))
    yield from _section("CHANGES", (_object(row, told) for row in found.objects if _is_news(row)))
    yield from _section("WITHHELD", ([text] for text in withheld_texts(found)))
    yield ""
    yield found.summary.text


def risk_lines(risk: RiskRow) -> list[str]:
    """Return a risk and what to do about it."""
    where = f"{risk.title} {on_clusters(risk.clusters)}"
    return [
        f"{risk.level}: {where}: {one_line(risk.message)} [{risk.rule}]",
        f"  hint: {risk.hint}",
    ]


def image_texts(found: Document) -> Iterator[str]:
    """Yield a line for each image that changes."""
    for item in found.images:
        change = f"{value_text(item.before)[1:-1]} {ARROW} {value_text(item.after)[1:-1]}"
        yield f"{item.title} {one_line(item.container)}: {change} {on_clusters(item.clusters)}"


def withheld_texts(found: Document) -> Iterator[str]:
    """Yield a line for each resource that is not compared."""
    for item in found.withheld:
        message = one_line(item.message.partition("\n")[0])
        yield f"{item.title}: not compared, the {item.side} cannot place or build it: {message}"


def _is_news(row: ObjectRow) -> bool:
    """Tell whether there is more to say of an object than where it comes or goes."""
    return row.change == "changed" or bool(row.manifests)


def _object(row: ObjectRow, told: set[str]) -> Iterator[str]:
    yield object_text(row)
    causes = [cause for cause in row.causes if cause.text not in told]
    yield from (f"  {text}" for text in cause_texts(causes))
    if row.manifests:
        for variant in row.manifests:
            if len(row.manifests) > 1:
                yield f"  {on_clusters(variant.clusters)}"
            yield from (f"  {line}" for line in full_lines(variant))
        return
    for field in row.fields[:_MOST_FIELDS]:
        yield from (f"  {line}" for line in field_lines(field))
    if len(row.fields) > _MOST_FIELDS:
        yield f"  … and {counted(len(row.fields) - _MOST_FIELDS, 'more field')}"


def object_text(row: ObjectRow) -> str:
    """Return what happens to an object, and where."""
    text = f"{row.title} {on_clusters(row.clusters)}"
    if row.app_before and row.app_after:
        text += f", from app {one_line(row.app_before)} to {one_line(row.app_after)}"
    return text if row.change == "changed" else f"{text}: {row.change}"


def cause_texts(causes: Sequence[CauseRow], quoted: Callable[[str], str] = str) -> Iterator[str]:
    """Yield what brought a change about, of many the first; `quoted` makes names harmless."""
    for cause in causes[:_MOST_CAUSES]:
        yield f"because {quoted(cause.text)}"
    if len(causes) > _MOST_CAUSES:
        yield f"and {counted(len(causes) - _MOST_CAUSES, 'more cause')}"


def _section(title: str, parts: Iterable[Iterable[str]]) -> Iterator[str]:
    first = True
    for part in parts:
        if first:
            yield ""
            yield title
            first = False
        yield from (f"  {line}" for line in part)
