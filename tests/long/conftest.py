"""A real browser, which shows the page from a file and reaches no network."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.browser import Open

_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def show(browser: Browser) -> Iterator[Open]:
    """Open a page; what it complains of, or asks the network for, fails the test.

    `refused` is what the browser must say that it refuses.
    """
    complaints: list[str] = []
    refusals: list[str] = []
    contexts = []

    def opened(path: Path, *, fragment: str = "", refused: str = "", **device: object) -> Page:
        refusals.extend([refused] if refused else [])
        context = browser.new_context(**device)  # type: ignore[arg-type] # the device's settings
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request",
            lambda request: (
                None if request.url.startswith("file:") else complaints.append(request.url)
            ),
        )
        page.goto(f"{path.as_uri()}{fragment}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [text for text in complaints if not any(one in text for one in refusals)] == []
    assert [one for one in refusals if not any(one in text for text in complaints)] == []
