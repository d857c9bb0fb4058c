"""Time whole calls of the Argo CD plugin: what one Application costs, and what it costs to ask.

Argo CD starts the plugin for every Application and every commit, so the start and the share of a
large repository that is not the Application's decide. `python -m benchmarks.cmp --help`.
"""

import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks import fleet
from benchmarks.processes import BIN, ROOT, Commands, Job, compare, machine, parser, show

PROGRAM = str(BIN / "armada-render")
CONFIG = "apiVersion: armada-render/v1\n"


def call(repository: Path, path: str, cluster: str, scratch: Path) -> Commands:
    """Return the command that Argo CD runs for an Application."""
    settings = {
        "ARGOCD_APP_PARAMETERS": f'[{{"name": "cluster", "string": "{cluster}"}}]',
        "ARGOCD_APP_SOURCE_PATH": path,
        "TMPDIR": str(scratch),
    }
    return [_within(repository / path, settings, [PROGRAM, "cmp", "generate"])]


def render(root: Path, cluster: str) -> Commands:
    """Return the command that renders everything for one cluster."""
    command = [PROGRAM, "-q", "render", str(root), "--cluster", cluster, "-o", "jsonl"]
    return [_within(root, {}, command)]


def _within(folder: Path, settings: Mapping[str, str], command: Sequence[str]) -> list[str]:
    words = [f"{name}={value}" for name, value in settings.items()]
    return ["/usr/bin/env", "-C", str(folder), *words, *command]


def nothing() -> Commands:
    """Return the command that starts Python for nothing, in the same way as the others."""
    return [_within(ROOT, {}, [sys.executable, "-c", "pass"])]


def main() -> None:
    """Run all comparisons."""
    options = parser(__doc__).parse_args()
    runs = options.runs or (1 if options.quick else 5)
    apps = options.apps or (50 if options.quick else 1000)
    clusters = options.clusters or 20
    print(machine(runs))
    bare: dict[str, Job] = {"python -c pass": nothing()}
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        examples = ROOT / "examples"
        jobs: dict[str, Job] = {
            "one app": call(examples, "app-manifests/redis", "pegasus", work),
            "the whole fleet": call(examples, "app-manifests", "pegasus", work),
        }
        show("one call, the example fleet", compare({**jobs, **bare}, runs * 3))

        repository, app = monorepo(work, apps, clusters)
        cluster = fleet.cluster_names(clusters)[-1]
        jobs = {
            "render --cluster, all apps": render(repository / "fleet", cluster),
            "one call for all apps": call(repository, "fleet", cluster, work),
            "one call for one app": call(repository, app, cluster, work),
        }
        show(f"{apps} apps x {clusters} clusters", compare({**jobs, **bare}, runs))


def monorepo(work: Path, apps: int, clusters: int) -> tuple[Path, str]:
    """Write a repository that holds a fleet; return it, and the path of an app within it."""
    repository = work / "repository"
    fleet.write_fleet(repository / "fleet", apps, clusters)
    (repository / "fleet" / "armada.yaml").write_text(CONFIG)
    return repository, f"fleet/{fleet.words(apps // 2)['name']}"


if __name__ == "__main__":
    main()
