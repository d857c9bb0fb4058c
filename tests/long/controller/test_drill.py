"""The disaster drill, as people run it."""

import sys
from pathlib import Path

import pytest

from tests.support.drill import Drill

pytestmark = pytest.mark.long


def test_the_disaster_drill(tmp_path: Path) -> None:
    lines: list[str] = []
    drill = Drill(tmp_path, lines.append)
    drill.run()
    sys.stderr.write("\n".join([*lines, ""]))
    assert {"taint", "redis", "applied", "canary", "ill"} <= drill.seconds.keys()
    # Within the failure threshold and the toleration it never moves.
    assert drill.seconds["redis"] > drill.seconds["taint"] + 4
