"""`clusters import`: what a kubeconfig's clusters, Argo CD or Karmada know, into the inventory."""

import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import click

from armada_render.cli.clusters_edit import apply, dry_run_option, dry_run_suffix
from armada_render.cli.console import Console, printable
from armada_render.cli.options import option
from armada_render.errors import InputError, Problem, SourceError, SourceLocation
from armada_render.inventory.files import Inventory
from armada_render.inventory.imported import (
    ImportedCluster,
    Survey,
    from_argocd,
    from_karmada,
    from_survey,
)
from armada_render.inventory.merge import merged
from armada_render.load.source import MAX_FILE_BYTES
from armada_render.yamlio import YamlError, load_documents

_KARMADA_CLUSTERS = "/apis/cluster.karmada.io/v1alpha1/clusters"
_NOTHING = {
    "karmada": "no Cluster of cluster.karmada.io",
    "argocd": "no Secret with the label argocd.argoproj.io/secret-type: cluster",
    "kubeconfig": "neither a kubeconfig nor a list of Nodes",
}


@click.command(name="import")
@click.argument("path", type=click.Path(exists=True))
@click.argument("source", metavar="FILE_OR_CONTEXT")
@option("--from", "kind", type=click.Choice(list(_NOTHING)), required=True, help="What SOURCE is.")
@option("--name", default="", help="Name of the cluster, if SOURCE is a single one.")
@option("--kubeconfig", type=click.Path(exists=True), help="Where contexts are looked up.")
@option("--argocd-namespace", default="argocd", show_default=True, help="Namespace of Argo CD.")
@option("--overwrite", is_flag=True, help="Bring clusters that are there already up to date.")
@dry_run_option
@click.pass_obj
def import_(  # noqa: PLR0913 - click's parameters
    console: Console,
    *,
    path: str,
    source: str,
    kind: str,
    name: str,
    kubeconfig: str | None,
    argocd_namespace: str,
    overwrite: bool,
    dry_run: bool,
) -> None:
    """Write Clusters into PATH as another place knows them; credentials stay where they are.

    FILE_OR_CONTEXT is a file with objects that `kubectl get -o yaml` printed, - for standard input,
    a kubeconfig (each of its contexts is asked), or the name of a context.
    """
    inventory = Inventory(path)
    given = _Given(source, kubeconfig, argocd_namespace, name)
    found = given.clusters(kind)
    if not found:
        raise InputError(
            Problem(
                message=f"{source} holds {_NOTHING[kind]}",
                hint="see docs/inventory.md for what to export",
            )
        )
    result = merged(inventory, found, overwrite=overwrite)
    for note in (note for one in found for note in one.notes):
        console.warnings([Problem(message=note)])
    apply(console, inventory.root, result.changes, dry_run=dry_run)
    for cluster, word in result.words:
        done = dry_run_suffix(dry_run=dry_run and word != "unchanged")
        console.note(printable(f"cluster/{cluster} {word}{done}"))


class _Given:
    """SOURCE and what goes with it."""

    def __init__(self, source: str, kubeconfig: str | None, namespace: str, name: str) -> None:
        self._source = source
        self._kubeconfig = kubeconfig
        self._namespace = namespace
        self._name = name
        self._is_file = source == "-" or os.path.exists(source)  # noqa: PTH110

    def clusters(self, kind: str) -> list[ImportedCluster]:
        """Return what the source knows."""
        if kind == "kubeconfig":
            return self._surveyed()
        if self._name:
            raise click.UsageError("--name goes with --from kubeconfig")
        if kind == "argocd":
            secrets = f"/api/v1/namespaces/{self._namespace}/secrets"
            query = {"labelSelector": "argocd.argoproj.io/secret-type=cluster"}
            return from_argocd(self._objects(secrets, query, "Secret"))
        return from_karmada(self._objects(_KARMADA_CLUSTERS, {}, "Cluster"))

    def _objects(
        self, path: str, query: Mapping[str, str], kind: str
    ) -> Iterator[Mapping[str, Any]]:
        if self._is_file:
            yield from _read(self._source)
            return
        live = _live()
        for item in live.objects(live.connect(self._kubeconfig, self._source), path, query):
            # Items of a list have no type of their own.
            api_version = "v1" if kind == "Secret" else "cluster.karmada.io/v1alpha1"
            yield {"apiVersion": api_version, "kind": kind, **item}

    def _surveyed(self) -> list[ImportedCluster]:
        if not self._is_file:
            return [self._asked(self._kubeconfig, self._source)]
        found = list(_read(self._source))
        nodes = [item for item in found if item.get("kind") == "Node"]
        if nodes:
            if not self._name:
                raise click.UsageError("a file of Nodes needs --name")
            pods = [item for item in found if item.get("kind") == "Pod"]
            return [from_survey(self._name, Survey(nodes=nodes, pods=pods or None))]
        if not any(item.get("kind") == "Config" for item in found):
            return []
        if self._source == "-":
            raise click.UsageError("a kubeconfig is read from a file, not from standard input")
        contexts = [
            str(context["name"])
            for item in found
            for context in item.get("contexts") or ()
            if isinstance(context, dict) and context.get("name")
        ]
        if self._name and len(contexts) > 1:
            raise click.UsageError(f"--name is for one cluster, and there are {len(contexts)}")
        return [self._asked(self._source, context) for context in contexts]

    def _asked(self, kubeconfig: str | None, context: str) -> ImportedCluster:
        live = _live()
        name = self._name or context
        return from_survey(name, live.survey(live.connect(kubeconfig, context), name))


def _live() -> Any:  # noqa: ANN401 - a module
    """Return what speaks to API servers."""
    try:
        from armada_render.cli import survey  # noqa: PLC0415 - half a second, and an extra
    except ImportError as error:
        raise SourceError(
            Problem(
                message="asking a live cluster needs the kubernetes package, which is not "
                "installed",
                hint="pip install 'armada-render[controller]', or give a file: see "
                "docs/inventory.md",
                code=SourceError.exit_code,
            )
        ) from error
    return survey


def _read(source: str) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a file or standard input, lists unfolded."""
    name = "<stdin>" if source == "-" else source
    try:
        if source == "-":
            data = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
        else:
            with open(source, "rb") as handle:  # noqa: PTH123
                data = handle.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise InputError(f"{source} cannot be read: {error.strerror}") from error
    if len(data) > MAX_FILE_BYTES:
        raise InputError(f"{name} is larger than {MAX_FILE_BYTES >> 20} MiB")
    try:
        documents = load_documents(data)
    except YamlError as error:
        location = SourceLocation(name, error.line, error.column)
        raise InputError(Problem(message=error.message, location=location)) from error
    for document in documents:
        yield from _unfolded(document.value)


def _unfolded(value: object) -> Iterator[Mapping[str, Any]]:
    if not isinstance(value, dict):
        return
    kind, items = value.get("kind"), value.get("items")
    if isinstance(kind, str) and kind.endswith("List") and isinstance(items, list):
        for item in items:
            if isinstance(item, dict):
                typed = {"apiVersion": value.get("apiVersion"), "kind": kind.removesuffix("List")}
                yield {**typed, **item} if typed["kind"] else item
    else:
        yield value
