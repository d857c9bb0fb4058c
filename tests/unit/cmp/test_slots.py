"""Slots are files, so that processes that do not know one another share them."""

import os
import threading
from pathlib import Path

import pytest

from armada_render.cmp.slots import slot
from armada_render.errors import SourceError


def test_no_more_than_the_slots_are_taken_at_once(tmp_path: Path) -> None:
    running = 0
    most = 0
    lock = threading.Lock()
    gate = threading.Event()

    def work() -> None:
        nonlocal running, most
        with slot(str(tmp_path), 2):
            with lock:
                running += 1
                most = max(most, running)
            gate.wait(0.005)
            with lock:
                running -= 1

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 2


def test_the_folder_is_ours_alone(tmp_path: Path) -> None:
    with slot(str(tmp_path), 1):
        (folder,) = tmp_path.iterdir()
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / f"armada-render-cmp-{os.getuid()}").symlink_to("/")
    with pytest.raises(SourceError, match="something else has its name"), slot(str(tmp_path), 1):
        pass


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with (
        pytest.raises(SourceError, match="the folder for lock files cannot be used"),
        slot(str(tmp_path / "no"), 1),
    ):
        pass
