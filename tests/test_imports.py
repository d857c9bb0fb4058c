"""What a start loads: imports are most of the time of a small run, so rare ones must stay out."""

import subprocess
import sys
from pathlib import Path

import pytest

import armada_render
from armada_render.version import __version__

ROOT = Path(__file__).parent.parent
FLEET = str(ROOT / "examples" / "app-manifests")

# Rarely needed, or another command's: imported where they are used, or not at all.
HEAVY = (
    "armada_render.interpret.lua",
    "armada_render.lock.folder",
    "armada_render.model.diagnose",
    "asyncio",
    "concurrent",
    "email",
    "git",
    "gzip",
    "http",
    "jinja2",
    "jsonschema",
    "kubernetes",
    "logging",
    "lupa",
    "multiprocessing",
    "requests",
    "rich",
    "ruamel",
    "socket",
    "ssl",
    "subprocess",
    "unittest",
    "urllib.request",
    "yaml.constructor",
    "yaml.loader",
)
# Files are written by trees, tables know how wide a terminal is: both need what unpacks archives.
UNPACKING = ("bz2", "lzma", "shutil")
_RUN = """
import sys
from armada_render.cli import run
code = run(sys.argv[1:])
sys.stdout.flush()
print(code, *sorted(sys.modules), file=sys.stderr)
"""


def _loaded(*arguments: str, cwd: Path) -> set[str]:
    """Run a command in a fresh interpreter and return the names of all modules it has loaded."""
    done = subprocess.run(
        [sys.executable, "-c", _RUN, *arguments],
        cwd=cwd,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    code, *names = done.stderr.splitlines()[-1].split()
    assert code == "0"
    return set(names)


def _among(heavy: tuple[str, ...], loaded: set[str]) -> list[str]:
    return [
        name
        for name in heavy
        if any(module == name or module.startswith(f"{name}.") for module in loaded)
    ]


@pytest.mark.parametrize(
    "output", [("--output-dir", "out"), ("-o", "stream"), ("-o", "jsonl"), ("-o", "table")]
)
def test_rendering_plain_yaml_loads_nothing_that_is_rarely_needed(
    output: tuple[str, ...], tmp_path: Path
) -> None:
    loaded = _loaded("-q", "render", FLEET, *output, cwd=tmp_path)
    assert {"armada_render.pipeline", "yaml"} <= loaded
    assert _among(HEAVY, loaded) == []


@pytest.mark.parametrize("output", ["stream", "jsonl", "json"])
def test_what_is_printed_loads_nothing_that_writes_files(output: str, tmp_path: Path) -> None:
    loaded = _loaded("-q", "render", FLEET, "-o", output, cwd=tmp_path)
    assert _among(("armada_render.output", *UNPACKING), loaded) == []


def test_kinds_of_other_projects_load_what_knows_their_project(tmp_path: Path) -> None:
    rules = "armada_render.interpret.thirdparty."
    loaded = _loaded("-q", "render", FLEET, cwd=tmp_path)
    assert f"{rules}argo" in loaded
    plain = _loaded(
        "-q", "render", f"{FLEET}/redis", "--clusters", f"{FLEET}/clusters", cwd=tmp_path
    )
    assert {name for name in plain if name.startswith(rules)} == set()


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_version_and_help_load_neither_yaml_nor_msgspec(option: str, tmp_path: Path) -> None:
    loaded = _loaded(option, cwd=tmp_path)
    assert _among((*HEAVY, "yaml", "msgspec", "armada_render.pipeline"), loaded) == []


def test_the_package_alone_loads_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import armada_render, sys; print(*sys.modules)"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stdout.split())
    assert {name for name in loaded if name.startswith("armada_render")} == {
        "armada_render",
        "armada_render.version",
    }
    assert not {"msgspec", "yaml", "click"} & loaded


def test_everything_exported_is_there_when_asked_for() -> None:
    for name in armada_render.__all__:
        assert getattr(armada_render, name) is not None
    assert set(armada_render.__all__) <= set(dir(armada_render))
    assert armada_render.__version__ == __version__
    assert armada_render.InputError.__module__ == "armada_render.errors"


def test_what_is_not_exported_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="module 'armada_render' has no attribute 'apply'"):
        _ = armada_render.apply  # type: ignore[attr-defined]


def test_a_path_is_read_into_a_fleet() -> None:
    fleet = armada_render.read(FLEET)
    assert [cluster.name for cluster in fleet.clusters] == ["pegasus", "pegasus-2", "pegasus-3"]
    assert armada_render.render(fleet).exit_code == 0


def test_the_module_is_the_program(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "armada_render", "--version"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(f"armada-render {__version__} ")


def test_all_that_is_public_is_there_after_one_import() -> None:
    program = """
import armada_render as it
print([name for name in it.__all__ if getattr(it, name) is None])
print(it.yamlio.dumps(it.yamlio.loads("a: yes")))
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent.parent,
    )
    assert done.stdout.splitlines()[:2] == ["[]", "a: true"]


_MAIN = """
import atexit, sys  # atexit, so that it does not end at once
from armada_render.__main__ import main
try:
    main()
except SystemExit as done:
    assert not done.code, done.code
loaded = sorted(sys.modules)
from msgspec import inspect
import platform
assert inspect.type_info(int) == inspect.IntType()
assert platform.python_version()
print("\\n", *loaded, file=sys.stderr)
"""
# What click and msgspec would load, and a run does not use.
_LIBRARIES = (
    "ast",
    "decimal",
    "gettext",
    "inspect",
    "msgspec.inspect",
    "platform",
    "textwrap",
    "typing_extensions",
    "uuid",
)
# Of a fleet with neither settings nor a lock, and without kinds that few have.
_RARE = (
    "_hashlib",
    "armada_render.load.acknowledgements",
    "armada_render.load.bindings",
    "armada_render.load.configfile",
    "armada_render.load.customizations",
    "armada_render.load.taintpolicies",
    "armada_render.model.configfile",
    "armada_render.model.lint",
    "armada_render.model.taintpolicy",
    "shutil",
    "traceback",
)


def _loaded_by_program(*arguments: str, cwd: Path) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", _MAIN, *arguments],
        cwd=cwd,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stderr.splitlines()[-1].split())


def test_the_plugin_loads_no_more_than_it_uses(tmp_path: Path) -> None:
    loaded = _loaded_by_program("cmp", "--help", cwd=tmp_path)
    assert "armada_render.cmp.application" in loaded
    unused = ("click", "hashlib", "armada_render.cli", "armada_render.model.argocd")
    assert _among((*HEAVY, *_LIBRARIES, *_RARE, *unused), loaded) == []


@pytest.mark.parametrize(
    "command",
    ["--version", f"-q render {FLEET} -o stream", f"-q render {FLEET} --output-dir out"],
)
def test_the_program_loads_no_more_than_it_uses(command: str, tmp_path: Path) -> None:
    _loaded_by_program(*command.split(), cwd=tmp_path)  # a tree is compared the second time
    loaded = _loaded_by_program(*command.split(), cwd=tmp_path)
    assert "click" in loaded
    assert _among((*HEAVY, *_LIBRARIES, *_RARE), loaded) == []
