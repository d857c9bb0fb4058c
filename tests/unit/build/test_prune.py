from typing import Any

import pytest

from armada_render.build.failure import BuildError
from armada_render.build.prune import prune


def thing(kind: str, **fields: Any) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": "x"}, **fields}


def test_fields_of_the_api_server_go() -> None:
    metadata = {
        "name": "x",
        "uid": "u",
        "resourceVersion": "1",
        "finalizers": ["f"],
        "ownerReferences": [],
        "creationTimestamp": None,
    }
    before = {"kind": "X", "metadata": metadata, "spec": {}, "status": {}}
    assert prune(before) == thing("X", spec={})
    assert "uid" in metadata


def test_clean_object_is_returned_as_it_is() -> None:
    claim = "PersistentVolumeClaim"
    for kind in ("ConfigMap", "Deployment", "Job", "Secret", "ServiceAccount", "Service", claim):
        before = thing(kind)
        assert prune(before) is before
    before = job({"a": "b"}, {"a": "b"})
    assert prune(before) is before


def test_annotations_of_controllers_go() -> None:
    revision = "deployment.kubernetes.io/revision"
    before = {"kind": "Deployment", "metadata": {"annotations": {revision: "1", "a": "b"}}}
    assert prune(before) == {"kind": "Deployment", "metadata": {"annotations": {"a": "b"}}}
    node = {"volume.kubernetes.io/selected-node": "n"}
    claim = {"kind": "PersistentVolumeClaim", "metadata": {"annotations": node}}
    assert prune(claim) == {"kind": "PersistentVolumeClaim", "metadata": {"annotations": {}}}


UIDS = {"controller-uid": "u", "batch.kubernetes.io/controller-uid": "u"}
NAMES = {"job-name": "j", "batch.kubernetes.io/job-name": "j"}


def job(selector: dict[str, str], labels: dict[str, str], **spec: Any) -> dict[str, Any]:
    template = {"metadata": {"labels": labels}}
    return thing("Job", spec={"selector": {"matchLabels": selector}, "template": template, **spec})


def test_generated_job_selector_goes() -> None:
    before = job({**UIDS, **NAMES}, {**UIDS, **NAMES, "a": "b"}, ttlSecondsAfterFinished=5)
    assert prune(before) == job(NAMES, {"a": "b"})


def test_manual_job_selector_stays() -> None:
    before = job(UIDS, UIDS, manualSelector=True, ttlSecondsAfterFinished=5)
    assert prune(before) == job(UIDS, UIDS, manualSelector=True)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"selector": {"matchLabels": None}}, "spec.selector.matchLabels is null, not an object"),
        ({"selector": {"matchLabels": {"a": 1}}}, '"a" is a number, not a string'),
        ({"parallelism": "2"}, "not a valid Job: spec.parallelism"),
        ({"manualSelector": "yes"}, "spec.manualSelector is a string"),
    ],
)
def test_job_of_the_wrong_form_is_refused(spec: dict[str, Any], message: str) -> None:
    with pytest.raises(BuildError) as caught:
        prune(thing("Job", spec=spec))
    assert message in caught.value.message


@pytest.mark.parametrize("field", ["labels", "annotations"])
@pytest.mark.parametrize("left", [5, {"app": 5}])
def test_what_overriders_left_of_labels_is_no_jobs_fault(field: str, left: object) -> None:
    # Upstream marks the manifest before it prunes it (ctrlutil/work.go), which mends the map.
    before = thing("Job")
    before["metadata"][field] = left
    assert prune(before) is before


def test_token_secret_loses_its_token() -> None:
    uid = "kubernetes.io/service-account.uid"
    before = thing("Secret", type="kubernetes.io/service-account-token", data={"token": "t"})
    before["metadata"]["annotations"] = {uid: "u", "kubernetes.io/service-account.name": "n"}
    after = prune(before)
    assert after["data"] is None
    assert after["metadata"]["annotations"] == {"kubernetes.io/service-account.name": "n"}
    assert before["data"] == {"token": "t"}


@pytest.mark.parametrize(
    ("names", "kept"),
    [
        (["x-token-1", "mine"], ["mine"]),
        (["x-token-1"], []),
        (["x-token-1", "x-token-2", "x-token-3"], ["x-token-2"]),
        (["x-dockercfg"], ["x-dockercfg"]),
    ],
)
def test_generated_secrets_of_a_service_account_go(names: list[str], kept: list[str]) -> None:
    after = prune(thing("ServiceAccount", secrets=[{"name": name} for name in names]))
    assert [secret["name"] for secret in after["secrets"]] == kept


def test_nameless_secret_of_a_service_account_is_an_error() -> None:
    with pytest.raises(BuildError, match="has no name"):
        prune(thing("ServiceAccount", secrets=[{}]))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1"], "a": 1}, {"a": 1}),
        ({"clusterIP": ""}, {}),
        ({"clusterIP": "None", "clusterIPs": ["None"]}, None),
        ({"clusterIPs": ["10.0.0.1"]}, None),
    ],
)
def test_addresses_of_a_service_go(before: dict[str, Any], after: dict[str, Any] | None) -> None:
    assert prune(thing("Service", spec=before)) == thing(
        "Service", spec=before if after is None else after
    )
