"""Time the start: the version, and rendering the example fleet.

`python -m benchmarks.start --help` lists the options.
"""

import sys
import tempfile
from pathlib import Path

from benchmarks.processes import ROOT, Job, compare, machine, parser, program, render, show


def main() -> None:
    """Measure, and print."""
    options = parser(__doc__).parse_args()
    runs = options.runs or (3 if options.quick else 15)
    print(machine(runs))
    with tempfile.TemporaryDirectory() as folder:
        example = ROOT / "examples" / "app-manifests"
        jobs: dict[str, Job] = {
            "armada-render --version": [program("--version")],
            "render the example fleet": [render(example, Path(folder) / "example")],
            "import yaml, click": [[sys.executable, "-c", "import yaml, click"]],
        }
        show("start-up", compare(jobs, runs))


if __name__ == "__main__":
    main()
