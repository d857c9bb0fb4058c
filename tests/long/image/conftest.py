"""The image, built once for all its tests."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.long.image.containers import ROOT, Container, Containers, debian, wheels
from tests.support.programs import need


@pytest.fixture(scope="session")
def cache() -> Path:
    """A folder outside the tree that later runs find again."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = home / "armada-render-tests" / "image"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def containers() -> Iterator[Containers]:
    need("apt-get", "buildah", "debootstrap", "podman", "runc")
    folder = Path(tempfile.mkdtemp(prefix="containers"))
    try:
        yield Containers(folder)
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def image(containers: Containers, cache: Path) -> str:
    base = containers.imported(debian(cache), "debian")
    return containers.built(base, wheels(cache))


@pytest.fixture(scope="session")
def box(containers: Containers, image: str) -> Iterator[Container]:
    """The image, doing nothing; the examples are at /fleet."""
    options = ["--tmpfs", "/tmp", "--volume", f"{ROOT / 'examples'}:/fleet:ro"]
    with containers.running(image, ["sleep", "infinity"], options) as found:
        yield found
