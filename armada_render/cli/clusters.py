"""`armada-render clusters`: show the inventory, write one to start from, or change it."""

import os

import click

from armada_render.cli.clusters_edit import COMMANDS
from armada_render.cli.clusters_import import import_
from armada_render.cli.console import Console
from armada_render.cli.inputs import Inputs, report
from armada_render.cli.options import option
from armada_render.cli.progress import Progress
from armada_render.errors import ExitCode, InputError, Problem, SourceError, one_line
from armada_render.model.cluster import Cluster
from armada_render.model.fleet import Fleet
from armada_render.model.override import OverridePolicy
from armada_render.model.policy import PropagationPolicy

_FOLDER = "clusters"


@click.group(name="clusters")
def command() -> None:
    """Show the cluster inventory, write one to start from, or change it."""


for _command in (*COMMANDS, import_):
    command.add_command(_command)


@command.command(name="list")
@click.argument("path", type=click.Path(allow_dash=True))
@option("--clusters", type=click.Path(exists=True), help="Inventory, if it is not in PATH.")
@click.pass_obj
def list_(console: Console, *, path: str, clusters: str | None) -> int:
    """List the clusters of PATH with what placement reads of them."""
    inputs = Inputs(path, clusters)
    loaded = inputs.load(Progress(enabled=not console.is_quiet))
    inputs.require_clusters(loaded)
    rows: list[tuple[str, ...]] = [("NAME", "PROVIDER", "REGION", "ZONES", "TAINTS", "LABELS")]
    rows += [tuple(map(one_line, _row(cluster))) for cluster in loaded.fleet.clusters]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        console.product(line.rstrip())
    report(console, inputs, loaded.fleet.problems)
    return ExitCode.INPUT if loaded.fleet.problems else ExitCode.OK


def _row(cluster: Cluster) -> tuple[str, ...]:
    taints = ",".join(
        f"{taint.key}={taint.value}:{taint.effect}"
        if taint.value
        else f"{taint.key}:{taint.effect}"
        for taint in cluster.spec.taints
    )
    labels = ",".join(f"{key}={value}" for key, value in sorted(cluster.labels.items()))
    return (
        cluster.name,
        cluster.spec.provider or "-",
        cluster.spec.region or "-",
        ",".join(cluster.zones) or "-",
        taints or "-",
        labels or "-",
    )


@command.command()
@click.argument("path", type=click.Path(exists=True, file_okay=False))
@click.pass_obj
def init(console: Console, *, path: str) -> int:
    """Write a Cluster file into PATH/clusters for every cluster that the policies mention.

    Files that are there already stay as they are.
    """
    inputs = Inputs(path, None)
    loaded = inputs.load(Progress(enabled=not console.is_quiet))
    known = {cluster.name for cluster in loaded.fleet.clusters}
    names = sorted(_mentioned(loaded.fleet) - known)
    if not names:
        raise InputError(
            Problem(
                message="the policies mention no cluster that is not in the inventory already"
                if known
                else "no policy mentions a cluster by name",
                hint="write Cluster objects by hand: see docs/inventory.md",
            )
        )
    folder = os.path.join(path, _FOLDER)  # noqa: PTH118
    for name in names:
        _write_cluster(console, folder, name)
    report(console, inputs, loaded.fleet.problems)
    return ExitCode.INPUT if loaded.fleet.problems else ExitCode.OK


def _mentioned(fleet: Fleet) -> set[str]:
    names: set[str] = set()
    policies: tuple[PropagationPolicy | OverridePolicy, ...] = (
        *fleet.propagation_policies,
        *fleet.override_policies,
    )
    for policy in policies:
        for affinity in policy.affinities():
            names.update(affinity.cluster_names, affinity.exclude)
    return names


def _write_cluster(console: Console, folder: str, name: str) -> None:
    from armada_render.load.identity import is_namespace_name  # noqa: PLC0415

    if not is_namespace_name(name):
        raise InputError(f"{name!r} cannot be the name of a cluster")
    file = os.path.join(folder, f"{name}.yaml")  # noqa: PTH118
    text = (
        "apiVersion: cluster.karmada.io/v1alpha1\n"
        "kind: Cluster\n"
        "metadata:\n"
        f"  name: {name}\n"
        "  labels: {}\n"
        "spec:\n"
        "  syncMode: Pull\n"
        "  # provider, region and zones are what spread constraints and field selectors read\n"
    )
    try:
        os.makedirs(folder, exist_ok=True)  # noqa: PTH103
        if os.path.lexists(file):
            console.note(f"{file} is there already")
            return
        with open(file, "x", encoding="utf-8") as handle:  # noqa: PTH123
            handle.write(text)
    except OSError as error:
        raise SourceError(f"{file} cannot be written: {error.strerror}") from error
    console.note(f"wrote {file}")
