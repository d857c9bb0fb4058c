"""`armada-render diff`: what a change does to every cluster, before it is merged."""

import contextlib
import os
import secrets
from collections.abc import Iterator, Sequence
from typing import Any

import click
from msgspec import Struct, to_builtins

from armada_render import diff, emit
from armada_render.cache import open_cache
from armada_render.cli.console import Console, printable
from armada_render.cli.inputs import credentials
from armada_render.cli.options import option
from armada_render.cli.progress import Progress
from armada_render.cli.sides import Once, SideInput, Sides
from armada_render.diff import Cause, Difference, Document, Side, document, side_row
from armada_render.errors import ExitCode, InputError, Problem, SourceLocation, one_line, worst
from armada_render.pipeline import Rendering
from armada_render.version import __version__
from armada_render.yamlio import load_documents

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

    REF is a branch, tag or commit, or merge-base:REF for where HEAD and REF parted. Both sides are
    read from Git's objects; nothing is checked out. PATH is the current directory if not given.
    """
    options = _Options(**given)
    if os.path.isfile(options.path):  # noqa: PTH113
        raise click.UsageError("PATH must be a directory: a file alone has no history of its fleet")
    comparison = _compared(console, options)
    for side in (comparison.base, comparison.head):
        console.problems(side.input.pinpoint(side.problems))
    _print(console, comparison, options)
    code = worst((comparison.base.code, comparison.head.code))
    if code is ExitCode.OK and options.exit_code and comparison.difference:
        return ExitCode.FOUND
    return code


class _Rendered(Struct, frozen=True, kw_only=True):
    """A side and what became of it; `rendering` is None when there was no need, or no way."""

    input: SideInput
    rendering: Rendering | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def code(self) -> ExitCode:
        """The most severe of its problems."""
        return worst(problem.code for problem in self.problems)

    @property
    def is_withheld(self) -> bool:
        """Whether it cannot be compared at all."""
        return bool(self.problems) and self.rendering is None


class _Comparison(Struct, frozen=True, kw_only=True):
    """Both sides, and what differs."""

    sides: Sides
    base: _Rendered
    head: _Rendered
    difference: Difference

    def document(self, options: _Options) -> Document:
        """Return the difference as it is shown."""
        return document(
            self.difference,
            base=self._row(self.base),
            head=self._row(self.head),
            key=secrets.token_bytes(32),
            locate=self._locate,
            full=options.full,
            notes=tuple(self._notes()),
        )

    def _row(self, side: _Rendered) -> diff.SideRow:
        problems = side.input.pinpoint(side.problems)
        return side_row(side.input.revision, side.input.commit, problems, withheld=side.is_withheld)

    def _locate(self, cause: Cause) -> SourceLocation | None:
        side = self.base if cause.side is Side.BASE else self.head
        return cause.location and side.input.locate(cause.location, cause.field)

    def _notes(self) -> Iterator[str]:
        modules = sorted({*self.base.input.submodules, *self.head.input.submodules})
        for path in modules:
            yield f"the submodule {one_line(path)} is read on neither side"
        if not self.base.input.exists:
            yield "PATH is not in the base: all of it is new"


def _compared(console: Console, options: _Options) -> _Comparison:
    sides = Sides(
        options.path,
        base=options.base,
        head=options.head,
        inventory=options.clusters,
        credentials=credentials(),
    )
    base, head = sides.base, sides.head
    if not base.exists and not head.exists:
        raise InputError(
            Problem(
                message=f"{one_line(options.path)} is in neither side",
                hint="give a directory of manifests that at least one side has",
            )
        )
    progress = Progress(enabled=not console.is_quiet)
    cache = None if options.no_cache else open_cache(os.environ)  # noqa: TID251 - this is an edge
    with progress, cache or contextlib.nullcontext():
        read = Once(cache.documents if cache else load_documents)
        old, new = base.load(read, progress), head.load(read, progress)
    if old.digests == new.digests:
        # The same files give the same result: neither side needs to be rendered.
        return _Comparison(
            sides=sides,
            base=_Rendered(input=base),
            head=_Rendered(input=head),
            difference=Difference(),
        )
    before = _rendered(base, options, is_base=True)
    after = _rendered(head, options, is_base=False)
    progress.clear()
    difference = Difference()
    if before.rendering and after.rendering:
        _require_known(options.only, before.rendering, after.rendering)
        difference = diff.compare(before.rendering, after.rendering, clusters=options.only or None)
    return _Comparison(sides=sides, base=before, head=after, difference=difference)


def _rendered(side: SideInput, options: _Options, *, is_base: bool) -> _Rendered:
    missing = None if is_base and not side.exists else side.missing()
    if missing is not None:
        return _Rendered(input=side, problems=(missing,))
    rendering = side.render(strict=options.strict_inventory)
    return _Rendered(input=side, rendering=rendering, problems=rendering.problems)


def _require_known(chosen: Sequence[str], *renderings: Rendering) -> None:
    names = sorted({cluster.name for one in renderings for cluster in one.clusters})
    for name in chosen:
        if name not in names:
            raise click.UsageError(
                f"there is no cluster {name}; the inventory has {', '.join(names)}"
            )


def _print(console: Console, comparison: _Comparison, options: _Options) -> None:
    found = comparison.document(options)
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
