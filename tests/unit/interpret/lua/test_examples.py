"""The customizations in examples/ do what their comments say."""

from pathlib import Path
from typing import Any

import pytest

from armada_render import yamlio
from armada_render.interpret.lua import LuaScripts, check
from armada_render.interpret.values import InterpretError
from armada_render.model.fleet import Customization

_EXAMPLES = Path(__file__).parents[4] / "examples" / "customizations"
_ALL = sorted(path.name for path in _EXAMPLES.glob("*.yaml"))


def customization(name: str) -> Customization:
    document = yamlio.loads((_EXAMPLES / name).read_text())
    spec = document["spec"]
    return Customization(
        name=document["metadata"]["name"],
        api_version=spec["target"]["apiVersion"],
        kind=spec["target"]["kind"],
        scripts={key: one["luaScript"] for key, one in spec["customizations"].items()},
    )


def scripts(name: str) -> LuaScripts:
    return LuaScripts([customization(f"{name}.yaml")])


def named(name: str, manifest: dict[str, Any]) -> set[str]:
    return {str(dependency) for dependency in scripts(name).dependencies(manifest)}


@pytest.mark.parametrize("name", _ALL)
def test_every_example_compiles_and_is_named_after_its_file(name: str) -> None:
    example = customization(name)
    assert check(example) == ""
    assert f"{example.name}.yaml" == name


def rollout(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Rollout",
        "metadata": {"name": "web", "namespace": "shop", "generation": 3},
        "spec": spec,
    }


POD = {
    "spec": {
        "serviceAccountName": "web",
        "containers": [{"name": "web", "resources": {"requests": {"cpu": "250m"}}}],
    }
}


def test_rollout_counts_replicas_and_what_each_needs() -> None:
    count, needs = scripts("argo-rollouts").replicas(rollout(replicas=4, template=POD))
    assert count == 4
    assert needs is not None
    assert needs.resource_request == {"cpu": "250m"}


def test_rollout_without_replicas_runs_one() -> None:
    assert scripts("argo-rollouts").replicas(rollout(workloadRef={}))[0] == 1


def test_rollout_is_revised() -> None:
    revised = scripts("argo-rollouts").revise(rollout(replicas=4, template=POD), 2)
    assert revised == rollout(replicas=2, template=POD)


def test_rollout_brings_services_analyses_and_what_its_pods_need() -> None:
    strategy = {
        "canary": {
            "stableService": "web",
            "canaryService": "web-canary",
            "analysis": {"templates": [{"templateName": "errors"}]},
            "steps": [
                {"setWeight": 20},
                {"analysis": {"templates": [{"templateName": "latency", "clusterScope": True}]}},
            ],
        }
    }
    assert named("argo-rollouts", rollout(template=POD, strategy=strategy)) == {
        "argoproj.io/v1alpha1/AnalysisTemplate/shop/errors",
        "argoproj.io/v1alpha1/ClusterAnalysisTemplate//latency",
        "v1/Service/shop/web",
        "v1/Service/shop/web-canary",
        "v1/ServiceAccount/shop/web",
    }


def test_rollout_brings_the_deployment_it_takes_its_pods_from() -> None:
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    assert named("argo-rollouts", rollout(workloadRef=reference)) == {"apps/v1/Deployment/shop/web"}


@pytest.mark.parametrize(
    ("status", "healthy"),
    [
        (None, False),
        ({"phase": "Healthy"}, True),
        ({"phase": "Paused", "observedGeneration": "3"}, True),
        ({"phase": "Healthy", "observedGeneration": "2"}, False),
        ({"phase": "Degraded", "observedGeneration": "3"}, False),
    ],
)
def test_rollout_health(status: dict[str, Any] | None, healthy: bool) -> None:  # noqa: FBT001
    assert scripts("argo-rollouts").health(rollout() | {"status": status}) is healthy


def knative(**annotations: str) -> dict[str, Any]:
    keys = {f"autoscaling.knative.dev/{key}": value for key, value in annotations.items()}
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": "web", "namespace": "shop", "generation": 2},
        "spec": {"template": {"metadata": {"annotations": keys}, **POD}},
    }


def test_knative_floor_is_divided() -> None:
    service = knative(**{"min-scale": "6"})
    count, needs = scripts("knative-service").replicas(service)
    assert (count, needs is not None) == (6, True)
    assert scripts("knative-service").revise(service, 2) == knative(**{"min-scale": "2"})


def test_knative_without_a_floor_is_no_workload_and_stays_as_it_is() -> None:
    service = knative(target="50")
    assert scripts("knative-service").replicas(service) == (0, None)
    assert scripts("knative-service").revise(service, 2) == service


def test_knative_floor_must_be_a_number() -> None:
    with pytest.raises(InterpretError, match="knative-service, replicaResource, line 11: auto"):
        scripts("knative-service").replicas(knative(**{"min-scale": "many"}))


def test_knative_dependencies_may_be_none() -> None:
    assert named("knative-service", knative()) == {"v1/ServiceAccount/shop/web"}
    service = knative() | {"spec": {"template": {"spec": {"containers": []}}}}
    assert named("knative-service", service) == set()


@pytest.mark.parametrize("ready", ["True", "Unknown"])
def test_knative_health(ready: str) -> None:
    conditions = [{"type": "RoutesReady", "status": "True"}, {"type": "Ready", "status": ready}]
    status = {"observedGeneration": 2, "conditions": conditions}
    assert scripts("knative-service").health(knative() | {"status": status}) is (ready == "True")


def scaled(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"scaleTargetRef": {"name": "web"}, **spec},
    }


def test_keda_ceiling_is_divided_and_floor_follows() -> None:
    manifest = scaled(minReplicaCount=3, maxReplicaCount=10)
    assert scripts("keda-scaledobject").replicas(manifest) == (10, None)
    revised = scripts("keda-scaledobject").revise(manifest, 2)
    assert revised == scaled(minReplicaCount=2, maxReplicaCount=2)
    assert scripts("keda-scaledobject").replicas(scaled()) == (100, None)


def test_keda_brings_trigger_authentications() -> None:
    triggers = [
        {"type": "kafka", "authenticationRef": {"name": "kafka"}},
        {
            "type": "aws-sqs",
            "authenticationRef": {"name": "aws", "kind": "ClusterTriggerAuthentication"},
        },
        {"type": "cron"},
    ]
    assert named("keda-scaledobject", scaled(triggers=triggers)) == {
        "keda.sh/v1alpha1/ClusterTriggerAuthentication//aws",
        "keda.sh/v1alpha1/TriggerAuthentication/shop/kafka",
    }


def test_keda_health() -> None:
    status = {"conditions": [{"type": "Ready", "status": "True"}]}
    assert scripts("keda-scaledobject").health(scaled() | {"status": status})
    assert not scripts("keda-scaledobject").health(scaled())


def postgres(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "postgresql.cnpg.io/v1",
        "kind": "Cluster",
        "metadata": {"name": "db", "namespace": "shop"},
        "spec": spec,
    }


def test_postgres_instances_and_what_each_needs() -> None:
    manifest = postgres(
        instances=3,
        resources={"requests": {"cpu": "2", "memory": "4Gi"}},
        affinity={"nodeSelector": {"disk": "ssd"}, "tolerations": [{"key": "db"}]},
    )
    count, needs = scripts("cloudnative-pg").replicas(manifest)
    assert count == 3
    assert needs is not None
    assert needs.resource_request == {"cpu": "2", "memory": "4Gi"}
    assert needs.node_claim is not None
    assert needs.node_claim.node_selector == {"disk": "ssd"}
    assert scripts("cloudnative-pg").revise(manifest, 1)["spec"] == {
        **manifest["spec"],
        "instances": 1,
    }


def test_postgres_brings_secrets_and_config_maps() -> None:
    manifest = postgres(
        superuserSecret={"name": "super"},
        imagePullSecrets=[{"name": "pull"}],
        bootstrap={
            "initdb": {
                "secret": {"name": "owner"},
                "postInitApplicationSQLRefs": {
                    "configMapRefs": [{"name": "schema", "key": "schema.sql"}],
                    "secretRefs": [{"name": "seed", "key": "seed.sql"}],
                },
            }
        },
        certificates={"serverCASecret": "ca"},
        externalClusters=[{"name": "old", "password": {"name": "old-db", "key": "password"}}],
        backup={
            "barmanObjectStore": {
                "s3Credentials": {
                    "inheritFromIAMRole": False,
                    "accessKeyId": {"name": "s3", "key": "id"},
                    "secretAccessKey": {"name": "s3", "key": "secret"},
                }
            }
        },
        monitoring={"customQueriesConfigMap": [{"name": "queries", "key": "q"}]},
    )
    assert named("cloudnative-pg", manifest) == {
        "v1/ConfigMap/shop/queries",
        "v1/ConfigMap/shop/schema",
        "v1/Secret/shop/ca",
        "v1/Secret/shop/old-db",
        "v1/Secret/shop/owner",
        "v1/Secret/shop/pull",
        "v1/Secret/shop/s3",
        "v1/Secret/shop/seed",
        "v1/Secret/shop/super",
    }


@pytest.mark.parametrize(("ready", "healthy"), [(2, True), (1, False)])
def test_postgres_health(ready: int, healthy: bool) -> None:  # noqa: FBT001
    status = {"readyInstances": ready, "phase": "Cluster in healthy state"}
    assert scripts("cloudnative-pg").health(postgres(instances=2) | {"status": status}) is healthy
