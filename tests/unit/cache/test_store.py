"""Entries are whole or absent, whoever wrote them and whatever happened on the way."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from armada_render.cache.store import MAX_ENTRY_BYTES, Store, folder

ROOT = Path(__file__).parents[3]


def _open(path: Path, max_bytes: int = 1 << 30) -> Store:
    store = Store.open(str(path), max_bytes)
    assert store is not None
    return store


def _names(path: Path) -> list[str]:
    return sorted(entry.name for entry in path.iterdir() if not entry.name.startswith("."))


def test_what_is_put_is_there_for_the_next_run(tmp_path: Path) -> None:
    home = tmp_path / "made" / "on the way" / "armada-render"
    store = _open(home)
    assert store.get("a") is None
    store.put("a", b"content")
    store.put("empty", b"")
    store.close()
    again = _open(home)
    assert (again.get("a"), again.get("empty")) == (b"content", b"")
    assert home.stat().st_mode & 0o777 == 0o700
    assert (home / "a").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("at", [0, 10, 30, 60, -1])
def test_an_entry_with_a_changed_byte_is_none(tmp_path: Path, at: int) -> None:
    store = _open(tmp_path / "c")
    store.put("a", b"content")
    data = bytearray((tmp_path / "c" / "a").read_bytes())
    data[at] ^= 1
    (tmp_path / "c" / "a").write_bytes(data)
    assert store.get("a") is None
    store.put("a", b"content")
    assert store.get("a") == b"content"


def test_an_entry_that_a_crash_cut_off_is_none(tmp_path: Path) -> None:
    store = _open(tmp_path / "c")
    store.put("a", b"content")
    whole = (tmp_path / "c" / "a").read_bytes()
    for length in range(len(whole)):
        (tmp_path / "c" / "a").write_bytes(whole[:length])
        assert store.get("a") is None


def test_an_entry_under_another_name_is_none(tmp_path: Path) -> None:
    store = _open(tmp_path / "c")
    store.put("a", b"content")
    (tmp_path / "c" / "a").rename(tmp_path / "c" / "b")
    assert store.get("b") is None


def test_links_and_other_things_are_no_entries(tmp_path: Path) -> None:
    store = _open(tmp_path / "c")
    store.put("a", b"content")
    (tmp_path / "c" / "link").symlink_to("a")
    (tmp_path / "c" / "folder").mkdir()
    os.mkfifo(tmp_path / "c" / "pipe")
    with (tmp_path / "c" / "huge").open("wb") as handle:
        handle.truncate(MAX_ENTRY_BYTES + 1)
    assert [store.get(name) for name in ("link", "folder", "huge")] == [None, None, None]


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701])
def test_a_folder_that_others_may_enter_is_not_used(tmp_path: Path, mode: int) -> None:
    (tmp_path / "c").mkdir(mode=0o700)
    (tmp_path / "c").chmod(mode)
    assert Store.open(str(tmp_path / "c")) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives folders away")
def test_the_folder_of_another_user_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir(mode=0o700)
    os.chown(tmp_path / "c", 12345, 12345)
    assert Store.open(str(tmp_path / "c")) is None


def test_a_link_in_place_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "c").symlink_to("real")
    assert Store.open(str(tmp_path / "c")) is None


def test_no_folder_where_a_file_stands_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert Store.open(str(tmp_path / "file")) is None
    assert Store.open(str(tmp_path / "file" / "c")) is None


def test_what_was_used_longest_ago_goes_first(tmp_path: Path) -> None:
    home = tmp_path / "c"
    for number in range(10):
        store = _open(home, 5000)
        store.put(f"entry-{number}", bytes(945))  # 1000 bytes with its head
        store.close()
        os.utime(home / f"entry-{number}", (1000 + number, 1000 + number))
    assert _names(home) == [f"entry-{number}" for number in range(6, 10)]
    assert sum(path.stat().st_size for path in home.glob("entry-*")) <= 5000


def test_reading_an_old_entry_keeps_it(tmp_path: Path) -> None:
    store = _open(tmp_path / "c")
    store.put("a", b"content")
    os.utime(tmp_path / "c" / "a", (1000, 1000))
    store.get("a")
    assert time.time() - (tmp_path / "c" / "a").stat().st_mtime < 1000


def test_what_crashes_leave_is_removed_when_room_is_made(tmp_path: Path) -> None:
    store = _open(tmp_path / "c", 10)
    for name in (".tmp-1-1", ".tmp-2-1"):
        (tmp_path / "c" / name).write_bytes(b"half")
    os.utime(tmp_path / "c" / ".tmp-1-1", (1000, 1000))
    store.put("a", b"content")
    store.close()
    assert not (tmp_path / "c" / ".tmp-1-1").exists()
    assert (tmp_path / "c" / ".tmp-2-1").exists()  # perhaps somebody is writing it


@pytest.mark.parametrize("books", [b"not numbers\n\xff", b"1\n" * 2000])
def test_damaged_books_are_kept_anew(tmp_path: Path, books: bytes) -> None:
    home = tmp_path / "c"
    store = _open(home, 5000)
    (home / ".used").write_bytes(books)
    for number in range(10):
        store.put(f"entry-{number}", bytes(945))
    store.close()
    assert len(_names(home)) <= 5


def test_a_disk_that_takes_nothing_only_costs_time(tmp_path: Path) -> None:
    store = _open(tmp_path / "c")
    store.put("a", b"content")
    (tmp_path / "c").rename(tmp_path / "moved")
    (tmp_path / "moved" / "a").unlink()
    (tmp_path / "moved").rmdir()  # a folder that is gone refuses new files
    store.put("b", b"content")
    store.put("c", b"content")
    assert [store.get(name) for name in "abc"] == [None, None, None]
    store.close()


def test_where_the_environment_puts_it() -> None:
    assert folder({"XDG_CACHE_HOME": "/x", "HOME": "/h"}) == "/x/armada-render"
    assert folder({"XDG_CACHE_HOME": "relative", "HOME": "/h"}) == "/h/.cache/armada-render"
    assert folder({"XDG_CACHE_HOME": "", "HOME": "/h"}) == "/h/.cache/armada-render"
    assert folder({"HOME": "nowhere"}) == folder({}) == ""


_WRITER = """
import sys
from armada_render.cache.store import Store
store = Store.open(sys.argv[1], 200_000)
for turn in range(12):
    for number in range(20):
        name = f"entry-{number}"
        found = store.get(name)
        assert found in (None, name.encode() * 1000), name
        store.put(name, name.encode() * 1000)
store.close()
"""


def test_processes_that_write_and_clear_at_once_never_see_half_an_entry(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _WRITER, str(tmp_path / "c")]
    running = [subprocess.Popen(command, cwd=ROOT) for _ in range(3)]
    running[0].kill()  # and one dies while it writes
    assert [process.wait() for process in running[1:]] == [0, 0]
    running[0].wait()
    store = _open(tmp_path / "c")
    for name in _names(tmp_path / "c"):
        assert store.get(name) == name.encode() * 1000
