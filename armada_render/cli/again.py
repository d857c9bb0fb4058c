"""When `render` may start from the tree that it wrote last, and what it says then."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING  # noqa: TID251 - not against cycles, but for a fast start

from msgspec import Struct, structs

from armada_render.cli.console import Console, is_terminal
from armada_render.cli.inputs import Inputs
from armada_render.load import DirectorySource, Loaded
from armada_render.model.config import Layout, OutputFormat
from armada_render.model.work import Work
from armada_render.pipeline import Rendering

if TYPE_CHECKING:
    from armada_render.output import TreeChange
    from armada_render.rerender import Run

_INDIFFERENT = (
    "path",
    "output_dir",
    "layout",
    "clusters",
    "strict_inventory",
    "no_cache",
    "jobs",
)
"""Options of `render` with which a tree is written in full, and nothing is printed but a count."""


def may_start_from_before(console: Console, options: Struct) -> bool:
    """Tell whether a run only brings a whole tree up to date.

    An option that is not known here, given or new, asks for more.
    """
    given = structs.asdict(options)
    asked = {name for name, value in given.items() if value} - {*_INDIFFERENT, "table", "output"}
    has_table = given["table"]
    if has_table is None:
        has_table = not console.is_quiet and is_terminal("stdout")
    return (
        bool(given["output_dir"])
        and given["output"] in (None, OutputFormat.TREE)
        and not asked
        and not console.is_verbose
        and not has_table
    )


def again(inputs: Inputs, options: Struct) -> "TreeChange | None":
    """Bring the tree up to date, if that is sure to take little; see `armada_render.rerender`."""
    run = _run(inputs, options)
    if run is None:
        return None
    from armada_render import rerender  # noqa: PLC0415 - only for trees

    return rerender.again(run)


def remember(
    inputs: Inputs,
    options: Struct,
    loaded: Loaded,
    rendering: Rendering,
    works: Mapping[str, Sequence[Work]],
) -> None:
    """Keep what `again` starts from."""
    run = _run(inputs, options)
    if run is not None:
        from armada_render import rerender  # noqa: PLC0415 - only for trees

        rerender.remember(run, loaded, rendering, works)


def _run(inputs: Inputs, options: Struct) -> "Run | None":
    beside = inputs.beside
    if inputs.cache is None or not isinstance(inputs.source, DirectorySource):
        return None
    if beside is not None and not isinstance(beside, DirectorySource):
        return None
    from armada_render import rerender  # noqa: PLC0415 - only for trees

    given = structs.asdict(options)
    return rerender.begin(
        inputs.cache,
        inputs.source,
        beside,
        given["output_dir"],
        layout=Layout(given["layout"]) if given["layout"] else None,
        strict=given["strict_inventory"],
    )


def note_change(console: Console, directory: str, change: "TreeChange") -> None:
    """Say how many files of the tree changed."""
    console.note(
        f"{directory}: {change.written} written, {change.removed} removed, "
        f"{change.unchanged} unchanged"
    )
