"""The command line of `render`, and which of its options contradict each other."""

import os

import click
from msgspec import Struct

from armada_render.cli.asked import Asked
from armada_render.cli.sharding import refuse_beside_shard
from armada_render.model.shard import Shard


class Options(Struct, frozen=True, kw_only=True):
    """The command line as it was given."""

    path: str
    output: str | None
    output_dir: str | None
    layout: str | None
    ref: str
    clusters: str | None
    only: tuple[str, ...]
    apps: tuple[str, ...]
    check: bool
    table: bool | None
    keep_going: bool
    strict_inventory: bool
    locked: bool
    no_cache: bool
    base: str | None
    acknowledge: str | None
    shard: Shard | None
    jobs: int

    @property
    def asked(self) -> Asked:
        """What part of the fleet the run is about."""
        return Asked(self.only, self.apps)


def refuse_contradictions(options: Options) -> None:
    """Raise a usage error for options that do not go together."""
    refuse_beside_shard(options.shard, options)
    if options.locked and options.keep_going:
        raise click.UsageError("--locked refuses what --keep-going would let pass")
    if options.base and options.path == "-":
        raise click.UsageError("--base needs a path in a Git repository, not standard input")
    if options.acknowledge is None:
        return
    if options.keep_going:
        raise click.UsageError("--acknowledge is for what is meant, and errors are not")
    if not options.acknowledge.strip():
        raise click.UsageError("--acknowledge needs a reason")
    if not os.path.isdir(options.path):  # noqa: PTH112
        raise click.UsageError("--acknowledge writes into PATH, which must be a directory")
