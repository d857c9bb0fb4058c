"""How time and memory grow with apps, clusters, policies of an app and depth of overrides.

`python -m benchmarks.growth --output FOLDER` prints the numbers and draws `growth.svg` there.
"""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Iterable, Sequence
from math import log, log10
from pathlib import Path
from typing import NamedTuple

from benchmarks import fleet
from benchmarks.processes import measure

_CURVES = {
    "apps": (10, 100, 1000, 10_000),
    "clusters": (1, 10, 100, 1000),
    "policies of an app": (1, 10, 100),
    "overriders of a rule": (1, 10, 100),
}
_POLICY = """\
---
apiVersion: policy.karmada.io/v1alpha1
kind: OverridePolicy
metadata: {{name: {name}-{number}, namespace: team-{team}}}
spec:
  resourceSelectors: [{{apiVersion: apps/v1, kind: Deployment, name: {name}}}]
  overrideRules: [{{overriders: {{annotationsOverrider: [{overriders}]}}}}]
"""


class Point(NamedTuple):
    """A size, and what rendering it took: processor seconds and MiB."""

    size: int
    cpu: float
    peak: float


def measured(curve: str, size: int, work: Path) -> Point:
    """Render a fleet in which one thing has this size, and the rest is small."""
    apps = size if curve == "apps" else 100
    clusters = size if curve == "clusters" else 20
    root = work / f"{curve}-{size}".replace(" ", "-")
    fleet.write_fleet(root, apps, clusters)
    if curve.startswith(("policies", "overriders")):
        policies, depth = (size, 1) if curve.startswith("policies") else (1, size)
        for number in range(apps):
            name = f"app-{number:05}"
            (root / name / "more.yaml").write_text(
                "".join(
                    _POLICY.format(
                        name=name,
                        team=number % 20,
                        number=item,
                        overriders=_overriders(item, depth),
                    )
                    for item in range(policies)
                )
            )
    command = [sys.executable, "-m", "armada_render", "-q", "render", str(root), "-o", "stream"]
    sample = measure([[*command, "--no-cache"]])
    return Point(size, sample.cpu, sample.peak)


def _overriders(policy: int, depth: int) -> str:
    return ", ".join(
        f"{{operator: add, value: {{note-{policy}-{item}: text}}}}" for item in range(depth)
    )


def exponents(before: Point, after: Point) -> str:
    """Return the powers of the size by which time and memory grew in a step: 1 is in proportion."""
    steps = log(after.size / before.size)
    cpu, peak = log(after.cpu / before.cpu) / steps, log(after.peak / before.peak) / steps
    return f"grows with size^{cpu:.2f}, memory with size^{peak:.2f}"


def svg(curves: dict[str, Sequence[Point]]) -> str:
    """Draw each curve with both axes logarithmic, so that growth in proportion is a diagonal."""
    parts = [_panel(index, title, points) for index, (title, points) in enumerate(curves.items())]
    width = 260 * len(curves)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} 240" '
        f'font-family="sans-serif" font-size="11">{"".join(parts)}'
        f'<text x="40" y="234"><tspan fill="#06c">line: processor time</tspan>, '
        f'<tspan fill="#c60">dashed: memory, 10 MiB at the bottom</tspan>; '
        "both axes logarithmic, 50 points a power of ten</text></svg>\n"
    )


def _panel(index: int, title: str, points: Sequence[Point]) -> str:
    left, bottom, side = 260 * index + 40, 200, 50.0

    def spot(point: Point) -> tuple[float, float]:
        return left + side * log10(point.size), bottom - side * (log10(point.cpu) + 1.5)

    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(spot, points))
    labels = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>'
        f'<text x="{x:.1f}" y="{y - 7:.1f}" text-anchor="middle">{point.cpu:.2g} s</text>'
        f'<text x="{x:.1f}" y="{bottom + 14}" text-anchor="middle">{point.size}</text>'
        for point, (x, y) in zip(points, map(spot, points), strict=True)
    )
    memory = " ".join(
        f"{left + side * log10(point.size):.1f},{bottom - side * (log10(point.peak) - 1):.1f}"
        for point in points
    )
    return (
        f'<text x="{left}" y="16" font-weight="bold">{title}</text>'
        f'<polyline points="{memory}" stroke="#c60" stroke-dasharray="4" fill="none"/>'
        f'<path d="M{left},{bottom} h210 M{left},{bottom} V30" stroke="#888" fill="none"/>'
        f'<polyline points="{line}" stroke="#06c" stroke-width="2" fill="none"/>{labels}'
    )


def main(arguments: Iterable[str] | None = None) -> None:
    """Measure all curves, print them, and draw them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path(__file__).parent)
    parser.add_argument("--most", type=int, default=10_000, help="leave larger sizes out")
    options = parser.parse_args(None if arguments is None else list(arguments))
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors; one run each")
    curves: dict[str, Sequence[Point]] = {}
    for curve, sizes in _CURVES.items():
        points = []
        for size in sizes:
            if size <= options.most:
                with tempfile.TemporaryDirectory() as folder:
                    points.append(measured(curve, size, Path(folder)))
        curves[curve] = points
        print(f"\n{curve}")
        for number, point in enumerate(points):
            slopes = exponents(points[number - 1], point) if number else ""
            line = f"  {point.size:6}  cpu {point.cpu:7.3f} s  peak {point.peak:6.1f} MiB  {slopes}"
            print(line.rstrip())
    (options.output / "growth.svg").write_text(svg(curves))


if __name__ == "__main__":
    main()
