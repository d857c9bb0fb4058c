"""`armada-render conformance`: compare our results with what a Karmada computed."""

import gzip
import zlib
from collections.abc import Iterator
from typing import Any

import click
import msgspec

from armada_render.cli.console import Console
from armada_render.cli.options import option
from armada_render.conformance import Tally, check
from armada_render.errors import ExitCode, InputError, Problem, SourceError, SourceLocation


class _Expected(msgspec.Struct, frozen=True):
    rejected: dict[str, Any] = {}
    ambiguous: bool = False
    unpropagated: list[str] = []
    errors: list[dict[str, Any]] = []
    bindings: dict[str, dict[str, Any]] = {}
    works: dict[str, list[dict[str, Any]]] = {}
    health: dict[str, str] = {}


class _Case(msgspec.Struct, frozen=True):
    id: str
    objects: list[dict[str, Any]]
    expected: _Expected


@click.command(name="conformance")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False))
@option("--most", default=3, show_default=True, help="Differences to show of each file.")
@click.pass_obj
def command(console: Console, *, files: tuple[str, ...], most: int) -> int:
    """Render the cases of FILES (JSON lines, may be gzipped) and compare with their results."""
    tallies = {name: _tally(name) for name in files}
    width = max(len(_category(name)) for name in files)
    for name, tally in tallies.items():
        console.product(f"{_category(name):{width}}  {tally.passed:5} / {tally.total}")
        for line in tally.differences[:most]:
            console.product(f"  {line if len(line) <= 2000 else line[:2000] + '...'}")
    passed = sum(tally.passed for tally in tallies.values())
    total = sum(tally.total for tally in tallies.values())
    console.product(f"{'all':{width}}  {passed:5} / {total}")
    return ExitCode.OK if passed == total else ExitCode.FOUND


def _tally(name: str) -> Tally:
    tally = Tally()
    for number, line in enumerate(_lines(name), start=1):
        try:
            case = msgspec.json.decode(line)
            case_id = msgspec.convert(case, _Case).id
        except msgspec.DecodeError as error:
            raise InputError(
                Problem(
                    message=f"not a conformance case: {error}",
                    location=SourceLocation(name, number),
                    hint="a line holds id, objects and expected, see docs/conformance.md",
                )
            ) from error
        tally.add(case_id, check(case))
    return tally


def _lines(name: str) -> Iterator[bytes]:
    opener = gzip.open if name.endswith(".gz") else open
    try:
        with opener(name, "rb") as lines:
            yield from lines
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(f"{name} cannot be read: {error}") from error


def _category(name: str) -> str:
    return name.rpartition("/")[2].partition(".")[0]
