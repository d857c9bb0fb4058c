"""`armada-render report`: one page about where everything runs, and why."""

import os
import tempfile
from pathlib import Path
from typing import Any

import click
from msgspec import Struct

from armada_render.cli.comparison import Question, compared
from armada_render.cli.console import Console
from armada_render.cli.inputs import Inputs, locator, report
from armada_render.cli.options import option
from armada_render.cli.progress import Progress
from armada_render.errors import ExitCode, InputError, Problem, SourceError
from armada_render.explain import Evidence
from armada_render.pipeline import RenderOptions, render
from armada_render.report import Contents, contents, page
from armada_render.simulate import Outcome, each_failure
from armada_render.version import __version__


class _Options(Struct, frozen=True, kw_only=True):
    """The command line as it was given."""

    path: str
    out: str
    title: str
    base: str | None
    simulate: bool
    clusters: str | None
    strict_inventory: bool


@click.command(name="report")
@click.argument("path", type=click.Path(allow_dash=True))
@option("--out", type=click.Path(dir_okay=False), required=True, help="The HTML file to write.")
@option("--title", default="", help="Heading of the page; the name of PATH if not given.")
@option("--base", metavar="REF", help="Show also what changes since this revision.")
@option("--simulate", is_flag=True, help="Show also what is lost if each cluster fails.")
@option("--clusters", type=click.Path(), help="Inventory, if it is not in PATH.")
@option("--strict-inventory", is_flag=True, help="Unknown capacity is none, unknown APIs absent.")
@click.pass_obj
def command(console: Console, /, **given: Any) -> int:  # noqa: ANN401 - click's parameters
    """Write a page about the fleet in PATH: placement, reasons and capacity.

    It is one file that asks the network for nothing. Problems stand on the page, and decide the
    exit code. REF is a branch, tag or commit, or merge-base:REF for where HEAD and REF parted.
    """
    options = _Options(**given)
    made, code = (_alone if options.base is None else _since)(console, options)
    _write(options.out, page(made, version=__version__))
    console.note(f"{options.out}: {made.summary}")
    return code


def _alone(console: Console, options: _Options) -> tuple[Contents, ExitCode]:
    """Return the page about PATH as it is."""
    inputs = Inputs(options.path, options.clusters)
    progress = Progress(enabled=not console.is_quiet)
    loaded = inputs.load(progress)
    inputs.require_fleet(loaded)
    strict = options.strict_inventory or loaded.config.strict_inventory
    engine = RenderOptions(strict_inventory=strict)
    rendering = render(loaded.fleet, engine)
    evidence = Evidence(fleet=loaded.fleet, rendering=rendering, locate=locator(inputs))
    made = contents(
        _title(options),
        evidence,
        locate_problems=inputs.pinpoint,
        failures=_failures(options, evidence, engine),
    )
    progress.clear()
    report(console, inputs, rendering.problems)
    return made, rendering.exit_code


def _since(console: Console, options: _Options) -> tuple[Contents, ExitCode]:
    """Return the page about PATH, and what changes since the base."""
    question = Question(
        path=options.path,
        base=options.base or "",
        clusters=options.clusters,
        strict_inventory=options.strict_inventory,
        always=True,
    )
    comparison = compared(console, question)
    base, head = comparison.base, comparison.head
    if head.rendering is None:
        raise InputError(head.input.pinpoint(head.problems))
    evidence = Evidence(
        fleet=head.input.loaded.fleet,
        rendering=head.rendering,
        locate=lambda place, field: str(head.input.locate(place, field)) if place else "",
    )
    made = contents(
        _title(options),
        evidence,
        locate_problems=head.input.pinpoint,
        changes=comparison.document(full=False),
        failures=_failures(options, evidence, head.input.options(strict=options.strict_inventory)),
    )
    for side in (base, head):
        console.problems(side.input.pinpoint(side.problems))
    return made, comparison.code


def _failures(
    options: _Options, evidence: Evidence, engine: RenderOptions
) -> tuple[Outcome, ...] | None:
    """Return what comes of each failure; a fleet with problems cannot be played through."""
    if not options.simulate or evidence.rendering.problems:
        return None
    return each_failure(evidence.fleet, engine)


def _title(options: _Options) -> str:
    if options.title:
        return options.title
    path = options.path
    return "standard input" if path == "-" else os.path.basename(os.path.abspath(path))  # noqa: PTH100, PTH119


def _write(out: str, data: bytes) -> None:
    """Put a new file in the place of an old one, or leave that as it is."""
    target = Path(out)
    try:
        with tempfile.NamedTemporaryFile(
            dir=target.parent, prefix=f".{target.name}.", delete=False
        ) as handle:
            staged = Path(handle.name)
            try:
                handle.write(data)
                handle.close()
                staged.chmod(0o666 & ~_umask())
                staged.replace(target)
            except BaseException:
                staged.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise SourceError(
            Problem(
                message=f"{out} cannot be written: {error.strerror or error}",
                hint="check that its folder is there, free space and permissions",
                code=SourceError.exit_code,
            )
        ) from error


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
