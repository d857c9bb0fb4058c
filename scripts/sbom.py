"""Print what the image holds as a CycloneDX document: Debian's packages and Python's.

Usage: sbom.py SITE_PACKAGES DPKG_STATUS OS_RELEASE. The same packages give the same bytes: no clock
is in it, and its serial number follows from what it lists. Needs the extra `image`.
"""

import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

PROGRAM = "armada-render"


def bill(packages: Path, status: Path, release: Path) -> str:
    """Return the document for the distributions below `packages` and the packages of dpkg."""
    system = _settings(release.read_text())
    python = {
        _normalized(found.name): _distribution(found)
        for found in distributions(path=[str(packages)])
    }
    bom = Bom()
    bom.metadata.timestamp = None  # type: ignore[assignment]  # the format leaves it out then
    bom.metadata.component = python.pop(PROGRAM)
    parts = [*python.values(), _system(system), *_debian(status.read_text(), system)]
    bom.components.update(parts)
    bom.serial_number = uuid5(NAMESPACE_URL, "\n".join(sorted(str(part.bom_ref) for part in parts)))
    bom.register_dependency(bom.metadata.component, parts)
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def _distribution(found: Distribution) -> Component:
    expression = str(found.metadata.json.get("license_expression") or "")
    name = _normalized(found.name)
    url = PackageURL("pypi", None, name, found.version)
    return Component(
        type=ComponentType.APPLICATION if name == PROGRAM else ComponentType.LIBRARY,
        name=name,
        version=found.version,
        bom_ref=str(url),
        purl=url,
        licenses=[LicenseFactory().make_from_string(expression)] if expression else [],
    )


def _system(system: dict[str, str]) -> Component:
    return Component(
        type=ComponentType.OPERATING_SYSTEM,
        name=system["ID"],
        version=system["VERSION_ID"],
        bom_ref="system",
    )


def _debian(status: str, system: dict[str, str]) -> Iterator[Component]:
    distro = f"{system['ID']}-{system['VERSION_ID']}"
    for paragraph in status.split("\n\n"):
        # Lines that begin with a blank go on with the field before them.
        lines = [line for line in paragraph.splitlines() if not line.startswith(" ")]
        fields = dict(line.split(": ", 1) for line in lines if ": " in line)
        if fields.get("Status", "").endswith(" installed"):
            name, version = fields["Package"], fields["Version"]
            qualifiers = {"arch": fields["Architecture"], "distro": distro}
            url = PackageURL("deb", system["ID"], name, version, qualifiers)
            yield Component(name=name, version=version, bom_ref=str(url), purl=url)


def _settings(text: str) -> dict[str, str]:
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line)
    return {name: value.strip('"') for name, value in pairs}


def _normalized(name: str) -> str:
    """Return a distribution's name as indexes spell it."""
    return name.lower().replace("_", "-").replace(".", "-")


if __name__ == "__main__":
    sys.stdout.write(bill(*map(Path, sys.argv[1:])))
