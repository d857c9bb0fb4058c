"""Several processes write what one writes."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from armada_render import emit, output
from armada_render.cli import ahead, jobs, run
from armada_render.cli.ahead import Ahead
from armada_render.cli.jobs import cuts, processors
from armada_render.errors import ExitCode
from armada_render.load import MemorySource, load
from armada_render.yamlio import dumps, load_documents
from tests.support.objects import cluster, config_map, policy, selector

APPS = [f"app-{number}" for number in range(12)]
CLUSTERS = [f"c{number}" for number in range(5)]
Capture = pytest.CaptureFixture[bytes]


@pytest.fixture(autouse=True)
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fleet that several processes work at, although it is small."""
    monkeypatch.setattr(ahead, "SMALL", 0)
    monkeypatch.setattr(jobs, "_SMALL_OUTPUT", 0)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    root = tmp_path / "fleet"
    files = {"clusters.yaml": [cluster(name) for name in CLUSTERS]}
    for app in APPS:
        files[f"{app}/app.yaml"] = [config_map(app), policy(app, selector("ConfigMap", name=app))]
    for path, objects in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("---\n".join(map(dumps, objects)))
    (root / "armada.yaml").write_text("retire: [{cluster: c4, app: gone}]\n")
    return root


def _read(tree: str) -> dict[str, bytes]:
    root = Path(tree)
    return {
        str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


@pytest.fixture
def forks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The processes that are started."""
    started: list[int] = []
    real = os.fork

    def noting() -> int:
        child = real()
        started.append(child)
        return child

    monkeypatch.setattr(os, "fork", noting)
    return started


@pytest.mark.parametrize("cache", [[], ["--no-cache"]], ids=["cache", "no cache"])
@pytest.mark.parametrize("layout", ["bundle", "files"])
@pytest.mark.parametrize("number", ["2", "3", "9"])
def test_a_tree_of_several_processes(
    fleet: Path, forks: list[int], number: str, layout: str, cache: list[str]
) -> None:
    plain = ["render", "fleet", "--layout", layout, *cache]
    assert run([*plain, "--output-dir", "one"]) == 0
    assert not forks
    assert run([*plain, "--output-dir", "many", "--jobs", number]) == 0
    assert len(forks) >= int(number)
    assert _read("many") == _read("one")
    assert any(path.endswith("retired.txt") for path in _read("many"))
    for app in APPS[::3]:
        path = fleet / app / "app.yaml"
        path.write_text(path.read_text().replace("value", "other"))
    assert run([*plain, "--output-dir", "many", "--jobs", number, "--check"]) == ExitCode.FOUND
    assert run([*plain, "--output-dir", "many", "--jobs", number]) == 0
    assert run([*plain, "--output-dir", "one"]) == 0
    assert _read("many") == _read("one")


@pytest.mark.parametrize("format_", ["stream", "jsonl", "json", "table"])
def test_whatever_is_printed(capfdbinary: Capture, forks: list[int], format_: str) -> None:
    printed = []
    for number in ("1", "3"):
        assert run(["render", "fleet", "-o", format_, "--no-cache", "--jobs", number]) == 0
        printed.append(capfdbinary.readouterr())
    assert printed[0] == printed[1]
    assert forks


def test_a_broken_file_is_told_as_ever(fleet: Path, capfdbinary: Capture) -> None:
    (fleet / "app-9" / "broken.yaml").write_text("a: [\n")
    (fleet / "app-9" / "large.yaml").write_text("a: 123456789012345678901234567890\n")
    told = []
    for number in ("1", "3"):
        assert run(["render", "fleet", "--no-cache", "--jobs", number]) == ExitCode.INPUT
        told.append(capfdbinary.readouterr().err)
    assert told[0] == told[1]
    assert b"app-9/broken.yaml:2" in told[0]


def test_equal_files_in_two_places() -> None:
    text = dumps(config_map("x"))
    source = MemorySource({f"{app}/x.yaml": text.encode() for app in APPS})
    with Ahead(source, load_documents, 3) as both:
        found = load(both, read=both.documents).fleet
    expected = load(source).fleet
    assert [one.manifest for one in found.templates] == [one.manifest for one in expected.templates]
    assert found.problems == expected.problems


@pytest.mark.parametrize("kind", [signal.SIGKILL, signal.SIGINT])
def test_a_process_that_dies_leaves_the_tree_as_it_was(
    fleet: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: Capture,
    forks: list[int],
    kind: signal.Signals,
) -> None:
    assert run(["render", "fleet", "--output-dir", "tree"]) == 0
    before = _read("tree")
    for app in APPS:
        path = fleet / app / "app.yaml"
        path.write_text(path.read_text().replace("value", "other"))
    main = os.getpid()
    real = emit.tree

    def dying(*arguments: object) -> Iterator[emit.OutputFile]:
        yield from real(*arguments)  # type: ignore[arg-type]
        if os.getpid() != main:
            os.kill(os.getpid(), kind)
            threading.Event().wait(60)

    monkeypatch.setattr(emit, "tree", dying)
    assert run(["render", "fleet", "--output-dir", "tree", "--jobs", "3"]) == ExitCode.SOURCE
    assert b"a process of this run failed" in capfdbinary.readouterr().err
    assert _read("tree") == before
    assert forks
    for child in forks:
        with pytest.raises(ChildProcessError):
            os.waitpid(child, os.WNOHANG)


def test_a_full_disk_is_told_whoever_meets_it(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: Capture
) -> None:
    main = os.getpid()
    real = output.write.__globals__["_Stager"].add

    def refusing(stager: object, file: emit.OutputFile) -> None:
        if os.getpid() != main:
            raise OSError(28, "No space left on device")
        real(stager, file)

    monkeypatch.setattr(output.write.__globals__["_Stager"], "add", refusing)
    assert run(["render", "fleet", "--output-dir", "tree", "--jobs", "2"]) == ExitCode.SOURCE
    assert b"tree cannot be written: No space left on device" in capfdbinary.readouterr().err
    assert _read("tree") == {}


def test_a_file_in_the_way_is_found_by_whoever_looks(capfdbinary: Capture) -> None:
    for name in CLUSTERS:
        Path("tree", name, "app-1").mkdir(parents=True)
        Path("tree", name, "app-1", "manifests.yaml").write_text("mine")
    assert run(["render", "fleet", "--output-dir", "tree", "--jobs", "5"]) == ExitCode.INPUT
    assert capfdbinary.readouterr().err.count(b"was not written by armada-render") == 5


@pytest.mark.parametrize(
    ("sizes", "parts", "expected"),
    [
        ([], 2, [(0, 0), (0, 0)]),
        ([5], 3, [(0, 0), (0, 0), (0, 1)]),
        ([1, 1, 1, 1], 2, [(0, 1), (1, 4)]),
        ([10, 1, 1], 1, [(0, 3)]),
    ],
)
def test_cuts(sizes: list[int], parts: int, expected: list[tuple[int, int]]) -> None:
    assert cuts(sizes, parts) == expected


def test_processors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    quota = tmp_path / "cpu.max"
    assert processors(str(quota)) == 8
    for text, expected in (("max 100000", 8), ("250000 100000", 3), ("5 100000", 1)):
        quota.write_text(text + "\n")
        assert processors(str(quota)) == expected
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert processors(str(tmp_path / "none")) == 1


def test_jobs_that_make_no_sense() -> None:
    assert run(["render", "fleet", "--jobs", "-1"]) == ExitCode.USAGE
    assert run(["render", "fleet", "--jobs", "257"]) == ExitCode.USAGE
    assert run(["render", "fleet", "-o", "table", "--jobs", "0"]) == 0
