"""The image, built once for all its tests."""

import os
import shutil
import subprocess
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
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone with a change that is not committed, which belongs to somebody else."""
    folder = tmp_path_factory.mktemp("fleet")
    shutil.copytree(ROOT / "examples" / "app-manifests", folder, dirs_exist_ok=True)
    person = ["-c", "user.name=A Person", "-c", "user.email=person@example.com"]
    for command in (["init"], ["add", "."], [*person, "commit", "--message", "A fleet"]):
        subprocess.run(["git", *command], cwd=folder, capture_output=True, check=True)
    shutil.rmtree(folder / "redis")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, 1234, 1234, follow_symlinks=False)
    return folder


@pytest.fixture(scope="session")
def box(containers: Containers, image: str, fleet: Path) -> Iterator[Container]:
    """The image, doing nothing, with the fleet at /fleet."""
    options = ["--tmpfs", "/tmp", "--volume", f"{fleet}:/fleet:ro"]
    with containers.running(image, ["sleep", "infinity"], options) as found:
        yield found
