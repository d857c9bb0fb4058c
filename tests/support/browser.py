"""What tests with a browser share; the browser itself is a fixture of the long stage."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "build" / "screenshots"

Open = Callable[..., Page]
"""Opens a page: the path of its file, and settings of the device."""


def keep(page: Page, name: str) -> None:
    """Keep a picture of the page as an artefact of the run."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")
