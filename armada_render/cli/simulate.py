"""`armada-render simulate`: what would move, and what would be lost."""

import os
import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import click
from msgspec import Struct
from msgspec.structs import replace

from armada_render.cli.console import Console, printable, taken_by_stdout
from armada_render.cli.inputs import Inputs, report
from armada_render.cli.options import option
from armada_render.cli.progress import Progress
from armada_render.errors import ExitCode, InputError, Problem
from armada_render.load import DirectorySource, load, pinpoint
from armada_render.lock import Change, States, changes, settle
from armada_render.model.fleet import Fleet
from armada_render.model.resource import ObjectReference
from armada_render.pipeline import RenderOptions
from armada_render.simulate import Outcome, Scenario, added, outcome, scaled


class SimulationFormat(StrEnum):
    """What `-o` of `simulate` prints."""

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"


class _Options(Struct, frozen=True, kw_only=True):
    """The command line as it was given."""

    path: str
    fail: tuple[str, ...]
    fail_each: bool
    drain: tuple[str, ...]
    add: tuple[str, ...]
    scale: tuple[str, ...]
    then_recover: bool
    silent: bool
    output: str
    exit_code: bool
    clusters: str | None
    strict_inventory: bool


@click.command(name="simulate")
@click.argument("path", type=click.Path(exists=True, allow_dash=True))
@option("--fail", multiple=True, metavar="CLUSTER", help="This cluster fails.")
@option("--fail-each", is_flag=True, help="Each cluster fails, one after the other by itself.")
@option("--drain", multiple=True, metavar="CLUSTER", help="This cluster is drained by hand.")
@option(
    "--add",
    multiple=True,
    type=click.Path(exists=True),
    metavar="FILE",
    help="With these objects, a Cluster for one.",
)
@option(
    "--scale",
    multiple=True,
    metavar="[NAMESPACE/]KIND/NAME=N",
    help="With so many replicas.",
)
@option("--then-recover", is_flag=True, help="Afterwards the clusters come back.")
@option("--silent", is_flag=True, help="Nothing is heard of applications on failed clusters.")
@option(
    "-o",
    "--output",
    of="simulate",
    type=click.Choice([str(item) for item in SimulationFormat]),
    default="text",
    show_default=True,
)
@option("--exit-code", is_flag=True, help="Exit 1 if anything is lost.")
@option("--clusters", type=click.Path(exists=True), help="Inventory, if it is not in PATH.")
@option("--strict-inventory", is_flag=True, help="Unknown capacity is none, unknown APIs absent.")
@click.pass_obj
def command(console: Console, /, **given: Any) -> int:  # noqa: ANN401 - click's parameters
    """Say what would happen in PATH if clusters failed, and what would be lost.

    The failover rules of the policies are played through, with the engine that decides on the day.
    Nothing is written.
    """
    options = _Options(**given)
    _require_question(options)
    inputs = Inputs(options.path, options.clusters, cached=True)
    progress = Progress(enabled=not console.is_quiet)
    loaded = inputs.load(progress)
    inputs.require_fleet(loaded)
    strict = options.strict_inventory or loaded.config.strict_inventory
    engine = RenderOptions(strict_inventory=strict)
    settled = settle(loaded.fleet, engine)
    progress.clear()
    if settled.rendering.problems:
        report(console, inputs, settled.rendering.problems)
        console.note("what does not render cannot be simulated")
        return settled.rendering.exit_code
    fleet = _with_lock(loaded.fleet, settled.states)
    changed_fleet = _changed(fleet, options)
    resettled = settle(changed_fleet, engine)
    if resettled.rendering.problems:
        console.problems(resettled.rendering.problems)
        console.note("with these changes the fleet does not render")
        return resettled.rendering.exit_code
    changed = changes(settled.states, resettled.states)
    fleet = _with_lock(changed_fleet, resettled.states)
    outcomes = [outcome(fleet, one, options=engine) for one in _scenarios(options, fleet)]
    _print(console, options, outcomes, changed)
    is_lost = any(not one.is_harmless for one in outcomes)
    return ExitCode.FOUND if is_lost and options.exit_code else ExitCode.OK


def _require_question(options: _Options) -> None:
    if options.fail_each and (options.fail or options.drain):
        raise click.UsageError(
            "--fail-each takes every cluster by itself, without --fail and --drain"
        )
    if not (options.fail or options.fail_each or options.drain or options.add or options.scale):
        raise click.UsageError("say what happens: --fail, --fail-each, --drain, --add or --scale")


def _with_lock(fleet: Fleet, states: States) -> Fleet:
    return replace(fleet, previous_bindings=states)


def _changed(fleet: Fleet, options: _Options) -> Fleet:
    for path in options.add:
        source = DirectorySource(path)
        more = load(source).fleet
        if more.problems:
            raise InputError(_below(path, pinpoint(one, source)) for one in more.problems)
        fleet = added(fleet, more)
    for text in options.scale:
        name, _, count = text.rpartition("=")
        if not count.isdecimal() or not name:
            raise click.UsageError(f"--scale {text}: write KIND/NAME=N")
        fleet = scaled(fleet, _one(name, fleet), int(count))
    return fleet


def _below(path: str, problem: Problem) -> Problem:
    """Return the problem with the file as seen from the working directory."""
    location = problem.location
    if location is None:
        return problem
    full = os.path.join(path, location.path) if os.path.isdir(path) else path  # noqa: PTH112, PTH118
    return replace(problem, location=replace(location, path=full))


def _one(name: str, fleet: Fleet) -> ObjectReference:
    parts = name.split("/")
    found = [
        template.ref
        for template in fleet.templates
        if len(parts) in (2, 3)
        and template.ref.kind.lower() == parts[-2].lower()
        and template.ref.name == parts[-1]
        and (len(parts) == 2 or template.ref.namespace == parts[0])
    ]
    if not found:
        raise click.UsageError(f"--scale {name}: there is no such object in PATH")
    if len(found) > 1:
        listed = ", ".join(str(ref) for ref in found)
        raise click.UsageError(f"--scale {name} may be any of {listed}; name the namespace")
    return found[0]


def _scenarios(options: _Options, fleet: Fleet) -> list[Scenario]:
    names = [cluster.name for cluster in fleet.clusters]
    for name in (*options.fail, *options.drain):
        if name not in names:
            raise click.UsageError(
                f"there is no cluster {name}; the inventory has {', '.join(names)}"
            )
    if options.fail_each:
        return [
            Scenario(fails=(name,), is_silent=options.silent, recovers=options.then_recover)
            for name in names
        ]
    if not (options.fail or options.drain):
        return []
    return [
        Scenario(
            fails=options.fail,
            drains=options.drain,
            is_silent=options.silent,
            recovers=options.then_recover,
        )
    ]


def _print(
    console: Console, options: _Options, outcomes: Sequence[Outcome], changed: Sequence[Change]
) -> None:
    from armada_render import emit  # noqa: PLC0415 - together with the writers
    from armada_render.simulate import document  # noqa: PLC0415

    format_ = SimulationFormat(options.output)
    if format_ is SimulationFormat.TEXT:
        for line in _text(options, outcomes, changed):
            console.product(printable(line))
        return
    if format_ is SimulationFormat.JSON:
        data = emit.json_document(document.document(outcomes, changed))
    else:
        data = document.as_junit(outcomes)
    with taken_by_stdout():
        sys.stdout.buffer.write(data)
        sys.stdout.flush()


def _text(options: _Options, outcomes: Sequence[Outcome], changed: Sequence[Change]) -> list[str]:
    from armada_render.simulate import text  # noqa: PLC0415 - only for people

    found: list[str] = []
    if options.add or options.scale:
        found += ["with the changes:", *(f"  {one}" for one in changed)]
        found += [] if changed else ["  nothing moves"]
    if len(outcomes) > 1:
        worst = max(outcomes, key=lambda one: one.severity)
        found += [*text.table(outcomes), ""]
        if worst.is_harmless:
            return [*found, "nothing is lost, whichever cluster fails"]
        return [*found, "the worst:", "", *text.lines(worst)]
    for one in outcomes:
        found += [*([""] if found else []), *text.lines(one)]
    return found
