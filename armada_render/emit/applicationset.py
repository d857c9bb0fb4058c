"""ApplicationSets for Argo CD: one set for each app, one Application for each cluster. Pure.

A list generator holds one row for each cluster. Rows are data that Argo CD does not evaluate; the
template is the same for all of them. Upstream is Argo CD v3.5 (applicationset/).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from msgspec import Struct

from armada_render.emit import ClusterWorks, OutputFile
from armada_render.emit.argocd import checks
from armada_render.emit.argocd.confirm import CONFIRMED
from armada_render.emit.argocd.destinations import destinations
from armada_render.emit.argocd.names import set_name
from armada_render.emit.argocd.project import app_project
from armada_render.emit.argocd.rows import Application, applications
from armada_render.emit.argocd.settings import clean_path, joined, setting_problems
from armada_render.emit.argocd.template import (
    APP_LABEL,
    application_template,
    directory_source,
    plugin_source,
    rolling_strategy,
    template_patch,
)
from armada_render.emit.paths import ARGOCD_FOLDER
from armada_render.emit.retired import Pair
from armada_render.errors import InputError, Problem
from armada_render.model.argocd import ArgoCD, DeliveryMode
from armada_render.model.cluster import Cluster
from armada_render.model.config import Layout
from armada_render.model.resource import Manifest, ResourceTemplate
from armada_render.yamlio import dumps

DEFAULT_TREE = "clusters"
"""Where the bundles stand in the repository unless the settings say something else."""

# The controller drops the Applications' owner references before the set goes, if its policy does
# not delete (applicationset_controller.go, Reconcile); without the finalizer they go along.
_FINALIZER = "resources-finalizer.argocd.argoproj.io"
# The controller would take back what `argocd app confirm-deletion` writes.
_APPROVAL = "argocd.argoproj.io/deletion-approved"


class Generated(Struct, frozen=True, eq=False):
    """The AppProject, the ApplicationSets sorted by name, and what users should know."""

    project: Manifest
    sets: tuple[Manifest, ...]
    warnings: tuple[Problem, ...]


def generate(  # noqa: PLR0913 - one for each thing that decides
    works: ClusterWorks,
    clusters: Sequence[Cluster],
    templates: Sequence[ResourceTemplate],
    settings: ArgoCD,
    *,
    layout: Layout,
    plugin: str,
    retired: Sequence[Pair] = (),
) -> Generated:
    """Return what makes Argo CD apply `works`, which must be all that the clusters get.

    `plugin` is the name under which the plugin is installed, `retired` are pairs whose Applications
    stay until they have removed everything. Raises `InputError` with everything
    that is wrong with settings, destinations and names.
    """
    problems = list(setting_problems(settings))
    targets = destinations(clusters, settings, problems)
    frame = _frame(templates, settings, layout, plugin, retired)
    spaces = {one.app: one.ref.namespace for one in templates if one.ref.namespace}
    places = {pair: spaces.get(pair[1], "default") for pair in retired}
    rows = applications(works, clusters, targets, settings, frame.path, places)
    problems.extend(checks.problems(rows, settings.rolling_sync))
    if problems:
        raise InputError(problems)
    apps: dict[str, list[Application]] = {}
    for row in rows:
        apps.setdefault(row.app, []).append(row)
    sets = [_application_set(group, frame) for group in apps.values()]
    return Generated(
        project=app_project(settings, rows, templates),
        sets=tuple(sorted(sets, key=lambda one: str(one["metadata"]["name"]))),
        warnings=tuple(checks.warnings(rows, templates)),
    )


def stream(generated: Generated) -> Iterator[bytes]:
    """Yield a YAML stream, the project first: Applications need it."""
    for document in (generated.project, *generated.sets):
        yield b"---\n" + dumps(document).encode()


def files(generated: Generated) -> Iterator[OutputFile]:
    """Yield one file for each object."""
    for document in (generated.project, *generated.sets):
        name = f"{document['kind'].lower()}-{document['metadata']['name']}"
        yield OutputFile(f"{ARGOCD_FOLDER}/{name}.yaml", dumps(document).encode())


class _Frame(Struct, frozen=True):
    """What all sets have in common.

    `root` is the folder of the bundles, or for the plugin that of the fleet. `others` are the apps
    that are no folder of the fleet, and `plugin` is "" without the plugin.
    """

    settings: ArgoCD
    root: str
    recurse: bool
    plugin: str = ""
    others: frozenset[str] = frozenset()

    def path(self, app: str, cluster: str) -> str:
        """Return `spec.source.path`."""
        if not self.plugin:
            return joined(self.root, cluster, app)
        return joined(self.root, "" if app in self.others else app)

    def source(self, app: str) -> dict[str, Any]:
        """Return the part of `spec.source` that depends on the mode."""
        if not self.plugin:
            return directory_source(recurse=self.recurse)
        return plugin_source(self.plugin, is_folder=app not in self.others)

    @property
    def inputs(self) -> str:
        """The folder that holds all that is read to render an app."""
        return f"/{self.root}" if self.plugin else ""


def _frame(
    templates: Iterable[ResourceTemplate],
    settings: ArgoCD,
    layout: Layout,
    plugin: str,
    retired: Iterable[Pair],
) -> _Frame:
    recurse = layout is Layout.FILES
    if settings.mode is not DeliveryMode.PLUGIN:
        path = DEFAULT_TREE if settings.path is None else settings.path
        return _Frame(settings, clean_path(path), recurse)
    # The folder of an app that left Git altogether may be gone as well.
    gone = {app for _, app in retired} - {template.app for template in templates}
    return _Frame(
        settings,
        clean_path(settings.path or ""),
        recurse,
        plugin,
        frozenset(_others(templates)) | gone,
    )


def _others(templates: Iterable[ResourceTemplate]) -> Iterator[str]:
    """Yield apps that are not all of a folder, and folders that are not all of an app."""
    for template in templates:
        path = template.location.path if template.location else ""
        folder, slash, _ = path.partition("/")
        if not slash or folder != template.app:
            yield from (template.app, folder)


def _application_set(group: Sequence[Application], frame: _Frame) -> Manifest:
    settings, app = frame.settings, group[0].app
    rows, destination = _rows(group, has_app=app in frame.others)
    spec: dict[str, Any] = {
        "goTemplate": True,
        "goTemplateOptions": ["missingkey=error"],
        "generators": [{"list": {"elements": rows}}],
        "preservedFields": {"annotations": [_APPROVAL]},
        "syncPolicy": {
            "applicationsSync": str(settings.applications_sync),
            "preserveResourcesOnDeletion": settings.preserve_resources_on_deletion,
        },
        "template": application_template(
            settings, destination, frame.source(app), inputs=frame.inputs
        ),
    }
    patch = template_patch(ignores="ignoreDifferences" in rows[0], retires="retired" in rows[0])
    if patch:
        spec["templatePatch"] = patch
    if settings.rolling_sync is not None:
        spec["strategy"] = rolling_strategy(settings.rolling_sync)
    metadata = {
        "name": set_name(app),
        "namespace": settings.namespace,
        "labels": {"app.kubernetes.io/managed-by": "armada-render", APP_LABEL: rows[0]["app"]},
        "annotations": CONFIRMED,
    }
    if not settings.applications_sync.deletes:
        metadata["finalizers"] = [_FINALIZER]
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "metadata": metadata,
        "spec": spec,
    }


def _rows(
    group: Sequence[Application], *, has_app: bool
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Return the rows of a set, and the templates of its destination.

    A column that would be empty in all rows is left out.
    """
    by_name = any(one.destination.name for one in group)
    by_server = any(one.destination.server for one in group)
    is_ignoring = any(one.ignored for one in group)
    is_retiring = not all(one.works for one in group)
    rows = []
    for one in sorted(group, key=lambda one: one.cluster):
        row: dict[str, Any] = dict(one.row)
        if by_name:
            row["destination"] = one.destination.name
        if by_server:
            row["server"] = one.destination.server
        if has_app:
            row["appName"] = one.app
        if is_ignoring:
            row["ignoreDifferences"] = list(one.ignored)
        if is_retiring:
            row["retired"] = not one.works
        rows.append(row)
    destination = {"name": "{{.destination}}"} if by_name else {}
    if by_server:
        destination["server"] = "{{.server}}"
    return rows, destination
