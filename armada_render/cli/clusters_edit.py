"""`clusters add`, `label`, `taint`, `cordon` and `uncordon`: changes of the inventory's files."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from armada_render.cli.console import Console, printable
from armada_render.cli.options import option
from armada_render.inventory import words
from armada_render.inventory.change import Outcome, cordoned, labeled, tainted, uncordoned
from armada_render.inventory.files import FileChange, Inventory, write
from armada_render.inventory.new import cluster_file
from armada_render.model.cluster import Cluster

_F = TypeVar("_F", bound=Callable[..., Any])
_T = TypeVar("_T")

_path = click.argument("path", type=click.Path(exists=True))
dry_run_option = option("--dry-run", is_flag=True, help="Print the difference and write nothing.")


def _overwrite(what: str) -> Callable[[_F], _F]:
    return option("--overwrite", is_flag=True, help=f"Replace {what} that are there already.")


@click.command(name="add")
@_path
@click.argument("name")
@option("--label", "labels", multiple=True, metavar="KEY=VALUE", help="A label of the cluster.")
@option("--provider", default="", help="Who runs it, such as aws.")
@option("--region", default="", help="Its region.")
@option("--zone", "zones", multiple=True, help="A zone of its nodes.")
@option("--taint", "taints", multiple=True, metavar="KEY=VALUE:EFFECT", help="A taint.")
@dry_run_option
@click.pass_obj
def add(  # noqa: PLR0913 - the fields of a cluster
    console: Console,
    *,
    path: str,
    name: str,
    labels: tuple[str, ...],
    provider: str,
    region: str,
    zones: tuple[str, ...],
    taints: tuple[str, ...],
    dry_run: bool,
) -> None:
    """Write a Cluster named NAME into PATH, beside the files of the others."""
    _require_name(name)
    for text in (provider, region, *zones):
        _require_value(text)
    label_words = _read(words.labels, labels)
    taint_words = _read(words.taints, taints)
    if label_words.unwanted or taint_words.unwanted:
        raise click.UsageError("a new cluster has nothing to remove")
    entries = [
        {
            key: text
            for key, text in (("key", item.key), ("value", item.value), ("effect", item.effect))
            if text
        }
        for item in taint_words.wanted
    ]
    spec = {"provider": provider, "region": region, "zones": list(zones), "taints": entries}
    inventory = Inventory(path)
    change = FileChange(
        inventory.new_path(name), None, cluster_file(name, labels=label_words.wanted, spec=spec)
    )
    apply(console, inventory.root, [change], dry_run=dry_run)
    console.note(f"cluster/{name} added" + dry_run_suffix(dry_run=dry_run))


@click.command(name="label")
@_path
@click.argument("names_and_labels", nargs=-1, required=True, metavar="NAME... KEY=VALUE|KEY-...")
@_overwrite("labels")
@dry_run_option
@click.pass_obj
def label(
    console: Console,
    *,
    path: str,
    names_and_labels: tuple[str, ...],
    overwrite: bool,
    dry_run: bool,
) -> None:
    """Set or remove labels of clusters, in their files.

    KEY=VALUE sets a label, KEY- removes one, as in `kubectl label`.
    """
    names, given = _split(names_and_labels, "label: write KEY=VALUE, or KEY- to remove one")
    wanted = _read(words.labels, given)
    _change(
        console, path, names, lambda it: labeled(it, wanted, overwrite=overwrite), dry_run=dry_run
    )


@click.command(name="taint")
@_path
@click.argument(
    "names_and_taints", nargs=-1, required=True, metavar="NAME... KEY=VALUE:EFFECT|KEY:EFFECT-..."
)
@_overwrite("taints")
@dry_run_option
@click.pass_obj
def taint(
    console: Console,
    *,
    path: str,
    names_and_taints: tuple[str, ...],
    overwrite: bool,
    dry_run: bool,
) -> None:
    """Set or remove taints of clusters, in their files.

    KEY=VALUE:EFFECT or KEY:EFFECT sets a taint, KEY:EFFECT- removes one, KEY- removes all of that
    key, as in `kubectl taint`. EFFECT is NoSchedule or NoExecute.
    """
    names, given = _split(names_and_taints, "taint: write KEY=VALUE:EFFECT, or KEY- to remove one")
    wanted = _read(words.taints, given)
    _change(
        console, path, names, lambda it: tainted(it, wanted, overwrite=overwrite), dry_run=dry_run
    )


@click.command(name="cordon")
@_path
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@dry_run_option
@click.pass_obj
def cordon(console: Console, *, path: str, names: tuple[str, ...], dry_run: bool) -> None:
    """Keep new placements away from clusters, as `karmadactl cordon` does.

    What runs there stays. The taint is cluster.karmada.io/unschedulable:NoSchedule.
    """
    _change(console, path, names, cordoned, dry_run=dry_run)


@click.command(name="uncordon")
@_path
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@dry_run_option
@click.pass_obj
def uncordon(console: Console, *, path: str, names: tuple[str, ...], dry_run: bool) -> None:
    """Let clusters get new placements again."""
    _change(console, path, names, uncordoned, dry_run=dry_run)


COMMANDS = (add, label, taint, cordon, uncordon)


def _change(
    console: Console,
    path: str,
    names: Sequence[str],
    outcome: Callable[[Cluster], Outcome],
    *,
    dry_run: bool,
) -> None:
    inventory = Inventory(path)
    outcomes, changes = inventory.changes(names, outcome)
    apply(console, inventory.root, changes, dry_run=dry_run)
    touched = {change.path for change in changes}
    for cluster, result in outcomes:
        for note in result.notes:
            console.note(printable(note))
        is_touched = cluster.location is not None and cluster.location.path in touched
        console.note(
            f"cluster/{cluster.name} {result.word}" + dry_run_suffix(dry_run=dry_run and is_touched)
        )


def apply(console: Console, root: str, changes: Sequence[FileChange], *, dry_run: bool) -> None:
    """Write changed files, or print the difference as `git diff` would."""
    if not dry_run:
        write(root, changes)
        return
    from difflib import unified_diff  # noqa: PLC0415 - only to look

    for change in changes:
        before, after = (
            (data or b"").decode().splitlines() for data in (change.before, change.after)
        )
        old = "/dev/null" if change.before is None else f"a/{change.path}"
        for line in unified_diff(before, after, old, f"b/{change.path}", lineterm=""):
            console.product(printable(line))


def dry_run_suffix(*, dry_run: bool) -> str:
    """Return what says behind a line that nothing was written."""
    return " (dry run)" if dry_run else ""


def _split(given: Sequence[str], what: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    names, changes = _read(words.split, given)
    if not names:
        raise click.UsageError("name the clusters before the changes")
    if not changes:
        raise click.UsageError(f"there is no {what}")
    return names, changes


def _read(reader: Callable[[Sequence[str]], _T], given: Sequence[str]) -> _T:
    try:
        return reader(given)
    except ValueError as error:
        raise click.UsageError(printable(str(error))) from error


def _require_name(name: str) -> None:
    from armada_render.load.identity import is_namespace_name  # noqa: PLC0415

    if not is_namespace_name(name) or len(name) > 48:
        raise click.UsageError(
            f"{name!r} cannot be the name of a cluster: use up to 48 lower-case letters, digits "
            "and '-', with a letter or digit at both ends"
        )


def _require_value(text: str) -> None:
    from armada_render.model.selector import label_value_error  # noqa: PLC0415

    if error := label_value_error(text):
        raise click.UsageError(f'"{printable(text)}" {error}')
