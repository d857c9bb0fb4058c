"""Run whole processes and take what the kernel accounts for: the base of the other programs.

Everything that is compared is measured in one run, in turn, because machines drift: quote medians
and ratios.
"""

import argparse
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
_SIZES = argparse.ArgumentParser(add_help=False)
_SIZES.add_argument("--apps", type=int)
_SIZES.add_argument("--clusters", type=int)
_SIZES.add_argument("--runs", type=int)
_SIZES.add_argument("--quick", action="store_true", help="small sizes and one run: minutes less")

Commands = Sequence[Sequence[str]]
Job = Commands | Callable[[int], Commands]
"""Commands that run one after the other; a function makes them for each run, 0 is the warm-up."""


class Sample(NamedTuple):
    """One run of a job: processor and wall-clock seconds, and the largest process in MiB."""

    cpu: float
    wall: float
    peak: float


def measure(commands: Commands) -> Sample:
    """Run commands one after the other and add up what they used.

    A child starts with the peak of its parent, so a measuring program that grew hides small peaks.
    """
    cpu = wall = peak = 0.0
    for command in commands:
        start = time.perf_counter()
        # a child with its output thrown away; wait4 gives the kernel's own accounting
        pid = os.posix_spawn(
            command[0],
            list(command),
            environment(),
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
            ],
        )
        _, status, usage = os.wait4(pid, 0)
        wall += time.perf_counter() - start
        if status:
            raise SystemExit(f"{' '.join(command)} failed with status {status}")
        cpu += usage.ru_utime + usage.ru_stime
        peak = max(peak, usage.ru_maxrss / 1024)
    return Sample(cpu, wall, peak)


def environment() -> dict[str, str]:
    """Return what children get: as with users, compiled files are kept and output is buffered.

    Some machines of developers set the opposite, and every start is then several times slower.
    """
    unusual = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")
    return {name: value for name, value in os.environ.items() if name not in unusual}


def compare(jobs: Mapping[str, Job], runs: int, *, warm_up: bool = True) -> dict[str, Sample]:
    """Run all jobs in turn, `runs` times after a warm-up, and return the medians."""
    samples: dict[str, list[Sample]] = {name: [] for name in jobs}
    for run in range(0 if warm_up else 1, runs + 1):
        for name, job in jobs.items():
            sample = measure(job(run) if callable(job) else job)
            if run:
                samples[name].append(sample)
    return {
        name: Sample(*(statistics.median(column) for column in zip(*taken, strict=True)))
        for name, taken in samples.items()
    }


def show(title: str, medians: Mapping[str, Sample]) -> None:
    """Print the medians and how each compares with the last."""
    print(f"\n{title}")
    width = max(map(len, medians))
    base = list(medians.values())[-1]
    for name, sample in medians.items():
        print(
            f"  {name:{width}}  cpu {sample.cpu:7.3f} s  wall {sample.wall:7.3f} s"
            f"  peak {sample.peak:6.1f} MiB  cpu ratio {sample.cpu / base.cpu:6.2f}"
        )


def machine(runs: int) -> str:
    """Return the line that each program prints first."""
    return f"Python {platform.python_version()}, {os.cpu_count()} processors, {runs} runs"


def parser(about: str | None) -> argparse.ArgumentParser:
    """Return a parser of sizes; None is what was not given."""
    return argparse.ArgumentParser(description=about, parents=[_SIZES])


def program(*words: str) -> list[str]:
    """Return a command of armada-render, whose errors only are printed."""
    return [str(BIN / "armada-render"), "-q", *words]


def render(path: Path, out: Path) -> list[str]:
    """Return the command that renders a path into a tree."""
    return program("render", str(path), "--output-dir", str(out))


def stream(path: Path) -> list[str]:
    """Return the command that renders a path to standard output, as if it were the first time."""
    return program("render", str(path), "-o", "stream", "--no-cache")


def shell(command: Sequence[str], out: Path) -> list[str]:
    """Return the command with its standard output in a file."""
    return ["/bin/sh", "-c", 'out=$1; shift; exec "$@" >"$out"', "sh", str(out), *command]
