"""`armada-render validate`: check what each cluster gets against the schemas of its version."""

from collections.abc import Iterable, Sequence

import click
from msgspec.structs import replace

from armada_render import lint
from armada_render.cli.console import Console
from armada_render.cli.inputs import Inputs, report
from armada_render.cli.options import KUBERNETES_VERSION, PathOrRemote, option
from armada_render.cli.progress import Progress
from armada_render.cli.results import Report, ResultFormat, counted, pinpointed, print_report
from armada_render.errors import ExitCode, InputError, Problem
from armada_render.load import DirectorySource, Loaded, compile_globs, load
from armada_render.model.cluster import Cluster
from armada_render.model.kubernetes import minor
from armada_render.model.lint import LintSettings
from armada_render.model.resource import ResourceTemplate
from armada_render.model.result import Level, Result
from armada_render.pipeline import Rendering, RenderOptions, render
from armada_render.validate.data import SchemaData, is_installed
from armada_render.validate.rules import RULES
from armada_render.validate.schema import is_definition


@click.command(name="validate")
@click.argument("path", type=click.Path(allow_dash=True))
@option(
    "-o",
    "--output",
    of="validate",
    type=click.Choice([str(item) for item in ResultFormat]),
    default="text",
    show_default=True,
)
@option("--strict", of="validate", is_flag=True, help="A kind without a schema is an error.")
@option(
    "--crds",
    of="validate",
    multiple=True,
    type=click.Path(exists=True),
    help="CustomResourceDefinitions that are not in PATH.",
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
    strict: bool,
    crds: tuple[str, ...],
    ref: str,
    clusters: str | None,
    strict_inventory: bool,
    kubernetes_version: str | None,
    no_cache: bool,
) -> int:
    """Check what PATH renders to against the schemas of Kubernetes and of its own definitions.

    Each object is checked by the version of the clusters that get it (status.kubernetesVersion).
    Exits with 1 if anything is wrong. Needs the extra: pip install 'armada-render[validate]'.
    """
    if not is_installed():
        raise click.UsageError(
            "the schemas are not installed, since they are large: "
            "pip install 'armada-render[validate]'"
        )
    inputs = Inputs(path, clusters, cached=not no_cache, revision=ref)
    progress = Progress(enabled=not console.is_quiet)
    loaded = inputs.load(progress)
    inputs.require_fleet(loaded)
    settings = loaded.config.lint or LintSettings()
    rules = lint.chosen(RULES, settings, page="validate.md", others=lint.RULES)
    is_strict = strict_inventory or loaded.config.strict_inventory
    rendering = render(loaded.fleet, RenderOptions(strict_inventory=is_strict, trace=True))
    version = kubernetes_version or loaded.config.kubernetes_version
    definitions = _definitions(console, crds)
    found, objects = _checked(console, loaded, rendering, version, definitions, is_strict=strict)
    results = lint.settled(
        pinpointed(inputs, found),
        settings,
        globs=compile_globs,
        comments=lint.Comments(inputs.read),
    )
    progress.clear()
    report(console, inputs, rendering.problems)
    failures = tuple(inputs.pinpoint(rendering.problems))
    done = Report(
        name="validate",
        rules=rules,
        results=results,
        failures=failures,
        threshold=Level.WARNING,
    )
    print_report(console, done, ResultFormat(output), inputs)
    console.note(_summary(done, objects))
    is_wrong = any(one.level.reaches(done.threshold) for one in results)
    return max(rendering.exit_code, ExitCode.FOUND if is_wrong else ExitCode.OK)


def _summary(done: Report, objects: int) -> str:
    checked = f"{objects} distinct {'object' if objects == 1 else 'objects'} checked"
    rest = ", but not what does not render" if done.failures else ""
    return f"{checked}{rest}; {counted(done.results) if done.results else 'nothing wrong'}"


def _checked(  # noqa: PLR0913 - all that is checked
    console: Console,
    loaded: Loaded,
    rendering: Rendering,
    version: str,
    definitions: tuple[ResourceTemplate, ...],
    *,
    is_strict: bool,
) -> tuple[tuple[Result, ...], int]:
    """Return what is wrong, and how many objects were looked at."""
    from armada_render.validate.blame import Origins  # noqa: PLC0415 - once the extra is there
    from armada_render.validate.check import Validation  # noqa: PLC0415

    data = SchemaData()
    fallback = minor(version)
    versions = _versions(console, loaded.fleet.clusters, data, fallback)
    for name in rendering.works:
        # A cluster that left the inventory, and still has something.
        versions.setdefault(name, data.nearest(fallback))
    validation = Validation(
        (*definitions, *loaded.fleet.templates),
        rendering,
        versions,
        data,
        Origins(loaded.fleet, rendering.override_policies),
    )
    return validation.results(strict=is_strict), validation.objects


def _definitions(console: Console, paths: Sequence[str]) -> tuple[ResourceTemplate, ...]:
    """Return the CustomResourceDefinitions of other places; what is wrong there is printed."""
    found: list[ResourceTemplate] = []
    for path in paths:
        fleet = load(DirectorySource(path)).fleet
        if fleet.problems:
            raise InputError(map(_elsewhere, fleet.problems))
        # Their files are not those of PATH, so that no line of them can be looked up.
        own = [replace(one, location=None) for one in fleet.templates if is_definition(one)]
        console.detail(f"{path}: {len(own)} CustomResourceDefinitions")
        found += own
    return tuple(found)


def _elsewhere(problem: Problem) -> Problem:
    """Return a problem of a file given with --crds, which says so as those of --clusters do."""
    location = problem.location
    if location is None:
        return problem
    return replace(problem, location=replace(location, path=f"--crds/{location.path}"))


def _versions(
    console: Console, clusters: Iterable[Cluster], data: SchemaData, fallback: int | None
) -> dict[str, int]:
    """Return the minor version that each cluster is checked by; say where that is not its own."""
    versions = {}
    for cluster in clusters:
        stated = minor(cluster.status.kubernetes_version)
        wanted = fallback if stated is None else stated
        versions[cluster.name] = chosen = data.nearest(wanted)
        console.detail(f"{cluster.name}: Kubernetes 1.{chosen}")
        if wanted is not None and chosen != wanted:
            console.warnings(
                [
                    Problem(
                        message=f"there are no schemas of Kubernetes 1.{wanted}: those of "
                        f"1.{chosen} are taken for {cluster.name}",
                        location=cluster.location,
                        hint="schemas come from the package kubernetes-validate: "
                        "pip install -U kubernetes-validate",
                    )
                ]
            )
    return versions
