"""`armada-render render`: what each cluster gets."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import click
from msgspec import Struct

from armada_render import emit
from armada_render.cli.again import again, may_start_from_before, note_change, remember
from armada_render.cli.argocd_options import GivenArgoCD, argocd_options, refuse_part
from armada_render.cli.console import Console, taken_by_stdout
from armada_render.cli.guarding import Guards, acknowledge
from armada_render.cli.inputs import Inputs, report
from armada_render.cli.jobs import JobsType, parts_of_tree
from armada_render.cli.locked import review_lock
from armada_render.cli.options import PathOrRemote, option
from armada_render.cli.progress import Progress
from armada_render.cli.render_options import Options, refuse_contradictions
from armada_render.cli.sharding import (
    ShardType,
    record_of,
    require_place,
    retired_of,
    works_of,
)
from armada_render.cli.shown import print_table, wants_table
from armada_render.cli.table import decided
from armada_render.errors import ExitCode, one_line
from armada_render.load import Loaded
from armada_render.load.address import is_remote
from armada_render.model.argocd import ArgoCD
from armada_render.model.config import Layout, OutputFormat
from armada_render.model.work import Work
from armada_render.pipeline import Rendering, RenderOptions, render
from armada_render.version import KARMADA_VERSION, __version__


class _Target(Struct, frozen=True, kw_only=True):
    """Where the result goes, `armada.yaml` filled in; `argocd` for ApplicationSets only."""

    format: OutputFormat
    directory: str
    layout: Layout
    argocd: ArgoCD | None = None


class _Run(Struct, frozen=True, eq=False):
    """What all that writes needs to know."""

    console: Console
    options: Options
    target: _Target
    loaded: Loaded
    progress: Progress
    guards: Guards
    part: Struct | None = None


_PICTURES = (OutputFormat.MERMAID, OutputFormat.DOT)
_TO_LOOK_AT = (OutputFormat.TABLE, OutputFormat.JSON, *_PICTURES)
"""Formats that nothing is applied from, so that an empty one harms nobody."""


@click.command(name="render")
@click.argument("path", type=click.Path(allow_dash=True))
@option(
    "-o",
    "--output",
    type=click.Choice([str(item) for item in OutputFormat]),
    help="tree with --output-dir, else stream.",
)
@option("--output-dir", type=click.Path(file_okay=False), help="Where to write the tree.")
@option("--layout", type=click.Choice([str(item) for item in Layout]), help="Files of a tree.")
@option("--ref", default="", metavar="REV", help="Read a Git revision of PATH, not the disk.")
@option("--clusters", type=PathOrRemote(), help="Inventory, if it is not in PATH.")
@option("--cluster", "only", multiple=True, metavar="NAME", help="Render these clusters only.")
@option("--app", "apps", multiple=True, metavar="NAME", help="Render these apps only.")
@option("--check", is_flag=True, help="Write nothing; exit 1 if the tree is out of date.")
@option("--table/--no-table", default=None, help="Print the placement as a table.")
@option("--keep-going", is_flag=True, help="Write what can be rendered despite errors.")
@option("--strict-inventory", is_flag=True, help="Unknown capacity is none, unknown APIs absent.")
@option("--locked", is_flag=True, help="Refuse if the lock is missing or out of date.")
@option("--no-cache", is_flag=True, help="Neither use nor fill the cache of earlier runs.")
@option("--base", metavar="REF", help="Refuse to remove what clusters get at this revision.")
@option("--acknowledge", metavar="REASON", help="Write down in PATH that what is removed may go.")
@option("--jobs", type=JobsType(), default=1, help="Processes for a large fleet; 0: all cores.")
@option("--shard", type=ShardType(), metavar="I/N", help="Write part I of N; see index merge.")
@argocd_options
@click.pass_context
def command(context: click.Context, /, **given: Any) -> int:  # noqa: ANN401 - click's parameters
    """Render PATH: a directory, a file, - for standard input, or a remote Git repository.

    Prints a YAML stream, or writes a tree of one bundle a cluster and app. With any error nothing
    is written, and the exit code says which kind it was.
    """
    console: Console = context.obj
    argocd = GivenArgoCD(given)
    options = Options(**given)
    refuse_contradictions(options)
    if options.acknowledge is not None:
        # What comes of it is told when it is rendered again, with the acknowledgement.
        console = console.silenced()
    inputs = Inputs(
        options.path, options.clusters, cached=not options.no_cache, revision=options.ref
    )
    progress = Progress(enabled=not console.is_quiet)
    with inputs.cache or contextlib.nullcontext():
        if may_start_from_before(console, options):
            change = again(inputs, options)
            if change is not None:
                note_change(console, options.output_dir or "", change)
                return ExitCode.OK
        guards, code = _everything(console, options, argocd, inputs, progress)
    if options.acknowledge is not None and guards is not None:
        acknowledge(context.obj, options.path, guards, options.acknowledge)
        return int(context.invoke(command, **{**given, "acknowledge": None}))
    return code


def _everything(
    console: Console,
    options: Options,
    argocd: GivenArgoCD,
    inputs: Inputs,
    progress: Progress,
) -> tuple[Guards | None, int]:
    """Load, render, judge and write everything; without guards, nothing came of it."""
    is_acknowledging = options.acknowledge is not None
    # A comparison with a revision is one of whole fleets.
    loaded = inputs.load(
        progress,
        apps=() if options.base else options.apps,
        digests=_may_be_tree(options, inputs),
        jobs=options.jobs,
    )
    target = _target(options, loaded, argocd)
    require_place(options.shard, target.format, target.directory, options.output_dir)
    if is_acknowledging and not options.base and (options.check or not target.directory):
        raise click.UsageError("--acknowledge needs a tree to compare with, or --base")
    inputs.refuse_overlap(target.directory, loaded)
    options.asked.require_apps(loaded, inputs, progress, target.directory)
    (inputs.require_clusters if options.apps else inputs.require_fleet)(loaded)
    names = [cluster.name for cluster in loaded.fleet.clusters]
    options.asked.require_clusters(names)
    strict = options.strict_inventory or loaded.config.strict_inventory
    rendering = whole = render(
        loaded.fleet,
        RenderOptions(
            strict_inventory=strict, clusters=_built_for(console, options, target, loaded)
        ),
    )
    if options.apps:
        from armada_render.narrow import narrowed  # noqa: PLC0415 - only for apps

        loaded, rendering = narrowed(loaded, rendering, options.apps)
    progress.clear()
    console.warnings(inputs.pinpoint(loaded.heeded(rendering.warnings)))
    report(console, inputs, rendering.problems)
    review_lock(console, options.path, loaded, rendering, locked=options.locked)
    if rendering.problems and not options.keep_going:
        console.note(_withheld(rendering))
        return None, rendering.exit_code
    chosen = [name for name in names if not options.only or name in options.only]
    works = works_of(options.shard, {name: rendering.dispatched(name) for name in chosen})
    part = record_of(options.shard, rendering, strict=strict)
    guards = Guards(console, inputs, loaded, rendering, collects=is_acknowledging)
    guards.judge_only(options.apps, whole)
    if target.format not in _TO_LOOK_AT:
        is_tree = target.format is OutputFormat.TREE
        guards.result(works, is_part=part is not None or (bool(options.apps) and is_tree))
    if options.base:
        guards.base(options.base, strict=options.strict_inventory)
    console.details(decided(rendering))
    run = _Run(console, options, target, loaded, progress, guards, part)
    if target.argocd is not None:
        code = _application_sets(run, target.argocd, works)
    else:
        works = _as_applied(works, target.format, loaded)
        if target.format is OutputFormat.TREE:
            scope = options.asked.scope(names)
            retired = retired_of(options.shard, emit.retired_pairs(loaded.config.retire, works))
            meant = [pair for pair in retired if scope("/".join(pair))]
            code = _tree(run, parts_of_tree(works, target.layout, meant, options.jobs), scope)
            if may_start_from_before(console, options):
                remember(inputs, options, loaded, rendering, works)
        else:
            code = _print(run, rendering, works)
    if not is_acknowledging:
        _print_table(console, options, target, rendering, chosen)
    return guards, max(code, rendering.exit_code)


def _may_be_tree(options: Options, inputs: Inputs) -> bool:
    """Tell whether files may be written, whose index holds digests of what was read."""
    if options.output_dir or options.output == OutputFormat.TREE:
        return True
    return not options.output and inputs.source.config() is not None


def _target(options: Options, loaded: Loaded, argocd: GivenArgoCD) -> _Target:
    defaults = loaded.config.output
    directory = options.output_dir or ""
    if options.output:
        format_ = OutputFormat(options.output)
    elif directory:
        format_ = OutputFormat.TREE
    else:
        format_ = defaults.format or OutputFormat.STREAM
    layout = Layout(options.layout) if options.layout else defaults.layout
    if format_ is OutputFormat.APPLICATIONSET:
        refuse_part(options.asked.flag or ("--keep-going" if options.keep_going else ""))
        if options.check and not directory:
            raise click.UsageError("-o applicationset --check needs --output-dir")
        settings = argocd.settings(loaded, has_inventory=options.clusters is not None)
        return _Target(format=format_, directory=directory, layout=layout, argocd=settings)
    if format_ is not OutputFormat.TREE and (options.output_dir or options.check):
        flag = "--check" if options.check else "--output-dir"
        raise click.UsageError(f"{flag} goes with -o tree, not with -o {format_}")
    if format_ is OutputFormat.TREE and not directory:
        if not defaults.directory:
            raise click.UsageError("-o tree needs --output-dir, or output.directory in armada.yaml")
        if is_remote(options.path):
            raise click.UsageError("-o tree of a remote repository needs --output-dir")
        directory = os.path.join(options.path, defaults.directory)  # noqa: PTH118
    return _Target(format=format_, directory=directory, layout=layout)


def _is_argocd(path: str) -> bool:
    return path.startswith(f"{emit.ARGOCD_FOLDER}/")


def _withheld(rendering: Rendering) -> str:
    count = len(rendering.problems)
    return f"{count} {'error' if count == 1 else 'errors'}: nothing was written"


def _as_applied(
    works: Mapping[str, Sequence[Work]], format_: OutputFormat, loaded: Loaded
) -> Mapping[str, Sequence[Work]]:
    """Return what is applied, which is not all the same where `armada.yaml` speaks of Argo CD."""
    if loaded.config.argocd is None or format_ in _TO_LOOK_AT:
        return works
    from armada_render.emit.argocd.applied import as_applied  # noqa: PLC0415 - Argo CD's alone

    return as_applied(works, loaded.config.argocd)


def _application_sets(run: _Run, argocd: ArgoCD, works: Mapping[str, Sequence[Work]]) -> ExitCode:
    from armada_render.cli import applicationsets  # noqa: PLC0415 - only Argo CD needs it
    from armada_render.emit import applicationset  # noqa: PLC0415

    generated = applicationsets.generate(works, run.loaded, argocd, run.target.layout)
    run.console.warnings(generated.warnings)
    if run.loaded.config.argocd is None:
        run.console.warnings(applicationsets.unconfirmed(works))
    if run.target.directory:
        run.console.warnings(
            applicationsets.review_vanished(run.target.directory, generated, run.loaded, argocd)
        )
        return _tree(run, [applicationset.files(generated)], _is_argocd)
    return _write(run, applicationset.stream(generated))


def _print(run: _Run, rendering: Rendering, works: Mapping[str, Sequence[Work]]) -> ExitCode:
    """Write the product to standard output; the table is printed by itself."""
    format_ = run.target.format
    if format_ is OutputFormat.STREAM:
        return _write(run, emit.stream(works))
    if format_ is OutputFormat.JSONL:
        return _write(run, emit.jsonl(works))
    if format_ is OutputFormat.JSON:
        document = rendering.to_dict()
        document["works"] = {
            name: manifests for name, manifests in document["works"].items() if name in works
        }
        return _write(run, iter([emit.json_document(document)]))
    if format_ in _PICTURES:
        from armada_render.emit import graph  # noqa: PLC0415 - only pictures need it

        picture = graph.placement(rendering.bindings, tuple(works), rendering.suspended)
        draw = graph.mermaid if format_ is OutputFormat.MERMAID else graph.dot
        return _write(run, draw(picture))
    return ExitCode.OK


def _write(run: _Run, chunks: Iterator[bytes]) -> ExitCode:
    if run.options.acknowledge is not None:
        return ExitCode.OK
    out = sys.stdout.buffer
    with taken_by_stdout():
        for chunk in chunks:
            out.write(chunk)
        out.flush()
    return ExitCode.OK


def _tree(
    run: _Run, parts: Sequence[Iterator[emit.OutputFile]], scope: Callable[[str], bool]
) -> ExitCode:
    """Write or compare a tree; a process of its own does each part after the first."""
    from armada_render import output  # noqa: PLC0415 - only trees need it

    directory, layout = run.target.directory, run.target.layout

    def counted() -> Iterator[emit.OutputFile]:
        for file in parts[0]:
            run.progress.step("files compared or written")
            yield file

    def index(digests: dict[str, str]) -> bytes:
        return emit.index(
            digests,
            inputs=emit.combined_digest(run.loaded.digests),
            version=__version__,
            karmada=KARMADA_VERSION,
            layout=layout,
            acknowledged=run.guards.acknowledged(output.acknowledged(directory), scope),
            shard=run.part,
        )

    def review(difference: output.TreeDifference) -> None:
        if run.part is None:
            run.guards.tree(directory, difference, layout)

    if run.options.check or run.options.acknowledge is not None:
        with run.progress:
            difference = output.compare(directory, counted(), index, scope=scope, more=parts[1:])
        if not run.options.check:
            review(difference)
            return ExitCode.OK
        _print_paths(run.console, "missing", difference.added)
        _print_paths(run.console, "out of date", difference.changed)
        _print_paths(run.console, "to be removed", difference.stale)
        return ExitCode.OK if difference.is_empty else ExitCode.FOUND
    with run.progress:
        change = output.write(directory, counted(), index, scope, review, more=parts[1:])
    note_change(run.console, directory, change)
    return ExitCode.OK


def _print_paths(console: Console, word: str, paths: Sequence[str]) -> None:
    for path in paths:
        console.product(f"{word}: {one_line(path)}")


def _built_for(
    console: Console, options: Options, target: _Target, loaded: Loaded
) -> frozenset[str] | None:
    """Return for which clusters Works are needed, None for all: where others count as well."""
    counts = (
        target.format not in (OutputFormat.STREAM, OutputFormat.JSONL)
        or options.base
        or loaded.config.retire
        or _wants_table(console, options, target)
    )
    return frozenset(options.only) if options.only and not counts else None


def _wants_table(console: Console, options: Options, target: _Target) -> bool:
    is_product = target.format is OutputFormat.TABLE
    on_stdout = is_product or bool(target.directory)
    return is_product or wants_table(console, options.table, on_stdout=on_stdout)


def _print_table(
    console: Console,
    options: Options,
    target: _Target,
    rendering: Rendering,
    clusters: Sequence[str],
) -> None:
    if options.check or not _wants_table(console, options, target):
        return
    is_product = target.format is OutputFormat.TABLE
    print_table(
        console, rendering, clusters, is_product=is_product, has_tree=bool(target.directory)
    )
