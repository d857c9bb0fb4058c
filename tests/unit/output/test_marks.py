"""Files that may have changed are found by how they look to the file system."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from armada_render.errors import SourceError
from armada_render.output import evidence, marks, renewed, unsure
from armada_render.output.forked import forked

PATHS = [f"{cluster}/{app}/m.yaml" for cluster in ("one", "two") for app in "abc"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path in PATHS:
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(path)
    time.sleep(0.15)  # changes of a moment ago are never sure
    return tmp_path


def test_what_nobody_touched_is_sure(root: Path) -> None:
    assert unsure(str(root), evidence(str(root), PATHS))() == []


def _write(path: Path) -> None:
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    path.write_text(path.read_text())
    os.utime(path, ns=times)


def _replace(path: Path) -> None:
    path.with_name("x").write_text(path.read_text())
    path.with_name("x").replace(path)


def _link(path: Path) -> None:
    path.replace(path.with_name("x"))
    path.symlink_to("x")


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("touch", [_write, _replace, _link, _folder, Path.unlink])
def test_what_was_touched_is_unsure(root: Path, touch: Callable[[Path], None]) -> None:
    seen = evidence(str(root), PATHS)
    touch(root / PATHS[4])
    assert unsure(str(root), seen)() == [PATHS[4]]


def test_folders_that_changed_places_are_unsure(root: Path) -> None:
    seen = evidence(str(root), PATHS)
    (root / "one").rename(root / "x")
    (root / "two").rename(root / "one")
    (root / "x").rename(root / "two")
    assert unsure(str(root), seen)() == PATHS
    (root / "two").rename(root / "x")
    (root / "two").symlink_to("x")
    assert unsure(str(root), seen)() == PATHS


def test_what_changed_a_moment_ago_is_unsure(root: Path) -> None:
    (root / PATHS[0]).write_text("now")
    seen = evidence(str(root), PATHS)
    assert unsure(str(root), seen)() == [PATHS[0]]
    time.sleep(0.15)
    seen = renewed(str(root), seen, [PATHS[0]])
    assert unsure(str(root), seen)() == []
    (root / PATHS[5]).write_text("now")
    assert unsure(str(root), renewed(str(root), seen, [PATHS[5]]))() == [PATHS[5]]


def test_several_processes_find_the_same(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = evidence(str(root), PATHS)
    for path in (PATHS[1], PATHS[3]):
        _write(root / path)
    monkeypatch.setattr(marks, "_MANY", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert unsure(str(root), seen)() == [PATHS[1], PATHS[3]]


def test_a_child_that_fails_is_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> bytes:
        raise ValueError("in the child")

    answer = forked(fail)
    with pytest.raises(SourceError, match="a process of this run failed"):
        answer()
    assert "in the child" in capfd.readouterr().err
    assert forked(lambda: b"x" * 1_000_000)() == b"x" * 1_000_000
