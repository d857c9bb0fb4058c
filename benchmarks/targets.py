"""The target table: every figure that was promised, what it should be, and what it is.

`python -m benchmarks.targets --help` lists the sizes; without them they are those of the targets.
Whole processes, medians, all in one run. What needs kubectl is left out where it is not installed.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks import cmp, fleet, sides
from benchmarks.processes import (
    ROOT,
    Commands,
    Job,
    Sample,
    compare,
    machine,
    parser,
    program,
    render,
    shell,
    stream,
)


class Target(NamedTuple):
    """What a figure must reach and should reach: at most, or at least where `more` is better."""

    must: float
    stretch: float | None = None
    more: bool = False


class Row(NamedTuple):
    """A figure with its unit; without a target it is there to compare with."""

    metric: str
    value: float | None
    unit: str
    target: Target | None = None

    def line(self) -> str:
        """Return the row as text."""
        value = "not measured" if self.value is None else f"{self.value:.2f}{self.unit}"
        words = [f"{self.metric:62} {value:>12}"]
        if self.target:
            words.append(f"{self._words('must', self.target.must):22}")
            if self.target.stretch is not None:
                words.append(self._words("stretch", self.target.stretch))
        return "  ".join(words).rstrip()

    def _words(self, which: str, bound: float) -> str:
        more = self.target is not None and self.target.more
        words = f"{which} {'>=' if more else '<='} {bound:g}"
        if self.value is None:
            return words
        met = self.value >= bound if more else self.value <= bound
        return f"{words} {'met' if met else 'MISSED'}"


_WALL = Target(must=10, stretch=6)
_PARSE = Target(must=1.8, stretch=2.4, more=True)
_PLUGIN = Target(must=7, stretch=4)
_MEMORY = Target(must=300, stretch=160)
_EDIT = Target(must=0.3)
_KUSTOMIZE = {
    (1, 3): Target(must=2, stretch=4, more=True),
    (100, 10): Target(must=20, stretch=40, more=True),
    (500, 10): Target(must=30, stretch=60, more=True),
}


class _Large:
    """A large fleet: a stream of it, and a tree that is new, as it was, and after an edit."""

    def __init__(self, work: Path, apps: int, clusters: int, settings: int) -> None:
        self.name = f"{apps:,} x {clusters:,}"
        self._work, self._source, self._tree = work, work / "fleet", work / "tree"
        self._out, self._new = work / "out.yaml", work / "new.yaml"
        self._app = self._source / str(fleet.words(0)["name"]) / "app.yaml"
        fleet.write_fleet(self._source, apps, clusters, settings)
        self._copies = apps * clusters * 5

    def streams(self, runs: int) -> dict[str, Sample]:
        """Measure streams into a file, and copying it."""
        with_cache = program("render", str(self._source), "-o", "stream")
        subprocess.run(shell(with_cache, self._out), check=True)
        jobs: dict[str, Job] = {
            "stream": [shell(stream(self._source), self._new)],
            "cached": [shell(with_cache, self._new)],
            "cat": [shell(["/bin/cat", str(self._out)], self._new)],
        }
        medians = compare(jobs, runs)
        self.size = self._out.stat().st_size / 1000 / self._copies
        for path in (self._out, self._new):
            path.unlink()
        return medians

    def trees(self, runs: int) -> dict[str, Sample]:
        """Measure trees."""
        return compare({"cold": self._cold, "edit": self._edited, "as it was": self._same}, runs)

    def _cold(self, _: int) -> Commands:
        for folder in (self._tree, Path(os.environ["XDG_CACHE_HOME"])):
            shutil.rmtree(folder, ignore_errors=True)
        return self._same(0)

    def _edited(self, run: int) -> Commands:
        lines = self._app.read_text().splitlines(keepends=True)
        at = next(at for at, line in enumerate(lines) if line.startswith("  replicas:"))
        self._app.write_text("".join([*lines[:at], f"  replicas: {run + 4}\n", *lines[at + 1 :]]))
        return self._same(0)

    def _same(self, _: int) -> Commands:
        return [render(self._source, self._tree)]


def _large_rows(apps: int, clusters: int, runs: int) -> Iterator[Row]:
    for settings in (fleet.USUAL, 0):
        with tempfile.TemporaryDirectory() as folder:
            os.environ["XDG_CACHE_HOME"] = f"{folder}/cache"
            large = _Large(Path(folder), apps, clusters, settings)
            taken = large.streams(runs)
            ratios = {name: one.wall / taken["cat"].wall for name, one in taken.items()}
            name = f"{large.name}, objects of {large.size:.1f} KB: "
            yield Row(f"{name}wall / cat", ratios["stream"], "", (settings and _WALL) or None)
            yield Row(f"{name}wall / cat, with cache", ratios["cached"], "")
            if settings:
                yield Row(f"{name}stream, peak", taken["stream"].peak, " MiB", _MEMORY)
                trees = large.trees(runs)
                yield Row(f"{name}tree, peak", trees["cold"].peak, " MiB", _MEMORY)
                yield Row(f"{name}a file edited, wall", trees["edit"].wall, " s", _EDIT)
                ratio = trees["edit"].wall / trees["cold"].wall
                yield Row(f"{name}a file edited / new tree", ratio, "")


def _kustomize_row(apps: int, clusters: int, runs: int, target: Target) -> Row:
    """Compare with the style that costs kustomize less; it always costs about the same."""
    metric = f"{apps} x {clusters}: kustomize CPU / ours"
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        others = sides.written(work, apps, clusters, fleet.USUAL)
        styles = {name: others[name] for name in (sides.BY_CLUSTER, sides.BY_APP) if name in others}
        if not styles:
            return Row(metric, None, "", target)
        few = runs if apps * clusters < 100 else 1
        theirs = compare(styles, few, warm_up=few > 1)
        ours = compare({"ours": [stream(work / "fleet")]}, runs)["ours"]
        sides.check(work, styles)
        return Row(metric, min(one.cpu for one in theirs.values()) / ours.cpu, "", target)


def _parse_rows(apps: int, runs: int) -> Iterator[Row]:
    """Measure in a process of its own: it grows, and would hide the peaks of others."""
    sizes = ["--apps", str(apps), "--runs", str(runs), "--json"]
    command = [sys.executable, "-m", "benchmarks.parsing", *sizes]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    for name, ratio in json.loads(found).items():
        yield Row(f"parse {name}: our speed / CSafeLoader's", ratio, "", _PARSE)


def _plugin_rows(apps: int, clusters: int, runs: int) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        repository, app = cmp.monorepo(work, apps, clusters)
        cluster = fleet.cluster_names(clusters)[-1]
        jobs: dict[str, Job] = {
            "example": cmp.call(ROOT / "examples", "app-manifests/redis", "pegasus", work),
            "monorepo": cmp.call(repository, app, cluster, work),
            "nothing": cmp.nothing(),
        }
        taken = compare(jobs, runs)
    ratios = {name: one.cpu / taken["nothing"].cpu for name, one in taken.items()}
    yield Row("plugin, an app of the example: CPU / bare Python", ratios["example"], "", _PLUGIN)
    yield Row(f"plugin, an app of {apps:,}: CPU / bare Python", ratios["monorepo"], "")


def rows(apps: int, clusters: int, runs: int) -> Iterator[Row]:
    """Measure the rows one after the other, those of peaks first, while this process is small.

    kustomize builds what is no larger than the large fleet.
    """
    yield from _large_rows(apps, clusters, runs)
    yield from _plugin_rows(apps, min(clusters, 20), 3 * runs)
    yield from _parse_rows(min(apps, 200), runs)
    for (some, few), target in _KUSTOMIZE.items():
        if some <= apps and few <= clusters:
            yield _kustomize_row(some, few, runs, target)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table, a row as soon as it is known."""
    words = parser(__doc__)
    words.add_argument("--json", metavar="FILE", help="write the rows there, too")
    options = words.parse_args(arguments)
    runs = options.runs or (1 if options.quick else 3)
    apps = options.apps or (100 if options.quick else 1000)
    clusters = options.clusters or (20 if options.quick else 100)
    print(machine(runs))
    if options.quick or options.apps or options.clusters:
        print("The targets are for 1,000 apps on 100 clusters: smaller fleets show the start.")
    found = []
    for row in rows(apps, clusters, runs):
        print(row.line(), flush=True)
        found.append(row)
    if options.json:
        facts = [{**row._asdict(), "target": row.target and row.target._asdict()} for row in found]
        Path(options.json).write_text(f"{json.dumps(facts, indent=1)}\n")


if __name__ == "__main__":
    main()
