"""What operators see: logs, numbers, pages; and the clock."""

import io
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import urllib3
import yaml

from armada_render.controller.clockguard import ClockGuard
from armada_render.controller.events import Log
from armada_render.controller.metrics import CONTENT_TYPE, Metrics
from armada_render.controller.server import Server, health

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
RULES = (
    Path(__file__).parents[3] / "argocd-plugin" / "install" / "controller" / "prometheus-rule.yaml"
)


def test_a_log_line_is_one_json_object_whatever_is_in_it() -> None:
    out = io.StringIO()
    log = Log(out, lambda: NOW)
    log.info("seen", name='a\nb"c', reasons=["x", "y"], nothing="")
    log.warning("odd", at=NOW)
    log.error("failed")
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert lines[0] == {
        "time": "2026-01-01T12:00:00.000000Z",
        "level": "info",
        "event": "seen",
        "name": 'a\nb"c',
        "reasons": ["x", "y"],
    }
    assert [line["level"] for line in lines] == ["info", "warning", "error"]


def test_a_log_that_nobody_takes_stops_nothing() -> None:
    out = io.StringIO()
    out.close()
    Log(out, lambda: NOW).info("lost")


def test_every_alert_asks_for_numbers_that_exist() -> None:
    metrics = Metrics()
    for status in ("True", "False", "Unknown"):
        metrics.cluster_ready.labels("one", status).set(1)
    metrics.held.labels("CoolingDown").set(1)
    metrics.tasks.labels("Never").set(1)
    page = metrics.page().decode()
    series = set(re.findall(r"^(armada_\w+)", page, re.MULTILINE))
    rule = yaml.safe_load(RULES.read_text())
    alerts = [alert for group in rule["spec"]["groups"] for alert in group["rules"]]
    assert len(alerts) > 10
    for alert in alerts:
        asked = set(re.findall(r"armada_\w+", alert["expr"]))
        assert asked, alert["alert"]
        assert asked <= series, alert["alert"]
        for name, value in re.findall(r'(result|purge_mode|status)="(\w+)"', alert["expr"]):
            assert f'{name}="{value}"' in page, alert["alert"]
        assert alert["annotations"]["summary"]


def test_every_number_and_alert_is_documented() -> None:
    page = (RULES.parents[3] / "docs" / "controller.md").read_text()
    for metric in Metrics().registry.collect():
        if metric.name.startswith("armada_"):
            assert f"`{metric.name}" in page, metric.name
    for group in yaml.safe_load(RULES.read_text())["spec"]["groups"]:
        for alert in group["rules"]:
            assert f"`{alert['alert']}`" in page, alert["alert"]


def test_pages() -> None:
    complaint = [""]
    server = Server(
        "127.0.0.1",
        0,
        {
            "/metrics": lambda: (200, CONTENT_TYPE, Metrics().page()),
            "/healthz": health(lambda: complaint[0]),
        },
    )
    server.start()
    url = f"http://127.0.0.1:{server.port}"
    try:
        answer = urllib3.request("GET", f"{url}/metrics?x=1", retries=False)
        assert answer.status == 200
        assert b"armada_controller_build_info" in answer.data
        assert urllib3.request("GET", f"{url}/healthz", retries=False).data == b"ok\n"
        complaint[0] = "stuck"
        answer = urllib3.request("GET", f"{url}/healthz", retries=False)
        assert (answer.status, answer.data) == (503, b"stuck\n")
        assert urllib3.request("GET", f"{url}/else", retries=False).status == 404
        assert urllib3.request("POST", f"{url}/metrics", retries=False).status == 501
    finally:
        server.stop()


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(hours=-1), timedelta(seconds=6)])
def test_a_clock_that_was_set_is_noticed_and_waited_for(jump: timedelta) -> None:
    guard = ClockGuard(patience=timedelta(minutes=5))
    assert guard.jumped(NOW, 100.0) is None
    assert guard.jumped(NOW + timedelta(seconds=10), 110.0) is None
    assert not guard.is_settling(110.0)
    assert guard.jumped(NOW + timedelta(seconds=20) + jump, 120.0) == jump
    assert guard.is_settling(120.0)
    assert guard.jumped(NOW + timedelta(seconds=30) + jump, 130.0) is None
    assert guard.is_settling(419.0)
    assert not guard.is_settling(421.0)


def test_a_clock_that_is_drawn_slowly_is_no_jump() -> None:
    guard = ClockGuard()
    for second in range(100):
        at = NOW + timedelta(seconds=second * 1.05)
        assert guard.jumped(at, float(second)) is None
