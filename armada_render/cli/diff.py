"""`armada-render diff`: what a change does to every cluster, before it is merged."""

import os
from typing import Any

import click
from msgspec import Struct, to_builtins

from armada_render import diff, emit
from armada_render.cli.comparison import Comparison, Question, compared
from armada_render.cli.console import Console, printable
from armada_render.cli.options import option
from armada_render.errors import ExitCode
from armada_render.version import __version__

_FORMS = ("text", "markdown", "json", "html", "sarif", "junit")
_TOOL = "armada-render"


class _Options(Struct, frozen=True, kw_only=True):
    """The command line as it was given."""

    path: str
    base: str
    head: str | None
    output: str
    exit_code: bool
    full: bool
    only: tuple[str, ...]
    clusters: str | None
    strict_inventory: bool
    no_cache: bool


@click.command(name="diff")
@click.argument("path", type=click.Path(), default=".")
@option("--base", metavar="REF", default="HEAD", show_default=True, help="What to compare with.")
@option("--head", metavar="REF", help="What is compared; the work tree if not given.")
@option(
    "-o",
    "--output",
    of="diff",
    type=click.Choice(_FORMS),
    default="text",
    show_default=True,
)
@option("--exit-code", is_flag=True, help="Exit 1 if anything changes.")
@option("--full", is_flag=True, help="Show whole manifests, not only the fields that change.")
@option("--cluster", "only", of="diff", multiple=True, metavar="NAME", help="These clusters only.")
@option("--clusters", type=click.Path(), help="Inventory, if it is not in PATH.")
@option("--strict-inventory", is_flag=True, help="Unknown capacity is none, unknown APIs absent.")
@option("--no-cache", is_flag=True, help="Neither use nor fill the cache of earlier runs.")
@click.pass_obj
def command(console: Console, /, **given: Any) -> int:  # noqa: ANN401 - click's parameters
    """Compare what PATH gives to each cluster at two revisions.

    REF is a branch, tag or commit, or merge-base:REF for where the other side and REF parted. Both
    sides are read from Git's objects; nothing is checked out. PATH is the current directory if not
    given.
    """
    options = _Options(**given)
    if os.path.isfile(options.path):  # noqa: PTH113
        raise click.UsageError("PATH must be a directory: a file alone has no history of its fleet")
    comparison = compared(
        console,
        Question(
            path=options.path,
            base=options.base,
            head=options.head,
            only=options.only,
            clusters=options.clusters,
            strict_inventory=options.strict_inventory,
            no_cache=options.no_cache,
        ),
    )
    for side in (comparison.base, comparison.head):
        console.problems(side.input.pinpoint(side.problems))
    _print(console, comparison, options)
    if comparison.code is ExitCode.OK and options.exit_code and comparison.difference:
        return ExitCode.FOUND
    return comparison.code


def _print(console: Console, comparison: Comparison, options: _Options) -> None:
    found = comparison.document(full=options.full)
    place = comparison.sides.in_repository
    match options.output:
        case "text":
            for line in diff.text_lines(found):
                console.product(printable(line))
            return
        case "markdown":
            text = "".join(diff.markdown_parts(found))
        case "json":
            text = emit.json_document(to_builtins(found)).decode()
        case "html":
            from armada_render.diff.page import page  # noqa: PLC0415 - brings jinja2 along

            text = page(found)
        case "sarif":
            text = diff.sarif_report(found, place, tool=_TOOL, version=__version__).decode()
        case _:
            text = diff.junit_report(found, place, name=f"{_TOOL} diff").decode()
    console.product(text.rstrip("\n"))
