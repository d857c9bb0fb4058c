"""From Applications and probes to evidence; what is unknown or contradictory is left out."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from armada_render.controller.applications import Application, Decoder
from armada_render.controller.probe import Look
from armada_render.controller.revisions import Revisions
from armada_render.controller.sight import Sight, see
from armada_render.failover import Health, Memory, Ready
from armada_render.failover.memory import ClusterMemory
from armada_render.load import from_objects
from armada_render.model.argocd import ArgoCD, Destination
from armada_render.model.binding import PreviousBinding, TargetCluster
from armada_render.model.fleet import Fleet
from armada_render.model.resource import ObjectReference
from tests.support.kubedouble import application, resource

NOW = datetime(2026, 1, 1, 12, 1, tzinfo=UTC)
REDIS = ObjectReference("apps/v1", "Deployment", "default", "redis")
PLACE = (REDIS, "one")
FINE = Look(Ready.TRUE, "ClusterReady", "well", NOW)
DEAD = Look(Ready.FALSE, "ClusterNotReachable", "cluster is not reachable: refused", NOW)


def _fleet(*more: dict[str, Any]) -> Fleet:
    clusters = [
        {"apiVersion": "cluster.karmada.io/v1alpha1", "kind": "Cluster", "metadata": {"name": name}}
        for name in ("one", "two")
    ]
    redis = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "redis"}}
    return from_objects([*clusters, redis, *more])


def _see(
    *given: dict[str, Any],
    looks: dict[tuple[str, str], Look] | None = None,
    fleet: Fleet | None = None,
    settings: ArgoCD | None = None,
    memory: Memory | None = None,
    revisions: Revisions | None = None,
) -> Sight:
    applications: dict[str, Application] = {}
    for one in given:
        found, _ = Decoder().one(json.dumps(one).encode())
        applications[found.key] = found
    return see(
        fleet or _fleet(),
        settings or ArgoCD(),
        applications=applications,
        looks={("one", ""): FINE, ("two", ""): FINE} if looks is None else looks,
        revisions=revisions or Revisions(),
        memory=memory or Memory(),
        now=NOW,
    )


def _failing(since: datetime) -> Memory:
    known = ClusterMemory(observed=Ready.FALSE, observed_since=since, seen=since)
    return Memory(clusters={"one": known})


def test_a_probe_is_evidence_of_a_cluster() -> None:
    found = _see(looks={("one", ""): FINE, ("two", ""): DEAD}).evidence.clusters
    assert found["one"].ready is Ready.TRUE
    assert (found["two"].ready, found["two"].reason) == (Ready.FALSE, "ClusterNotReachable")
    assert found["two"].at == NOW


def test_argocd_is_heard_about_a_cluster_that_does_not_answer() -> None:
    blind = application(sync={"status": "Unknown"})
    found = _see(blind, application("web-one"), looks={("one", ""): DEAD, ("two", ""): FINE})
    message = found.evidence.clusters["one"].message
    assert message.endswith("Argo CD cannot compare 1 of its 2 Applications")


def test_a_cluster_that_no_probe_can_judge_is_left_out() -> None:
    misled = Look(None, "ProbeRefused", "401 Unauthorized", NOW)
    found = _see(looks={("one", ""): misled})
    assert found.evidence.clusters == {}
    assert found.blind == {
        "one": "ProbeRefused: 401 Unauthorized",
        "two": "NoCredentials: Argo CD has no cluster two",
    }


def test_two_secrets_with_one_name_are_none() -> None:
    found = _see(looks={("one", "https://a"): DEAD, ("one", "https://b"): FINE})
    assert found.blind["one"] == "NoCredentials: Argo CD has more than one cluster one"


def test_clusters_are_found_by_what_argocd_calls_them() -> None:
    settings = ArgoCD(
        destinations={
            "one": Destination(name="prod-eu"),
            "two": Destination(server="https://two.example.com/"),
        }
    )
    theirs = application("redis-two", "two")
    theirs["spec"]["destination"] = {"server": "https://two.example.com"}
    looks = {("prod-eu", "https://x"): FINE, ("b", "https://two.example.com"): FINE}
    found = _see(theirs, looks=looks, settings=settings)
    assert set(found.evidence.clusters) == {"one", "two"}
    assert found.applications == {"argocd/redis-two": "two"}
    assert (REDIS, "two") in found.evidence.workloads


def test_an_application_whose_label_and_destination_differ_is_left_out() -> None:
    given = application()
    given["metadata"]["labels"]["armada-render/cluster"] = "two"
    assert _see(given).applications == {}


def test_an_application_of_somebody_else_counts_by_its_destination() -> None:
    given = application("hand-made")
    given["metadata"]["labels"] = {}
    assert _see(given).evidence.workloads[PLACE].health is Health.HEALTHY


@pytest.mark.parametrize(
    ("given", "health"),
    [
        (resource("Deployment", "redis", group="apps"), Health.HEALTHY),
        (resource("Deployment", "redis", group="apps", health="Degraded"), Health.UNHEALTHY),
        (resource("Deployment", "redis", group="apps", health="Progressing"), Health.UNHEALTHY),
        (resource("Deployment", "redis", group="apps", health="Suspended"), Health.UNKNOWN),
        (resource("Deployment", "redis", group="apps", health="Missing"), Health.UNKNOWN),
        (resource("Deployment", "redis", group="apps", health="Unknown"), Health.UNKNOWN),
        (resource("Deployment", "redis", group="apps", health=None), Health.HEALTHY),
        (resource("Deployment", "redis", group="apps", status="OutOfSync"), Health.UNKNOWN),
    ],
)
def test_health_in_words_of_argocd(given: dict[str, Any], health: Health) -> None:
    assert _see(application("redis-one", "one", given)).evidence.workloads[PLACE].health is health


@pytest.mark.parametrize(
    ("whole", "health"), [("Healthy", Health.HEALTHY), ("Degraded", Health.UNKNOWN)]
)
def test_without_health_of_resources_only_a_healthy_whole_says_something(
    whole: str, health: Health
) -> None:
    given = application(
        "redis-one",
        "one",
        resource("Deployment", "redis", group="apps", health=None),
        resourceHealthSource="appTree",
        health={"status": whole},
    )
    assert _see(given).evidence.workloads[PLACE].health is health


def test_a_resource_that_git_does_not_hold_is_nobodys() -> None:
    given = application("redis-one", "one", resource("Deployment", "other", group="apps"))
    assert _see(given).evidence.workloads == {}


def test_what_argocd_compared_last_hour_is_dated_so_and_the_future_is_now() -> None:
    assert _see(application()).evidence.workloads[PLACE].at == NOW - timedelta(minutes=1)
    ahead = application(reconciledAt="2026-01-01T13:00:00Z")
    assert _see(ahead).evidence.workloads[PLACE].at == NOW


def test_health_on_a_cluster_that_is_away_is_an_old_picture() -> None:
    found = _see(application(), looks={("one", ""): DEAD, ("two", ""): FINE})
    assert found.evidence.workloads == {}


def test_two_applications_that_disagree_about_an_object() -> None:
    degraded = resource("Deployment", "redis", group="apps", health="Degraded")
    found = _see(application(), application("twin-one", "one", degraded))
    assert found.evidence.workloads[PLACE].health is Health.UNKNOWN
    again = _see(application(), application("twin-one"))
    assert again.evidence.workloads[PLACE].health is Health.HEALTHY


def test_a_commit_that_argocd_has_not_compared_yet() -> None:
    known = Revisions()
    known.take("c0ffee", {}, NOW)
    moved = PreviousBinding(ref=REDIS, clusters=(TargetCluster("one", 1),))
    known.take("beef", {REDIS: moved}, NOW)
    assert _see(application(), revisions=known).evidence.workloads[PLACE].health is Health.UNKNOWN


def test_a_cluster_that_argocd_works_on_while_probes_fail_is_no_information() -> None:
    since = NOW - timedelta(minutes=5)
    state = {"phase": "Succeeded", "finishedAt": "2026-01-01T12:00:30Z"}
    alive = application(operationState=state)
    looks = {("one", ""): DEAD, ("two", ""): FINE}
    found = _see(alive, looks=looks, memory=_failing(since))
    assert "one" not in found.evidence.clusters
    assert found.blind["one"].startswith("contradictory: cluster is not reachable")

    # From before the probes failed, or too long ago: no sign.
    for finished in ("2026-01-01T11:55:59Z", "2026-01-01T11:58:30Z"):
        state = {"phase": "Succeeded", "finishedAt": finished}
        found = _see(application(operationState=state), looks=looks, memory=_failing(since))
        assert found.evidence.clusters["one"].ready is Ready.FALSE


def test_health_that_changes_on_a_cluster_is_a_sign_of_life() -> None:
    health = {"status": "Progressing", "lastTransitionTime": "2026-01-01T12:00:30Z"}
    looks = {("one", ""): DEAD, ("two", ""): FINE}
    memory = _failing(NOW - timedelta(minutes=5))
    found = _see(application(health=health), looks=looks, memory=memory)
    assert "contradictory" in found.blind["one"]
    blind = application(health=health, sync={"status": "Unknown"})
    assert "one" in _see(blind, looks=looks, memory=memory).evidence.clusters


def _evicted(began: str) -> Fleet:
    binding = {
        "apiVersion": "work.karmada.io/v1alpha2",
        "kind": "ResourceBinding",
        "metadata": {"name": "redis-deployment", "namespace": "default"},
        "spec": {
            "resource": {
                "apiVersion": "apps/v1", "kind": "Deployment", "namespace": "default",
                "name": "redis",
            },
            "clusters": [{"name": "two"}],
            "gracefulEvictionTasks": [
                {"fromCluster": "one", "purgeMode": "Directly", "creationTimestamp": began,
                 "reason": "TaintUntolerated", "producer": "TaintManager"}
            ],
        },
    }  # fmt: skip
    return _fleet(binding)


def test_a_copy_is_gone_when_its_application_was_compared_since_and_lacks_it() -> None:
    fleet = _evicted("2026-01-01T11:59:00Z")
    lacks = application("default-one", "one", resource("Service", "redis"))
    assert _see(lacks, fleet=fleet).evidence.removed == {PLACE}

    holds = application("default-one", "one", resource("Deployment", "redis", group="apps"))
    assert not _see(holds, fleet=fleet).evidence.removed
    blind = application("default-one", "one", sync={"status": "Unknown"})
    assert not _see(blind, fleet=fleet).evidence.removed
    assert not _see(fleet=fleet).evidence.removed
    empty = application("default-one", resources=[])
    assert _see(empty, fleet=fleet).evidence.removed == {PLACE}
    cold = application("default-one", resources=[], sync={"status": "OutOfSync"})
    assert not _see(cold, fleet=fleet).evidence.removed
    assert not _see(lacks, fleet=_evicted("2026-01-01T12:00:30Z")).evidence.removed


def test_settings_that_are_wrong_are_said() -> None:
    found = _see(settings=ArgoCD(destinations={"gone": Destination(name="x")}))
    assert [str(one) for one in found.problems]
