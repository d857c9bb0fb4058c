"""Compare PATH at two revisions, for the commands that show what changes."""

import contextlib
import os
import secrets
from collections.abc import Iterator, Sequence

import click
from msgspec import Struct

from armada_render import diff
from armada_render.cache import open_cache
from armada_render.cli.console import Console
from armada_render.cli.inputs import credentials
from armada_render.cli.progress import Progress
from armada_render.cli.sides import Once, SideInput, Sides
from armada_render.diff import Cause, Difference, Document, Side, document, side_row
from armada_render.errors import ExitCode, InputError, Problem, SourceLocation, one_line, worst
from armada_render.model.config import CONFIG_NAME
from armada_render.pipeline import Rendering
from armada_render.yamlio import load_documents


class Question(Struct, frozen=True, kw_only=True):
    """What is compared: PATH at `base` with PATH at `head`, None for the work tree.

    `only` are the clusters asked about, none for all. `always`: render the head, even if both sides
    hold the same files.
    """

    path: str
    base: str
    head: str | None = None
    only: tuple[str, ...] = ()
    clusters: str | None = None
    strict_inventory: bool = False
    no_cache: bool = False
    always: bool = False


class Rendered(Struct, frozen=True, kw_only=True):
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


class Comparison(Struct, frozen=True, kw_only=True):
    """Both sides, and what differs."""

    sides: Sides
    base: Rendered
    head: Rendered
    difference: Difference

    @property
    def code(self) -> ExitCode:
        """The most severe of the problems of both sides."""
        return worst((self.base.code, self.head.code))

    def document(self, *, full: bool) -> Document:
        """Return the difference as it is shown, with whole manifests if it is to be `full`."""
        return document(
            self.difference,
            base=self._row(self.base),
            head=self._row(self.head),
            key=secrets.token_bytes(32),
            locate=self._locate,
            full=full,
            notes=tuple(self._notes()),
        )

    def _row(self, side: Rendered) -> diff.SideRow:
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
        elif self.head.input.exists and (
            self.base.input.loaded.config != self.head.input.loaded.config
        ):
            yield f"{CONFIG_NAME} differs: what it says of the output's form is not compared"


def compared(console: Console, asked: Question) -> Comparison:
    """Read both sides, render them unless they hold the same files, and compare.

    Raises `InputError` when neither side has anything at PATH, `SourceError` for what Git says.
    """
    sides = Sides(
        asked.path,
        base=asked.base,
        head=asked.head,
        inventory=asked.clusters,
        credentials=credentials(),
    )
    base, head = sides.base, sides.head
    if not base.exists and not head.exists:
        raise InputError(
            Problem(
                message=f"{one_line(asked.path)} is in neither side",
                hint="give a directory of manifests that at least one side has",
            )
        )
    progress = Progress(enabled=not console.is_quiet)
    cache = None if asked.no_cache else open_cache(os.environ)  # noqa: TID251 - this is an edge
    with progress, cache or contextlib.nullcontext():
        read = Once(cache.documents if cache else load_documents)
        old, new = base.load(read, progress), head.load(read, progress)
    if old.digests == new.digests and not asked.always:
        # The same files give the same result: neither side needs to be rendered.
        return Comparison(
            sides=sides,
            base=Rendered(input=base),
            head=Rendered(input=head),
            difference=Difference(),
        )
    before = _rendered(base, asked, is_base=True)
    after = _rendered(head, asked, is_base=False)
    progress.clear()
    difference = Difference()
    if before.rendering and after.rendering:
        _require_known(asked.only, before.rendering, after.rendering)
        difference = diff.compare(before.rendering, after.rendering, clusters=asked.only or None)
    return Comparison(sides=sides, base=before, head=after, difference=difference)


def _rendered(side: SideInput, asked: Question, *, is_base: bool) -> Rendered:
    missing = None if is_base and not side.exists else side.missing()
    if missing is not None:
        return Rendered(input=side, problems=(missing,))
    rendering = side.render(strict=asked.strict_inventory)
    return Rendered(input=side, rendering=rendering, problems=rendering.problems)


def _require_known(chosen: Sequence[str], *renderings: Rendering) -> None:
    names = sorted({cluster.name for one in renderings for cluster in one.clusters})
    for name in chosen:
        if name not in names:
            raise click.UsageError(
                f"there is no cluster {name}; the inventory has {', '.join(names)}"
            )
