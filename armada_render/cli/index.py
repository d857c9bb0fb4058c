"""`armada-render index`: put the parts together that `render --shard` wrote."""

import os

import click

from armada_render.cli.again import note_change
from armada_render.cli.console import Console
from armada_render.cli.inputs import Inputs
from armada_render.cli.merging import Merge
from armada_render.cli.options import PathOrRemote, option
from armada_render.cli.progress import Progress
from armada_render.emit import INDEX_NAME, combined_digest
from armada_render.errors import ExitCode, InputError, Problem
from armada_render.load.wide import wide_documents
from armada_render.output import complete, read_part, shard_of_tree
from armada_render.version import KARMADA_VERSION, __version__


@click.group(name="index")
def command() -> None:
    """Put trees together that several processes rendered."""


@command.command()
@click.argument("path", type=click.Path(allow_dash=True))
@click.argument("parts", nargs=-1, required=True, metavar="PART...")
@option("--output-dir", type=click.Path(file_okay=False), required=True, help="The whole tree.")
@option("--ref", default="", metavar="REV", help="Read a Git revision of PATH, not the disk.")
@option("--clusters", type=PathOrRemote(), help="Inventory, if it is not in PATH.")
@click.pass_obj
def merge(  # noqa: PLR0913 - one for each parameter
    console: Console,
    *,
    path: str,
    parts: tuple[str, ...],
    output_dir: str,
    ref: str,
    clusters: str | None,
) -> int:
    """Bring a tree up to date with the PARTs of PATH that all shards wrote.

    It is then what one `render PATH --output-dir` makes it, to the byte, and the same guards say
    whether it may be. Nothing is written unless each part is there once and as it was written.
    """
    known = complete(map(read_part, parts))
    _refuse_overlap(output_dir, parts)
    progress = Progress(enabled=not console.is_quiet)
    inputs = Inputs(path, clusters, revision=ref)
    loaded = inputs.load(progress, wide_documents)
    inputs.refuse_overlap(output_dir, loaded)
    first = known[0]
    if first.renderer != {"karmada": KARMADA_VERSION, "version": __version__}:
        raise InputError(
            Problem(
                message=f"{first.root} was not written by this version, {__version__}",
                hint="render and merge with one version",
            )
        )
    if first.inputs != f"sha256:{combined_digest(loaded.digests)}":
        raise InputError(
            Problem(
                message=f"the parts were not rendered from {path} as it is now",
                hint="name the PATH, --ref and --clusters that the shards were given",
            )
        )
    change = Merge(console, loaded, known, output_dir, progress).write()
    note_change(console, output_dir, change)
    return ExitCode.OK


def _refuse_overlap(output_dir: str, parts: tuple[str, ...]) -> None:
    """Refuse to write into a part, or into a folder that holds one."""
    if shard_of_tree(output_dir) is not None:
        raise InputError(
            Problem(
                message=f"{output_dir} is a part itself: see its {INDEX_NAME}",
                hint="name the folder of the whole tree",
            )
        )
    root = os.path.realpath(output_dir)
    for part in parts:
        other = os.path.realpath(part)
        if os.path.commonpath((root, other)) in (root, other):
            raise InputError(
                Problem(
                    message=f"{part} and {output_dir} lie in each other",
                    hint="keep parts beside the tree, not in it",
                )
            )
