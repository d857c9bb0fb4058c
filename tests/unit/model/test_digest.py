import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from armada_render.model import digest
from armada_render.model.digest import sha256

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("parts", [(), (b"",), (b"a",), (b"a", b"bc"), (b"x" * 600_000,)])
def test_it_is_sha_256(parts: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = hashlib.sha256(b"".join(parts)).digest()
    assert sha256(*parts) == wanted
    monkeypatch.setattr(digest, "_hasher", digest._Hasher())
    monkeypatch.delitem(sys.modules, "_hashlib")
    assert sha256(*parts) == wanted


def test_openssl_is_loaded_for_much_only() -> None:
    program = """
import sys
from armada_render.model.digest import sha256
sha256(b"x" * 1000)
print("_hashlib" in sys.modules)
sha256(b"x" * 1000_000)
print("_hashlib" in sys.modules)
print(sha256(b"").hex()[:8])
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["False", "True", "e3b0c442"]


def test_python_may_have_no_code_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_sha2", "_sha256"):
        monkeypatch.setitem(sys.modules, name, None)
    assert digest._own() is hashlib.sha256
