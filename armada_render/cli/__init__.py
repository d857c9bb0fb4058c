"""The command line: options to values, one call, output. Commands are imported when they run.

So is what they stand on: `--version` and the completion of options load click and nothing else.
"""

import importlib
import sys
from collections.abc import Sequence

import click

from armada_render.cli.options import VERBOSITY, option, with_verbosity
from armada_render.version import KARMADA_VERSION, __version__

# What --help prints: a section's commands, each a module of this package, and what it is for.
_SECTIONS = {
    "Deliver": {
        "render": "What each member cluster gets, as a tree, a stream or ApplicationSets.",
        "index": "Put trees together that several processes rendered.",
        "lock": "Keep in Git where everything was placed.",
        "explain": "Why an object is where it is, and how a field came to its value.",
    },
    "Review": {
        "diff": "What a change does to every cluster, before it is merged.",
        "lint": "Find what renders, and is not what somebody meant.",
        "validate": "Check what is rendered against the schemas of Kubernetes.",
        "simulate": "What would move if clusters failed, and what would be lost.",
        "report": "One page about where everything runs, why, and with what room.",
        "comment": "Put a difference on the pull request that a CI job runs for.",
    },
    "Clusters": {
        "clusters": "Show, start or change the cluster inventory.",
    },
    "Failover": {
        "controller": "Watch health, and rewrite placement in Git when something fails.",
        "status": "What the controller sees and would do, from here.",
    },
    "Tool": {
        "schema": "Print the JSON Schema of armada.yaml, for editors and CI.",
        "completion": "Print a completion script for bash, zsh or fish.",
        "conformance": "Compare with what a real Karmada computed.",
    },
}
_COMMANDS = tuple(sorted(name for section in _SECTIONS.values() for name in section))


class _LazyGroup(click.Group):
    """A group whose commands are modules of this package, imported on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the sections, without an import of what they list."""
        del ctx
        for title, commands in _SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl(list(commands.items()))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        command = importlib.import_module(f"armada_render.cli.{cmd_name}").command
        if not isinstance(command, click.Command):
            raise TypeError(cmd_name)
        return with_verbosity(command)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command, and print what it says is wrong as its options want it."""
        from armada_render.errors import ArmadaError  # noqa: PLC0415 - see above

        try:
            return super().invoke(ctx)
        except ArmadaError as error:
            ctx.obj.problems(error.problems)
            return error.exit_code
        except BrokenPipeError:
            # The reader has what it wanted; Python must not complain again when it flushes.
            sys.stdout = None
            return 0


@click.command(
    cls=_LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="`armada-render cmp generate` is the Argo CD plugin: see docs/argocd-plugin.md.",
)
@click.version_option(
    __version__, message=f"armada-render %(version)s (computes what Karmada {KARMADA_VERSION} does)"
)
@option(*VERBOSITY[0][0], is_flag=True, help=VERBOSITY[0][1])
@option(*VERBOSITY[1][0], is_flag=True, help=VERBOSITY[1][1])
@option(*VERBOSITY[2][0], is_flag=True, help=VERBOSITY[2][1])
@click.pass_context
def cli(ctx: click.Context, *, quiet: bool, verbose: bool, no_color: bool) -> None:
    """Karmada without the control plane.

    Reads Kubernetes manifests, Karmada policies and a cluster inventory from a Git path, and
    computes what each member cluster gets.
    """
    from armada_render.cli.console import Console  # noqa: PLC0415 - see above

    ctx.obj = Console(quiet=quiet, verbose=verbose, no_color=no_color)


def run(argv: Sequence[str]) -> int:
    """Run the program and return its exit code."""
    try:
        result = cli.main(list(argv), prog_name="armada-render", standalone_mode=False)
    except click.ClickException as error:
        error.show(sys.stderr)
        return error.exit_code
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - bugs surface here
        return _failure(error)
    return result if isinstance(result, int) else 0


def _failure(error: BaseException) -> int:
    from armada_render.errors import ExitCode  # noqa: PLC0415 - see above

    if isinstance(error, click.Abort | KeyboardInterrupt):
        click.echo("interrupted: nothing was changed", err=True)
        return ExitCode.INTERRUPTED
    import traceback  # noqa: PLC0415 - only for bugs

    traceback.print_exception(error)
    click.echo(
        "This is a bug in armada-render. Please report it with the lines above and, if you can, "
        "the files that show it; take secrets out first.",
        err=True,
    )
    return ExitCode.BUG
