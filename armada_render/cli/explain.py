"""`armada-render explain`: why an object is where it is, and looks as it does there."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import click
import msgspec

from armada_render import emit
from armada_render.cli.console import Console, printable
from armada_render.cli.inputs import Inputs, locator, report
from armada_render.cli.options import option
from armada_render.cli.progress import Progress
from armada_render.errors import ExitCode
from armada_render.explain import (
    Evidence,
    ObjectExplanation,
    PolicyExplanation,
    explain_object,
    explain_policy,
    find,
    is_policy,
    object_lines,
    parse_field,
    parse_question,
    policy_lines,
)
from armada_render.load import Loaded
from armada_render.pipeline import RenderOptions, render

_T = TypeVar("_T")


@click.command(name="explain")
@click.argument("path", type=click.Path(allow_dash=True))
@click.argument("what", metavar="KIND/NAME")
@option("-n", "--namespace", of="explain", metavar="NS", help="Namespace, if there are several.")
@option(
    "--cluster",
    "only",
    of="explain",
    multiple=True,
    metavar="NAME",
    help="These clusters only.",
)
@option("--field", of="explain", metavar="PATH", help="How this field came to its value.")
@option(
    "-o",
    "--output",
    of="explain",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
)
@option("--clusters", type=click.Path(exists=True), help="Inventory, if it is not in PATH.")
@option("--strict-inventory", is_flag=True, help="Unknown capacity is none, unknown APIs absent.")
@click.pass_obj
def command(  # noqa: PLR0913 - click's parameters
    console: Console,
    *,
    path: str,
    what: str,
    namespace: str | None,
    only: tuple[str, ...],
    field: str | None,
    output: str,
    clusters: str | None,
    strict_inventory: bool,
) -> int:
    """Say why KIND/NAME of PATH is where it is: an object, or one of Karmada's policies.

    KIND is as for kubectl: deployment, deployments.apps or deploy.
    """
    question = _parsed(parse_question, "KIND/NAME", what, namespace)
    place = _parsed(parse_field, "--field", field) if field is not None else ()
    inputs = Inputs(path, clusters)
    progress = Progress(enabled=not console.is_quiet)
    loaded = inputs.load(progress)
    inputs.require_fleet(loaded)
    _require_known(only, loaded)
    strict = strict_inventory or loaded.config.strict_inventory
    rendering = render(loaded.fleet, RenderOptions(strict_inventory=strict, trace=True))
    progress.clear()
    report(console, inputs, loaded.fleet.problems)
    ref = find(question, loaded.fleet, rendering)
    evidence = Evidence(fleet=loaded.fleet, rendering=rendering, locate=locator(inputs), scope=only)
    explanation: ObjectExplanation | PolicyExplanation
    if is_policy(ref):
        if field is not None:
            raise click.UsageError(f"--field is about objects, and {what} is a policy")
        explanation = explain_policy(ref, evidence)
    else:
        template = next(one for one in loaded.fleet.templates if one.ref == ref)
        explanation = explain_object(template, evidence, field=place)
    _print(console, explanation, output)
    return ExitCode.INPUT if loaded.fleet.problems else ExitCode.OK


def _parsed(parse: Callable[..., _T], name: str, *given: str | None) -> _T:
    try:
        return parse(*given)
    except ValueError as error:
        raise click.BadParameter(f"{given[0]!r} {error}", param_hint=name) from error


def _require_known(chosen: Sequence[str], loaded: Loaded) -> None:
    names = [cluster.name for cluster in loaded.fleet.clusters]
    for name in chosen:
        if name not in names:
            raise click.UsageError(
                f"there is no cluster {name}; the inventory has {', '.join(names)}"
            )


def _print(
    console: Console, explanation: ObjectExplanation | PolicyExplanation, output: str
) -> None:
    if output == "json":
        document = emit.json_document(msgspec.to_builtins(explanation))
        console.product(document.decode().rstrip("\n"))
        return
    lines = (
        object_lines(explanation)
        if isinstance(explanation, ObjectExplanation)
        else policy_lines(explanation)
    )
    for line in lines:
        console.product(printable(line))
