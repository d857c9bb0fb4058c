"""Options that `controller run` and `status` share: where to look, how patient and bold to be."""

from collections.abc import Callable
from datetime import timedelta
from importlib.util import find_spec
from typing import Any, TypeVar

import click

from armada_render.cli.options import option

_F = TypeVar("_F", bound=Callable[..., Any])
_Option = Callable[[Any], Any]
_FILE = click.Path(exists=True, dir_okay=False)


def declared(*options: _Option) -> Callable[[_F], _F]:
    """Return a decorator that declares several options in this order."""

    def declare(command: _F) -> _F:
        for one in reversed(options):
            command = one(command)
        return command

    return declare


def _seconds(name: str, default: float, text: str) -> _Option:
    return option(name, default=default, show_default=True, metavar="SECONDS", help=text)


ACCESS_OPTIONS: tuple[_Option, ...] = (
    option("--kubeconfig", type=_FILE, help="How to reach Argo CD; without, as in a cluster."),
    option("--context", metavar="NAME", help="Context of the kubeconfig."),
    option(
        "--member-kubeconfig",
        type=_FILE,
        help="Contexts named as Argo CD calls the clusters, to probe them; else its Secrets.",
    ),
    option(
        "--argocd-namespace",
        default="argocd",
        show_default=True,
        help="Namespace of Argo CD's Applications and Secrets.",
    ),
    option("--selector", default="", metavar="LABELS", help="Applications to watch."),
    _seconds("--probe-timeout", 5.0, "How long a cluster may take to answer."),
    option("--lease-namespace", default="argocd", show_default=True, help="Where the Lease is."),
    option("--lease-name", default="armada-render-controller", show_default=True, metavar="NAME",
           help="Name of the Lease."),
)  # fmt: skip

# The fields of `failover.Limits`, with Karmada's defaults where it has one.
LIMIT_OPTIONS: tuple[_Option, ...] = (
    _seconds("--failure-threshold", 30.0, "A cluster that fails so long counts as not ready."),
    _seconds("--success-threshold", 30.0, "One that is well so long counts as ready again."),
    _seconds("--graceful-eviction-timeout", 600.0, "How long an old copy waits for a new one."),
    _seconds("--cluster-max-age", 60.0, "Older probes are no information."),
    _seconds("--workload-max-age", 600.0, "Older comparisons of Argo CD are no information."),
    option(
        "--cluster-purge-mode",
        type=click.Choice(["Directly", "Gracefully"]),
        default="Gracefully",
        show_default=True,
        help="How workloads leave a cluster when their policy does not say.",
    ),
    option(
        "--max-unhealthy-share",
        default=0.5,
        show_default=True,
        type=click.FloatRange(0, 1),
        help="With a larger share of clusters not known to be ready, nothing is done.",
    ),
    option(
        "--max-moves-per-hour",
        default=100,
        show_default=True,
        type=click.IntRange(0),
        help="How many evictions there may be within an hour.",
    ),
    _seconds("--workload-cooldown", 600.0, "How long a workload that moved stays."),
)


def require_extra() -> None:
    """Say how to install what only these commands need, unless it is there."""
    missing = [name for name in ("kubernetes", "prometheus_client") if find_spec(name) is None]
    if missing:
        raise click.UsageError(
            f"{' and '.join(missing)} are not installed: pip install 'armada-render[controller]'"
        )


def limits_of(given: dict[str, Any]) -> Any:  # noqa: ANN401 - its module is imported late
    """Return the `Limits` that the options ask for."""
    from armada_render.failover import Limits  # noqa: PLC0415 - imports the engine
    from armada_render.model.policy import ClusterPurgeMode  # noqa: PLC0415

    def span(name: str) -> timedelta:
        return timedelta(seconds=given[name])

    return Limits(
        failure_threshold=span("failure_threshold"),
        success_threshold=span("success_threshold"),
        graceful_eviction_timeout=span("graceful_eviction_timeout"),
        cluster_purge_mode=ClusterPurgeMode(given["cluster_purge_mode"]),
        cluster_max_age=span("cluster_max_age"),
        workload_max_age=span("workload_max_age"),
        max_unhealthy_share=given["max_unhealthy_share"],
        max_moves_per_hour=given["max_moves_per_hour"],
        workload_cooldown=span("workload_cooldown"),
    )


def access_of(given: dict[str, Any]) -> Any:  # noqa: ANN401 - its module is imported late
    """Return the `Access` that the options give."""
    from armada_render.controller.access import Access  # noqa: PLC0415 - imports kubernetes

    return Access(**{name: given[name] for name in Access.__struct_fields__})
