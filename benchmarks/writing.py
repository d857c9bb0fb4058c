"""Write one Deployment of four kilobytes in a hundred variants, in each way that was thought of.

`python -m benchmarks.writing`: microseconds a variant, medians, all in one run, checked to be equal
where the bytes are those of kubectl.
"""

import argparse
import copy
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import yaml

from armada_render.model.resource import replaced
from armada_render.yamlio import dumps, load_documents
from armada_render.yamlio.variants import framed
from benchmarks import fleet

Manifest = dict[str, Any]


def deployment(settings: int) -> Manifest:
    """Return the Deployment of the benchmarks' fleets with many environment variables."""
    text = fleet.APP.format(name="app-00001", team=1)
    manifest: Manifest = load_documents(text.encode())[0].value
    container = manifest["spec"]["template"]["spec"]["containers"][0]
    more = [{"name": f"SETTING_{n}", "value": f"value of {n}"} for n in range(settings)]
    return replaced(
        manifest,
        ("spec", "template", "spec", "containers"),
        [{**container, "env": [*container["env"], *more]}],
    )


def variants(manifest: Manifest, count: int) -> list[Manifest]:
    """Return copies with another image, a label and replicas, which share all the rest."""
    found = []
    for number in range(count):
        container = manifest["spec"]["template"]["spec"]["containers"][0]
        other = {**container, "image": f"member-{number:04}.registry.acme.example/acme/app:1.0"}
        path = ("spec", "template", "spec", "containers")
        one = replaced(manifest, path, [other])
        one = replaced(one, ("metadata", "labels", "cluster"), f"member-{number:04}")
        found.append(replaced(one, ("spec", "replicas"), number))
    return found


def together(manifests: Sequence[Manifest]) -> list[str]:
    """Write the variants side by side."""
    frame, fillings = framed(manifests)
    return [frame.filled(filling).decode() for filling in fillings]


def microseconds(job: Callable[[], object], runs: int, count: int) -> float:
    """Return what one of `count` variants takes."""
    taken = []
    for _ in range(runs):
        start = time.process_time()
        job()
        taken.append(time.process_time() - start)
    return statistics.median(taken) / count * 1e6


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variants", type=int, default=100)
    parser.add_argument("--settings", type=int, default=60)
    parser.add_argument("--runs", type=int, default=15)
    options = parser.parse_args()
    manifests = variants(deployment(options.settings), options.variants)
    texts = list(map(dumps, manifests))
    if together(manifests) != texts:
        raise SystemExit("variants written side by side differ from each written alone")
    frame, fillings = framed(manifests)
    size = len(texts[0].encode())
    print(f"Python {platform.python_version()}, {options.variants} variants of {size} bytes")
    jobs: dict[str, Callable[[], object]] = {
        "deepcopy, CSafeDumper": lambda: [
            yaml.dump(copy.deepcopy(one), Dumper=yaml.CSafeDumper) for one in manifests
        ],
        "each alone": lambda: list(map(dumps, manifests)),
        "side by side": lambda: together(manifests),
        "a frame filled again": lambda: [frame.filled(filling) for filling in fillings],
        "copy of the bytes": lambda: [bytes(bytearray(text, "utf-8")) for text in texts],
    }
    for name, job in jobs.items():
        print(f"  {name:22} {microseconds(job, options.runs, len(manifests)):8.1f} us a variant")


if __name__ == "__main__":
    main()
