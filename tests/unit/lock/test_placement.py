import msgspec
import pytest

from armada_render.lock.placement import applied_placement
from armada_render.model.placement import Placement
from tests.support.scheduling import placement


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"clusterAffinity":{}}',
        (
            '{"clusterAffinity":{"labelSelector":{"matchLabels":{"a":"1","b":"2"}},"fieldSelector":'
            '{"matchExpressions":[{"key":"region","operator":"In","values":["x"]}]},'
            '"clusterNames":["m2","m1"],"exclude":["m3"]}}'
        ),
        (
            '{"clusterAffinities":[{"affinityName":"g0","clusterNames":["a"],"overflowAffinities":'
            '[{"affinityName":"g0-o0","labelSelector":{}}]}]}'
        ),
        (
            '{"clusterTolerations":[{"key":"k","operator":"Exists","effect":"NoExecute",'
            '"tolerationSeconds":0}]}'
        ),
        (
            '{"spreadConstraints":[{"spreadByField":"region","maxGroups":2,"minGroups":1},'
            '{"spreadByLabel":"x"}]}'
        ),
        (
            '{"replicaScheduling":{"replicaSchedulingType":"Divided","replicaDivisionPreference":'
            '"Weighted","weightPreference":{"staticWeightList":[{"targetCluster":{"clusterNames":'
            '["a"]},"weight":2}]}}}'
        ),
        (
            '{"replicaScheduling":{"replicaSchedulingType":"Divided","replicaDivisionPreference":'
            '"Weighted","weightPreference":{"dynamicWeight":"AvailableReplicas"}},'
            '"workloadAffinity":{"affinity":{"groupByLabelKey":"app"}}}'
        ),
    ],
)
def test_the_text_is_what_go_writes(text: str) -> None:
    assert applied_placement(msgspec.json.decode(text, type=Placement)) == text


def test_labels_are_sorted_and_html_is_escaped() -> None:
    affinity = {"labelSelector": {"matchLabels": {"b": "1", "a": "<&>"}}}
    assert applied_placement(placement({"clusterAffinity": affinity})) == (
        '{"clusterAffinity":{"labelSelector":{"matchLabels":'
        '{"a":"\\u003c\\u0026\\u003e","b":"1"}}}}'
    )


def test_the_default_scheduling_type_is_written() -> None:
    assert applied_placement(placement({"replicaScheduling": {}})) == (
        '{"replicaScheduling":{"replicaSchedulingType":"Divided"}}'
    )
