"""Which part of a fleet a run of `render` is about: some clusters, some apps, or all of it."""

from collections.abc import Callable, Collection, Iterable, Sequence

import click
from msgspec import Struct

from armada_render import emit
from armada_render.cli.inputs import Inputs
from armada_render.cli.progress import Progress
from armada_render.errors import one_line
from armada_render.load import Loaded

_MOST_SHOWN = 8


class Asked(Struct, frozen=True):
    """The names given with `--cluster` and `--app`; none stand for all."""

    clusters: tuple[str, ...] = ()
    apps: tuple[str, ...] = ()

    @property
    def flag(self) -> str:
        """An option that asks for a part, "" when all was asked for."""
        return "--cluster" if self.clusters else "--app" if self.apps else ""

    def scope(self, known: Collection[str]) -> Callable[[str], bool]:
        """Return which paths of a tree a run is about; `known` are the clusters of the inventory.

        Without --cluster that is every folder but that of ApplicationSets, which are rendered
        apart.
        """
        clusters, apps = frozenset(self.clusters), frozenset(self.apps)

        def is_meant(path: str) -> bool:
            cluster, _, rest = path.partition("/")
            if clusters:
                is_there = cluster in clusters
            else:
                is_there = cluster != emit.ARGOCD_FOLDER or cluster in known
            return is_there and (not apps or rest.partition("/")[0] in apps)

        return is_meant

    def require_clusters(self, names: Sequence[str]) -> None:
        """Refuse a cluster that is none of `names`."""
        for name in self.clusters:
            if name not in names:
                raise click.UsageError(
                    f"there is no cluster {name}; the inventory has {', '.join(names)}"
                )

    def require_apps(
        self, loaded: Loaded, inputs: Inputs, progress: Progress, directory: str
    ) -> None:
        """Refuse an app that is neither in the fleet, nor retired, nor in the tree (`directory`).

        Where something could not be loaded that is told first.
        """
        known = {template.app for template in loaded.fleet.templates}
        known |= {entry.app for entry in loaded.config.retire} - {""}
        missing = [app for app in self.apps if app not in known]
        if missing and directory:
            from armada_render.output import written_files  # noqa: PLC0415 - only trees

            there = {path.split("/")[1] for path in written_files(directory) if "/" in path}
            missing = [app for app in missing if app not in there]
        if not missing or loaded.fleet.problems:
            return
        known = {template.app for template in inputs.load(progress).fleet.templates}
        progress.clear()
        raise click.UsageError(
            f"there is no app {one_line(missing[0])}; {_hint(missing[0], known)}"
        )


def _hint(app: str, known: Iterable[str]) -> str:
    """Return the apps that are there: those whose names are like `app`, else the first ones."""
    from difflib import get_close_matches  # noqa: PLC0415 - only for mistyped names

    names = [one_line(name) for name in sorted(known)]
    close = get_close_matches(app, names, _MOST_SHOWN)
    if close:
        return f"did you mean {' or '.join(close)}?"
    if not names:
        return "the fleet has none"
    rest = len(names) - _MOST_SHOWN
    more = f" and {rest} more" if rest > 0 else ""
    return f"the fleet has {', '.join(names[:_MOST_SHOWN])}{more}"
