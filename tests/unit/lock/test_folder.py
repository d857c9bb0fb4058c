import os
from pathlib import Path

import pytest

from armada_render.errors import InputError, SourceError
from armada_render.lock import folder

A, B, C = (f".armada/bindings/shop/{name}.yaml" for name in "abc")


def _lock(root: Path, **contents: str) -> None:
    wanted = {
        f".armada/bindings/shop/{name}.yaml": text.encode() for name, text in contents.items()
    }
    folder.write(str(root), wanted, folder.compare(folder.read(str(root)), wanted))


def _files(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_files_are_added_changed_and_removed(tmp_path: Path) -> None:
    _lock(tmp_path, a="1", b="1")
    _lock(tmp_path, b="2", c="1")
    assert _files(tmp_path) == {B: b"2", C: b"1"}


def test_the_same_again_touches_nothing(tmp_path: Path) -> None:
    _lock(tmp_path, a="1")
    before = [(path, path.stat().st_mtime_ns) for path in sorted(tmp_path.rglob("*"))]
    _lock(tmp_path, a="1")
    assert [(path, path.stat().st_mtime_ns) for path in sorted(tmp_path.rglob("*"))] == before


def test_other_files_survive_and_empty_folders_go(tmp_path: Path) -> None:
    _lock(tmp_path, a="1")
    (tmp_path / ".armada/bindings/README.md").write_text("ours")
    (tmp_path / ".armada/bindings/shop/notes.txt").write_text("ours")
    _lock(tmp_path)
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == [
        "README.md",
        "notes.txt",
    ]
    (tmp_path / ".armada/bindings/shop/notes.txt").unlink()
    _lock(tmp_path, a="1")
    _lock(tmp_path)
    assert not (tmp_path / ".armada/bindings/shop").exists()


@pytest.mark.parametrize("fails_at", range(1, 4))
def test_a_failure_takes_everything_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    _lock(tmp_path, a="1", b="1")
    before = _files(tmp_path)
    link, calls = os.link, 0

    def failing(source: Path, target: Path, *, follow_symlinks: bool) -> None:
        nonlocal calls
        calls += 1
        if calls == fails_at:
            raise KeyboardInterrupt
        link(source, target, follow_symlinks=follow_symlinks)

    replace = Path.replace

    def failing_last(path: Path, target: Path) -> Path:
        if fails_at == 3 and target.name == "c.yaml":
            raise OSError(28, "No space left on device")
        return replace(path, target)

    monkeypatch.setattr(os, "link", failing)
    monkeypatch.setattr(Path, "replace", failing_last)
    with pytest.raises((KeyboardInterrupt, SourceError)):
        _lock(tmp_path, b="2", c="1")
    assert _files(tmp_path) == before


def test_a_full_disk_leaves_the_old_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _lock(tmp_path, a="1")
    before = _files(tmp_path)

    def full(path: Path, data: bytes) -> int:
        del path, data
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(SourceError, match="No space left"):
        _lock(tmp_path, a="2", b="1")
    assert _files(tmp_path) == before


def test_file_systems_without_hard_links_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*given: str, **options: bool) -> None:
        del given, options
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", none)
    _lock(tmp_path, a="1", b="1")
    _lock(tmp_path, a="2")
    assert _files(tmp_path) == {A: b"2"}


def test_what_a_killed_run_left_is_swept(tmp_path: Path) -> None:
    left = tmp_path / ".armada/.lock.tmp/new"
    left.mkdir(parents=True)
    (left / "x").write_text("half")
    _lock(tmp_path, a="1")
    assert _files(tmp_path) == {A: b"1"}


@pytest.mark.parametrize("link", [".armada", ".armada/bindings", ".armada/bindings/shop"])
def test_nothing_is_written_through_a_link(tmp_path: Path, link: str) -> None:
    outside, root = tmp_path / "outside", tmp_path / "root"
    outside.mkdir()
    (root / link).parent.mkdir(parents=True)
    (root / link).symlink_to(outside)
    with pytest.raises(InputError, match="symbolic link"):
        _lock(root, a="1")
    assert list(outside.iterdir()) == []


def test_a_linked_file_is_replaced_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text("1")
    file = tmp_path / A
    file.parent.mkdir(parents=True)
    file.symlink_to(outside)
    _lock(tmp_path, a="2")
    assert (outside.read_text(), file.read_text()) == ("1", "2")
    assert not file.is_symlink()


def test_two_runs_do_not_write_at_once(tmp_path: Path) -> None:
    with folder._staging(tmp_path), pytest.raises(SourceError, match="another armada-render"):
        _lock(tmp_path, a="1")


def test_a_name_that_no_file_can_have_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="longer than a file name"):
        folder.compare({}, {f"{tmp_path}/{'x' * 251}.yaml": b""})
