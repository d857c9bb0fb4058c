"""`armada-render lint`: what renders, and is not what somebody meant."""

from collections.abc import Iterator

import click

from armada_render import lint
from armada_render.cli.console import Console
from armada_render.cli.inputs import Inputs, report
from armada_render.cli.options import KUBERNETES_VERSION, PathOrRemote, option
from armada_render.cli.progress import Progress
from armada_render.cli.results import Report, ResultFormat, counted, pinpointed, print_report
from armada_render.errors import ExitCode
from armada_render.load import Loaded, compile_globs
from armada_render.model.config import CONFIG_NAME
from armada_render.model.lint import LintSettings
from armada_render.model.result import Level
from armada_render.pipeline import RenderOptions, render
from armada_render.validate.rules import RULES as CHECKS


@click.command(name="lint")
@click.argument("path", type=click.Path(allow_dash=True))
@option(
    "-o",
    "--output",
    of="lint",
    type=click.Choice([str(item) for item in ResultFormat]),
    default="text",
    show_default=True,
)
@option(
    "--severity",
    of="lint",
    type=click.Choice([str(item) for item in Level]),
    default="warning",
    show_default=True,
    help="Leave out what matters less.",
)
@option("--ref", default="", metavar="REV", help="Read a Git revision of PATH, not the disk.")
@option("--clusters", type=PathOrRemote(), help="Inventory, if it is not in PATH.")
@option("--strict-inventory", is_flag=True, help="Unknown capacity is none, unknown APIs absent.")
@KUBERNETES_VERSION
@option("--no-cache", is_flag=True, help="Neither use nor fill the cache of earlier runs.")
@click.pass_obj
def command(  # noqa: PLR0913 - click's parameters
    console: Console,
    *,
    path: str,
    output: str,
    severity: str,
    ref: str,
    clusters: str | None,
    strict_inventory: bool,
    kubernetes_version: str | None,
    no_cache: bool,
) -> int:
    """Find what renders in PATH, and is not what somebody meant.

    Every rule has an id, by which armada.yaml and comments switch it off: see docs/lint.md. Exits
    with 1 if anything is found.
    """
    inputs = Inputs(path, clusters, cached=not no_cache, revision=ref)
    progress = Progress(enabled=not console.is_quiet)
    loaded = inputs.load(progress)
    inputs.require_fleet(loaded)
    settings = loaded.config.lint or LintSettings()
    rules = lint.chosen(
        lint.RULES.values(), settings, page="lint.md", others={rule.id for rule in CHECKS}
    )
    strict = strict_inventory or loaded.config.strict_inventory
    rendering = render(loaded.fleet, RenderOptions(strict_inventory=strict, trace=True))
    version = kubernetes_version or loaded.config.kubernetes_version
    subject = lint.Subject(loaded.fleet, rendering, version)
    found = tuple(lint.lint(subject, _files(inputs, loaded)))
    results = lint.settled(
        pinpointed(inputs, found),
        settings,
        globs=compile_globs,
        comments=lint.Comments(inputs.read),
    )
    progress.clear()
    report(console, inputs, rendering.problems)
    shown = tuple(one for one in results if one.level.reaches(Level(severity)))
    failures = tuple(inputs.pinpoint(rendering.problems))
    print_report(
        console,
        Report(name="lint", rules=rules, results=shown, failures=failures),
        ResultFormat(output),
        inputs,
    )
    where = " in what renders" if rendering.problems else ""
    console.note(counted(shown) if shown else f"nothing found by {len(rules)} rules{where}")
    _mention_hidden(console, len(results) - len(shown))
    return max(rendering.exit_code, ExitCode.FOUND if shown else ExitCode.OK)


def _files(inputs: Inputs, loaded: Loaded) -> Iterator[tuple[str, bytes]]:
    for path in sorted(loaded.digests):
        if path != CONFIG_NAME:
            yield path, inputs.read(path)


def _mention_hidden(console: Console, hidden: int) -> None:
    if hidden:
        verb = "result that matters less is" if hidden == 1 else "results that matter less are"
        console.note(f"{hidden} {verb} left out: --severity note shows all")
