"""What is kept of a profile says nothing about the machine that it was made on."""

from benchmarks.processes import ROOT
from benchmarks.profiles import cleaned


def test_a_profile_has_paths_within_the_repository_only() -> None:
    text = (
        f"pyinstrument ....\n.\n.  Program: {ROOT}/x\n.\n.  9.0% f  {ROOT}/armada_render/a.py:1\n"
        ".     1.0% g  /opt/python/lib/python3.11/os.py:2\n.\n"
    )

    assert cleaned(text) == "9.0% f  armada_render/a.py:1\n   1.0% g  lib/python3.11/os.py:2\n"
