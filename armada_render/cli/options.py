"""Options that every flag shares: an environment variable named after it."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

_F = TypeVar("_F", bound=Callable[..., Any])

ENVIRONMENT_PREFIX = "ARMADA_RENDER_"


def option(
    *names: str,
    of: str = "",
    **settings: Any,  # noqa: ANN401 - click's own
) -> Callable[[_F], _F]:
    """Declare a click option that `ARMADA_RENDER_<LONG_NAME>` sets as well.

    `of` names the command where the option means something else than elsewhere: it goes before the
    long name, so that one variable does not set both.
    """
    long_name = next(name for name in names if name.startswith("--")).partition("/")[0]
    words = [*([of] if of else []), *long_name.removeprefix("--").split("-")]
    variable = ENVIRONMENT_PREFIX + "_".join(words).upper()
    return click.option(*names, envvar=variable, show_envvar=True, **settings)


class PathOrRemote(click.Path):
    """A path that must be there, or the address of a folder in a remote Git repository."""

    def __init__(self) -> None:
        super().__init__(exists=True)

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's own
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:  # noqa: ANN401
        """Check a path; an address is checked when it is read."""
        from armada_render.load.address import is_remote  # noqa: PLC0415 - not for --version

        return value if is_remote(str(value)) else super().convert(value, param, ctx)


def with_verbosity(command: click.Command) -> click.Command:
    """Give a command, and those below it, the verbosity options of the program as well.

    People write them behind the command as often as before it.
    """
    if isinstance(command, click.Group):
        for below in command.commands.values():
            with_verbosity(below)
    elif not any(parameter.name == "quiet" for parameter in command.params):
        command.params += [
            click.Option(names, is_flag=True, expose_value=False, callback=_adjust, help=text)
            for names, text in VERBOSITY
        ]
    return command


VERBOSITY = (
    (("-q", "--quiet"), "Print errors only."),
    (("-v", "--verbose"), "Print what is read and decided."),
    (("--no-color",), "Print without colours, as NO_COLOR=1 does."),
)


def _adjust(context: click.Context, parameter: click.Parameter, value: object) -> None:
    if value and parameter.name and context.obj is not None:
        context.obj.adjust(parameter.name)


def _kubernetes_version(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> str | None:
    from armada_render.model.kubernetes import minor  # noqa: PLC0415 - `--version` needs none of it

    del context, parameter
    if value is not None and minor(value) is None:
        raise click.BadParameter("versions of Kubernetes are written as 1.33")
    return value


KUBERNETES_VERSION = option(
    "--kubernetes-version",
    metavar="1.N",
    callback=_kubernetes_version,
    help="Of clusters whose status does not say.",
)
