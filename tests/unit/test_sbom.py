"""The bill of materials of the image, from an installation made up for it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
STATUS = """\
Package: git
Status: install ok installed
Architecture: amd64
Version: 1:2.47.3-0+deb13u1
Conffiles:
 /etc/bash_completion.d/git-prompt 7baac5c3ced94ebf2c0e1dde65c3b1a6
Description: fast version control
 Version: 0 is not a field here
 .
 More.

Package: perl
Status: deinstall ok config-files
Architecture: amd64
Version: 5.40.1-6

Package: tzdata
Status: install ok installed
Architecture: all
Version: 2026c-0+deb13u1
"""
RELEASE = 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\nVERSION_ID="13"\n\n'
DISTRIBUTIONS = {
    "armada_render-0.1.0": "Name: armada-render\nVersion: 0.1.0\nLicense-Expression: Apache-2.0\n",
    "ruamel_yaml-0.19.1": "Name: ruamel.yaml\nVersion: 0.19.1\nLicense-Expression: MIT\n",
    "odd-1": "Name: odd\nVersion: 1\n",
}


def _printed(folder: Path) -> str:
    packages = folder / "site-packages"
    for name, text in DISTRIBUTIONS.items():
        information = packages / f"{name}.dist-info"
        information.mkdir(parents=True, exist_ok=True)
        (information / "METADATA").write_text(f"Metadata-Version: 2.4\n{text}")
    (folder / "status").write_text(STATUS)
    (folder / "os-release").write_text(RELEASE)
    script = ROOT / "scripts" / "sbom.py"
    done = subprocess.run(
        [sys.executable, script, packages, folder / "status", folder / "os-release"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def test_it_lists_what_is_installed(tmp_path: Path) -> None:
    bill: dict[str, Any] = json.loads(_printed(tmp_path))
    urls = [component.get("purl") for component in bill["components"]]
    assert sorted(url for url in urls if url) == [
        "pkg:deb/debian/git@1:2.47.3-0%2Bdeb13u1?arch=amd64&distro=debian-13",
        "pkg:deb/debian/tzdata@2026c-0%2Bdeb13u1?arch=all&distro=debian-13",
        "pkg:pypi/odd@1",
        "pkg:pypi/ruamel-yaml@0.19.1",
    ]
    program = bill["metadata"]["component"]
    assert (program["type"], program["name"], program["version"]) == (
        "application",
        "armada-render",
        "0.1.0",
    )
    (system,) = [found for found in bill["components"] if found["type"] == "operating-system"]
    assert (system["name"], system["version"]) == ("debian", "13")
    (dependencies,) = [
        entry["dependsOn"]
        for entry in bill["dependencies"]
        if entry["ref"] == "pkg:pypi/armada-render@0.1.0"
    ]
    assert len(dependencies) == len(bill["components"]) == 5


def test_licences_are_those_that_distributions_state(tmp_path: Path) -> None:
    bill = json.loads(_printed(tmp_path))
    licences = {found["name"]: found.get("licenses") for found in bill["components"]}
    assert licences["ruamel-yaml"] == [{"license": {"id": "MIT"}}]
    assert licences["odd"] is None


def test_the_same_packages_give_the_same_bytes(tmp_path: Path) -> None:
    assert _printed(tmp_path) == _printed(tmp_path)
    assert "timestamp" not in _printed(tmp_path)
