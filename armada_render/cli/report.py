"""`armada-render report`: one page about where everything runs, and why."""

import os
import tempfile
from pathlib import Path

import click

from armada_render.cli.console import Console
from armada_render.cli.inputs import Inputs, locator, report
from armada_render.cli.options import option
from armada_render.cli.progress import Progress
from armada_render.errors import Problem, SourceError
from armada_render.explain import Evidence
from armada_render.pipeline import RenderOptions, render
from armada_render.report import contents, page
from armada_render.version import __version__


@click.command(name="report")
@click.argument("path", type=click.Path(allow_dash=True))
@option("--out", type=click.Path(dir_okay=False), required=True, help="The HTML file to write.")
@option("--title", default="", help="Heading of the page; the name of PATH if not given.")
@option("--clusters", type=click.Path(exists=True), help="Inventory, if it is not in PATH.")
@option("--strict-inventory", is_flag=True, help="Unknown capacity is none, unknown APIs absent.")
@click.pass_obj
def command(  # noqa: PLR0913 - click's parameters
    console: Console,
    *,
    path: str,
    out: str,
    title: str,
    clusters: str | None,
    strict_inventory: bool,
) -> int:
    """Write a page about the fleet in PATH: placement, reasons and capacity.

    It is one file that asks the network for nothing. Problems stand on the page, and decide the
    exit code.
    """
    inputs = Inputs(path, clusters)
    progress = Progress(enabled=not console.is_quiet)
    loaded = inputs.load(progress)
    inputs.require_fleet(loaded)
    strict = strict_inventory or loaded.config.strict_inventory
    rendering = render(loaded.fleet, RenderOptions(strict_inventory=strict))
    evidence = Evidence(fleet=loaded.fleet, rendering=rendering, locate=locator(inputs))
    made = contents(title or _name(path), evidence, locate_problems=inputs.pinpoint)
    data = page(made, version=__version__)
    progress.clear()
    report(console, inputs, rendering.problems)
    _write(out, data)
    console.note(f"{out}: {made.summary}")
    return rendering.exit_code


def _name(path: str) -> str:
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
