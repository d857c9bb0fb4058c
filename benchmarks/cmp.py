"""Time whole calls of the Argo CD plugin: what one Application costs, and what it costs to ask.

Argo CD starts the plugin for every Application and every commit, so the start and the share of a
large repository that is not the Application's decide. `python -m benchmarks.cmp --help`.
"""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks import fleet
from benchmarks.run import ROOT, compare, show

COMMAND = (sys.executable, "-m", "armada_render")
CONFIG = "apiVersion: armada-render/v1\n"


def call(repository: Path, path: str, cluster: str, scratch: Path) -> list[list[str]]:
    """Return the command that Argo CD runs for an Application."""
    settings = {
        "ARGOCD_APP_PARAMETERS": f'[{{"name": "cluster", "string": "{cluster}"}}]',
        "ARGOCD_APP_SOURCE_PATH": path,
        "PYTHONPATH": str(ROOT),
        "TMPDIR": str(scratch),
    }
    return [_within(repository / path, settings, [*COMMAND, "cmp", "generate"])]


def render(root: Path, cluster: str) -> list[list[str]]:
    """Return the command that renders everything for one cluster."""
    command = [*COMMAND, "-q", "render", str(root), "--cluster", cluster, "-o", "jsonl"]
    return [_within(root, {"PYTHONPATH": str(ROOT)}, command)]


def _within(folder: Path, settings: Mapping[str, str], command: Sequence[str]) -> list[str]:
    words = [f"{name}={value}" for name, value in settings.items()]
    return ["/usr/bin/env", "-C", str(folder), *words, *command]


def main() -> None:
    """Run all comparisons."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--apps", type=int, default=1000)
    parser.add_argument("--clusters", type=int, default=20)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, {options.runs} runs")
    nothing: dict[str, Sequence[Sequence[str]]] = {
        "python -c pass": [[sys.executable, "-c", "pass"]]
    }

    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        examples = ROOT / "examples"
        jobs: dict[str, Sequence[Sequence[str]]] = {
            "one app": call(examples, "app-manifests/redis", "pegasus", work),
            "the whole fleet": call(examples, "app-manifests", "pegasus", work),
        }
        show("one call, the example fleet", compare({**jobs, **nothing}, options.runs * 3))

        repository = work / "repository"
        fleet.write_fleet(repository / "fleet", options.apps, options.clusters)
        (repository / "fleet" / "armada.yaml").write_text(CONFIG)
        cluster = fleet.cluster_names(options.clusters)[-1]
        app = f"fleet/app-{options.apps // 2:05}"
        jobs = {
            "render --cluster, all apps": render(repository / "fleet", cluster),
            "one call for all apps": call(repository, "fleet", cluster, work),
            "one call for one app": call(repository, app, cluster, work),
        }
        show(
            f"{options.apps} apps x {options.clusters} clusters",
            compare({**jobs, **nothing}, options.runs),
        )


if __name__ == "__main__":
    main()
