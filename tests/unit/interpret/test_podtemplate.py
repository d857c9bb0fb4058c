"""Requirements and dependencies of pods, after Karmada's tests of pkg/util and pkg/util/helper."""

from typing import Any

import pytest

from armada_render.interpret.podtemplate import dependencies, requirements
from armada_render.interpret.values import InterpretError
from armada_render.model.binding import NodeClaim, ReplicaRequirements


def pod(**spec: Any) -> dict[str, Any]:
    return {"spec": spec}


def container(**resources: dict[str, Any]) -> dict[str, Any]:
    return {"name": "main", "image": "nginx", "resources": resources}


def request(**spec: Any) -> dict[str, str]:
    needs = requirements(pod(**spec))
    return {} if needs is None else needs.resource_request


def names(**spec: Any) -> list[str]:
    return [f"{one.kind}/{one.name}" for one in dependencies(pod(**spec), "team-a")]


def test_a_pod_without_requests_or_node_constraints_has_no_requirements() -> None:
    assert requirements(pod(containers=[{"name": "main"}])) is None
    assert requirements({}) is None


def test_containers_add_up() -> None:
    one = container(requests={"cpu": "250m", "memory": "64Mi"})
    two = container(requests={"cpu": "1", "memory": "100M"})
    assert request(containers=[one, two]) == {"cpu": "1250m", "memory": "167108864"}


def test_a_limit_without_a_request_is_the_request() -> None:
    assert request(containers=[container(limits={"cpu": "2"}, requests={"memory": "1Gi"})]) == {
        "cpu": "2",
        "memory": "1Gi",
    }
    both = container(limits={"cpu": "2"}, requests={"cpu": "1"})
    assert request(containers=[both]) == {"cpu": "1"}


def test_the_largest_init_container_counts_if_it_is_larger() -> None:
    main = container(requests={"cpu": "1"})
    inits = [container(requests={"cpu": "3"}), container(requests={"cpu": "2"})]
    assert request(containers=[main], initContainers=inits) == {"cpu": "3"}
    assert request(containers=[main] * 4, initContainers=inits) == {"cpu": "4"}


def test_overhead_comes_on_top() -> None:
    main = container(requests={"cpu": "1"})
    inits = [container(requests={"cpu": "3"})]
    spec = {"containers": [main], "initContainers": inits, "overhead": {"cpu": "100m"}}
    assert request(**spec) == {"cpu": "3100m"}


def test_only_known_and_scalar_resources_count() -> None:
    requests = {
        "cpu": 1,
        "storage": "1Gi",
        "foo": "1",
        "requests.example.com/x": "1",
        "nvidia.com/gpu": "2",
        "hugepages-2Mi": "4Mi",
        "attachable-volumes-x": "3",
        "kubernetes.io/y": "1",
        "ephemeral-storage": "1.5Gi",
        "pods": "1",
        "not valid/z": "1",
    }
    assert request(containers=[container(requests=requests)]) == {
        "cpu": "1",
        "nvidia.com/gpu": "2",
        "hugepages-2Mi": "4Mi",
        "attachable-volumes-x": "3",
        "kubernetes.io/y": "1",
        "ephemeral-storage": "1536Mi",
        "pods": "1",
    }


def test_amounts_are_rounded_up_and_zero_is_nothing() -> None:
    requests = {"cpu": "0.1m", "memory": "0.5", "pods": 0, "ephemeral-storage": None}
    assert request(containers=[container(requests=requests)]) == {"cpu": "1m", "memory": "1"}


def test_the_node_claim_holds_what_constrains_nodes() -> None:
    hard: dict[str, Any] = {"nodeSelectorTerms": []}
    spec = pod(
        nodeSelector={"disk": "ssd"},
        tolerations=[{"operator": "Exists"}],
        affinity={"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": hard}},
    )
    assert requirements(spec) == ReplicaRequirements(
        node_claim=NodeClaim(
            hard_node_affinity=hard,
            node_selector={"disk": "ssd"},
            tolerations=({"operator": "Exists"},),
        )
    )


def test_an_empty_node_selector_is_a_claim_but_empty_tolerations_are_none() -> None:
    assert requirements(pod(nodeSelector={})) == ReplicaRequirements(
        node_claim=NodeClaim(node_selector={})
    )
    assert requirements(pod(tolerations=[], affinity={"nodeAffinity": {}})) is None


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (pod(containers=[container(requests={"cpu": "lots"})]), "requests.cpu: 'lots' is not"),
        (pod(containers=[container(requests={"cpu": True})]), "requests"),
        (pod(nodeSelector={"gpu": True}), "nodeSelector.*: expected str, got bool"),
        (pod(containers={}), r"spec.containers: expected array, got object"),
        (pod(containers=[{"env": [{"name": "A", "value": 1}]}]), r"env\[0\].value: expected str"),
        (pod(serviceAccountName=1), "spec.serviceAccountName: expected str, got int"),
    ],
)
def test_a_wrong_type_is_an_error_that_names_the_field(
    template: dict[str, Any], message: str
) -> None:
    with pytest.raises(InterpretError, match=message):
        requirements(template)


def test_null_is_the_same_as_absent() -> None:
    spec = {
        "containers": [None, {"resources": None, "env": [None], "envFrom": None}],
        "volumes": [None],
        "imagePullSecrets": None,
        "nodeSelector": None,
    }
    assert requirements(pod(**spec)) is None
    assert names(**spec) == []


def test_environments_of_all_containers_refer_to_config_maps_and_secrets() -> None:
    def refers(name: str) -> dict[str, Any]:
        return {
            "env": [
                {"name": "A", "valueFrom": {"configMapKeyRef": {"name": f"{name}-c1"}}},
                {"name": "B", "valueFrom": {"secretKeyRef": {"name": f"{name}-s1"}}},
                {"name": "C", "value": "plain"},
            ],
            "envFrom": [
                {"configMapRef": {"name": f"{name}-c2"}},
                {"secretRef": {"name": f"{name}-s2", "optional": True}},
            ],
        }

    assert names(
        containers=[refers("main")],
        initContainers=[refers("init")],
        ephemeralContainers=[refers("debug")],
    ) == [
        f"{kind}/{name}-{suffix}"
        for kind, letter in (("ConfigMap", "c"), ("Secret", "s"))
        for name in ("debug", "init", "main")
        for suffix in (f"{letter}1", f"{letter}2")
    ]


def test_volumes_refer_to_what_they_mount() -> None:
    ref = {"secretRef": {"name": "x"}}
    volumes = [
        {"name": "a", "configMap": {"name": "c"}},
        {"name": "b", "secret": {"secretName": "s"}},
        {"name": "c", "persistentVolumeClaim": {"claimName": "p"}},
        {"name": "d", "azureFile": {"secretName": "azure"}},
        {"name": "e", "csi": {"nodePublishSecretRef": {"name": "csi"}}},
        {"name": "f", "projected": {"sources": [{"configMap": {"name": "pc"}}, None]}},
        {"name": "g", "projected": {"sources": [{"secret": {"name": "ps"}}]}},
        *(
            {"name": kind, kind: {"secretRef": {"name": kind.lower()}}}
            for kind in ("cephfs", "cinder", "flexVolume", "rbd", "scaleIO", "iscsi", "storageos")
        ),
        {"name": "h", "scaleIo": ref, "emptyDir": {}, "cephfs": {}, "csi": None},
        {"name": "i", "csi": {}},
    ]
    assert names(volumes=volumes) == [
        "ConfigMap/c",
        "ConfigMap/pc",
        "PersistentVolumeClaim/p",
        "Secret/azure",
        "Secret/cephfs",
        "Secret/cinder",
        "Secret/csi",
        "Secret/flexvolume",
        "Secret/iscsi",
        "Secret/ps",
        "Secret/rbd",
        "Secret/s",
        "Secret/scaleio",
        "Secret/storageos",
    ]


def test_only_the_first_source_of_a_volume_counts() -> None:
    volume = {
        "name": "a",
        "projected": {"sources": [{"configMap": {"name": "pc"}}]},
        "secret": {"secretName": "hidden"},
        "configMap": {"name": "hidden"},
    }
    assert names(volumes=[volume]) == ["ConfigMap/pc"]


def test_the_default_service_account_and_empty_names_are_no_dependencies() -> None:
    assert names(serviceAccountName="default", imagePullSecrets=[{"name": ""}, {}]) == []
    assert names(serviceAccountName="app", imagePullSecrets=[{"name": "pull"}]) == [
        "Secret/pull",
        "ServiceAccount/app",
    ]


def test_dependencies_stand_in_the_namespace_of_the_referrer() -> None:
    (dependency,) = dependencies(pod(serviceAccountName="app"), "team-a")
    assert (dependency.api_version, dependency.namespace) == ("v1", "team-a")
