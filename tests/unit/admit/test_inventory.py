"""Which clusters take part, and what Karmada would refuse besides."""

from typing import Any

import pytest

from armada_render.admit import AdmittedClusters, clusters
from armada_render.errors import SourceLocation
from armada_render.model.cluster import Cluster, ClusterSpec, ClusterStatus
from armada_render.model.decode import decode


def cluster(name: str = "m1", *, status: dict[str, Any] | None = None, **spec: Any) -> Cluster:
    decoded = decode(spec, ClusterSpec, at="spec")
    observed = decode(status or {}, ClusterStatus, at="status")
    assert decoded.value is not None
    assert observed.value is not None
    location = SourceLocation("clusters.yaml", 3)
    return Cluster(name=name, spec=decoded.value, status=observed.value, location=location)


def said(admitted: AdmittedClusters) -> tuple[list[str], list[str]]:
    return (
        [f"{problem.field}: {problem.message}" for problem in admitted.problems],
        [f"{problem.field}: {problem.message}" for problem in admitted.warnings],
    )


def model(grade: int, *ranges: tuple[str, str, str]) -> dict[str, Any]:
    parts = [{"name": name, "min": low, "max": high} for name, low, high in ranges]
    return {"grade": grade, "ranges": parts}


def taint(key: str, effect: str = "NoSchedule", value: str = "") -> dict[str, Any]:
    return {"key": key, "effect": effect, "value": value}


def test_an_ordinary_cluster_takes_part_as_it_is() -> None:
    ordinary = cluster(
        syncMode="Push",
        provider="aws",
        region="eu-1",
        zones=["a", "b"],
        taints=[taint("a.io/b"), taint("a.io/b", "NoExecute")],
        resourceModels=[
            model(1, ("cpu", "1", "2")),
            model(0, ("cpu", "0", "1000m")),
        ],
        status={"resourceSummary": {"allocatable": {"cpu": "4", "memory": 1.5e9}}},
    )

    admitted = clusters([ordinary])

    assert admitted.clusters[0] is ordinary
    assert said(admitted) == ([], [])


REFUSED: dict[str, tuple[Cluster, str]] = {
    "zone-and-zones": (
        cluster(zone="a", zones=["a"]),
        "spec.zone: zone and zones cannot both be set",
    ),
    "a-name-that-is-a-path": (
        cluster("../m1"),
        "metadata.name: this cannot be the name of a cluster",
    ),
    "no-name": (cluster(""), "metadata.name: this cannot be the name of a cluster"),
    "no-quantity-in-the-summary": (
        cluster(status={"resourceSummary": {"allocated": {"cpu": "two"}}}),
        "status.resourceSummary.allocated: cpu is no resource quantity",
    ),
    "no-quantity-in-a-model": (
        cluster(resourceModels=[model(0, ("cpu", "0", "1x"))]),
        "spec.resourceModels[0].ranges[0]: max is no resource quantity",
    ),
}

DOUBTED: dict[str, tuple[Cluster, str]] = {
    "upper-case-name": (
        cluster("clusterA"),
        "metadata.name: Karmada wants a DNS label of no more than 48 characters here",
    ),
    "long-name": (
        cluster("m" * 49),
        "metadata.name: Karmada wants a DNS label of no more than 48 characters here",
    ),
    "region": (
        cluster(region="-eu"),
        (
            "spec.region: must be empty or consist of letters, digits, '-', '_' or '.', "
            "and start and end with a letter or digit"
        ),
    ),
    "zone": (cluster(zones=["a", "b" * 64]), "spec.zones[1]: must be no more than 63 bytes"),
    "taint-key": (
        cluster(taints=[taint("")]),
        "spec.taints[0].key: the name part must not be empty",
    ),
    "taint-value": (
        cluster(taints=[taint("a", value="x" * 64)]),
        "spec.taints[0].value: must be no more than 63 bytes",
    ),
    "taint-effect": (
        cluster(taints=[taint("a", "PreferNoSchedule")]),
        'spec.taints[0].effect: "PreferNoSchedule" is no effect of a cluster taint',
    ),
    "taint-twice": (
        cluster(taints=[taint("a", value="x"), taint("b"), taint("a", value="y")]),
        "spec.taints[2]: spec.taints[0] has the same key and effect",
    ),
    "grade-twice": (
        cluster(resourceModels=[model(2), model(1), model(2)]),
        "spec.resourceModels[2].grade: there are two models of grade 2",
    ),
    "other-resources": (
        cluster(resourceModels=[model(0, ("cpu", "0", "1")), model(1, ("memory", "1", "2"))]),
        "spec.resourceModels[1].ranges: the resources differ from those of grade 0",
    ),
    "a-gap": (
        cluster(resourceModels=[model(0, ("cpu", "0", "1")), model(1, ("cpu", "2", "3"))]),
        "spec.resourceModels[1].ranges[0].min: min does not continue where max of grade 0 ends",
    ),
}


@pytest.mark.parametrize(("given", "problem"), REFUSED.values(), ids=REFUSED.keys())
def test_refuses(given: Cluster, problem: str) -> None:
    admitted = clusters([given, cluster("other")])

    assert [item.name for item in admitted.clusters] == ["other"]
    assert said(admitted)[0] == [problem]


@pytest.mark.parametrize(("given", "warning"), DOUBTED.values(), ids=DOUBTED.keys())
def test_warns(given: Cluster, warning: str) -> None:
    admitted = clusters([given])

    assert admitted.clusters == (given,)
    assert said(admitted) == ([], [warning])


def test_models_may_leave_out_max() -> None:
    ranges = [{"grade": i, "ranges": [{"name": "cpu", "min": i}]} for i in range(3)]

    assert said(clusters([cluster(resourceModels=ranges)])) == ([], [])


def test_a_problem_says_where() -> None:
    (problem,) = clusters([cluster(zone="a", zones=["b"])]).problems

    assert problem.location == SourceLocation("clusters.yaml", 3)
    assert problem.resource == "cluster.karmada.io/v1alpha1/Cluster//m1"
