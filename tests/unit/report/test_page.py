"""What the page holds, without a browser (tests/long/report has one)."""

import base64
import gzip
import hashlib
import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from armada_render.cli import run
from armada_render.explain import Evidence
from armada_render.load import DirectorySource, load
from armada_render.pipeline import render
from armada_render.report import Contents, contents, page

EXAMPLES = Path(__file__).parents[3] / "examples"


def _contents(fleet: str) -> Contents:
    loaded = load(DirectorySource(str(EXAMPLES / fleet))).fleet
    evidence = Evidence(
        fleet=loaded,
        rendering=render(loaded),
        locate=lambda location, _: str(location or ""),
    )
    return contents(fleet, evidence, locate_problems=list)


def _block(text: str, name: str) -> Any:
    pattern = rf'<script type="application/json" id="{name}">(.*?)</script>'
    (found,) = re.findall(pattern, text, re.DOTALL)
    return json.loads(found)


def test_rows_point_to_shared_places_and_policies() -> None:
    data = _contents("shop").data
    rows = {f"{row[1]}/{row[2]}": row for row in data["rows"]}
    names = [cluster["name"] for cluster in data["clusters"]]
    config, secret = rows["ConfigMap/web-config"], rows["Secret/web-database"]
    assert config[5] == secret[5]
    assert [(names[one], two, mark) for one, two, mark in data["places"][config[5]]] == [
        ("dublin", 0, 0),
        ("frankfurt", 0, 0),
    ]
    held = data["places"][rows["Job/reindex"][5]]
    assert [(names[one], mark) for one, _, mark in held] == [("dublin", 0), ("lab", 1)]
    assert data["policies"][rows["Deployment/web"][4]] == "PropagationPolicy/shop/web"
    assert rows["Deployment/web"][6:] == [1, ""]


def test_reasons_are_packed_in_the_order_of_rows() -> None:
    made = _contents("shop")
    (chunk,) = made.reasons
    assert base64.b64decode(chunk)[9] == 255, "the system that packed it is not named"
    texts = json.loads(gzip.decompress(base64.b64decode(chunk)))
    assert len(texts) == len(made.data["rows"])
    for row, text in zip(made.data["rows"], texts, strict=True):
        assert f"/{row[1]}/{row[0]}/{row[2]}" in text.splitlines()[0]


def test_the_same_fleet_gives_the_same_bytes() -> None:
    assert page(_contents("shop"), version="1") == page(_contents("shop"), version="1")


def test_the_policy_names_the_one_style_and_script() -> None:
    text = page(_contents("app-manifests"), version="1").decode()
    policy = html.unescape(re.findall(r'Security-Policy" content="([^"]*)"', text)[0])
    for tag, pattern in (("style", r"<style>(.*?)</style>"), ("script", r"<script>(.*?)</script>")):
        (inline,) = re.findall(pattern, text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "http://" not in text
    assert "https://" not in text


def test_values_of_secrets_are_not_on_the_page() -> None:
    text = page(_contents("shop"), version="1").decode()
    reasons = "".join(
        gzip.decompress(base64.b64decode(chunk)).decode() for chunk in _block(text, "reasons")
    )
    assert "Secret/shop/web-database" in reasons
    assert "not-a-real-password" in (EXAMPLES / "shop/web/config.yaml").read_text()
    assert "not-a-real-password" not in text + reasons


def test_problems_stand_on_the_page_and_decide_the_exit_code(tmp_path: Path) -> None:
    fleet = tmp_path / "fleet"
    fleet.mkdir()
    (fleet / "a.yaml").write_text("a: [")
    (fleet / "c.yaml").write_text(
        "apiVersion: cluster.karmada.io/v1alpha1\nkind: Cluster\nmetadata: {name: a}\n"
    )
    out = tmp_path / "out.html"
    assert run(["-q", "report", str(fleet), "--out", str(out)]) == 3
    assert "a.yaml:2:1: a value is missing" in html.unescape(out.read_text())
    assert "1 error<" in out.read_text()


def test_a_page_that_cannot_be_written_leaves_the_old_one(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    fleet = str(EXAMPLES / "app-manifests")
    assert run(["-q", "report", fleet, "--out", str(tmp_path / "none" / "out.html")]) == 6
    assert "cannot be written" in capfd.readouterr().err
    out = tmp_path / "out.html"
    assert run(["-q", "report", fleet, "--out", str(out), "--title", "Mine"]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["out.html"]
    assert "<h1>Mine</h1>" in out.read_text()
    assert out.stat().st_mode & 0o044


def test_changes_since_a_revision_stand_on_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet = _committed(tmp_path / "clone", monkeypatch)
    deployment = fleet / "rabbitmq/deployment.yaml"
    deployment.write_text(deployment.read_text().replace("replicas: 4", "replicas: 6"))
    out = tmp_path / "out.html"
    assert run(["-q", "report", str(fleet), "--base", "HEAD", "--out", str(out)]) == 0
    text = html.unescape(out.read_text())
    assert '<a href="#changes">' in text
    assert "Deployment/rabbitmq (default): 4 → 6 replicas; pegasus 3 → 4, pegasus-2 1 → 2" in text
    (style,) = re.findall(r"<style>(.*?)</style>", out.read_text(), re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in text


def test_a_fleet_that_cannot_be_rendered_leaves_the_old_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet = _committed(tmp_path / "clone", monkeypatch)
    for path in (fleet / "clusters").iterdir():
        path.unlink()
    out = tmp_path / "out.html"
    out.write_text("old")
    assert run(["-q", "report", str(fleet), "--base", "HEAD", "--out", str(out)]) == 3
    assert out.read_text() == "old"


def test_failures_of_clusters_stand_on_the_page(tmp_path: Path) -> None:
    out = tmp_path / "out.html"
    command = ["-q", "report", str(EXAMPLES / "app-manifests"), "--out", str(out)]
    assert run(command) == 0
    assert "If a cluster fails" not in out.read_text()
    assert run([*command, "--simulate"]) == 0
    text = html.unescape(out.read_text())
    assert "pegasus-2 fails: something is lost" in text
    assert "without Service demo-ms-canary, which it needs" in text
    assert "pegasus-3 fails:" not in text


def _committed(clone: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    shutil.copytree(EXAMPLES / "app-manifests", clone)
    who = ("-c", "user.name=A", "-c", "user.email=a@example.com")
    for command in (["init", "-q"], ["add", "-A"], [*who, "commit", "-qm", "one"]):
        subprocess.run(["git", "-C", str(clone), *command], check=True)
    return clone
