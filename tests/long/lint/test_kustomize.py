"""What `yaml-ambiguous` says of kustomize is true: kubectl's own is asked about every scalar."""

import subprocess
import sys
from pathlib import Path

import pytest

from armada_render import yamlio
from tests.support.ambiguous_scalars import (
    DIFFERENT_KEYS,
    DIFFERENT_VALUES,
    SAME_KEYS,
    SAME_VALUES,
)

pytestmark = pytest.mark.long

_HEAD = "apiVersion: example.io/v1\nkind: Farm\nmetadata:\n  name: x\nspec:\n"
_KUBECTL = str(Path(sys.executable).parent / "kubectl")


def _as_kustomize_reads(text: str, folder: Path) -> object:
    """Return what comes out of kustomize, None when it refuses."""
    (folder / "farm.yaml").write_text(text)
    (folder / "kustomization.yaml").write_text("resources: [farm.yaml]\n")
    done = subprocess.run(
        [_KUBECTL, "kustomize", str(folder)], capture_output=True, text=True, check=False
    )
    return yamlio.loads(done.stdout) if done.returncode == 0 else None


def _is_same(text: str, folder: Path) -> bool:
    ours, theirs = yamlio.loads(text), _as_kustomize_reads(text, folder)
    # The types count: 1 and true are equal in Python.
    return repr(ours) == repr(theirs)


@pytest.mark.parametrize("scalar", [*DIFFERENT_VALUES, *SAME_VALUES])
def test_values(scalar: str, tmp_path: Path) -> None:
    assert _is_same(f"{_HEAD}  a: {scalar}\n", tmp_path) is (scalar in SAME_VALUES)


@pytest.mark.parametrize("key", [*DIFFERENT_KEYS, *SAME_KEYS])
def test_keys(key: str, tmp_path: Path) -> None:
    assert _is_same(f"{_HEAD}  {key}: x\n", tmp_path) is (key in SAME_KEYS)
