"""`render -o applicationset`: its options, and `armada.yaml` filled in."""

from collections.abc import Callable
from typing import Any, TypeVar

import click
from msgspec.structs import replace

from armada_render.cli.options import option
from armada_render.load import Loaded
from armada_render.model.argocd import ArgoCD, DeliveryMode
from armada_render.model.config import CONFIG_NAME

_F = TypeVar("_F", bound=Callable[..., Any])

_OPTIONS = (
    option(
        "--mode",
        type=click.Choice([str(item) for item in DeliveryMode]),
        help="Applications of a committed tree (directory), or rendered by the plugin.",
    ),
    option("--repo-url", metavar="URL", help="Git repository that Argo CD reads."),
    option("--revision", metavar="REV", help="Branch, tag or commit that Argo CD reads."),
    option("--repo-path", metavar="PATH", help="Where the tree, or PATH, is in the repository."),
    option("--project", metavar="NAME", help="Name of the AppProject."),
    option("--argocd-namespace", metavar="NAME", help="Namespace of Argo CD."),
)


def argocd_options(command: _F) -> _F:
    """Declare the options that only `-o applicationset` reads."""
    for declare in reversed(_OPTIONS):
        command = declare(command)
    return command


class GivenArgoCD:
    """The options as they were given; takes them out of the others."""

    def __init__(self, given: dict[str, Any]) -> None:
        self._given = {
            "mode": _mode(given.pop("mode")),
            "repo_url": given.pop("repo_url"),
            "revision": given.pop("revision"),
            "path": given.pop("repo_path"),
            "project": given.pop("project"),
            "namespace": given.pop("argocd_namespace"),
        }

    def settings(self, loaded: Loaded, *, has_inventory: bool) -> ArgoCD:
        """Return the settings, the command line before `armada.yaml`.

        `has_inventory`: clusters were read from elsewhere.
        """
        given = {name: value for name, value in self._given.items() if value is not None}
        settings = replace(loaded.config.argocd or ArgoCD(), **given)
        for flag, field, value in (
            ("--repo-url", "argocd.repoURL", settings.repo_url),
            ("--revision", "argocd.revision", settings.revision),
        ):
            if not value:
                raise click.UsageError(
                    f"-o applicationset needs {flag}, or {field} in {CONFIG_NAME}"
                )
        if has_inventory and settings.mode is DeliveryMode.PLUGIN:
            raise click.UsageError(
                "--mode plugin does not go with --clusters: the plugin reads clusters below PATH"
            )
        return settings


def _mode(word: str | None) -> DeliveryMode | None:
    return DeliveryMode(word) if word else None


def refuse_part(flag: str) -> None:
    """Refuse to write sets with missing rows: Argo CD would read them as what is to be."""
    if flag:
        raise click.UsageError(f"-o applicationset is all or nothing: it does not go with {flag}")
