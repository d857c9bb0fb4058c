"""A difference as SARIF, which code scanning shows beside the line, and as JUnit XML. Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from armada_render.diff.risk import RULES
from armada_render.diff.rows import CauseRow, Document, ObjectRow, PlacementRow, RiskRow
from armada_render.diff.text import cause_texts, object_text
from armada_render.diff.words import on_clusters
from armada_render.emit.junit import Case, cases_of_rules, junit
from armada_render.emit.sarif import sarif
from armada_render.errors import ExitCode, Problem, SourceLocation
from armada_render.model.result import Level, Result, Rule

Place = Callable[[str], str]

_PLACEMENT = Rule(
    id="placement-changed",
    summary="An object goes to other clusters, or its replicas are divided otherwise",
    level=Level.NOTE,
)
_CONTENT = Rule(id="object-changed", summary="An object changes on some clusters", level=Level.NOTE)
ALL_RULES = (*RULES, _PLACEMENT, _CONTENT)


def sarif_report(found: Document, place: Place, *, tool: str, version: str) -> bytes:
    """Return risks, placements and changed objects, each at the line that brought it about.

    `place` says where a file that a cause names stands below the root that viewers know.
    """
    results = (
        *_risks(found.risks, place),
        *_placements(found.placements, place),
        *_objects(found.objects, place),
    )
    return sarif(results, ALL_RULES, tool=tool, version=version, failures=tuple(_failures(found)))


def junit_report(found: Document, place: Place, *, name: str) -> bytes:
    """Return a case for each rule, which fails when it found a risk, and one for each change."""
    risks = tuple(_risks(found.risks, place))
    problems = {"base": found.base, "head": found.head}
    cases = [
        Case(
            group="renders",
            name=side,
            error="\n".join(row.problems) or "cannot be rendered" if row.withheld else "",
        )
        for side, row in problems.items()
    ]
    cases += [
        Case(group="withheld", name=item.title, error=f"{item.side}: {item.message}")
        for item in found.withheld
    ]
    if not (found.base.withheld or found.head.withheld):
        cases += cases_of_rules("risks", RULES, risks, ())
    changes = (*_placements(found.placements, place), *_objects(found.objects, place))
    cases += [Case(group="changes", name=_name(result), notes=(result,)) for result in changes]
    return junit(name, cases)


def _name(result: Result) -> str:
    return f"{result.resource} {result.key}" if result.key else result.resource


def _risks(rows: Iterable[RiskRow], place: Place) -> Iterator[Result]:
    for row in rows:
        yield Result(
            rule=row.rule,
            level=Level(row.level),
            message=f"{row.title} {on_clusters(row.clusters)}: {row.message}",
            location=_location(row.causes, place),
            resource=row.object,
            field=row.field,
            hint=row.hint,
            key=",".join(row.clusters),
        )


def _placements(rows: Iterable[PlacementRow], place: Place) -> Iterator[Result]:
    for row in rows:
        yield Result(
            rule=_PLACEMENT.id,
            level=_PLACEMENT.level,
            message=_because(row.text, row.causes),
            location=_location(row.causes, place),
            resource=row.object,
        )


def _objects(rows: Iterable[ObjectRow], place: Place) -> Iterator[Result]:
    for row in rows:
        if row.change == "changed":
            yield Result(
                rule=_CONTENT.id,
                level=_CONTENT.level,
                message=_because(f"{object_text(row)}: {_fields(row)}", row.causes),
                location=_location(row.causes, place),
                resource=row.object,
                key=",".join(row.clusters),
            )


def _fields(row: ObjectRow) -> str:
    names = [field.field for field in row.fields[:3]]
    more = len(row.fields) - len(names)
    text = ", ".join(names) + (f" and {more} more fields" if more else "")
    return f"{text} changes" if len(row.fields) == 1 else f"{text} change"


def _because(text: str, causes: Sequence[CauseRow]) -> str:
    return "\n".join([text, *cause_texts(causes)])


def _location(causes: Sequence[CauseRow], place: Place) -> SourceLocation | None:
    """Return the first place that the head still has, else the first of all."""
    placed = [cause for cause in causes if cause.path]
    placed.sort(key=lambda cause: cause.side != "head")
    if not placed:
        return None
    path = placed[0].path
    return SourceLocation(place(path), placed[0].line)


def _failures(found: Document) -> Iterator[Problem]:
    for name, side in (("base", found.base), ("head", found.head)):
        if side.withheld:
            for text in side.problems or ("cannot be rendered",):
                yield Problem(message=f"{name}: {text}", code=ExitCode.INPUT)
    for item in found.withheld:
        yield Problem(
            message=f"{item.side}: {item.message}", resource=item.object, code=ExitCode.PLACEMENT
        )
