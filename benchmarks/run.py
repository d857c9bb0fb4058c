"""Time whole processes side by side: start-up, the example fleet, and a fleet against kustomize.

Everything is measured in one run, alternating, because machines drift: quote medians and ratios.
`python -m benchmarks.run --help` lists the sizes.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from armada_render.conformance import same
from armada_render.yamlio import load_documents
from benchmarks import fleet

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent


class Sample(NamedTuple):
    """One run of a job: processor and wall-clock seconds, and the largest process in MiB."""

    cpu: float
    wall: float
    peak: float


def measure(commands: Sequence[Sequence[str]]) -> Sample:
    """Run commands one after the other and add up what they used."""
    cpu = wall = peak = 0.0
    for command in commands:
        start = os.times().elapsed
        # a child with its output thrown away; wait4 gives the kernel's own accounting
        pid = os.posix_spawn(
            command[0],
            list(command),
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
            ],
        )
        _, status, usage = os.wait4(pid, 0)
        wall += os.times().elapsed - start
        if status:
            raise SystemExit(f"{' '.join(command)} failed with status {status}")
        cpu += usage.ru_utime + usage.ru_stime
        peak = max(peak, usage.ru_maxrss / 1024)
    return Sample(cpu, wall, peak)


def compare(jobs: dict[str, Sequence[Sequence[str]]], runs: int) -> dict[str, Sample]:
    """Run all jobs in turn, `runs` times after a warm-up, and return the medians."""
    samples: dict[str, list[Sample]] = {name: [] for name in jobs}
    for run in range(runs + 1):
        for name, commands in jobs.items():
            sample = measure(commands)
            if run:
                samples[name].append(sample)
    return {
        name: Sample(*(statistics.median(column) for column in zip(*taken, strict=True)))
        for name, taken in samples.items()
    }


def show(title: str, medians: dict[str, Sample]) -> None:
    """Print the medians and how each compares with the last."""
    print(f"\n{title}")
    width = max(map(len, medians))
    base = list(medians.values())[-1]
    for name, sample in medians.items():
        print(
            f"  {name:{width}}  cpu {sample.cpu:7.3f} s  wall {sample.wall:7.3f} s"
            f"  peak {sample.peak:6.1f} MiB  cpu ratio {sample.cpu / base.cpu:6.2f}"
        )


def render(path: Path, out: Path) -> list[str]:
    """Return the command that renders a path into a tree."""
    return [str(BIN / "armada-render"), "-q", "render", str(path), "--output-dir", str(out)]


def check_equal(out: Path, overlays: Path, cluster: str, kubectl: str) -> int:
    """Make sure that both sides build the same objects for a cluster; return how many."""
    built = subprocess.run(
        [kubectl, "kustomize", str(overlays / cluster)], capture_output=True, check=True
    ).stdout
    theirs = _by_name([document.value for document in load_documents(built)])
    ours = _by_name(
        [
            document.value
            for bundle in sorted((out / cluster).rglob("*.yaml"))
            for document in load_documents(bundle.read_bytes())
        ]
    )
    if not same(ours, theirs):
        raise SystemExit(f"{cluster}: armada-render and kustomize do not build the same objects")
    return len(ours)


def _by_name(objects: Sequence[dict[str, dict[str, str]]]) -> dict[str, object]:
    return {json.dumps([item["kind"], item["metadata"]["name"]]): item for item in objects}


def main() -> None:
    """Run all comparisons."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--apps", type=int, default=200)
    parser.add_argument("--clusters", type=int, default=20)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    kubectl = str(BIN / "kubectl")
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, {options.runs} runs")

    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        example = ROOT / "examples" / "app-manifests"
        jobs: dict[str, Sequence[Sequence[str]]] = {
            "armada-render --version": [[str(BIN / "armada-render"), "--version"]],
            "render the example fleet": [render(example, work / "example")],
            "import yaml, click": [[sys.executable, "-c", "import yaml, click"]],
        }
        show("start-up", compare(jobs, options.runs * 5))

        source, overlays = work / "fleet", work / "kustomize"
        fleet.write_fleet(source, options.apps, options.clusters)
        fleet.write_kustomize(overlays, options.apps, options.clusters)
        jobs = {
            "kubectl kustomize, an overlay a cluster": [
                [
                    kubectl,
                    "kustomize",
                    str(overlays / "overlays" / name),
                    "-o",
                    str(work / "k.yaml"),
                ]
                for name in fleet.cluster_names(options.clusters)
            ],
            "armada-render, tree as it was": [render(source, work / "same")],
            "armada-render, new tree": [
                ["/bin/rm", "-rf", str(work / "out")],
                render(source, work / "out"),
            ],
        }
        medians = compare(jobs, options.runs)
        last = fleet.cluster_names(options.clusters)[-1]
        objects = check_equal(work / "out", overlays / "overlays", last, kubectl)
        show(
            f"{options.apps} apps x {options.clusters} clusters: the same "
            f"{objects * options.clusters} objects",
            medians,
        )


if __name__ == "__main__":
    main()
