"""What is kept of an Application, and what makes it say nothing about its cluster."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from armada_render.controller.applications import Application, Decoder, time_of
from tests.support.kubedouble import application, resource


def _one(given: dict[str, Any]) -> Application:
    return Decoder().one(json.dumps(given).encode())[0]


def test_what_is_kept() -> None:
    found = _one(
        application(
            "shop-eu",
            "eu",
            resource("Deployment", "web", group="apps", health="Degraded"),
            resource("ConfigMap", "settings", health=None),
            resource("Job", "hook", group="batch") | {"hook": True},
            operationState={"phase": "Succeeded", "finishedAt": "2026-01-01T11:59:00Z"},
            health={"status": "Degraded", "lastTransitionTime": "2026-01-01T11:00:00Z"},
        )
    )
    assert (found.key, found.destination_name, found.sync) == ("argocd/shop-eu", "eu", "Synced")
    assert [(fact.key.kind, fact.health) for fact in found.resources] == [
        ("Deployment", "Degraded"),
        ("ConfigMap", ""),
    ]
    assert found.blind == ""
    assert found.has_resource_health
    assert found.reconciled_at == datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert found.synced_at == datetime(2026, 1, 1, 11, 59, tzinfo=UTC)
    assert found.health_changed_at == datetime(2026, 1, 1, 11, tzinfo=UTC)


def test_equal_keys_and_words_are_one_object() -> None:
    decoder = Decoder()
    page = json.dumps({"items": [application("a-one"), application("a-two", "two")]}).encode()
    (first, _), (second, _) = decoder.page(page)[0]
    assert first.resources[0].key is second.resources[0].key
    assert first.sync is second.sync


def test_a_failed_operation_is_no_sign_of_life() -> None:
    state = {"phase": "Failed", "finishedAt": "2026-01-01T11:59:00Z"}
    assert _one(application(operationState=state)).synced_at is None


def test_by_default_argocd_keeps_health_out_of_applications() -> None:
    assert not _one(application(resourceHealthSource="appTree")).has_resource_health


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ({"sync": {"status": "Unknown"}}, "sync status Unknown"),
        ({"sync": {}}, "sync status not set"),
        ({"resources": []}, "lists no resources"),
        ({"resources": None}, "lists no resources"),
        ({"conditions": [{"type": "ComparisonError", "message": "no"}]}, "ComparisonError: no"),
        ({"conditions": [{"type": "UnknownError", "message": "no"}]}, "UnknownError: no"),
        ({"conditions": [{"type": "InvalidSpecError", "message": "no"}]}, "InvalidSpecError: no"),
        ({"conditions": [{"type": "OrphanedResourceWarning", "message": "no"}]}, ""),
    ],
)
def test_what_makes_it_say_nothing(status: dict[str, Any], why: str) -> None:
    assert _one(application(**status)).blind == why


def test_an_application_that_is_not_reconciled_says_nothing() -> None:
    given = application()
    given["metadata"]["annotations"] = {"argocd.argoproj.io/skip-reconcile": "true"}
    assert "skip-reconcile" in _one(given).blind


def test_an_application_that_argocd_has_not_seen_yet() -> None:
    given = application()
    del given["status"]
    found = _one(given)
    assert (found.blind, found.reconciled_at) == ("sync status not set", None)


def test_what_is_no_application() -> None:
    with pytest.raises(msgspec.DecodeError):
        Decoder().page(b'{"items": 3}')


@pytest.mark.parametrize(
    ("text", "hour"), [("2026-01-01T12:00:00Z", 12), ("2026-01-01T12:00:00+02:00", 10),
                       ("2026-01-01T12:00:00", 12), ("soon", None), (None, None)],
)  # fmt: skip
def test_times(text: str | None, hour: int | None) -> None:
    found = time_of(text)
    assert (found.hour if found else None) == hour
