"""Builds the image as users do, and runs it as confined as Kubernetes would.

buildah and podman share a store of their own below one folder, with the driver `vfs` and chroot
isolation: neither needs anything of the machine but root. There is no registry: the base is a
Debian of the Dockerfile's suite that debootstrap makes from the mirror that apt uses.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[3]
DOCKERFILE = ROOT / "Dockerfile"

CONFINED = (
    *("--network", "none"),
    *("--cap-drop", "ALL"),
    *("--security-opt", "no-new-privileges"),
    "--read-only",
    "--read-only-tmpfs=false",
)
# Podman's own limits are above what a machine without CAP_SYS_RESOURCE may ask for.
LIMITS = ("--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1000:1000")
_RUNTIME = ("--cgroup-manager", "cgroupfs", "--runtime", "runc")


class Containers:
    """The images below a folder, and what runs from them."""

    def __init__(self, folder: Path) -> None:
        self._store = (
            *("--root", str(folder / "store")),
            *("--runroot", str(folder / "run")),
            *("--storage-driver", "vfs"),
        )

    def podman(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            ["podman", *self._store, *_RUNTIME, *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, done.stderr
        return done

    def run(
        self, image: str, *arguments: str, options: Sequence[str] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of the image in a container that can reach and change nothing."""
        given = ["run", "--rm", *CONFINED, *LIMITS, "--tmpfs", "/tmp", *options]
        return self.podman(*given, image, *arguments)

    @contextmanager
    def running(
        self, image: str, command: Sequence[str], options: Sequence[str]
    ) -> Iterator["Container"]:
        """Keep a container, as confined, while the block runs."""
        entrypoint, *rest = command
        given = ["run", "--detach", *CONFINED, *LIMITS, "--entrypoint", entrypoint, *options]
        name = self.podman(*given, image, *rest).stdout.strip()
        try:
            yield Container(self, name)
        finally:
            self.podman("rm", "--force", "--time", "1", name)

    def imported(self, archive: Path, name: str) -> str:
        """Return the reference, by digest, of an image made of an archive."""
        self.podman("import", "--quiet", str(archive), f"localhost/{name}")
        listing = self.podman("images", "--digests", "--format", "{{.Repository}}@{{.Digest}}")
        (reference,) = [line for line in listing.stdout.split() if f"/{name}@" in line]
        return reference

    def extended(self, context: Path, image: str) -> str:
        """Return the image that the Dockerfile in a folder builds."""
        _tool("buildah", *self._store, "build", "--isolation", "chroot", "--tag", image, context)
        return image

    def built(self, base: str, wheels: Path) -> str:
        """Return the image that `make image` builds."""
        image = "localhost/armada-render:test"
        subprocess.run(
            [
                *("scripts/image.sh", "--isolation", "chroot"),
                *("--build-arg", f"BASE={base}", "--build-context", f"wheels={wheels}"),
            ],
            cwd=ROOT,
            env={**os.environ, "BUILDER": " ".join(("buildah", *self._store)), "IMAGE": image},
            check=True,
        )
        return image


class Container:
    """A container that runs."""

    def __init__(self, containers: Containers, name: str) -> None:
        self._containers = containers
        self.name = name

    def tried(self, *command: str, user: str = "999") -> subprocess.CompletedProcess[str]:
        """Run a command in it."""
        return self._containers.podman("exec", "--user", user, self.name, *command, check=False)

    def printed(self, *command: str, user: str = "999") -> str:
        """Return what a command prints that must end well."""
        done = self.tried(*command, user=user)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def logs(self) -> str:
        return self._containers.podman("logs", self.name).stderr


def debian(cache: Path) -> Path:
    """Return an archive of the base's Debian, with apt looking where this machine's does."""
    suite = _suite()
    archive = cache / f"debian-{suite}.tar"
    if archive.exists():
        return archive
    mirrors = _mirrors()
    main, security = mirrors["Debian"], mirrors["Debian-Security"]
    root = Path(tempfile.mkdtemp(prefix="debian"))
    try:
        _tool("debootstrap", "--variant=minbase", suite, root, main)
        (root / "etc/apt/sources.list").write_text(
            f"deb {main} {suite} main\n"
            f"deb {main} {suite}-updates main\n"
            f"deb {security} {suite}-security main\n"
        )
        unfinished = archive.with_suffix(f".{os.getpid()}")
        left_out = ("var/cache/apt/archives", "var/lib/apt/lists", "usr/share/locale")
        exclusions = [f"--exclude=./{path}/*" for path in left_out]
        _tool("tar", *exclusions, "--directory", root, "--create", "--file", unfinished, ".")
        unfinished.rename(archive)
    finally:
        _tool("rm", "-rf", "--one-file-system", root)
    return archive


def _suite() -> str:
    text = DOCKERFILE.read_text()
    found = re.search(r"^ARG BASE=\S+/debian:([a-z]+)-\S*@sha256:", text, re.MULTILINE)
    assert found is not None
    return found[1]


def _mirrors() -> dict[str, str]:
    """Return where apt looks, by the label of what is there."""
    listing = _tool(
        "apt-get", "indextargets", "--format", "$(LABEL) $(REPO_URI)", "Created-By: Packages"
    )
    return dict(line.split() for line in listing.splitlines() if line.startswith("Debian"))


def _tool(*command: str | Path, **environment: str) -> str:
    """Run a program, and return what it printed."""
    done = subprocess.run(
        command,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def wheels(cache: Path) -> Path:
    """Return a folder with all that the image is built from, for a build without an index."""
    pins = [ROOT / name for name in ("constraints.txt", "pyproject.toml", "scripts/wheels.sh")]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in pins)).hexdigest()
    folder = cache / f"wheels-{digest[:16]}"
    if not folder.exists():
        unfinished = folder.with_suffix(f".{os.getpid()}")
        _tool(ROOT / "scripts" / "wheels.sh", unfinished, PYTHON=sys.executable)
        unfinished.rename(folder)
    return folder


def library(cache: Path, python: str) -> Path:
    """Return a folder with gRPC for the image's Python."""
    pin = re.search(r"^grpcio==(\S+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    assert pin is not None
    folder = cache / f"grpcio-{pin[1]}-{python}"
    if not folder.exists():
        unfinished = folder.with_suffix(f".{os.getpid()}")
        _tool(
            *(sys.executable, "-m", "pip", "install", "--quiet", "--target", unfinished),
            *("--only-binary", ":all:", "--python-version", python),
            *("--constraint", ROOT / "constraints.txt", "grpcio"),
        )
        unfinished.rename(folder)
    return folder


def copied(source: Path, target: Path) -> None:
    """Copy a folder of Python files."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
