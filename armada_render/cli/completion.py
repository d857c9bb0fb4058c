"""`armada-render completion`: completion scripts for shells."""

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from armada_render.cli.console import taken_by_stdout

_SHELLS: dict[str, type[ShellComplete]] = {
    "bash": BashComplete,
    "fish": FishComplete,
    "zsh": ZshComplete,
}


@click.command(name="completion")
@click.argument("shell", type=click.Choice(list(_SHELLS)))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print a completion script; load it with `eval "$(armada-render completion bash)"`."""
    root = ctx.find_root().command
    completion = _SHELLS[shell](root, {}, "armada-render", "_ARMADA_RENDER_COMPLETE")
    with taken_by_stdout():
        click.echo(completion.source())
