"""Profiles of the three main jobs, as text beside the numbers: a stream, a tree, the plugin.

`python -m benchmarks.profiles` writes into `benchmarks/profiles`: `stream.txt`, `tree.txt` and
`plugin.txt`, the calls that hold most of the time by pyinstrument, in shares of the whole; and
`lines.txt`, the lines of the three functions in which a stream spends most, by line_profiler.
"""

import argparse
import cProfile
import gc
import importlib
import io
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from types import FunctionType

from armada_render.cli import run
from benchmarks import cmp, fleet
from benchmarks.processes import ROOT, environment

_FOLDER = Path(__file__).parent / "profiles"
_PROFILER = (
    *(sys.executable, "-m", "pyinstrument", "--interval", "0.0005", "--renderer", "text"),
    *("-p", "time=percent_of_total", "-p", "short_mode=true", "-p", "unicode=true"),
    *("-p", "processor_options.filter_threshold=0.03", "--no-color"),
)
# A program that finds `atexit` loaded leaves in the ordinary way, and the profile is written.
_START = "import atexit; from armada_render.__main__ import main; main()"


def calls(command: Sequence[str], work: Path) -> str:
    """Return the calls of a command that start with `armada-render`."""
    out = work / "profile.txt"
    at = next(at for at, word in enumerate(command) if word.endswith("/armada-render"))
    words = [*command[:at], *_PROFILER, "-o", str(out), "-c", _START, *command[at + 1 :]]
    subprocess.run(words, env=environment(), stdout=subprocess.DEVNULL, check=True)
    return cleaned(out.read_text())


def cleaned(text: str) -> str:
    """Return a profile without what is of this machine, or of this run only."""
    text = re.sub(rf"{re.escape(str(ROOT))}/", "", text)
    text = re.sub(r"/[^ ]*/(?=site-packages|lib/python)", "", text)
    text = re.sub(r"^pyinstrument \.+\n|^\.  Program: .*\n", "", text, flags=re.MULTILINE)
    lines = (line.removeprefix(".  ").rstrip(" .") for line in text.splitlines())
    return "\n".join(line for line in lines if "To view this report" not in line).strip() + "\n"


def hottest(arguments: Sequence[str], count: int = 3) -> list[FunctionType]:
    """Return our functions in which a run spends most by itself, the first the most."""
    profiler = cProfile.Profile()
    profiler.runcall(_quietly, arguments)
    spent = {row.code: row.inlinetime for row in profiler.getstats()}
    functions = {
        one.__code__: one
        for one in gc.get_objects()
        if isinstance(one, FunctionType) and (one.__module__ or "").startswith("armada_render.")
    }
    ours = (code for code in spent if not isinstance(code, str) and code in functions)
    return [functions[code] for code in sorted(ours, key=lambda code: -spent[code])[:count]]


def lines(arguments: Sequence[str]) -> str:
    """Return how often each line of the hottest functions runs, and its share of the function."""
    # by name: only the extra `bench` installs it, and types are checked without
    profiler = importlib.import_module("line_profiler").LineProfiler(*hottest(arguments))
    profiler.runcall(_quietly, arguments)
    out = io.StringIO()
    profiler.print_stats(out, stripzeros=True)
    # The profiler slows every line: shares say something, seconds do not.
    text = re.sub(r"^Total time: .*\n|^Timer unit: .*\n", "", out.getvalue(), flags=re.MULTILINE)
    text = text.replace("         Time  Per Hit", "").replace("=" * 62, "=" * 42)
    return cleaned(re.sub(r"^( *\d+ +\d+) +[\d.e+]+ +[\d.e+]+", r"\1", text, flags=re.MULTILINE))


def _quietly(arguments: Sequence[str]) -> None:
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):  # noqa: PTH123 - no path
        run(list(arguments))


def main() -> None:
    """Profile, and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--apps", type=int, default=1000)
    parser.add_argument("--clusters", type=int, default=100)
    parser.add_argument("--output", type=Path, default=_FOLDER)
    options = parser.parse_args()
    options.output.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        source = work / "fleet"
        fleet.write_fleet(source, options.apps, options.clusters, fleet.USUAL)
        stream = ["-q", "render", str(source), "-o", "stream", "--no-cache"]
        tree = ["-q", "render", str(source), "--output-dir", str(work / "tree"), "--no-cache"]
        example = ROOT / "examples"
        (plugin,) = cmp.call(example, "app-manifests/redis", "pegasus", work)
        program = str(ROOT / "armada-render")
        for name, command in {
            "stream": [program, *stream],
            "tree": [program, *tree],
            "plugin": plugin,
        }.items():
            (options.output / f"{name}.txt").write_text(calls(command, work))
        (options.output / "lines.txt").write_text(lines(stream))


if __name__ == "__main__":
    main()
