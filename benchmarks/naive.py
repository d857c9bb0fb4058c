"""What a script of thirty lines would do: PyYAML in C, a deep copy for each cluster, PyYAML out.

It knows the overrides of the benchmark's fleet by heart and no policy: less than the real work.
`python -m benchmarks.naive FLEET CLUSTERS` prints a stream.
"""

import copy
import sys
from pathlib import Path

import yaml

from benchmarks import fleet


def main() -> None:
    """Print every app for every cluster."""
    root, clusters = Path(sys.argv[1]), int(sys.argv[2])
    objects = [
        document
        for path in sorted(root.glob("app-*/app.yaml"))
        for document in yaml.load_all(path.read_bytes(), Loader=yaml.CSafeLoader)
    ]
    for number, name in enumerate(fleet.cluster_names(clusters)):
        region = fleet.region(number)
        sys.stdout.write(f"# Cluster: {name}\n")
        for document in objects:
            one = copy.deepcopy(document)
            if one["kind"] == "Deployment":
                container = one["spec"]["template"]["spec"]["containers"][0]
                path = container["image"].partition("/")[2]
                container["image"] = f"{region}.registry.acme.example/{path}"
                one["metadata"]["labels"]["region"] = region
            yaml.dump(one, sys.stdout, Dumper=yaml.CSafeDumper, explicit_start=True)


if __name__ == "__main__":
    main()
