"""The page of a difference in a real browser: nothing runs, nothing is fetched, it fits a phone."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from armada_render.diff import compare
from armada_render.diff.page import page as html
from armada_render.pipeline import Rendering
from tests.support.browser import Open, keep
from tests.support.objects import config_map, deployment, policy
from tests.unit.diff.test_compare import placed, rendered, shown

pytestmark = pytest.mark.long

_PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
_EVIL = "</pre><script>document.title='ran'</script><img src=https://evil.example/x>"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def fleet(value: str, replicas: int) -> Rendering:
        item = {**config_map("settings"), "data": {"long.conf": value * 20, _EVIL: value}}
        web = deployment("w" * 80, replicas)
        return rendered(item, policy("all"), web, placed("w" * 80, "m1"))

    path = tmp_path_factory.mktemp("diff") / "diff.html"
    path.write_text(html(shown(compare(fleet("a\n", 3), fleet(f"{_EVIL}\n", 0)))))
    return path


def test_nothing_of_the_repository_runs_or_is_fetched(file: Path, show: Open) -> None:
    # `show` fails the test for every complaint of the browser and every request.
    page = show(file)
    keep(page, "diff")
    assert page.title().startswith("armada-render diff: 2 objects change")
    page.locator("summary").last.click()
    expect(page.locator("pre").last).to_contain_text("document.title='ran'")


def test_it_fits_a_phone(file: Path, show: Open) -> None:
    page = show(file, **_PHONE)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    keep(page, "diff-phone")
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 360


def test_it_is_read_in_the_dark(file: Path, show: Open) -> None:
    light = _colours(show(file, color_scheme="light"))
    dark = _colours(show(file, color_scheme="dark"))
    assert light != dark


def _colours(page: object) -> object:
    return page.evaluate(  # type: ignore[attr-defined] # a page of the browser
        "getComputedStyle(document.querySelector('.diff .because')).color"
    )
