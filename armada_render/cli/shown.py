"""When `render` prints the placement table, and where."""

from collections.abc import Sequence

from armada_render.cli.console import Console, is_terminal, printable
from armada_render.cli.table import MANY_ROWS, placement_table, summary
from armada_render.pipeline import Rendering


def wants_table(console: Console, given: bool | None, *, on_stdout: bool) -> bool:  # noqa: FBT001 - the option
    """Tell whether somebody looks, or asked for the table (`given`)."""
    if given is not None:
        return given
    return not console.is_quiet and is_terminal("stdout" if on_stdout else "stderr")


def print_table(
    console: Console,
    rendering: Rendering,
    clusters: Sequence[str],
    *,
    is_product: bool,
    has_tree: bool,
) -> None:
    """Print the table to standard output, if nothing else goes there."""
    from shutil import get_terminal_size  # noqa: PLC0415 - brings compression along

    width = get_terminal_size((120, 40)).columns
    most = None if is_product else MANY_ROWS
    lines = placement_table(rendering, clusters, width, most=most)
    lines += ["", summary(rendering, clusters)]
    for line in lines:
        (console.product if is_product or has_tree else console.note)(printable(line))
