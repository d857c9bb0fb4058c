"""A large fleet: against `cat` of the output, parsing against PyYAML, and a tree after an edit.

`python -m benchmarks.scale --help` lists the sizes. Whole processes, medians, all in one run.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import yaml

from armada_render.yamlio import load_documents
from benchmarks import fleet
from benchmarks.run import BIN, Sample, measure, render, show


def parse_ratio(root: Path) -> float:
    """Return how many times as fast as PyYAML's `CSafeLoader` the fleet's files are parsed."""
    texts = [path.read_bytes() for path in sorted(root.rglob("*.yaml"))]
    ours = _seconds(lambda: [load_documents(text) for text in texts])
    theirs = _seconds(
        lambda: [list(yaml.load_all(text, Loader=yaml.CSafeLoader)) for text in texts]
    )
    return theirs / ours


def _seconds(job: Callable[[], object]) -> float:
    taken = []
    for _ in range(3):
        start = time.process_time()
        job()
        taken.append(time.process_time() - start)
    return statistics.median(taken)


def shell(command: str) -> list[list[str]]:
    """Return the command that a shell runs, for what goes into a file."""
    return [["/bin/sh", "-c", command]]


def edited(app: Path, turn: int) -> None:
    """Change the replicas of an app, to a number that it did not have."""
    lines = app.read_text().splitlines(keepends=True)
    text = "".join(
        f"  replicas: {turn + 4}\n" if line.startswith("  replicas:") else line for line in lines
    )
    app.write_text(text)


def repeated(jobs: dict[str, Callable[[int], Sequence[Sequence[str]]]], runs: int) -> None:
    """Run all jobs in turn after a warm-up, and print the medians."""
    taken: dict[str, list[Sample]] = {name: [] for name in jobs}
    for run in range(runs + 1):
        for name, commands in jobs.items():
            sample = measure(commands(run))
            if run:
                taken[name].append(sample)
    medians = {
        name: Sample(*(statistics.median(column) for column in zip(*samples, strict=True)))
        for name, samples in taken.items()
    }
    show("", medians)


def main() -> None:
    """Measure, and print ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--apps", type=int, default=1000)
    parser.add_argument("--clusters", type=int, default=100)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, {options.runs} runs")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        os.environ["XDG_CACHE_HOME"] = str(work / "cache")
        source, tree = work / "fleet", work / "tree"
        fleet.write_fleet(source, options.apps, options.clusters)
        print(f"parsing: {parse_ratio(source):.2f} times as fast as CSafeLoader")
        out = work / "out.yaml"
        program = f"{BIN / 'armada-render'} -q render {source} -o stream"
        subprocess.run(["/bin/sh", "-c", f"{program} > {out}"], check=True)
        print(f"output: {out.stat().st_size / 2**20:.0f} MiB")
        app = source / "app-00001" / "app.yaml"

        def after_an_edit(turn: int) -> list[list[str]]:
            edited(app, turn)
            return [render(source, tree)]

        naive = f"{sys.executable} -m benchmarks.naive {source} {options.clusters}"
        jobs: dict[str, Callable[[int], Sequence[Sequence[str]]]] = {
            "stream, no cache": lambda _: shell(f"{program} --no-cache > {work / 'new.yaml'}"),
            "stream, parsed files in the cache": lambda _: shell(
                f"{program} > {work / 'new.yaml'}"
            ),
            "CSafeLoader, deepcopy, CSafeDumper": lambda _: shell(f"{naive} > {work / 'n.yaml'}"),
            "cat of the stream": lambda _: shell(f"cat {out} > {work / 'copy.yaml'}"),
        }
        if options.apps * options.clusters > 20_000:
            del jobs["CSafeLoader, deepcopy, CSafeDumper"]  # takes minutes
        repeated(jobs, options.runs)
        repeated(
            {
                "tree as it was, no cache": lambda _: [[*render(source, tree), "--no-cache"]],
                "tree as it was": lambda _: [render(source, tree)],
                "tree after an edit of one file": after_an_edit,
            },
            options.runs,
        )


if __name__ == "__main__":
    main()
