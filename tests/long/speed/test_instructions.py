"""How many instructions a start takes, as a multiple of an empty Python: the same on any machine.

`instructions.json` holds what was measured last; a change that adds more than a tenth has to renew
it on purpose (`UPDATE_INSTRUCTIONS=1`), and the plugin has a ceiling of its own.
"""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from benchmarks.fleet import write_fleet
from tests.support import plain_install

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[3]
FLEET = ROOT / "examples" / "app-manifests"
RECORDED = Path(__file__).parent / "instructions.json"
TOLERANCE = 1.1
PLUGIN_CEILING = 7.0
_PLUGIN = {
    "ARGOCD_APP_PARAMETERS": '[{"name": "cluster", "string": "pegasus"}]',
    "ARGOCD_APP_SOURCE_PATH": "examples/app-manifests/redis",
}
_FIVE = Path("five")
"""An app of five objects for three clusters, made by the benchmarks."""
_JOBS: dict[str, tuple[tuple[str, ...], Path, dict[str, str]]] = {
    "armada-render --version": (("--version",), FLEET, {}),
    "render the example fleet": (("-q", "render", ".", "-o", "stream"), FLEET, {}),
    "render five objects on three clusters": (("-q", "render", ".", "-o", "stream"), _FIVE, {}),
    "write five objects for three clusters": (
        ("-q", "render", ".", "--output-dir", "../out", "--no-cache"),
        _FIVE,
        {},
    ),
    "cmp generate for one app": (("cmp", "generate"), FLEET / "redis", _PLUGIN),
}


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    """Return the instructions of each job, divided by those of `python -c pass`."""
    scratch = tmp_path_factory.mktemp("scratch")
    python = plain_install.python()
    # Compiled files go to a folder of this test, so that none is old and none is written here.
    environment = {
        "HOME": str(scratch),
        "PATH": os.defpath,
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": str(ROOT),
        "PYTHONPYCACHEPREFIX": str(scratch / "compiled"),
        "TMPDIR": str(scratch),
    }
    write_fleet(scratch / _FIVE, apps=1, clusters=3)
    nothing = _instructions([python, "-c", "pass"], FLEET, environment)
    ratios = {}
    for name, (arguments, folder, settings) in _JOBS.items():
        command = [python, "-m", "armada_render", *arguments]
        counted = _instructions(command, scratch / folder, {**environment, **settings})
        ratios[name] = round(counted / nothing, 2)
    return ratios


def _instructions(command: list[str], folder: Path, environment: dict[str, str]) -> int:
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command],
        cwd=folder,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    found = re.search(r"I\s+refs:\s+([\d,]+)", done.stderr)
    assert found, done.stderr
    return int(found[1].replace(",", ""))


def test_no_start_takes_a_tenth_more_than_recorded(measured: dict[str, float]) -> None:
    if os.environ.get("UPDATE_INSTRUCTIONS"):
        RECORDED.write_text(json.dumps(measured, indent=1) + "\n")
    recorded = json.loads(RECORDED.read_text())
    assert measured.keys() == recorded.keys()
    slower = {
        name: (recorded[name], ratio)
        for name, ratio in measured.items()
        if ratio > recorded[name] * TOLERANCE
    }
    assert slower == {}


def test_the_plugin_stays_near_an_empty_python(measured: dict[str, float]) -> None:
    assert measured["cmp generate for one app"] <= PLUGIN_CEILING
