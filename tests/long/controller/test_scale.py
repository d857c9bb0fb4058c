"""Many Applications: memory stays within bounds, and what fails is still seen."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.apiserver import RefusedError
from tests.support.kubedouble import KubeDouble, application, kubeconfig, resource
from tests.support.world import (
    APPLICATIONS,
    Process,
    World,
    eventually,
    example_fleet,
    leads,
    some_rounds,
)

pytestmark = pytest.mark.long

MEBIBYTE = 1 << 20


def _fat(number: int) -> dict[str, Any]:
    """Return an Application of 12 resources and 20 KiB, most of which nobody reads."""
    kinds = ("Deployment", "Service", "ConfigMap", "Secret", "Ingress", "ServiceAccount")
    resources = [
        resource(kind, f"app-{number // 10}-{part}", group="apps" if kind == "Deployment" else "")
        for part in range(2)
        for kind in kinds
    ]
    one = application(
        f"app-{number // 10}-cluster-{number % 10}", f"cluster-{number % 10}", *resources
    )
    history = [
        {"id": entry, "revision": "0" * 40, "source": {"repoURL": "https://x", "path": "y" * 900}}
        for entry in range(15)
    ]
    one["status"]["history"] = history
    return one


def test_ten_thousand_applications_fit_into_the_memory_of_the_deployment(
    world: World, tmp_path: Path
) -> None:
    world.fleet(example_fleet())
    with KubeDouble() as double:
        for number in range(10_000):
            one = _fat(number)
            one["metadata"] |= {"namespace": "argocd", "resourceVersion": str(number)}
            double.applications[one["metadata"]["name"]] = one
        config = tmp_path / "double"
        config.write_text(yaml.safe_dump(kubeconfig(double.url, "t")))
        process = world.controller(kubeconfig=str(config), member_kubeconfig=str(config))
        name = "armada_controller_applications"
        eventually("all are known", lambda: process.metric(name) == 10_000, process)
        before = process.metric("process_resident_memory_bytes")
        for number in range(5_000):
            double.put(_fat(number))
        events = 'armada_controller_watch_events_total{type="modified"}'
        eventually("all changes came", lambda: process.metric(events) >= 5_000, process)
        some_rounds(process)
        after = process.metric("process_resident_memory_bytes")
        sys.stderr.write(
            f"10,000 Applications: {before / MEBIBYTE:.0f} MiB, {after / MEBIBYTE:.0f} MiB after\n"
        )
        assert after < 400 * MEBIBYTE
        assert after < before * 1.3


def _written(world: World, number: int, message: str) -> None:
    name = f"other-{number}"
    body = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name},
        "spec": {"project": "x", "destination": {"name": "pegasus-3", "namespace": "default"}},
        "status": {
            "sync": {"status": "Synced"},
            "health": {"status": "Healthy", "message": message},
        },
    }
    try:
        world.host.ask("POST", APPLICATIONS, body)
    except RefusedError as error:
        if error.status != 409:
            raise
        world.host.ask("PATCH", f"{APPLICATIONS}/{name}", {"status": body["status"]})


def test_five_thousand_applications_change_while_a_cluster_dies(world: World) -> None:
    world.fleet(example_fleet())
    world.endpoints("pegasus", "pegasus-2", "pegasus-3")
    world.start_argocd()
    count = 5_000
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: _written(world, number, "one"), range(count)))
        process = world.controller()
        eventually("it leads", lambda: leads(process), process)
        known = "armada_controller_applications"
        eventually("all are known", lambda: process.metric(known) >= count, process)
        began = time.monotonic()
        storm = [pool.submit(_written, world, number, "two") for number in range(count)]
        world.members["pegasus"].kill()

        def moved() -> bool:
            return world.clusters_of("Deployment", "redis") == ["pegasus-2"]

        eventually("redis has moved", moved, process)
        took = time.monotonic() - began
        for one in storm:
            one.result()
    _report(process, took)
    assert (
        world.repository.log.count("Failover: Deployment/rabbitmq (default) and 1 more move") == 1
    )


def _report(process: Process, took: float) -> None:
    rounds = process.metric('armada_controller_rounds_total{outcome="ok"}')
    memory = process.metric("process_resident_memory_bytes") / MEBIBYTE
    text = f"5,000 changes: moved after {took:.1f} s, {rounds:.0f} rounds, {memory:.0f} MiB"
    sys.stderr.write(text + "\n")
