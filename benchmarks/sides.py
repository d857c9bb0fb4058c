"""One fleet and everything else that could make its objects, side by side, checked to be equal.

kustomize in two styles, one Helm chart, a script over PyYAML, and `cat` of the output.
`python -m benchmarks.sides --help` lists the sizes. Programs that are not there are left out.
"""

import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from armada_render.load import DirectorySource, load
from armada_render.pipeline import render as rendered
from benchmarks import fleet, overlays
from benchmarks.processes import (
    Commands,
    Job,
    compare,
    machine,
    parser,
    render,
    shell,
    show,
    stream,
)

BY_CLUSTER = "kustomize, an overlay a cluster"
BY_APP = "kustomize, an overlay an app and cluster"
CHART = "helm template, one chart of all apps"
STREAM = "armada-render, stream"
TREE = "armada-render, new tree"


def written(work: Path, apps: int, clusters: int, settings: int) -> dict[str, Commands]:
    """Write the fleet and what others need, and return the commands of those that are there."""
    fleet.write_fleet(work / "fleet", apps, clusters, settings)
    others: dict[str, Commands] = {}
    if overlays.kubectl():
        overlays.write_by_cluster(work / "by-cluster", apps, clusters, settings)
        overlays.write_by_app(work / "by-app", apps, clusters, settings)
        others[BY_CLUSTER] = overlays.kustomize(work / "by-cluster", clusters)
        others[BY_APP] = overlays.kustomize(work / "by-app", clusters)
    if overlays.helm():
        overlays.write_chart(work / "chart", apps, clusters, settings)
        others[CHART] = overlays.template(work / "chart", clusters)
    return others


def check(work: Path, others: Mapping[str, Commands]) -> int:
    """End the program where the others' objects are not ours; return how many objects there are.

    Looks at the first and the last cluster, which are of different regions. Grows the process.
    """
    works = rendered(load(DirectorySource(str(work / "fleet"))).fleet).works
    ends = sorted({0, len(works) - 1})
    clusters = sorted(works)
    expected = {clusters[end]: [one.manifest for one in works[clusters[end]]] for end in ends}
    for commands in others.values():
        overlays.check([commands[end] for end in ends], expected)
    return sum(map(len, works.values()))


def main() -> None:
    """Measure, check, and print."""
    options = parser(__doc__).parse_args()
    runs = options.runs or (1 if options.quick else 3)
    apps = options.apps or (20 if options.quick else 100)
    clusters = options.clusters or (3 if options.quick else 10)
    print(machine(runs))
    for settings in (0, fleet.USUAL):
        with tempfile.TemporaryDirectory() as folder:
            work = Path(folder)
            os.environ.update(XDG_CACHE_HOME=str(work / "cache"), HELM_CACHE_HOME=str(work))
            others = written(work, apps, clusters, settings)
            medians = compare(_jobs(work, clusters, others), runs)
            count = check(work, others)
            size = (work / "out.yaml").stat().st_size / count / 1000
            title = (
                f"{apps} apps x {clusters} clusters: {count} objects of {size:.1f} KB on average"
            )
            show(title, medians)


def _jobs(work: Path, clusters: int, others: Mapping[str, Commands]) -> dict[str, Job]:
    source, out = work / "fleet", work / "out.yaml"
    naive = [sys.executable, "-m", "benchmarks.naive", str(source), str(clusters)]
    tree = work / "tree"
    return {
        **others,
        "CSafeLoader, deepcopy, CSafeDumper": [naive],
        TREE: [["/bin/rm", "-rf", str(tree)], [*render(source, tree), "--no-cache"]],
        "armada-render, tree as it was": [render(source, work / "same")],
        "armada-render, stream to a file": [shell(stream(source), out)],
        "cat of that file": [["/bin/cat", str(out)]],
        STREAM: [stream(source)],
    }


if __name__ == "__main__":
    main()
