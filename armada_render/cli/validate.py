"""`armada-render validate`: check what each cluster gets against the schemas of its version."""

from collections.abc import Iterable

import click

from armada_render import lint
from armada_render.cli.console import Console
from armada_render.cli.inputs import Inputs, report
from armada_render.cli.options import KUBERNETES_VERSION, PathOrRemote, option
from armada_render.cli.progress import Progress
from armada_render.cli.results import Report, ResultFormat, counted, pinpointed, print_report
from armada_render.errors import ExitCode, Problem
from armada_render.load import Loaded, compile_globs
from armada_render.model.cluster import Cluster
from armada_render.model.kubernetes import minor
from armada_render.model.result import Level, Result
from armada_render.pipeline import Rendering, RenderOptions, render
from armada_render.validate.data import SchemaData, is_installed
from armada_render.validate.rules import RULES


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
@option("--ref", default="", metavar="REV", help="Read a Git revision of PATH, not the disk.")
@option("--clusters", type=PathOrRemote(), help="Inventory, if it is not in PATH.")
@option("--strict-inventory", is_flag=True, help="Unknown capacity is none, unknown APIs absent.")
@KUBERNETES_VERSION
@click.pass_obj
def command(  # noqa: PLR0913 - click's parameters
    console: Console,
    *,
    path: str,
    output: str,
    strict: bool,
    ref: str,
    clusters: str | None,
    strict_inventory: bool,
    kubernetes_version: str | None,
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
    inputs = Inputs(path, clusters, cached=True, revision=ref)
    progress = Progress(enabled=not console.is_quiet)
    loaded = inputs.load(progress)
    inputs.require_fleet(loaded)
    settings = loaded.config.lint
    rules = lint.chosen(RULES, settings, page="validate.md", others=lint.RULES)
    is_strict = strict_inventory or loaded.config.strict_inventory
    rendering = render(loaded.fleet, RenderOptions(strict_inventory=is_strict, trace=True))
    found, objects = _checked(console, loaded, rendering, kubernetes_version, is_strict=strict)
    results = lint.settled(
        pinpointed(inputs, found),
        settings,
        globs=compile_globs,
        comments=lint.Comments(inputs.read),
    )
    progress.clear()
    report(console, inputs, rendering.problems)
    done = Report(
        name="validate",
        rules=rules,
        results=results,
        failures=tuple(inputs.pinpoint(rendering.problems)),
        threshold=Level.WARNING,
    )
    print_report(console, done, ResultFormat(output), inputs)
    checked = f"{objects} distinct {'object' if objects == 1 else 'objects'} checked"
    rest = ", but not what does not render" if rendering.problems else ""
    console.note(f"{checked}{rest}; {counted(results) if results else 'nothing wrong'}")
    is_wrong = any(one.level.reaches(Level.WARNING) for one in results)
    return max(rendering.exit_code, ExitCode.FOUND if is_wrong else ExitCode.OK)


def _checked(
    console: Console,
    loaded: Loaded,
    rendering: Rendering,
    given: str | None,
    *,
    is_strict: bool,
) -> tuple[tuple[Result, ...], int]:
    """Return what is wrong, and how many objects were looked at."""
    from armada_render.validate.blame import Origins  # noqa: PLC0415 - once the extra is there
    from armada_render.validate.check import Validation  # noqa: PLC0415

    data = SchemaData()
    fallback = minor(given or loaded.config.kubernetes_version)
    versions = _versions(console, loaded.fleet.clusters, data, fallback)
    for name in rendering.works:
        # A cluster that left the inventory, and still has something.
        versions.setdefault(name, data.nearest(fallback))
    validation = Validation(
        loaded.fleet.templates,
        rendering,
        versions,
        data,
        Origins(loaded.fleet, rendering.override_policies),
    )
    return validation.results(strict=is_strict), validation.objects


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
