"""The report as people use it: in a browser, on a phone, by keyboard, in the dark."""

import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from armada_render.cli import run
from benchmarks.fleet import write_fleet
from tests.support.browser import ROOT, Open, keep

pytestmark = pytest.mark.long

_PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("report") / "shop.html"
    assert run(["-q", "report", str(ROOT / "examples/shop"), "--out", str(out)]) == 0
    return out


def _objects(page: Page) -> list[str]:
    return page.locator("#table tbody th button").all_inner_texts()


def test_the_matrix_holds_every_object_and_cluster(shop: Path, show: Open) -> None:
    page = show(shop)
    keep(page, "shop")
    assert page.locator("thead th").all_inner_texts() == [
        "Object",
        "dublin",
        "frankfurt",
        "lab",
        "virginia",
    ]
    row = page.locator("tr", has=page.get_by_role("button", name="Deployment/web", exact=True))
    assert row.locator("td").all_inner_texts() == ["7", "2", "-", "-"]
    expect(page.locator("#count")).to_have_text("4 objects")
    expect(page.locator("#summary")).to_have_text("4 objects on 3 of 4 clusters")


def test_search_and_filters_narrow_and_stay_in_the_address(shop: Path, show: Open) -> None:
    page = show(shop)
    page.get_by_label("Search").fill("secret web")
    assert _objects(page) == ["Secret/web-database"]
    assert "search=secret+web" in page.url
    page.get_by_label("Search").fill("")
    page.locator("#cluster").select_option("frankfurt")
    assert _objects(page) == ["ConfigMap/web-config", "Deployment/web", "Secret/web-database"]
    assert page.locator("thead th").all_inner_texts() == ["Object", "frankfurt"]
    again = show(shop, fragment="#search=web-config&view=list")
    assert _objects(again) == ["ConfigMap/web-config"]
    assert again.locator("thead th").all_inner_texts() == ["Object", "Clusters"]


def test_a_click_says_why(shop: Path, show: Open) -> None:
    page = show(shop)
    page.get_by_role("button", name="Deployment/web", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("9 replicas on 2 clusters")
    expect(dialog).to_contain_text("PropagationPolicy/shop/web (web/policies.yaml:2)")
    expect(dialog).to_contain_text("9 x 32/44 = 6.55  -> 7")
    keep(page, "shop-why")
    page.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()


def test_everything_works_by_keyboard(shop: Path, show: Open) -> None:
    page = show(shop)
    page.keyboard.press("/")
    page.keyboard.type("deployment")
    assert page.evaluate("document.activeElement.id") == "search"
    button = page.locator("#table tbody th button").first
    for _ in range(12):
        page.keyboard.press("Tab")
        if button.evaluate("element => element === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert button.evaluate("element => element === document.activeElement")


def test_a_phone_gets_a_list_that_fits(shop: Path, show: Open) -> None:
    page = show(shop, **_PHONE)
    keep(page, "shop-phone")
    assert page.locator("thead th").all_inner_texts() == ["Object", "Clusters"]
    expect(page.locator("#table")).to_contain_text("dublin 7")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Deployment/web", exact=True).click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_both_schemes(shop: Path, show: Open, scheme: str) -> None:
    page = show(shop, color_scheme=scheme)
    keep(page, f"shop-{scheme}")
    contrasts = page.evaluate(_CONTRASTS)
    assert len(contrasts) > 20
    assert {text: ratio for text, ratio in contrasts if ratio < 4.5} == {}


def test_capacity_is_drawn_where_it_is_known(shop: Path, show: Open) -> None:
    page = show(shop)
    card = page.locator("article", has=page.get_by_role("heading", name="dublin"))
    expect(card.get_by_role("img", name="cpu 3.5 asked")).to_be_visible()
    lab = page.locator("article", has=page.get_by_role("heading", name="lab"))
    expect(lab).to_contain_text("taints: dedicated=experiments:NoSchedule")


def test_hostile_names_are_text(tmp_path: Path, show: Open) -> None:
    fleet = tmp_path / "fleet" / "<img src=x onerror=alert(1)>"
    fleet.mkdir(parents=True)
    (fleet / "all.yaml").write_text(_HOSTILE)
    out = tmp_path / "out.html"
    title = "</title><script>alert(2)</script>"
    run(["-q", "report", str(tmp_path / "fleet"), "--out", str(out), "--title", title])
    page = show(out)
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert page.locator("img:not([role])").count() == 0
    assert page.locator("script").count() == 3
    assert "onerror=alert(1)" in page.locator("tr.app").inner_text()


def test_scripts_of_others_may_not_run(shop: Path, tmp_path: Path, show: Open) -> None:
    changed = tmp_path / "changed.html"
    evil = "<script>document.title = 'taken'</script><h1 onclick='0' style='color:red'>"
    changed.write_text(shop.read_text().replace("<h1>", evil))
    page = show(changed, refused="violates the following Content Security Policy directive")
    assert page.title() == "shop"


def test_a_thousand_apps_on_a_hundred_clusters_stay_light(tmp_path: Path, show: Open) -> None:
    write_fleet(tmp_path / "fleet", 1000, 100)
    out = tmp_path / "big.html"
    assert run(["-q", "report", str(tmp_path / "fleet"), "--out", str(out)]) == 0
    assert out.stat().st_size < 2 * 2**20
    page = show(out)
    keep(page, "big")
    expect(page.locator("#count")).to_have_text("100 of 5000 found, 5000 objects in all")
    assert page.locator("thead th").count() == 101
    page.get_by_label("Search").fill("app-00999")
    assert len(_objects(page)) == 5
    page.locator("#table tbody th button").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("POLICIES")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_changes_stand_above_the_placement(tmp_path: Path, show: Open, scheme: str) -> None:
    fleet = tmp_path / "fleet"
    shutil.copytree(ROOT / "examples/app-manifests", fleet)
    who = ("-c", "user.name=A", "-c", "user.email=a@example.com")
    for command in (["init", "-q"], ["add", "-A"], [*who, "commit", "-qm", "one"]):
        subprocess.run(["git", "-C", str(fleet), *command], check=True)
    deployment = fleet / "rabbitmq/deployment.yaml"
    deployment.write_text(deployment.read_text().replace("replicas: 4", "replicas: 6"))
    (fleet / "nginx/propagationpolicy.yaml").unlink()
    out = tmp_path / "out.html"
    assert run(["-q", "report", str(fleet), "--base", "HEAD", "--out", str(out)]) == 0
    page = show(out, color_scheme=scheme)
    page.locator("details", has_text="Deployment/rabbitmq").first.click()
    keep(page, f"changes-{scheme}")
    section = page.get_by_role("region", name="Changes", exact=True)
    expect(section).to_contain_text("pegasus 3 → 4, pegasus-2 1 → 2")
    expect(section).to_contain_text("its last copy is removed")
    assert {text: ratio for text, ratio in page.evaluate(_CONTRASTS) if ratio < 4.5} == {}


def test_what_is_lost_when_a_cluster_fails(tmp_path: Path, show: Open) -> None:
    out = tmp_path / "out.html"
    fleet = str(ROOT / "examples/app-manifests")
    assert run(["-q", "report", fleet, "--simulate", "--out", str(out)]) == 0
    page = show(out, fragment="#failures")
    row = page.get_by_role("row", name="pegasus-2", exact=False).filter(has_text="7")
    assert row.locator("td").all_inner_texts() == ["7", "1", "1", "1", "4", "2"]
    page.get_by_text("pegasus-2 fails: something is lost").click()
    keep(page, "failures")
    expect(page.locator("#failures")).to_contain_text(
        "Rollout demo-ms-canary is on pegasus-3 without Service demo-ms-canary"
    )


_CONTRASTS = """() => {
  const light = (color) => {
    const [r, g, b] = color.match(/[0-9.]+/g).slice(0, 3).map(Number).map((part) => {
      const share = part / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const back = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (!/, 0\\)$/.test(color) && color !== "transparent") return color;
    }
    return "rgb(255, 255, 255)";
  };
  return [...document.querySelectorAll("body *")]
    .filter((one) => one.checkVisibility() && [...one.childNodes].some(
      (node) => node.nodeType === Node.TEXT_NODE && node.data.trim()))
    .map((one) => {
      const [a, b] = [light(getComputedStyle(one).color), light(back(one))];
      return [one.textContent.trim().slice(0, 40), (Math.max(a, b) + .05) / (Math.min(a, b) + .05)];
    });
}"""

_HOSTILE = """\
apiVersion: cluster.karmada.io/v1alpha1
kind: Cluster
metadata: {name: a, labels: {x: y}}
spec: {region: "</script><script>alert(3)</script>"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: c, namespace: default}
---
apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata: {name: p, namespace: default}
spec:
  resourceSelectors: [{apiVersion: v1, kind: ConfigMap}]
  placement: {}
"""
