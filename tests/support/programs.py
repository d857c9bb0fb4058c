"""Programs that only the long stage installs."""

import os
import shutil

import pytest


def need(*names: str) -> None:
    """Skip the test when a program is missing; with CI set it fails, so that nothing hides."""
    missing = [name for name in names if shutil.which(name) is None]
    if not missing and os.geteuid() == 0:
        return
    reason = f"needs {', '.join(missing)}" if missing else "needs root"
    if os.environ.get("CI"):
        pytest.fail(f"{reason}: make long installs and runs it, as root", pytrace=False)
    pytest.skip(reason)
