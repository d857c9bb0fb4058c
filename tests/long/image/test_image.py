"""What is in the image, and what is not; it runs without network, capabilities and a disk."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from armada_render.version import __version__
from tests.long.image.containers import DOCKERFILE, LIMITS, ROOT, Container, Containers
from tests.support.programs import need

pytestmark = pytest.mark.long
EXAMPLES = ROOT / "examples"
PROGRAM = ROOT / ".venv" / "bin" / "armada-render"
MOST_BYTES = 250_000_000
"""The size that docs/image.md states."""


@pytest.fixture(scope="module")
def settings(containers: Containers, image: str) -> dict[str, Any]:
    (found,) = json.loads(containers.podman("image", "inspect", image).stdout)
    assert isinstance(found, dict)
    return found


def test_the_dockerfile_has_no_finding_of_hadolint() -> None:
    program = shutil.which("hadolint", path=f"{PROGRAM.parent}:{os.environ['PATH']}")
    assert program, "scripts/setup.sh long installs hadolint"
    done = subprocess.run(
        [program, DOCKERFILE], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    assert (done.returncode, done.stdout) == (0, b"")


def test_it_is_the_command_line(containers: Containers, image: str) -> None:
    assert containers.run(image, "--version").stdout.startswith(f"armada-render {__version__} ")


@pytest.mark.parametrize(
    "command",
    [
        "armada-render render . -o json",
        "armada-render render . --ref HEAD -o json",
        "armada-render diff . -o json",
        "armada-render lint . 2>&1",
        "armada-render report . --title Fleet --out /tmp/a.html -q && cat /tmp/a.html",
        "armada-render clusters list .",
        "armada-render controller run --help",
    ],
)
def test_its_commands_print_what_the_package_prints(
    box: Container, fleet: Path, command: str
) -> None:
    here = subprocess.run(
        ["sh", "-c", command],
        cwd=fleet,
        env={"PATH": f"{PROGRAM.parent}:{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    there = box.tried("sh", "-c", command)
    assert (there.stdout, there.returncode) == (here.stdout, here.returncode)
    assert there.stdout


def test_it_writes_a_tree_as_the_user_who_runs_it(
    containers: Containers, image: str, tmp_path: Path
) -> None:
    shutil.copytree(EXAMPLES / "app-manifests", tmp_path / "fleet")
    os.chown(tmp_path, 1234, 1234)
    containers.run(
        image,
        *("render", "fleet", "--output-dir", "out"),
        options=["--user", "1234:1234", "--volume", f"{tmp_path}:/fleet"],
    )
    written = [*(tmp_path / "out").rglob("*.yaml")]
    assert {path.stat().st_uid for path in written} == {1234}


def test_it_belongs_to_user_999_and_says_what_it_is(settings: dict[str, Any]) -> None:
    assert settings["Config"]["User"] == "999:999"
    assert settings["Config"]["Entrypoint"] == ["armada-render"]
    prefix = "org.opencontainers.image."
    labels = {
        name.removeprefix(prefix): value
        for name, value in settings["Labels"].items()
        if name.startswith(prefix)
    }
    assert labels["title"] == "armada-render"
    assert labels["version"] == __version__
    assert labels["licenses"] == "Apache-2.0"
    assert re.fullmatch(r"localhost/debian@sha256:[0-9a-f]{64}", labels["base.name"])
    assert re.fullmatch(r"[0-9a-f]{40}(-dirty)?", labels["revision"])
    assert labels.keys() >= {"created", "description"}


def test_it_is_small(settings: dict[str, Any]) -> None:
    assert settings["Size"] < MOST_BYTES


def test_nothing_in_it_installs_compiles_or_becomes_another_user(box: Container) -> None:
    programs = (
        "apt apt-get dpkg pip pip3 easy_install gcc cc c++ g++ ld as make perl su sudo curl wget"
    )
    script = f"for name in {programs} git; do command -v $name; done; true"
    assert box.printed("sh", "-c", script) == "/usr/bin/git\n"
    script = (
        "import importlib.util as u\n"
        "names = ['pip', 'setuptools', 'ensurepip', 'wheel', 'hatchling', 'cyclonedx', 'git']\n"
        "print([name for name in names if u.find_spec(name)])\n"
    )
    assert box.printed("python3", "-c", script) == "['git']\n"
    rise = ["find", "/", "-xdev", "-type", "f", "-perm", "/6000"]
    assert box.printed(*rise, user="0") == ""


def test_its_user_owns_nothing_even_where_the_root_is_not_read_only(
    containers: Containers, image: str
) -> None:
    find = ["find", "/", "-xdev", "-writable", "!", "-type", "l"]
    options = ["--rm", "--network", "none", "--entrypoint", find[0], *LIMITS]
    done = containers.podman("run", *options, image, *find[1:], check=False)
    assert sorted(done.stdout.split()) == ["/tmp", "/var/tmp"]


def test_the_root_is_read_only(box: Container) -> None:
    script = "for folder in / /opt /home/argocd /var/tmp /fleet; do touch $folder/x; done"
    for user in ("0", "999"):
        assert box.tried("sh", "-c", script, user=user).stderr.count("Read-only file system") == 5
    assert box.printed("sh", "-c", "touch /tmp/x && rm /tmp/x && id -u") == "999\n"


def test_its_programs_find_their_libraries(box: Container) -> None:
    script = """\
find / -xdev -type f '(' -perm /111 -o -name '*.so*' ')' -size +1k | while read -r file; do
    [ "$(head -c 4 "$file" | tail -c 3)" = ELF ] || continue
    echo "$file"; ldd "$file" | grep 'not found'
done; true
"""
    found = box.printed("sh", "-c", script, user="0")
    assert "/usr/bin/git\n" in found
    assert "not found" not in found


def test_it_starts_from_compiled_files(box: Container) -> None:
    script = "import armada_render.cli.render, armada_render.load.git, kubernetes.client"
    loaded = box.tried("python3", "-v", "-c", script).stderr
    files = re.findall("^# code object from '?([^'\n]+)", loaded, re.MULTILINE)
    assert len(files) > 500
    assert [name for name in files if not name.endswith(".pyc")] == []


def test_every_module_finds_its_dependencies_but_those_of_the_extra_validate(
    box: Container,
) -> None:
    script = """\
import armada_render, importlib, pkgutil
for found in pkgutil.walk_packages(armada_render.__path__, "armada_render."):
    try:
        importlib.import_module(found.name)
    except ModuleNotFoundError as error:
        print("missing", error.name)
    else:
        print("loaded", found.name)
"""
    lines = [line.split() for line in box.printed("python3", "-c", script).splitlines()]
    assert {name for word, name in lines if word == "missing"} <= {
        "jsonschema_rs",
        "kubernetes_validate",
    }
    assert {"armada_render.cli.controller", "armada_render.load.git"} <= {
        name for word, name in lines if word == "loaded"
    }


def test_it_speaks_https_and_ssh(box: Container) -> None:
    for address in ("https://git.example.invalid/fleet.git", "ssh://git@git.example.invalid/fleet"):
        done = box.tried("git", "ls-remote", address)
        assert re.search("could not resolve host(name)?", done.stderr, re.IGNORECASE), done.stderr
    script = (
        "import ssl\n"
        "assert ssl.create_default_context().cert_store_stats()['x509_ca'] > 100\n"
        "import kubernetes.config, kubernetes.dynamic, kubernetes.watch, prometheus_client\n"
    )
    box.printed("python3", "-c", script)


def test_the_bill_of_materials_lists_what_is_inside(box: Container) -> None:
    bill = json.loads(box.printed("cat", "/usr/share/sbom/armada-render.cdx.json"))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    program = bill["metadata"]["component"]
    assert (program["name"], program["version"]) == ("armada-render", __version__)
    listed: dict[str, dict[str, str]] = {"pypi": {}, "deb": {}}
    for component in bill["components"]:
        if "purl" in component:
            kind = component["purl"].removeprefix("pkg:").partition("/")[0]
            listed[kind][component["name"]] = component["version"]

    script = (
        "import importlib.metadata as m\nfor d in m.distributions(): print(d.name, d.version)\n"
    )
    installed = _named(box.printed("python3", "-c", script), " ")
    assert installed.pop("armada-render") == __version__
    assert listed["pypi"] == installed
    assert installed.items() <= _named((ROOT / "constraints.txt").read_text(), "==").items()
    assert installed.keys() >= {"gitpython", "kubernetes", "lupa", "msgspec", "prometheus-client"}

    count = ["grep", "-c", "^Status: .* installed$", "/var/lib/dpkg/status"]
    assert len(listed["deb"]) == int(box.printed(*count))
    assert listed["deb"].keys() >= {"ca-certificates", "git", "libc6", "openssh-client", "python3"}


def _named(text: str, separator: str) -> dict[str, str]:
    """Return versions by the names of distributions as indexes spell them."""
    lines = [line.split(separator) for line in text.splitlines() if not line.startswith("#")]
    return {re.sub("[-_.]+", "-", name).lower(): version for name, version in lines}


def test_own_authorities_can_be_added_as_the_page_says(
    containers: Containers, image: str, tmp_path: Path
) -> None:
    need("openssl")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=authority.example.com"),
            *("-keyout", tmp_path / "key.pem", "-out", tmp_path / "authority.crt"),
        ],
        capture_output=True,
        check=True,
    )
    page = (ROOT / "docs" / "image.md").read_text()
    (recipe,) = re.findall(r"```dockerfile\nFROM armada-render\S*\n(.*?)```", page, re.DOTALL)
    (tmp_path / "Dockerfile").write_text(f"FROM {image}\n{recipe}")
    extended = containers.extended(tmp_path, "localhost/armada-render:extended")
    script = (
        "import ssl\n"
        "found = ssl.create_default_context().get_ca_certs()\n"
        "print('authority.example.com' in str(found))\n"
    )
    done = containers.run(extended, "-c", script, options=["--entrypoint", "python3"])
    assert done.stdout == "True\n"
