"""Parse the files of a fleet and a large CustomResourceDefinition, against PyYAML's `CSafeLoader`.

`python -m benchmarks.parsing` prints megabytes a second of this process, medians, taken in turn.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from armada_render.yamlio import load_documents
from benchmarks import fleet
from benchmarks.processes import machine

_HEAD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: rollouts.acme.example
spec:
  group: acme.example
  names:
    kind: Rollout
    listKind: RolloutList
    plural: rollouts
    singular: rollout
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
"""
_ABOUT = """\
{indent}description: |-
{indent}  {name} is what the controller compares with before it moves on to the
{indent}  next step. The default is that of the cluster. It cannot be changed while
{indent}  a rollout is under way.
"""


class Speed(NamedTuple):
    """Megabytes a second of processor time: ours, and PyYAML's in C."""

    ours: float
    theirs: float

    @property
    def ratio(self) -> float:
        """Return how many times as fast we are."""
        return self.ours / self.theirs


def definition(width: int = 9, depth: int = 4) -> str:
    """Return a CRD in the hand of the usual generator: a tree of properties with descriptions."""
    return _HEAD + _properties(width, depth, " " * 12)


def _properties(width: int, depth: int, indent: str) -> str:
    parts = []
    for item in range(width):
        name = f"level{depth}Field{item}"
        about = _ABOUT.format(indent=f"{indent}  ", name=name)
        if depth == 1 or item % 3 == 0:
            kind = ("string", "integer", "boolean")[item % 3]
            parts.append(f"{indent}{name}:\n{about}{indent}  type: {kind}\n")
        else:
            inner = _properties(width, depth - 1, f"{indent}    ")
            parts.append(
                f"{indent}{name}:\n{about}{indent}  properties:\n{inner}"
                f"{indent}  required:\n{indent}    - level{depth - 1}Field0\n"
                f"{indent}  type: object\n"
            )
    return "".join(parts)


def compared(texts: Sequence[bytes], runs: int) -> Speed:
    """Parse the texts in both ways in turn."""
    size = sum(map(len, texts)) / 1e6
    taken: tuple[list[float], list[float]] = [], []
    for run in range(runs + 1):
        for seconds, job in zip(taken, (_ours, _theirs), strict=True):
            one = _seconds(job, texts)
            if run:
                seconds.append(one)
    ours, theirs = (size / statistics.median(seconds) for seconds in taken)
    return Speed(ours, theirs)


def _ours(texts: Sequence[bytes]) -> object:
    return [load_documents(text) for text in texts]


def _theirs(texts: Sequence[bytes]) -> object:
    return [list(yaml.load_all(text, Loader=yaml.CSafeLoader)) for text in texts]


def _seconds(job: Callable[[Sequence[bytes]], object], texts: Sequence[bytes]) -> float:
    start = time.process_time()
    job(texts)
    return time.process_time() - start


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--apps", type=int, default=200)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="print ratios for another program")
    options = parser.parse_args()
    large = definition().encode()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        texts = {}
        for name, settings in (("small apps", 0), ("apps", fleet.USUAL)):
            fleet.write_fleet(root / name, options.apps, 1, settings)
            texts[name] = [path.read_bytes() for path in sorted((root / name).rglob("*.yaml"))]
    texts["a large CRD"] = [large]
    speeds = {name: compared(found, options.runs) for name, found in texts.items()}
    if options.json:
        print(json.dumps({name: speed.ratio for name, speed in speeds.items()}))
        return
    print(machine(options.runs))
    for name, speed in speeds.items():
        size = sum(map(len, texts[name])) / 1e6
        print(
            f"{name:12} {size:5.2f} MB  ours {speed.ours:5.1f} MB/s  CSafeLoader "
            f"{speed.theirs:5.1f} MB/s  ratio {speed.ratio:4.2f}"
        )


if __name__ == "__main__":
    main()
