"""`armada-render lock`: where everything is placed, written down for the next placement."""

import os
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import click
from msgspec import Struct, structs

from armada_render.cli.console import Console, printable
from armada_render.cli.inputs import Inputs, report
from armada_render.cli.options import option
from armada_render.cli.progress import Progress
from armada_render.errors import ExitCode, GuardError, InputError, Problem, SourceLocation
from armada_render.load import DirectorySource, Loaded, Source, StreamSource, load, pinpoint
from armada_render.load.lockfile import LOCK, is_in_lock, lock_path
from armada_render.lock import Change, Settled, States, changes, folder, settle, text, title
from armada_render.lock.committed import committed
from armada_render.model.binding import PreviousBinding
from armada_render.model.config import CONFIG_NAME
from armada_render.model.fleet import Fleet
from armada_render.model.resource import ObjectReference
from armada_render.pipeline import RenderOptions

_MOST_SHOWN = 20


class _Options(Struct, frozen=True, kw_only=True):
    """The command line as it was given."""

    path: str
    clusters: str | None
    check: bool
    reschedule: tuple[str, ...]
    imports: tuple[str, ...]
    fresh: bool
    strict_inventory: bool
    no_cache: bool


@click.command(name="lock")
@click.argument("path", type=click.Path(exists=True, file_okay=False))
@option("--clusters", type=click.Path(exists=True), help="Inventory, if it is not in PATH.")
@option("--check", is_flag=True, help="Write nothing; exit 1 if the lock is out of date.")
@option(
    "--reschedule",
    multiple=True,
    metavar="[NAMESPACE/]KIND/NAME",
    help="Place this anew, as a WorkloadRebalancer would.",
)
@option(
    "--import",
    "imports",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, allow_dash=True),
    metavar="FILE",
    help="Start from what `kubectl get rb,crb -A -o yaml` printed.",
)
@option("--fresh", is_flag=True, help="Ignore the present lock and place everything anew.")
@option("--strict-inventory", is_flag=True, help="Unknown capacity is none, unknown APIs absent.")
@option("--no-cache", is_flag=True, help="Neither use nor fill the cache of earlier runs.")
@click.pass_obj
def command(console: Console, /, **given: Any) -> int:  # noqa: ANN401 - click's parameters
    """Place everything in PATH and write where it went to PATH/.armada/bindings.

    Prints what moves. The next placement starts from there, so that only what must move does; with
    any error nothing is written.
    """
    options = _Options(**given)
    inputs = Inputs(options.path, options.clusters, cached=not options.no_cache)
    progress = Progress(enabled=not console.is_quiet)
    loaded = inputs.load(progress)
    _require_lockable(options, loaded)
    files = folder.read(options.path)
    known = loaded.fleet.previous_bindings
    if options.fresh:
        loaded = structs.replace(loaded, fleet=_without_lock(loaded.fleet, files))
    inputs.require_fleet(loaded)
    imported = _imported(console, options.imports)
    fleet = structs.replace(
        loaded.fleet, previous_bindings={**loaded.fleet.previous_bindings, **imported}
    )
    chosen = _chosen(options.reschedule, fleet)
    strict = options.strict_inventory or loaded.config.strict_inventory
    settled = settle(fleet, RenderOptions(strict_inventory=strict), chosen)
    progress.clear()
    console.warnings(inputs.pinpoint(loaded.heeded(settled.rendering.warnings)))
    problems = settled.rendering.problems
    if problems:
        report(console, inputs, problems)
        word = "error" if len(problems) == 1 else "errors"
        console.note(f"{len(problems)} {word}: the lock was not touched")
        return settled.rendering.exit_code
    _refuse_emptiness(settled)
    _report_skipped(console, [ref for ref in imported if ref not in settled.states], fleet)
    _report_special(console, settled, chosen)
    before = {**known, **{ref: imported[ref] for ref in imported if ref in settled.states}}
    before |= _deleted(console, options.path, settled.states.keys() - before.keys())
    return _finish(console, options, files, changes(before, settled.states), settled.states)


def _deleted(console: Console, path: str, new: Collection[ObjectReference]) -> States:
    """Return what the last commit says of resources that seem new: their files may be deleted."""
    if not new:
        return {}
    last = committed(path, os.environ)  # noqa: TID251 - this is an edge
    found = {ref: last[ref] for ref in sorted(new) if ref in last}
    if found:
        console.note(f"{len(found)} deleted from the lock: compared with the last commit")
    return found


def _require_lockable(options: _Options, loaded: Loaded) -> None:
    if loaded.ignores(LOCK):
        raise InputError(
            Problem(
                message=f"{CONFIG_NAME} ignores {LOCK}, so the lock would never be read",
                hint="take the pattern out of ignore",
            )
        )
    outside = {
        state.location.path
        for state in loaded.fleet.previous_bindings.values()
        if state.location is not None and not is_in_lock(state.location.path)
    }
    if outside:
        raise InputError(
            Problem(
                message=f"holds ResourceBindings outside of {LOCK}; beside a lock each resource "
                "would have two",
                location=SourceLocation(path),
                hint=f"move the file out of {options.path}, or list it under ignore in "
                f"{CONFIG_NAME}, and read it with --import",
            )
            for path in sorted(outside)
        )


def _without_lock(fleet: Fleet, files: Mapping[str, bytes]) -> Fleet:
    """Return the fleet as if it had no lock; files that are replaced anyway may be broken."""
    return structs.replace(
        fleet,
        previous_bindings={},
        problems=tuple(
            problem
            for problem in fleet.problems
            if problem.location is None or problem.location.path not in files
        ),
    )


def _imported(console: Console, names: Iterable[str]) -> States:
    """Return the bindings of exported files; of several for one resource, the last."""
    found: dict[ObjectReference, PreviousBinding] = {}
    for name in names:
        source: Source = StreamSource(sys.stdin.buffer) if name == "-" else DirectorySource(name)
        fleet = load(source).fleet
        if fleet.problems:
            raise InputError(_renamed(pinpoint(item, source), name) for item in fleet.problems)
        if not fleet.previous_bindings:
            raise InputError(
                Problem(
                    message=f"{name} holds no ResourceBinding",
                    hint="write it with `kubectl get rb,crb -A -o yaml` against the Karmada API "
                    "server",
                )
            )
        others = len(fleet.templates) + len(fleet.propagation_policies) + len(fleet.clusters)
        if others:
            console.note(f"{name}: objects besides ResourceBindings were not read: {others}")
        found |= fleet.previous_bindings
    return found


def _renamed(problem: Problem, name: str) -> Problem:
    """Return the problem with the file as it was given on the command line."""
    if problem.location is None or name == "-":
        return problem
    return structs.replace(problem, location=structs.replace(problem.location, path=name))


def _chosen(names: Sequence[str], fleet: Fleet) -> frozenset[ObjectReference]:
    return frozenset(_one(name, fleet) for name in names)


def _one(name: str, fleet: Fleet) -> ObjectReference:
    parts = name.split("/")
    if len(parts) not in (2, 3) or not all(parts):
        raise click.UsageError(f"--reschedule {name}: write KIND/NAME or NAMESPACE/KIND/NAME")
    kind, called = parts[-2].lower(), parts[-1]
    found = [
        template.ref
        for template in fleet.templates
        if template.ref.kind.lower() == kind
        and template.ref.name == called
        and (len(parts) == 2 or template.ref.namespace == parts[0])
    ]
    if not found:
        raise click.UsageError(f"--reschedule {name}: there is no such object in PATH")
    if len(found) > 1:
        listed = ", ".join(str(ref) for ref in found)
        raise click.UsageError(f"--reschedule {name} may be any of {listed}; name the namespace")
    return found[0]


def _refuse_emptiness(settled: Settled) -> None:
    if settled.states:
        return
    raise GuardError(
        Problem(
            message="no policy takes any of the objects, so there is nothing to lock",
            hint=f"check the resourceSelectors of the policies; delete {LOCK} if it is meant",
            code=GuardError.exit_code,
        )
    )


def _report_skipped(console: Console, skipped: Sequence[ObjectReference], fleet: Fleet) -> None:
    """Say which imported bindings were of no use, and why."""
    here = {template.ref for template in fleet.templates}
    for reason, refs in (
        ("no such object in PATH", [ref for ref in skipped if ref not in here]),
        ("no policy takes it, or it follows its owner", [ref for ref in skipped if ref in here]),
    ):
        if refs:
            shown = refs if console.is_verbose else refs[:_MOST_SHOWN]
            listed = ", ".join(map(title, shown))
            more = f" and {len(refs) - len(shown)} more" if len(refs) > len(shown) else ""
            console.note(printable(f"{len(refs)} not imported, {reason}: {listed}{more}"))


def _report_special(console: Console, settled: Settled, chosen: Iterable[ObjectReference]) -> None:
    warnings = [
        Problem(
            message="does not come to rest: placed again, it goes elsewhere each time; the last "
            "placement was taken",
            resource=str(ref),
            hint="narrow its spread constraints, or hold it with suspension.scheduling in "
            f"{lock_path(ref)}; see docs/lock.md",
        )
        for ref in settled.restless
    ]
    for ref in sorted(chosen):
        state = settled.states.get(ref)
        if state is None or state.is_scheduling_suspended:
            reason = "no policy takes it" if state is None else "its scheduling is suspended"
            warnings.append(Problem(message=f"not rescheduled: {reason}", resource=str(ref)))
    console.warnings(warnings)


def _finish(
    console: Console,
    options: _Options,
    files: Mapping[str, bytes],
    found: Sequence[Change],
    states: States,
) -> ExitCode:
    wanted = {lock_path(ref): text(state).encode() for ref, state in states.items()}
    difference = folder.compare(files, wanted)
    if options.check:
        _print_difference(console, difference, found)
        return ExitCode.OK if difference.is_empty else ExitCode.FOUND
    folder.write(options.path, wanted, difference)
    _print_changes(console, found)
    written = len(difference.added) + len(difference.changed)
    console.note(
        f"{options.path}/{LOCK}: {written} written, {len(difference.stale)} removed, "
        f"{len(wanted) - written} unchanged"
    )
    return ExitCode.OK


def _print_difference(
    console: Console, difference: folder.LockDifference, found: Iterable[Change]
) -> None:
    details = {lock_path(change.ref): change.detail for change in found}
    for word, paths in (
        ("missing", difference.added),
        ("out of date", difference.changed),
        ("to be removed", difference.stale),
    ):
        for path in paths:
            detail = details.get(path, "not as it would be written")
            console.product(printable(f"{word}: {path} ({detail})"))


def _print_changes(console: Console, found: Sequence[Change]) -> None:
    """Print what moves in full, of what is new the first few, the rest with `--verbose`."""
    new = 0
    for change in found:
        if change.before is None:
            new += 1
            if new > _MOST_SHOWN and not console.is_verbose:
                continue
        elif change.after is not None and not change.is_move:
            console.detail(printable(str(change)))
            continue
        console.product(printable(str(change)))
    if new > _MOST_SHOWN and not console.is_verbose:
        console.product(f"... and {new - _MOST_SHOWN} more that are new")
