"""What a rendering asks of each cluster."""

from armada_render.load import from_objects
from armada_render.model import quantity
from armada_render.pipeline import render
from armada_render.report.capacity import Share, readable, shares

_GIB = quantity.NANO << 30


def _cluster(name: str, summary: dict[str, object] | None = None) -> dict[str, object]:
    return {
        "apiVersion": "cluster.karmada.io/v1alpha1",
        "kind": "Cluster",
        "metadata": {"name": name},
        **({"status": {"resourceSummary": summary}} if summary else {}),
    }


def test_requests_are_summed_by_cluster_beside_what_the_inventory_says() -> None:
    fleet = from_objects(
        [
            _cluster(
                "known",
                {
                    "allocatable": {"cpu": "10", "memory": "8Gi", "example.com/gpu": 2},
                    "allocated": {"cpu": "1500m"},
                    "allocating": {"cpu": 1},
                },
            ),
            _cluster("silent"),
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": "web", "namespace": "default"},
                "spec": {
                    "replicas": 3,
                    "template": {
                        "spec": {
                            "containers": [
                                {"resources": {"requests": {"cpu": "250m", "memory": "1Gi"}}}
                            ]
                        }
                    },
                },
            },
            {
                "apiVersion": "policy.karmada.io/v1alpha1",
                "kind": "PropagationPolicy",
                "metadata": {"name": "web", "namespace": "default"},
                "spec": {
                    "resourceSelectors": [{"apiVersion": "apps/v1", "kind": "Deployment"}],
                    "placement": {},
                },
            },
        ]
    )
    rendering = render(fleet)
    assert rendering.problems == ()
    found = shares(fleet.clusters, rendering.bindings)
    one, ask = quantity.NANO, {"asked": 750 * quantity.NANO // 1000}
    assert found["known"] == (
        Share(resource="cpu", used=5 * one // 2, total=10 * one, **ask),
        Share(resource="memory", asked=3 * _GIB, used=0, total=8 * _GIB),
        Share(resource="pods", asked=3 * one),
        Share(resource="example.com/gpu", asked=0, used=0, total=2 * one),
    )
    assert found["silent"] == (
        Share(resource="cpu", **ask),
        Share(resource="memory", asked=3 * _GIB),
        Share(resource="pods", asked=3 * one),
    )


def test_amounts_read_as_people_write_them() -> None:
    assert readable(quantity.parse("800m"), "cpu") == "800m"
    assert readable(quantity.parse("2500m"), "cpu") == "2.5"
    assert readable(0, "cpu") == "0"
    assert readable(quantity.parse("12700Mi"), "memory") == "12.4Gi"
    assert readable(quantity.parse("512"), "memory") == "512"
    assert readable(quantity.parse("3"), "pods") == "3"
