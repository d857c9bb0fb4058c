"""Time lint and validate on a fleet, against rendering it. `python -m benchmarks.checks --help`."""

import os
import tempfile
from pathlib import Path

from benchmarks import fleet
from benchmarks.processes import Job, compare, machine, parser, program, show


def main() -> None:
    """Measure, and print."""
    options = parser(__doc__).parse_args()
    runs = options.runs or (1 if options.quick else 3)
    apps = options.apps or (20 if options.quick else 200)
    clusters = options.clusters or (5 if options.quick else 20)
    print(machine(runs))
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = f"{folder}/cache"  # all read parsed files from it
        source = Path(folder) / "fleet"
        fleet.write_fleet(source, apps, clusters, fleet.USUAL)
        jobs: dict[str, Job] = {
            "lint": [program("lint", str(source))],
            "validate": [program("validate", str(source))],
            "render, stream": [program("render", str(source), "-o", "stream")],
        }
        show(f"{apps} apps x {clusters} clusters", compare(jobs, runs))


if __name__ == "__main__":
    main()
