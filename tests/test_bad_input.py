"""Input and circumstances that no golden case can hold: huge, deep, binary, linked, killed."""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from armada_render import emit, output
from armada_render.cli import run
from armada_render.errors import SourceError
from armada_render.model.config import Layout

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
CLUSTER = """\
apiVersion: cluster.karmada.io/v1alpha1
kind: Cluster
metadata: {name: member1}
spec: {syncMode: Pull}
"""
APP = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {key: value}
---
apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata: {name: settings}
spec:
  resourceSelectors: [{apiVersion: v1, kind: ConfigMap}]
"""


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "fleet"
    (root / "app").mkdir(parents=True)
    (root / "cluster.yaml").write_text(CLUSTER)
    (root / "app" / "app.yaml").write_text(APP)
    monkeypatch.chdir(tmp_path)
    return root


def _render(*arguments: str) -> int:
    return run(["render", "fleet", "--output-dir", "out", *arguments])


def _program(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "armada_render", "render", "fleet", *arguments]


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_ten_thousand_levels_of_nesting_are_refused(
    fleet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (fleet / "flow.yaml").write_text("[" * 10_000 + "]" * 10_000)
    (fleet / "block.yaml").write_text("".join(f"{' ' * level}k:\n" for level in range(10_000)))

    assert _render() == 3

    err = capsys.readouterr().err
    assert "flow.yaml:1" in err
    assert "block.yaml:" in err
    assert "Traceback" not in err


def test_a_file_of_fifty_megabytes_is_refused(
    fleet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (fleet / "huge.yaml").open("wb") as handle:
        handle.truncate(50 * 2**20)

    assert _render() == 3
    assert "huge.yaml: 50 MiB is more than the 32 MiB" in capsys.readouterr().err


def test_fifty_megabytes_on_standard_input_are_refused(fleet: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "armada_render", "render", "-", "--clusters", str(fleet)],
        input=b"#" * (50 * 2**20),
        env=ENVIRONMENT,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 3
    assert b"32 MiB" in done.stderr


def test_a_binary_file_is_refused_and_not_echoed(
    fleet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (fleet / "picture.yaml").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00secret")

    assert _render() == 3

    err = capsys.readouterr().err
    assert "picture.yaml" in err
    assert "secret" not in err


def test_a_link_out_of_the_root_is_refused(
    fleet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "outside.yaml").write_text("password: hunter2\n")
    (fleet / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    (fleet / "folder").symlink_to(tmp_path)

    assert _render() == 3

    err = capsys.readouterr().err
    assert "link.yaml: symbolic link leads out of the root" in err
    assert "folder: symbolic link leads out of the root" in err
    assert "hunter2" not in err


def test_a_link_within_the_root_is_read(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (fleet / "app" / "app.yaml").rename(fleet / "app" / "real.txt")
    (fleet / "app" / "app.yaml").symlink_to("real.txt")

    assert _render("--table") == 0
    assert "ConfigMap/settings" in capsys.readouterr().out


def test_a_named_pipe_does_not_hang(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(fleet / "pipe.yaml")

    assert _render() == 3
    assert "pipe.yaml: not a regular file" in capsys.readouterr().err


def test_an_output_directory_that_cannot_be_made_is_an_error(
    fleet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del fleet
    (tmp_path / "file").write_text("")

    assert run(["render", "fleet", "--output-dir", "file/out"]) == 6
    assert "file/out cannot be written: Not a directory" in capsys.readouterr().err


def test_a_disk_that_is_full_half_way_leaves_the_old_tree(fleet: Path, tmp_path: Path) -> None:
    assert _render() == 0
    before = _contents(tmp_path / "out")
    (fleet / "app" / "app.yaml").write_text(APP.replace("value", "changed"))
    big = APP.replace("settings", "big").replace("value", "x" * 100_000).partition("---")[0]
    (fleet / "zoo").mkdir()
    (fleet / "zoo" / "big.yaml").write_text(big)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    done = subprocess.run(
        _program("--output-dir", "out"),
        preexec_fn=limit,
        capture_output=True,
        text=True,
        check=False,
        env=ENVIRONMENT,
    )

    assert done.returncode == 6
    assert "out cannot be written: File too large" in done.stderr
    assert _contents(tmp_path / "out") == before
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["index.json", "member1"]


def test_interrupting_the_program_exits_with_130(fleet: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "armada_render", "render", "-", "--clusters", str(fleet)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
        # What a shell starts in the background ignores interrupts, this suite perhaps among it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    assert process.stdin is not None
    # It has opened its input when it takes more than a pipe holds.
    process.stdin.write(b"# comment\n" * 20_000)
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)

    assert process.returncode == 130
    assert out == b""
    assert err == b"\ninterrupted: nothing was changed\n"


def _files(*, interrupt: bool) -> Iterator[emit.OutputFile]:
    """Yield files; an interrupt may come half way."""
    yield emit.OutputFile("one/app/manifests.yaml", b"a: 1\n")
    if interrupt:
        raise KeyboardInterrupt
    yield emit.OutputFile("two/app/manifests.yaml", b"b: 1\n")


def _index(digests: dict[str, str]) -> bytes:
    return emit.index(digests, inputs="", version="0", karmada="v0", layout=Layout.BUNDLE)


def test_an_interrupt_while_writing_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        output.write(str(tmp_path / "out"), _files(interrupt=True), _index)

    assert list((tmp_path / "out").iterdir()) == []


def test_what_a_killed_run_moved_away_comes_back(tmp_path: Path) -> None:
    root = tmp_path / "out"
    output.write(str(root), _files(interrupt=False), _index)
    before = _contents(root)
    staging = root / ".armada-render.tmp"
    (staging / "old").mkdir(parents=True)
    (root / "one").rename(staging / "old" / "one")

    output.write(str(root), _files(interrupt=False), _index)

    assert _contents(root) == before


def test_two_writers_do_not_meet(tmp_path: Path) -> None:
    root = str(tmp_path / "out")

    def nested() -> Iterator[emit.OutputFile]:
        output.write(root, _files(interrupt=False), _index)
        yield emit.OutputFile("one/app/manifests.yaml", b"")

    with pytest.raises(SourceError, match="another armada-render is writing"):
        output.write(root, nested(), _index)


def test_unchanged_files_keep_their_time_and_foreign_files_survive(
    fleet: Path, tmp_path: Path
) -> None:
    (fleet / "zoo").mkdir()
    (fleet / "zoo" / "zoo.yaml").write_text(APP.partition("---")[0].replace("settings", "zoo"))
    assert _render() == 0
    kept = tmp_path / "out" / "member1" / "zoo" / "manifests.yaml"
    changed = tmp_path / "out" / "member1" / "app" / "manifests.yaml"
    for path in (kept, changed):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    foreign = tmp_path / "out" / "member1" / "app" / "NOTES.md"
    foreign.write_text("ours\n")
    (tmp_path / "out" / "README.md").write_text("ours\n")
    (fleet / "app" / "app.yaml").write_text(APP.replace("value", "changed"))

    assert _render() == 0

    assert kept.stat().st_mtime == 1_000_000_000
    assert changed.stat().st_mtime > time.time() - 1000
    assert foreign.read_text() == "ours\n"
    assert (tmp_path / "out" / "README.md").read_text() == "ours\n"


def test_files_of_an_app_that_left_are_removed(fleet: Path, tmp_path: Path) -> None:
    (fleet / "zoo").mkdir()
    (fleet / "zoo" / "zoo.yaml").write_text(APP.partition("---")[0].replace("settings", "zoo"))
    assert _render() == 0
    (fleet / "zoo" / "zoo.yaml").unlink()

    assert _render() == 7
    assert (tmp_path / "out" / "member1" / "zoo").exists()
    assert _render("--acknowledge", "closed") == 0
    assert not (tmp_path / "out" / "member1" / "zoo").exists()


def test_a_foreign_file_in_the_way_is_not_overwritten(
    fleet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del fleet
    mine = tmp_path / "out" / "member1" / "app" / "manifests.yaml"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine\n")

    assert _render() == 3
    assert "was not written by armada-render" in capsys.readouterr().err
    assert mine.read_text() == "mine\n"


def test_an_index_cannot_point_outside_the_tree(fleet: Path, tmp_path: Path) -> None:
    del fleet
    (tmp_path / "precious").write_text("keep\n")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "index.json").write_text('{"files": {"../precious": "0"}}')

    assert _render() == 0
    assert (tmp_path / "precious").read_text() == "keep\n"


def test_a_broken_index_is_an_error(
    fleet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del fleet
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "index.json").write_text("<<<<<<< HEAD\n")

    assert _render() == 3
    assert "is not an index that armada-render wrote" in capsys.readouterr().err
