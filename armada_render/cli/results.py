"""Print what a check found: as text for people, as JSON, SARIF or JUnit for machines."""

from collections import Counter
from collections.abc import Callable, Sequence
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from armada_render.cli.console import Console, printable
from armada_render.cli.inputs import Inputs
from armada_render.errors import Problem, SourceLocation, one_line
from armada_render.model.config import CONFIG_NAME
from armada_render.model.result import Level, Result, Rule
from armada_render.version import __version__


class ResultFormat(StrEnum):
    """What `-o` of the commands that check something prints."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    JUNIT = "junit"


class Report(Struct, frozen=True, kw_only=True):
    """What `name` (a command) looked for and found; `failures` kept it from looking everywhere.

    Results below `threshold` are shown, and fail nothing.
    """

    name: str
    rules: tuple[Rule, ...]
    results: tuple[Result, ...]
    failures: tuple[Problem, ...] = ()
    threshold: Level = Level.NOTE


def pinpointed(inputs: Inputs, results: Sequence[Result]) -> tuple[Result, ...]:
    """Return results with the lines of their fields."""
    problems = tuple(Problem(message="", location=one.location, field=one.field) for one in results)
    found = inputs.pinpoint(problems)
    return tuple(
        replace(one, location=problem.location) for one, problem in zip(results, found, strict=True)
    )


def print_report(console: Console, report: Report, format_: ResultFormat, inputs: Inputs) -> None:
    """Write a report to standard output, and what it comes to on standard error."""
    _WRITERS[format_](console, report, inputs)


def counted(results: Sequence[Result]) -> str:
    """Return how many results there are of each level: `3 results: 1 error, 2 warnings`."""
    counts = Counter(one.level for one in results)
    parts = [
        f"{counts[level]} {level}{'s' if counts[level] > 1 else ''}"
        for level in (Level.ERROR, Level.WARNING, Level.NOTE)
        if counts[level]
    ]
    return f"{len(results)} {'result' if len(results) == 1 else 'results'}: {', '.join(parts)}"


_COLOURS = {Level.ERROR: "red", Level.WARNING: "yellow", Level.NOTE: "cyan"}


def _text(console: Console, report: Report, inputs: Inputs) -> None:
    del inputs
    import click  # noqa: PLC0415 - styles are for people only

    for one in report.results:
        parts = (str(one.location or ""), one_line(one.resource), one_line(one.field))
        where = ": ".join([*filter(None, parts), one.message])
        label = click.style(f"{one.level}:", fg=_COLOURS[one.level], bold=True)
        text = f"{where} [{one.rule}]\n  hint: {one.hint}" if one.hint else f"{where} [{one.rule}]"
        console.product(f"{label} {printable(text)}")


def _json(console: Console, report: Report, inputs: Inputs) -> None:
    del inputs
    from armada_render import emit  # noqa: PLC0415 - not for text

    document = {
        "apiVersion": "armada-render/v1",
        "kind": "Results",
        "of": report.name,
        "results": [_plain(one) for one in report.results],
        "problems": [
            {"message": one.message, "location": str(one.location or "")} for one in report.failures
        ],
    }
    console.product(emit.json_document(document).decode().rstrip("\n"))


def _plain(result: Result) -> dict[str, object]:
    location = result.location
    fields: dict[str, object] = {
        "file": location.path if location else "",
        "line": location.line if location else 0,
        "resource": result.resource,
        "field": result.field,
        "hint": result.hint,
    }
    return {
        "rule": result.rule,
        "level": str(result.level),
        "message": result.message,
        **{key: value for key, value in fields.items() if value},
    }


def _sarif(console: Console, report: Report, inputs: Inputs) -> None:
    from armada_render.emit.sarif import sarif  # noqa: PLC0415 - only where it is asked for

    text = sarif(
        _in_checkout(report.results, inputs),
        report.rules,
        tool=f"armada-render {report.name}",
        version=__version__,
        failures=[replace(one, location=_moved(one.location, inputs)) for one in report.failures],
    )
    console.product(text.decode().rstrip("\n"))


def _junit(console: Console, report: Report, inputs: Inputs) -> None:
    from armada_render.emit.junit import (  # noqa: PLC0415 - only where it is asked for
        Case,
        cases_of_rules,
        junit,
    )

    group = f"armada-render {report.name}"
    found = _in_checkout(report.results, inputs)
    failing = [one for one in found if one.level.reaches(report.threshold)]
    noted = [one for one in found if not one.level.reaches(report.threshold)]
    cases = list(cases_of_rules(group, report.rules, failing, noted))
    if report.failures:
        error = "\n".join(map(str, report.failures))
        cases.append(Case(group=group, name="the fleet renders", error=error))
    console.product(junit(group, cases).decode().rstrip("\n"))


def _in_checkout(results: Sequence[Result], inputs: Inputs) -> list[Result]:
    return [replace(one, location=_moved(one.location, inputs)) for one in results]


def _moved(location: SourceLocation | None, inputs: Inputs) -> SourceLocation:
    """Return where a location stands in the checkout; without one, the settings stand in for it."""
    if location is None:
        return SourceLocation(inputs.in_checkout(CONFIG_NAME))
    return replace(location, path=inputs.in_checkout(location.path))


_WRITERS: dict[ResultFormat, Callable[[Console, Report, Inputs], None]] = {
    ResultFormat.TEXT: _text,
    ResultFormat.JSON: _json,
    ResultFormat.SARIF: _sarif,
    ResultFormat.JUNIT: _junit,
}
