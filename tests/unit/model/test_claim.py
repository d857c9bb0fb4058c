from typing import Any

import pytest

from armada_render.model.claim import claimed, released
from armada_render.model.placement import Placement
from armada_render.model.policy import PropagationPolicy, PropagationSpec
from armada_render.model.selector import ResourceSelector

SPEC = PropagationSpec(
    resource_selectors=(ResourceSelector(api_version="v1", kind="ConfigMap"),),
    placement=Placement(),
)
POLICY = PropagationPolicy(name="p", namespace="ns", spec=SPEC)


def manifest(**metadata: Any) -> dict[str, Any]:
    return {"kind": "X", "metadata": {"name": "x", **metadata}}


def test_claim_adds_what_the_detector_writes() -> None:
    metadata = claimed(manifest(labels={"a": "1"}), POLICY)["metadata"]
    assert sorted(metadata["labels"]) == ["a", "propagationpolicy.karmada.io/permanent-id"]
    assert metadata["annotations"] == {
        "propagationpolicy.karmada.io/namespace": "ns",
        "propagationpolicy.karmada.io/name": "p",
    }


def test_cluster_policy_claims_with_its_own_keys() -> None:
    policy = PropagationPolicy(name="p", namespace="", spec=SPEC)
    metadata = claimed(manifest(), policy)["metadata"]
    assert list(metadata["labels"]) == ["clusterpropagationpolicy.karmada.io/permanent-id"]
    assert metadata["annotations"] == {"clusterpropagationpolicy.karmada.io/name": "p"}


def test_dependency_carries_no_claim() -> None:
    bare = manifest()
    assert claimed(bare, None) is bare


@pytest.mark.parametrize(
    "before",
    [manifest(), manifest(labels={"a": "1"}), manifest(annotations={"work.example.com/x": "1"})],
)
def test_what_was_claimed_is_released_without_a_trace(before: dict[str, Any]) -> None:
    assert released(claimed(before, POLICY)) == before
    assert released(before) is before


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"labels": {}}, {}),
        ({"labels": None}, {}),
        ({"annotations": {"a": True, "b": "1"}}, {}),
        ({"annotations": {"a": None, "b": "1"}}, {"annotations": {"a": "", "b": "1"}}),
        ({"annotations": {"work.karmada.io/conflict-resolution": "abort"}}, {}),
    ],
)
def test_maps_are_read_as_upstream_reads_them(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert released(manifest(**before)) == manifest(**after)
