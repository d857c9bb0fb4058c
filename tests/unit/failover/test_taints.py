"""Tables after Karmada's own: taint_test.go and clustertaintpolicy_controller_test.go."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from armada_render.failover.evidence import Ready
from armada_render.failover.memory import Condition
from armada_render.failover.taints import after, in_order, managed, said, stamped, verdict
from armada_render.load import MemorySource, from_objects, load
from armada_render.model.cluster import Taint
from armada_render.model.placement import Toleration
from armada_render.model.taintpolicy import ClusterTaintPolicy, ClusterTaintSpec
from armada_render.yamlio import dumps
from tests.support.failover import NOON, at, taint_policy
from tests.support.scheduling import cluster

A = {"key": "a", "effect": "NoExecute", "timeAdded": "2026-01-01T12:00:00Z"}
B = {"key": "b", "effect": "NoExecute", "timeAdded": "2026-01-01T12:00:00Z"}
LATER = "2026-01-01T12:00:40Z"
ANY_60 = {"operator": "Exists", "tolerationSeconds": 60}
A_FOREVER = {"key": "a", "operator": "Exists"}


def _taints(*given: dict[str, Any]) -> tuple[Taint, ...]:
    return msgspec.convert(given, tuple[Taint, ...])


def _tolerations(*given: dict[str, Any]) -> tuple[Toleration, ...]:
    return msgspec.convert(given, tuple[Toleration, ...])


@pytest.mark.parametrize(
    ("taints", "tolerations", "due"),
    [
        pytest.param([], [], None, id="no-taint"),
        pytest.param([{**A, "effect": "NoSchedule"}], [], None, id="only-for-newcomers"),
        pytest.param([A], [], 10, id="untolerated-at-once"),
        pytest.param([A, B], [A_FOREVER], 10, id="one-of-two-untolerated"),
        pytest.param([A], [A_FOREVER], None, id="for-ever"),
        pytest.param([A], [{**A_FOREVER, "effect": "NoSchedule"}], 10, id="another-effect"),
        pytest.param([{**A, "value": "x"}], [{"key": "a", "value": "x"}], None, id="equal-value"),
        pytest.param([{**A, "value": "x"}], [{"key": "a", "value": "y"}], 10, id="other-value"),
        pytest.param([A, B], [A_FOREVER, ANY_60], 60, id="seconds-count-for-all-they-match"),
        pytest.param([A, B], [ANY_60, A_FOREVER], 60, id="in-any-order"),
        pytest.param(
            [A, {**B, "timeAdded": LATER}], [A_FOREVER, ANY_60], 60, id="also-for-others-taints"
        ),
        pytest.param([{**A, "timeAdded": LATER}], [ANY_60], 100, id="from-when-it-was-added"),
        pytest.param(
            [A, B],
            [{"key": "a", "operator": "Exists", "tolerationSeconds": 30}, ANY_60],
            30,
            id="the-earliest",
        ),
        pytest.param([A], [{**ANY_60, "tolerationSeconds": 0}], 0, id="no-time-at-all"),
        pytest.param([A], [{**ANY_60, "tolerationSeconds": -5}], -5, id="less-than-none"),
        pytest.param([{**A, "timeAdded": None}], [ANY_60], None, id="without-a-time"),
    ],
)
def test_when_taints_drive_away(
    taints: list[Any], tolerations: list[Any], due: float | None
) -> None:
    found = verdict(_taints(*taints), _tolerations(*tolerations), at(10))
    assert found.due == (None if due is None else at(due))


def test_any_number_of_seconds_is_a_time() -> None:
    for seconds, is_due in ((2**63 - 1, False), (-(2**63), True)):
        tolerations = _tolerations({"operator": "Exists", "tolerationSeconds": seconds})
        due = verdict(_taints(A), tolerations, NOON).due
        assert due is not None
        assert (due < NOON) is is_due


NOT_READY = {"key": "cluster.karmada.io/not-ready", "effect": "NoSchedule"}
UNREACHABLE = {"key": "cluster.karmada.io/unreachable", "effect": "NoSchedule"}
CORDON = {"key": "cluster.karmada.io/unschedulable", "effect": "NoSchedule"}


@pytest.mark.parametrize(
    ("before", "ready", "expected"),
    [
        pytest.param([], "True", [], id="ready"),
        pytest.param([NOT_READY, CORDON, UNREACHABLE], "True", ["unschedulable"], id="again"),
        pytest.param([], "False", ["not-ready"], id="not-ready"),
        pytest.param([UNREACHABLE], "False", ["not-ready"], id="reached-but-not-ready"),
        pytest.param([NOT_READY, CORDON], "Unknown", ["unschedulable", "unreachable"], id="silent"),
        pytest.param(
            [{**NOT_READY, "effect": "NoExecute"}],
            "True",
            ["not-ready"],
            id="what-drives-away-is-left-alone",
        ),
    ],
)
def test_the_ready_condition_taints_for_newcomers(
    before: list[Any], ready: str, expected: list[str]
) -> None:
    member = cluster("m", taints=before)
    condition = Condition(status=Ready(ready), since=NOON)
    taints = after(member, condition, (), NOON)
    assert [taint.key.removeprefix("cluster.karmada.io/") for taint in taints] == expected
    again = after(cluster("m", taints=msgspec.to_builtins(taints)), condition, (), at(60))
    assert again == taints


def _policy(name: str = "p", created: str = "", **spec: Any) -> ClusterTaintPolicy:
    given = {**taint_policy()["spec"], **spec}
    return ClusterTaintPolicy(
        name=name, created=created, spec=msgspec.convert(given, ClusterTaintSpec)
    )


READY = {"conditionType": "Ready", "operator": "In", "statusValues": ["True"]}
OTHER = {"conditionType": "Other", "operator": "NotIn", "statusValues": ["True"]}


@pytest.mark.parametrize(
    ("spec", "ready", "has"),
    [
        pytest.param({}, "False", True, id="added"),
        pytest.param({}, "Unknown", True, id="added-when-unknown"),
        pytest.param({}, "True", False, id="not-added"),
        pytest.param({"addOnConditions": []}, "False", False, id="no-condition-never-holds"),
        pytest.param(
            {"addOnConditions": [OTHER]}, "False", False, id="a-condition-that-is-not-there"
        ),
        pytest.param(
            {"targetClusters": {"clusterNames": ["other"]}}, "False", False, id="other-clusters"
        ),
        pytest.param(
            {"addOnConditions": [READY], "removeOnConditions": [READY]},
            "True",
            False,
            id="removal-comes-last",
        ),
    ],
)
def test_a_cluster_taint_policy_follows_conditions(
    spec: dict[str, Any], ready: str, *, has: bool
) -> None:
    condition = Condition(status=Ready(ready), since=NOON)
    taints = after(cluster("m"), condition, (_policy(**spec),), NOON)
    keys = [(taint.key, taint.effect, taint.time_added) for taint in taints]
    assert (("example.io/not-ready", "NoExecute", "2026-01-01T12:00:00Z") in keys) is has


def test_a_taint_goes_when_the_policy_says_so_and_not_before() -> None:
    tainted = cluster("m", taints=[{"key": "example.io/not-ready", "effect": "NoExecute"}])
    ready = Condition(status=Ready.TRUE, since=NOON)
    assert after(tainted, ready, (_policy(),), NOON) == ()
    [kept] = after(tainted, ready, (_policy(removeOnConditions=[]),), NOON)
    assert kept.key == "example.io/not-ready"


def test_a_taint_that_is_there_keeps_value_and_time() -> None:
    tainted = cluster(
        "m", taints=[{"key": "example.io/not-ready", "effect": "NoExecute", "value": "by hand"}]
    )
    condition = Condition(status=Ready.FALSE, since=NOON)
    taints = after(tainted, condition, (_policy(),), NOON)
    assert taints[0] == tainted.spec.taints[0]


def test_policies_act_by_age_then_by_name() -> None:
    policies = [_policy("c", "2026"), _policy("b", "2025"), _policy("a", "2026")]
    assert [policy.name for policy in in_order(policies)] == ["b", "a", "c"]


def test_what_is_set_by_hand_is_not_managed() -> None:
    own = managed(cluster("m"), [_policy()])
    assert ("cluster.karmada.io/not-ready", "NoExecute") in own
    assert ("example.io/not-ready", "NoExecute") in own
    assert ("cluster.karmada.io/unschedulable", "NoExecute") not in own


def test_taints_that_drive_away_get_a_time() -> None:
    given = _taints({**A, "timeAdded": None}, {**B, "effect": "NoSchedule", "timeAdded": None})
    first, second = stamped(given, at(5))
    assert first.time_added == "2026-01-01T12:00:05Z"
    assert second.time_added is None
    assert stamped((first, second), at(90)) == (first, second)


def test_taints_are_printed_as_kubectl_does() -> None:
    assert [said(taint) for taint in _taints(A, {**B, "value": "v"})] == [
        "a:NoExecute",
        "b=v:NoExecute",
    ]


def test_a_cluster_taint_policy_is_read() -> None:
    fleet = from_objects([taint_policy(targetClusters={"clusterNames": ["m"]})])
    assert not fleet.problems
    assert not fleet.warnings
    assert not fleet.templates
    [policy] = fleet.taint_policies
    assert policy.spec.target_clusters is not None
    assert policy.spec.target_clusters.cluster_names == ("m",)


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        pytest.param({"taints": []}, "spec.taints", id="no-taint"),
        pytest.param(
            {"taints": [{"key": "k", "effect": "NoExecute"}, {"key": "k", "effect": "NoExecute"}]},
            "spec.taints[1]",
            id="twice",
        ),
        pytest.param(
            {"taints": [{"key": "k", "effect": "Never"}]}, "spec.taints[0].effect", id="effect"
        ),
        pytest.param({"addOnCondition": []}, "spec.addOnCondition", id="misspelt"),
    ],
)
def test_a_wrong_cluster_taint_policy_is_a_problem_with_its_place(
    spec: dict[str, Any], field: str
) -> None:
    fleet = load(MemorySource({"p.yaml": dumps(taint_policy(**spec))})).fleet
    assert [(str(one.location), one.field) for one in fleet.problems] == [("p.yaml:1", field)]


def test_a_deadline_does_not_move_with_the_present() -> None:
    for seconds in (0, 59, 60, 61):
        assert verdict(_taints(A), _tolerations(ANY_60), at(seconds)).due == NOON + timedelta(
            seconds=60
        )
