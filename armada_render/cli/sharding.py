"""`render --shard i/n`: what one of several processes writes, and what it is not asked for."""

import os
from collections.abc import Mapping, Sequence

import click
from msgspec import Struct, structs

from armada_render.emit.retired import Pair
from armada_render.errors import InputError, Problem
from armada_render.model.config import OutputFormat
from armada_render.model.shard import Shard, parsed_shard
from armada_render.model.work import Work
from armada_render.pipeline import Rendering

_OF_THE_WHOLE = ("only", "apps", "check", "keep_going", "base", "acknowledge")
"""Options of `render` that are about a whole tree, or about less than an app."""
_FLAGS = {"only": "--cluster", "apps": "--app"}


class ShardType(click.ParamType[Shard]):
    """`i/n`: part i of n, counted from 1."""

    name = "i/n"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Shard:
        """Return the shard."""
        if isinstance(value, Shard):
            return value
        shard = parsed_shard(str(value))
        if shard is None:
            self.fail(f"{value!r} is no part such as 1/3: parts count from 1 to n", param, ctx)
        return shard


def refuse_beside_shard(shard: Shard | None, options: Struct) -> None:
    """Raise a usage error for options that have no sense for a part of a tree."""
    if shard is None:
        return
    given = structs.asdict(options)
    for name in _OF_THE_WHOLE:
        if given[name]:
            flag = _FLAGS.get(name, "--" + name.replace("_", "-"))
            raise click.UsageError(f"{flag} does not go with --shard, which renders a part")


def require_place(
    shard: Shard | None, format_: OutputFormat, directory: str, given: str | None
) -> None:
    """Refuse to write a part anywhere but in a folder of its own."""
    if shard is None:
        return
    if format_ is not OutputFormat.TREE or not given:
        raise click.UsageError("--shard writes a part of a tree, and needs --output-dir")
    from armada_render.emit import INDEX_NAME  # noqa: PLC0415 - rare
    from armada_render.output import shard_of_tree  # noqa: PLC0415

    has_tree = os.path.lexists(os.path.join(directory, INDEX_NAME))  # noqa: PTH118
    if has_tree and shard_of_tree(directory) is None:
        raise InputError(
            Problem(
                message=f"{directory} holds a whole tree, and a part would replace it",
                hint="give each shard an --output-dir of its own, and merge the parts into this one"
                " with `armada-render index merge`",
            )
        )


def works_of(
    shard: Shard | None, works: Mapping[str, Sequence[Work]]
) -> Mapping[str, Sequence[Work]]:
    """Return what the clusters get of the apps of a shard; all without one."""
    if shard is None:
        return works
    apps: dict[str, bool] = {}
    for group in works.values():
        for work in group:
            if work.app not in apps:
                apps[work.app] = shard.holds(work.app)
    return {name: tuple(one for one in group if apps[one.app]) for name, group in works.items()}


def retired_of(shard: Shard | None, pairs: Sequence[Pair]) -> Sequence[Pair]:
    """Return the pairs of the apps of a shard; all without one."""
    return pairs if shard is None else [pair for pair in pairs if shard.holds(pair[1])]


def record_of(shard: Shard | None, rendering: Rendering, *, strict: bool) -> Struct | None:
    """Return what the index of a part tells whoever merges it."""
    if shard is None:
        return None
    from armada_render.guard import elastic  # noqa: PLC0415 - rare
    from armada_render.output import ShardRecord  # noqa: PLC0415

    return ShardRecord(
        number=shard.number,
        of=shard.of,
        strict_inventory=strict,
        elastic=tuple(sorted(map(str, elastic(rendering, shard.holds)))),
    )
