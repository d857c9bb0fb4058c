"""A tree on disk: compared, staged, swapped, and put back when something fails."""

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from armada_render.emit import OutputFile
from armada_render.errors import InputError, SourceError
from armada_render.output import TreeChange, TreeDifference, compare, patch, write

A = OutputFile("one/app/a.yaml", b"a: 1\n")
B = OutputFile("one/app/b.yaml", b"b: 1\n")
C = OutputFile("two/app/c.yaml", b"c: 1\n")


def _index(digests: dict[str, str]) -> bytes:
    return json.dumps({"files": digests}).encode()


def _tree(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): path.read_text()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != "index.json"
    }


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    write(str(folder), [A, B, C], _index)
    return folder


def test_a_new_tree_holds_all_files_and_the_index(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "out"
    assert write(str(folder), [A, C], _index) == TreeChange(2, 0, 0)
    assert _tree(folder) == {A.path: "a: 1\n", C.path: "c: 1\n"}
    files = json.loads((folder / "index.json").read_text())["files"]
    assert sorted(files) == [A.path, C.path]
    assert sorted(path.name for path in folder.iterdir()) == ["index.json", "one", "two"]


def test_the_same_tree_again_changes_nothing(root: Path) -> None:
    before = (root / "index.json").stat().st_mtime_ns
    assert write(str(root), [A, B, C], _index) == TreeChange(0, 0, 3)
    assert (root / "index.json").stat().st_mtime_ns == before


def test_files_are_added_changed_and_removed(root: Path) -> None:
    changed = OutputFile(A.path, b"a: 2\n")
    added = OutputFile("three/app/d.yaml", b"d: 1\n")
    difference = compare(str(root), [changed, B, added], _index)
    assert isinstance(difference, TreeDifference)
    assert difference.added == (added.path,)
    assert difference.changed == ("index.json", A.path)
    assert difference.stale == (C.path,)
    assert not difference.is_empty

    assert write(str(root), [changed, B, added], _index) == TreeChange(2, 1, 1)
    assert _tree(root) == {A.path: "a: 2\n", B.path: "b: 1\n", added.path: "d: 1\n"}
    assert compare(str(root), [changed, B, added], _index).is_empty


def test_each_fresh_file_is_told_as_it_comes_by(root: Path) -> None:
    fresh: list[str] = []
    changed = OutputFile(A.path, b"a: 2\n")
    added = OutputFile("one/app/z.yaml", b"")
    compare(str(root), [changed, B, added], _index, lambda file: fresh.append(file.path))
    assert fresh == [A.path, added.path]


def test_comparing_with_no_tree_finds_all_missing(tmp_path: Path) -> None:
    difference = compare(str(tmp_path / "none"), [A], _index)
    assert (difference.added, difference.changed) == (("index.json", A.path), ())
    assert not (tmp_path / "none").exists()


def test_a_stale_file_that_is_gone_already_is_no_difference(root: Path) -> None:
    (root / C.path).unlink()
    assert compare(str(root), [A, B], _index).stale == ()


def test_a_file_of_ours_of_the_same_size_that_was_edited_is_written_again(root: Path) -> None:
    (root / A.path).write_text("a: 9\n")
    assert compare(str(root), [A, B, C], _index).changed == (A.path,)


def test_a_link_in_place_of_a_file_is_replaced(root: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("a: 1\n")
    (root / A.path).unlink()
    (root / A.path).symlink_to(tmp_path / "mine")
    assert write(str(root), [A, B, C], _index) == TreeChange(1, 0, 2)
    assert not (root / A.path).is_symlink()
    assert (tmp_path / "mine").read_text() == "a: 1\n"


def test_a_folder_in_place_of_a_file_is_in_the_way(root: Path) -> None:
    foreign = root / "one" / "app" / "d.yaml"
    foreign.mkdir()
    with pytest.raises(InputError, match="was not written by armada-render"):
        write(str(root), [A, B, C, OutputFile("one/app/d.yaml", b"")], _index)


@pytest.mark.parametrize(
    ("place", "named"), [("three", "three/app"), ("one/other", "one/other"), ("two", "two/app")]
)
def test_a_file_in_place_of_a_folder_is_in_the_way(root: Path, place: str, named: str) -> None:
    shutil.rmtree(root / place, ignore_errors=True)
    (root / place).write_text("mine\n")
    wanted = [A, B, C, OutputFile("three/app/d.yaml", b""), OutputFile("one/other/e.yaml", b"")]
    with pytest.raises(InputError, match=f"{named} stands in .* but was not written by"):
        write(str(root), wanted, _index)
    assert (root / place).read_text() == "mine\n"
    assert _tree(root)[A.path] == "a: 1\n"


def test_a_link_in_place_of_a_cluster_is_in_the_way(root: Path, tmp_path: Path) -> None:
    (root / "one").rename(tmp_path / "elsewhere")
    (root / "one").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="one stands in"):
        write(str(root), [OutputFile(A.path, b"a: 2\n"), B, C], _index)
    assert (tmp_path / "elsewhere" / "app" / "a.yaml").read_text() == "a: 1\n"


def test_foreign_files_links_and_folders_travel_with_their_cluster(root: Path) -> None:
    (root / "one" / "notes").mkdir()
    (root / "one" / "notes" / "README.md").write_text("mine\n")
    (root / "one" / "link").symlink_to("notes/README.md")
    write(str(root), [OutputFile(A.path, b"a: 2\n"), B, C], _index)
    assert (root / "one" / "notes" / "README.md").read_text() == "mine\n"
    assert (root / "one" / "link").readlink() == Path("notes/README.md")
    assert _tree(root)[B.path] == "b: 1\n"


def test_a_cluster_that_gets_nothing_any_more_loses_its_folder(root: Path) -> None:
    assert write(str(root), [A, B], _index) == TreeChange(0, 1, 2)
    assert not (root / "two").exists()


def test_without_hard_links_what_stays_is_copied(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(errno.EPERM, "no hard links here")

    os.utime(root / B.path, (1_000_000_000, 1_000_000_000))
    monkeypatch.setattr(os, "link", refuse)
    write(str(root), [OutputFile(A.path, b"a: 2\n"), B, C], _index)
    assert _tree(root)[B.path] == "b: 1\n"
    assert (root / B.path).stat().st_mtime == 1_000_000_000


@pytest.mark.parametrize("failing", range(5))
def test_a_swap_that_fails_is_undone_wherever_it_fails(
    root: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    before = _tree(root)
    index = (root / "index.json").read_text()
    _fail_at(monkeypatch, failing)
    files = [OutputFile(A.path, b"a: 2\n"), OutputFile("three/app/d.yaml", b"d: 1\n")]
    with pytest.raises(SourceError, match="the disk is gone\n  hint: nothing was changed"):
        write(str(root), files, _index)
    assert _tree(root) == before
    assert (root / "index.json").read_text() == index
    assert not (root / ".armada-render.tmp").exists()


def test_files_of_a_broken_index_are_not_ours(root: Path) -> None:
    (root / "index.json").write_text('{"files": 3}')
    with pytest.raises(InputError, match="is not an index that armada-render wrote"):
        compare(str(root), [A], _index)


def test_an_index_that_cannot_be_read_is_an_error(root: Path) -> None:
    (root / "index.json").unlink()
    (root / "index.json").mkdir()
    with pytest.raises(SourceError, match=r"index\.json cannot be read: Is a directory"):
        compare(str(root), [A], _index)


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../x", "one/../../x", "one//x", "./x", "", "a\0b"]
)
def test_an_index_names_only_files_below_the_tree(root: Path, path: str) -> None:
    (root / "index.json").write_text(json.dumps({"files": {path: "0", C.path: "0"}}))
    (root.parent / "x").write_text("")
    assert compare(str(root), [A, B], _index).stale == (C.path,)


def test_old_leftovers_of_a_killed_run_are_removed(root: Path) -> None:
    staging = root / ".armada-render.tmp"
    (staging / "new" / "one").mkdir(parents=True)
    (staging / "old" / "two").mkdir(parents=True)
    write(str(root), [A, B, C], _index)
    assert not staging.exists()
    assert _tree(root) == {A.path: "a: 1\n", B.path: "b: 1\n", C.path: "c: 1\n"}


def test_a_leftover_index_of_a_killed_run_is_removed(root: Path) -> None:
    staging = root / ".armada-render.tmp"
    staging.mkdir()
    (staging / "index.json").write_text("half")
    write(str(root), [A, B, C], _index)
    assert not staging.exists()


def test_a_tree_is_staged_as_it_is_made(tmp_path: Path) -> None:
    root = tmp_path / "out"
    seen: list[bool] = []

    def files() -> Iterator[OutputFile]:
        yield A
        seen.append((root / ".armada-render.tmp" / "new" / A.path).exists())
        seen.append((root / A.path).exists())
        yield B

    write(str(root), files(), _index)
    assert seen == [True, False]
    shutil.rmtree(root)


def test_a_folder_is_never_taken_for_a_file_of_its_size(root: Path) -> None:
    folder = root / "one" / "app" / "d.yaml"
    folder.mkdir()
    with pytest.raises(InputError, match=r"one/app/d\.yaml stands in"):
        compare(str(root), [OutputFile("one/app/d.yaml", b"x" * folder.stat().st_size)], _index)


MANY = [OutputFile(f"one/app-{number}/m.yaml", b"n: %d\n" % number) for number in range(20)]


@pytest.fixture
def large(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    write(str(folder), MANY, _index)
    return folder


def _edited() -> list[OutputFile]:
    """Return the files with one changed, one removed and two added, one of them in a new folder."""
    added = [OutputFile("one/app-0/new.yaml", b""), OutputFile("one/deep/er/new.yaml", b"")]
    return [OutputFile("one/app-3/m.yaml", b"edited\n"), *MANY[:3], *MANY[4:19], *added]


def test_where_little_changes_the_rest_is_not_even_linked(
    large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "link")
    (large / "one" / "notes").mkdir()
    inode = (large / "one" / "app-5" / "m.yaml").stat().st_ino
    assert write(str(large), _edited(), _index) == TreeChange(3, 1, 18)
    assert _tree(large) == {file.path: file.data.decode() for file in _edited()}
    assert (large / "one" / "app-5" / "m.yaml").stat().st_ino == inode
    assert (large / "one" / "notes").is_dir()
    assert not (large / "one" / "app-19").exists()
    assert sorted(path.name for path in large.iterdir()) == ["index.json", "one"]


@pytest.mark.parametrize("failing", range(6))
def test_a_piece_that_fails_undoes_the_others(
    large: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    before = _tree(large)
    _fail_at(monkeypatch, failing)
    with pytest.raises(SourceError, match="the disk is gone"):
        write(str(large), _edited(), _index)
    assert _tree(large) == before
    assert not (large / ".armada-render.tmp").exists()


def _fail_at(monkeypatch: pytest.MonkeyPatch, failing: int) -> None:
    count = 0
    real_rename, real_replace = os.rename, os.replace

    def counted(real: Any) -> Any:
        def move(source: str, target: str) -> None:
            nonlocal count
            count += 1
            if count == failing + 1:
                raise OSError(errno.EIO, "the disk is gone")
            real(source, target)

        return move

    monkeypatch.setattr(os, "rename", counted(real_rename))
    monkeypatch.setattr(os, "replace", counted(real_replace))


_KILLED = """
import os, sys
from armada_render.emit import OutputFile
from armada_render.output import write
import json
left = int(sys.argv[2])
real = os.rename
def rename(source, target):
    global left
    left -= 1
    if left < 0:
        os._exit(9)
    real(source, target)
os.rename = rename
files = [OutputFile(path, text.encode()) for path, text in json.loads(sys.argv[3]).items()]
write(sys.argv[1], files, lambda digests: json.dumps({"files": digests}).encode())
"""


@pytest.mark.parametrize("renames", [0, 1, 2, 3, 4])
def test_pieces_of_a_killed_run_are_put_back_by_the_next(large: Path, renames: int) -> None:
    texts = {file.path: file.data.decode() for file in _edited()}
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, str(large), str(renames), json.dumps(texts)],
        cwd=Path(__file__).parents[3],
        check=False,
    )
    assert done.returncode == 9
    assert write(str(large), MANY, _index).removed == 0
    assert _tree(large) == {
        **{file.path: file.data.decode() for file in MANY},
        # what was in place before the index was is nobody's
        **{name: "" for name in _tree(large) if name.endswith("new.yaml")},
    }
    write(str(large), _edited(), _index)
    assert _tree(large) == texts


def test_a_patch_replaces_files_and_the_index(large: Path) -> None:
    before = (large / "index.json").read_bytes()
    new = [OutputFile("one/app-3/m.yaml", b"edited\n")]
    assert not patch(str(large), new, before + b" ", b"index")
    assert not patch(str(large), new, before[:-1], b"index")
    assert _tree(large)["one/app-3/m.yaml"] == "n: 3\n"
    assert patch(str(large), new, before, b"index")
    assert _tree(large)["one/app-3/m.yaml"] == "edited\n"
    assert (large / "index.json").read_bytes() == b"index"
    assert sorted(path.name for path in large.iterdir()) == ["index.json", "one"]


@pytest.mark.parametrize("failing", range(5))
def test_a_patch_that_fails_is_undone(
    large: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    before, index = _tree(large), (large / "index.json").read_bytes()
    _fail_at(monkeypatch, failing)
    new = [OutputFile(f"one/app-{number}/m.yaml", b"edited\n") for number in (1, 2)]
    with pytest.raises(SourceError, match="the disk is gone"):
        patch(str(large), new, index, b"index")
    assert _tree(large) == before
    assert (large / "index.json").read_bytes() == index
    assert not (large / ".armada-render.tmp").exists()
